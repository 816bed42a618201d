"""Faults found by pydantic, in plain English that says how to mend them."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

_SENTENCES = {
    "string_type": "must be text: put it between quotes",
    "string_unicode": "has characters that are not valid Unicode: type the text anew",
    "string_too_short": "is empty: fill it in",
    "int_type": "must be a whole number without quotes",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "model_type": "must hold fields with a name and a value",
    "model_attributes_type": "must hold fields with a name and a value",
    "dict_type": "must hold fields with a name and a value",
}


def explain(fault: ErrorDetails, model: type[BaseModel]) -> str:
    """What is wrong in one sentence, for the person who wrote the value; ``model`` is that of the whole."""
    kind, context, value = fault["type"], fault.get("ctx", {}), fault.get("input")
    if kind == "missing":
        field = _field(fault["loc"], model)
        return f"is missing: {field.description}" if field else "is missing"
    if kind == "extra_forbidden":
        return _unknown(str(fault["loc"][-1]), _aliases(_model_at(fault["loc"][:-1], model)))
    if kind in ("enum", "literal_error"):
        return _not_an_option(value, context["expected"])
    if kind in _SENTENCES:
        return _SENTENCES[kind]
    if kind == "string_pattern_mismatch" and (field := _field(fault["loc"], model)):
        return f"{value!r} has not the right form: {field.description}"
    return _limit(kind, context) or fault["msg"]


def _limit(kind: str, context: dict[str, Any]) -> str | None:
    match kind:
        case "string_too_long":
            return f"is too long: at most {context['max_length']} characters"
        case "too_short":
            return f"needs {context['min_length']} or more"
        case "too_long":
            return f"has too many: at most {context['max_length']}"
        case "greater_than_equal":
            return f"must be {context['ge']} or more"
        case "less_than_equal":
            return f"must be {context['le']} or less"
    return None


def _unknown(name: str, known: Iterable[str]) -> str:
    known = list(known)
    nearest = get_close_matches(name.casefold(), [one.casefold() for one in known], n=1)
    meant = [one for one in known if one.casefold() in nearest]
    advice = f"did you mean {meant[0]}?" if meant else f"known here are {', '.join(known)}"
    return f"unknown field {name!r}: {advice}"


def _not_an_option(value: object, expected: str) -> str:
    options = expected.replace("'", "").replace(" or ", ", ").split(", ")
    nearest = get_close_matches(str(value).casefold(), options, n=1)
    advice = f"did you mean {nearest[0]}?" if nearest else f"write {' or '.join(options)}"
    return f"{str(value)[:80]!r} is not possible here: {advice}"


def _aliases(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _field(place: tuple[str | int, ...], model: type[BaseModel]) -> FieldInfo | None:
    fields = _model_at(place[:-1], model).model_fields
    return next((field for name, field in fields.items() if (field.alias or name) == place[-1]), None)


def _model_at(place: tuple[str | int, ...], model: type[BaseModel]) -> type[BaseModel]:
    """The model of the part at this place: ``parties[1]`` is a Party."""
    for step in place:
        field = _field((step,), model) if isinstance(step, str) else None
        parts = get_args(field.annotation) if field else ()
        model = next((one for one in parts if isinstance(one, type) and issubclass(one, BaseModel)), model)
    return model
