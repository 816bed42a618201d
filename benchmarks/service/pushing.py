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

from benchmarks.connection import AnswerError, Connection, run

LONGEST_SECONDS = 900.0
_LOOK_SECONDS = 0.01


def main() -> None:
    """Pushes, waits, and says how long it took."""
    told = json.load(sys.stdin)
    seconds, failure = 0.0, None
    try:
        seconds = run(_pushed(told))
    except* (OSError, EOFError, TimeoutError, AnswerError) as group:
        failure = f"{type(group.exceptions[0]).__name__}: {group.exceptions[0]}"
    json.dump({"seconds": seconds, "failure": failure}, sys.stdout)


async def _pushed(told: dict[str, Any]) -> float:
    shares: list[list[bytes]] = [[] for _ in range(told["connections"])]
    for number, body in enumerate(told["bodies"]):
        shares[number % len(shares)].append(body.encode())
    node = await Connection.to(told["node"])
    connections = [await Connection.to(told["host"]) for _ in shares]
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


async def _next_block(node: Connection) -> None:
    known = await _asked(node, "eth_blockNumber")
    while await _asked(node, "eth_blockNumber") == known:
        await asyncio.sleep(_LOOK_SECONDS)


async def _push(connection: Connection, path: str, bodies: list[bytes], wanted: int) -> None:
    for body in bodies:
        status, found = await connection.post(path, body)
        if status != wanted or b'"error"' in found:
            raise AnswerError(f"{status} {found[:300]!r}")


async def _asked(node: Connection, method: str, *params: str) -> int:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    _, found = await node.post("/", body)
    return int(json.loads(found)["result"], 16)


if __name__ == "__main__":
    main()
