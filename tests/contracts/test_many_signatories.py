"""An organisation with as many signatories as it may have: what concerns all of them still fits in a block."""

from __future__ import annotations

import pytest
from motions import admit, expel, succeed
from quick import send
from refusals import reverts
from test_signatories import invented, places, signatories

MOST = 64
BLOCK = 30_000_000


@pytest.fixture(scope="module", autouse=True)
def full(register, veenendaal):
    """Veenendaal's signatories: its first, and 63 others; in office before each test begins."""
    more = invented(MOST - 1)
    for address in more:
        data = register.appoint.encode_input(veenendaal.id, address, 0, 0, 1, bytes(32))
        send(veenendaal.administrator.address, register, data)
    return [veenendaal.first.address, *more]


def mandates(register, addresses):
    """Of every seventh, the first and the last among them."""
    return [register.mandateOf(address) for address in addresses[::7]]


def test_an_organisation_has_64_signatories_at_most(register, veenendaal, full):
    assert signatories(register, veenendaal) == tuple(full)
    with reverts("TooManySignatories", veenendaal.id):
        veenendaal.appoint(veenendaal.second)

    veenendaal.appoint(full[1], together=2)  # who is on the list needs no other place


def test_a_dismissal_makes_room(register, veenendaal, full):
    veenendaal.dismiss(veenendaal.first)
    veenendaal.appoint(veenendaal.second)

    assert signatories(register, veenendaal) == (full[-1], *full[1:-1], veenendaal.second.address)
    assert places(register, full[-1], veenendaal.second.address) == [1, MOST]


def test_another_organisation_has_room_of_its_own(register, renswoude, full):
    renswoude.appoint(renswoude.second)

    assert len(signatories(register, renswoude)) == 2


def test_an_expulsion_reaches_them_all_and_so_does_its_end(register, carry, majority, veenendaal, full):
    assert carry(expel(veenendaal), *majority).gas_used < BLOCK / 20
    assert [mandate[5] for mandate in mandates(register, full)] == [True] * 10
    assert carry(admit(veenendaal), *majority).gas_used < BLOCK / 20
    assert [mandate[5] for mandate in mandates(register, full)] == [False] * 10


def test_a_succession_ends_them_all(register, carry, majority, renswoude, veenendaal, full):
    tx = carry(succeed(veenendaal, renswoude), *majority, veenendaal)

    assert tx.gas_used < BLOCK / 20
    assert signatories(register, veenendaal) == ()
    assert [(mandate[2], mandate[4]) for mandate in mandates(register, full)] == [(tx.timestamp, 0)] * 10
