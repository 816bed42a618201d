"""The description of the API: OpenAPI 3.1, made from the routes, with what all operations share added to each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from registry.api import examples, problems
from registry.api.edges.headers import API_VERSION
from registry.settings import Settings

BASE = "/v1"
TITLE = "Food Valley register"
EXAMPLE_SERVER = "https://register.example.nl"
_DESCRIPTION = """\
A register of agreements between public bodies that nobody owns and everybody can check. Each organisation runs a
service of its own on a node of its own; all of them answer the same, and any answer can be checked on the chain.

What is answered from the index says `asOf` which block it holds, with the fingerprint there. `validOn` asks what held
on a day (geldigOp), `knownAt` what had been recorded by a moment (beschikbaarOp); both are now unless given. Lists come
in pages: `next` is the cursor to give as `after`.

A signature is the authority: nobody needs an account to have something carried to the chain.
"""
_NAMED = {400: "Bad Request", 404: "Not Found", 413: "Content Too Large", 429: "Too Many Requests"}
_NAMED |= {500: "Internal Server Error", 503: "Service Unavailable"}
_METHODS = ("get", "post", "put", "patch", "delete")
_RETRY: dict[str, Any] = {
    "description": "seconds to wait before asking again",
    "schema": {"type": "integer", "minimum": 1},
    "example": 5,
}


def describe(app: FastAPI, settings: Settings) -> dict[str, Any]:
    """The description of an application; the same for the same settings, whatever the state of the register."""
    document = get_openapi(
        title=TITLE,
        version=API_VERSION,
        openapi_version="3.1.0",
        summary="Agreements between municipalities, provable",
        description=_DESCRIPTION,
        routes=app.routes,
        tags=app.openapi_tags,
        servers=[{"url": (settings.public_url or EXAMPLE_SERVER).rstrip("/") + BASE}],
        contact={
            "name": "Regio Foodvalley",
            "url": settings.public_url or EXAMPLE_SERVER,
            "email": settings.contact or "register@example.nl",
        },
        license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
    )
    document["paths"] = {path.removeprefix(BASE): item for path, item in document["paths"].items()}
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    _, found = models_json_schema([(problems.Problem, "serialization")], ref_template="#/components/schemas/{model}")
    schemas |= found["$defs"]
    components["headers"] = {
        "API-Version": {
            "description": "the full version of the API",
            "schema": {"type": "string"},
            "example": API_VERSION,
        },
        "Retry-After": _RETRY,
    }
    for path, method, operation in _operations(document):
        _complete(path, method, operation)
        _exemplify(path, operation, schemas)
    return document


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    responses: dict[str, Any] = operation["responses"]
    responses.pop("422", None)
    always = [429, 500, 503]
    always += [400] if operation.get("parameters") or method not in ("get", "delete") else []
    always += [404] if "{" in path else []
    always += [413] if "requestBody" in operation else []
    for status in always:
        responses.setdefault(str(status), {"description": _NAMED[status]})
    for told, response in responses.items():
        headers: dict[str, Any] = {"API-Version": {"$ref": "#/components/headers/API-Version"}}
        if int(told) in (429, 503):
            headers["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}
        response["headers"] = headers | response.get("headers", {})
        if int(told) >= 400:
            schema = {"$ref": "#/components/schemas/Problem"}
            response["content"] = {problems.MEDIA_TYPE: {"schema": schema}}
    operation["responses"] = dict(sorted(responses.items()))


def _exemplify(path: str, operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """An example for what goes in and for each answer."""
    for media in operation.get("requestBody", {}).get("content", {}).values():
        if media.get("schema", {}).get("format") != "binary":
            media.setdefault("example", examples.example_of(media["schema"], schemas))
    for status, response in operation["responses"].items():
        for name, media in response.get("content", {}).items():
            if int(status) >= 400:
                media["example"] = examples.problem(int(status), BASE + path)
            elif name == "application/json":
                media.setdefault("example", examples.example_of(media["schema"], schemas))
