"""Events of a real register as the model has them, and the same bytes in contract and Python."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hexbytes import HexBytes
from ledgers import after, digest_of
from world import DAY, ORGANISATIONS, Desk, Region, account

from registry import model, timeline
from registry.chain.events import decode
from registry.errors import ChainError, ContractError
from registry.model import NO_HASH, Act, Approval, Mandate
from registry.service import sign_approval
from registry.statements import approval_digest, hash_act, hash_approval
from registry.timeline import Ledger


def act_between(*parties: str, since: int, dossier: str = "dossier", **terms: int) -> Act:
    return Act(dossier=digest_of(dossier), parties=tuple(sorted(parties)), valid_from=since, **terms)


def signed(region: Region, act: Act, role: str, decision: bytes = NO_HASH) -> Approval:
    from registry.carried import CarriedProposal

    return sign_approval(CarriedProposal(region.register.domain, act), region.signer(role), decision)


def record(region: Region, act: Act, history: tuple[Act, ...], *roles: str) -> None:
    approvals = [signed(region, act, role) for role in roles]
    region.register.record(act, history, approvals, region.signer("carrier"))


def test_every_kind_of_event_is_read_as_it_was_sent(either_region: Region) -> None:
    region, register = either_region, either_region.register
    before = len(register.events())
    now = region.now()
    act = act_between("gm0339", "gm0345", since=now, valid_until=now + 9 * DAY, notice=5, deadline=now + DAY)
    other = replace(act, dossier=digest_of("anders"))
    decision, reason = digest_of("besluit"), digest_of("reden")
    mandate = Mandate(account("stranger"), "gm0339", now - 5, now + DAY, 3, decision)
    register.appoint(mandate, region.signer("gm0339:admin"))
    register.propose(act, region.signer("gm0345"), decision)
    approval = signed(region, act, "gm0339", decision)
    register.approve_for(approval, hash_act(act), region.signer("carrier"))
    register.decline(other, (), region.signer("gm0339"), reason)
    standing = [replace(approval, signature=None), Approval(account("gm0345"), decision)]
    register.record(act, (), standing, region.signer("carrier"))
    register.dismiss("gm0339", account("stranger"), region.signer("gm0339:admin"), decision)

    events = register.events()[before:]
    assert [type(one).__name__ for one in events] == [
        "SignatoryAppointed",
        "Proposed",
        "Approved",
        "Approved",
        "Declined",
        "Recorded",
        "SignatoryDismissed",
    ]
    places = [one.place for one in events]
    assert events == [
        model.SignatoryAppointed(places[0], mandate),
        model.Proposed(places[1], hash_act(act), act, account("gm0345")),
        model.Approved(places[2], hash_act(act), "gm0345", account("gm0345"), decision),
        model.Approved(places[3], hash_act(act), "gm0339", account("gm0339"), decision),
        model.Declined(places[4], hash_act(other), "gm0339", account("gm0339"), reason),
        model.Recorded(
            places[5],
            hash_act(act),
            hash_act(act),
            act,
            (account("gm0339"), account("gm0345")),
            (decision, decision),
        ),
        model.SignatoryDismissed(places[6], "gm0339", account("stranger"), decision),
    ]
    for place in places:
        block = region.ask("eth_getBlockByNumber", hex(place.block), False)
        assert "0x" + place.block_hash.hex() == block["hash"]
        assert place.timestamp == int(block["timestamp"], 16)
        assert "0x" + place.transaction.hex() in block["transactions"]
    assert Ledger.of(register.events()).fingerprint == register.fingerprint()
    first = register.events()[0]
    assert isinstance(first, model.MemberAdmitted)
    assert first.member == model.Member("gm0203", account("gm0203:admin"), True)


def test_contract_and_python_agree_on_every_hash(either_region: Region) -> None:
    register, chance = either_region.register, random.Random(7)
    for _ in range(12):
        act = Act(
            dossier=chance.randbytes(32),
            parties=tuple(sorted(chance.sample(ORGANISATIONS, chance.randrange(10)))),
            valid_from=chance.getrandbits(40),
            valid_until=chance.getrandbits(40),
            notice=chance.getrandbits(32),
            deadline=chance.getrandbits(40),
            agreement=chance.randbytes(32),
            previous=chance.randbytes(32),
        )
        decision = chance.choice([NO_HASH, chance.randbytes(32)])
        assert register.hash_act(act) == hash_act(act)
        assert register.hash_approval(hash_act(act), decision) == approval_digest(
            register.domain, hash_act(act), decision
        )


def test_register_tells_members_mandates_heads_and_approvals(region: Region) -> None:
    register, now = region.register, region.now()
    assert register.member_of("pv26") == model.Member("pv26", account("pv26:admin"), False)
    assert register.member_of("pv20") is None
    mandate = register.mandate_of(account("gm0345:2"))
    assert mandate is not None
    assert (mandate.organisation, mandate.together) == ("gm0345", 2)
    assert register.mandate_of(account("stranger")) is None
    act = act_between("gm0339", "gm0345", since=now)
    register.propose(act, region.signer("gm0345"))
    assert register.approval_of(hash_act(act), account("gm0345")) == hash_approval(hash_act(act))
    assert register.approval_of(hash_act(act), account("gm0339")) == NO_HASH
    assert register.head(hash_act(act)) == NO_HASH
    record(region, act, (), "gm0339", "gm0345")
    assert register.head(hash_act(act)) == hash_act(act)
    assert register.is_in_force(hash_act(act), [act], now)
    assert not register.is_in_force(hash_act(act), [act], now - 1)


def test_proposal_between_parties_that_are_no_organisations_breaks_nothing(
    region: Region, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody with a mandate can emit one: it must not keep the others from reading the register."""
    from registry.chain import encode

    act = act_between("gm0339", "gm0345", since=region.now())
    with monkeypatch.context() as patch:
        patch.setattr(encode, "organisation_word", lambda _: b"\xff" * 32)
        region.register.propose(act, region.signer("gm0345"))
    view = desk.view
    assert view.ledger.proposals == {}
    assert any(isinstance(one, model.Approved) for one in view.ledger.events)


def test_proposal_in_the_far_future_breaks_nothing(region: Region, desk: Desk) -> None:
    act = act_between("gm0339", "gm0345", since=2**40 - 1)
    region.register.propose(act, region.signer("gm0345"))
    assert desk.view.ledger.proposals[hash_act(act)].act == act


SMALL = ("gm0228", "gm0339", "gm0345", "pv26")


@pytest.mark.parametrize("seed", range(6))
def test_python_knows_whom_the_contract_asks_over_random_histories(region: Region, seed: int) -> None:
    """A history of random acts, recorded for real; before each, several drafts are put to contract and model."""
    chance, register = random.Random(seed), region.register
    asked = noticed = 0
    now = region.now()
    since = now + chance.randrange(-20, 20) * DAY
    first = act_between(
        *chance.sample(SMALL, chance.choice([2, 3])), since=since, notice=chance.choice([0, 3, 3]) * DAY
    )
    record(region, first, (), *first.parties)
    while True:
        ledger = Ledger.of(register.events())
        agreement = ledger.agreement_of(hash_act(first))
        if agreement.head.act.ends or len(agreement.acts) == 5:
            break
        now = region.now()
        for _ in range(5):
            act = draft(chance, agreement.head.act, now)
            history = agreement.history_for(act.valid_from)
            assert register.required_for(act, history) == timeline.required(act, history, now)
            asked += 1
            noticed += len(history) == 1 and timeline.gives_notice(act, history[0], now)
            refused_with_another_length(region, act, agreement)
        history = agreement.history_for(act.valid_from)
        record(region, act, history, *timeline.required(act, history, region.now()))
        for moment in (now - 30 * DAY, now, act.valid_from, act.valid_from - 1, now + 60 * DAY):
            agreed = Ledger.of(register.events()).agreement_of(hash_act(first))
            witnesses = agreed.history_for(moment)
            in_force = agreed.status(moment) is model.Status.IN_FORCE
            assert register.is_in_force(agreed.id, witnesses, moment) == in_force
    assert asked >= 5
    assert Ledger.of(register.events()).fingerprint == register.fingerprint()


def draft(chance: random.Random, head: Act, now: int) -> Act:
    """A random next act: sometimes a party that leaves, in time or nearly so."""
    if len(head.parties) > 1 and chance.random() < 0.4:
        left = tuple(one for one in head.parties if one != chance.choice(head.parties))
        margin = chance.choice([-DAY, DAY, 2 * DAY])
        return after(head, parties=left, valid_from=max(now + head.notice, head.valid_from) + margin)
    parties = tuple(sorted(chance.sample(SMALL, chance.choice([0, 2, 2, 3, 3, 4]))))
    since = now + chance.randrange(-40, 40) * DAY
    until = chance.choice([0, 0, since + 50 * DAY])
    return after(head, parties=parties, valid_from=since, valid_until=until, notice=chance.choice([0, 3 * DAY]))


def refused_with_another_length(region: Region, act: Act, agreement: timeline.Agreement) -> None:
    """The contract takes the history that Python gives, and no shorter or longer one."""
    whole = tuple(one.act for one in reversed(agreement.acts))
    right = len(agreement.history_for(act.valid_from))
    for length in (right - 1, right + 1):
        if 1 <= length <= len(whole):
            with pytest.raises(ContractError) as caught:
                region.register.required_for(act, whole[:length])
            assert caught.value.name == ("HistoryTooShort" if length < right else "HistoryTooLong")


def test_an_act_that_its_hash_does_not_name_is_not_believed(region: Region) -> None:
    """The fingerprint covers the hash of an act, so the act itself must be held against it."""
    act = act_between("gm0339", "gm0345", since=region.now(), dossier="echt")
    region.register.propose(act, region.signer("gm0345"))
    web3, contract = region.register.chain.web3, region.register._contract
    log = web3.eth.get_logs({"address": region.register.address, "fromBlock": region.register.from_block})[-2]
    assert decode(contract, log, 0) is not None
    forged = bytes(log["data"]).replace(act.dossier, digest_of("vals"))
    assert forged != bytes(log["data"])
    with pytest.raises(ChainError, match="shows another act"):
        decode(contract, {**log, "data": HexBytes(forged)}, 0)
