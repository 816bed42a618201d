"""What is measured, each in a process of its own: so that memory is that of one thing, and nothing is warm."""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from typing import Any

import requests

from registry.chain import Register, connect
from registry.chain.encode import address
from registry.index import Identity, Index

_HEADERS = {"Content-Type": "application/json"}
_LOGS_AT_ONCE = 3_500
_BLOCKS_AT_ONCE = 200


def index(url: str, register: str, first: int, last: int, database: str) -> dict[str, Any]:
    """Catching up from nothing to a block."""
    chain = connect(url)
    mine = Register(chain, address(register), first)
    identity = Identity(chain.chain_id, mine.address, first)
    started = time.perf_counter()
    with Index.open(database, identity) as opened:
        print("started", flush=True)
        opened.catch_up(mine, to_block=last)
        seconds = time.perf_counter() - started
    return {"seconds": seconds}


def raw(url: str, register: str, first: int, last: int, database: str) -> dict[str, Any]:
    """Merely fetching the same logs and blocks: the answers parsed as JSON, and nothing done with them."""
    return _fetched(url, register, first, last, with_blocks=True)


def logs(url: str, register: str, first: int, last: int, database: str) -> dict[str, Any]:
    """As ``raw``, without the blocks: all that catching up asks for where the logs tell when their blocks were made."""
    return _fetched(url, register, first, last, with_blocks=False)


def _fetched(url: str, register: str, first: int, last: int, *, with_blocks: bool) -> dict[str, Any]:
    session = requests.Session()

    def ask(told: Any) -> Any:
        return json.loads(session.post(url, data=json.dumps(told), headers=_HEADERS, timeout=120).content)

    started = time.perf_counter()
    size, start, events = 64, first, 0
    blocks: set[str] = set()
    while start <= last:
        end = min(start + size - 1, last)
        query = {"address": register, "fromBlock": hex(start), "toBlock": hex(end)}
        found = ask({"jsonrpc": "2.0", "id": 1, "method": "eth_getLogs", "params": [query]})["result"]
        events += len(found)
        mine = sorted({one["blockNumber"] for one in found} - blocks, key=lambda one: int(one, 16))
        blocks.update(mine)
        for part in range(0, len(mine) if with_blocks else 0, _BLOCKS_AT_ONCE):
            numbers = mine[part : part + _BLOCKS_AT_ONCE]
            ask([_block(place, number) for place, number in enumerate(numbers)])
        start = end + 1
        size = max(1, min(2 * size, size * _LOGS_AT_ONCE // max(len(found), 1)))
    return {"seconds": time.perf_counter() - started, "events": events, "blocks": len(blocks)}


def _block(place: int, number: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": place, "method": "eth_getBlockByNumber", "params": [number, False]}


def usual(url: str, register: str, first: int, last: int, database: str) -> dict[str, Any]:
    """The usual way with web3.py: ``contract.events.X.get_logs`` for each event, and its block looked up for each."""
    chain = connect(url)
    contract = Register(chain, address(register), first)._contract
    started = time.perf_counter()
    events = 0
    for name in (one["name"] for one in contract.abi if one["type"] == "event"):
        for log in contract.get_event_by_name(name)().get_logs(from_block=first, to_block=last):
            chain.web3.eth.get_block(log["blockNumber"])["timestamp"]
            events += 1
    return {"seconds": time.perf_counter() - started, "events": events}


_WORK = {"index": index, "raw": raw, "logs": logs, "usual": usual}


def main() -> None:
    """Does one of them; the last line is what came of it as JSON, with the peak of memory in KiB."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=_WORK)
    parser.add_argument("url")
    parser.add_argument("register")
    parser.add_argument("first", type=int)
    parser.add_argument("last", type=int)
    parser.add_argument("database", nargs="?", default="")
    given = parser.parse_args()
    found = _WORK[given.what](given.url, given.register, given.first, given.last, given.database)
    found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
