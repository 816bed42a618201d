"""The veto period: what puts somebody in another's place waits fourteen days, unless that organisation consents."""

from __future__ import annotations

import clock
import pytest
from acts import ZERO, digest_of
from clock import DAY, START
from motions import ENACTMENT_PERIOD, VETO_PERIOD, expel, recover, succeed
from recorded import events, plain
from refusals import reverts

DECIDED = START + DAY
EFFECT = DECIDED + VETO_PERIOD
LAPSE = EFFECT + ENACTMENT_PERIOD
REASON = digest_of("why not")
ACTIONS = ["succeed", "recover"]


@pytest.fixture(params=ACTIONS)
def motion(request, renswoude, veenendaal, spare):
    """About Renswoude: Veenendaal takes its place, or it gets another administrator."""
    return succeed(renswoude, veenendaal) if request.param == "succeed" else recover(renswoude, spare)


@pytest.fixture
def waiting(carry, majority, motion):
    """The motion, decided without Renswoude."""
    with clock.at(DECIDED):
        carry(motion, *majority)
    return motion


@pytest.fixture
def recovery(carry, majority, renswoude, spare):
    """Where it makes no difference what waits: another administrator for Renswoude, decided without it."""
    decided = recover(renswoude, spare)
    with clock.at(DECIDED):
        carry(decided, *majority)
    return decided


@pytest.fixture
def enact(register, carrier):
    def send(motion, moment):
        with clock.at(moment):
            return register.enact(motion, {"from": carrier})

    return send


def pending(register, organisation):
    return plain(register.pendingOf(organisation.id))


def change(motion, renswoude):
    """What the motion comes to."""
    if motion.action == "succeed":
        return ("MemberSucceeded", {"organisation": renswoude.id, "successor": motion.successor})
    return ("AdministratorReplaced", {"organisation": renswoude.id, "administrator": motion.administrator})


def took_effect(register, motion, renswoude):
    """A motion names the administrator that Renswoude has from then on, or the successor; and nobody for the other."""
    administrator = plain(register.memberOf(renswoude.id))[0]
    return (administrator, plain(register.successorOf(renswoude.id))) == (motion.administrator, motion.successor)


def test_without_consent_a_motion_waits(register, carry, majority, renswoude, motion):
    with clock.at(DECIDED):
        tx = carry(motion, *majority)

    ((name, values),) = events(tx)
    assert (name, values["effectFrom"]) == ("MotionDecided", EFFECT)
    assert pending(register, renswoude) == (motion.hash, EFFECT)
    assert plain(register.memberOf(renswoude.id)) == (renswoude.administrator.address, True, False)
    assert register.isDecided(motion.hash)
    assert register.voters() == 8


def test_with_consent_a_motion_takes_effect_at_once(register, carry, majority, renswoude, motion):
    with clock.at(DECIDED):
        tx = carry(motion, *majority, renswoude)

    decided, *rest = events(tx)
    assert decided[1]["effectFrom"] == DECIDED
    assert rest == [
        ("MotionEnacted", {"motionHash": motion.hash, "organisation": renswoude.id}),
        change(motion, renswoude),
    ]
    assert pending(register, renswoude) == (ZERO, 0)
    assert took_effect(register, motion, renswoude)


def test_a_guest_consents_without_a_vote(register, carry, majority, utrecht, spare):
    carry(recover(utrecht, spare), *majority, utrecht)

    assert plain(register.memberOf(utrecht.id)) == (spare.address, False, False)


def test_anybody_enacts_a_motion_once_the_veto_period_is_over(register, waiting, renswoude, stranger):
    with clock.at(EFFECT):
        tx = register.enact(waiting, {"from": stranger.account})

    assert events(tx) == [
        ("MotionEnacted", {"motionHash": waiting.hash, "organisation": renswoude.id}),
        change(waiting, renswoude),
    ]
    assert took_effect(register, waiting, renswoude)
    assert pending(register, renswoude) == (ZERO, 0)


def test_the_veto_period_lasts_fourteen_days_to_the_second(enact, waiting):
    with reverts("VetoPeriod", EFFECT):
        enact(waiting, DECIDED + 1)
    with reverts("VetoPeriod", EFFECT):
        enact(waiting, EFFECT - 1)


def test_a_motion_lapses_28_days_later_to_the_second(register, enact, waiting, renswoude):
    with reverts("MotionLapsed", LAPSE):
        enact(waiting, LAPSE)
    enact(waiting, LAPSE - 1)

    assert took_effect(register, waiting, renswoude)


def test_a_motion_is_enacted_once(enact, recovery):
    enact(recovery, EFFECT)

    with reverts("NotPending", recovery.hash):
        enact(recovery, EFFECT + 1)


def test_what_was_not_decided_is_not_enacted(enact, majority, renswoude, spare):
    motion = recover(renswoude, spare)
    majority[0].first.move(motion)

    with reverts("NotPending", motion.hash):
        enact(motion, EFFECT)


def test_what_took_effect_at_once_is_not_enacted_again(enact, carry, majority, renswoude):
    carry(expel(renswoude), *majority)

    with reverts("NotPending", expel(renswoude).hash):
        enact(expel(renswoude), EFFECT)


def test_the_deadline_is_for_deciding_not_for_enacting(register, carry, enact, majority, renswoude, spare):
    motion = recover(renswoude, spare, deadline=DECIDED)
    with clock.at(DECIDED):
        carry(motion, *majority)

    enact(motion, EFFECT)

    assert took_effect(register, motion, renswoude)


@pytest.mark.parametrize("who", ["administrator", "signatory", "one of four eyes"])
@pytest.mark.parametrize("moment", [DECIDED + 1, EFFECT - 1, EFFECT + DAY], ids=["at once", "last second", "late"])
def test_the_organisation_can_veto(register, enact, recovery, renswoude, who, moment):
    if who == "one of four eyes":
        renswoude.four_eyes()
    sender = renswoude.administrator if who == "administrator" else renswoude.first.account

    with clock.at(moment):
        tx = renswoude.veto(recovery, sender, REASON)

    values = {"motionHash": recovery.hash, "organisation": renswoude.id, "sender": sender.address, "reason": REASON}
    assert events(tx) == [("MotionVetoed", values)]
    assert pending(register, renswoude) == (ZERO, 0)
    with reverts("NotPending", recovery.hash):
        enact(recovery, EFFECT + 2 * DAY)


def test_a_succession_can_be_vetoed_too(register, enact, carry, majority, renswoude, veenendaal):
    motion = succeed(renswoude, veenendaal)
    carry(motion, *majority)

    renswoude.veto(motion)

    with reverts("NotPending", motion.hash):
        enact(motion, EFFECT + DAY)
    assert plain(register.successorOf(renswoude.id)) == ZERO


def test_a_veto_is_for_good(carry, majority, recovery, renswoude):
    renswoude.veto(recovery)

    with reverts("NotPending", recovery.hash):
        renswoude.veto(recovery)
    with reverts("AlreadyDecided", recovery.hash):
        carry(recovery, *majority)


def test_after_a_veto_the_council_may_decide_anew(register, carry, majority, recovery, renswoude):
    renswoude.veto(recovery)
    anew = recovery._replace(deadline=DECIDED + DAY)

    with clock.at(DECIDED + DAY):
        carry(anew, *majority)

    assert pending(register, renswoude) == (anew.hash, EFFECT + DAY)


def test_outsiders_cannot_veto(recovery, renswoude, veenendaal, majority, stranger, spare):
    for sender in (
        stranger.account,
        spare,  # who would become administrator
        renswoude.second.account,
        veenendaal.administrator,
        veenendaal.first.account,
        majority[0].first.account,
    ):
        with reverts("NotConcerned", renswoude.id, sender.address):
            renswoude.veto(recovery, sender)


@pytest.mark.parametrize("mandate", [(0, DECIDED + DAY), (DECIDED + 3 * DAY, 0)], ids=["ended", "not begun"])
def test_a_signatory_vetoes_while_its_mandate_is_in_force(recovery, renswoude, mandate):
    renswoude.appoint(renswoude.second, *mandate)

    with clock.at(DECIDED + 2 * DAY), reverts("NotConcerned", renswoude.id, renswoude.second.address):
        renswoude.veto(recovery, renswoude.second.account)


def test_one_who_was_dismissed_cannot_veto(recovery, renswoude):
    renswoude.dismiss(renswoude.first)

    with reverts("NotConcerned", renswoude.id, renswoude.first.address):
        renswoude.veto(recovery, renswoude.first.account)


def test_an_organisation_vetoes_only_what_waits_for_it(register, recovery, renswoude, veenendaal):
    another = recovery._replace(dossier=REASON)
    with reverts("NotPending", another.hash):
        renswoude.veto(another)
    with reverts("NotPending", recovery.hash):
        veenendaal.veto(recovery)
    with reverts("NotPending", ZERO):
        register.veto(veenendaal.id, ZERO, ZERO, {"from": veenendaal.administrator})


def test_one_motion_waits_for_an_organisation_until_it_lapses(register, carry, enact, majority, recovery, renswoude):
    another = recovery._replace(dossier=REASON)

    with clock.at(LAPSE - 1), reverts("AnotherPending", recovery.hash, EFFECT):
        carry(another, *majority)
    with clock.at(LAPSE):
        carry(another, *majority)

    assert pending(register, renswoude) == (another.hash, LAPSE + VETO_PERIOD)
    with reverts("NotPending", recovery.hash):
        enact(recovery, LAPSE + 1)


def test_a_motion_waits_for_each_organisation_by_itself(register, carry, majority, recovery, renswoude, veenendaal):
    motion = succeed(veenendaal, renswoude)
    with clock.at(DECIDED + DAY):
        carry(motion, *majority)

    assert pending(register, renswoude) == (recovery.hash, EFFECT)
    assert pending(register, veenendaal) == (motion.hash, EFFECT + DAY)


@pytest.mark.parametrize("action", ACTIONS)
def test_what_is_done_with_consent_clears_what_waited(register, carry, enact, majority, recovery, region, action):
    renswoude, veenendaal, rhenen = region["renswoude"], region["veenendaal"], region["rhenen"]
    instead = succeed(renswoude, veenendaal) if action == "succeed" else recover(renswoude, rhenen.administrator)

    carry(instead, *majority, renswoude)

    assert pending(register, renswoude) == (ZERO, 0)
    with reverts("NotPending", recovery.hash):
        enact(recovery, EFFECT)
    with reverts("NotPending", recovery.hash):
        renswoude.veto(recovery)


def test_an_expulsion_leaves_what_waits_for_the_organisation(register, carry, enact, majority, recovery, region):
    renswoude = region["renswoude"]
    carry(expel(renswoude), *majority)
    assert pending(register, renswoude) == (recovery.hash, EFFECT)

    enact(recovery, EFFECT)

    assert plain(register.memberOf(renswoude.id)) == (recovery.administrator, False, True)


@pytest.mark.parametrize("fate", ["expelled", "succeeded"])
def test_enacting_looks_again_whether_the_successor_takes_part(carry, enact, majority, region, fate):
    renswoude, utrecht, gelderland = region["renswoude"], region["utrecht"], region["gelderland"]
    motion = succeed(renswoude, utrecht)
    with clock.at(DECIDED):
        carry(motion, *majority)
    carry(expel(utrecht) if fate == "expelled" else succeed(utrecht, gelderland), *majority, utrecht)

    with reverts("NotMember", utrecht.id):
        enact(motion, EFFECT)


def test_enacting_looks_again_whether_the_administrator_is_another(register, enact, recovery, renswoude, spare):
    renswoude.hand_over(spare.address)
    renswoude.take_over(spare)

    with reverts("InvalidMotion", recovery.hash):
        enact(recovery, EFFECT)
    renswoude.veto(recovery, spare)
    assert pending(register, renswoude) == (ZERO, 0)


def test_an_administrator_that_took_over_can_veto_and_the_one_before_cannot(recovery, renswoude, stranger):
    renswoude.hand_over(stranger.address)
    renswoude.take_over(stranger.account)

    with reverts("NotConcerned", renswoude.id, renswoude.administrator.address):
        renswoude.veto(recovery)
    renswoude.veto(recovery, stranger.account)


def test_an_organisation_without_signatories_is_recovered(register, enact, recovery, renswoude, spare):
    renswoude.dismiss(renswoude.first)

    enact(recovery, EFFECT)
    renswoude.appoint(renswoude.second, sender=spare)

    assert plain(register.signatoriesOf(renswoude.id)) == (renswoude.second.address,)
