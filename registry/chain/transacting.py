"""What a carrier asks of its node: simulating calls, sending signed transactions, and what became of them; in batches.

Every method raises ChainError if the node does not answer, or nonsense. What the node or the contract says of one call
among many is part of the answer.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import Any, NamedTuple

from web3.exceptions import Web3RPCError

from registry.chain.failures import revert_data, rpc_error, translated
from registry.chain.laying import calldata
from registry.chain.raw import Log, Raw, Refusal, TooLargeError
from registry.chain.register import Register
from registry.chain.words import topic_of, values_of
from registry.errors import ChainError, RefusedError, RegistryError

DEFAULT_PRIORITY_FEE = 1_000_000_000
"""Wei, where a node cannot say what is usual."""


class Tip(NamedTuple):
    """The latest block, and how many transactions of the sender are mined up to it; fees in wei, time unix seconds."""

    block: int
    hash: bytes
    time: int
    base_fee: int
    gas_limit: int
    priority_fee: int
    nonce: int


class Call(NamedTuple):
    """A call of the register with the gas that it may use."""

    data: bytes
    gas: int


class Mined(NamedTuple):
    """Where a transaction was mined, and whether it did what it was to do."""

    transaction: bytes
    block: int
    block_hash: bytes
    success: bool


class Taken(Enum):
    """What a node made of a transaction that was sent to it."""

    POOL = "it has it"
    NONCE_USED = "its nonce is used already"
    TOO_CHEAP = "it offers too little"
    NO_FUNDS = "its sender cannot pay for it"
    NOT = "it was not taken"


class Goal(NamedTuple):
    """The event that shows that something stands on the chain, whoever carried it there.

    ``topics`` are those after the first, None for any; ``decision`` is what its data must cite, None for any.
    """

    event: str
    topics: tuple[bytes | None, ...]
    decision: bytes | None = None


class Node:
    """The node of a register, asked by one thread."""

    def __init__(self, register: Register, pause: Callable[[float], None] = time.sleep) -> None:
        self.register = register
        self._raw = Raw(register.chain, register.address, pause)

    def tip(self, sender: str) -> Tip:
        """The latest block and what the sender needs to know of it."""
        calls: list[tuple[str, list[Any]]] = [
            ("eth_getTransactionCount", [sender, "latest"]),
            ("eth_getBlockByNumber", ["latest", False]),
            ("eth_maxPriorityFeePerGas", []),
        ]
        what = "reading the latest block"
        nonce, block, priority = self._raw.each(what, calls)
        with translated(what):
            for one in (nonce, block):
                if isinstance(one, Refusal):
                    raise ChainError(f"{what}: the node refused ({one.message})")
            return Tip(
                int(block["number"], 16),
                bytes.fromhex(block["hash"][2:]),
                int(block["timestamp"], 16),
                int(block.get("baseFeePerGas") or "0x0", 16),
                int(block["gasLimit"], 16),
                DEFAULT_PRIORITY_FEE if isinstance(priority, Refusal) else int(priority, 16),
                int(nonce, 16),
            )

    def simulate(self, sender: str, calls: Sequence[Call]) -> list[RegistryError | None]:
        """What would come of each call at the latest block: None if it would succeed with the gas it was given."""
        asked = [self._call("eth_call", sender, one) for one in calls]
        answers = self._raw.each("simulating", asked)
        return [_error_of(one, "simulating") if isinstance(one, Refusal) else None for one in answers]

    def ample(self, sender: str, data: bytes, most: int) -> int:
        """The gas that a call needs, and a quarter more, but at most so much; RefusedError if it would fail."""
        (answer,) = self._raw.each("estimating", [self._call("eth_estimateGas", sender, Call(data, most))])
        if isinstance(answer, Refusal):
            raise _error_of(answer, "estimating")
        with translated("estimating"):
            return min(most, int(answer, 16) * 5 // 4)

    def send(self, raws: Sequence[bytes]) -> list[tuple[Taken, str]]:
        """Sends signed transactions; what the node made of each, and what it said if it did not take it."""
        calls: list[tuple[str, list[Any]]] = [("eth_sendRawTransaction", ["0x" + one.hex()]) for one in raws]
        return [_taken(one) for one in self._raw.each("sending", calls)]

    def receipts(self, hashes: Sequence[bytes]) -> list[Mined | None]:
        """Where each of these transactions was mined; None of one that is not."""
        calls: list[tuple[str, list[Any]]] = [("eth_getTransactionReceipt", ["0x" + one.hex()]) for one in hashes]
        what = "reading receipts"
        answers = self._raw.each(what, calls)
        with translated(what):
            return [_mined(one, answer) for one, answer in zip(hashes, answers, strict=True)]

    def hashes(self, numbers: Iterable[int]) -> dict[int, bytes | None]:
        """The hashes of these blocks; None of one that the chain does not reach."""
        wanted = sorted(set(numbers))
        what = "reading blocks"
        answers = self._raw.each(what, [("eth_getBlockByNumber", [hex(one), False]) for one in wanted])
        with translated(what):
            return {
                number: None if block is None or isinstance(block, Refusal) else bytes.fromhex(block["hash"][2:])
                for number, block in zip(wanted, answers, strict=True)
            }

    def organisations_of(self, signatories: Sequence[str]) -> dict[str, bytes | None]:
        """The organisation of each key as its 16 bytes; None of one that never had a mandate."""
        what = "reading mandates"
        calls = [self._call("eth_call", None, Call(calldata("mandateOf", [one]), 0)) for one in signatories]
        answers = self._raw.each(what, calls)
        with translated(what):
            found: dict[str, bytes | None] = {}
            for signatory, answer in zip(signatories, answers, strict=True):
                if isinstance(answer, Refusal):
                    raise ChainError(f"{what}: the node refused ({answer.message})")
                word = bytes.fromhex(answer[2:34])
                found[signatory] = word if any(word) else None
            return found

    def logs(self, event: str, topics: Sequence[bytes | None], to_block: int) -> list[Log]:
        """The register's logs of an event with these topics after the first, up to a block."""
        return self._logs(self.register.from_block, to_block, [topic_of(event), *topics])

    def find(self, goal: Goal, to_block: int) -> Mined | None:
        """The transaction that reached a goal; None if none did up to this block."""
        for log in reversed(self.logs(goal.event, goal.topics, to_block)):
            if goal.decision is None or values_of(log.topics, log.data)["decision"] == goal.decision:
                return Mined(log.transaction, log.block, log.block_hash, True)
        return None

    def _logs(self, first: int, last: int, topics: Sequence[bytes | None]) -> list[Log]:
        try:
            return self._raw.logs(first, last, topics)
        except TooLargeError:
            middle = (first + last) // 2
            return self._logs(first, middle, topics) + self._logs(middle + 1, last, topics)

    def _call(self, method: str, sender: str | None, call: Call) -> tuple[str, list[Any]]:
        told = {"to": self.register.address, "data": "0x" + call.data.hex()}
        if sender is not None:
            told |= {"from": sender, "gas": hex(call.gas)}
        return method, [told, "latest"]


def _error_of(refusal: Refusal, what: str) -> RegistryError:
    error = Web3RPCError(refusal.message, rpc_response={"error": refusal.error})  # type: ignore[arg-type]
    if revert_data(error):
        return rpc_error(error, what)
    lowered = refusal.message.lower()
    if "revert" in lowered or "out of gas" in lowered or "outofgas" in lowered:
        return RefusedError(f"{what}: the contract refused without saying why ({refusal.message})")
    return ChainError(f"{what}: the node refused ({refusal.message})")


# What nodes say, in small letters: Geth, Besu, Erigon, Nethermind, Anvil, Ganache.
_SAID = (
    (Taken.POOL, r"already known|\bknown transaction|already imported|alreadyknown|already exists"),
    (Taken.NONCE_USED, "nonce too low|nonce_too_low|oldnonce|correct nonce|nonce is too low"),
    (Taken.TOO_CHEAP, "underpriced|feetoolow|fee too low|below configured minimum|base fee"),
    (Taken.NO_FUNDS, "insufficient funds|upfront cost|insufficientfunds"),
)


def _taken(answer: Any) -> tuple[Taken, str]:
    if not isinstance(answer, Refusal):
        return Taken.POOL, ""
    lowered = answer.message.lower()
    for taken, sayings in _SAID:
        if re.search(sayings, lowered):
            return taken, answer.message
    return Taken.NOT, answer.message


def _mined(transaction: bytes, answer: Any) -> Mined | None:
    if answer is None:
        return None
    if isinstance(answer, Refusal):
        raise ChainError(f"reading receipts: the node refused ({answer.message})")
    if answer.get("blockNumber") is None:
        return None
    block, block_hash = int(answer["blockNumber"], 16), bytes.fromhex(answer["blockHash"][2:])
    return Mined(transaction, block, block_hash, int(answer["status"], 16) == 1)
