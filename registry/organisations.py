"""Public bodies by their TOOI identifier: ``gm0345`` is gemeente Veenendaal.

The identifier is what agreements and the chain know; the name is only for people. The directory that ships
with the package holds the municipalities of Regio Foodvalley and the twelve provinces; settings may extend
it, for example with a water board. Source: TOOI registers of the Dutch government (gm, pv, ws, mnre).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from unicodedata import normalize

from registry.errors import NotFoundError, UsageError

_IDENTIFIER = re.compile(r"[a-z]{2,4}[0-9]{2,5}")
_WIDTH = 16
_KINDS = {"gm": "gemeente", "pv": "provincie", "ws": "waterschap", "mnre": "ministerie"}


def is_identifier(text: str) -> bool:
    """Whether the text has the form of a TOOI identifier; says nothing of whether the body exists."""
    return _IDENTIFIER.fullmatch(text) is not None


def to_bytes16(identifier: str) -> bytes:
    """The identifier as the chain holds it: ASCII, zero bytes to its right; UsageError if malformed."""
    return _checked(identifier).encode("ascii").ljust(_WIDTH, b"\0")


def from_bytes16(data: bytes) -> str:
    """The identifier in 16 bytes from the chain; UsageError if they hold anything else."""
    text = data.rstrip(b"\0").decode("ascii", errors="replace")
    if len(data) != _WIDTH or not is_identifier(text):
        raise UsageError(
            f"0x{data.hex()} is not an organisation identifier",
            hint="expected 16 bytes: an identifier such as gm0345 in ASCII, zero bytes after it",
        )
    return text


@dataclass(frozen=True, slots=True, order=True)
class Organisation:
    """One public body; ``name`` is the name on screen, its kind included: "gemeente Veenendaal"."""

    id: str
    name: str
    kind: str

    @property
    def short_name(self) -> str:
        """The name without its kind: "Veenendaal"."""
        kind, _, rest = self.name.partition(" ")
        return rest if rest and kind.casefold() == self.kind else self.name


@dataclass(frozen=True)
class Directory:
    """The organisations that this installation can call by name, ascending by identifier."""

    organisations: tuple[Organisation, ...]

    @cached_property
    def _by_id(self) -> dict[str, Organisation]:
        return {organisation.id: organisation for organisation in self.organisations}

    @cached_property
    def _by_text(self) -> dict[str, list[Organisation]]:
        texts: dict[str, list[Organisation]] = {}
        for organisation in self.organisations:
            for text in {organisation.id, _folded(organisation.name), _folded(organisation.short_name)}:
                texts.setdefault(text, []).append(organisation)
        return texts

    def get(self, identifier: str) -> Organisation | None:
        """The organisation with exactly this identifier, or None."""
        return self._by_id.get(identifier)

    def name(self, identifier: str) -> str:
        """The name on screen; the bare identifier of an organisation that is not in the directory."""
        organisation = self.get(identifier)
        return organisation.name if organisation else identifier

    def find(self, text: str) -> Organisation:
        """The organisation that a person means by an identifier or a name, whatever the case.

        NotFoundError, with the nearest match as its hint, when none or more than one is meant.
        """
        found = self._by_text.get(_folded(text), [])
        if len(found) == 1:
            return found[0]
        if found:
            options = " or ".join(f"{one.id} ({one.name})" for one in found)
            raise NotFoundError(f"{text!r} names more than one organisation", hint=f"write {options}")
        raise NotFoundError(f"unknown organisation {text!r}", hint=self._advice(text))

    def suggestions(self, text: str) -> tuple[Organisation, ...]:
        """At most three organisations whose identifier or name looks like the text, nearest first."""
        matches = get_close_matches(_folded(text), self._by_text, n=3)
        return tuple(dict.fromkeys(one for match in matches for one in self._by_text[match]))

    def extended(self, extra: Mapping[str, str]) -> Directory:
        """This directory with more organisations, as identifier to name; a known identifier is renamed."""
        added = {identifier: _organisation(identifier, name) for identifier, name in extra.items()}
        return Directory(tuple(sorted((self._by_id | added).values())))

    def _advice(self, text: str) -> str:
        nearest = self.suggestions(text)
        if nearest:
            return f"did you mean {nearest[0].id} ({nearest[0].name})?"
        return "write an identifier such as gm0345 or a name such as Veenendaal; settings can add organisations"


def _checked(identifier: str) -> str:
    if not is_identifier(identifier):
        raise UsageError(
            f"{identifier!r} is not an organisation identifier",
            hint="two to four small letters and two to five digits, such as gm0345 or pv26",
        )
    return identifier


def _organisation(identifier: str, name: str) -> Organisation:
    prefix = _checked(identifier).rstrip("0123456789")
    if not name.strip():
        raise UsageError(f"organisation {identifier} has no name", hint="give the name that people know it by")
    return Organisation(identifier, " ".join(name.split()), _KINDS.get(prefix, "organisatie"))


def _folded(text: str) -> str:
    return " ".join(normalize("NFC", text).casefold().split())


_MUNICIPALITIES = {
    "gm0203": "Barneveld",
    "gm0228": "Ede",
    "gm0267": "Nijkerk",
    "gm0279": "Scherpenzeel",
    "gm0289": "Wageningen",
    "gm0339": "Renswoude",
    "gm0340": "Rhenen",
    "gm0345": "Veenendaal",
}
_PROVINCES = {
    "pv20": "Groningen",
    "pv21": "Fryslân",
    "pv22": "Drenthe",
    "pv23": "Overijssel",
    "pv24": "Flevoland",
    "pv25": "Gelderland",
    "pv26": "Utrecht",
    "pv27": "Noord-Holland",
    "pv28": "Zuid-Holland",
    "pv29": "Zeeland",
    "pv30": "Noord-Brabant",
    "pv31": "Limburg",
}

FOOD_VALLEY = tuple(_MUNICIPALITIES)
"""The eight municipalities of Regio Foodvalley, ascending."""

DIRECTORY = Directory(()).extended(
    {identifier: f"gemeente {name}" for identifier, name in _MUNICIPALITIES.items()}
    | {identifier: f"provincie {name}" for identifier, name in _PROVINCES.items()}
)
"""The directory that ships with the package."""
