"""Calldata that no library writes, and the bytes of the log that comes of it."""

from __future__ import annotations

import brownie
import pytest
from acts import ZERO, digest_of
from eth_abi import encode
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


RECORDED = (
    "(bytes32,bytes32,bytes32,bytes32[],uint40,uint40,uint32,uint40)",
    "address[]",
    "bytes32[]",
)
DECISIONS = [digest_of("collegebesluit"), digest_of("raadsbesluit")]


@pytest.mark.parametrize("decisions", [[], DECISIONS], ids=["without decisions", "with decisions"])
@pytest.mark.parametrize("moved", [False, True], ids=["as libraries do", "parties at the end"])
def test_the_log_is_the_abi_encoding_to_the_byte(register, carrier, draft, renswoude, veenendaal, decisions, moved):
    act = draft(renswoude, veenendaal)
    signing = [one.first for one in (renswoude, veenendaal)]
    cited = decisions or [ZERO, ZERO]
    approvals = [one.sign(act, decision) for one, decision in zip(signing, cited, strict=True)]
    data = bytes.fromhex(register.record.encode_input(act, [], approvals, decisions).removeprefix("0x"))
    if moved:
        begin = 4 + int.from_bytes(data[4:36])
        place = begin + PARTIES_OF_ACT
        parties = data[begin + 8 * 32 : begin + 11 * 32]  # their number, and the two
        data = data[:place] + (len(data) - begin).to_bytes(32) + data[place + 32 :] + parties

    tx = carrier.transfer(register.address, 0, data=data)

    (log,) = tx.logs
    addresses = [one.address for one in signing]
    assert bytes(log["data"]) == encode(RECORDED, [tuple(act), addresses, decisions])
    assert [bytes(one) for one in log["topics"][1:]] == [act.hash, act.hash]
