"""Answers as bytes, and the tags by which a reader knows that one has not changed."""

from __future__ import annotations

from hashlib import sha256

import orjson
from fastapi import Request
from starlette.responses import Response

from registry.documents import Document


def json(document: Document, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A document as an answer."""
    return Response(orjson.dumps(document), status, headers, "application/json")


def tagged(request: Request, document: Document) -> Response:
    """A document that will never change, with its tag; 304 without it if the reader has it already (RFC 9110, 13.1)."""
    body = orjson.dumps(document)
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    if _has(request.headers.get("if-none-match"), tag):
        return Response(None, 304, {"ETag": tag})
    return Response(body, 200, {"ETag": tag}, "application/json")


def has_tag(request: Request, tag: str) -> bool:
    """Whether the reader has what this tag stands for."""
    return _has(request.headers.get("if-none-match"), tag)


def _has(given: str | None, tag: str) -> bool:
    if given is None:
        return False
    known = {one.strip().removeprefix("W/") for one in given.split(",")}
    return tag in known or "*" in known
