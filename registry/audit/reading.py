"""The chain as the node tells it, in stretches of blocks: logs, the blocks they stand in, and the transactions.

What does not fit together is a deviation; what is no answer is a ChainError.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.crypto import keccak

from registry.audit.abi import Unreadable, event_values
from registry.audit.findings import Event, Findings, brief
from registry.audit.node import Call, Node, Refusal, data, fields, quantity
from registry.audit.report import Check
from registry.errors import ChainError

_FIRST_RANGE = 2_000
_LARGEST_RANGE = 100_000
_MANY_LOGS = 2_000
_LOGS_AT_ONCE = 250


@dataclass(frozen=True, slots=True)
class Header:
    """A block by its number."""

    number: int
    hash: bytes
    parent: bytes
    time: int
    transactions: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Transaction:
    """What was sent, by whom and to what; ``to`` is None where a contract was made."""

    hash: bytes
    block: int
    sender: str
    to: str | None
    input: bytes
    nonce: int

    @property
    def creates(self) -> str | None:
        """The address of the contract that it made, which follows from sender and nonce."""
        if self.to is not None:
            return None
        nonce = self.nonce.to_bytes((self.nonce.bit_length() + 7) // 8)
        # RLP of the two: twenty bytes, and a number that is its own encoding up to 127 and not 0.
        number = nonce if 0 < self.nonce < 128 else bytes([128 + len(nonce)]) + nonce
        inner = bytes([128 + 20]) + bytes.fromhex(self.sender[2:]) + number
        return "0x" + keccak(bytes([192 + len(inner)]) + inner)[12:].hex()


@dataclass(frozen=True, slots=True)
class Stretch:
    """The events of some blocks, whole blocks at a time; ``last`` is the last of the blocks that were asked for."""

    last: int
    events: tuple[Event, ...]
    headers: dict[int, Header]


class Reader:
    """Reads the register's events from a node, once, in order."""

    def __init__(self, node: Node, register: str, findings: Findings) -> None:
        self._node = node
        self._register = register.lower()
        self._findings = findings
        self._last: tuple[int, int] = (-1, -1)
        self._before: Header | None = None

    def header(self, block: int | str) -> Header:
        """A block; ChainError if the node does not have it."""
        answer = self._node.ask("eth_getBlockByNumber", hex(block) if isinstance(block, int) else block, False)
        return _header(answer)

    def stretches(self, first: int, last: int) -> Iterator[Stretch]:
        """All events of these blocks, both included."""
        size = _FIRST_RANGE
        start = first
        while start <= last:
            end = min(start + size - 1, last)
            query = {"address": self._register, "fromBlock": hex(start), "toBlock": hex(end)}
            try:
                logs = self._node.ask("eth_getLogs", query)
            except Refusal as refusal:
                if size == 1:
                    raise ChainError(
                        f"the node does not give the events of block {start}: {refusal}", hint="ask another node"
                    ) from refusal
                size = max(1, size // 4)
                continue
            if not isinstance(logs, list):
                raise ChainError("the node gives no list of events", hint="ask another node")
            yield from self._stretches(logs, start, end)
            start = end + 1
            size = min(size * 2, _LARGEST_RANGE) if len(logs) < _MANY_LOGS else max(1, size // 2)

    def transactions(self, hashes: Sequence[bytes]) -> dict[bytes, Transaction]:
        """These transactions, without those that the node does not have."""
        calls: list[Call] = [("eth_getTransactionByHash", ["0x" + one.hex()]) for one in hashes]
        found = {}
        for wanted, answer in zip(hashes, self._node.ask_all(calls), strict=True):
            if isinstance(answer, dict):
                one = _transaction(answer)
                if one.hash == wanted:
                    found[wanted] = one
        return found

    def _stretches(self, logs: list[Any], start: int, end: int) -> Iterator[Stretch]:
        """The same in parts of whole blocks, so that nobody waits long for a sign of life."""
        part: list[tuple[tuple[int, int], Any]] = []
        for place, log in ((_place(log), log) for log in logs):
            if len(part) >= _LOGS_AT_ONCE and place[0] > part[-1][0][0] and start <= place[0] <= end:
                yield self._stretch(part, start, place[0] - 1)
                start, part = place[0], []
            part.append((place, log))
        yield self._stretch(part, start, end)

    def _stretch(self, placed: list[tuple[tuple[int, int], Any]], start: int, end: int) -> Stretch:
        numbers = sorted({place[0] for place, _ in placed if start <= place[0] <= end})
        calls: list[Call] = [("eth_getBlockByNumber", [hex(number), False]) for number in numbers]
        headers = {}
        for number, answer in zip(numbers, self._node.ask_all(calls), strict=True):
            header = _header(answer)
            headers[number] = header
            self._check_header(number, header)
        events = [event for place, log in placed if (event := self._event(place, log, headers)) is not None]
        return Stretch(end, tuple(events), headers)

    def _check_header(self, number: int, header: Header) -> None:
        before, expect = self._before, self._findings.expect
        where: dict[str, Any] = {"block": number}
        expect(
            Check.BLOCKS,
            header.number == number and (before is None or header.time >= before.time),
            "block-order",
            f"het knooppunt geeft voor blok {number} een ander blok, of een dat eerder in de tijd ligt dan het vorige",
            **where,
        )
        if before is not None and before.number + 1 == number:
            expect(
                Check.BLOCKS,
                header.parent == before.hash,
                "block-parent",
                f"blok {number} noemt een andere voorganger dan blok {before.number}, dat het knooppunt zelf gaf",
                **where,
            )
        self._before = header

    def _event(self, place: tuple[int, int], log: dict[str, Any], headers: dict[int, Header]) -> Event | None:
        number, index = place
        expect, deviate = self._findings.expect, self._findings.deviate
        transaction = data(log.get("transactionHash"), 32)
        where: dict[str, Any] = {"block": number, "log_index": index, "transaction": transaction}
        header = headers.get(number)
        own = str(log.get("address")).lower() == self._register
        if header is None or not own:
            deviate(
                Check.EVENTS,
                "foreign-log",
                "het knooppunt geeft een gebeurtenis van een ander contract of uit een blok waar niet naar gevraagd is",
                **where,
            )
            return None
        again = place <= self._last
        expect(
            Check.EVENTS,
            not again and not log.get("removed"),
            "log-order",
            "de gebeurtenis staat niet na de vorige, komt twee keer voor, of is door het knooppunt ingetrokken",
            **where,
        )
        if again:
            return None
        self._last = place
        block_hash = data(log.get("blockHash"), 32)
        expect(
            Check.BLOCKS,
            block_hash == header.hash,
            "block-hash",
            lambda: f"de gebeurtenis noemt blok {brief(block_hash)}, maar blok {number} is {brief(header.hash)}",
            **where,
        )
        position = quantity(log.get("transactionIndex"))
        expect(
            Check.BLOCKS,
            position < len(header.transactions) and header.transactions[position] == transaction,
            "transaction-place",
            "de transactie van de gebeurtenis staat niet in het blok, of op een andere plaats",
            **where,
        )
        topics = log.get("topics")
        try:
            if not isinstance(topics, list):
                raise Unreadable("no topics")
            name, values = event_values([data(one, 32) for one in topics], data(log.get("data")))
        except Unreadable:
            deviate(Check.EVENTS, "unreadable-log", "de gebeurtenis is onleesbaar of onbekend in dit register", **where)
            return None
        return Event(name, number, index, transaction, position, header.hash, header.time, values)


def _place(log: object) -> tuple[int, int]:
    one = fields(log)
    return quantity(one.get("blockNumber")), quantity(one.get("logIndex"))


def _header(answer: object) -> Header:
    if isinstance(answer, Refusal):
        raise ChainError(f"the node does not give a block: {answer}", hint="ask another node")
    block = fields(answer)
    hashes = block.get("transactions")
    if not isinstance(hashes, list):
        raise ChainError("the node gives a block without its transactions", hint="ask another node")
    return Header(
        quantity(block.get("number")),
        data(block.get("hash"), 32),
        data(block.get("parentHash"), 32),
        quantity(block.get("timestamp")),
        tuple(data(one, 32) for one in hashes),
    )


def _transaction(answer: dict[str, Any]) -> Transaction:
    to = answer.get("to")
    return Transaction(
        data(answer.get("hash"), 32),
        quantity(answer.get("blockNumber")),
        "0x" + data(answer.get("from"), 20).hex(),
        None if to is None else "0x" + data(to, 20).hex(),
        data(answer.get("input")),
        quantity(answer.get("nonce")),
    )
