"""Who approves a motion and what the council cannot decide, counted without a chain."""

from __future__ import annotations

from typing import Any

import pytest
from ledgers import (
    DAY,
    DEADLINE,
    START,
    Story,
    admission,
    digest_of,
    expulsion,
    key_of,
    recovery,
    succession,
)

from registry.errors import NotFoundError, RefusedError, UsageError
from registry.governing import Governing, Tally
from registry.model import NO_HASH, Action, Approval, Motion
from registry.service import Service, View
from registry.statements import hash_motion

VEENENDAAL, RENSWOUDE, EDE, RHENEN, UTRECHT = "gm0345", "gm0339", "gm0228", "gm0340", "pv26"
ALL = (EDE, RENSWOUDE, RHENEN, VEENENDAAL, UTRECHT)
NEW = "gm0279"
NOTHING: Any = None
GOVERNING = Governing(Service(NOTHING, NOTHING))


@pytest.fixture
def story() -> Story:
    """Four members that vote, of which three are a majority, and a guest."""
    told = Story().admit(*ALL)
    for one in ALL:
        told.appoint(one)
    return told


def view_of(story: Story, now: int | None = None) -> View:
    moment = story.now if now is None else now
    return View(story.ledger, 9, moment, story.now)


def signed(*roles: str) -> list[Approval]:
    """Votes that somebody carries along; whose signature it is was checked when they were read."""
    return [Approval(key_of(one), signature=bytes(65)) for one in roles]


def tally(story: Story, motion: Motion, *carried: str) -> Tally:
    return GOVERNING.tally(view_of(story), motion, signed(*carried))


def signatories(found: Tally) -> list[str]:
    return [one.signatory for one in found.approvals]


# Counting


def test_more_than_half_of_all_that_vote_must_approve(story: Story) -> None:
    motion = admission(NEW)
    two = tally(story, motion, RENSWOUDE, EDE)
    assert (two.in_favour, two.voters, two.needed, two.carried) == ((EDE, RENSWOUDE), 4, 3, False)
    assert two.missing == (RHENEN, VEENENDAAL)
    three = tally(story, motion, RENSWOUDE, EDE, VEENENDAAL)
    assert three.carried
    assert three.organisations == three.in_favour == (EDE, RENSWOUDE, VEENENDAAL)
    assert signatories(three) == [key_of(one) for one in (EDE, RENSWOUDE, VEENENDAAL)]
    story.admit("gm0289")
    assert tally(story, motion, RENSWOUDE, EDE, VEENENDAAL).needed == 3, "of five"


def test_votes_on_chain_and_in_hand_add_up_and_the_chain_goes_first(story: Story) -> None:
    motion = admission(NEW)
    story.vote(motion, EDE, digest_of("besluit"))
    found = tally(story, motion, VEENENDAAL, EDE)
    assert found.in_favour == (EDE, VEENENDAAL)
    assert found.approvals == (
        Approval(key_of(EDE), digest_of("besluit")),
        Approval(key_of(VEENENDAAL), signature=bytes(65)),
    )
    assert found.approvals[0].signature is None


def test_votes_for_another_motion_do_not_count(story: Story) -> None:
    story.vote(admission(NEW, deadline=DEADLINE + 1), EDE)
    assert tally(story, admission(NEW)).in_favour == ()


def test_guests_and_strangers_do_not_count(story: Story) -> None:
    found = tally(story, admission(NEW), UTRECHT, "stranger", VEENENDAAL)
    assert found.in_favour == found.organisations == (VEENENDAAL,)
    assert signatories(found) == [key_of(VEENENDAAL)]


def test_guest_that_a_motion_is_about_consents_and_does_not_count(story: Story) -> None:
    motion = recovery(UTRECHT, "new")
    found = tally(story, motion, UTRECHT, VEENENDAAL)
    assert (found.in_favour, found.consents) == ((VEENENDAAL,), True)
    assert found.organisations == (VEENENDAAL, UTRECHT)
    assert signatories(found) == [key_of(VEENENDAAL), key_of(UTRECHT)]
    assert not tally(story, motion, VEENENDAAL).consents


def test_member_that_a_motion_is_about_consents_and_counts(story: Story) -> None:
    found = tally(story, recovery(EDE, "new"), EDE, RENSWOUDE, VEENENDAAL)
    assert (found.in_favour, found.consents, found.carried) == ((EDE, RENSWOUDE, VEENENDAAL), True, True)


def test_expelled_member_has_a_say_only_in_what_is_about_itself(story: Story) -> None:
    story.expel(EDE)
    other = tally(story, admission(NEW), EDE, RENSWOUDE)
    assert (other.in_favour, other.organisations, other.voters, other.needed) == ((RENSWOUDE,), (RENSWOUDE,), 3, 2)
    own = tally(story, admission(EDE), EDE, RENSWOUDE)
    assert (own.in_favour, own.organisations, own.consents) == ((RENSWOUDE,), (EDE, RENSWOUDE), True)


def test_newcomer_has_no_say_in_its_own_admission(story: Story) -> None:
    story.appoint(NEW)
    found = tally(story, admission(NEW), NEW, EDE)
    assert (found.organisations, found.consents) == ((EDE,), False)


def test_four_eyes_are_four(story: Story) -> None:
    story.appoint(EDE, together=2)
    story.appoint("gm0228:2", together=2)
    story.appoint("gm0228:3", together=3)
    motion = admission(NEW)
    assert tally(story, motion, EDE).in_favour == ()
    pair = tally(story, motion, EDE, "gm0228:2")
    assert pair.in_favour == (EDE,)
    assert signatories(pair) == sorted([key_of(EDE), key_of("gm0228:2")], key=lambda one: int(one, 16))
    assert len(tally(story, motion, EDE, "gm0228:2", "gm0228:3").approvals) == 2, "none to spare"
    story.vote(motion, "gm0228:2")
    assert tally(story, motion, EDE).in_favour == (EDE,), "one on chain, one in hand"


@pytest.mark.parametrize("together", [(2, 3), (3, 2)])
def test_of_two_that_ask_for_others_the_one_that_asks_for_less_decides(story: Story, together: tuple[int, int]) -> None:
    for role, number in zip((EDE, "gm0228:2"), together, strict=True):
        story.appoint(role, together=number)
    assert tally(story, admission(NEW), EDE, "gm0228:2").in_favour == (EDE,)


@pytest.mark.parametrize(
    "terms", [{"valid_until": START + DAY}, {"valid_from": START + 2 * DAY}], ids=["until", "from"]
)
def test_mandate_that_has_ended_or_not_begun_counts_for_nothing(story: Story, terms: dict[str, int]) -> None:
    story.appoint(EDE, **terms)
    motion = admission(NEW)

    def in_favour(now: int) -> tuple[str, ...]:
        return GOVERNING.tally(view_of(story, now), motion, signed(EDE)).in_favour

    if "valid_until" in terms:
        assert in_favour(START + DAY - 1) == (EDE,)
        assert in_favour(START + DAY) == ()
    else:
        assert in_favour(START + 2 * DAY - 1) == ()
        assert in_favour(START + 2 * DAY) == (EDE,)


def test_dismissed_key_counts_for_nothing(story: Story) -> None:
    motion = admission(NEW)
    story.vote(motion, EDE)
    story.dismiss(EDE)
    assert tally(story, motion, EDE).in_favour == ()


def test_key_of_a_succeeded_organisation_does_not_count_for_its_successor(story: Story) -> None:
    motion = admission(NEW)
    story.vote(motion, EDE)
    story.succeed(EDE, VEENENDAAL)
    found = tally(story, motion, RENSWOUDE)
    assert (found.in_favour, found.voters) == ((RENSWOUDE,), 3)


# What cannot be decided


def refused(story: Story, motion: Motion, *words: str, now: int | None = None) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        GOVERNING.require_possible(view_of(story, now), motion)
    for word in words:
        assert word in caught.value.message
    return caught.value


@pytest.mark.parametrize(
    "motion",
    [
        admission(NEW),
        admission(NEW, votes=False),
        admission(EDE, votes=False),
        admission(UTRECHT, votes=True),
        expulsion(EDE),
        expulsion(UTRECHT),
        succession(EDE, VEENENDAAL),
        succession(EDE, UTRECHT),
        recovery(EDE, "new"),
    ],
)
def test_what_the_council_can_decide_is_let_through(story: Story, motion: Motion) -> None:
    GOVERNING.require_possible(view_of(story), motion)
    GOVERNING.require_possible(view_of(story, DEADLINE), motion)


def test_member_is_not_admitted_twice(story: Story) -> None:
    refused(story, admission(EDE), "gemeente Ede (gm0228) takes part already, with this vote")
    refused(story, admission(UTRECHT, votes=False), "provincie Utrecht (pv26) takes part already, with this vote")


def test_administrator_is_not_replaced_by_admitting_again(story: Story) -> None:
    for motion in (admission(EDE, role="thief"), admission(EDE, votes=False, role="thief")):
        error = refused(story, motion, "gemeente Ede (gm0228) takes part already, with administrator 0x")
        assert key_of("gm0228:admin") in error.message
        assert "foodvalley motion recover" in (error.hint or "")
    story.expel(EDE)
    refused(story, admission(EDE, role="thief"), "with administrator")
    for votes in (True, False):
        GOVERNING.require_possible(view_of(story), admission(EDE, votes=votes))


@pytest.mark.parametrize("motion", [expulsion(NEW), recovery(NEW, "new"), succession(NEW, EDE), succession(EDE, NEW)])
def test_whoever_takes_no_part_is_named(story: Story, motion: Motion) -> None:
    error = refused(story, motion, "gemeente Scherpenzeel (gm0279) does not take part in this register")
    assert "foodvalley council" in (error.hint or "")


def test_nobody_is_expelled_twice(story: Story) -> None:
    story.expel(EDE)
    refused(story, expulsion(EDE, deadline=DEADLINE + 1), "gemeente Ede (gm0228) was expelled already")
    GOVERNING.require_possible(view_of(story), recovery(EDE, "new"))
    GOVERNING.require_possible(view_of(story), succession(EDE, VEENENDAAL))


@pytest.mark.parametrize(
    "motion", [admission(EDE), expulsion(EDE), recovery(EDE, "new"), succession(EDE, RENSWOUDE)], ids=lambda m: m.action
)
def test_nothing_is_decided_of_whoever_was_succeeded(story: Story, motion: Motion) -> None:
    story.succeed(EDE, RHENEN)
    story.succeed(RHENEN, VEENENDAAL)
    refused(story, motion, "gemeente Veenendaal (gm0345) took the place of gemeente Ede (gm0228) already")


def test_successor_is_another_that_takes_part(story: Story) -> None:
    refused(story, succession(EDE, EDE), "gemeente Ede (gm0228) cannot take that place")
    story.expel(RENSWOUDE)
    refused(story, succession(EDE, RENSWOUDE), "gemeente Renswoude (gm0339) cannot take that place")
    story.succeed(RHENEN, VEENENDAAL)
    refused(story, succession(EDE, RHENEN), "gemeente Rhenen (gm0340) does not take part")


def test_key_that_is_the_administrator_is_not_recovered(story: Story) -> None:
    refused(story, recovery(EDE, "gm0228:admin"), f"{key_of('gm0228:admin')} is the administrator already")


@pytest.mark.parametrize("action", [Action.ADMIT, Action.RECOVER])
def test_nobody_is_no_administrator(story: Story, action: Action) -> None:
    error = refused(story, Motion(action, EDE, DEADLINE), "an organisation has an administrator")
    assert "--administrator" in (error.hint or "")


@pytest.mark.parametrize(
    "motion",
    [
        Motion(Action.ADMIT, NEW, DEADLINE, key_of("new"), successor=EDE),
        Motion(Action.EXPEL, EDE, DEADLINE, key_of("new")),
        Motion(Action.EXPEL, EDE, DEADLINE, successor=RENSWOUDE),
        Motion(Action.EXPEL, EDE, DEADLINE, votes=True),
        Motion(Action.SUCCEED, EDE, DEADLINE, key_of("new"), successor=RENSWOUDE),
        Motion(Action.SUCCEED, EDE, DEADLINE, successor=RENSWOUDE, votes=True),
        Motion(Action.RECOVER, EDE, DEADLINE, key_of("new"), successor=RENSWOUDE),
        Motion(Action.RECOVER, EDE, DEADLINE, key_of("new"), votes=True),
    ],
)
def test_motion_that_says_more_than_it_needs_is_refused(story: Story, motion: Motion) -> None:
    refused(story, motion, f"the motion says more than it takes to {motion.action.value} an organisation")


def test_motion_is_open_until_its_deadline_unless_it_was_decided(story: Story) -> None:
    motion = recovery(EDE, "new", deadline=START + DAY)
    GOVERNING.require_open(view_of(story, START + DAY), motion)
    with pytest.raises(RefusedError, match="had to be decided by 2027-01-16"):
        GOVERNING.require_open(view_of(story, START + DAY + 1), motion)
    story.decide(motion)
    with pytest.raises(RefusedError, match=r"motion 0x\w{64} was decided already \(veto period\)"):
        GOVERNING.require_open(view_of(story), motion)


def test_whether_something_is_possible_is_no_error(story: Story) -> None:
    assert GOVERNING.is_possible(view_of(story), admission(NEW))
    assert not GOVERNING.is_possible(view_of(story), admission(EDE))


def test_only_who_can_count_has_a_say(story: Story) -> None:
    story.appoint("gm0228:2", valid_until=START + DAY)
    view, later = view_of(story), view_of(story, START + DAY)
    assert GOVERNING.require_say(view, admission(NEW), key_of("gm0228:2")) == EDE
    assert GOVERNING.require_say(view, recovery(UTRECHT, "new"), key_of(UTRECHT)) == UTRECHT
    with pytest.raises(RefusedError, match=r"provincie Utrecht \(pv26\) has no vote in the council"):
        GOVERNING.require_say(view, admission(NEW), key_of(UTRECHT))
    for moment, key in ((view, key_of("stranger")), (later, key_of("gm0228:2"))):
        with pytest.raises(RefusedError, match=f"{key} has no mandate in force"):
            GOVERNING.require_say(moment, admission(NEW), key)


def test_refusal_to_decide_says_who_approves_and_how_many_are_needed(story: Story) -> None:
    motion = admission(NEW)
    with pytest.raises(RefusedError) as caught:
        GOVERNING.decide(view_of(story), motion, NOTHING, signed(EDE, UTRECHT))
    assert caught.value.message == "1 of the 4 voting members approve (gemeente Ede (gm0228)); 3 are needed"
    with pytest.raises(RefusedError, match=r"0 of the 4 voting members approve \(nobody\); 3 are needed"):
        GOVERNING.decide(view_of(story), motion, NOTHING)


@pytest.mark.parametrize("organisation", [NEW, EDE])
def test_only_those_that_take_part_run_themselves(story: Story, organisation: str) -> None:
    story.succeed(EDE, VEENENDAAL)
    view = view_of(story)
    for attempt in (
        lambda: GOVERNING.hand_over(view, organisation, key_of("new"), NOTHING),
        lambda: GOVERNING.take_over(view, organisation, NOTHING),
        lambda: GOVERNING.announce(view, organisation, "", NOTHING),
    ):
        with pytest.raises(RefusedError, match="does not take part in this register"):
            attempt()


def test_address_that_is_not_text_is_not_announced(story: Story) -> None:
    with pytest.raises(UsageError, match="not text"):
        GOVERNING.announce(view_of(story), EDE, "https://\udce9.example", NOTHING)


# Finding


def test_motion_is_found_by_the_beginning_of_its_hash(story: Story) -> None:
    motion = admission(NEW)
    story.move(motion, EDE)
    view = view_of(story)
    assert GOVERNING.motion(view, "0x" + hash_motion(motion).hex()[:6]).motion == motion
    with pytest.raises(NotFoundError, match="is the hash of no motion here"):
        GOVERNING.motion(view, "0x" + NO_HASH.hex())
    with pytest.raises(UsageError, match="is not the hash of a motion"):
        GOVERNING.motion(view, "nonsense")


def test_motion_waits_until_it_lapses_or_is_stopped(story: Story) -> None:
    motion = recovery(EDE, "new")
    assert GOVERNING.waiting(view_of(story), EDE) is None
    story.decide(motion)
    decided = story.now
    for now in (decided, decided + 14 * DAY, decided + 42 * DAY - 1):
        found = GOVERNING.waiting(view_of(story, now), EDE)
        assert found is not None
        assert found.motion == motion
    assert GOVERNING.waiting(view_of(story, decided + 42 * DAY), EDE) is None
    assert GOVERNING.waiting(view_of(story), VEENENDAAL) is None
    found = GOVERNING.waiting(view_of(story), EDE)
    assert found is not None
    GOVERNING.require_waiting(view_of(story), found)
    story.veto(motion, EDE)
    assert GOVERNING.waiting(view_of(story), EDE) is None
    with pytest.raises(RefusedError, match=r"does not wait \(vetoed\)"):
        GOVERNING.require_waiting(view_of(story), GOVERNING.record_of(view_of(story), motion))


def test_motion_that_came_as_a_file_has_the_votes_that_stand_on_chain(story: Story) -> None:
    motion = admission(NEW)
    story.vote(motion, EDE)
    found = GOVERNING.record_of(view_of(story), motion)
    assert (found.motion, found.moved, found.decided, set(found.votes)) == (motion, None, None, {key_of(EDE)})
    story.move(motion, RENSWOUDE)
    found = GOVERNING.record_of(view_of(story), motion)
    assert (found.moved is None, set(found.votes)) == (False, {key_of(EDE), key_of(RENSWOUDE)})


def test_unsettled_is_what_something_can_still_come_of(story: Story) -> None:
    opened, waiting, done = admission(NEW), recovery(EDE, "new"), expulsion(RHENEN)
    story.move(opened, EDE)
    for one in (waiting, done):
        story.move(one, EDE)
        story.decide(one)

    def unsettled(now: int) -> list[Motion]:
        return [one.motion for one in GOVERNING.unsettled(view_of(story, now))]

    assert unsettled(story.now) == [opened, waiting]
    assert unsettled(story.now + 42 * DAY) == [opened]
    assert unsettled(DEADLINE + 1) == []
