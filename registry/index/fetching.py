"""The register's events in ranges of blocks, of a size that the node and the memory can take."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from registry.chain.raw import BlockHeader, Log, Raw, ReorganisedError, TooLargeError
from registry.errors import ChainError
from registry.index.records import Header, Told
from registry.index.rows import told

FIRST_RANGE = 64
LONGEST_RANGE = 5_000
LOGS_AT_ONCE = 3_500
SETTLED_BLOCKS = 128
EVENTS_TO_WRITE = 5_000
SECONDS_TO_WRITE = 1.0


@dataclass(frozen=True, slots=True)
class Part:
    """The events of some blocks, and headers: of those that have any, of the last one, and of some others."""

    events: list[Told]
    headers: dict[int, Header]
    end: Header

    def __add__(self, following: Part) -> Part:
        return Part(self.events + following.events, self.headers | following.headers, following.end)


def gathered(parts: Iterable[Part]) -> Iterator[Part]:
    """These parts, several as one until that is worth a transaction, or a second has passed once one comes.

    Rows of many events are written in fewer places than those of a few, and a node that gives little at a time must not
    keep what it gave from being written. What came before an error is given before it.
    """
    failed: ChainError | None = None
    kept: Part | None = None
    begun = time.monotonic()
    try:
        for part in parts:
            kept = part if kept is None else kept + part
            if len(kept.events) >= EVENTS_TO_WRITE or time.monotonic() - begun >= SECONDS_TO_WRITE:
                yield kept
                kept, begun = None, time.monotonic()
    except ChainError as error:
        failed = error
    if kept is not None:
        yield kept
    if failed is not None:
        raise failed


class Fetcher:
    """Reads on from a block, range after range; ``parent`` is the hash of the block before it, if it is known.

    ``turn`` is held while answers are taken apart, as that is work for Python alone. ``asks`` says to ask for every
    header, whatever the logs tell of their blocks.
    """

    def __init__(
        self,
        raw: Raw,
        first: int,
        parent: bytes | None,
        target: BlockHeader,
        turn: AbstractContextManager[object],
        *,
        asks: bool,
    ) -> None:
        self._raw = raw
        self._turn = turn
        # Beyond it two nodes behind one address may still be of different minds which blocks there are.
        self._settled = -1 if asks else target.number - SETTLED_BLOCKS
        self._next = first
        self._parent = parent
        self._target = target
        self._size = FIRST_RANGE
        self._ceiling = LONGEST_RANGE

    def parts(self, stop: threading.Event) -> Iterator[Part]:
        """The parts up to the target; ReorganisedError as soon as two answers do not belong to one chain."""
        while self._next <= self._target.number and not stop.is_set():
            last = min(self._next + self._size - 1, self._target.number)
            if self._next <= self._settled < last:
                last = self._settled
            try:
                part, count = self._part(self._next, last)
            except TooLargeError:
                self._ceiling = max(1, (last - self._next + 1) // 2)
                self._size = self._ceiling
                continue
            yield part
            self._next, self._parent = last + 1, part.end.hash
            self._adapt(count)

    def _part(self, first: int, last: int) -> tuple[Part, int]:
        """All that these blocks hold, as of one chain: the last block is read first, and found unchanged at the end."""
        end = self._target if last == self._target.number else self._header(last)
        logs = self._raw.logs(first, last)
        start = end if first == last else self._header(first)
        if self._parent is not None and start.parent != self._parent:
            raise ReorganisedError(f"block {first} does not follow the block before it")
        headers = _told_by(logs, start, end) if last <= self._settled else None
        if headers is None:
            headers = self._asked_for(logs, start, end)
        if self._header(last) != end:
            raise ReorganisedError(f"block {last} was replaced while it was read")
        with self._turn:
            places = (headers[one.block] for one in logs)
            decoded = (one.event(where.hash, where.time) for one, where in zip(logs, places, strict=True))
            events = [told(one) for one in decoded if one is not None]
        return Part(events, headers, headers[last]), len(logs)

    def _asked_for(self, logs: Sequence[Log], start: BlockHeader, end: BlockHeader) -> dict[int, Header]:
        """The headers of the blocks of these logs, each asked for, and those of the first and the last block."""
        ends = {one.number: one for one in (start, end)}
        found = self._raw.headers({one.block for one in logs} - ends.keys()) | ends
        return {one.number: _kept(one) for one in found.values()}

    def _header(self, number: int) -> BlockHeader:
        found = self._raw.header(number)
        if found is None:
            raise ReorganisedError(f"the chain lost block {number} while it was read")
        return found

    def _adapt(self, count: int) -> None:
        """As many blocks as are enough if they are as full as these, twice as many at most; slowly back to too many."""
        enough = self._size * LOGS_AT_ONCE // max(count, 1)
        if enough > self._size:
            self._ceiling = min(LONGEST_RANGE, self._ceiling + self._ceiling // 4 + 1)
        self._size = max(1, min(enough, 2 * self._size, self._ceiling))


def _told_by(logs: Sequence[Log], start: BlockHeader, end: BlockHeader) -> dict[int, Header] | None:
    """These headers by what the logs themselves tell of their blocks, which saves a question for each.

    None if the node does not tell when they were made, or of times that cannot be. Those of recorded facts are in the
    register's fingerprint, as the contract saw them.
    """
    found = {one.number: _kept(one) for one in (start, end)}
    before = start.time
    for log in logs:
        if log.time is None or not before <= log.time <= end.time:
            return None
        before = log.time
        known = found.get(log.block)
        if known is None:
            found[log.block] = Header(log.block, log.block_hash, log.time)
        elif known.time != log.time:
            return None
    return found


def _kept(header: BlockHeader) -> Header:
    return Header(header.number, header.hash, header.time)
