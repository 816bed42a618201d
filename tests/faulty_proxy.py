"""A node that fails in the ways that nodes fail, with the true one behind it: one fault, for so many calls."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from zlib import crc32

from world import Answer, Call, HangUp, node

Forward = Callable[[Call], Answer]
Fault = Callable[[Call, Forward], Answer]


@dataclass
class Proxy:
    """What is wrong now, and how often it still happens; ``hit`` counts."""

    url: str
    fault: Fault | None = None
    times: int = 10**9
    only: tuple[str, ...] = ("eth_getLogs", "eth_getBlockByNumber")
    hit: int = 0
    asked: list[Call] = field(default_factory=list)

    def fail(self, fault: Fault, *only: str, times: int = 10**9) -> None:
        """From now on this goes wrong, so many times, with calls of these methods."""
        self.fault, self.times, self.hit = fault, times, 0
        self.only = only or self.only

    def answer(self, call: Call, forward: Forward) -> Answer:
        self.asked.append(call)
        if self.fault is None or call["method"] not in self.only or self.hit >= self.times:
            return forward(call)
        self.hit += 1
        return self.fault(call, forward)


@contextmanager
def faulty(behind: str) -> Iterator[Proxy]:
    """A proxy in front of the node; without a fault it answers as the node does."""
    proxy = Proxy("")
    with node(proxy.answer, behind) as url:
        proxy.url = url
        yield proxy


def hang_up(call: Call, forward: Forward) -> Answer:
    """Drops the connection."""
    raise HangUp


def sleep(call: Call, forward: Forward) -> Answer:
    """Answers nothing for longer than anybody waits."""
    time.sleep(3)
    raise HangUp


def nonsense(call: Call, forward: Forward) -> Answer:
    """Answers something else than was asked, in one of several shapes."""
    shapes = ("what?", None, [], {"result": "0x"}, {"jsonrpc": "2.0"}, {"id": call["id"], "result": [{}]}, 7)
    return shapes[crc32(str(call["params"]).encode()) % len(shapes)]


def empty(call: Call, forward: Forward) -> Answer:
    """Says that there are no logs."""
    return {"jsonrpc": "2.0", "id": call["id"], "result": []}


def at_most(count: int) -> Fault:
    """Refuses ranges with more logs than this, in the words of a well-known node."""

    def fault(call: Call, forward: Forward) -> Answer:
        answer = forward(call)
        if len(answer["result"]) <= count:
            return answer
        error = {"code": -32005, "message": "query returned more than 10000 results"}
        return {"jsonrpc": "2.0", "id": call["id"], "error": error}

    return fault


def refuse(call: Call, forward: Forward) -> Answer:
    """Answers with an error, as a node does that finds a batch too large."""
    error = {"code": -32600, "message": "batch too large"}
    return {"jsonrpc": "2.0", "id": call["id"], "error": error}


def without(name: int) -> Fault:
    """Leaves out one log of each answer that has so many."""

    def fault(call: Call, forward: Forward) -> Answer:
        answer = forward(call)
        del answer["result"][name : name + 1]
        return answer

    return fault


def with_times(change: Callable[[int, int], object]) -> Fault:
    """Tells other times in its logs, or none: what ``change`` makes of the true time and the number of the block."""

    def fault(call: Call, forward: Forward) -> Answer:
        answer = forward(call)
        for log in answer["result"]:
            told = change(int(log.pop("blockTimestamp"), 16), int(log["blockNumber"], 16))
            if told is not None:
                log["blockTimestamp"] = told
        return answer

    return fault


def removed(call: Call, forward: Forward) -> Answer:
    """Gives logs that a reorganisation took away, and says so."""
    answer = forward(call)
    for log in answer["result"]:
        log["removed"] = True
    return answer
