"""One reports on what holds at that moment, and the history that comes along proves it."""

from __future__ import annotations

import clock
import pytest
from acts import ZERO, digest_of
from clock import DAY, START, YEAR
from recorded import plain
from refusals import reverts
from reports import report_on

LATER = START + 100 * DAY


@pytest.fixture
def reported(register, carrier):
    """Have a party's signatory report for the first time, with this history, at this moment; or not just then."""

    def call(act, party, *history, moment=None):
        report = report_on(act, party)
        arguments = report, list(history), party.first.sign_report(report), {"from": carrier}
        if moment is None:
            register.report(*arguments)
        else:
            with clock.at(moment):
                register.report(*arguments)
        return plain(register.latestReport(report.agreement, report.commitment, party.id)) == report.hash

    return call


@pytest.fixture
def period(draft, agree, renswoude, veenendaal):
    """An agreement of a hundred days, to the second, that begins tomorrow."""
    act = draft(renswoude, veenendaal, valid_from=START + DAY, valid_until=LATER)
    agree(act, renswoude, veenendaal)
    return act


@pytest.mark.parametrize("moment", [START + DAY - 1, LATER], ids=["a second too early", "in its first second past"])
def test_nobody_reports_outside_the_period(reported, period, veenendaal, moment):
    with reverts("NotParty", veenendaal.id):
        reported(period, veenendaal, period, moment=moment)


@pytest.mark.parametrize("moment", [START + DAY, LATER - 1], ids=["first second", "last second"])
def test_a_party_reports_within_the_period(reported, period, veenendaal, moment):
    assert reported(period, veenendaal, period, moment=moment)


def test_nobody_reports_after_the_end(reported, agree, concluded, renswoude, veenendaal):
    end = concluded.then(parties=(), dossier=ZERO, valid_from=LATER)
    agree(end, renswoude, veenendaal, history=[concluded])

    with reverts("NotParty", veenendaal.id):
        reported(concluded, veenendaal, end, moment=LATER)
    assert reported(concluded, veenendaal, end, concluded, moment=LATER - 1)


def test_who_is_left_alone_by_a_notice_is_party_of_nothing(register, reported, agree, draft, renswoude, veenendaal):
    act = draft(renswoude, veenendaal, notice=DAY)
    agree(act, renswoude, veenendaal)
    leaving = act.then(parties=(renswoude.id,), valid_from=LATER)
    agree(leaving, veenendaal, history=[act])

    assert reported(act, renswoude, leaving, act, moment=LATER - 1)
    assert not register.isInForce(act.hash, [leaving], LATER)
    with reverts("NotParty", renswoude.id):
        reported(act, renswoude, leaving, moment=LATER)


def test_who_left_by_notice_reports_until_then(reported, agree, draft, renswoude, veenendaal, utrecht):
    act = draft(renswoude, veenendaal, utrecht, notice=DAY)
    agree(act, renswoude, veenendaal, utrecht)
    leaving = act.then(parties=(renswoude.id, utrecht.id), valid_from=LATER)
    agree(leaving, veenendaal, history=[act])

    with reverts("NotParty", veenendaal.id):
        reported(act, veenendaal, leaving, moment=LATER)
    assert reported(act, veenendaal, leaving, act, moment=LATER - 1)


def test_who_accedes_reports_from_then_on(reported, agree, concluded, renswoude, veenendaal, utrecht):
    accession = concluded.then(parties=(renswoude.id, veenendaal.id, utrecht.id), valid_from=LATER)
    agree(accession, renswoude, veenendaal, utrecht, history=[concluded])

    with reverts("NotParty", utrecht.id):
        reported(concluded, utrecht, accession, concluded, moment=LATER - 1)
    assert reported(concluded, utrecht, accession, moment=LATER)


def test_a_retroactive_end_stops_reports(reported, agree, concluded, renswoude, veenendaal):
    assert reported(concluded, renswoude, concluded)
    end = concluded.then(parties=(), dossier=ZERO, valid_from=START - YEAR)
    agree(end, renswoude, veenendaal, history=[concluded])

    with reverts("NotParty", veenendaal.id):
        reported(concluded, veenendaal, end, concluded)


def test_a_retroactive_accession_lets_report_at_once(reported, agree, concluded, renswoude, veenendaal, utrecht):
    three = renswoude, veenendaal, utrecht
    accession = concluded.then(parties=tuple(one.id for one in three), valid_from=START - YEAR)
    agree(accession, *three, history=[concluded])

    assert reported(concluded, utrecht, accession)


def test_a_renewal_lets_report_again(reported, agree, period, renswoude, veenendaal):
    clock.set_time(LATER + DAY)
    with reverts("NotParty", veenendaal.id):
        reported(period, veenendaal, period)
    renewal = period.then(valid_from=LATER, valid_until=0)
    agree(renewal, renswoude, veenendaal, history=[period])

    assert reported(period, veenendaal, renewal)


def test_the_history_reaches_back_to_what_holds_now(reported, agree, concluded, renswoude, veenendaal):
    amendment = concluded.then(dossier=digest_of("amended"), valid_from=LATER)
    agree(amendment, renswoude, veenendaal, history=[concluded])

    with reverts("HistoryTooShort", LATER):
        reported(concluded, veenendaal, amendment)
    assert reported(concluded, veenendaal, amendment, concluded)


def test_the_history_may_reach_further_back(reported, agree, concluded, renswoude, veenendaal):
    amendment = concluded.then(dossier=digest_of("amended"))
    agree(amendment, renswoude, veenendaal, history=[concluded])

    assert reported(concluded, veenendaal, amendment, concluded)
    assert reported(concluded, renswoude, amendment)


def test_the_history_is_that_of_the_agreement_up_to_now(reported, agree, draft, concluded, renswoude, veenendaal):
    another = draft(renswoude, veenendaal, dossier=digest_of("another"))
    amendment = concluded.then(dossier=digest_of("amended"))
    agree(amendment, renswoude, veenendaal, history=[concluded])

    for history, found in [([], ZERO), ([concluded], concluded.hash), ([another], another.hash)]:
        with reverts("WrongPredecessor", amendment.hash, found):
            reported(concluded, veenendaal, *history)
    with reverts("WrongPredecessor", concluded.hash, another.hash):
        reported(concluded, veenendaal, amendment, another)


def test_nobody_reports_on_what_was_not_concluded(reported, draft, renswoude, veenendaal):
    act = draft(renswoude, veenendaal)
    with reverts("WrongPredecessor", ZERO, act.hash):
        reported(act, veenendaal, act)

    veenendaal.first.decline(act)
    with reverts("WrongPredecessor", (1).to_bytes(32, "big"), act.hash):
        reported(act, veenendaal, act)
