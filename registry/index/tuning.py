"""How Python runs while batches are made: many objects, none in a cycle, made in one thread while another writes.

It looks for cycles once in many thousands of objects. And the threads take turns quickly: who writes lets the other
work during each statement, and would wait longer to go on than the statement took. Both hold for the whole process, so
they are put back when the last who makes batches has ended.
"""

from __future__ import annotations

import gc
import sys
import threading
from types import TracebackType

_OBJECTS = 50_000
_TURN_SECONDS = 0.0001


class _Tuned:
    """A context to be entered by any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._threshold = gc.get_threshold()
        self._turn = sys.getswitchinterval()

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._threshold, self._turn = gc.get_threshold(), sys.getswitchinterval()
                gc.set_threshold(max(self._threshold[0], _OBJECTS), *self._threshold[1:])
                sys.setswitchinterval(min(self._turn, _TURN_SECONDS))
            self._inside += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                gc.set_threshold(*self._threshold)
                sys.setswitchinterval(self._turn)


for_batches = _Tuned()
