"""Propose, sign, record, decline and leave: the use cases on a real chain."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from ledgers import after, digest_of
from world import DAY, Desk, Region, account, day_of

from registry.chain import Register
from registry.dossier import build
from registry.errors import ChainError, ContractError, DossierError, NotFoundError, RefusedError, UsageError
from registry.model import NO_HASH, Act, Approval, Status, Verb
from registry.service import Service, reason_digest, require_same_terms
from registry.statements import hash_act


def agreement_of(desk: Desk, act: Act):  # type: ignore[no-untyped-def]
    return desk.view.ledger.agreement_of(hash_act(act))


def test_draft_says_what_the_manifest_says(desk: Desk, region: Region) -> None:
    now = region.now()
    terms = {"since": 10, "until": 40, "notice_days": 7, "deadline": day_of(now, later=5)}
    dossier = desk.dossier("veenendaal", "renswoude", **terms)
    act = desk.service.draft(desk.view, dossier)
    assert act.dossier == dossier.root
    assert act.parties == ("gm0339", "gm0345")
    assert day_of(act.valid_from) == day_of(now, later=10)
    assert day_of(act.valid_until) == day_of(now, later=41)
    assert day_of(act.valid_until - 1) == day_of(now, later=40)
    assert act.notice == 7 * DAY
    assert day_of(act.deadline) == day_of(now, later=5)
    require_same_terms(act, dossier.manifest)


def test_proposed_on_chain_approved_on_chain_recorded_by_anybody(either_region: Region, tmp_path) -> None:  # type: ignore[no-untyped-def]
    desk, region = Desk(either_region, tmp_path), either_region
    act = desk.draft("veenendaal", "renswoude")
    decision = digest_of("collegebesluit")
    desk.service.propose(act, region.signer("veenendaal"), decision)
    view = desk.view
    progress = desk.service.progress(view, act)
    assert (progress.approved, progress.missing) == (("gm0345",), ("gm0339",))
    assert desk.service.proposal(view, hash_act(act).hex()[:8]).act == act
    desk.service.approve(hash_act(act), region.signer("renswoude"))
    sent, progress = desk.service.record(desk.view, act, region.signer("stranger"))
    assert progress.complete
    assert sent.gas_used > 0
    recorded = agreement_of(desk, act).head
    assert recorded.act == act
    assert recorded.verb is Verb.CONCLUDE
    assert [one.signatory for one in recorded.mandates] == [account("renswoude"), account("veenendaal")]
    assert recorded.decisions == (NO_HASH, decision)


def test_signatures_need_no_transaction_of_the_signatory(desk: Desk, region: Region) -> None:
    act = desk.draft("veenendaal", "renswoude", "ede")
    before = {role: region.ask("eth_getTransactionCount", account(role), "latest") for role in ("veenendaal", "ede")}
    desk.agree(act)
    assert agreement_of(desk, act).status(region.now()) is Status.IN_FORCE
    assert before == {role: region.ask("eth_getTransactionCount", account(role), "latest") for role in before}


def test_approvals_on_chain_and_in_hand_add_up(desk: Desk, region: Region) -> None:
    act = desk.draft("veenendaal", "renswoude", "ede")
    desk.service.propose(act, region.signer("renswoude"))
    carried = desk.sign(act, "ede", "veenendaal")
    approval = desk.service.sign(act, region.signer("barneveld"))
    progress = desk.service.progress(desk.view, act, [*carried, approval])
    assert progress.complete
    assert [one.signature is None for one in progress.approvals] == [False, True, False]
    assert account("barneveld") not in {one.signatory for one in progress.approvals}
    desk.service.record(desk.view, act, region.signer("carrier"), [*carried, approval])
    assert len(agreement_of(desk, act).head.mandates) == 3


def test_missing_organisations_are_named(desk: Desk, region: Region) -> None:
    act = desk.draft("veenendaal", "renswoude", "ede")
    with pytest.raises(RefusedError, match=r"gemeente Ede \(gm0228\), gemeente Renswoude \(gm0339\)") as caught:
        desk.service.record(desk.view, act, region.signer("carrier"), desk.sign(act, "veenendaal"))
    assert "Veenendaal" not in caught.value.message


def test_second_signatory_counts_only_together_with_another(desk: Desk, region: Region) -> None:
    act = desk.draft("veenendaal", "renswoude")
    alone = desk.sign(act, "renswoude", "veenendaal:2")
    assert desk.service.progress(desk.view, act, alone).missing == ("gm0345",)
    region.appoint("veenendaal", "stranger", together=2)
    both = desk.sign(act, "renswoude", "veenendaal:2", "stranger")
    progress = desk.service.progress(desk.view, act, both)
    assert progress.complete
    addresses = [int(one.signatory, 16) for one in progress.approvals[1:]]
    assert addresses == sorted(addresses)
    desk.service.record(desk.view, act, region.signer("carrier"), both)
    assert [one.together for one in agreement_of(desk, act).head.mandates] == [1, 2, 2]


def test_fewest_approvals_that_bind_are_chosen(desk: Desk, region: Region) -> None:
    act = desk.draft("veenendaal", "renswoude")
    region.appoint("veenendaal", "stranger", together=3)
    everybody = desk.sign(act, "renswoude", "renswoude:2", "veenendaal", "veenendaal:2", "stranger")
    progress = desk.service.progress(desk.view, act, everybody)
    assert [one.signatory for one in progress.approvals] == [account("renswoude"), account("veenendaal")]
    region.appoint("veenendaal", "veenendaal", together=3)
    progress = desk.service.progress(desk.view, act, everybody)
    assert account("veenendaal:2") in {one.signatory for one in progress.approvals}
    assert len(progress.approvals) == 3
    desk.service.record(desk.view, act, region.signer("carrier"), everybody)


def test_mandate_that_ended_binds_nobody(desk: Desk, region: Region) -> None:
    act = desk.draft("veenendaal", "renswoude")
    signed = desk.sign(act, "veenendaal", "renswoude")
    desk.service.dismiss("gm0345", account("veenendaal"), region.signer("veenendaal:admin"))
    assert desk.service.progress(desk.view, act, signed).missing == ("gm0345",)
    region.appoint("veenendaal", "veenendaal", valid_until=region.now() + DAY)
    assert desk.service.progress(desk.view, act, signed).complete
    region.travel(2 * DAY)
    assert desk.service.progress(desk.view, act, signed).missing == ("gm0345",)


def test_decision_is_kept_with_the_approval(desk: Desk, region: Region) -> None:
    act = desk.draft("veenendaal", "renswoude")
    decision = sha256(b"besluit").digest()
    cited = desk.service.sign(act, region.signer("renswoude"), decision)
    uncited = desk.service.sign(act, region.signer("veenendaal"))
    desk.service.record(desk.view, act, region.signer("carrier"), [cited, uncited])
    assert agreement_of(desk, act).head.decisions == (decision, NO_HASH)


def test_decision_that_was_not_cited_makes_the_approval_nobodys(desk: Desk, region: Region) -> None:
    act = desk.draft("veenendaal", "renswoude")
    one, two = desk.sign(act, "renswoude", "veenendaal")
    lied = replace(one, decision=digest_of("een ander besluit"))
    with pytest.raises(ContractError) as caught:
        desk.service.record(desk.view, act, region.signer("carrier"), [lied, two])
    assert caught.value.name == "NoMandate"


def test_declined_act_can_never_be_recorded(either_region: Region, tmp_path) -> None:  # type: ignore[no-untyped-def]
    desk, region = Desk(either_region, tmp_path), either_region
    act = desk.draft("veenendaal", "renswoude")
    signed = desk.sign(act, "veenendaal", "renswoude")
    reason, salt = reason_digest("andere plannen")
    assert reason == sha256(salt + b"andere plannen").digest()
    desk.service.decline(desk.view, act, region.signer("renswoude"), reason)
    assert desk.view.ledger.declined[hash_act(act)].reason == reason
    with pytest.raises(ContractError) as caught:
        desk.service.record(desk.view, act, region.signer("carrier"), signed)
    assert caught.value.name == "ActDeclined"


def test_stranger_to_an_act_cannot_decline_it(desk: Desk, region: Region) -> None:
    act = desk.draft("veenendaal", "renswoude")
    for role, name in [("ede", "ApprovalNotRequired"), ("stranger", "NoMandate")]:
        with pytest.raises(ContractError) as caught:
            desk.service.decline(desk.view, act, region.signer(role))
        assert caught.value.name == name


def test_agreement_is_amended_widened_narrowed_and_ended(desk: Desk, region: Region) -> None:
    first = desk.concluded("veenendaal", "renswoude", since=-40)
    second = desk.agree(desk.draft("veenendaal", "renswoude", since=-30, follows=first))
    third = desk.agree(desk.draft("veenendaal", "renswoude", "ede", since=-20, follows=second))
    fourth = desk.draft("veenendaal", "ede", since=-10, follows=third)
    with pytest.raises(RefusedError, match="Renswoude"):
        desk.agree(fourth)
    desk.agree(fourth, "ede", "renswoude", "veenendaal")
    end = desk.draft(since=5, follows=fourth)
    assert end.parties == ()
    desk.agree(end, "ede", "veenendaal")
    agreement = agreement_of(desk, first)
    assert [one.verb for one in agreement.acts] == [Verb.CONCLUDE, Verb.AMEND, Verb.ACCEDE, Verb.LEAVE, Verb.END]
    assert agreement.status(region.now()) is Status.IN_FORCE
    assert agreement.status(region.travel(7 * DAY)) is Status.ENDED
    assert desk.view.ledger.fingerprint == region.register.fingerprint()


def test_retroactive_amendment_reaches_back_over_earlier_acts(desk: Desk) -> None:
    first = desk.concluded("veenendaal", "renswoude", since=-40)
    second = desk.agree(desk.draft("veenendaal", "renswoude", "ede", since=-10, follows=first))
    third = desk.draft("veenendaal", "renswoude", since=-20, follows=second)
    assert desk.service.progress(desk.view, third).required == ("gm0228", "gm0339", "gm0345")
    desk.agree(third, "ede", "renswoude", "veenendaal")
    assert agreement_of(desk, first).head.act == third


def test_of_two_amendments_at_once_the_second_must_be_proposed_anew(desk: Desk, region: Region) -> None:
    first = desk.concluded("veenendaal", "renswoude")
    one = desk.draft("veenendaal", "renswoude", since=-5, follows=first)
    two = desk.draft("veenendaal", "renswoude", since=-4, follows=first)
    desk.service.propose(two, region.signer("renswoude"))
    signed = desk.sign(two, "renswoude", "veenendaal")
    desk.agree(one)
    assert hash_act(two) not in {each.act_hash for each in desk.view.ledger.open_proposals(region.now())}
    with pytest.raises(ContractError, match=r"another act was recorded meanwhile|must follow") as caught:
        desk.service.record(desk.view, two, region.signer("carrier"), signed)
    assert caught.value.name == "WrongPredecessor"


def leaving(desk: Desk) -> Act:
    return desk.concluded("veenendaal", "renswoude", "ede", notice_days=30)


def test_party_leaves_by_notice_without_the_others(either_region: Region, tmp_path) -> None:  # type: ignore[no-untyped-def]
    desk, region = Desk(either_region, tmp_path), either_region
    first = leaving(desk)
    view = desk.view
    act = desk.service.draft_leave(view, agreement_of(desk, first), "gm0339", view.now + 31 * DAY)
    assert act.parties == ("gm0228", "gm0345")
    assert desk.service.progress(view, act).required == ("gm0339",)
    desk.agree(act, "renswoude")
    agreement = agreement_of(desk, first)
    assert agreement.head.verb is Verb.LEAVE
    governing = agreement.governing(region.now())
    assert governing is not None
    assert "gm0339" in governing.act.parties
    after_leaving = agreement.governing(region.travel(32 * DAY))
    assert after_leaving is not None
    assert "gm0339" not in after_leaving.act.parties
    assert agreement.status(region.now()) is Status.IN_FORCE


def test_of_two_parties_one_that_leaves_ends_the_agreement(desk: Desk, region: Region) -> None:
    first = desk.concluded("veenendaal", "renswoude", notice_days=30)
    act = desk.service.draft_leave(desk.view, agreement_of(desk, first), "gm0339", region.now() + 31 * DAY)
    desk.agree(act, "renswoude")
    assert agreement_of(desk, first).status(region.travel(32 * DAY)) is Status.ENDED


def test_notice_that_is_too_short_is_refused_with_the_first_day(desk: Desk, region: Region) -> None:
    first = leaving(desk)
    with pytest.raises(RefusedError, match="30 da"):
        desk.service.draft_leave(desk.view, agreement_of(desk, first), "gm0339", region.now() + 29 * DAY)


def test_nobody_leaves_what_has_no_notice_or_does_not_bind_them(desk: Desk, region: Region) -> None:
    first = desk.concluded("veenendaal", "renswoude")
    with pytest.raises(RefusedError, match="no notice"):
        desk.service.draft_leave(desk.view, agreement_of(desk, first), "gm0339", region.now() + 99 * DAY)
    with pytest.raises(RefusedError, match="gemeente Ede is not a party"):
        desk.service.draft_leave(desk.view, agreement_of(desk, first), "gm0228", region.now() + 99 * DAY)


def test_organisation_that_takes_no_part_cannot_be_a_party(desk: Desk) -> None:
    with pytest.raises(RefusedError, match=r"provincie Drenthe \(pv22\) does not take part") as caught:
        desk.draft("veenendaal", "drenthe")
    assert "foodvalley council" in (caught.value.hint or "")


def test_ended_agreement_cannot_be_followed(desk: Desk) -> None:
    first = desk.concluded("veenendaal", "renswoude")
    end = desk.agree(desk.draft(follows=first, since=-1), "renswoude", "veenendaal")
    with pytest.raises(ContractError) as caught:
        desk.draft("veenendaal", "renswoude", follows=end)
    assert caught.value.name == "AgreementEnded"


def test_manifest_without_parties_ends_something(desk: Desk) -> None:
    with pytest.raises(UsageError, match="which one"):
        desk.draft()


def test_deadline_that_passed_is_refused(desk: Desk, region: Region) -> None:
    act = desk.draft("veenendaal", "renswoude", deadline=day_of(region.now(), later=1))
    signed = desk.sign(act, "veenendaal", "renswoude")
    region.travel(3 * DAY)
    with pytest.raises(ContractError) as caught:
        desk.service.record(desk.view, act, region.signer("carrier"), signed)
    assert caught.value.name == "DeadlinePassed"


def test_act_on_an_agreement_that_is_not_here_is_not_found(desk: Desk, region: Region) -> None:
    act = desk.draft("veenendaal", "renswoude")
    with pytest.raises(NotFoundError, match="which is not in this register"):
        desk.service.progress(desk.view, after(act))


@pytest.mark.parametrize(
    "changes",
    [{"parties": ("gm0228", "gm0345")}, {"valid_from": 1}, {"valid_until": 2**39}, {"notice": 1}, {"deadline": 2**39}],
)
def test_act_that_says_something_else_than_its_dossier_is_refused(desk: Desk, changes: dict[str, object]) -> None:
    act = desk.draft("veenendaal", "renswoude")
    assert desk.service.seen(act) is not None
    with pytest.raises(DossierError, match="says something else than the manifest"):
        desk.service.seen(replace(act, **changes))


def test_act_that_ends_is_not_taken_for_the_agreement_it_ends(desk: Desk) -> None:
    """An end under the dossier of the agreement itself: what one reads says that it goes on."""
    act = desk.concluded("veenendaal", "renswoude")
    with pytest.raises(DossierError):
        desk.service.seen(after(act, parties=()))


def test_leaving_keeps_the_text_and_is_no_lie(desk: Desk) -> None:
    first = leaving(desk)
    leave = after(first, parties=("gm0228", "gm0345"), valid_from=first.valid_from + 90 * DAY)
    assert desk.service.seen(leave, first)
    with pytest.raises(DossierError, match="says something else"):
        desk.service.seen(leave)


def test_dossier_that_is_not_at_hand_says_nothing(desk: Desk, region: Region) -> None:
    act = Act(dossier=digest_of("elders"), parties=("gm0339", "gm0345"), valid_from=region.now())
    assert desk.service.seen(act) is None
    assert desk.service.store.manifest(act.dossier) is None


def test_key_that_signs_for_another_is_noticed(desk: Desk, region: Region) -> None:
    class Liar:
        address = account("veenendaal")
        sign_typed_data = staticmethod(region.signer("renswoude").sign_typed_data)
        sign_transaction = staticmethod(region.signer("renswoude").sign_transaction)

    with pytest.raises(RefusedError, match="not its own"):
        desk.service.sign(desk.draft("veenendaal", "renswoude"), Liar())  # type: ignore[arg-type]


def test_wallet_of_somebody_without_ether_binds_when_carried(desk: Desk, region: Region) -> None:
    act = desk.draft("veenendaal", "renswoude")
    (approval,) = desk.sign(act, "renswoude")
    region.register.approve_for(approval, hash_act(act), region.signer("carrier"))
    desk.service.propose(act, region.signer("veenendaal"))
    desk.service.record(desk.view, act, region.signer("carrier"))
    assert agreement_of(desk, act).head.act == act


def test_view_fails_when_the_fingerprint_is_another(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Register, "fingerprint", lambda self, block=None: bytes(32))
    with pytest.raises(ChainError, match="do not add up") as caught:
        desk.view  # noqa: B018
    assert "another node" in (caught.value.hint or "")


def test_agreements_are_found_by_any_of_their_acts(desk: Desk) -> None:
    first = desk.concluded("veenendaal", "renswoude")
    second = desk.agree(desk.draft("veenendaal", "renswoude", since=-1, follows=first))
    view = desk.view
    for act in (first, second):
        for text in ("0x" + hash_act(act).hex(), hash_act(act).hex()[:10].upper()):
            assert desk.service.agreement(view, text).id == hash_act(first)
    for text in ("", "0x", "nonsense"):
        with pytest.raises(UsageError):
            desk.service.agreement(view, text)
    absent = next(
        digit for digit in "0123456789abcdef" if not any(hash_act(one).hex()[0] == digit for one in (first, second))
    )
    with pytest.raises(NotFoundError):
        desk.service.agreement(view, absent)


def test_two_services_see_the_same_register(desk: Desk, region: Region, tmp_path) -> None:  # type: ignore[no-untyped-def]
    desk.concluded("veenendaal", "renswoude")
    other: Service = Desk(region, tmp_path / "other").service
    assert other.view().ledger.fingerprint == desk.view.ledger.fingerprint
    assert other.store.manifest(next(iter(desk.view.ledger.agreements.values())).head.act.dossier) is None


def test_dossier_built_twice_gives_two_roots_and_two_acts(desk: Desk) -> None:
    source = desk.source("veenendaal", "renswoude")
    one, two = (build(source, desk.service.store) for _ in range(2))
    acts = [desk.service.draft(desk.view, dossier) for dossier in (one, two)]
    assert hash_act(acts[0]) != hash_act(acts[1])


def test_approval_shows_no_signature_when_printed(desk: Desk) -> None:
    (approval,) = desk.sign(desk.draft("veenendaal", "renswoude"), "ede")
    assert isinstance(approval, Approval)
    assert (approval.signature or b"").hex() not in repr(approval)
