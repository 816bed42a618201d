"""What the council can decide: which motions are possible, and what admitting and recovering change."""

from __future__ import annotations

from dataclasses import replace

import brownie
import pytest
from acts import ZERO, digest_of, organisation_id
from motions import NOBODY, Motion, admit, expel, recover, succeed
from recorded import events, plain
from refusals import reverts

KEY = "0x" + "11" * 20


@pytest.fixture
def refused(register, decide):
    """What a motion says is looked at before anybody's approval: so without any."""

    def check(motion, error, *values):
        with reverts(error, *values):
            decide(motion, [], [])

    return check


@pytest.mark.parametrize("action", ["", "Admit", "EXPEL", "succeed ", "dissolve", "admit\0"])
def test_there_are_four_actions(refused, veenendaal, action):
    refused(Motion(action, veenendaal.id), "UnknownAction", action)


@pytest.mark.parametrize(
    ("action", "surplus"),
    [
        ("admit", {"successor": organisation_id("gm0203")}),
        ("expel", {"votes": True}),
        ("expel", {"administrator": KEY}),
        ("expel", {"successor": organisation_id("gm0203")}),
        ("succeed", {"votes": True}),
        ("succeed", {"administrator": KEY}),
        ("succeed", {"successor": organisation_id("gm0345")}),
        ("recover", {"votes": True}),
        ("recover", {"successor": organisation_id("gm0203")}),
        ("recover", {"administrator": NOBODY}),
    ],
    ids=lambda given: given if isinstance(given, str) else next(iter(given)),
)
def test_a_motion_says_what_its_action_needs_and_no_more(refused, region, veenendaal, newcomer, action, surplus):
    sound = {
        "admit": admit(newcomer),
        "expel": expel(veenendaal),
        "succeed": succeed(veenendaal, region["barneveld"]),
        "recover": Motion("recover", veenendaal.id, KEY),
    }[action]
    motion = sound._replace(**surplus)

    refused(motion, "InvalidMotion", motion.hash)
    refused(sound, "NoMajority", 0, 8)


def test_a_motion_cannot_recover_to_the_key_that_administers_already(refused, veenendaal):
    motion = recover(veenendaal, veenendaal.administrator)

    refused(motion, "InvalidMotion", motion.hash)


def test_a_member_is_not_admitted_again_with_the_vote_it_has(refused, veenendaal, utrecht):
    refused(admit(veenendaal), "AlreadyMember", veenendaal.id)
    refused(admit(utrecht, votes=False), "AlreadyMember", utrecht.id)


@pytest.mark.parametrize("votes", [False, True])
def test_a_member_is_not_admitted_again_to_replace_its_administrator(refused, carry, majority, veenendaal, votes):
    motion = admit(veenendaal, votes)._replace(administrator=KEY)

    refused(motion, "AlreadyMember", veenendaal.id)
    carry(expel(veenendaal), *majority)
    refused(motion, "AlreadyMember", veenendaal.id)


@pytest.mark.parametrize("action", ["expel", "succeed", "recover"])
def test_only_of_a_member_can_more_be_decided(refused, newcomer, veenendaal, action):
    motion = {
        "expel": expel(newcomer),
        "succeed": succeed(newcomer, veenendaal),
        "recover": Motion("recover", newcomer.id, KEY),
    }[action]

    refused(motion, "NotMember", newcomer.id)


def test_a_member_is_not_expelled_twice(refused, carry, majority, veenendaal):
    carry(expel(veenendaal), *majority)

    refused(expel(veenendaal, dossier=digest_of("again")), "NotMember", veenendaal.id)


def test_a_successor_takes_part_and_is_not_expelled(refused, carry, majority, renswoude, veenendaal, newcomer):
    refused(succeed(renswoude, newcomer), "NotMember", newcomer.id)
    refused(Motion("succeed", renswoude.id), "NotMember", ZERO)
    carry(expel(veenendaal), *majority)
    refused(succeed(renswoude, veenendaal), "NotMember", veenendaal.id)


def test_who_was_succeeded_is_gone_for_good(refused, carry, majority, ede, renswoude, veenendaal):
    carry(succeed(renswoude, veenendaal), renswoude, *majority)

    for motion in (
        admit(renswoude),
        admit(renswoude)._replace(administrator=KEY),
        expel(renswoude),
        succeed(renswoude, ede),
        Motion("recover", renswoude.id, KEY),
        Motion("dissolve", renswoude.id),
    ):
        refused(motion, "AlreadySucceeded", renswoude.id, veenendaal.id)
    refused(succeed(ede, renswoude), "NotMember", renswoude.id)


@pytest.mark.parametrize("code", ["", "gm0345-and-more-x"], ids=["empty", "17 characters"])
def test_who_is_admitted_has_an_identifier(carry, majority, code):
    organisation = organisation_id(code)

    with reverts("InvalidIdentifier", organisation):
        carry(Motion("admit", organisation, KEY, votes=True), *majority)


def test_who_is_admitted_has_an_administrator(carry, majority, newcomer):
    with reverts("NoAdministrator", newcomer.id):
        carry(admit(newcomer)._replace(administrator=NOBODY), *majority)


@pytest.mark.parametrize("votes", [True, False], ids=["with a vote", "as a guest"])
def test_who_was_admitted_takes_part(register, carry, agree, draft, majority, newcomer, veenendaal, votes):
    carry(admit(newcomer, votes), *majority)

    assert plain(register.memberOf(newcomer.id)) == (newcomer.administrator.address, votes, False)
    assert register.voters() == 8 + votes
    newcomer.appoint(newcomer.first)
    act = draft(newcomer, veenendaal)
    agree(act, newcomer, veenendaal)
    assert plain(register.head(act.hash)) == act.hash


@pytest.mark.parametrize(("name", "votes", "voters"), [("utrecht", True, 9), ("veenendaal", False, 7)])
def test_a_vote_is_given_and_taken_by_admitting_anew(register, carry, region, majority, name, votes, voters):
    organisation = region[name]
    motion = admit(organisation, votes)

    tx = carry(motion, *majority)

    administrator = organisation.administrator.address
    assert events(tx)[2:] == [
        ("MemberAdmitted", {"organisation": organisation.id, "administrator": administrator, "votes": votes})
    ]
    assert plain(register.memberOf(organisation.id)) == (administrator, votes, False)
    assert plain(register.signatoriesOf(organisation.id)) == (organisation.first.address,)
    assert register.voters() == voters


def test_admitting_anew_leaves_the_nomination(register, carry, majority, veenendaal, spare):
    veenendaal.hand_over(spare.address)
    carry(admit(veenendaal, votes=False), *majority)

    veenendaal.take_over(spare)

    assert plain(register.memberOf(veenendaal.id)) == (spare.address, False, False)


def test_recovering_replaces_the_administrator_and_nothing_else(register, carry, majority, veenendaal, spare):
    motion = recover(veenendaal, spare)

    tx = carry(motion, veenendaal, *majority)

    assert events(tx)[1:] == [
        ("MotionEnacted", {"motionHash": motion.hash, "organisation": veenendaal.id}),
        ("AdministratorReplaced", {"organisation": veenendaal.id, "administrator": spare.address}),
    ]
    assert plain(register.memberOf(veenendaal.id)) == (spare.address, True, False)
    assert plain(register.signatoriesOf(veenendaal.id)) == (veenendaal.first.address,)
    assert register.voters() == 8
    with reverts("NotAdministrator", veenendaal.id, veenendaal.administrator.address):
        veenendaal.appoint(veenendaal.second)


@pytest.mark.parametrize("action", ["expel", "take its vote", "succeed"])
def test_somebody_must_go_on_voting(carrier, veenendaal, utrecht, action):
    two = [(one.id, one.administrator.address, one is veenendaal) for one in (veenendaal, utrecht)]
    own = carrier.deploy(brownie.Register, two)
    alone = replace(veenendaal, register=own, first=replace(veenendaal.first, register=own))
    alone.appoint(alone.first)
    motion = {
        "expel": expel(alone),
        "take its vote": admit(alone, votes=False),
        "succeed": succeed(alone, utrecht),
    }[action]

    with reverts("NoVoters"):
        own.decide(motion, [alone.id], [alone.first.sign(motion)], [], {"from": carrier})
    assert own.voters() == 1
