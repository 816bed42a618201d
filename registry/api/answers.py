"""Answers as bytes, and the tags by which a reader knows that one has not changed."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import orjson
from fastapi import Request
from starlette.responses import Response

from registry.documents import Document

_TAG = {
    "description": "stands for what will never change; give it as If-None-Match",
    "schema": {"type": "string"},
    "example": 'W/"3f213f213f213f213f213f213f213f21"',
}
TAGGED: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"ETag": _TAG}},
    304: {"description": "you have it already", "headers": {"ETag": _TAG}},
}
"""The ``responses`` of an operation that answers with :func:`tagged`."""


def json(document: Document, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A document as an answer."""
    return Response(orjson.dumps(document), status, headers, "application/json")


def tagged(if_none_match: str | None, document: Document, asked: Document) -> Response:
    """A document that will never change, with its tag; 304 without it if the reader has it already (RFC 9110, 13.1).

    ``asked``, which says as of which block the answer is, is no part of what the tag stands for: so it is a weak one.
    """
    tag = f'W/"{sha256(orjson.dumps(document)).hexdigest()[:32]}"'
    if _has(if_none_match, tag):
        return Response(None, 304, {"ETag": tag})
    return Response(orjson.dumps({**asked, **document}), 200, {"ETag": tag}, "application/json")


def has_tag(request: Request, tag: str) -> bool:
    """Whether the reader has what this tag stands for."""
    return _has(request.headers.get("if-none-match"), tag)


def _has(given: str | None, tag: str) -> bool:
    if given is None:
        return False
    known = {one.strip().removeprefix("W/") for one in given.split(",")}
    return tag.removeprefix("W/") in known or "*" in known
