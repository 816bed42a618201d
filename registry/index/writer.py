"""One batch of events into rows: what each event adds, and the cursor with it, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from sqlalchemy import Connection, select, update

from registry import model
from registry.errors import ChainError
from registry.fingerprint import folded
from registry.index.buffer import Buffer, insert
from registry.index.folding_agreements import Agreements
from registry.index.folding_council import Council
from registry.index.folding_reports import Reports
from registry.index.kinds import ByKind
from registry.index.records import AsOf, Header, Told
from registry.index.schema import blocks, cursor
from registry.model import Event

_AT_ONCE = nullcontext()


class BrokenHistoryError(ChainError):
    """An event that cannot follow those before it: something was left out, or changed."""


class Writer:
    """Folds the events of one batch onto what the index holds."""

    def __init__(self, connection: Connection, events: Sequence[Told], fingerprint: bytes) -> None:
        self._buffer = Buffer()
        self._events = events
        self._fingerprint = fingerprint
        by_kind = ByKind(one.event for one in events)
        self._council = Council(connection, self._buffer, by_kind)
        self._agreements = Agreements(connection, self._buffer, by_kind, self._council.mandate_of)
        self._reports = Reports(connection, self._buffer, by_kind)

    def fold(self) -> dict[int, bytes]:
        """Takes in all events; the fingerprint after each block with an event.

        BrokenHistoryError at an event that does not follow from those before it: something was left out.
        """
        fingerprints: dict[int, bytes] = {}
        for event, text, digest in self._events:
            try:
                self._add(event, text)
            except (KeyError, ValueError) as error:
                raise BrokenHistoryError(
                    f"block {event.place.block} holds a {type(event).__name__} event that does not follow from "
                    "those before it",
                    hint="the node leaves out or changes events; ask another node",
                ) from error
            self._fingerprint = folded(self._fingerprint, digest)
            fingerprints[event.place.block] = self._fingerprint
        self._agreements.finish()
        self._council.finish()
        return fingerprints

    def flush(self, connection: Connection) -> None:
        """Writes what came of it."""
        self._buffer.flush(connection)

    def _add(self, event: Event, text: str) -> None:
        organisation: str | None = None
        signatory: str | None = None
        agreement: bytes | None = None
        subject: bytes | None = None
        concerned: set[str] = set()
        match event:
            case model.Proposed():
                signatory, subject = event.signatory, event.act_hash
                concerned = self._agreements.propose(event)
                agreement = self._agreements.agreement_of(subject)
            case model.Approved():
                organisation, signatory, subject = event.organisation, event.signatory, event.act_hash
                self._agreements.approve(event)
                agreement = self._agreements.agreement_of(subject)
            case model.Recorded():
                agreement, subject = event.agreement, event.act_hash
                concerned = self._agreements.record(event)
            case model.Declined():
                organisation, signatory, subject = event.organisation, event.signatory, event.act_hash
                self._agreements.decline(event)
                agreement = self._agreements.agreement_of(subject)
            case model.ProgressReported():
                organisation, signatory = event.report.organisation, event.signatory
                agreement, subject = event.report.agreement, event.report_hash
                self._reports.report(event)
            case model.ProgressConfirmed():
                organisation, signatory, subject = event.organisation, event.signatory, event.report_hash
                agreement, reporter = self._reports.of(subject)
                concerned = {reporter}
                self._reports.confirm(event)
            case _:
                organisation, signatory, subject, concerned = _of_council(event)
                if isinstance(event, model.MotionDecided):
                    concerned |= self._council.decided_by(event)
                self._council.add(event)
        place = event.place
        if organisation is not None:
            concerned.add(organisation)
        key = (place.block, place.log_index)
        who = (organisation, signatory, agreement, subject)
        row = [*key, place.transaction, type(event).__name__, *who, text]
        self._buffer.new["events"].append(row)
        self._buffer.new["event_organisations"] += [[one, *key] for one in sorted(concerned)]


def _of_council(event: Event) -> tuple[str | None, str | None, bytes | None, set[str]]:
    """Organisation, signatory and subject of an event of the council, and whom it concerns besides."""
    match event:
        case model.MemberAdmitted():
            return event.member.organisation, None, None, set()
        case model.SignatoryAppointed():
            return event.mandate.organisation, event.mandate.signatory, None, set()
        case model.SignatoryDismissed():
            return event.organisation, event.signatory, None, set()
        case model.MemberSucceeded():
            return event.organisation, None, None, {event.successor}
        case model.Moved():
            return None, event.signatory, event.motion_hash, _of_motion(event.motion)
        case model.MotionDecided():
            return None, None, event.motion_hash, _of_motion(event.motion)
        case model.Voted():
            return event.organisation, event.signatory, event.motion_hash, set()
        case model.MotionVetoed():
            return event.organisation, event.sender, event.motion_hash, set()
        case model.MotionEnacted():
            return event.organisation, None, event.motion_hash, set()
        case model.MemberExpelled() | model.AdministratorNominated() | model.AdministratorReplaced():
            return event.organisation, None, None, set()
        case model.ServiceAnnounced():
            return event.organisation, None, None, set()
    raise ValueError(type(event).__name__)


def _of_motion(motion: model.Motion) -> set[str]:
    return {one for one in (motion.organisation, motion.successor) if one}


def write(
    connection: Connection,
    before: AsOf | None,
    events: Sequence[Told],
    headers: Mapping[int, Header],
    end: Header,
    turn: AbstractContextManager[object] = _AT_ONCE,
) -> AsOf:
    """Writes what these events change, their blocks and the cursor; how far the index is then.

    ``before`` is how far it is now; ``turn`` is held while the events are folded, as that is mostly work for Python.
    BrokenHistoryError if the events do not follow from what is in the index.
    """
    fingerprint = before.fingerprint if before else model.NO_HASH
    if events:
        with turn:
            writer = Writer(connection, events, fingerprint)
            fingerprints = writer.fold()
        writer.flush(connection)
    else:
        fingerprints = {}
    rows: list[list[Any]] = []
    for number, fingerprint in fingerprints.items():
        rows.append([number, headers[number].hash, headers[number].time, fingerprint])
    if rows:
        insert(connection, blocks, rows)
    as_of = AsOf(end.number, end.hash, end.time, fingerprint)
    set_cursor(connection, as_of)
    return as_of


def set_cursor(connection: Connection, as_of: AsOf | None) -> None:
    """Says how far the index is; None stands for nothing yet."""
    found = as_of or AsOf(-1, model.NO_HASH, 0, model.NO_HASH)
    connection.execute(
        update(cursor).values(
            block=found.block, block_hash=found.block_hash, block_time=found.block_time, fingerprint=found.fingerprint
        )
    )


def read_cursor(connection: Connection, *, for_update: bool = False) -> AsOf | None:
    """How far the index is; None if nothing is in it yet."""
    query = select(cursor.c.block, cursor.c.block_hash, cursor.c.block_time, cursor.c.fingerprint)
    row = connection.execute(query.with_for_update() if for_update else query).one()
    return None if row.block < 0 else AsOf(row.block, row.block_hash, row.block_time, row.fingerprint)
