"""Anvil in the likeness of Ganache, for tests that were written for the one and run much quicker on the other.

Ganache answers a transaction that reverts with an error, Anvil with its hash; the errors of calls differ in shape; and
the switch that chooses a mutant has another name. Nothing else that brownie or the tests ask for differs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

Ask = Callable[[str, Any], Any]

VERSION = "Ganache/v7.9.2 (Anvil in its likeness)"
RENAMED = {"miner_setEtherbase": "anvil_setCoinbase"}
# Asked before every transaction, and always the same.
CONSTANT = {"eth_chainId"}
_RECEIPT_SECONDS = 30.0


def alike(ask: Ask) -> Ask:
    """The same questions, answered as Ganache would."""

    constant: dict[str, Any] = {}

    def answer(method: str, params: Any) -> Any:
        if method in CONSTANT and method in constant:
            return constant[method]
        found = ask(RENAMED.get(method, method), params)
        if method in CONSTANT and "result" in found:
            constant[method] = found
        if method == "web3_clientVersion":
            return {**found, "result": VERSION}
        if method == "evm_setTime":
            # Ganache counts on from there in milliseconds; Anvil's seconds could end before the next block is mined.
            ask("evm_setNextBlockTimestamp", [params[0] // 1000])
        if method == "eth_call" and "error" in found:
            return _reverted(found)
        if method in {"eth_sendTransaction", "eth_sendRawTransaction"} and "result" in found:
            return _sent(ask, found)
        return found

    return answer


def _reverted(found: dict[str, Any]) -> dict[str, Any]:
    error = found["error"]
    if error.get("code") != 3 and "revert" not in error.get("message", ""):
        return {**found, "error": error | {"message": f"VM Exception while processing transaction: {error['message']}"}}
    message = "VM Exception while processing transaction: revert"
    return {**found, "error": {"code": -32000, "message": message, "data": error.get("data") or "0x"}}


def _sent(ask: Ask, found: dict[str, Any]) -> dict[str, Any]:
    """A transaction that was mined and reverted, with the reason it would have if it were called."""
    deadline = time.monotonic() + _RECEIPT_SECONDS
    while (receipt := ask("eth_getTransactionReceipt", [found["result"]])["result"]) is None:
        if time.monotonic() > deadline:
            return found
        time.sleep(0.01)
    if receipt["status"] != "0x0":
        return found
    sent = ask("eth_getTransactionByHash", [found["result"]])["result"]
    again = {name: sent[name] for name in ("from", "to", "gas", "value", "input") if sent.get(name)}
    reason = ask("eth_call", [again, receipt["blockNumber"]]).get("error", {}).get("data") or "0x"
    data = {"hash": found["result"], "programCounter": None, "result": reason, "reason": None, "message": "revert"}
    message = "VM Exception while processing transaction: revert"
    return {"jsonrpc": "2.0", "id": found["id"], "error": {"code": -32000, "message": message, "data": data}}
