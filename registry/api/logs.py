"""Log lines as JSON, one a line, in the form that BIO2 asks: action, object, result, origin, actor, time.

All in ASCII, so that nothing in a value can begin a line of its own, whatever reads the log takes for the end of one.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any, TextIO

import structlog

_LONGEST = 500
_FIRST = ("time", "level", "action", "object", "result", "origin", "actor")


@contextmanager
def shown(stream: TextIO | None = None, level: int = logging.INFO) -> Iterator[None]:
    """Has what is logged within the block shown as JSON, on standard error unless told otherwise; then as before."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_noted, structlog.stdlib.add_log_level, _timed],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.dict_tracebacks,
                _ordered,
                structlog.processors.JSONRenderer(ensure_ascii=True, default=str),
            ],
        )
    )
    levels = {"": logging.WARNING, "foodvalley": level, "uvicorn": logging.WARNING, "uvicorn.error": logging.WARNING}
    loggers = {name: logging.getLogger(name) for name in levels}
    before = [(one, one.handlers[:], one.level, one.propagate) for one in loggers.values()]
    try:
        for name, one in loggers.items():
            one.handlers[:] = [] if name else [handler]
            one.setLevel(levels[name])
            one.propagate = True
        yield
    finally:
        for one, handlers, was, propagates in before:
            one.handlers[:] = handlers
            one.setLevel(was)
            one.propagate = propagates


_timed = structlog.processors.TimeStamper(fmt="iso", utc=True, key="time")


def _noted(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The members of a note of the journal; of any other line its text as what was done."""
    record: logging.LogRecord = event["_record"]
    note: Mapping[str, object] | None = getattr(record, "note", None)
    event["action"] = event.pop("event")
    if note is None:
        event.update({"object": record.name, "result": "told", "origin": "", "actor": ""})
    else:
        event.update(note)
    return event


def _ordered(_: Any, __: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """The members that every line has first, and none of them endless."""
    told = {name: event[name] for name in _FIRST if name in event} | dict(event)
    return {name: _cut(value) for name, value in told.items()}


def _cut(value: object) -> object:
    return value[:_LONGEST] + "…" if isinstance(value, str) and len(value) > _LONGEST else value
