"""Commitments of agreements in force: by their last day first, then those without one, then those only reported on.

What is promised stands in the manifests at hand; of several that state the same commitment of an agreement the latest
act counts. What parties reported on and no dossier at hand states is shown by its id.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, or_, select

from registry.commitments import ReportRecord
from registry.index import schema
from registry.index.answers import At, Obligation
from registry.index.queries_agreements import WINDOW, checked, holds, times_of, titles
from registry.index.queries_history import events_at
from registry.model import NO_HASH, ProgressConfirmed, ProgressReported, Stage, Status

_STATED, _SPANS, _REPORTS = schema.commitments, schema.spans, schema.reports
_CONFIRMED, _AGREEMENTS = schema.confirmations, schema.agreements

Position = tuple[int, int, int | str]
"""Where a page ended: of what, and by which two values its order goes."""

_DUE, _OPEN_ENDED, _ONLY_REPORTED = 1, 2, 3
START: Position = (_DUE, -1, -1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which commitments to list; ``due_before`` and ``today`` are the first second of a day, unix.

    ``overdue`` lets through what has a last day before today, and is reported neither fulfilled nor cancelled by the
    organisation that promised it.
    """

    organisation: str | None = None
    due_before: int | None = None
    overdue: bool = False
    agreement: bytes | None = None

    def to_json(self) -> dict[str, object]:
        """The filters as plain values."""
        return {
            "organisation": self.organisation,
            "dueBefore": self.due_before,
            "overdue": self.overdue,
            "agreement": self.agreement.hex() if self.agreement else None,
        }


def listed(
    connection: Connection, at: At, wanted: Wanted, today: int, limit: int, after: Position
) -> tuple[list[Obligation], Position | None]:
    """At most so many commitments, and where to go on; ``after`` is :data:`START` or what the page before gave.

    Of all agreements in force, or of the one that is named, in force or not. ``today`` is the first second of the day.
    """
    stage = int(after[0])
    found: list[_Key] = []
    more: Position | None = after
    while more is not None and len(found) < limit:
        keys, more = _walked(connection, at, wanted, today, limit - len(found), more)
        found += keys
        if more is not None and more[0] == stage:
            break
        stage = int(more[0]) if more else stage
    return _told(connection, at, found), more


def labels(connection: Connection, names: Iterable[tuple[bytes, bytes]]) -> dict[bytes, str]:
    """What manifests at hand call these commitments, by id; a name is an agreement and an id."""
    wanted = set(names)
    if not wanted:
        return {}
    about = {"agreements": sorted({one for one, _ in wanted}), "ids": sorted({one for _, one in wanted})}
    return {row.id: row.label for row in connection.execute(_LABELS, about)}


@dataclass(frozen=True, slots=True)
class _Key:
    """A commitment by its names; the row of ``commitments`` if one states it."""

    agreement: bytes
    number: int
    id: bytes
    stated: Any | None = None


def _walked(
    connection: Connection, at: At, wanted: Wanted, today: int, limit: int, after: Position
) -> tuple[list[_Key], Position | None]:
    """One walk over one index; where it goes on may be the beginning of the next index."""
    stage, first, second = after
    if stage == _ONLY_REPORTED:
        return _only_reported(connection, at, wanted, limit, (int(first), int(second)))
    bounds = [one for one in (wanted.due_before, today if wanted.overdue else None) if one is not None]
    values: dict[str, Any] = {
        **times_of(at),
        "organisation": wanted.organisation,
        "agreement": wanted.agreement,
        "after_due": first,
        "after_number": int(str(second).partition(" ")[0]),
        "after_label": str(second).partition(" ")[2],
        "due_by": min(bounds, default=schema.FOREVER),
        "in_force": Status.IN_FORCE.value,
        "done": [Stage.FULFILLED.value, Stage.CANCELLED.value],
        "window": WINDOW,
        "limit": limit + 1,
    }
    shape = _Shape(stage == _DUE, wanted.organisation is not None, wanted.overdue, wanted.agreement is not None)
    last = connection.execute(_edge(shape), values).first()
    edge = _place(stage, last) if last else None
    if last:
        # One bound above: of two, SQLite walks up to whichever is written first.
        values |= {"due_by": last.due, "to_number": last.agreement_number, "to_label": last.label}
    rows = list(connection.execute(_stated(shape, last is not None), values))
    keys = [_Key(row.agreement, row.agreement_number, row.id, row) for row in rows[:limit]]
    if len(rows) > limit:
        return keys, _place(stage, rows[limit - 1])
    return keys, edge or _next_stage(stage, wanted, bool(bounds))


def _place(stage: int, row: Any) -> Position:
    return (stage, -1 if row.due is None else row.due, f"{row.agreement_number} {row.label}")


def _next_stage(stage: int, wanted: Wanted, bounded: bool) -> Position | None:
    if bounded:
        return None
    if stage == _DUE:
        return (_OPEN_ENDED, -1, -1)
    return None if wanted.organisation is not None else (_ONLY_REPORTED, -1, -1)


def _only_reported(
    connection: Connection, at: At, wanted: Wanted, limit: int, after: tuple[int, int]
) -> tuple[list[_Key], Position | None]:
    values: dict[str, Any] = {
        **times_of(at),
        "agreement": wanted.agreement,
        "after_block": after[0],
        "after_log": after[1],
        "no_hash": NO_HASH,
        "in_force": Status.IN_FORCE.value,
        "window": WINDOW,
        "limit": limit + 1,
    }
    one = wanted.agreement is not None
    last = connection.execute(_edge_of_reports(one), values).first()
    to = {"to_block": last.block if last else at.known_block, "to_log": last.log_index if last else 2**62}
    rows = list(connection.execute(_unstated(one), values | to))
    keys = [_Key(row.agreement, row.number, row.commitment) for row in rows[:limit]]
    if len(rows) > limit:
        return keys, (_ONLY_REPORTED, rows[limit - 1].block, rows[limit - 1].log_index)
    return keys, (_ONLY_REPORTED, last.block, last.log_index) if last else None


def _told(connection: Connection, at: At, keys: Sequence[_Key]) -> list[Obligation]:
    if not keys:
        return []
    called = titles(connection, at, sorted({key.number for key in keys}))
    reports = _reports(connection, at, keys)
    found = []
    for key in keys:
        row = key.stated
        title, example = called[key.agreement]
        mine = sorted(reports.get((key.agreement, key.id), ()), key=lambda one: one.report.organisation)
        found.append(
            Obligation(
                agreement=key.agreement,
                id=key.id,
                title=title,
                example=example,
                label=None if row is None else row.label,
                organisation=None if row is None else row.organisation,
                what=None if row is None else row.what,
                due=None if row is None else row.due,
                reports=tuple(mine),
            )
        )
    return found


def _reports(connection: Connection, at: At, keys: Sequence[_Key]) -> dict[tuple[bytes, bytes], list[ReportRecord]]:
    """The latest report of each party on these commitments, with those who confirmed it."""
    values = {"ids": sorted({one.id for one in keys}), "block": at.known_block, "known_time": at.known_time}
    rows = {row.report_hash: (row.block, row.log_index) for row in connection.execute(_LATEST, values)}
    if not rows:
        return {}
    confirmed = connection.execute(_CONFIRMED_BY, {"reports": sorted(rows), "block": at.known_block})
    places = [*rows.values(), *((row.block, row.log_index) for row in confirmed)]
    made: dict[bytes, ReportRecord] = {}
    for event in events_at(connection, places):
        if isinstance(event, ProgressReported):
            made[event.report_hash] = ReportRecord(event)
        elif isinstance(event, ProgressConfirmed):
            made[event.report_hash].confirmed[event.organisation] = event
    found: dict[tuple[bytes, bytes], list[ReportRecord]] = {}
    for one in made.values():
        found.setdefault((one.report.agreement, one.report.commitment), []).append(one)
    return found


# Statements, each built once.


@dataclass(frozen=True, slots=True)
class _Shape:
    """With a last day or without; whose; and whether only what is late, or only one agreement."""

    due: bool
    organisation: bool
    overdue: bool
    agreement: bool


def _mine(shape: _Shape) -> list[ColumnElement[bool]]:
    """What a walk goes through, from where the page before ended."""
    number, label = _STATED.c.agreement_number, _STATED.c.label
    after: ColumnElement[int] = bindparam("after_number")
    later: ColumnElement[bool] = or_(number > after, and_(number == after, label > bindparam("after_label")))
    clauses: list[ColumnElement[bool]] = []
    if shape.organisation:
        clauses.append(_STATED.c.organisation == bindparam("organisation"))
    if shape.agreement:
        clauses.append(_STATED.c.agreement == bindparam("agreement"))
    if not shape.due:
        return [*clauses, _STATED.c.due.is_(None), number >= after, later]
    since: ColumnElement[int] = bindparam("after_due")
    return [
        *clauses,
        _STATED.c.due.is_not(None),
        _STATED.c.due >= since,
        _STATED.c.due <= bindparam("due_by"),
        or_(_STATED.c.due > since, later),
    ]


_ORDER = (_STATED.c.due, _STATED.c.agreement_number, _STATED.c.label)


@cache
def _edge(shape: _Shape) -> Select[Any]:
    return select(*_ORDER).where(*_mine(shape)).order_by(*_ORDER).limit(1).offset(bindparam("window") - 1)


def _within(shape: _Shape) -> ColumnElement[bool]:
    number = _STATED.c.agreement_number
    to: ColumnElement[int] = bindparam("to_number")
    before = or_(number < to, and_(number == to, _STATED.c.label <= bindparam("to_label")))
    if not shape.due:
        return and_(number <= to, before)
    return or_(_STATED.c.due < bindparam("due_by"), before)


@cache
def _stated(shape: _Shape, bounded: bool) -> Select[Any]:
    columns = (*_ORDER, _STATED.c.agreement, _STATED.c.id, _STATED.c.organisation, _STATED.c.what)
    made = select(*columns).where(*_mine(shape), _STATED.c.block <= bindparam("block"), _is_latest())
    if bounded:
        made = made.where(_within(shape))
    if not shape.agreement:
        made = made.where(_in_force(_STATED.c.agreement_number, _STATED))
    if shape.overdue:
        made = made.where(~_done())
    return made.order_by(*_ORDER).limit(bindparam("limit"))


def _is_latest() -> ColumnElement[bool]:
    """Whether no later act's manifest states the same commitment."""
    other, other_act, act = _STATED.alias("other"), schema.acts.alias("other_act"), schema.acts.alias("act")
    mine = select(act.c.number).where(act.c.act_hash == _STATED.c.act_hash).correlate(_STATED).scalar_subquery()
    later = (
        select(other.c.id)
        .select_from(other.join(other_act, other_act.c.act_hash == other.c.act_hash))
        .where(other.c.agreement == _STATED.c.agreement, other.c.id == _STATED.c.id)
        .where(other.c.block <= bindparam("block"), other_act.c.number > mine)
        .correlate(_STATED)
    )
    return ~later.exists()


def _in_force(number: ColumnElement[int], outer: Any) -> ColumnElement[bool]:
    span = _SPANS.alias("span")
    held = select(span.c.id).where(span.c.number == number, checked(span.c.status, "in_force"), holds(span))
    return held.correlate(outer).exists()


def _latest(report: Any) -> ColumnElement[bool]:
    """Whether a report was its party's latest on the commitment."""
    return and_(
        report.c.block <= bindparam("block"),
        report.c.known_until >= bindparam("known_time"),
        or_(report.c.closed_block.is_(None), report.c.closed_block > bindparam("block")),
    )


def _done() -> ColumnElement[bool]:
    report = _REPORTS.alias("own")
    own = select(report.c.report_hash).where(
        report.c.agreement == _STATED.c.agreement,
        report.c.commitment == _STATED.c.id,
        report.c.organisation == _STATED.c.organisation,
        _latest(report),
        report.c.stage.in_(bindparam("done", expanding=True)),
    )
    return own.correlate(_STATED).exists()


def _first_reports(one: bool, until: str = "block") -> list[ColumnElement[bool]]:
    after: ColumnElement[int] = bindparam("after_block")
    clauses: list[ColumnElement[bool]] = [_REPORTS.c.agreement == bindparam("agreement")] if one else []
    return [
        *clauses,
        _REPORTS.c.previous == bindparam("no_hash"),
        _REPORTS.c.block >= after,
        or_(_REPORTS.c.block > after, _REPORTS.c.log_index > bindparam("after_log")),
        _REPORTS.c.block <= bindparam(until),
    ]


_REPORTS_ORDER = (_REPORTS.c.block, _REPORTS.c.log_index)


@cache
def _edge_of_reports(one: bool) -> Select[Any]:
    made = select(*_REPORTS_ORDER).where(*_first_reports(one)).order_by(*_REPORTS_ORDER)
    return made.limit(1).offset(bindparam("window") - 1)


@cache
def _unstated(one: bool) -> Select[Any]:
    """First reports on what no manifest at hand states, by nobody reported on before."""
    other, stated = _REPORTS.alias("other"), _STATED.alias("stated")
    earlier = select(other.c.report_hash).where(
        other.c.agreement == _REPORTS.c.agreement,
        other.c.commitment == _REPORTS.c.commitment,
        or_(
            other.c.block < _REPORTS.c.block,
            and_(other.c.block == _REPORTS.c.block, other.c.log_index < _REPORTS.c.log_index),
        ),
    )
    known = select(stated.c.id).where(
        stated.c.agreement == _REPORTS.c.agreement,
        stated.c.id == _REPORTS.c.commitment,
        stated.c.block <= bindparam("block"),
    )
    to: ColumnElement[int] = bindparam("to_block")
    made = (
        select(*_REPORTS_ORDER, _REPORTS.c.agreement, _REPORTS.c.commitment, _AGREEMENTS.c.number)
        .select_from(_REPORTS.join(_AGREEMENTS, _AGREEMENTS.c.id == _REPORTS.c.agreement))
        .where(*_first_reports(one, "to_block"))
        .where(or_(_REPORTS.c.block < to, _REPORTS.c.log_index <= bindparam("to_log")))
        .where(~earlier.correlate(_REPORTS).exists(), ~known.correlate(_REPORTS).exists())
    )
    if not one:
        made = made.where(_in_force(_AGREEMENTS.c.number, _AGREEMENTS))
    return made.order_by(*_REPORTS_ORDER).limit(bindparam("limit"))


_LABELS = select(_STATED.c.id, _STATED.c.label).where(
    _STATED.c.agreement.in_(bindparam("agreements", expanding=True)),
    _STATED.c.id.in_(bindparam("ids", expanding=True)),
)

# By id alone, which follows from the agreement: of two lists of values an index would try every pair.
_LATEST = select(_REPORTS.c.report_hash, _REPORTS.c.block, _REPORTS.c.log_index).where(
    _REPORTS.c.commitment.in_(bindparam("ids", expanding=True)),
    _latest(_REPORTS),
)

_CONFIRMED_BY = select(_CONFIRMED.c.block, _CONFIRMED.c.log_index).where(
    _CONFIRMED.c.report_hash.in_(bindparam("reports", expanding=True)), _CONFIRMED.c.block <= bindparam("block")
)
