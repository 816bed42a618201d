"""How long and how large the head of a request may be: uvicorn's parser in C sets no bound by itself."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from registry.api.edges.headers import API_VERSION

LARGEST_HEAD = 64 << 10
"""Bytes that may come before a head is complete."""

HEAD_SECONDS = 20.0
"""How long a head may take, from the connection or from its first byte."""

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n"
    b"API-Version: " + API_VERSION.encode() + b"\r\n\r\n"
)


class Bounded(HttpToolsProtocol):
    """Ends a connection whose request does not begin, or never ends to begin."""

    _seen = 0
    _is_open = True
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """A reader is there, and has so long to say what it wants."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._enough()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """The first bytes of a request."""
        self._seen, self._is_open = 0, True
        if self._timer is None:
            self._wait()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is complete."""
        self._is_open = False
        self._enough()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Some bytes; those of a head that is not complete after them are counted."""
        super().data_received(data)
        if self._is_open and not self.transport.is_closing():
            self._seen += len(data)
            if self._seen > LARGEST_HEAD:
                self.transport.write(_TOO_LARGE)
                self.transport.close()

    def _wait(self) -> None:
        self._timer = self.loop.call_later(HEAD_SECONDS, self._too_late)

    def _enough(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_late(self) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self.transport.close()
