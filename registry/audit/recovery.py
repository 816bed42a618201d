"""Whose signature it is: recovered from the signature itself, on every processor at once if there are many.

In Python alone one recovery takes about ten milliseconds, more than all else together. eth-keys uses coincurve where
that is installed, which is a hundred times as fast.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from registry.errors import UnavailableError

HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
"""The largest s that EIP-2 allows."""

_CHUNK = 32
_FEW = 64
_WAITING_PER_WORKER = 8

Signed = tuple[bytes, int, int, int]
"""Digest, r, s and the parity of v (0 or 1)."""


def recover(signed: Signed) -> str | None:
    """The address of whoever signed, in lower case; None if nobody can have, or s is high."""
    digest, r, s, parity = signed
    if not r or not 0 < s <= HALF_ORDER or parity not in (0, 1):
        return None
    try:
        key = Signature(vrs=(parity, r, s)).recover_public_key_from_msg_hash(digest)
    except (BadSignature, ValidationError, ValueError):
        return None
    return "0x" + key.to_canonical_address().hex()


def from_compact(digest: bytes, r: bytes, vs: bytes) -> Signed:
    """A compact signature (EIP-2098)."""
    parity, s = divmod(int.from_bytes(vs), 1 << 255)
    return digest, int.from_bytes(r), s, parity


def from_bytes(digest: bytes, signature: bytes) -> Signed | None:
    """A signature of 65 bytes (r, s, v); None if it has another form."""
    if len(signature) != 65 or signature[64] not in (27, 28):
        return None
    return digest, int.from_bytes(signature[:32]), int.from_bytes(signature[32:64]), signature[64] - 27


def _recover_many(many: list[Signed]) -> tuple[list[str | None], float]:
    start = time.perf_counter()
    return [recover(one) for one in many], time.perf_counter() - start


def _undisturbed() -> None:
    """Ctrl-C is for the process that the person started; it ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class Recoveries:
    """Recovers what is submitted and hands each address to its callback, in order, at the latest in :meth:`finish`.

    ``seconds`` is the time that recovery took of the whole: with n processes at work, an nth of their time together.
    """

    def __init__(self, workers: int | None = None) -> None:
        self._workers = workers if workers is not None else os.cpu_count() or 1
        self._pool: ProcessPoolExecutor | None = None
        self._gathered: list[tuple[Signed, Callable[[str | None], None]]] = []
        self._running: list[tuple[Future[tuple[list[str | None], float]], list[Callable[[str | None], None]]]] = []
        self.seconds = 0.0

    def submit(self, signed: Signed, then: Callable[[str | None], None]) -> None:
        """Asks for one address."""
        self._gathered.append((signed, then))
        if self._workers > 1 and len(self._gathered) >= (_FEW if self._pool is None else _CHUNK):
            self._send()

    def _send(self) -> None:
        if self._pool is None:
            # Not forked: what this process holds (connections, a terminal) is no business of theirs.
            self._pool = ProcessPoolExecutor(self._workers, get_context("spawn"), _undisturbed)
        for start in range(0, len(self._gathered), _CHUNK):
            part = self._gathered[start : start + _CHUNK]
            future = self._pool.submit(_recover_many, [signed for signed, _ in part])
            self._running.append((future, [then for _, then in part]))
        self._gathered.clear()
        while len(self._running) > self._workers * _WAITING_PER_WORKER:
            self._take()

    def _take(self) -> None:
        future, callbacks = self._running.pop(0)
        try:
            found, seconds = future.result()
        except BrokenProcessPool as error:
            raise UnavailableError(
                "a process that recovers signatures was ended from outside", hint="start the audit again"
            ) from error
        self.seconds += seconds / self._workers
        for one, then in zip(found, callbacks, strict=True):
            then(one)

    def finish(self) -> None:
        """Waits for all that is still under way."""
        if self._pool is not None and self._gathered:
            self._send()
        while self._running:
            self._take()
        found, seconds = _recover_many([signed for signed, _ in self._gathered])
        self.seconds += seconds
        for one, (_, then) in zip(found, self._gathered, strict=True):
            then(one)
        self._gathered.clear()

    def close(self) -> None:
        """Ends the processes, whatever they were doing."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
