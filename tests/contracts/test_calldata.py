"""Calldata that no library writes: offsets that point outside it."""

from __future__ import annotations

import brownie
import pytest
from acts import ZERO
from web3.exceptions import Web3RPCError

PARTIES_OF_ACT = 3 * 32
"""Where the offset of the parties stands in an act."""
WRAPS = 1 << 255


@pytest.fixture
def ending(concluded, renswoude, veenendaal):
    """The end of an agreement, which has no parties, with the approvals that it needs."""
    act = concluded.then(parties=(), dossier=ZERO)
    return act, [concluded], [one.first.sign(act) for one in (renswoude, veenendaal)], []


def call(register, carrier, data):
    """What the register answers to these bytes."""
    return brownie.web3.eth.call({"from": carrier.address, "to": register.address, "data": data, "gas": 1_000_000})


def test_an_offset_that_wraps_around_is_no_empty_array(register, carrier, ending):
    data = bytes.fromhex(register.record.encode_input(*ending).removeprefix("0x"))
    act = 4 + int.from_bytes(data[4:36])
    place = act + PARTIES_OF_ACT
    assert int.from_bytes(data[place : place + 32]) == 8 * 32
    assert bytes(call(register, carrier, data)) == ending[0].hash != ZERO

    wrapped = data[:place] + WRAPS.to_bytes(32) + data[place + 32 :]

    with pytest.raises((ValueError, Web3RPCError), match="revert"):
        call(register, carrier, wrapped)
