"""The headers of every answer: version, security, and whom a browser lets read it."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.types import Message

API_VERSION = "1.0.0"

Raw = list[tuple[bytes, bytes]]

_ALWAYS: Raw = [
    (b"api-version", API_VERSION.encode()),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    # Anybody may ask from any page: nothing is granted to a browser by itself, there are no cookies.
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"API-Version, ETag, Location, Retry-After, WWW-Authenticate"),
]
_NAMES = frozenset(name for name, _ in _ALWAYS)

_PREFLIGHT: Raw = [
    (b"access-control-allow-methods", b"GET, POST, PUT, DELETE"),
    (b"access-control-allow-headers", b"Authorization, Content-Type, If-None-Match, Range"),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
]


def add_to(message: Message) -> None:
    """Adds the headers to the start of an answer; what the endpoint said itself stays."""
    headers: Raw = message["headers"]
    said = {name.lower() for name, _ in headers} & _NAMES
    if said:
        headers.extend((name, value) for name, value in _ALWAYS if name not in said)
    else:
        headers.extend(_ALWAYS)


def is_preflight(method: str, headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a browser asks if it may ask (Fetch, "CORS-preflight request")."""
    if method != "OPTIONS":
        return False
    names = {name for name, _ in headers}
    return b"origin" in names and b"access-control-request-method" in names


def preflight() -> Message:
    """The answer to that."""
    return {"type": "http.response.start", "status": 204, "headers": list(_PREFLIGHT)}
