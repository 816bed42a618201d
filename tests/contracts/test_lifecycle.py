"""Whole lives of agreements: renewed after they expired, changed twice in one second, looked back on, left together."""

from __future__ import annotations

import clock
import pytest
from acts import ZERO, digest_of
from clock import DAY, START, YEAR
from recorded import plain
from refusals import reverts

EXPIRES = START + 10 * DAY
AMENDED = digest_of("amended")


def ids(*organisations):
    return tuple(organisation.id for organisation in organisations)


@pytest.fixture
def held(register):
    """Whether an agreement holds at each of these moments, by its whole history."""

    def at(agreement, history, *moments):
        return [register.isInForce(agreement.hash, history, moment) for moment in moments]

    return at


@pytest.fixture
def expired(draft, agree, renswoude, veenendaal):
    """An agreement of ten days that ended by itself ten days ago; a party could have left at a day's notice."""
    act = draft(renswoude, veenendaal, valid_until=EXPIRES, notice=DAY)
    agree(act, renswoude, veenendaal)
    clock.set_time(START + 20 * DAY)
    return act


@pytest.mark.parametrize(
    ("begins", "between"),
    [(START + 20 * DAY, False), (EXPIRES, True), (START + 30 * DAY, False)],
    ids=["from now on", "without a gap", "later"],
)
def test_an_expired_agreement_is_renewed(register, agree, held, expired, renswoude, veenendaal, begins, between):
    renewal = expired.then(valid_from=begins, valid_until=0)

    agree(renewal, renswoude, veenendaal, history=[expired])

    assert plain(register.head(expired.hash)) == renewal.hash
    moments = EXPIRES - 1, EXPIRES, begins - 1, begins, begins + 100 * YEAR
    assert held(expired, [renewal, expired], *moments) == [True, between, begins == EXPIRES, True, True]


def test_a_renewal_needs_everybody_who_was_bound(register, agree, expired, renswoude, veenendaal, utrecht):
    renewal = expired.then(parties=ids(veenendaal, utrecht), valid_from=START + 20 * DAY, valid_until=0)

    assert plain(register.requiredFor(renewal, [expired])) == ids(renswoude, veenendaal, utrecht)
    with reverts("ApprovalsMissing", renswoude.id, 0, 1):
        agree(renewal, veenendaal, utrecht, history=[expired])
    agree(renewal, renswoude, veenendaal, utrecht, history=[expired])

    assert register.isInForce(expired.hash, [renewal], START + 20 * DAY)


def test_a_renewal_is_renewed(agree, held, expired, renswoude, veenendaal):
    renewal = expired.then(valid_from=START + 20 * DAY, valid_until=START + 30 * DAY)
    agree(renewal, renswoude, veenendaal, history=[expired])
    second = renewal.then(valid_from=START + 40 * DAY, valid_until=START + 50 * DAY)
    agree(second, renswoude, veenendaal, history=[renewal])

    moments = [START + days * DAY for days in (5, 15, 25, 35, 45, 55)]
    assert held(expired, [second, renewal, expired], *moments) == [True, False, True, False, True, False]


def test_an_expired_agreement_can_be_ended_for_good(agree, expired, renswoude, veenendaal):
    end = expired.then(parties=(), dossier=ZERO, valid_from=START + 20 * DAY, valid_until=0)
    agree(end, renswoude, veenendaal, history=[expired])

    with reverts("AgreementEnded", expired.hash):
        agree(end.then(parties=expired.parties, dossier=AMENDED), renswoude, veenendaal, history=[end])


def test_an_expired_agreement_is_not_left_by_notice(register, expired, renswoude, veenendaal):
    leaving = expired.then(parties=ids(renswoude), valid_from=START + 30 * DAY)

    with reverts("InvalidPeriod", START + 30 * DAY, EXPIRES):
        register.requiredFor(leaving, [expired])
    assert plain(register.requiredFor(leaving._replace(valid_until=0), [expired])) == ids(renswoude, veenendaal)


def test_of_two_acts_from_the_same_moment_the_later_recorded_holds(agree, held, concluded, renswoude, veenendaal):
    pause = concluded.then(valid_from=START + DAY, valid_until=START + 2 * DAY)
    agree(pause, renswoude, veenendaal, history=[concluded])
    moments = START + DAY - 1, START + DAY, START + 2 * DAY
    assert held(concluded, [pause, concluded], *moments) == [True, True, False]

    instead = pause.then(valid_from=START + DAY, valid_until=0)
    agree(instead, renswoude, veenendaal, history=[pause])
    assert held(concluded, [instead, pause, concluded], *moments) == [True, True, True]

    end = instead.then(parties=(), valid_from=START + DAY)
    agree(end, renswoude, veenendaal, history=[instead])
    assert held(concluded, [end, instead, pause, concluded], *moments) == [True, False, False]


def test_an_agreement_that_ends_as_it_begins_never_held(agree, held, concluded, renswoude, veenendaal):
    end = concluded.then(parties=(), dossier=ZERO)
    agree(end, renswoude, veenendaal, history=[concluded])

    assert held(concluded, [end, concluded], START - 1, START, START + YEAR) == [False, False, False]


def test_acts_recorded_in_the_same_second_follow_one_another(register, agree, held, concluded, renswoude, veenendaal):
    now = START + DAY
    first = concluded.then(dossier=AMENDED, valid_from=now)
    second = first.then(parties=(), valid_from=now)
    with clock.at(now):
        agree(first, renswoude, veenendaal, history=[concluded])
    with clock.at(now):
        agree(second, renswoude, veenendaal, history=[first])

    assert plain(register.head(concluded.hash)) == second.hash
    assert held(concluded, [second, first, concluded], now - 1, now) == [True, False]


def test_what_the_register_knows_changes_with_each_act_backwards_and_forwards(
    agree, held, concluded, renswoude, veenendaal
):
    """As of START it holds for good; then it ends ahead; then that end is moved back before today; and before START."""
    moments = START - 5 * DAY, START, START + 5 * DAY, START + YEAR
    assert held(concluded, [concluded], *moments) == [False, True, True, True]

    ahead = concluded.then(valid_from=START + 8 * DAY, valid_until=START + 9 * DAY)
    agree(ahead, renswoude, veenendaal, history=[concluded])
    assert held(concluded, [ahead, concluded], *moments) == [False, True, True, False]

    sooner = ahead.then(valid_from=START, valid_until=START + DAY)
    agree(sooner, renswoude, veenendaal, history=[ahead, concluded])
    assert held(concluded, [sooner, ahead, concluded], *moments) == [False, True, False, False]

    back = sooner.then(valid_from=START - 5 * DAY, valid_until=0)
    agree(back, renswoude, veenendaal, history=[sooner, ahead, concluded])
    assert held(concluded, [back, sooner, ahead, concluded], *moments) == [True, True, True, True]


@pytest.fixture
def four(draft, agree, ede, renswoude, veenendaal, utrecht):
    """An agreement of four, each of which may leave at a year's notice."""
    act = draft(ede, renswoude, veenendaal, utrecht, notice=YEAR)
    agree(act, ede, renswoude, veenendaal, utrecht)
    return act


def test_two_leave_together_with_everybodys_consent(register, agree, held, four, ede, renswoude, veenendaal, utrecht):
    without = four.then(parties=ids(ede, renswoude), valid_from=START + DAY)

    with reverts("ApprovalsMissing", utrecht.id, 0, 1):
        agree(without, ede, renswoude, veenendaal, history=[four])
    agree(without, ede, renswoude, veenendaal, utrecht, history=[four])

    after = without.then(dossier=AMENDED, valid_from=START + 2 * DAY)
    before = without.then(dossier=AMENDED, valid_from=START)
    assert plain(register.requiredFor(after, [without])) == ids(ede, renswoude)
    assert plain(register.requiredFor(before, [without, four])) == four.parties
    assert held(four, [without, four], START, START + DAY) == [True, True]


def test_who_left_together_may_accede_again(register, agree, four, ede, renswoude, veenendaal, utrecht):
    without = four.then(parties=ids(ede, renswoude))
    agree(without, ede, renswoude, veenendaal, utrecht, history=[four])
    back = without.then(parties=ids(ede, renswoude, utrecht))

    with reverts("ApprovalsMissing", utrecht.id, 0, 1):
        agree(back, ede, renswoude, history=[without])
    agree(back, ede, renswoude, utrecht, history=[without])

    assert plain(register.requiredFor(back.then(), [back])) == ids(ede, renswoude, utrecht)


def test_leaving_together_all_but_one_ends_it(register, agree, held, four, ede, renswoude, veenendaal, utrecht):
    alone = four.then(parties=ids(ede), valid_from=START + DAY)
    agree(alone, ede, renswoude, veenendaal, utrecht, history=[four])

    assert held(four, [alone, four], START + DAY - 1, START + DAY) == [True, False]
    with reverts("AgreementEnded", four.hash):
        register.requiredFor(alone.then(parties=four.parties), [alone])
