"""The index read through from one end to the other, for files that leave the register: never more than a page at once.

Everything is as of a block that is in the index, and within one transaction: see :class:`Extract`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from registry.commitments import ReportRecord
from registry.errors import NotFoundError, StorageError
from registry.index.rows import event_of
from registry.index.schema import (
    acts,
    agreements,
    approvals_of_acts,
    blocks,
    confirmations,
    dossiers,
    events,
    reports,
)
from registry.index.writer import read_cursor
from registry.model import (
    NO_HASH,
    Act,
    Event,
    Mandate,
    Place,
    ProgressConfirmed,
    ProgressReported,
    Recorded,
    Report,
    Stage,
    Verb,
)
from registry.timeline import Agreement, RecordedAct

PAGE = 250
"""Agreements that are put together at once: their acts, approvals and reports are read with one question each."""
AT_ONCE = 1_000
"""Events that are held at once."""


@dataclass(frozen=True, slots=True)
class ExtractedAgreement:
    """An agreement with its acts. ``manifests`` are those at hand, as JSON by the hash of their act; ``reports`` come
    in order.
    """

    number: int
    agreement: Agreement
    manifests: Mapping[bytes, Mapping[str, Any]]
    reports: tuple[ReportRecord, ...]


@dataclass(frozen=True, slots=True)
class ExtractedBlock:
    """The block that an extract is of: its hash is known only if the index keeps it."""

    number: int
    hash: bytes
    time: int
    fingerprint: bytes


class Extract:
    """The index as of one block, within a transaction (:meth:`registry.index.Index.reading`)."""

    def __init__(self, connection: Connection, block: int | None = None) -> None:
        """The extract as of a block; the last that is in the index unless given. NotFoundError if it is not in."""
        self._connection = connection
        self.end = self._end(block)

    def _end(self, block: int | None) -> ExtractedBlock:
        cursor = read_cursor(self._connection)
        if cursor is None or (block is not None and block > cursor.block):
            known = "nothing" if cursor is None else f"block {cursor.block}"
            raise NotFoundError(
                f"the index is up to {known}, and block {block or 0} is asked", hint="foodvalley index update"
            )
        if block is None or block == cursor.block:
            return ExtractedBlock(cursor.block, cursor.block_hash, cursor.block_time, cursor.fingerprint)
        found = self._connection.execute(
            select(blocks).where(blocks.c.number <= block).order_by(blocks.c.number.desc()).limit(1)
        ).one_or_none()
        if found is None:
            return ExtractedBlock(block, NO_HASH, 0, NO_HASH)
        exact = found.number == block
        return ExtractedBlock(block, found.hash if exact else NO_HASH, found.time if exact else 0, found.fingerprint)

    def events(self, names: Collection[str] = ()) -> Iterator[Event]:
        """The events in order; only those of these names if any are given."""
        wanted = (
            select(events, blocks.c.hash, blocks.c.time)
            .join(blocks, blocks.c.number == events.c.block)
            .where(events.c.block <= self.end.number)
            .order_by(events.c.block, events.c.log_index)
        )
        if names:
            wanted = wanted.where(events.c.name.in_(names))
        for row in self._stream(wanted):
            with _readable(row.block):
                event = event_of(row.name, _place(row), json.loads(row.data))
            yield event

    def agreements(self) -> Iterator[ExtractedAgreement]:
        """The agreements in the order of conclusion."""
        done = 0
        while True:
            page = self._connection.execute(
                select(agreements.c.id, agreements.c.number)
                .where(agreements.c.number > done, agreements.c.block <= self.end.number)
                .order_by(agreements.c.number)
                .limit(PAGE)
            ).all()
            if not page:
                return
            yield from self._put_together({row.id: row.number for row in page})
            done = page[-1].number

    def _put_together(self, page: Mapping[bytes, int]) -> Iterator[ExtractedAgreement]:
        """The agreements with these numbers by hash."""
        approvals = self._approvals(page)
        recorded: dict[bytes, list[RecordedAct]] = defaultdict(list)
        manifests: dict[bytes, dict[bytes, Mapping[str, Any]]] = defaultdict(dict)
        for row in self._acts(page):
            with _readable(row.block):
                recorded[row.agreement].append(_recorded(row, approvals.get(row.act_hash, [])))
                if row.manifest is not None:
                    manifests[row.agreement][row.act_hash] = json.loads(row.manifest)
        reported = self._reports(page)
        for agreement, number in page.items():
            whole = Agreement(agreement, tuple(recorded[agreement]))
            yield ExtractedAgreement(number, whole, manifests[agreement], tuple(reported.get(agreement, ())))

    def _acts(self, page: Collection[bytes]) -> Sequence[Row[Any]]:
        return self._connection.execute(
            select(acts, blocks.c.hash.label("block_hash"), dossiers.c.manifest)
            .join(blocks, blocks.c.number == acts.c.block)
            .outerjoin(dossiers, dossiers.c.root == acts.c.dossier)
            .where(acts.c.agreement.in_(page), acts.c.block <= self.end.number)
            .order_by(acts.c.agreement, acts.c.number)
        ).all()

    def _approvals(self, page: Collection[bytes]) -> dict[bytes, list[Row[Any]]]:
        wanted = (
            select(approvals_of_acts)
            .join(acts, acts.c.act_hash == approvals_of_acts.c.act_hash)
            .where(acts.c.agreement.in_(page), acts.c.block <= self.end.number)
            .order_by(approvals_of_acts.c.act_hash, approvals_of_acts.c.place)
        )
        found: dict[bytes, list[Row[Any]]] = defaultdict(list)
        for row in self._connection.execute(wanted):
            found[row.act_hash].append(row)
        return found

    def _reports(self, page: Collection[bytes]) -> dict[bytes, list[ReportRecord]]:
        found: dict[bytes, ReportRecord] = {}
        wanted = (
            select(reports, blocks.c.hash, blocks.c.time, events.c.transaction_hash)
            .join(blocks, blocks.c.number == reports.c.block)
            .join(events, (events.c.block == reports.c.block) & (events.c.log_index == reports.c.log_index))
            .where(reports.c.agreement.in_(page), reports.c.block <= self.end.number)
            .order_by(reports.c.block, reports.c.log_index)
        )
        for row in self._connection.execute(wanted):
            found[row.report_hash] = ReportRecord(_reported(row))
        confirmed = (
            select(confirmations, blocks.c.hash, blocks.c.time, events.c.transaction_hash)
            .join(reports, reports.c.report_hash == confirmations.c.report_hash)
            .join(blocks, blocks.c.number == confirmations.c.block)
            .join(events, (events.c.block == confirmations.c.block) & (events.c.log_index == confirmations.c.log_index))
            .where(reports.c.agreement.in_(page), confirmations.c.block <= self.end.number)
            .order_by(confirmations.c.block, confirmations.c.log_index)
        )
        for row in self._connection.execute(confirmed):
            one = ProgressConfirmed(_place(row), row.report_hash, row.organisation, row.signatory)
            found[row.report_hash].confirmed[row.organisation] = one
        grouped: dict[bytes, list[ReportRecord]] = defaultdict(list)
        for record in found.values():
            grouped[record.report.agreement].append(record)
        return grouped

    def _stream(self, wanted: Select[Any]) -> Iterable[Row[Any]]:
        return self._connection.execution_options(yield_per=AT_ONCE).execute(wanted)


@contextmanager
def _readable(block: int) -> Iterator[None]:
    try:
        yield
    except (KeyError, ValueError, TypeError) as error:
        raise StorageError(
            f"a row of block {block} in the index cannot be read: somebody changed it",
            hint="see what else was changed (foodvalley audit), and make the index anew (foodvalley index rebuild)",
        ) from error


def _recorded(row: Row[Any], approvals: Sequence[Row[Any]]) -> RecordedAct:
    concludes = row.previous == NO_HASH
    act = Act(
        dossier=row.dossier,
        parties=tuple(json.loads(row.parties)),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        notice=row.notice,
        deadline=row.deadline,
        agreement=NO_HASH if concludes else row.agreement,
        previous=row.previous,
    )
    decisions = tuple(one.decision for one in approvals)
    event = Recorded(
        Place(row.block, row.log_index, row.transaction_hash, row.block_hash, row.recorded_at),
        row.agreement,
        row.act_hash,
        act,
        tuple(one.signatory for one in approvals),
        decisions if any(map(any, decisions)) else (),
    )
    mandates = tuple(
        Mandate(
            one.signatory,
            one.organisation,
            one.mandate_from,
            one.mandate_until,
            one.together,
            one.mandate_decision,
        )
        for one in approvals
    )
    return RecordedAct(event, Verb(row.verb), mandates, tuple(one.on_behalf for one in approvals))


def _reported(row: Row[Any]) -> ProgressReported:
    report = Report(row.agreement, row.commitment, row.organisation, Stage(row.stage), row.evidence, row.previous)
    return ProgressReported(_place(row), row.report_hash, report, row.signatory)


def _place(row: Row[Any]) -> Place:
    return Place(row.block, row.log_index, row.transaction_hash, row.hash, row.time)
