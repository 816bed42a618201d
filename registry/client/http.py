"""Requests to one service and its answers, with every fault as an error of this package.

An answer is read up to a limit; what a service says in words is shortened, and shown on one line without characters
that steer a terminal. Redirects are not followed: a service answers for itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx

from registry import __version__
from registry.errors import (
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    RefusedError,
    RegistryError,
    ServiceError,
    UnavailableError,
    UsageError,
)

LARGEST_ANSWER = 8 << 20
_LONGEST_WORDS = 600
_FEW_PIECES, _CRUMB_BYTES = 2000, 128
_READ_SECONDS = 30.0
_CONNECT_SECONDS = 10.0

Allow = tuple[float, int]
"""Seconds and bytes that an answer may take, for a transport that counts them."""


class Http:
    """One service; ``transport`` is how it is reached, by default without any restriction."""

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        try:
            parts = urlsplit(url)
            usable = parts.scheme in ("http", "https") and bool(httpx.URL(url).host) and parts.port != 0
        except (ValueError, httpx.InvalidURL):
            usable = False
        if not usable:
            raise UsageError("the address of the service is not a web address", hint="for example https://host")
        self.url = url.rstrip("/")
        self.token: str | None = None
        self._client = httpx.Client(
            base_url=self.url + "/v1/",
            transport=transport,
            timeout=httpx.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=transport is None,
            # Nothing is unpacked that a service packed: a few bytes cannot become many here.
            headers={"User-Agent": f"foodvalley/{__version__}", "Accept-Encoding": "identity"},
        )

    @property
    def shown(self) -> str:
        """What messages call the service: its address without user and password."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    def close(self) -> None:
        """Lets go of its connections."""
        self._client.close()

    def get(self, path: str, **params: object) -> Any:
        """The JSON document at a path below ``/v1/``."""
        return self.ask("GET", path, params=params)

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, object] | None = None,
        body: object | None = None,
        content: bytes | Iterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """The JSON document that a request is answered with; None where there is none."""
        kind = {} if content is None else {"Content-Type": "application/octet-stream"}
        if body is not None:
            content, kind = json.dumps(body).encode(), {"Content-Type": "application/json"}
        told_of = {**kind, **(headers or {})}
        with self.answering(method, path, params=params, headers=told_of, content=content) as answer:
            told = self._read(answer)
        if answer.status_code == 204 or not told:
            return None
        return self._parsed(told)

    @contextmanager
    def answering(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        content: Any = None,
        allow: Allow | None = None,
    ) -> Iterator[httpx.Response]:
        """An answer whose body is yet to be read, if it is a good one; else the error that it tells of."""
        given = {key: value for key, value in (params or {}).items() if value is not None}
        signed = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        with self._faults():
            request = self._client.build_request(
                method,
                path,
                params={
                    key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in given.items()
                },
                headers={**signed, **(headers or {})},
                content=content,
                extensions={"allow": allow} if allow else None,
            )
            request.extensions.setdefault("timeout", self._client.timeout.as_dict())
            answer = self._client.send(request, stream=True)
            try:
                if answer.status_code >= 400:
                    raise self._problem(answer)
                if answer.status_code >= 300 and answer.status_code != 304:
                    raise ServiceError(f"{self.shown} sends elsewhere ({answer.status_code}), which is not followed")
                if answer.headers.get("content-encoding", "identity") != "identity":
                    raise ServiceError(f"{self.shown} sends something packed, which was not asked for")
                yield answer
            finally:
                answer.close()

    def _read(self, answer: httpx.Response) -> bytes:
        return self.whole(answer, LARGEST_ANSWER)

    def whole(self, answer: httpx.Response, most: int) -> bytes:
        """The body of an answer; ServiceError if it has more bytes than that."""
        found = bytearray()
        for piece in self.pieces(answer):
            found += piece
            if len(found) > most:
                raise ServiceError(f"{self.shown} answers with more than {most} bytes")
        return bytes(found)

    def pieces(self, answer: httpx.Response) -> Iterator[bytes]:
        """The body of an answer as it comes; ServiceError if it comes in crumbs, dear to read and cheap to send."""
        count = size = 0
        for piece in answer.iter_raw():
            count, size = count + 1, size + len(piece)
            if count > _FEW_PIECES and size < count * _CRUMB_BYTES:
                raise ServiceError(f"{self.shown} answers in crumbs of a few bytes")
            yield piece

    def _parsed(self, told: bytes) -> Any:
        try:
            return json.loads(told)
        except (ValueError, RecursionError) as error:
            raise ServiceError(
                f"{self.shown} answers with something else than JSON", hint="is this the address of a service?"
            ) from error

    def _problem(self, answer: httpx.Response) -> RegistryError:
        """The error that a bad answer tells of (RFC 9457)."""
        status = answer.status_code
        try:
            told = json.loads(self._read(answer))
        except (ValueError, RecursionError):
            told = {}
        told = told if isinstance(told, dict) else {}
        detail = words(told.get("detail")) or f"{self.shown} answers {status}"
        hint = words(told.get("hint")) or None
        if status in (429, 503):
            wait = answer.headers.get("retry-after", "")
            hint = hint or (f"try again in {wait} seconds" if wait.isdigit() else "try again later")
            return UnavailableError(detail, hint=hint)
        known: dict[int, type[RegistryError]] = {
            400: UsageError,
            401: NotSignedInError,
            403: NotAllowedError,
            404: NotFoundError,
            413: UsageError,
            415: UsageError,
        }
        found = known.get(status, ServiceError if status >= 500 else RefusedError)
        return found(detail, hint=hint)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except httpx.TimeoutException as error:
            raise ServiceError(f"{self.shown} takes too long", hint="try again later") from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            reason = words(str(error)) or type(error).__name__
            raise ServiceError(f"{self.shown} does not answer as it should: {reason}", hint=_REACHABLE) from error


_REACHABLE = "does the service run, and is its address right?"


def member(told: object, name: str) -> Any:
    """What an answer says under a name; None if nothing, or if it is no object at all."""
    return told.get(name) if isinstance(told, dict) else None


def words(told: object) -> str:
    """What a service says, on one line, without characters that steer a terminal, and not too long."""
    text = told if isinstance(told, str) else ""
    return "".join(one if one.isprintable() else " " for one in text[:_LONGEST_WORDS])
