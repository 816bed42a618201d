"""What exports are made from: the register at one block, one thing at a time, so that memory stays flat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from registry.commitments import ReportRecord
from registry.model import Event, Mandate
from registry.organisations import Directory
from registry.timeline import Agreement


@dataclass(frozen=True, slots=True)
class About:
    """Which register, on which chain, as of which block; times in unix seconds, hashes as 32 bytes."""

    chain_id: int
    register: str
    deployed_block: int
    block: int
    block_hash: bytes
    block_time: int
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """What the manifest of an act says, if its dossier is at hand: words that others wrote."""

    title: str
    kind: str
    policy_area: str


@dataclass(frozen=True, slots=True)
class Stated:
    """A commitment as the latest manifest at hand states it: its label, such as T1, who promised what, and by when."""

    label: str
    organisation: str
    text: str
    due: date | None


@dataclass(frozen=True, slots=True)
class Promised:
    """A commitment of an agreement: its id on chain, what is stated of it, the latest report of each party on it."""

    id: bytes
    stated: Stated | None
    reports: tuple[ReportRecord, ...]


def in_order(promises: Iterable[Promised]) -> tuple[Promised, ...]:
    """Commitments by their label, T2 before T10; after them those that no manifest at hand states."""

    def place(one: Promised) -> tuple[bool, int, str, bytes]:
        label = one.stated.label if one.stated else ""
        return not label, len(label), label, one.id

    return tuple(sorted(promises, key=place))


@dataclass(frozen=True, slots=True)
class Entry:
    """One agreement with all its acts. ``number`` counts from 1 in the order of conclusion.

    ``told`` has the acts, by hash, of which the dossier is at hand.
    """

    number: int
    agreement: Agreement
    told: Mapping[bytes, Told]
    promises: tuple[Promised, ...]

    def title(self, act_hash: bytes) -> str:
        """What people call an act; empty if its dossier is not at hand."""
        found = self.told.get(act_hash)
        return found.title if found else ""


@dataclass(frozen=True, slots=True)
class HeldMandate:
    """One mandate as it was given, and what became of it.

    ``mandate.valid_until`` is as it became by a dismissal or succession. ``known_until`` is from when another mandate
    of the same key stood in its place; None if it is the latest.
    """

    mandate: Mandate
    known_from: int
    block: int
    known_until: int | None = None


class Source(Protocol):
    """The register at one block, to be read as often as an export needs it; each time the same."""

    about: About
    directory: Directory

    def events(self) -> Iterator[Event]:
        """Every event, in order."""

    def entries(self) -> Iterator[Entry]:
        """Every agreement, in the order of conclusion."""

    def mandates(self) -> Iterator[HeldMandate]:
        """Every mandate that was ever given, by organisation, in the order in which they were given."""
