"""The events of a batch by what they are: whoever looks for a few kinds among thousands need not look at all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar, cast

from registry.model import Event

T = TypeVar("T", bound=Event)


class ByKind:
    """Events, sorted once."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._found: dict[type, list[Event]] = {}
        for event in events:
            self._found.setdefault(type(event), []).append(event)

    def of(self, kind: type[T]) -> list[T]:
        """Those of this kind, in order."""
        return cast(list[T], self._found.get(kind, []))
