"""What must hold between the fields of a manifest, checked on whatever of it is readable.

These rules look at the data as written, before and apart from the model: a person then hears every fault at
once, also when another field is broken. A rule that needs a broken value stays silent; the model names that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from unicodedata import normalize

from pydantic_core import PydanticCustomError

from registry.dossier.fields import read_day, read_organisation
from registry.organisations import Directory

Place = tuple[str | int, ...]
Fault = tuple[Place, str]

RESERVED = frozenset({"manifest.json", "leaves.json", "manifest.yaml", "manifest.yml", "manifest.toml"})
"""Names at the top of a dossier that are never one of its documents."""


def faults(data: Mapping[str, object], directory: Directory | None) -> Iterator[Fault]:
    """Every fault between fields, as its place in the data and what is wrong."""
    yield from _period(data)
    yield from _parties(data, directory)
    yield from _commitments(data, directory)
    yield from _files(data)


def same_file(path: str) -> str:
    """Paths with an equal key are one file on some system: macOS ignores case and the form of accents."""
    return normalize("NFC", path).casefold()


def _period(data: Mapping[str, object]) -> Iterator[Fault]:
    first, last = _day(data.get("validFrom")), _day(data.get("validUntil"))
    if first and last and last < first:
        yield ("validUntil",), f"{last} is before validFrom {first}: the last day cannot precede the first"


def _parties(data: Mapping[str, object], directory: Directory | None) -> Iterator[Fault]:
    rows = _rows(data, "parties")
    if len(rows) == 1:
        yield (
            ("parties",),
            "one party cannot agree with itself: name two or more, or none when the agreement ends",
        )
    seen: dict[str, int] = {}
    for index, row in rows:
        organisation = _organisation(row, directory)
        if organisation is None:
            continue
        first = seen.setdefault(organisation, index)
        if first != index:
            yield (
                ("parties", index, "organisation"),
                f"{organisation} is already parties[{first}]: name each organisation once",
            )


def _commitments(data: Mapping[str, object], directory: Directory | None) -> Iterator[Fault]:
    parties = {_organisation(row, directory) for _, row in _rows(data, "parties")}
    seen: dict[str, int] = {}
    for index, row in _rows(data, "commitments"):
        label, organisation = row.get("id"), _organisation(row, directory)
        if isinstance(label, str) and (first := seen.setdefault(label, index)) != index:
            yield ("commitments", index, "id"), f"{label} is already commitments[{first}]: choose another id"
        if organisation and None not in parties and organisation not in parties:
            yield (
                ("commitments", index, "organisation"),
                f"{organisation} is not a party: add it to parties, or name the party that promises this",
            )


def _files(data: Mapping[str, object]) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for index, row in _rows(data, "files"):
        if row.get("organisation") is not None and row.get("role") != "besluit":
            yield ("files", index, "organisation"), "belongs to a file with role besluit only: leave it out"
        path = row.get("path")
        if not isinstance(path, str):
            continue
        key = same_file(path)
        if key in RESERVED:
            yield ("files", index, "path"), f"{path} is a name that the register uses itself: rename the file"
        first = seen.setdefault(key, index)
        if first != index:
            yield ("files", index, "path"), f"{path} is already files[{first}]: name each file once"


def _rows(data: Mapping[str, object], name: str) -> list[tuple[int, Mapping[str, object]]]:
    value = data.get(name)
    items = value if isinstance(value, (list, tuple)) else []
    return [(index, item) for index, item in enumerate(items) if isinstance(item, Mapping)]


def _organisation(row: Mapping[str, object], directory: Directory | None) -> str | None:
    try:
        return read_organisation(row.get("organisation"), directory)
    except PydanticCustomError:
        return None


def _day(value: object) -> date | None:
    try:
        return read_day(value)
    except PydanticCustomError:
        return None
