"""Examples for the description: each put together from the examples of the members, so that none can go stale."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from registry.api import problems

_DETAILS = {
    400: "query.limit: Input should be less than or equal to 1000",
    401: "the session is over",
    403: "the organisation of this key is no party",
    404: "there is nothing at this address",
    409: "the act was declined",
    413: "a request here holds at most 1048576 bytes",
    429: "more than 1200 requests in a minute",
    500: "something went wrong here that nobody foresaw",
    503: "the node does not answer",
}
_DEEPEST = 12


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int = 0) -> Any:
    """A value that the schema allows: the example of each member, or the simplest that its type has."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas, depth)
    for key in ("const", "default"):
        if schema.get(key) is not None:
            return schema[key]
    if schema.get("examples"):
        return schema["examples"][0]
    if schema.get("enum"):
        return schema["enum"][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            chosen = next((one for one in schema[key] if one.get("type") != "null"), schema[key][0])
            return example_of(chosen, schemas, depth)
    return _of_type(schema, schemas, depth)


def problem(status: int, path: str) -> dict[str, object]:
    """An example of a problem with this status."""
    title = HTTPStatus(status).phrase
    return {
        "type": problems.TYPE + title.lower().replace(" ", "-"),
        "title": title,
        "status": status,
        "detail": _DETAILS.get(status, title),
        "instance": path,
    }


def _of_type(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int) -> Any:
    match schema.get("type"):
        case "object":
            members = schema.get("properties", {})
            return {name: example_of(one, schemas, depth + 1) for name, one in members.items()}
        case "array":
            return [] if depth > _DEEPEST else [example_of(schema["items"], schemas, depth + 1)]
        case "integer" | "number":
            return schema.get("minimum", 0)
        case "boolean":
            return False
        case "string":
            return "text"
        case _:
            return None
