"""The outermost edge: every answer gets its headers and is counted; what nobody foresaw becomes a problem."""

from __future__ import annotations

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry import journal
from registry.api import problems
from registry.api.edges import headers
from registry.api.metrics import Metrics

_SHOWN = 200
_TOLD = frozenset({401, 403, 413, 429})
"""Refusals that whoever watches over the service wants to see. Who reads what in an open register is counted only."""


class Guard:
    """Wraps the whole application."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection; what is not HTTP passes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 0

        is_head = scope["method"] == "HEAD"

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers.add_to(message)
            elif is_head:  # the same as GET, but for the body
                message = {**message, "body": b""}
            await send(message)

        try:
            if headers.is_preflight(scope["method"], scope["headers"]):
                await sending(headers.preflight())
                await send({"type": "http.response.body", "body": b""})
            else:
                await self._app({**scope, "method": "GET"} if is_head else scope, receive, sending)
        except Exception as error:
            self._note(scope, "failed", logging.ERROR, error)
            if status:  # the answer has begun: all that is left is to break it off
                raise
            await problems.unforeseen(scope["path"])(scope, receive, sending)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._metrics.count(route, _method(scope), status, time.perf_counter() - began)
        if status in _TOLD:
            self._note(scope, f"refused {status}", logging.WARNING)

    @staticmethod
    def _note(scope: Scope, result: str, level: int, error: Exception | None = None) -> None:
        client = scope.get("client")
        origin = client[0] if client else ""
        action, of = _method(scope).lower(), scope["path"][:_SHOWN]
        journal.note(action, of, result, origin=origin, level=level)
        if error is not None:
            journal.LOGGER.error("unforeseen", exc_info=error)


def _method(scope: Scope) -> str:
    """The method, of those that there are: a reader cannot make up counters."""
    method: str = scope["method"]
    return method if method in _METHODS else "OTHER"


_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT"})
