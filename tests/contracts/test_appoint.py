"""Appointing: only the administrator, only for its own organisation."""

from __future__ import annotations

import clock
import pytest
from acts import ZERO, digest_of, organisation_id
from clock import DAY, START
from motions import NOBODY
from recorded import events, plain
from refusals import reverts

DECISION = digest_of("mandaatbesluit")


def mandate(register, signatory):
    """Without its place on the list, which is the subject of test_signatories.py."""
    organisation, valid_from, valid_until, together, _place, expelled = plain(register.mandateOf(signatory.address))
    assert not expelled
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
