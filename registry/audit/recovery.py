"""Whose signature it is: recovered from the signature itself, on every processor at once if there are many.

In Python alone this takes more time than all else together. eth-keys uses coincurve where that is installed, which is
written in C and much faster.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable

from registry.audit import worker
from registry.audit.worker import Signed, answered, question, quickly

_CHUNK = 32
_FEW = 64
_UNDER_WAY = 4  # chunks for each process; so little that no pipe ever fills up

Then = Callable[[str | None], None]


def from_compact(digest: bytes, r: bytes, vs: bytes) -> Signed:
    """A compact signature (EIP-2098)."""
    parity, s = divmod(int.from_bytes(vs), 1 << 255)
    return digest, int.from_bytes(r), s, parity


def from_bytes(digest: bytes, signature: bytes) -> Signed | None:
    """A signature of 65 bytes (r, s, v); None if it has another form."""
    if len(signature) != 65 or signature[64] not in (27, 28):
        return None
    return digest, int.from_bytes(signature[:32]), int.from_bytes(signature[32:64]), signature[64] - 27


class Recoveries:
    """Recovers what is submitted and hands each address to its callback, in order, at the latest in :meth:`finish`.

    A few are done here. For more, ``workers`` processes are started (one for each processor unless given); what a
    process does not answer is done here after all. ``seconds`` is the time that recovery took of the whole: with n
    processes at work, an nth of their time together.
    """

    def __init__(self, workers: int | None = None) -> None:
        self._wanted = workers if workers is not None else os.cpu_count() or 1
        self._processes: list[subprocess.Popen[str]] = []
        self._gathered: list[tuple[Signed, Then]] = []
        self._running: deque[tuple[subprocess.Popen[str], list[tuple[Signed, Then]]]] = deque()
        self._next = 0
        self.seconds = 0.0

    def submit(self, signed: Signed, then: Then) -> None:
        """Asks for one address."""
        self._gathered.append((signed, then))
        if self._wanted > 1 and len(self._gathered) >= (_CHUNK if self._processes else _FEW):
            self._send()

    def finish(self) -> None:
        """Waits for all that is still under way."""
        if self._processes and self._gathered:
            self._send()
        while self._running:
            self._take()
        self._here(self._gathered)
        self._gathered.clear()

    def close(self) -> None:
        """Ends the processes, whatever they were doing."""
        for one in self._processes:
            one.kill()
        for one in self._processes:
            one.communicate()
        self._processes.clear()
        self._running.clear()

    def _send(self) -> None:
        while len(self._processes) < self._wanted:
            self._processes.append(_started())
        for start in range(0, len(self._gathered), _CHUNK):
            part = self._gathered[start : start + _CHUNK]
            while len(self._running) >= _UNDER_WAY * self._wanted:
                self._take()
            process = self._processes[self._next % self._wanted]
            self._next += 1
            self._running.append((process, part))
            try:
                assert process.stdin is not None  # noqa: S101 - it was started with one
                process.stdin.write(question([signed for signed, _ in part]))
                process.stdin.flush()
            except OSError:
                continue  # it ended: what it does not answer is done here
        self._gathered.clear()

    def _take(self) -> None:
        process, part = self._running.popleft()
        try:
            assert process.stdout is not None  # noqa: S101 - it was started with one
            found, seconds = answered(process.stdout.readline())
            if len(found) != len(part):
                raise ValueError(len(found))
        except (OSError, ValueError):
            self._here(part)
            return
        self.seconds += seconds / self._wanted
        for one, (_, then) in zip(found, part, strict=True):
            then(one)

    def _here(self, part: list[tuple[Signed, Then]]) -> None:
        for signed, then in part:
            start = time.perf_counter()
            found = quickly(signed)
            self.seconds += time.perf_counter() - start
            then(found)


def _started() -> subprocess.Popen[str]:
    command = [sys.executable, "-P", worker.__file__]
    return subprocess.Popen(  # noqa: S603 - this Python, with a file of this package
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="ascii"
    )
