"""Pushing many requests at once, in a process of its own: acts to a service, raw transactions to a node.

Reads one JSON document from standard input and writes how long it took, in seconds, until the node said that as many
transactions of the carrier are mined as were asked for. So the two are measured in the same way.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from contextlib import suppress
from typing import Any

LONGEST_SECONDS = 900.0
_CONNECT_SECONDS = 60.0


def main() -> None:
    """Pushes, waits, and says how long it took."""
    told = json.load(sys.stdin)
    shares: list[list[bytes]] = [[] for _ in range(told["connections"])]
    for number, body in enumerate(told["bodies"]):
        shares[number % len(shares)].append(body.encode())
    failures: list[str] = []
    ready = threading.Barrier(len(shares) + 1, timeout=_CONNECT_SECONDS)
    threads = [
        threading.Thread(target=_push, args=(told["host"], told["path"], share, told["status"], ready, failures))
        for share in shares
    ]
    for one in threads:
        one.start()
    with suppress(threading.BrokenBarrierError):  # who could not connect has said so
        ready.wait()
    began = time.perf_counter()
    node = http.client.HTTPConnection(told["node"], timeout=60)
    while _mined(node, told["carrier"]) < told["until"]:
        if not failures and time.perf_counter() - began > LONGEST_SECONDS:
            failures.append(f"not mined within {LONGEST_SECONDS:.0f} seconds")
        if failures:
            break
        time.sleep(0.01)
    seconds = time.perf_counter() - began
    for one in threads:
        one.join()
    json.dump({"seconds": seconds, "failures": failures[:3]}, sys.stdout)


def _push(
    host: str, path: str, bodies: list[bytes], status: int, ready: threading.Barrier, failures: list[str]
) -> None:
    try:
        connection = http.client.HTTPConnection(host, timeout=120)
        connection.connect()
        ready.wait()
        for body in bodies:
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            found = answer.read()
            if answer.status != status or b'"error"' in found:
                failures.append(f"{answer.status} {found[:300]!r}")
                return
    except (OSError, http.client.HTTPException, threading.BrokenBarrierError) as error:
        failures.append(f"{type(error).__name__}: {error}")
        ready.abort()


def _mined(node: http.client.HTTPConnection, carrier: str) -> int:
    asked: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "eth_getTransactionCount"}
    node.request("POST", "/", json.dumps(asked | {"params": [carrier, "latest"]}), {"Content-Type": "application/json"})
    return int(json.loads(node.getresponse().read())["result"], 16)


if __name__ == "__main__":
    main()
