"""Whether an agreement holds at a moment, as the register knows it now."""

from __future__ import annotations

import pytest
from acts import ZERO, digest_of
from clock import DAY, START
from refusals import reverts

LATER = START + 100 * DAY
AMENDED = digest_of("amended")


@pytest.fixture
def period(draft, agree, renswoude, veenendaal):
    """An agreement of a hundred days."""
    act = draft(renswoude, veenendaal, valid_until=LATER)
    agree(act, renswoude, veenendaal)
    return act


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (0, False),
        (START - 1, False),
        (START, True),
        (LATER - 1, True),
        (LATER, False),
        (2**40 - 1, False),
    ],
)
def test_an_agreement_holds_from_its_start_up_to_its_end(register, period, at, expected):
    assert register.isInForce(period.hash, [period], at) is expected


@pytest.mark.parametrize(("at", "expected"), [(START - 1, False), (START, True), (2**40 - 1, True)])
def test_an_open_ended_agreement_holds_for_good(register, concluded, at, expected):
    assert register.isInForce(concluded.hash, [concluded], at) is expected


def test_an_agreement_holds_until_it_is_ended(register, agree, concluded, renswoude, veenendaal):
    end = concluded.then(parties=(), valid_from=LATER)
    agree(end, renswoude, veenendaal, history=[concluded])

    assert register.isInForce(concluded.hash, [end, concluded], LATER - 1)
    assert not register.isInForce(concluded.hash, [end, concluded], LATER)
    assert not register.isInForce(concluded.hash, [end], LATER)


def test_an_end_with_one_party_left_is_an_end(register, agree, concluded, renswoude, veenendaal):
    end = concluded.then(parties=(renswoude.id,), valid_from=LATER)
    agree(end, renswoude, veenendaal, history=[concluded])

    assert register.isInForce(concluded.hash, [end, concluded], LATER - 1)
    assert not register.isInForce(concluded.hash, [end], LATER)


def test_an_amendment_that_lies_ahead_leaves_what_holds_before_it(register, agree, period, renswoude, veenendaal):
    extension = period.then(valid_from=LATER + DAY, valid_until=LATER + 2 * DAY)
    agree(extension, renswoude, veenendaal, history=[period])
    history = [extension, period]

    assert register.isInForce(period.hash, history, LATER - 1)
    assert not register.isInForce(period.hash, history, LATER)
    assert not register.isInForce(period.hash, history, LATER + DAY - 1)
    assert register.isInForce(period.hash, history, LATER + DAY)
    assert not register.isInForce(period.hash, history, LATER + 2 * DAY)
    assert not register.isInForce(period.hash, history, START - 1)


def test_a_retroactive_amendment_takes_the_place_of_what_held(register, agree, period, renswoude, veenendaal):
    earlier = period.then(valid_from=START - DAY, valid_until=START + DAY)
    agree(earlier, renswoude, veenendaal, history=[period])

    assert not register.isInForce(period.hash, [earlier, period], START - DAY - 1)
    assert register.isInForce(period.hash, [earlier], START - DAY)
    assert not register.isInForce(period.hash, [earlier], START + DAY)


def test_a_retroactive_act_overrules_one_that_lies_ahead(register, agree, concluded, renswoude, veenendaal):
    end = concluded.then(parties=concluded.parties, valid_from=LATER, valid_until=LATER + DAY)
    agree(end, renswoude, veenendaal, history=[concluded])
    instead = end.then(dossier=AMENDED, valid_from=START + DAY, valid_until=0)
    agree(instead, renswoude, veenendaal, history=[end, concluded])

    assert register.isInForce(concluded.hash, [instead, end, concluded], START)
    assert register.isInForce(concluded.hash, [instead], LATER + 2 * DAY)


def test_only_the_head_matters_not_what_was_proposed_or_declined(register, concluded, veenendaal):
    end = concluded.then(parties=())
    veenendaal.first.propose(end)
    assert register.isInForce(concluded.hash, [concluded], START)
    veenendaal.first.decline(end, concluded)

    assert register.isInForce(concluded.hash, [concluded], START)


def test_a_history_that_does_not_reach_the_moment_is_too_short(register, agree, concluded, renswoude, veenendaal):
    amendment = concluded.then(dossier=AMENDED, valid_from=LATER)
    agree(amendment, renswoude, veenendaal, history=[concluded])

    with reverts("HistoryTooShort", LATER):
        register.isInForce(concluded.hash, [amendment], LATER - 1)


def test_the_history_is_that_of_the_agreement(register, draft, concluded, renswoude, veenendaal):
    another = draft(renswoude, veenendaal, dossier=digest_of("another"))

    with reverts("WrongPredecessor", concluded.hash, another.hash):
        register.isInForce(concluded.hash, [another], START)
    with reverts("WrongPredecessor", ZERO, another.hash):
        register.isInForce(another.hash, [another], START)
    with reverts("WrongPredecessor", ZERO, ZERO):
        register.isInForce(another.hash, [], START)
    with reverts("WrongPredecessor", concluded.hash, ZERO):
        register.isInForce(concluded.hash, [], START)


def test_the_history_is_that_up_to_now(register, agree, concluded, renswoude, veenendaal):
    amendment = concluded.then(dossier=AMENDED)
    agree(amendment, renswoude, veenendaal, history=[concluded])

    with reverts("WrongPredecessor", amendment.hash, concluded.hash):
        register.isInForce(concluded.hash, [concluded], START)
