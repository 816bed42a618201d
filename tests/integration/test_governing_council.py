"""The council on a real chain: motions from the first signature to what they change, and what stops them."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hexbytes import HexBytes
from ledgers import digest_of
from world import DAY, FOOD_VALLEY, Desk, Region, account, refusal

from registry import model
from registry.carried import CarriedMotion, read_motion, write_carried
from registry.chain.events import decode
from registry.errors import ChainError, ContractError, RefusedError
from registry.membership import MotionRecord, MotionStatus
from registry.model import NO_HASH, NOBODY, Action, Mandate, Motion, Verb
from registry.service import View
from registry.statements import hash_act, hash_motion, hash_vote

VEENENDAAL, RENSWOUDE, RHENEN, EDE, UTRECHT, DRENTHE = "gm0345", "gm0339", "gm0340", "gm0228", "pv26", "pv22"
MAJORITY = FOOD_VALLEY[:5]


def record_of(view: View, motion: Motion) -> MotionRecord:
    return view.ledger.membership.motions[hash_motion(motion)]


def test_newcomer_is_admitted_by_votes_on_and_off_the_chain(either_region: Region, tmp_path: Path) -> None:
    """Moved by one, voted for by another before that, signed in a file by three; then the newcomer runs itself."""
    desk, region = Desk(either_region, tmp_path), either_region
    governing, register = desk.governing, region.register
    motion = desk.motion(Action.ADMIT, DRENTHE, administrator="stranger", votes=True, dossier=digest_of("waarom"))
    motion_hash, decision = hash_motion(motion), digest_of("besluit")
    governing.vote(motion_hash, region.signer(RHENEN), decision)
    early = desk.view.ledger.membership
    assert motion_hash not in early.motions
    assert [one.decision for one in early.votes_for(motion_hash)] == [decision]
    governing.move(desk.view, motion, region.signer(VEENENDAAL))
    assert register.approval_of(motion_hash, account(RHENEN)) == hash_vote(motion_hash, decision)
    view = desk.in_step(DRENTHE, VEENENDAAL)
    assert register.member_of(DRENTHE) is None
    assert governing.motion(view, motion_hash.hex()[:8]).status(view.now) is MotionStatus.OPEN

    file = tmp_path / "motie.json"
    for role in ("gm0203", EDE):
        write_carried(file, CarriedMotion(register.domain, motion, tuple(desk.votes(motion, role))))
    with pytest.raises(RefusedError, match=r"4 of the 8 voting members approve .*; 5 are needed"):
        governing.decide(view, motion, region.signer("carrier"), read_motion(file).approvals)
    write_carried(file, CarriedMotion(register.domain, motion, tuple(desk.votes(motion, RENSWOUDE))))
    carried = read_motion(file)
    assert carried.motion == motion
    _, tally = governing.decide(view, motion, region.signer("stranger"), carried.approvals)
    assert tally.in_favour == ("gm0203", EDE, RENSWOUDE, RHENEN, VEENENDAAL)

    view = desk.in_step(DRENTHE)
    found = record_of(view, motion)
    assert found.status(view.now) is MotionStatus.ENACTED
    assert found.decided is not None
    assert [found.decided.signatories[i] for i in (0, 4)] == [account("gm0203"), account(VEENENDAAL)]
    assert found.decided.decisions == (NO_HASH, NO_HASH, NO_HASH, decision, NO_HASH)
    assert view.ledger.members[DRENTHE] == model.Member(DRENTHE, account("stranger"), True)
    assert register.voters() == 9
    mandate = Mandate(account("carrier"), DRENTHE, 0)
    desk.service.appoint(mandate, region.signer("stranger"))
    assert governing.tally(desk.view, motion, desk.votes(motion, "carrier")).consents


def test_what_was_decided_cannot_be_decided_again(desk: Desk, region: Region) -> None:
    motion = desk.decided(desk.motion(Action.EXPEL, UTRECHT))
    again = replace(motion, deadline=motion.deadline + 1)
    for one in (motion, again):
        with pytest.raises(RefusedError, match=r"provincie Utrecht \(pv26\) was expelled already"):
            desk.decided(one)
    back = desk.motion(Action.ADMIT, UTRECHT, administrator="pv26:admin")
    desk.decided(back)
    with refusal("AlreadyDecided"):
        desk.decided(motion)
    assert desk.in_step(UTRECHT).ledger.members[UTRECHT].takes_part


def test_expelled_member_is_kept_out_of_what_is_new_and_keeps_its_say(desk: Desk, region: Region) -> None:
    first = desk.concluded("veenendaal", "renswoude")
    draft = desk.draft("renswoude", "ede")
    desk.decided(desk.motion(Action.EXPEL, RENSWOUDE))
    view = desk.in_step(RENSWOUDE)
    assert view.ledger.membership.voters == region.register.voters() == 7

    with pytest.raises(RefusedError, match=r"gemeente Renswoude \(gm0339\) was expelled and enters nothing new"):
        desk.draft("renswoude", "ede")
    with refusal("EntersNothingNew"):
        desk.agree(draft)
    amended = desk.draft("veenendaal", "renswoude", since=-1, follows=first)
    with pytest.raises(RefusedError, match="have not approved"):
        desk.agree(amended, "veenendaal")
    desk.agree(amended)
    wider = desk.agree(desk.draft("veenendaal", "renswoude", "ede", follows=amended, since=0))
    assert desk.service.progress(desk.view, wider).required == (EDE, RENSWOUDE, VEENENDAAL)


def test_expelled_member_is_admitted_again_by_the_rest(desk: Desk, region: Region) -> None:
    desk.decided(desk.motion(Action.EXPEL, RENSWOUDE))
    desk.decided(desk.motion(Action.ADMIT, RENSWOUDE, administrator="gm0339:admin"))
    view = desk.in_step(RENSWOUDE)
    assert view.ledger.members[RENSWOUDE] == model.Member(RENSWOUDE, account("gm0339:admin"), False)
    desk.concluded("veenendaal", "renswoude")


def test_successor_waits_out_the_veto_period(desk: Desk, region: Region) -> None:
    motion = desk.decided(desk.motion(Action.SUCCEED, RENSWOUDE, successor=VEENENDAAL))
    view = desk.in_step(RENSWOUDE, VEENENDAAL)
    waiting = desk.governing.waiting(view, RENSWOUDE)
    assert waiting is not None
    assert (waiting.motion, waiting.status(view.now)) == (motion, MotionStatus.VETO_PERIOD)
    with refusal("VetoPeriod"):
        desk.governing.enact(motion, region.signer("stranger"))
    desk.concluded("renswoude", "ede")  # nothing has changed yet

    region.travel(14 * DAY)
    view = desk.view
    assert record_of(view, motion).status(view.now) is MotionStatus.ENACTABLE
    desk.governing.enact(motion, region.signer("stranger"))
    view = desk.in_step()
    assert record_of(view, motion).status(view.now) is MotionStatus.ENACTED
    assert view.ledger.members[RENSWOUDE] == model.Member(RENSWOUDE, NOBODY, False, successor=VEENENDAAL)
    with refusal("NotPending"):
        desk.governing.enact(motion, region.signer("stranger"))
    with pytest.raises(RefusedError, match="took the place of gemeente Renswoude"):
        desk.decided(desk.motion(Action.RECOVER, RENSWOUDE, administrator="stranger"))


def test_successor_that_the_organisation_approves_takes_its_place_at_once(desk: Desk) -> None:
    motion = desk.motion(Action.SUCCEED, RENSWOUDE, successor=VEENENDAAL)
    waiting = desk.decided(desk.motion(Action.RECOVER, RENSWOUDE, administrator="stranger"))
    desk.decided(motion, RENSWOUDE)
    view = desk.in_step(RENSWOUDE, VEENENDAAL)
    assert record_of(view, motion).status(view.now) is MotionStatus.ENACTED
    assert record_of(view, waiting).status(view.now) is MotionStatus.VOID


def test_successor_signs_and_leaves_in_the_stead_of_the_other(desk: Desk, region: Region) -> None:
    first = desk.concluded("veenendaal", "renswoude", "ede", notice_days=30)
    desk.decided(desk.motion(Action.SUCCEED, RENSWOUDE, successor=VEENENDAAL), RENSWOUDE)
    second = desk.draft("renswoude", "ede", follows=first, notice_days=30)
    with pytest.raises(RefusedError, match=r": gemeente Renswoude \(gm0339\), gemeente Veenendaal \(gm0345\)$"):
        desk.agree(second, EDE, RENSWOUDE)
    desk.agree(second, EDE, VEENENDAAL)
    head = desk.view.ledger.agreement_of(hash_act(first)).head
    assert head.on_behalf == (EDE, RENSWOUDE, VEENENDAAL)
    assert [one.signatory for one in head.mandates] == [account(one) for one in (EDE, VEENENDAAL, VEENENDAAL)]
    with pytest.raises(RefusedError, match="gemeente Veenendaal took the place of gemeente Renswoude"):
        desk.draft("renswoude", "barneveld")

    view = desk.view
    agreement = view.ledger.agreement_of(hash_act(first))
    leave = desk.service.draft_leave(view, agreement, VEENENDAAL, view.now + 31 * DAY)
    assert leave.parties == (EDE,)
    assert desk.service.progress(view, leave).required == (RENSWOUDE,)
    desk.agree(leave, VEENENDAAL)
    head = desk.view.ledger.agreement_of(hash_act(first)).head
    assert (head.act, head.verb, head.on_behalf) == (leave, Verb.LEAVE, (RENSWOUDE,))


def test_successor_that_signs_with_four_eyes_does_so_in_each_turn(desk: Desk, region: Region) -> None:
    first = desk.concluded("veenendaal", "renswoude")
    desk.decided(desk.motion(Action.SUCCEED, RENSWOUDE, successor=VEENENDAAL), RENSWOUDE)
    region.appoint("veenendaal", VEENENDAAL, together=2)
    region.appoint("veenendaal", RENSWOUDE, together=2)  # a key of the one that is gone goes over
    desk.in_step(VEENENDAAL)
    end = desk.draft(follows=first, since=0)
    desk.agree(end, VEENENDAAL, RENSWOUDE, "gm0345:2")
    head = desk.view.ledger.agreement_of(hash_act(first)).head
    assert head.on_behalf == (RENSWOUDE, RENSWOUDE, VEENENDAAL, VEENENDAAL)
    assert {one.organisation for one in head.mandates} == {VEENENDAAL}


@pytest.mark.parametrize("role", [f"{RENSWOUDE}:admin", f"{RENSWOUDE}:2"])
def test_administrator_or_any_one_signatory_vetoes(desk: Desk, region: Region, role: str) -> None:
    motion = desk.decided(desk.motion(Action.RECOVER, RENSWOUDE, administrator="stranger"))
    record = desk.governing.waiting(desk.view, RENSWOUDE)
    assert record is not None
    for stranger in ("stranger", VEENENDAAL, f"{VEENENDAAL}:admin"):
        with pytest.raises(ContractError) as caught:
            desk.governing.veto(record, region.signer(stranger))
        assert caught.value.name in ("NotConcerned", "NoMandate")
    desk.governing.veto(record, region.signer(role), digest_of("reden"))
    view = desk.in_step(RENSWOUDE)
    record = record_of(view, motion)
    assert record.status(view.now) is MotionStatus.VETOED
    assert record.vetoed is not None
    assert (record.vetoed.sender, record.vetoed.reason) == (account(role), digest_of("reden"))
    region.travel(15 * DAY)
    with refusal("NotPending"):
        desk.governing.enact(motion, region.signer("stranger"))


def test_key_of_an_administrator_is_recovered_after_the_veto_period(desk: Desk, region: Region) -> None:
    desk.governing.hand_over(desk.view, RENSWOUDE, account("carrier"), region.signer("gm0339:admin"))
    motion = desk.decided(desk.motion(Action.RECOVER, RENSWOUDE, administrator="stranger"))
    other = desk.motion(Action.SUCCEED, RENSWOUDE, successor=VEENENDAAL)
    with refusal("AnotherPending"):
        desk.decided(other)
    region.travel(14 * DAY)
    desk.governing.enact(motion, region.signer("carrier"))
    view = desk.in_step(RENSWOUDE)
    member = view.ledger.members[RENSWOUDE]
    assert (member.administrator, member.nominee) == (account("stranger"), NOBODY)
    for lost in ("gm0339:admin", "carrier"):
        with pytest.raises(ContractError):
            desk.governing.take_over(view, RENSWOUDE, region.signer(lost))
    desk.service.appoint(Mandate(account("carrier"), RENSWOUDE, 0), region.signer("stranger"))


def test_motion_that_nobody_enacts_lapses_and_leaves_room_for_the_next(desk: Desk, region: Region) -> None:
    motion = desk.decided(desk.motion(Action.RECOVER, RENSWOUDE, administrator="stranger"))
    region.travel(42 * DAY)
    with refusal("MotionLapsed"):
        desk.governing.enact(motion, region.signer("stranger"))
    view = desk.in_step(RENSWOUDE)
    assert record_of(view, motion).status(view.now) is MotionStatus.LAPSED
    assert desk.governing.waiting(view, RENSWOUDE) is None
    again = desk.decided(desk.motion(Action.RECOVER, RENSWOUDE, administrator="carrier"))
    view = desk.in_step(RENSWOUDE)
    waiting = desk.governing.waiting(view, RENSWOUDE)
    assert waiting is not None
    assert waiting.motion == again
    assert record_of(view, motion).status(view.now) is MotionStatus.LAPSED


def test_wrong_vote_is_nobodys(desk: Desk, region: Region) -> None:
    motion = desk.motion(Action.EXPEL, UTRECHT)
    approvals = desk.votes(motion, *MAJORITY)
    lied = [replace(approvals[0], decision=digest_of("een ander besluit")), *approvals[1:]]
    with refusal("NoMandate"):
        desk.governing.decide(desk.view, motion, region.signer("carrier"), lied)
    elsewhere = [*desk.votes(replace(motion, deadline=motion.deadline + 1), MAJORITY[0]), *approvals[1:]]
    with refusal("NoMandate"):
        desk.governing.decide(desk.view, motion, region.signer("carrier"), elsewhere)


# What a hostile member or node does


MOVE = "move((string,bytes32,address,bytes32,bool,bytes32,uint40),bytes32)"


def moved(action: bytes, organisation: bytes, successor: bytes = NO_HASH) -> bytes:
    """A call that puts a motion of these bytes before the council."""
    values = (action, organisation, account("stranger"), successor, False, NO_HASH, 2**40 - 1)
    types = ["(bytes,bytes32,address,bytes32,bool,bytes32,uint40)", "bytes32"]
    return keccak(text=MOVE)[:4] + encode(types, [values, NO_HASH])


def test_motion_that_means_nothing_keeps_nobody_from_reading_on(either_region: Region, tmp_path: Path) -> None:
    """Anybody with a mandate can put one on chain."""
    desk, region = Desk(either_region, tmp_path), either_region
    known = b"gm0345".ljust(32, b"\0")
    for action, organisation, successor in [
        (b"abolish", known, NO_HASH),
        (b"", known, NO_HASH),
        (b"admi\xe9", known, NO_HASH),
        (b"\xed\xb2\x80", known, NO_HASH),
        (b"\x1b[2J" * 50, known, NO_HASH),
        (b"expel", b"\xff" * 32, NO_HASH),
        (b"expel", b"GM0345".ljust(32, b"\0"), NO_HASH),
        (b"expel", NO_HASH, NO_HASH),
        (b"succeed", known, bytes(31) + b"\1"),
    ]:
        region.send(VEENENDAAL, moved(action, organisation, successor))
    view = desk.view
    assert view.ledger.membership.motions == {}
    assert sum(isinstance(one, model.Voted) for one in view.ledger.events) == 9
    region.send(VEENENDAAL, moved(b"expel", b"pv20".ljust(32, b"\0")))
    (record,) = desk.view.ledger.membership.motions.values()
    assert record.motion == Motion(Action.EXPEL, "pv20", 2**40 - 1, account("stranger"))


def test_motion_that_its_hash_does_not_name_is_not_believed(desk: Desk, region: Region) -> None:
    """The fingerprint covers the hash of a motion, so the motion itself must be held against it."""
    motion = desk.decided(desk.motion(Action.EXPEL, UTRECHT))
    web3 = region.chain.web3
    log = web3.eth.get_logs({"address": region.register.address, "fromBlock": region.register.from_block})[-3]
    event = decode(log, 0)
    assert isinstance(event, model.MotionDecided)
    assert event.motion == motion
    forged = bytes(log["data"]).replace(b"pv26", b"pv25")
    assert forged != bytes(log["data"])
    with pytest.raises(ChainError, match="shows another motion"):
        decode({**log, "data": HexBytes(forged)}, 0)


# The same rules in contract and Python


@pytest.mark.parametrize("seed", range(2))
def test_python_knows_what_the_contract_decides_over_random_motions(desk: Desk, region: Region, seed: int) -> None:
    """Of each motion that a majority signs Python says beforehand whether the contract takes it; then it is tried."""
    chance, governing, carrier = random.Random(seed), desk.governing, region.signer("carrier")
    decided = refused = 0
    for number in range(10):
        motion = draft(desk, chance)
        motion = replace(motion, deadline=motion.deadline + number)
        approvals = desk.votes(motion, *chance.sample(FOOD_VALLEY, 6))
        view = desk.view
        tally = governing.tally(view, motion, approvals)
        expected = tally.carried and governing.is_possible(view, motion)
        error = None
        try:
            region.register.decide(motion, tally.organisations, tally.approvals, carrier)
        except ContractError as caught:
            error = caught.name
        assert (error in (None, "AnotherPending")) is expected
        decided, refused = decided + (error is None), refused + (error is not None)
        if error is None:
            view = desk.in_step(motion.organisation)
            record = record_of(view, motion)
            waits = motion.action.can_be_vetoed and not tally.consents
            assert record.status(view.now) is (MotionStatus.VETO_PERIOD if waits else MotionStatus.ENACTED)
            if waits:
                enact_or_veto(desk, chance, record)
    assert decided >= 3
    assert refused >= 3


def draft(desk: Desk, chance: random.Random) -> Motion:
    """A random motion about a few organisations, so that what came before is often in its way."""
    few = [RHENEN, UTRECHT, DRENTHE]
    action = chance.choice(list(Action))
    organisation = chance.choice(few)
    administrator = chance.choice([f"{organisation}:admin", "stranger"]) if organisation != DRENTHE else "stranger"
    terms = {
        Action.ADMIT: {"administrator": administrator, "votes": chance.random() < 0.5},
        Action.EXPEL: {},
        Action.SUCCEED: {"successor": chance.choice([*few, VEENENDAAL])},
        Action.RECOVER: {"administrator": administrator},
    }
    return desk.motion(action, organisation, **terms[action])


def enact_or_veto(desk: Desk, chance: random.Random, record: MotionRecord) -> None:
    """Lets a motion that waits take effect, be stopped, or wait on."""
    course = chance.choice(["enact", "veto", "wait"])
    if course == "enact":
        desk.region.travel(14 * DAY)
        desk.governing.enact(record.motion, desk.region.signer("stranger"))
    if course == "veto":
        administrator = desk.view.ledger.members[record.motion.organisation].administrator
        roles = ("stranger", f"{RHENEN}:admin", f"{UTRECHT}:admin")
        (role,) = (one for one in roles if account(one) == administrator)
        desk.governing.veto(record, desk.region.signer(role))
    desk.in_step(record.motion.organisation)
