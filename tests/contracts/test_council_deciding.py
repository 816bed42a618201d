"""Deciding: more than half of all that vote, each bound by its own mandates, none missing and none to spare."""

from __future__ import annotations

import clock
import pytest
from actors import CHAIN_ID, recovered
from acts import ZERO, digest_of, organisation_id
from clock import DAY, START
from motions import admit, expel, succeed, vote
from recorded import events, plain
from refusals import reverts

DECISION = digest_of("collegebesluit")


@pytest.fixture
def motion(newcomer):
    return admit(newcomer)


def signed(motion, organisations):
    return [one.first.sign(motion) for one in organisations]


def test_a_majority_decides_and_what_does_not_wait_takes_effect(register, carry, motion, majority, newcomer):
    tx = carry(motion, *majority)

    about = {"motionHash": motion.hash, "organisation": newcomer.id}
    signatories = tuple(one.first.address for one in majority)
    outcome = {"motion": motion, "signatories": signatories, "decisions": (), "effectFrom": tx.timestamp}
    admitted = {"organisation": newcomer.id, "administrator": newcomer.administrator.address, "votes": True}
    assert events(tx) == [
        ("MotionDecided", about | outcome),
        ("MotionEnacted", about),
        ("MemberAdmitted", admitted),
    ]
    assert register.isDecided(motion.hash)


def test_decide_returns_the_hash_of_the_motion(register, motion, majority, carrier):
    ids = [one.id for one in majority]

    assert plain(register.decide.call(motion, ids, signed(motion, majority), [], {"from": carrier})) == motion.hash


def test_anybody_may_carry_a_motion(register, motion, majority, stranger):
    ids = [one.id for one in majority]

    register.decide(motion, ids, signed(motion, majority), [], {"from": stranger.account})

    assert register.isDecided(motion.hash)


@pytest.mark.parametrize("count", [0, 1, 4])
def test_half_is_no_majority(register, carry, motion, majority, count):
    with reverts("NoMajority", count, 8):
        carry(motion, *majority[:count])
    assert not register.isDecided(motion.hash)


@pytest.mark.parametrize("others", [1, 3], ids=["six", "all eight"])
def test_more_than_needed_may_approve(register, carry, motion, region, majority, others):
    names = ["renswoude", "rhenen", "veenendaal"][:others]

    carry(motion, *majority, *(region[name] for name in names))

    assert register.voters() == 9


@pytest.mark.parametrize(
    ("before", "voters"), [("expel", 7), ("guest", 8), ("admit", 9)], ids=["seven vote", "eight vote", "nine vote"]
)
def test_the_majority_is_of_those_that_vote_at_that_moment(register, carry, region, majority, newcomer, before, voters):
    earlier = expel(region["rhenen"]) if before == "expel" else admit(newcomer, votes=before == "admit")
    carry(earlier, *majority)
    few, enough = voters // 2, voters // 2 + 1
    motion = expel(region["renswoude"])

    with reverts("NoMajority", few, voters):
        carry(motion, *majority[:few])
    carry(motion, *majority[:enough])

    assert register.voters() == voters - 1


def test_who_was_admitted_votes_in_the_next_motion(register, carry, motion, region, majority, newcomer):
    carry(motion, *majority)
    newcomer.appoint(newcomer.first)

    carry(expel(region["rhenen"]), *majority[:4], newcomer)

    assert register.voters() == 8


def test_a_vote_of_one_that_lost_it_meanwhile_does_not_count(decide, carry, motion, region, majority, veenendaal):
    five = [*majority[:4], veenendaal]
    approvals = signed(motion, five)
    carry(expel(veenendaal), *majority)

    with reverts("NotVoting", veenendaal.id):
        decide(motion, five, approvals)


@pytest.mark.parametrize("name", ["gelderland", "utrecht"])
def test_a_guest_has_no_vote(carry, region, motion, majority, name):
    with reverts("NotVoting", region[name].id):
        carry(motion, *majority, region[name])


def test_an_organisation_that_does_not_take_part_has_no_vote(register, carrier, motion, majority):
    unknown = organisation_id("gm9998")

    with reverts("NotVoting", unknown):
        register.decide(motion, [*(one.id for one in majority), unknown], [], [], {"from": carrier})


def test_the_organisation_concerned_may_consent_without_a_vote(carry, majority, utrecht):
    decided = events(carry(expel(utrecht), *majority, utrecht))[0][1]

    assert decided["signatories"] == tuple(one.first.address for one in [*majority, utrecht])


def test_the_consent_of_one_without_a_vote_does_not_count(carry, majority, utrecht):
    with reverts("NoMajority", 4, 8):
        carry(expel(utrecht), *majority[:4], utrecht)


def test_the_vote_of_the_organisation_concerned_counts(register, carry, majority, veenendaal):
    carry(expel(veenendaal), *majority[:4], veenendaal)

    assert register.voters() == 7


def test_who_does_not_take_part_yet_has_nobody_to_consent(decide, motion, majority, newcomer):
    with reverts("ApprovalsMissing", newcomer.id, 0, 1):
        decide(motion, [*majority, newcomer], signed(motion, majority))
    with reverts("NoMandate", newcomer.first.address):
        decide(motion, [*majority, newcomer], signed(motion, [*majority, newcomer]))


@pytest.mark.parametrize("wrong", ["twice", "unsorted"])
def test_organisations_come_in_strictly_ascending_order(decide, motion, majority, wrong):
    first, second, *rest = majority
    listed = [first, first, second, *rest] if wrong == "twice" else [second, first, *rest]

    with reverts("OrganisationsNotAscending", first.id):
        decide(motion, listed, signed(motion, listed))


def test_the_organisation_zero_has_no_vote(register, carrier, motion):
    with reverts("OrganisationsNotAscending", ZERO):
        register.decide(motion, [ZERO], [], [], {"from": carrier})


@pytest.mark.parametrize("missing", [0, 2, 4])
def test_each_organisation_that_is_listed_must_have_approved(decide, motion, majority, missing):
    approvals = signed(motion, majority)
    del approvals[missing]

    with reverts("ApprovalsMissing", majority[missing].id, 0, 1):
        decide(motion, majority, approvals)


def test_an_approval_of_one_that_is_not_listed_is_refused(decide, motion, majority, veenendaal):
    with reverts("ApprovalNotRequired", veenendaal.id, veenendaal.first.address):
        decide(motion, majority, signed(motion, [*majority, veenendaal]))


def test_a_second_approval_of_one_organisation_is_refused(decide, motion, majority):
    approvals = signed(motion, majority)

    with reverts("ApprovalNotRequired", majority[0].id, majority[0].first.address):
        decide(motion, majority, [approvals[0], *approvals])


def test_four_eyes_vote_together(decide, motion, majority):
    lower, higher = majority[0].four_eyes()
    rest = signed(motion, majority[1:])

    with reverts("ApprovalsMissing", majority[0].id, 1, 2):
        decide(motion, majority, [lower.sign(motion), *rest])
    with reverts("ApprovalsNotAscending", lower.address):
        decide(motion, majority, [higher.sign(motion), lower.sign(motion), *rest])
    decided = events(decide(motion, majority, [lower.sign(motion), higher.sign(motion), *rest]))[0][1]

    assert decided["signatories"][:2] == (lower.address, higher.address)


def test_a_mandate_counts_at_the_moment_of_deciding(decide, motion, majority, stranger):
    approvals = signed(motion, majority)
    with clock.at(START + DAY):
        majority[0].dismiss(majority[0].first)

    with reverts("MandateNotInForce", majority[0].first.address, 0, START + DAY):
        decide(motion, majority, approvals)
    with reverts("NoMandate", stranger.address):
        decide(motion, majority, [stranger.sign(motion), *approvals[1:]])


def test_votes_on_chain_and_signatures_mix(decide, motion, majority):
    majority[1].first.move(motion, DECISION)
    majority[3].first.vote(motion)
    approvals = signed(motion, majority)
    approvals[1], approvals[3] = majority[1].first.on_chain, majority[3].first.on_chain
    approvals[4] = majority[4].first.sign(motion, DECISION)
    decisions = [ZERO, DECISION, ZERO, ZERO, DECISION]

    decided = events(decide(motion, majority, approvals, decisions))[0][1]

    assert decided["decisions"] == tuple(decisions)
    assert decided["signatories"] == tuple(one.first.address for one in majority)


def test_a_vote_on_chain_counts_with_the_decision_it_cites(decide, motion, majority):
    majority[0].first.vote(motion, DECISION)
    approvals = [majority[0].first.on_chain, *signed(motion, majority[1:])]

    with reverts("NotApproved", majority[0].first.address):
        decide(motion, majority, approvals)
    decide(motion, majority, approvals, [DECISION, *[ZERO] * 4])


@pytest.mark.parametrize("decisions", [1, 4, 6])
def test_decisions_are_none_or_one_for_each_approval(decide, motion, majority, decisions):
    with reverts("DecisionsMismatch", 5, decisions):
        decide(motion, majority, signed(motion, majority), [ZERO] * decisions)


def test_a_motion_can_be_decided_up_to_and_including_its_deadline(register, carry, motion, majority):
    motion = motion._replace(deadline=START + DAY)

    with clock.at(START + DAY + 1), reverts("MotionExpired", START + DAY):
        carry(motion, *majority)
    with clock.at(START + DAY):
        carry(motion, *majority)

    assert register.isDecided(motion.hash)


def test_a_motion_without_deadline_is_too_late_at_once(carry, motion, majority):
    with reverts("MotionExpired", 0):
        carry(motion._replace(deadline=0), *majority)


def test_a_motion_is_decided_once(carry, motion, majority, newcomer):
    carry(motion, *majority)
    carry(expel(newcomer), *majority)

    with reverts("AlreadyDecided", motion.hash):
        carry(motion, *majority)


def test_a_motion_that_waits_was_decided_too(carry, majority, renswoude, veenendaal):
    motion = succeed(renswoude, veenendaal)
    carry(motion, *majority)

    with reverts("AlreadyDecided", motion.hash):
        carry(motion, *majority, renswoude)


def test_the_same_question_can_be_put_again_with_another_deadline(register, carry, motion, majority, newcomer):
    carry(motion, *majority)
    carry(expel(newcomer), *majority)

    carry(motion._replace(deadline=START + DAY), *majority)

    assert register.voters() == 9


@pytest.mark.parametrize(
    "elsewhere", [{"chain_id": 1}, {"contract": "0x" + "11" * 20}], ids=["another chain", "another register"]
)
def test_a_signature_for_elsewhere_is_refused(register, decide, motion, majority, elsewhere):
    signature = majority[0].first.sign(motion, **elsewhere)
    nobody = recovered(vote(motion, ZERO, register.address, CHAIN_ID), signature)

    with reverts("NoMandate", nobody):
        decide(motion, majority, [signature, *signed(motion, majority[1:])])


@pytest.mark.parametrize(
    "change",
    [
        {"action": "expel"},
        {"organisation": digest_of("x")},
        {"administrator": "0x" + "11" * 20},
        {"successor": digest_of("x")},
        {"votes": False},
        {"dossier": digest_of("x")},
        {"deadline": 2**40 - 2},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_signature_for_another_motion_is_refused(register, decide, motion, majority, change):
    signature = majority[0].first.sign(motion._replace(**change))
    nobody = recovered(vote(motion, ZERO, register.address, CHAIN_ID), signature)

    with reverts("NoMandate", nobody):
        decide(motion, majority, [signature, *signed(motion, majority[1:])])


def test_garbage_is_no_vote(decide, motion, majority):
    garbage = (5).to_bytes(32, "big"), (1).to_bytes(32, "big")

    with reverts("InvalidSignature", *garbage):
        decide(motion, majority, [garbage, *signed(motion, majority[1:])])
