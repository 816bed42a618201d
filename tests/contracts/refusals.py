"""Which rule fired, with which values: never just that something did."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import brownie
import pytest
from brownie.exceptions import VirtualMachineError, decode_typed_error
from eth_abi import encode
from eth_utils import keccak
from web3.exceptions import Web3RPCError


@contextmanager
def reverts(name: str, *values: Any) -> Iterator[None]:
    """What is inside must revert with this custom error and exactly these values."""
    with pytest.raises(VirtualMachineError) as caught:
        yield
    found, expected = reason(caught.value), rendered(name, *values)
    assert found == expected, f"reverted with {found}, not with {expected}"


def reason(error: VirtualMachineError) -> str | None:
    """The custom error behind a failed call, or behind a transaction that was mined and reverted.

    Ganache does not say why a transaction reverted. It changed nothing, so calling it again on top of its own block,
    at the same time, reverts for the same reason; much quicker than brownie's way, a full trace.
    """
    if error.txid in ("", "0x"):
        return error.revert_msg
    sent = brownie.web3.eth.get_transaction(error.txid)
    again = {"from": sent["from"], "data": sent["input"], "gas": sent["gas"]}
    if sent.get("to"):
        again["to"] = sent["to"]
    with pytest.raises((ValueError, Web3RPCError)) as caught:
        brownie.web3.eth.call(again, sent["blockNumber"])
    return VirtualMachineError(caught.value).revert_msg


def rendered(name: str, *values: Any) -> str:
    """The error with these values in brownie's words."""
    types = error_types()[name]
    assert len(types) == len(values), f"{name}({', '.join(types)})"
    selector = keccak(text=f"{name}({','.join(types)})")[:4]
    return decode_typed_error("0x" + (selector + encode(types, values)).hex())


def error_types() -> dict[str, list[str]]:
    return {
        item["name"]: [member["type"] for member in item["inputs"]]
        for contract in (brownie.Register, brownie.Wallet)
        for item in contract.abi
        if item["type"] == "error"
    }
