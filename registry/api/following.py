"""The index follows the chain in the background, in a thread of its own, for as long as the service runs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from registry import journal
from registry.chain import Register
from registry.dossier import Store
from registry.errors import RegistryError
from registry.index import Index
from registry.index.watching import Change, Watch

PAUSE_SECONDS = 1.0
PAUSE_AFTER_FAILURE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the index is and how far the chain was at the last look; -1 = not known yet.

    ``looked`` is when the index was last found to be up to the chain, in seconds of ``time.monotonic``; None if never.
    ``trouble`` is what went wrong at the last look.
    """

    block: int = -1
    chain_block: int = -1
    looked: float | None = None
    trouble: str | None = None

    @property
    def lag(self) -> int | None:
        """How many blocks the index is behind; None as long as that is not known."""
        return None if self.chain_block < 0 else max(self.chain_block - self.block, 0)

    @property
    def seconds_since(self) -> float | None:
        """How long ago the index was last found to be up to the chain."""
        return None if self.looked is None else time.monotonic() - self.looked


class Follower:
    """Follows while it is entered; a failure is written down, and tried again."""

    def __init__(
        self, index: Index, register: Register, store: Store, see: Callable[[Change], None] = lambda _: None
    ) -> None:
        """``see`` is told after each look how the index stands and what changed."""
        self._index = index
        self._register = register
        self._store = store
        self._watch = Watch(index)
        self._see = see
        self._taken_in: tuple[bytes, int] | None = None
        self._wake = threading.Event()
        self._done = threading.Event()
        self._turn = threading.Lock()
        self._thread = threading.Thread(target=self._follow, name="follower", daemon=True)
        self.reach = Reach()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._wake.set()
        # What is written is kept whole or not at all, so a thread that is in the middle of much may be left behind.
        self._thread.join(timeout=10)
        self._watch.close()

    def poke(self) -> None:
        """Has it look now, as after something was written to the chain; returns at once."""
        self._wake.set()

    def catch_up(self) -> None:
        """Brings the index up to the chain before it returns; raises what goes wrong."""
        with self._turn:
            self._look()

    def _follow(self) -> None:
        while not self._done.is_set():
            pause = PAUSE_SECONDS
            try:
                self.catch_up()
            except RegistryError as error:
                self._say(error.message)
                pause = PAUSE_AFTER_FAILURE_SECONDS
            except Exception as error:  # one that ended in silence would leave the index behind
                self._say(f"unforeseen: {type(error).__name__}")
                logging.getLogger("foodvalley.follower").exception("following failed")
                pause = PAUSE_AFTER_FAILURE_SECONDS
            self._wake.wait(pause)
            self._wake.clear()

    def _look(self) -> None:
        latest, _ = self._register.chain.latest()
        before = self.reach
        self.reach = Reach(before.block, latest, before.looked, before.trouble)
        found = self._index.catch_up(self._register, progress=self._tell)
        # All dossiers are gone through only where one came or went, or an act that one may be of.
        stamp = (found.fingerprint, _changed(self._store.folder))
        if stamp != self._taken_in:
            self._index.take_in_manifests(self._store)
            self._taken_in = stamp
        self._see(self._watch.look(max(found.block_time, int(time.time()))))
        self.reach = Reach(found.block, max(latest, found.block), time.monotonic())
        if before.trouble is not None:
            journal.note("follow", self._register.address, "done", block=found.block)

    def _tell(self, first: int, done: int, last: int) -> None:
        self.reach = Reach(done, max(last, done), self.reach.looked, self.reach.trouble)
        if self._done.is_set():
            raise RegistryError("the service stops")

    def _say(self, trouble: str) -> None:
        if self._done.is_set():
            return
        before = self.reach
        if before.trouble != trouble:  # once, not each second
            journal.note("follow", self._register.address, "failed", level=logging.WARNING, why=trouble)
        self.reach = Reach(before.block, before.chain_block, before.looked, trouble)


def _changed(folder: Path) -> int:
    """When something last came into a folder or went from it, in nanoseconds; 0 if there is none."""
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0
