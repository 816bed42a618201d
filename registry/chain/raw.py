"""Logs and headers of blocks by plain JSON-RPC, many at a time: for whoever reads all of a register's life.

Every answer is held against what was asked. Errors: :class:`TooLargeError` where the node finds a range too large or
does not get through it in time, ChainError for all else, once a few tries were in vain.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar, cast

import orjson
import requests
from web3 import HTTPProvider

from registry.chain.connect import Chain
from registry.chain.events import decoded
from registry.chain.failures import translated
from registry.errors import ChainError
from registry.model import Event, Place

HEADERS_AT_ONCE = 200
CALLS_AT_ONCE = 100
TRIES = 5
FIRST_PAUSE_SECONDS = 0.25
_READ_AT_ONCE = 2**20

_T = TypeVar("_T")


class TooLargeError(ChainError):
    """The node will not give the logs of so many blocks at once."""


class ReorganisedError(ChainError):
    """The chain changed between two answers that belong together."""


class Refusal(NamedTuple):
    """The error that a node gave instead of a result: what it says, and the object itself."""

    message: str
    error: dict[str, Any]


class BlockHeader(NamedTuple):
    """Of a block: number, hash and parent's hash (32 bytes), time (unix seconds)."""

    number: int
    hash: bytes
    parent: bytes
    time: int


class Log(NamedTuple):
    """A log as the node gave it, its place checked, not yet decoded.

    ``time`` is that of its block (unix seconds), None where the node does not tell: ``blockTimestamp`` is part of the
    execution APIs since 2025, and older nodes leave it out.
    """

    block: int
    log_index: int
    transaction: bytes
    block_hash: bytes
    time: int | None
    topics: list[bytes]
    data: bytes

    def event(self, block_hash: bytes, time: int) -> Event | None:
        """The event of the model, as :func:`registry.chain.events.decoded` says, in a block of this hash and time.

        ReorganisedError if the log is of another block of the same number.
        """
        if self.block_hash != block_hash:
            raise ReorganisedError(f"block {self.block} was replaced while it was read", hint="try again")
        place = Place(self.block, self.log_index, self.transaction, self.block_hash, time)
        return decoded(self.topics, self.data, place)


class Raw:
    """Plain questions to the node of a chain about one contract; ``pause`` waits between two tries, in seconds."""

    def __init__(self, chain: Chain, address: str, pause: Callable[[float], None] = time.sleep) -> None:
        provider = cast(HTTPProvider, chain.web3.provider)
        self._url = str(provider.endpoint_uri)
        self._session = requests.Session()
        # Proxies and certificates that the environment names, looked up once instead of for each request.
        settled = self._session.merge_environment_settings(self._url, {}, None, None, None)
        self._session.trust_env = False
        self._how: dict[str, Any] = {**settled, **provider.get_request_kwargs(), "stream": True}
        self._address = address.lower()
        self._pause = pause
        self._at_once = HEADERS_AT_ONCE

    def header(self, block: int | str) -> BlockHeader | None:
        """The header of a block by number, or of ``latest``; None if the chain is not that long."""

        def once() -> BlockHeader | None:
            found = self._ask("eth_getBlockByNumber", [hex(block) if isinstance(block, int) else block, False])
            return None if found is None else _header(found, block if isinstance(block, int) else None)

        return self._tried(f"reading block {block}", once)

    def headers(self, numbers: Iterable[int]) -> dict[int, BlockHeader]:
        """The headers of these blocks; ReorganisedError if the chain lost one of them meanwhile."""
        wanted = sorted(set(numbers))
        found: dict[int, BlockHeader] = {}
        done = 0
        while done < len(wanted):
            part = wanted[done : done + self._at_once]
            try:
                headers = self._some_headers(part)
            except TooLargeError:
                self._at_once = max(1, len(part) // 2)
                continue
            found |= {one.number: one for one in headers}
            done += len(part)
        return found

    def _some_headers(self, part: Sequence[int]) -> list[BlockHeader]:
        def once() -> list[BlockHeader | None]:
            answers = self._ask_many([("eth_getBlockByNumber", [hex(number), False]) for number in part])
            pairs = zip(part, answers, strict=True)
            return [None if answer is None else _header(answer, number) for number, answer in pairs]

        headers = self._tried(f"reading blocks {part[0]} to {part[-1]}", once, splittable=len(part) > 1)
        kept = [one for one in headers if one is not None]
        if len(kept) < len(part):
            raise ReorganisedError(f"the chain lost blocks up to {part[-1]} while they were read")
        return kept

    def logs(self, first: int, last: int, topics: Sequence[bytes | None] = ()) -> list[Log]:
        """The contract's logs in these blocks, both included, in order. TooLargeError if there are too many.

        With topics only those that have them; None stands for any.
        """
        query: dict[str, Any] = {"address": self._address, "fromBlock": hex(first), "toBlock": hex(last)}
        if topics:
            query["topics"] = [None if one is None else "0x" + one.hex() for one in topics]

        def once() -> list[Log]:
            known = _Words()
            return [self._log(one, first, last, known) for one in self._ask("eth_getLogs", [query])]

        found = self._tried(f"reading the events of blocks {first} to {last}", once, splittable=last > first)
        places = [(one.block, one.log_index) for one in found]
        if any(before >= after for before, after in pairwise(places)):
            raise ChainError("the node gives events out of order or twice", hint="ask another node")
        return found

    def _log(self, answer: dict[str, Any], first: int, last: int, known: _Words) -> Log:
        block, address = int(answer["blockNumber"], 16), answer["address"]
        if (address != self._address and address.lower() != self._address) or not first <= block <= last:
            raise ValueError("a log that was not asked for")
        hashes = (known[answer["transactionHash"]], known[answer["blockHash"]])
        if answer.get("removed"):
            raise ReorganisedError(f"block {block} was replaced while it was read", hint="try again")
        topics = [known[one] for one in answer["topics"]]
        time = _time(answer.get("blockTimestamp"))
        return Log(block, int(answer["logIndex"], 16), *hashes, time, topics, _bytes(answer["data"]))

    def _tried(self, what: str, once: Callable[[], _T], *, splittable: bool = False) -> _T:
        """What ``once`` gives, tried again a few times with longer and longer pauses in between."""
        for attempt in range(TRIES):
            try:
                with translated(what):
                    return once()
            except ReorganisedError:
                raise  # what was read before must be read again too
            except ChainError as error:
                cause = error.__cause__
                refused = isinstance(error, _RefusedError)
                if splittable and (refused or isinstance(cause, requests.Timeout)):
                    raise TooLargeError(f"{what}: {error.message}") from error
                if attempt == TRIES - 1:
                    if refused:
                        raise ChainError(f"{what}: {error.message}") from error
                    raise
            self._pause(FIRST_PAUSE_SECONDS * 2**attempt)
        raise AssertionError(what)

    def _ask(self, method: str, params: list[Any]) -> Any:
        return _result(self._post({"jsonrpc": "2.0", "id": 0, "method": method, "params": params}))

    def each(self, what: str, calls: Sequence[tuple[str, list[Any]]]) -> list[Any]:
        """The result of each call, or the :class:`Refusal` that the node gave instead; asked once, many at a time.

        ChainError if the node does not answer, or nonsense.
        """
        found: list[Any] = []
        with translated(what):
            for start in range(0, len(calls), CALLS_AT_ONCE):
                found += self._each(calls[start : start + CALLS_AT_ONCE])
        return found

    def _each(self, calls: Sequence[tuple[str, list[Any]]]) -> list[Any]:
        told = _numbered(calls)
        answer = self._post(told) if len(told) > 1 else [self._post(told[0])]
        if isinstance(answer, dict):  # a node that takes no batches says so in one answer
            answer = [self._post(one) for one in told]
        by_id = {one["id"]: one for one in answer}
        answers = [by_id[number] for number in range(1, len(told) + 1)]
        return [_refusal(one["error"]) if one.get("error") else one["result"] for one in answers]

    def _ask_many(self, calls: list[tuple[str, list[Any]]]) -> list[Any]:
        answer = self._post(_numbered(calls))
        if isinstance(answer, dict):  # a node that takes no batches says so in one answer
            raise _RefusedError(f"the node gives one answer to {len(calls)} questions: {answer.get('error')}"[:200])
        by_id = {one["id"]: one for one in answer}
        return [_result(by_id[number]) for number in range(1, len(calls) + 1)]

    def _post(self, told: Any) -> Any:
        """One request, without the formatters of web3."""
        with self._session.post(self._url, data=orjson.dumps(told), **self._how) as answer:
            answer.raise_for_status()
            return orjson.loads(b"".join(answer.iter_content(_READ_AT_ONCE)))


class _Words(dict[str, bytes]):
    """Words of one answer by their text: hashes of blocks, events and organisations come many times."""

    def __missing__(self, text: str) -> bytes:
        word = bytes.fromhex(text[2:])
        if len(word) != 32 or text[:2] != "0x":
            raise ValueError("no 32 bytes")
        self[text] = word
        return word


class _RefusedError(ChainError):
    """The node answered with an error of its own."""


def _numbered(calls: Sequence[tuple[str, list[Any]]]) -> list[dict[str, Any]]:
    """From 1: Ganache takes an id of 0 for none where it answers with an error."""
    return [
        {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        for number, (method, params) in enumerate(calls, 1)
    ]


def _refusal(error: Any) -> Refusal:
    told = error if isinstance(error, dict) else {"message": str(error)}
    return Refusal(" ".join(str(told.get("message")).split())[:200], told)


def _result(answer: Any) -> Any:
    error = answer.get("error")
    if error is not None:
        message = error.get("message") if isinstance(error, dict) else error
        raise _RefusedError(f"the node refused ({' '.join(str(message).split())[:200]})")
    return answer["result"]


def _header(answer: dict[str, Any], number: int | None) -> BlockHeader:
    found = BlockHeader(
        int(answer["number"], 16),
        _bytes32(answer["hash"]),
        _bytes32(answer["parentHash"]),
        int(answer["timestamp"], 16),
    )
    if number is not None and found.number != number:
        raise ValueError(f"block {found.number} instead of {number}")
    return found


def _time(told: Any) -> int | None:
    """Nobody has to tell it, so whatever else stands there is nothing: Geth 1.16.0 gave a number."""
    try:
        return int(told, 16)
    except (TypeError, ValueError):
        return None


def _bytes(text: str) -> bytes:
    if text[:2] != "0x":
        raise ValueError("no hexadecimal digits")
    return bytes.fromhex(text[2:])


def _bytes32(text: str) -> bytes:
    found = _bytes(text)
    if len(found) != 32:
        raise ValueError("no 32 bytes")
    return found
