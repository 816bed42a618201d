"""Who takes part, who signs for whom and what became of each motion, from events alone."""

from __future__ import annotations

import pytest
from ledgers import (
    DAY,
    DEADLINE,
    START,
    Story,
    admission,
    concluding,
    digest_of,
    expulsion,
    key_of,
    recovery,
    succession,
)

from registry.membership import ENACTMENT_PERIOD, VETO_PERIOD, MotionRecord, MotionStatus
from registry.model import NOBODY, Action, Member, Motion

VEENENDAAL, RENSWOUDE, EDE, UTRECHT = "gm0345", "gm0339", "gm0228", "pv26"
ALL = (EDE, RENSWOUDE, VEENENDAAL, UTRECHT)


@pytest.fixture
def story() -> Story:
    told = Story().admit(*ALL)
    for one in ALL:
        told.appoint(one)
    return told


def member(story: Story, organisation: str) -> Member:
    return story.ledger.members[organisation]


def record(story: Story, motion: Motion) -> MotionRecord:
    return next(one for one in story.ledger.membership.motions.values() if one.motion == motion)


def status(story: Story, motion: Motion, now: int | None = None) -> MotionStatus:
    return record(story, motion).status(story.now if now is None else now)


# Members


def test_guests_do_not_count_among_the_voters(story: Story) -> None:
    assert story.ledger.membership.voters == 3
    story.decide(admission(UTRECHT, votes=True))
    assert story.ledger.membership.voters == 4
    story.decide(admission(EDE, votes=False))
    assert story.ledger.membership.voters == 3
    assert member(story, EDE).takes_part


def test_expelled_member_keeps_its_keys_and_loses_its_vote(story: Story) -> None:
    story.nominate(VEENENDAAL, "stranger")
    story.announce(VEENENDAAL, b"https://veenendaal.example")
    before = member(story, VEENENDAAL)
    story.expel(VEENENDAAL)
    now = member(story, VEENENDAAL)
    assert (now.votes, now.expelled, now.takes_part, now.successor) == (False, True, False, "")
    assert (now.administrator, now.nominee, now.service) == (before.administrator, before.nominee, before.service)
    assert story.ledger.membership.voters == 2
    assert story.ledger.mandates[key_of(VEENENDAAL)].in_force_at(story.now)


def test_admitted_again_it_is_as_it_was(story: Story) -> None:
    story.nominate(VEENENDAAL, "stranger")
    story.announce(VEENENDAAL, b"https://veenendaal.example")
    before = member(story, VEENENDAAL)
    story.expel(VEENENDAAL)
    story.decide(admission(VEENENDAAL))
    assert member(story, VEENENDAAL) == before


def test_succeeded_member_has_nothing_left(story: Story) -> None:
    story.nominate(RENSWOUDE, "stranger")
    story.announce(RENSWOUDE, b"https://renswoude.example")
    story.appoint("gm0339:2", valid_until=START + 2 * DAY)
    story.succeed(RENSWOUDE, VEENENDAAL)
    assert member(story, RENSWOUDE) == Member(RENSWOUDE, NOBODY, False, successor=VEENENDAAL)
    assert not member(story, RENSWOUDE).takes_part
    for role in (RENSWOUDE, "gm0339:2"):
        mandate = story.ledger.mandates[key_of(role)]
        assert mandate.valid_until == story.now
        assert not mandate.in_force_at(story.now)
    assert story.ledger.mandates[key_of(VEENENDAAL)].in_force_at(story.now)
    assert story.ledger.membership.voters == 2


def test_expelled_member_that_is_succeeded_is_only_succeeded(story: Story) -> None:
    story.expel(RENSWOUDE)
    story.succeed(RENSWOUDE, VEENENDAAL)
    assert member(story, RENSWOUDE) == Member(RENSWOUDE, NOBODY, False, successor=VEENENDAAL)


def test_heir_is_the_last_of_all_successors(story: Story) -> None:
    heir_of = story.ledger.membership.heir_of
    assert heir_of(EDE) == EDE
    assert heir_of("gm0999") == "gm0999"
    story.succeed(EDE, RENSWOUDE)
    story.succeed(RENSWOUDE, VEENENDAAL)
    membership = story.ledger.membership
    assert [membership.heir_of(one) for one in ALL] == [VEENENDAAL, VEENENDAAL, VEENENDAAL, UTRECHT]


def test_key_of_a_succeeded_organisation_goes_over_when_the_heir_appoints_it(story: Story) -> None:
    story.succeed(RENSWOUDE, VEENENDAAL)
    story.appoint(RENSWOUDE, organisation=VEENENDAAL)
    assert story.ledger.signatories_of(RENSWOUDE) == []
    both = {key_of(RENSWOUDE), key_of(VEENENDAAL)}
    assert {one.signatory for one in story.ledger.signatories_of(VEENENDAAL)} == both


# Administrators and services


def test_nominee_waits_until_it_takes_over_or_is_taken_back(story: Story) -> None:
    assert member(story, EDE).nominee == NOBODY
    story.nominate(EDE, "stranger")
    assert (member(story, EDE).nominee, member(story, EDE).administrator) == (
        key_of("stranger"),
        key_of("gm0228:admin"),
    )
    story.nominate(EDE, None)
    assert member(story, EDE).nominee == NOBODY
    story.nominate(EDE, "stranger")
    story.replace_administrator(EDE, "stranger")
    assert (member(story, EDE).nominee, member(story, EDE).administrator) == (NOBODY, key_of("stranger"))


def test_recovery_takes_the_nomination_of_the_lost_key_away(story: Story) -> None:
    story.nominate(EDE, "thief")
    story.decide(recovery(EDE, "new"), consents=True)
    assert (member(story, EDE).nominee, member(story, EDE).administrator) == (NOBODY, key_of("new"))
    assert member(story, EDE).votes


@pytest.mark.parametrize(
    ("announced", "shown"),
    [
        (b"https://ede.example", "https://ede.example"),
        ("https://café.example".encode(), "https://café.example"),
        (b"https://caf\xe9.example", "https://caf\ufffd.example"),
        (b"\xed\xb2\x80", "\ufffd\ufffd\ufffd"),
        (b"", ""),
    ],
)
def test_announced_service_is_text_whatever_the_bytes(story: Story, announced: bytes, shown: str) -> None:
    story.announce(EDE, b"https://earlier.example")
    story.announce(EDE, announced)
    assert member(story, EDE).service == shown


# Mandates


@pytest.mark.parametrize(("valid_until", "ends_at"), [(0, 0), (START + DAY, 0), (START - 1, START - 1)])
def test_dismissal_ends_what_had_not_ended_yet(story: Story, valid_until: int, ends_at: int) -> None:
    story.appoint("gm0228:2", valid_until=valid_until)
    story.dismiss("gm0228:2")
    assert story.ledger.mandates[key_of("gm0228:2")].valid_until == (ends_at or story.now)


# Motions


def test_motion_is_open_up_to_and_including_its_deadline(story: Story) -> None:
    motion = admission("gm0279")
    story.move(motion, VEENENDAAL)
    assert status(story, motion) is MotionStatus.OPEN
    assert status(story, motion, DEADLINE) is MotionStatus.OPEN
    assert status(story, motion, DEADLINE + 1) is MotionStatus.EXPIRED
    assert record(story, motion).lapses_at == 0


@pytest.mark.parametrize("motion", [admission("gm0279"), expulsion(EDE)], ids=lambda motion: motion.action)
def test_admission_and_expulsion_take_effect_at_once(story: Story, motion: Motion) -> None:
    story.decide(motion, RENSWOUDE, VEENENDAAL)
    assert status(story, motion) is MotionStatus.ENACTED
    assert status(story, motion, DEADLINE + DAY) is MotionStatus.ENACTED
    assert story.ledger.membership.pending == {}


@pytest.mark.parametrize(
    "motion", [succession(EDE, VEENENDAAL), recovery(EDE, "new")], ids=lambda motion: motion.action
)
def test_decided_motion_waits_then_can_be_enacted_then_lapses(story: Story, motion: Motion) -> None:
    motion_hash = story.decide(motion, RENSWOUDE, VEENENDAAL)
    decided = story.now
    assert story.ledger.membership.pending == {EDE: motion_hash}
    assert record(story, motion).lapses_at == decided + VETO_PERIOD + ENACTMENT_PERIOD
    seconds = [
        (0, MotionStatus.VETO_PERIOD),
        (14 * DAY - 1, MotionStatus.VETO_PERIOD),
        (14 * DAY, MotionStatus.ENACTABLE),
        (42 * DAY - 1, MotionStatus.ENACTABLE),
        (42 * DAY, MotionStatus.LAPSED),
    ]
    assert [status(story, motion, decided + after) for after, _ in seconds] == [stage for _, stage in seconds]
    assert member(story, EDE).administrator == key_of("gm0228:admin"), "nothing has changed yet"
    story.enact(motion)
    assert story.now == decided + 14 * DAY
    assert status(story, motion, decided + 99 * DAY) is MotionStatus.ENACTED
    assert not record(story, motion).void
    assert story.ledger.membership.pending == {}
    assert member(story, EDE).administrator != key_of("gm0228:admin")


@pytest.mark.parametrize(
    "motion", [succession(EDE, VEENENDAAL), recovery(EDE, "new")], ids=lambda motion: motion.action
)
def test_motion_that_the_organisation_approves_waits_for_nothing(story: Story, motion: Motion) -> None:
    story.decide(motion, EDE, RENSWOUDE, consents=True)
    assert status(story, motion) is MotionStatus.ENACTED
    assert story.ledger.membership.pending == {}


def test_vetoed_motion_is_stopped_for_good(story: Story) -> None:
    motion, again = recovery(EDE, "new"), recovery(EDE, "new", deadline=DEADLINE + 1)
    story.decide(motion, RENSWOUDE, VEENENDAAL)
    story.veto(motion, "gm0228:admin", digest_of("reden"))
    for now in (story.now, story.now + 20 * DAY, story.now + 99 * DAY):
        assert status(story, motion, now) is MotionStatus.VETOED
    assert story.ledger.membership.pending == {}
    vetoed = record(story, motion).vetoed
    assert vetoed is not None
    assert (vetoed.sender, vetoed.reason) == (key_of("gm0228:admin"), digest_of("reden"))
    story.decide(again, RENSWOUDE, VEENENDAAL)
    assert status(story, again) is MotionStatus.VETO_PERIOD
    assert status(story, motion) is MotionStatus.VETOED


def test_motion_that_waits_is_void_once_the_organisation_approves_another(story: Story) -> None:
    waiting, other = succession(EDE, VEENENDAAL), recovery(EDE, "new")
    story.decide(waiting, RENSWOUDE, VEENENDAAL)
    story.decide(other, EDE, RENSWOUDE, consents=True)
    assert story.ledger.membership.pending == {}
    for now in (story.now, story.now + 20 * DAY, story.now + 99 * DAY):
        assert status(story, waiting, now) is MotionStatus.VOID
    assert status(story, other) is MotionStatus.ENACTED


def test_lapsed_motion_stays_lapsed_when_another_takes_its_place(story: Story) -> None:
    lapsed, next_one, last = (recovery(EDE, "new", deadline=DEADLINE + i * 50 * DAY) for i in range(3))
    story.decide(lapsed, RENSWOUDE, VEENENDAAL)
    story.now = record(story, lapsed).lapses_at
    motion_hash = story.decide(next_one, RENSWOUDE, VEENENDAAL)
    assert story.ledger.membership.pending == {EDE: motion_hash}
    assert status(story, lapsed) is MotionStatus.LAPSED
    story.now = record(story, next_one).lapses_at
    story.decide(last, EDE, RENSWOUDE, consents=True)
    assert [status(story, one) for one in (lapsed, next_one)] == [MotionStatus.LAPSED, MotionStatus.LAPSED]


def test_admission_and_expulsion_leave_what_waits(story: Story) -> None:
    waiting = recovery(EDE, "new")
    motion_hash = story.decide(waiting, RENSWOUDE, VEENENDAAL)
    story.expel(EDE)
    story.decide(admission(EDE))
    assert story.ledger.membership.pending == {EDE: motion_hash}
    assert status(story, waiting) is MotionStatus.VETO_PERIOD


def test_what_waits_for_one_organisation_is_nothing_to_another(story: Story) -> None:
    one, two = recovery(EDE, "new"), recovery(RENSWOUDE, "other")
    hashes = {EDE: story.decide(one, VEENENDAAL), RENSWOUDE: story.decide(two, VEENENDAAL)}
    assert story.ledger.membership.pending == hashes
    story.veto(one, "gm0228:admin")
    assert story.ledger.membership.pending == {RENSWOUDE: hashes[RENSWOUDE]}


def test_votes_count_whichever_comes_first_vote_or_motion(story: Story) -> None:
    motion = admission("gm0279")
    story.vote(motion, RENSWOUDE, digest_of("eerst"))
    membership = story.ledger.membership
    assert membership.motions == {}
    (vote,) = membership.votes_for(story.events[-1].motion_hash)  # type: ignore[union-attr]
    assert (vote.organisation, vote.signatory) == (RENSWOUDE, key_of(RENSWOUDE))
    motion_hash = story.move(motion, VEENENDAAL)
    story.vote(motion, RENSWOUDE, digest_of("daarna"))
    votes = record(story, motion).votes
    assert {one: vote.decision for one, vote in votes.items() if vote.decision != bytes(32)} == {
        key_of(RENSWOUDE): digest_of("daarna")
    }
    assert set(votes) == {key_of(RENSWOUDE), key_of(VEENENDAAL)}
    assert story.ledger.membership.votes_for(motion_hash) == list(votes.values())
    assert story.ledger.membership.votes_for(digest_of("iets anders")) == []


def test_first_mover_is_remembered_and_a_motion_may_have_none(story: Story) -> None:
    moved, decided = admission("gm0279"), expulsion(EDE)
    story.move(moved, VEENENDAAL)
    story.move(moved, RENSWOUDE)
    story.decide(decided, RENSWOUDE, VEENENDAAL)
    first = record(story, moved).moved
    assert first is not None
    assert first.signatory == key_of(VEENENDAAL)
    assert record(story, decided).moved is None


def test_events_of_agreements_leave_the_membership_as_it_is(story: Story) -> None:
    before = story.ledger.membership
    act = concluding(RENSWOUDE, VEENENDAAL)
    story.propose(act, VEENENDAAL)
    story.record(act, RENSWOUDE, VEENENDAAL)
    assert story.ledger.membership == before


def test_every_status_and_action_has_a_word_of_its_own() -> None:
    assert len({one.dutch for one in MotionStatus}) == len(MotionStatus) == 8
    assert len({one.dutch for one in Action}) == len(Action) == 4
    assert {one for one in Action if one.can_be_vetoed} == {Action.SUCCEED, Action.RECOVER}
