"""Large bodies, in pieces: read on the event loop, worked on in a thread, never held in memory as a whole."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import anyio
import anyio.from_thread
from fastapi import Request
from starlette.requests import ClientDisconnect

from registry.api.problems import ProblemError
from registry.errors import UnavailableError

PIECE_SECONDS = 20.0
AT_ONCE = 6
"""How many large bodies are taken in at a time, so that threads are left for those who ask."""


class Berths:
    """The places for large bodies."""

    def __init__(self, count: int = AT_ONCE) -> None:
        self._free = threading.BoundedSemaphore(count)

    @contextmanager
    def one(self) -> Iterator[None]:
        """A place, until the block ends; UnavailableError if all are taken."""
        if not self._free.acquire(blocking=False):
            raise UnavailableError("too much is being sent here just now", hint="try again in a minute")
        try:
            yield
        finally:
            self._free.release()


def pieces(request: Request) -> Iterator[bytes]:
    """The body as it comes, for an endpoint that runs in a thread; 400 if it breaks off or hardly comes."""
    if request.headers.get("content-encoding", "identity") != "identity":
        raise ProblemError(415, "a body comes as it is, not packed", hint="leave out Content-Encoding")
    stream = request.stream()

    async def following() -> bytes | None:
        with anyio.fail_after(PIECE_SECONDS):
            return await anext(stream, None)

    while True:
        try:
            piece = anyio.from_thread.run(following)
        except (ClientDisconnect, TimeoutError) as error:
            raise ProblemError(400, "the body broke off", hint="send it again: what is complete was kept") from error
        if piece is None:
            return
        if piece:
            yield piece


def whole(request: Request, most: int) -> bytes:
    """A body of at most so many bytes; 413 if it is larger."""
    found = bytearray()
    for piece in pieces(request):
        found += piece
        if len(found) > most:
            raise ProblemError(413, f"a request here holds at most {most} bytes", headers={"Connection": "close"})
    return bytes(found)
