"""Dismissing: only the administrator, only its own signatories; a mandate that ended stays ended when it did."""

from __future__ import annotations

import clock
import pytest
from acts import digest_of
from clock import DAY, START
from recorded import events, plain
from refusals import reverts

DECISION = digest_of("mandaatbesluit")


def period(register, signatory):
    """The mandate of one whom the organisation dismissed."""
    organisation, valid_from, valid_until, _together, place, expelled = plain(register.mandateOf(signatory.address))
    assert (organisation.rstrip(b"\0"), place, expelled) == (b"gm0345", 0, False)
    return valid_from, valid_until


def dismissed(veenendaal, signatory, decision):
    values = {"organisation": veenendaal.id, "signatory": signatory.address, "decision": decision}
    return [("SignatoryDismissed", values)]


def test_dismiss_ends_the_mandate_at_once(register, veenendaal):
    with clock.at(START + DAY):
        tx = veenendaal.dismiss(veenendaal.first, DECISION)

    assert period(register, veenendaal.first) == (0, START + DAY)
    assert events(tx) == dismissed(veenendaal, veenendaal.first, DECISION)


def test_dismiss_ends_a_mandate_that_has_not_begun(register, veenendaal):
    veenendaal.appoint(veenendaal.second, START + 10 * DAY)
    with clock.at(START + DAY):
        veenendaal.dismiss(veenendaal.second)

    assert period(register, veenendaal.second) == (START + 10 * DAY, START + DAY)


@pytest.mark.parametrize("after", [0, 1, DAY], ids=["in the second it ended", "a second later", "a day later"])
def test_dismiss_leaves_the_end_of_a_mandate_that_ended_by_itself(register, veenendaal, after):
    veenendaal.appoint(veenendaal.first, 0, START + DAY)

    with clock.at(START + DAY + after):
        tx = veenendaal.dismiss(veenendaal.first, DECISION)

    assert period(register, veenendaal.first) == (0, START + DAY)
    assert events(tx) == dismissed(veenendaal, veenendaal.first, DECISION)


def test_dismiss_is_possible_in_the_last_second_of_a_mandate(register, veenendaal):
    veenendaal.appoint(veenendaal.first, 0, START + DAY)
    with clock.at(START + DAY - 1):
        veenendaal.dismiss(veenendaal.first)

    assert period(register, veenendaal.first) == (0, START + DAY - 1)


def test_dismiss_is_for_the_administrator_alone(veenendaal, renswoude, stranger):
    for sender in (stranger.account, renswoude.administrator, veenendaal.first.account):
        with reverts("NotAdministrator", veenendaal.id, sender.address):
            veenendaal.dismiss(veenendaal.first, sender=sender)


def test_dismiss_rejects_one_who_was_never_appointed(veenendaal, stranger):
    with reverts("NotSignatory", veenendaal.id, stranger.address):
        veenendaal.dismiss(stranger)


def test_dismiss_rejects_a_signatory_of_another_organisation(veenendaal, renswoude):
    with reverts("NotSignatory", veenendaal.id, renswoude.first.address):
        veenendaal.dismiss(renswoude.first)


@pytest.mark.parametrize("colleagues", [0, 1], ids=["the last one", "one of two"])
def test_dismiss_happens_once(veenendaal, colleagues):
    if colleagues:
        veenendaal.appoint(veenendaal.second)
    veenendaal.dismiss(veenendaal.first)

    with reverts("NotSignatory", veenendaal.id, veenendaal.first.address):
        veenendaal.dismiss(veenendaal.first)


def test_an_appointment_anew_can_be_dismissed_anew(register, veenendaal):
    veenendaal.dismiss(veenendaal.first)
    veenendaal.appoint(veenendaal.first)

    with clock.at(START + DAY):
        veenendaal.dismiss(veenendaal.first)

    assert period(register, veenendaal.first) == (0, START + DAY)
