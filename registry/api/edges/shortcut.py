"""The short way to an answer that is kept ready: before routes and parameters are looked at, by the address alone.

Where one that was kept does not hold any more, the first who asks has it made anew; whoever asks meanwhile waits for
that. Else the many who ask for the same list would all make it, and be so slow that it never holds for anybody.
"""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry.api.context import Context

_TYPE = (b"content-type", b"application/json")


class Shortcut:
    """Answers what is kept; everything else goes on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._made_anew: dict[str, asyncio.Event] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        context: Context = scope["app"].state.context
        ready = context.ready
        key = key_of(scope)
        found = ready.find(key)
        if found is None and ready.was_kept(key):
            another = self._made_anew.get(key)
            if another is None:
                await self._make_anew(key, scope, receive, send)
                return
            await another.wait()
            # Waited for once only: what takes longer than it holds would else be made for one after the other.
            found = ready.find(key)
        if found is None:
            await self._app(scope, receive, send)
            return
        body, route = found
        scope["route"] = _Known(route)
        headers = [_TYPE, (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _make_anew(self, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        self._made_anew[key] = made = asyncio.Event()

        def is_made() -> None:
            made.set()
            if self._made_anew.get(key) is made:
                del self._made_anew[key]

        async def sent(message: Message) -> None:
            # It is kept by now; who reads it slowly keeps nobody waiting.
            is_made()
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            is_made()


def key_of(scope: Scope) -> str:
    """What an answer is kept under: its address with the query, as it was written."""
    query: bytes = scope["query_string"]
    path: str = scope["path"]
    return f"{path}?{query.decode('latin-1')}" if query else path


class _Known:
    """Stands where the route does, for who counts."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path
