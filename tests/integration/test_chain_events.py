"""Events of a real register as the model has them, and the same bytes in contract and Python."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hexbytes import HexBytes
from ledgers import after, digest_of
from world import DAY, FOOD_VALLEY, ORGANISATIONS, Desk, Region, account

from registry import model, timeline
from registry.chain.encode import motion_tuple, report_tuple
from registry.chain.events import decode
from registry.errors import ChainError, ContractError
from registry.model import NO_HASH, NOBODY, Act, Action, Approval, Mandate, Motion, Report, Stage
from registry.service import sign_approval
from registry.statements import (
    hash_act,
    hash_approval,
    hash_confirmation,
    hash_motion,
    hash_report,
    hash_vote,
    organisation_word,
    signing_digest,
)
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


def test_every_event_of_council_and_commitments_is_read_as_it_was_sent(either_region: Region, tmp_path: Path) -> None:
    desk, region, register = Desk(either_region, tmp_path), either_region, either_region.register
    act = desk.concluded("veenendaal", "renswoude")
    before = len(register.events())
    reason, decision = digest_of("reden"), digest_of("besluit")
    register.hand_over("gm0339", account("stranger"), region.signer("gm0339:admin"))
    register.take_over("gm0339", region.signer("stranger"))
    register.announce("gm0339", "https://café.example", region.signer("stranger"))
    recovery = desk.motion(Action.RECOVER, "gm0339", administrator="gm0339:admin", dossier=digest_of("waarom"))
    register.move(recovery, region.signer("gm0345"), decision)
    desk.decided(recovery)
    register.veto("gm0339", hash_motion(recovery), region.signer("gm0339:2"), reason)
    expulsion = desk.decided(desk.motion(Action.EXPEL, "pv26"))
    succession = desk.decided(desk.motion(Action.SUCCEED, "gm0339", successor="gm0340"), "gm0339")
    report = Report(hash_act(act), digest_of("T1"), "gm0345", Stage.BLOCKED, digest_of("brief"))
    register.report(report, [act], Approval(account("gm0345")), region.signer("gm0345"))
    register.confirm(report, "gm0339", [act], Approval(account("gm0340")), region.signer("gm0340"))

    events = register.events()[before:]
    places = iter([one.place for one in events])
    decided_at = [one.place.timestamp for one in events if isinstance(one, model.MotionDecided)]
    five = tuple(account(one) for one in FOOD_VALLEY[:5])
    six = (*five, account("gm0339"))
    assert events == [
        model.AdministratorNominated(next(places), "gm0339", account("stranger")),
        model.AdministratorReplaced(next(places), "gm0339", account("stranger")),
        model.ServiceAnnounced(next(places), "gm0339", "https://café.example".encode()),
        model.Moved(next(places), hash_motion(recovery), recovery, account("gm0345")),
        model.Voted(next(places), hash_motion(recovery), "gm0345", account("gm0345"), decision),
        model.MotionDecided(
            next(places),
            hash_motion(recovery),
            recovery,
            (*five, account("gm0345")),
            (*(NO_HASH,) * 5, decision),
            decided_at[0] + 14 * DAY,
        ),
        model.MotionVetoed(next(places), hash_motion(recovery), "gm0339", account("gm0339:2"), reason),
        model.MotionDecided(next(places), hash_motion(expulsion), expulsion, five, (), decided_at[1]),
        model.MotionEnacted(next(places), hash_motion(expulsion), "pv26"),
        model.MemberExpelled(next(places), "pv26"),
        model.MotionDecided(next(places), hash_motion(succession), succession, six, (), decided_at[2]),
        model.MotionEnacted(next(places), hash_motion(succession), "gm0339"),
        model.MemberSucceeded(next(places), "gm0339", "gm0340"),
        model.ProgressReported(next(places), hash_report(report), report, account("gm0345")),
        model.ProgressConfirmed(next(places), hash_report(report), "gm0339", account("gm0340")),
    ]
    assert Ledger.of(register.events()).fingerprint == register.fingerprint()


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
        struct_hash = hash_approval(hash_act(act), decision)
        assert register.hash_approval(hash_act(act), decision) == signing_digest(register.domain, struct_hash)


def test_contract_and_python_agree_on_every_hash_of_motions_and_reports(either_region: Region) -> None:
    register, chance = either_region.register, random.Random(8)
    domain, read = register.domain, register._read
    for action, stage in zip(Action, Stage, strict=True):
        motion = Motion(
            action=action,
            organisation=chance.choice(ORGANISATIONS),
            deadline=chance.getrandbits(40),
            administrator=chance.choice([NOBODY, account("stranger")]),
            successor=chance.choice(["", *ORGANISATIONS]),
            votes=chance.random() < 0.5,
            dossier=chance.randbytes(32),
        )
        decision = chance.choice([NO_HASH, chance.randbytes(32)])
        vote = signing_digest(domain, hash_vote(hash_motion(motion), decision))
        assert bytes(read("hashMotion", motion_tuple(motion))) == hash_motion(motion)
        assert bytes(read("hashVote", hash_motion(motion), decision)) == vote
        agreement, commitment, evidence, previous = (chance.randbytes(32) for _ in range(4))
        report = Report(agreement, commitment, chance.choice(ORGANISATIONS), stage, evidence, previous)
        confirmation = signing_digest(domain, hash_confirmation(hash_report(report), "gm0345"))
        assert bytes(read("hashReport", report_tuple(report))) == hash_report(report)
        assert bytes(read("reportDigest", hash_report(report))) == signing_digest(domain, hash_report(report))
        word = organisation_word("gm0345")
        assert bytes(read("confirmationDigest", hash_report(report), word)) == confirmation


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
    web3 = region.register.chain.web3
    log = web3.eth.get_logs({"address": region.register.address, "fromBlock": region.register.from_block})[-2]
    assert decode(log, 0) is not None
    forged = bytes(log["data"]).replace(act.dossier, digest_of("vals"))
    assert forged != bytes(log["data"])
    with pytest.raises(ChainError, match="shows another act"):
        decode({**log, "data": HexBytes(forged)}, 0)


def test_a_report_that_its_hash_does_not_name_is_not_believed(region: Region, desk: Desk) -> None:
    act = desk.concluded("veenendaal", "renswoude")
    report = Report(hash_act(act), digest_of("T1"), "gm0345", Stage.BLOCKED, digest_of("brief"))
    region.register.report(report, [act], Approval(account("gm0345")), region.signer("gm0345"))
    web3 = region.register.chain.web3
    log = web3.eth.get_logs({"address": region.register.address, "fromBlock": region.register.from_block})[-1]
    event = decode(log, 0)
    assert isinstance(event, model.ProgressReported)
    assert event.report == report
    for said, lied in [(b"blocked", b"started"), (report.evidence, digest_of("vals")), (b"gm0345", b"gm0339")]:
        forged = bytes(log["data"]).replace(said, lied)
        assert forged != bytes(log["data"])
        with pytest.raises(ChainError, match="shows another report"):
            decode({**log, "data": HexBytes(forged)}, 0)
