"""Errors as problems: ``application/problem+json`` by RFC 9457, each saying what is wrong and what to do about it.

Every answer above 399 is one, also where nothing was foreseen. ``type`` names the sort of problem, ``detail`` this one,
``instance`` the path that was asked; ``hint`` says what to do. None holds a secret or a trace.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import Response

from registry import journal
from registry.errors import (
    ContractError,
    ManifestError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    QueueFullError,
    RefusedError,
    RegistryError,
    StorageError,
    UnavailableError,
    UsageError,
)

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:foodvalley:problem:"
RETRY_SECONDS = 5

_OPTION = re.compile(r"--([a-z]+(?:-[a-z]+)*)")
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Fault(BaseModel):
    """One thing that is wrong with what was sent."""

    place: str = Field(description="where: query, path, header or body, and the name", examples=["query.validOn"])
    message: str = Field(description="what is wrong there", examples=["is no day"])


class Problem(BaseModel):
    """What went wrong, as RFC 9457 has it."""

    model_config = ConfigDict(title="Problem")

    type: str = Field(description="the sort of problem, as a URI", examples=["urn:foodvalley:problem:not-found"])
    title: str = Field(description="the sort of problem in words", examples=["Not Found"])
    status: int = Field(ge=400, le=599, description="the status of the answer", examples=[404])
    detail: str = Field(description="this problem in words", examples=["0x12 is the hash of no agreement or act here"])
    instance: str = Field(description="the path that was asked", examples=["/v1/agreements/0x12"])
    hint: str | None = Field(default=None, description="what to do about it", examples=["see /v1/agreements"])
    errors: list[Fault] | None = Field(default=None, description="everything that is wrong with what was sent")


class ProblemError(Exception):
    """A problem that an endpoint knows by its status, where no error of the package says it."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        kind: str | None = None,
        hint: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.kind = kind
        self.hint = hint
        self.headers = dict(headers or {})


def status_of(error: RegistryError) -> int:
    """The status with which an error of the package is answered."""
    if isinstance(error, NotFoundError):
        return 404
    if isinstance(error, NotSignedInError):
        return 401
    if isinstance(error, NotAllowedError):
        return 403
    if isinstance(error, UsageError):
        return 400
    if isinstance(error, RefusedError):
        return 409
    return 503 if isinstance(error, UnavailableError) else 500


def answer(
    status: int,
    detail: str,
    path: str,
    *,
    kind: str | None = None,
    hint: str | None = None,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, object] | None = None,
) -> Response:
    """A problem as an answer; ``kind`` is the last part of its type, by default the words of the status."""
    title = HTTPStatus(status).phrase
    body: dict[str, object] = {
        "type": TYPE + (kind or title.lower().replace(" ", "-").replace("'", "")),
        "title": title,
        "status": status,
        "detail": detail,
        "instance": path,
    }
    if hint:
        body["hint"] = hint
    body |= more or {}
    waits = {"Retry-After": str(RETRY_SECONDS)} if status in (429, 503) else {}
    return Response(orjson.dumps(body, default=str), status, waits | dict(headers or {}), MEDIA_TYPE)


def of_error(error: RegistryError, path: str) -> Response:
    """An error of the package as an answer: its message and hint, with options as the parameters they are here."""
    kind = _CAPITAL.sub("-", type(error).__name__.removesuffix("Error")).lower()
    if isinstance(error, StorageError):  # names files and databases, which are nobody's business but who runs this
        journal.note("answer", path, "failed", level=logging.WARNING, why=error.message)
        error = StorageError("a disk or database of this service cannot be used just now", hint="try again later")
    more: dict[str, object] = {}
    if isinstance(error, ContractError):
        told = error.to_json()
        more = {key: told[key] for key in ("contractError", "arguments")}
    if isinstance(error, ManifestError):
        more = {"errors": [{"place": f"body.{one.field}", "message": one.message} for one in error.problems]}
    hint = _as_parameters(error.hint) if error.hint else None
    status = status_of(error)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    if isinstance(error, QueueFullError):
        headers = {"Retry-After": str(error.retry_after)}
    return answer(status, _as_parameters(error.message), path, kind=kind, hint=hint, headers=headers, more=more)


def unforeseen(path: str) -> Response:
    """What is answered where nothing was foreseen: nothing of what it was."""
    return answer(
        500,
        "something went wrong here that nobody foresaw",
        path,
        hint="try again; if it stays, tell whoever runs this service, and when it happened",
    )


def _as_parameters(text: str) -> str:
    """Options of the commands by the names of the query parameters: --valid-on is validOn."""
    return _OPTION.sub(lambda found: re.sub(r"-([a-z])", lambda one: one[1].upper(), found[1]), text)


# Handlers


async def on_registry_error(request: Request, error: Exception) -> Response:
    """An error of the package."""
    assert isinstance(error, RegistryError)  # noqa: S101 - registered for these only
    return of_error(error, request.url.path)


async def on_problem(request: Request, error: Exception) -> Response:
    """A problem that an endpoint raised."""
    assert isinstance(error, ProblemError)  # noqa: S101 - registered for these only
    path = request.url.path
    return answer(error.status, error.detail, path, kind=error.kind, hint=error.hint, headers=error.headers)


async def on_http_error(request: Request, error: Exception) -> Response:
    """What routing and reading the body raise: nothing here, another method, too large."""
    assert isinstance(error, StarletteHTTPException)  # noqa: S101 - registered for these only
    path, headers = request.url.path, dict(error.headers or {})
    if error.status_code == 404:
        return answer(404, "there is nothing at this address", path, hint="see /v1/openapi.json", headers=headers)
    if error.status_code == 405:
        allowed = ", ".join(sorted(allowed_methods(request)))
        detail = f"{request.method} is not possible here"
        return answer(405, detail, path, hint=f"use {allowed}", headers=headers | {"Allow": allowed})
    return answer(error.status_code, str(error.detail), path, headers=headers)


async def on_invalid(request: Request, error: Exception) -> Response:
    """What was sent is not what is asked for: 400, with every fault and where it is."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for these only
    faults = [{"place": ".".join(map(str, one["loc"])), "message": one["msg"]} for one in error.errors()]
    detail = "; ".join(f"{one['place']}: {one['message']}" for one in faults[:5])
    more: dict[str, Any] = {"errors": faults}
    return answer(400, detail, request.url.path, kind="invalid-input", hint="see /v1/openapi.json", more=more)


def allowed_methods(request: Request) -> set[str]:
    """The methods that the address knows."""
    methods: set[str] = set()
    for one in request.app.state.methods:
        methods |= one.methods_at(request.url.path)
    return methods


HANDLERS: dict[Any, Any] = {
    RegistryError: on_registry_error,
    ProblemError: on_problem,
    HTTPException: on_http_error,
    StarletteHTTPException: on_http_error,
    RequestValidationError: on_invalid,
}


def documented(*statuses: int, **why: str) -> dict[int | str, dict[str, Any]]:
    """The problems that an operation may answer with, for the ``responses`` of a route.

    What every operation may answer (400, 404 with a path, 413 with a body, 429, 500, 503) is added to the description
    by itself. ``why`` gives the words for a status, as ``s409="declined already"``.
    """
    return {one: {"description": why.get(f"s{one}", HTTPStatus(one).phrase)} for one in statuses}
