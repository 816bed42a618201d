"""Targets: a number that was aimed at, the number that was measured, and whether it holds.

Every benchmark ends with its targets, one line each, in the same form; the exit code says whether all of them hold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Target:
    """One number against its bound; ``digits`` are those shown behind the point, ``unit`` follows the number."""

    name: str
    value: float
    bound: float
    direction: Literal["at most", "at least"]
    digits: int = 0
    unit: str = ""

    @property
    def holds(self) -> bool:
        """Whether the measured number itself, before any rounding, keeps to the bound; nothing measured never does."""
        if self.direction == "at most":
            return self.value <= self.bound
        return self.value >= self.bound

    @property
    def line(self) -> str:
        """``name: value (target …) ok``, or ``short``."""
        sign = "≤" if self.direction == "at most" else "≥"
        bound = f"{self.bound:,.{self.digits}f}{self.unit}"
        return f"{self.name}: {self._shown()}{self.unit} (target {sign} {bound}) {'ok' if self.holds else 'short'}"

    def to_json(self) -> dict[str, object]:
        """The same for machines, with the number as it was measured."""
        value = self.value if math.isfinite(self.value) else None
        return {
            "name": self.name,
            "value": value,
            "bound": self.bound,
            "direction": self.direction,
            "holds": self.holds,
        }

    def _shown(self) -> str:
        """Rounded to the side of the bound that it is on: 7.996 is not shown as the 8.00 that it misses."""
        if not math.isfinite(self.value):
            return "not measured"
        scale = 10**self.digits
        # A hair's breadth first, so that 7.1 is not taken for 7.0999….
        if self.direction == "at most":
            rounded = math.ceil(self.value * scale - 1e-9) / scale
        else:
            rounded = math.floor(self.value * scale + 1e-9) / scale
        return f"{rounded:,.{self.digits}f}"


def at_most(name: str, value: float, bound: float, *, digits: int = 0, unit: str = "") -> Target:
    """A number that should not be larger."""
    return Target(name, value, bound, "at most", digits, unit)


def at_least(name: str, value: float, bound: float, *, digits: int = 0, unit: str = "") -> Target:
    """A number that should not be smaller."""
    return Target(name, value, bound, "at least", digits, unit)


def exit_code(targets: Sequence[Target]) -> int:
    """0 if every target holds, else 1; ValueError if there are none, for then nothing was measured."""
    if not targets:
        raise ValueError("a benchmark without targets proves nothing")
    return 0 if all(target.holds for target in targets) else 1
