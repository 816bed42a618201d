"""Connections over which much is asked with little of the processor: one thread holds many of them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

import uvloop

T = TypeVar("T")

_ANSWER_SECONDS = 120.0


class AnswerError(Exception):
    """What came back is not what was to come back."""


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs something on a loop of its own, as quick as there is one."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


class Connection:
    """One connection that stays open, one request at a time."""

    def __init__(self, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._host = host
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, host: str) -> Self:
        """A new one to a host with its port; OSError if nobody is there."""
        name, _, port = host.rpartition(":")
        return cls(host, *await asyncio.open_connection(name, int(port)))

    async def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of the answer to a GET."""
        return await self._asked(f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\n\r\n".encode())

    async def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to a POST of JSON."""
        head = f"POST {path} HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: application/json\r\n"
        return await self._asked(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    async def _asked(self, request: bytes) -> tuple[int, bytes]:
        """EOFError if the connection ends before the answer does, TimeoutError if that takes too long."""
        self._writer.write(request)
        async with asyncio.timeout(_ANSWER_SECONDS):
            first, *lines = (await self._reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
            length = next((one for one in lines if one.startswith(b"content-length:")), None)
            if length is None:
                raise AnswerError(f"an answer does not say how long it is: {first!r}")
            return int(first.split()[1]), await self._reader.readexactly(int(length.split(b":")[1]))
