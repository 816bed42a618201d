"""Commitments of agreements in force: by their last day first, then those without one, then those only reported on.

What is promised stands in the manifests at hand; of several that state the same commitment of an agreement the latest
act counts. What parties reported on and no dossier at hand states is shown by its id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    func,
    null,
    or_,
    select,
    true,
)

from registry.commitments import ReportRecord
from registry.index import schema
from registry.index.answers import At, Obligation
from registry.index.queries_agreements import WINDOW, called, checked, holds, times_of, window
from registry.index.queries_history import EVENT, event_at, event_from
from registry.model import NO_HASH, ProgressConfirmed, ProgressReported, Stage, Status

_STATED, _SPANS, _REPORTS = schema.commitments, schema.spans, schema.reports
_CONFIRMED, _AGREEMENTS = schema.confirmations, schema.agreements

Position = tuple[int, int, int | str]
"""Where a page ended: of what, and by which two values its order goes."""

_DUE, _OPEN_ENDED, _ONLY_REPORTED = 1, 2, 3
START: Position = (_DUE, -1, -1)

_SAID = ("agreement", "id", "label", "organisation", "what", "due")
"""The first columns of a row; behind them stands what its place is told by."""
_STATED_AT, _REPORTED_AT = itemgetter(5, 6, 2), itemgetter(6, 7)

_CALLED, _REPORTED, _ON_IT = -2 * EVENT - 2, -2 * EVENT, -EVENT
"""Where in a row it begins what the agreement is called, a report, and a confirmation of it."""


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
    found: list[Obligation] = []
    more: Position | None = after
    while more is not None and len(found) < limit:
        some, more = _walked(connection, at, wanted, today, limit - len(found), more)
        found += some
        if more is not None and more[0] == stage:
            break
        stage = int(more[0]) if more else stage
    return found, more


def labels(connection: Connection, names: Iterable[tuple[bytes, bytes]]) -> dict[bytes, str]:
    """What manifests at hand call these commitments, by id; a name is an agreement and an id."""
    wanted = set(names)
    if not wanted:
        return {}
    about = {"agreements": sorted({one for one, _ in wanted}), "ids": sorted({one for _, one in wanted})}
    return {row.id: row.label for row in connection.execute(_LABELS, about)}


def _walked(
    connection: Connection, at: At, wanted: Wanted, today: int, limit: int, after: Position
) -> tuple[list[Obligation], Position | None]:
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
        "fulfilled": Stage.FULFILLED.value,
        "cancelled": Stage.CANCELLED.value,
        "window": WINDOW,
        "limit": limit + 1,
    }
    shape = _Shape(stage == _DUE, wanted.organisation is not None, wanted.overdue, wanted.agreement is not None)
    rows = connection.execute(_stated(shape), values).all()
    edge = None if rows[0].to_number is None else _place(stage, rows[0].to_due, rows[0].to_number, rows[0].to_label)
    told = _told(rows, _STATED_AT)
    if len(told) > limit:
        return [one for _, one in told[:limit]], _place(stage, *told[limit - 1][0])
    return [one for _, one in told], edge or _next_stage(stage, wanted, bool(bounds))


def _place(stage: int, due: int | None, number: int, label: str) -> Position:
    return (stage, -1 if due is None else due, f"{number} {label}")


def _next_stage(stage: int, wanted: Wanted, bounded: bool) -> Position | None:
    if bounded:
        return None
    if stage == _DUE:
        return (_OPEN_ENDED, -1, -1)
    return None if wanted.organisation is not None else (_ONLY_REPORTED, -1, -1)


def _only_reported(
    connection: Connection, at: At, wanted: Wanted, limit: int, after: tuple[int, int]
) -> tuple[list[Obligation], Position | None]:
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
    rows = connection.execute(_unstated(wanted.agreement is not None), values).all()
    edge = None if rows[0].to_block is None else (_ONLY_REPORTED, rows[0].to_block, rows[0].to_log)
    told = _told(rows, _REPORTED_AT)
    if len(told) > limit:
        return [one for _, one in told[:limit]], (_ONLY_REPORTED, *told[limit - 1][0])
    return [one for _, one in told], edge


def _told(rows: Sequence[Any], place: Callable[[Any], Any]) -> list[tuple[Any, Obligation]]:
    """The commitments of these rows and where each stands, in order of that.

    A commitment has a row for each report on it, and a report one for each confirmation.
    """
    found: dict[Any, list[Any]] = {}
    for row in rows:
        if row[0] is not None:
            found.setdefault(place(row), []).append(row)
    return [(one, _obligation(found[one])) for one in sorted(found)]


def _obligation(rows: list[Any]) -> Obligation:
    first = rows[0]
    agreement, identity, label, organisation, what, due = first[: len(_SAID)]
    title, example = first[_CALLED:_REPORTED]
    return Obligation(
        agreement=agreement,
        id=identity,
        title=title,
        example=None if title is None else bool(example),
        label=label,
        organisation=organisation,
        what=what,
        due=due,
        reports=_reports(rows) if first[_REPORTED] is not None else (),
    )


def _reports(rows: list[Any]) -> tuple[ReportRecord, ...]:
    """The latest report of each party, by organisation, and who confirmed it, in order."""
    found: dict[tuple[int, int], ReportRecord] = {}
    confirmations: dict[tuple[int, int], tuple[ReportRecord, Sequence[Any]]] = {}
    for row in rows:
        reported, confirmed = row[_REPORTED:_ON_IT], row[_ON_IT:]
        place = (reported[0], reported[1])
        if place not in found:
            found[place] = ReportRecord(cast("ProgressReported", event_from(reported)))
        if confirmed[0] is not None:
            confirmations[confirmed[0], confirmed[1]] = (found[place], confirmed)
    for one in sorted(confirmations):
        record, confirmed = confirmations[one]
        event = cast("ProgressConfirmed", event_from(confirmed))
        record.confirmed[event.organisation] = event
    return tuple(sorted((found[one] for one in sorted(found)), key=lambda one: one.report.organisation))


# Statements, each built once.


@dataclass(frozen=True, slots=True)
class _Shape:
    """With a last day or without; whose; and whether only what is late, or only one agreement."""

    due: bool
    organisation: bool
    overdue: bool
    agreement: bool


def _mine(shape: _Shape, due_by: ColumnElement[int]) -> list[ColumnElement[bool]]:
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
        _STATED.c.due <= due_by,
        or_(_STATED.c.due > since, later),
    ]


_ORDER = (_STATED.c.due, _STATED.c.agreement_number, _STATED.c.label)


@cache
def _stated(shape: _Shape) -> Select[Any]:
    """A page of what is stated: on each row how far the window reaches, and a commitment with all that is told of it.

    If the window reaches the end, its edge is NULL; of a page without commitments these are.
    """
    bounds, edge = window(select(*_ORDER).where(*_mine(shape, bindparam("due_by"))).order_by(*_ORDER))
    to_due = func.coalesce(select(edge.c.due).scalar_subquery(), bindparam("due_by"))
    span = _SPANS.alias("span")
    made = select(*(_STATED.c[name] for name in _SAID), _STATED.c.agreement_number, span.c.act_hash)
    made = made.select_from(_standing(_STATED, _STATED.c.agreement_number, span, in_force=not shape.agreement))
    # One bound above: of two, SQLite walks up to whichever is written first.
    made = made.where(*_mine(shape, to_due), _within(shape, edge), _STATED.c.block <= bindparam("block"), _is_latest())
    if shape.overdue:
        made = made.where(~_done())
    page = made.order_by(*_ORDER).limit(bindparam("limit")).subquery("page")
    to = (edge.c.due.label("to_due"), edge.c.agreement_number.label("to_number"), edge.c.label.label("to_label"))
    return _with_reports(bounds.outerjoin(page, true()), page, (*page.c, *to))


def _with_reports(before: Any, page: Any, columns: Sequence[Any]) -> Select[Any]:
    """What the agreement of each commitment is called, each party's latest report, and its confirmations."""
    report, confirmed = _REPORTS.alias("report"), _CONFIRMED.alias("confirmed")
    joined, told = called(page.c.act_hash, before)
    joined = joined.outerjoin(
        report,
        and_(report.c.agreement == page.c.agreement, report.c.commitment == page.c.id, _latest(report)),
    )
    joined, reported = event_at(joined, report, "report")
    on_it = and_(confirmed.c.report_hash == report.c.report_hash, confirmed.c.block <= bindparam("block"))
    joined, confirmations = event_at(joined.outerjoin(confirmed, on_it), confirmed, "confirmed")
    return select(*columns, *told, *reported, *confirmations).select_from(joined)


def _within(shape: _Shape, edge: CTE) -> ColumnElement[bool]:
    """Whether a row stands at the edge of the window or before it; all do if there is none."""
    number, due, label = (select(edge.c[one]).scalar_subquery() for one in ("agreement_number", "due", "label"))
    to: ColumnElement[int] = func.coalesce(number, schema.FOREVER)
    before = or_(_STATED.c.agreement_number < to, and_(_STATED.c.agreement_number == to, _STATED.c.label <= label))
    if not shape.due:
        return and_(_STATED.c.agreement_number <= to, before)
    return or_(_STATED.c.due < func.coalesce(due, schema.FOREVER), before)


def _is_latest() -> ColumnElement[bool]:
    """Whether no later act's manifest states the same commitment."""
    other = _STATED.alias("other")
    # Of acts in one block the number decides, which stands elsewhere.
    after = or_(
        other.c.block > _STATED.c.block,
        and_(other.c.block == _STATED.c.block, _number_of(other.c.act_hash) > _number_of(_STATED.c.act_hash)),
    )
    later = (
        select(other.c.id)
        .where(other.c.agreement == _STATED.c.agreement, other.c.id == _STATED.c.id)
        .where(other.c.act_hash != _STATED.c.act_hash, other.c.block <= bindparam("block"), after)
    )
    return ~later.correlate(_STATED).exists()


def _number_of(act_hash: ColumnElement[bytes]) -> ColumnElement[int]:
    act = schema.acts.alias()
    return select(act.c.number).where(act.c.act_hash == act_hash).correlate_except(act).scalar_subquery()


def _standing(before: Any, number: ColumnElement[int], span: Any, *, in_force: bool) -> Any:
    """What is joined to an agreement's number for how it stands, which may have to be in force."""
    clauses = [checked(span.c.status, "in_force")] if in_force else []
    return before.join(span, and_(span.c.number == number, holds(span), *clauses), isouter=not in_force)


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
        report.c.stage.in_([bindparam("fulfilled"), bindparam("cancelled")]),
    )
    return own.correlate(_STATED).exists()


def _first_reports(one: bool, until: ColumnElement[int]) -> list[ColumnElement[bool]]:
    after: ColumnElement[int] = bindparam("after_block")
    clauses: list[ColumnElement[bool]] = [_REPORTS.c.agreement == bindparam("agreement")] if one else []
    return [
        *clauses,
        _REPORTS.c.previous == bindparam("no_hash"),
        _REPORTS.c.block >= after,
        or_(_REPORTS.c.block > after, _REPORTS.c.log_index > bindparam("after_log")),
        _REPORTS.c.block <= until,
    ]


_REPORTS_ORDER = (_REPORTS.c.block, _REPORTS.c.log_index)


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
    bounds, edge = window(
        select(*_REPORTS_ORDER).where(*_first_reports(one, bindparam("block"))).order_by(*_REPORTS_ORDER)
    )
    block, log_index = select(edge.c.block).scalar_subquery(), select(edge.c.log_index).scalar_subquery()
    nothing = (null().label(name) for name in _SAID[2:])
    span = _SPANS.alias("span")
    agreed = _REPORTS.join(_AGREEMENTS, _AGREEMENTS.c.id == _REPORTS.c.agreement)
    made = (
        select(_REPORTS.c.agreement, _REPORTS.c.commitment.label("id"), *nothing, *_REPORTS_ORDER, span.c.act_hash)
        .select_from(_standing(agreed, _AGREEMENTS.c.number, span, in_force=not one))
        .where(*_first_reports(one, func.coalesce(block, bindparam("block"))))
        .where(or_(_REPORTS.c.block < func.coalesce(block, schema.FOREVER), _REPORTS.c.log_index <= log_index))
        .where(~earlier.correlate(_REPORTS).exists(), ~known.correlate(_REPORTS).exists())
    )
    page = made.order_by(*_REPORTS_ORDER).limit(bindparam("limit")).subquery("page")
    to = (edge.c.block.label("to_block"), edge.c.log_index.label("to_log"))
    return _with_reports(bounds.outerjoin(page, true()), page, (*page.c, *to))


_LABELS = select(_STATED.c.id, _STATED.c.label).where(
    _STATED.c.agreement.in_(bindparam("agreements", expanding=True)),
    _STATED.c.id.in_(bindparam("ids", expanding=True)),
)
