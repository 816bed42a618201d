"""Log lines as JSON, one a line, in the form that BIO2 asks: action, object, result, origin, actor, time.

All in ASCII, so that nothing in a value can begin a line of its own, whatever reads the log takes for the end of one.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TextIO

from structlog.tracebacks import ExceptionDictTransformer

_LONGEST = 500


@contextmanager
def shown(stream: TextIO | None = None, level: int = logging.INFO) -> Iterator[None]:
    """Has what is logged within the block shown as JSON, on standard error unless told otherwise; then as before."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Line())
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


class _Line(logging.Formatter):
    """A record as one line: the members that every line has first, and none of them endless."""

    def format(self, record: logging.LogRecord) -> str:
        """The members of a note of the journal; of any other record its text as what was done."""
        note: Mapping[str, object] | None = getattr(record, "note", None)
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds")[:-6] + "Z",
            "level": record.levelname.lower(),
            "action": record.getMessage(),
            **(note or {"object": record.name, "result": "told", "origin": "", "actor": ""}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            told["exception"] = _TRACES(record.exc_info)
        return json.dumps({name: _cut(value) for name, value in told.items()}, default=str)


# Without the values of variables: keys, tokens and documents are among them.
_TRACES = ExceptionDictTransformer(show_locals=False)


def _cut(value: object) -> object:
    return value[:_LONGEST] + "…" if isinstance(value, str) and len(value) > _LONGEST else value
