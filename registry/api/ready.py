"""Answers that are kept ready: what was asked before, nothing changed since, and no moment passed that it hangs on.

What is kept is all of an answer but the moments asked about and the block it is of, which come before it anew each
time. An answer is dropped when something happened to an agreement that it tells of; one that does not say of which,
when anything happened. The follower looks for that each second, so an answer may be as old as that: it says so itself.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from zlib import compress, decompress

import orjson

from registry.api.forms import asked
from registry.documents import Document
from registry.index.answers import At
from registry.index.watching import Change

MOST_BYTES = 256 << 20
_LARGEST = 1 << 20
_SMALL = 500
_LEVEL = 1
"""Of packing: the first brings most of it, and an answer is unpacked in some millionths of a second."""
_OVERHEAD = 400
"""What an answer takes besides its bytes: its key, its place, its agreements."""


@dataclass(slots=True)
class Kept:
    """The rest of an answer, packed unless small; until when it holds (unix seconds); the pattern of its address."""

    rest: bytes
    is_packed: bool
    until: int
    route: str
    agreements: frozenset[bytes] | None


class Ready:
    """The answers that are kept, the oldest unused first out; any thread may ask."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._at: At | None = None
        self._generation = 0
        self._beginning: tuple[At | None, int, bytes] = (None, 0, b"")

    @property
    def generation(self) -> int:
        """Goes up whenever something changed; an answer is kept only if it did not since the question came."""
        return self._generation

    def find(self, key: str) -> tuple[bytes, str] | None:
        """A whole answer and the pattern of its address; None if it is not kept."""
        kept = self._kept.get(key)
        at = self._at
        if kept is None or at is None:
            return None
        second = max(int(time.time()), at.block_time)
        if second >= kept.until:
            return None
        try:
            self._kept.move_to_end(key)
        except KeyError:  # dropped just now
            return None
        same, when, beginning = self._beginning
        if same is not at or when != second:
            beginning = _beginning(at, second)
            self._beginning = (at, second, beginning)
        return beginning + (decompress(kept.rest) if kept.is_packed else kept.rest), kept.route

    def was_kept(self, key: str) -> bool:
        """Whether there was an answer that nothing happened to, though it may have held until a moment that passed."""
        return key in self._kept

    def keep(
        self,
        key: str,
        route: str,
        generation: int,
        at: At,
        document: Document,
        until: int,
        agreements: Iterable[bytes] | None,
    ) -> bytes:
        """Keeps an answer if nothing changed since it was asked for; the whole of it as bytes."""
        rest = b"," + orjson.dumps(document)[1:]
        packed = compress(rest, _LEVEL) if len(rest) > _SMALL else rest
        known = self._at
        if known is not None and at.last_hash == known.last_hash and len(rest) <= _LARGEST:
            told = None if agreements is None else frozenset(agreements)
            with self._lock:
                if generation == self._generation:
                    self._put(key, Kept(packed, packed is not rest, until, route, told))
        return _beginning(at, at.known_at) + rest

    def see(self, change: Change) -> None:
        """Takes in what the follower saw: drops what may not hold any more."""
        with self._lock:
            if change.happened:
                self._generation += 1
                self._drop(change.agreements)
            self._at = change.at

    def _put(self, key: str, kept: Kept) -> None:
        before = self._kept.pop(key, None)
        self._bytes += len(kept.rest) + _OVERHEAD - (len(before.rest) + _OVERHEAD if before else 0)
        self._kept[key] = kept
        while self._bytes > self._most:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= len(oldest.rest) + _OVERHEAD

    def _drop(self, agreements: frozenset[bytes] | None) -> None:
        if agreements is None:
            self._kept.clear()
            self._bytes = 0
            return
        # A copy of the keys: others look on while this goes through them.
        for key in list(self._kept):
            told = self._kept[key].agreements
            if told is None or told & agreements:
                self._bytes -= len(self._kept.pop(key).rest) + _OVERHEAD


def _beginning(at: At, second: int) -> bytes:
    """The members that every answer begins with, for a question about now."""
    told = asked(at) | {"validOn": None, "knownAt": None}
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))
    return orjson.dumps(told | {"validOn": moment, "knownAt": moment})[:-1]
