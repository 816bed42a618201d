"""One mutant: a piece of source, what it becomes, and where the choice between the two is made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_SHOWN = 110


@dataclass(frozen=True)
class Place:
    """Where the choice between the original and the mutants is made: around this piece of source.

    `expression`: by ?:, `initial`: the same with both made `type_name`, which a number needs to have a type;
    `statement`: by if; `constant`: wherever the constant with this `declaration` is read; `assembly` and
    `assembly statement`: the same within the block of assembly that begins at `block`.
    """

    kind: str
    start: int
    end: int
    type_name: str = ""
    declaration: int = -1
    block: int = -1


@dataclass(frozen=True)
class Mutant:
    """One mistake: `replacement` instead of what stands from `start` to `end`."""

    path: str
    start: int
    end: int
    replacement: bytes
    function: str
    line: int
    original: str
    mutated: str
    place: Place | None
    nth: int = 1

    @property
    def key(self) -> str:
        """Names it by what it is and not by where it stands, so that the name outlives changes elsewhere."""
        again = f" ({self.nth})" if self.nth > 1 else ""
        return f"{self.path.rpartition('/')[2]} {self.function}{again}: {self.original} → {self.mutated}"

    def apply(self, text: bytes) -> bytes:
        """The source with the mistake in it."""
        return text[: self.start] + self.replacement + text[self.end :]

    def alternative(self, text: bytes, place: Place) -> bytes:
        """What stands at the place if this mutant is chosen."""
        return text[place.start : self.start] + self.replacement + text[self.end : place.end]


def shown(text: bytes) -> str:
    """A piece of source on one line, its middle left out if it is long."""
    line = " ".join(text.decode("utf-8").split())
    half = _SHOWN // 2
    return line if len(line) <= _SHOWN else f"{line[:half]} … {line[-half:]}"


def by_file(mutants: Iterable[Mutant]) -> dict[str, list[Mutant]]:
    """The same, by the path of their source."""
    files: dict[str, list[Mutant]] = {}
    for one in mutants:
        files.setdefault(one.path, []).append(one)
    return files
