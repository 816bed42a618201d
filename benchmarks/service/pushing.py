"""Pushing many requests at once, in a process of its own: acts to a service, raw transactions to a node.

Reads one JSON document from standard input and writes how long it took, in seconds, until the node said that as many
transactions of the carrier are mined as were asked for. So the two are measured in the same way. One thread holds all
connections, for what this takes of the processors whoever is measured has not.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

import uvloop

LONGEST_SECONDS = 900.0
_ANSWER_SECONDS = 120.0
_LOOK_SECONDS = 0.01


class PushingError(Exception):
    """What came back is not what was to come back."""


def main() -> None:
    """Pushes, waits, and says how long it took."""
    told = json.load(sys.stdin)
    seconds, failure = 0.0, None
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            seconds = runner.run(_pushed(told))
    except* (OSError, EOFError, TimeoutError, PushingError) as group:
        failure = f"{type(group.exceptions[0]).__name__}: {group.exceptions[0]}"
    json.dump({"seconds": seconds, "failure": failure}, sys.stdout)


async def _pushed(told: dict[str, Any]) -> float:
    shares: list[list[bytes]] = [[] for _ in range(told["connections"])]
    for number, body in enumerate(told["bodies"]):
        shares[number % len(shares)].append(body.encode())
    node = await _Connection.to(told["node"])
    connections = [await _Connection.to(told["host"]) for _ in shares]
    if told["after"] is not None:
        await _next_block(node)
        await asyncio.sleep(told["after"])
    began = time.perf_counter()
    async with asyncio.timeout(LONGEST_SECONDS), asyncio.TaskGroup() as tasks:
        for connection, share in zip(connections, shares, strict=True):
            tasks.create_task(_push(connection, told["path"], share, told["status"]))
        while await _asked(node, "eth_getTransactionCount", told["carrier"], "latest") < told["until"]:
            await asyncio.sleep(_LOOK_SECONDS)
        return time.perf_counter() - began


async def _next_block(node: _Connection) -> None:
    known = await _asked(node, "eth_blockNumber")
    while await _asked(node, "eth_blockNumber") == known:
        await asyncio.sleep(_LOOK_SECONDS)


async def _push(connection: _Connection, path: str, bodies: list[bytes], wanted: int) -> None:
    for body in bodies:
        status, found = await connection.post(path, body)
        if status != wanted or b'"error"' in found:
            raise PushingError(f"{status} {found[:300]!r}")


async def _asked(node: _Connection, method: str, *params: str) -> int:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    _, found = await node.post("/", body)
    return int(json.loads(found)["result"], 16)


class _Connection:
    """One connection that stays open, one request at a time."""

    def __init__(self, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._host = host
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, host: str) -> _Connection:
        """A new one; OSError if nobody is there."""
        name, _, port = host.rpartition(":")
        return cls(host, *await asyncio.open_connection(name, int(port)))

    async def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to a POST of JSON."""
        head = f"POST {path} HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: application/json\r\n"
        self._writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        async with asyncio.timeout(_ANSWER_SECONDS):
            first, *lines = (await self._reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
            length = next((one for one in lines if one.startswith(b"content-length:")), None)
            if length is None:
                raise PushingError(f"an answer does not say how long it is: {first!r}")
            return int(first.split()[1]), await self._reader.readexactly(int(length.split(b":")[1]))


if __name__ == "__main__":
    main()
