"""Appointing and dismissing: only the administrator, only its own."""

from __future__ import annotations

import clock
import pytest
from acts import ZERO, digest_of, organisation_id
from clock import DAY, START
from recorded import events, plain
from refusals import reverts

NOBODY = "0x" + "00" * 20
DECISION = digest_of("mandaatbesluit")


def mandate(register, signatory):
    organisation, valid_from, valid_until, together = plain(register.mandateOf(signatory.address))
    return organisation.rstrip(b"\0").decode(), valid_from, valid_until, together


def test_appoint_gives_a_mandate(register, veenendaal):
    tx = veenendaal.appoint(veenendaal.second, START, START + DAY, 2, DECISION)

    assert mandate(register, veenendaal.second) == ("gm0345", START, START + DAY, 2)
    assert events(tx) == [
        (
            "SignatoryAppointed",
            {
                "organisation": veenendaal.id,
                "signatory": veenendaal.second.address,
                "validFrom": START,
                "validUntil": START + DAY,
                "together": 2,
                "decision": DECISION,
            },
        )
    ]


def test_appoint_takes_the_largest_mandate_that_fits(register, veenendaal):
    veenendaal.appoint(veenendaal.second, 2**40 - 2, 2**40 - 1, 2**16 - 1)

    assert mandate(register, veenendaal.second) == ("gm0345", 2**40 - 2, 2**40 - 1, 2**16 - 1)


def test_appoint_replaces_an_earlier_mandate(register, veenendaal):
    veenendaal.appoint(veenendaal.first, START, START + DAY, 2)
    veenendaal.appoint(veenendaal.first, 0, 0, 1)

    assert mandate(register, veenendaal.first) == ("gm0345", 0, 0, 1)


def test_appoint_gives_back_the_mandate_of_one_who_was_dismissed(register, veenendaal):
    veenendaal.dismiss(veenendaal.first)
    veenendaal.appoint(veenendaal.first)

    assert mandate(register, veenendaal.first) == ("gm0345", 0, 0, 1)


def test_appoint_is_for_the_administrator_alone(veenendaal, renswoude, stranger):
    for sender in (stranger.account, renswoude.administrator, veenendaal.first.account):
        with reverts("NotAdministrator", veenendaal.id, sender.address):
            veenendaal.appoint(veenendaal.second, sender=sender)


def test_appoint_rejects_an_organisation_that_does_not_take_part(register, veenendaal, stranger):
    unknown = organisation_id("gm9999")
    with reverts("NotAdministrator", unknown, veenendaal.administrator.address):
        register.appoint(unknown, stranger.address, 0, 0, 1, ZERO, {"from": veenendaal.administrator})


def test_appoint_rejects_a_mandate_that_needs_nobody(veenendaal):
    with reverts("InvalidMandate", veenendaal.second.address):
        veenendaal.appoint(veenendaal.second, together=0)


def test_appoint_rejects_the_key_zero(veenendaal):
    with reverts("InvalidMandate", NOBODY):
        veenendaal.appoint(NOBODY)


@pytest.mark.parametrize("length", [0, -1])
def test_appoint_rejects_a_mandate_that_ends_before_it_begins(veenendaal, length):
    with reverts("InvalidMandate", veenendaal.second.address):
        veenendaal.appoint(veenendaal.second, START + 10 * DAY, START + 10 * DAY + length)


def test_appoint_rejects_a_mandate_that_has_ended(veenendaal):
    with clock.at(START + DAY), reverts("InvalidMandate", veenendaal.second.address):
        veenendaal.appoint(veenendaal.second, 0, START + DAY)


def test_appoint_takes_a_mandate_in_its_last_second(register, veenendaal):
    with clock.at(START + DAY):
        veenendaal.appoint(veenendaal.second, 0, START + DAY + 1)

    assert mandate(register, veenendaal.second) == ("gm0345", 0, START + DAY + 1, 1)


def test_appoint_rejects_a_key_of_another_organisation(veenendaal, renswoude):
    with reverts("MandatedElsewhere", renswoude.first.address, renswoude.id):
        veenendaal.appoint(renswoude.first)


def test_appoint_rejects_a_key_that_another_organisation_dismissed(veenendaal, renswoude):
    renswoude.dismiss(renswoude.first)

    with reverts("MandatedElsewhere", renswoude.first.address, renswoude.id):
        veenendaal.appoint(renswoude.first)


def test_dismiss_ends_the_mandate_at_once(register, veenendaal):
    with clock.at(START + DAY):
        tx = veenendaal.dismiss(veenendaal.first, DECISION)

    assert mandate(register, veenendaal.first) == ("gm0345", 0, START + DAY, 1)
    assert events(tx) == [
        (
            "SignatoryDismissed",
            {"organisation": veenendaal.id, "signatory": veenendaal.first.address, "decision": DECISION},
        )
    ]


def test_dismiss_ends_a_mandate_that_has_not_begun(register, veenendaal):
    veenendaal.appoint(veenendaal.second, START + 10 * DAY)
    with clock.at(START + DAY):
        veenendaal.dismiss(veenendaal.second)

    assert mandate(register, veenendaal.second) == ("gm0345", START + 10 * DAY, START + DAY, 1)
    with reverts("NotSignatory", veenendaal.id, veenendaal.second.address):
        veenendaal.dismiss(veenendaal.second)


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


def test_dismiss_happens_once(veenendaal):
    veenendaal.dismiss(veenendaal.first)

    with reverts("NotSignatory", veenendaal.id, veenendaal.first.address):
        veenendaal.dismiss(veenendaal.first)


def test_dismiss_is_too_late_once_the_mandate_has_ended(veenendaal):
    veenendaal.appoint(veenendaal.first, 0, START + DAY)

    with clock.at(START + DAY), reverts("NotSignatory", veenendaal.id, veenendaal.first.address):
        veenendaal.dismiss(veenendaal.first)


def test_dismiss_is_possible_in_the_last_second_of_a_mandate(register, veenendaal):
    veenendaal.appoint(veenendaal.first, 0, START + DAY)
    with clock.at(START + DAY - 1):
        veenendaal.dismiss(veenendaal.first)

    assert mandate(register, veenendaal.first) == ("gm0345", 0, START + DAY - 1, 1)
