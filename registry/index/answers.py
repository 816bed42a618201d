"""What the queries answer with: plain frozen values, as of one moment of validity and one of knowledge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from registry.commitments import ReportRecord
from registry.dossier import Kind, day_of
from registry.index.schema import FOREVER
from registry.model import Act, Mandate, Stage, Status, Verb
from registry.progress import Progress

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class At:
    """Where a question is asked; it stays the same for all pages of one listing.

    ``valid_on`` and ``known_at`` are unix seconds. ``block`` is as far as the index was, with its time and fingerprint,
    and ``last_hash`` the hash of the last block with an event up to there. ``known_block`` is the last block that
    counts, of the time ``known_time``: what was recorded later is not known. -1 if nothing was.
    """

    valid_on: int
    known_at: int
    known_block: int
    known_time: int
    block: int
    block_time: int
    fingerprint: bytes
    last_hash: bytes


@dataclass(frozen=True, slots=True)
class Filters:
    """Which agreements to list; what is None lets all through. All hold for what the row shows.

    ``organisations`` are identifiers of which one must be a party; ``words`` must all stand in title or summary, as
    :func:`registry.index.words.words` cuts them.
    """

    organisation: str | None = None
    kind: Kind | None = None
    verb: Verb | None = None
    status: Status | None = None
    words: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """The filters as plain values, of which a cursor keeps a digest."""
        return {
            "organisation": self.organisation,
            "kind": self.kind,
            "verb": self.verb,
            "status": self.status,
            "words": self.words,
        }


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, and the cursor of those that follow; None if these were the last.

    A page may hold fewer rows than asked for, or none, and still have a next: a query looks through so much of the
    index and no more, so that rare answers cost many short questions and never a long one.
    """

    rows: tuple[T, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How one agreement stands: what holds at a moment, as known at a block.

    ``number`` is its place in the order of conclusion. ``act_hash``, ``verb``, ``parties`` and the period are those of
    the act that says so; of a pending agreement the first that will hold. ``between`` are the parties, of an ended
    agreement those who were bound last. ``about`` is the act whose dossier describes it: of an ended agreement the last
    that bound anybody; ``title``, ``summary``, ``kind`` and ``example`` are None while that dossier is not at hand.
    """

    number: int
    agreement: bytes
    status: Status
    act_hash: bytes
    verb: Verb
    valid_from: int
    valid_until: int
    parties: tuple[str, ...]
    between: tuple[str, ...]
    about: bytes
    dossier: bytes
    acts: int
    head: bytes
    title: str | None
    summary: str | None
    kind: Kind | None
    example: bool | None


@dataclass(frozen=True, slots=True)
class Offer:
    """An act that was put before its parties on chain; ``closed_as`` says why it is open no more, None while it is.

    ``recorded``, ``declined``, ``overtaken``, ``impossible``, or ``late``: its deadline has passed.
    """

    act_hash: bytes
    act: Act
    signatory: str
    proposed_at: int
    closed_as: str | None


@dataclass(frozen=True, slots=True)
class OpenOffer:
    """An open proposal and how far it is; ``waits_for`` are those who answer now for what is missing."""

    offer: Offer
    progress: Progress
    waits_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """What some digits name: acts with their agreements, and proposals."""

    acts: dict[bytes, bytes]
    offers: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Obligation:
    """A commitment of an agreement and the latest report of each party on it, by organisation.

    What it says is None for one that parties reported on and no dossier at hand states. ``due`` is the first second
    after its last day. ``title`` and ``example`` are those of the agreement as it stands now.
    """

    agreement: bytes
    id: bytes
    title: str | None
    example: bool | None
    label: str | None
    organisation: str | None
    what: str | None
    due: int | None
    reports: tuple[ReportRecord, ...]

    @property
    def last_day(self) -> date | None:
        """The last day to fulfil it."""
        return None if self.due is None else day_of(self.due - 1)

    def overdue(self, today: date) -> bool:
        """Whether its last day has passed and the party did not report it fulfilled or cancelled."""
        own = next((one.report.stage for one in self.reports if one.report.organisation == self.organisation), None)
        late = self.last_day is not None and self.last_day < today
        return late and own not in (Stage.FULFILLED, Stage.CANCELLED)


@dataclass(frozen=True, slots=True)
class KnownMandate:
    """One version of a mandate: ``known_until`` is FOREVER while nothing replaced it."""

    mandate: Mandate
    known_from: int
    known_until: int


__all__ = [
    "FOREVER",
    "At",
    "Filters",
    "KnownMandate",
    "Named",
    "Obligation",
    "Offer",
    "OpenOffer",
    "Page",
    "Standing",
]
