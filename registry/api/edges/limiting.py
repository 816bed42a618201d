"""How much one reader may ask: requests a minute, and bytes in one request."""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry.api import problems
from registry.exchange.limits import LIMITS

LARGEST_BODY = 1 << 20
"""Bytes of a request, where :data:`LARGER_BODIES` does not say otherwise."""

LARGER_BODIES: dict[str, int] = {"/v1/dossiers/": LIMITS.file_bytes}
"""Where more may come, in bytes by the beginning of the path: ``/v1/dossiers/``."""

_UNLIMITED = ("/health/",)


class Limits:
    """Refuses what is too much, before anything else looks at it; ``per_minute`` 0 = no limit on their number."""

    def __init__(self, app: ASGIApp, per_minute: int) -> None:
        self._app = app
        self._rate = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        client = scope.get("client")
        if self._rate is not None and not path.startswith(_UNLIMITED):
            origin = client[0] if client else ""
            if not self._limiter.hit(self._rate, origin):
                await self._too_many(origin, path)(scope, receive, send)
                return
        if scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        most = largest_body(path)
        if _stated(scope) > most:
            await _too_large(most, path)(scope, receive, send)
            return
        await self._app(scope, _counted(receive, most), send)

    def _too_many(self, origin: str, path: str) -> Response:
        assert self._rate is not None  # noqa: S101 - only asked where there is one
        window = self._limiter.get_window_stats(self._rate, origin)
        wait = max(math.ceil(window.reset_time - time.time()), 1)
        detail = f"more than {self._rate.amount} requests in a minute"
        hint = f"wait {wait} seconds"
        return problems.answer(429, detail, path, hint=hint, headers={"Retry-After": str(wait)})


def largest_body(path: str) -> int:
    """How many bytes a request to this address may hold."""
    return max((most for start, most in LARGER_BODIES.items() if path.startswith(start)), default=LARGEST_BODY)


def _stated(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


def _too_large(most: int, path: str) -> Response:
    headers = {"Connection": "close"}
    return problems.answer(413, f"a request here holds at most {most} bytes", path, headers=headers)


def _counted(receive: Receive, most: int) -> Receive:
    """The same, and the end of it where more comes than was stated."""
    seen = 0

    async def counting() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > most:
                raise HTTPException(413, f"a request here holds at most {most} bytes", {"Connection": "close"})
        return message

    return counting
