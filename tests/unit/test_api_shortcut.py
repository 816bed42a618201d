"""Who asks for what was kept, and holds no more, while another has it made anew."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from registry.api.edges.shortcut import Shortcut
from registry.api.ready import Ready
from registry.index.answers import At
from registry.index.watching import Change

NOW = int(time.time())
AT = At(NOW, NOW, 7, NOW, 7, NOW, bytes(32), bytes(32))
ASKING = 20


class Making:
    """An application that takes a while to make an answer, and keeps it for as long as told."""

    def __init__(self, ready: Ready, until: int) -> None:
        self.ready = ready
        self.until = until
        self.made = 0
        self.fails = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.made += 1
        await asyncio.sleep(0.05)
        if self.fails:
            raise OSError("no")
        body = self.ready.keep(scope["path"], "/", self.ready.generation, AT, {"text": "x"}, self.until, None)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})


def stage(until: int) -> tuple[Making, Shortcut, Ready]:
    """An answer was kept that does not hold any more."""
    ready = Ready()
    ready.see(Change(AT, None, happened=True))
    ready.keep("/list", "/", ready.generation, AT, {"text": "old"}, NOW - 1, None)
    making = Making(ready, until)
    return making, Shortcut(making), ready


async def ask(shortcut: Shortcut, ready: Ready, *, reads: bool = True) -> bytes:
    app: Any = SimpleNamespace(state=SimpleNamespace(context=SimpleNamespace(ready=ready)))
    scope: Scope = {"type": "http", "method": "GET", "path": "/list", "query_string": b"", "app": app}
    told: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        if not reads:
            await asyncio.sleep(3600)
        told.append(message)

    await shortcut(scope, receive, send)
    return bytes(told[1]["body"])


def test_what_many_ask_for_at_once_is_made_once() -> None:
    making, shortcut, ready = stage(NOW + 1000)

    async def all_of_them() -> list[bytes]:
        return await asyncio.gather(*(ask(shortcut, ready) for _ in range(ASKING)))

    answers = asyncio.run(all_of_them())
    assert making.made == 1
    assert all(b'"text":"x"' in one for one in answers)


def test_what_holds_no_longer_than_it_takes_is_waited_for_once_only() -> None:
    making, shortcut, ready = stage(NOW - 1)

    async def all_of_them() -> list[bytes]:
        return await asyncio.gather(*(ask(shortcut, ready) for _ in range(ASKING)))

    begun = time.monotonic()
    answers = asyncio.run(all_of_them())
    assert making.made == ASKING
    assert len(answers) == ASKING
    assert time.monotonic() - begun < ASKING * 0.05


def test_who_reads_slowly_keeps_nobody_waiting() -> None:
    making, shortcut, ready = stage(NOW + 1000)

    async def beside_a_slow_one() -> bytes:
        slow = asyncio.create_task(ask(shortcut, ready, reads=False))
        await asyncio.sleep(0.01)
        found = await asyncio.wait_for(ask(shortcut, ready), 10)
        slow.cancel()
        return found

    assert b'"text":"x"' in asyncio.run(beside_a_slow_one())
    assert making.made == 1


def test_beside_who_reads_slowly_it_is_made_once_too_when_it_holds_no_more() -> None:
    making, shortcut, ready = stage(NOW - 1)

    async def beside_a_slow_one() -> list[bytes]:
        slow = asyncio.create_task(ask(shortcut, ready, reads=False))
        await asyncio.sleep(0.1)
        making.until = NOW + 1000
        found = await asyncio.gather(*(ask(shortcut, ready) for _ in range(ASKING)))
        slow.cancel()
        return found

    assert len(asyncio.run(beside_a_slow_one())) == ASKING
    assert making.made == 2


def test_where_making_it_fails_whoever_waited_asks_anew() -> None:
    making, shortcut, ready = stage(NOW + 1000)
    making.fails = True

    async def beside_a_failing_one() -> bytes:
        failing = asyncio.create_task(ask(shortcut, ready))
        await asyncio.sleep(0.01)
        waiting = asyncio.create_task(ask(shortcut, ready))
        await asyncio.wait([failing])
        assert isinstance(failing.exception(), OSError)
        assert making.made <= 2
        making.fails = False
        return await asyncio.wait_for(waiting, 10)

    assert b'"text":"x"' in asyncio.run(beside_a_failing_one())
    assert making.made == 2
