"""Data from a text file together with the lines it came from, so that a fault can be found back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Located:
    """What a file says; ``lines`` gives the 1-based line of each key and list item by its place."""

    source: str
    data: object
    lines: Mapping[Place, int]

    def line(self, place: Place) -> int:
        """The line of this place; of one that is not written, the line of what it is missing from."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def dotted(place: Place) -> str:
    """The place as people write it, list items counted from 0: ``parties[1].organisation``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return text.removeprefix(".")
