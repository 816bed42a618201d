"""The list of an organisation's signatories: places without gaps."""

from __future__ import annotations

import clock
import pytest
from brownie import web3
from clock import DAY, START
from recorded import plain


def signatories(register, organisation):
    return plain(register.signatoriesOf(organisation.id))


def places(register, *addresses):
    return [register.mandateOf(address)[4] for address in addresses]


def invented(count):
    """Addresses whose keys nobody needs."""
    return [web3.to_checksum_address((0xF00D << 144 | number).to_bytes(20, "big")) for number in range(count)]


@pytest.fixture
def four(register, veenendaal):
    """Veenendaal's signatories: the first, which is appointed when a test begins, and three more."""
    more = invented(3)
    for address in more:
        veenendaal.appoint(address)
    return [veenendaal.first.address, *more]


def test_signatories_are_listed_in_the_order_of_their_appointment(register, veenendaal, four):
    assert signatories(register, veenendaal) == tuple(four)
    assert places(register, *four) == [1, 2, 3, 4]


def test_an_organisation_that_does_not_take_part_has_no_signatories(register, newcomer):
    assert signatories(register, newcomer) == ()


@pytest.mark.parametrize(
    ("gone", "left"),
    [(0, [3, 1, 2]), (1, [0, 3, 2]), (2, [0, 1, 3]), (3, [0, 1, 2])],
    ids=["first", "second", "last but one", "last"],
)
def test_the_last_takes_the_place_of_one_who_is_dismissed(register, veenendaal, four, gone, left):
    register.dismiss(veenendaal.id, four[gone], bytes(32), {"from": veenendaal.administrator})

    remaining = [four[index] for index in left]
    assert signatories(register, veenendaal) == tuple(remaining)
    assert places(register, *remaining, four[gone]) == [1, 2, 3, 0]


def test_all_can_be_dismissed_one_after_the_other(register, veenendaal, four):
    for address in (four[1], four[3], four[0], four[2]):
        register.dismiss(veenendaal.id, address, bytes(32), {"from": veenendaal.administrator})

    assert signatories(register, veenendaal) == ()
    assert places(register, *four) == [0, 0, 0, 0]


def test_an_appointment_anew_keeps_the_place_or_takes_the_last(register, veenendaal, four):
    veenendaal.appoint(four[1], together=2)
    assert signatories(register, veenendaal) == tuple(four)

    register.dismiss(veenendaal.id, four[1], bytes(32), {"from": veenendaal.administrator})
    veenendaal.appoint(four[1])
    assert signatories(register, veenendaal) == (four[0], four[3], four[2], four[1])
    assert places(register, *four) == [1, 4, 3, 2]


def test_a_mandate_that_ended_keeps_its_place_until_it_is_dismissed(register, veenendaal, four):
    veenendaal.appoint(four[1], 0, START + DAY)
    clock.mine(START + 2 * DAY)

    assert signatories(register, veenendaal) == tuple(four)


def test_the_lists_of_two_organisations_are_their_own(register, veenendaal, renswoude, four):
    renswoude.dismiss(renswoude.first)

    assert signatories(register, renswoude) == ()
    assert signatories(register, veenendaal) == tuple(four)
