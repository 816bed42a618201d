"""Query parameters that are not there are refused: one that is misspelt and ignored would give a wrong answer."""

from __future__ import annotations

from difflib import get_close_matches
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

_NAMES: dict[int, frozenset[str]] = {}


async def only_known_parameters(request: Request) -> None:
    """RequestValidationError if the address holds a parameter that the operation does not know, or one twice."""
    query: bytes = request.scope["query_string"]
    if not query:
        return
    route = request.scope["route"]
    known = _names(route)
    told = [name for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True)]
    faults = [_fault(name, known) for name in dict.fromkeys(told) if name not in known]
    faults += [_told("is given twice", name) for name in known if told.count(name) > 1]
    if faults:
        raise RequestValidationError(faults)


def _names(route: APIRoute) -> frozenset[str]:
    found = _NAMES.get(id(route))
    if found is None:
        flat = get_flat_params(route.dependant)
        found = frozenset(
            one.alias for one in flat if getattr(one.field_info, "in_", None) is not None and _is_query(one)
        )
        _NAMES[id(route)] = found
    return found


def _is_query(one: object) -> bool:
    kind = getattr(one, "field_info").in_  # noqa: B009 - its type does not say so
    return str(getattr(kind, "value", kind)) == "query"


def _fault(name: str, known: frozenset[str]) -> dict[str, object]:
    close = get_close_matches(name.casefold(), {one.casefold(): one for one in known}, n=1)
    meant = next((one for one in known if close and one.casefold() == close[0]), None)
    return _told(f"is no parameter here: did you mean {meant}?" if meant else "is no parameter here", name[:100])


def _told(message: str, name: str) -> dict[str, object]:
    return {"type": "unknown_parameter", "loc": ("query", name), "msg": message, "input": None}
