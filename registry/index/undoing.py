"""Taking the index back to a block: what came later goes, what was closed later is open again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select, update

from registry.index import schema
from registry.index.buffer import chunks
from registry.index.records import AsOf
from registry.index.schema import FOREVER
from registry.index.writer import read_cursor, set_cursor


def roll_back(connection: Connection, block: int) -> None:
    """Undoes everything after the last stored block that is not above ``block``; the cursor ends there."""
    known = read_cursor(connection, for_update=True)
    if known is None or known.block <= block:
        return
    blocks = schema.blocks
    query = select(blocks).where(blocks.c.number <= block).order_by(blocks.c.number.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    kept = -1 if row is None else row.number
    _undo_acts(connection, kept)
    _undo_proposals(connection, kept)
    _undo_council(connection, kept)
    _undo_reports(connection, kept)
    _undo_events(connection, kept)
    set_cursor(connection, None if row is None else AsOf(row.number, row.hash, row.time, row.fingerprint))


def _undo_acts(connection: Connection, kept: int) -> None:
    acts = schema.acts
    gone = select(acts.c.act_hash).where(acts.c.block > kept)
    changed = connection.execute(select(acts.c.agreement_number).where(acts.c.block > kept).distinct()).scalars().all()
    for table in (schema.approvals_of_acts, schema.commitments, schema.terms):
        connection.execute(delete(table).where(table.c.act_hash.in_(gone)))
    connection.execute(delete(acts).where(acts.c.block > kept))
    agreements = schema.agreements
    for chunk in chunks(changed):
        _undo_spans(connection, chunk, kept)
        late = agreements.c.number.in_(chunk) & (agreements.c.block > kept)
        connection.execute(delete(agreements).where(late))
        for one in connection.execute(select(agreements).where(agreements.c.number.in_(chunk))).all():
            _mend_agreement(connection, one.id, one.number, kept)


def _undo_spans(connection: Connection, numbers: list[int], kept: int) -> None:
    spans, mine = schema.spans, schema.span_organisations
    of_these = spans.c.number.in_(numbers)
    late = connection.execute(select(spans).where(of_these & (spans.c.block > kept))).all()
    closed = connection.execute(select(spans).where(of_these & (spans.c.closed_block > kept))).all()
    for row in late:
        connection.execute(delete(mine).where(_parties_of(row)))
    connection.execute(delete(spans).where(of_these & (spans.c.block > kept)))
    open_again = {"known_until": FOREVER, "closed_block": None}
    for row in closed:
        connection.execute(update(mine).where(_parties_of(row)).values(open_again))
    connection.execute(update(spans).where(of_these & (spans.c.closed_block > kept)).values(open_again))


def _parties_of(row: Any) -> Any:
    mine = schema.span_organisations
    return mine.c.organisation.in_(json.loads(row.parties)) & (mine.c.number == row.number) & (mine.c.span == row.id)


def _mend_agreement(connection: Connection, agreement: bytes, number: int, kept: int) -> None:
    acts, spans = schema.acts, schema.spans
    overruled = connection.execute(
        select(func.min(acts.c.number)).where((acts.c.agreement == agreement) & (acts.c.closed_block > kept))
    ).scalar()
    head = connection.execute(
        select(acts).where(acts.c.agreement == agreement).order_by(acts.c.number.desc()).limit(1)
    ).one()
    count = connection.execute(select(func.count()).select_from(spans).where(spans.c.number == number)).scalar()
    values = {"head": head.act_hash, "acts": head.number, "spans": count, "ended": len(json.loads(head.parties)) < 2}
    connection.execute(update(schema.agreements).where(schema.agreements.c.id == agreement).values(values))
    if overruled is None:
        return
    since, by_block = FOREVER, None
    query = select(acts).where((acts.c.agreement == agreement) & (acts.c.number >= overruled))
    for one in connection.execute(query.order_by(acts.c.number.desc())).all():
        if one.closed_block is not None and one.closed_block > kept:
            change = update(acts).where(acts.c.act_hash == one.act_hash)
            connection.execute(change.values(overruled_from=since, closed_block=by_block))
        # Of those that begin together, the one that was recorded first said so first.
        if one.valid_from <= since:
            since, by_block = one.valid_from, one.block


def _undo_proposals(connection: Connection, kept: int) -> None:
    proposals = schema.proposals
    connection.execute(delete(proposals).where(proposals.c.block > kept))
    concerned = schema.proposal_organisations
    reopened = select(proposals.c.act_hash).where(proposals.c.closed_block > kept)
    connection.execute(update(concerned).where(concerned.c.act_hash.in_(reopened)).values(closed_block=None))
    open_again = {"closed_at": None, "closed_block": None, "closed_as": None}
    connection.execute(update(proposals).where(proposals.c.closed_block > kept).values(open_again))
    connection.execute(delete(concerned).where(concerned.c.block > kept))
    for table, name in ((schema.approvals, "Approved"), (schema.declined, "Declined")):
        _undo_by_subject(connection, table, table.c.act_hash, name, kept)


def _undo_council(connection: Connection, kept: int) -> None:
    for table in (schema.organisations, schema.mandates):
        connection.execute(delete(table).where(table.c.block > kept))
        again = update(table).where(table.c.closed_block > kept)
        connection.execute(again.values(known_until=FOREVER, closed_block=None))
    motions = schema.motions
    connection.execute(delete(motions).where(motions.c.block > kept))
    steps: tuple[tuple[str, dict[str, object]], ...] = (
        ("moved_block", {"signatory": None, "moved_at": None}),
        ("decided_block", {"decided_at": None, "effect_from": None, "waits": False}),
        ("settled_block", {}),
        ("enacted_block", {"enacted_at": None}),
        ("vetoed_block", {"vetoed_at": None, "vetoed_by": None, "veto_reason": None}),
        ("void_block", {"void": False}),
    )
    for name, values in steps:
        connection.execute(update(motions).where(motions.c[name] > kept).values({name: None, **values}))
    _undo_by_subject(connection, schema.votes, schema.votes.c.motion_hash, "Voted", kept)
    with_it = schema.votes_of_motions
    _undo_by_subject(connection, with_it, with_it.c.motion_hash, "MotionDecided", kept)


def _undo_reports(connection: Connection, kept: int) -> None:
    reports = schema.reports
    told = _subjects("ProgressReported", kept)
    followed = select(reports.c.previous).where(reports.c.report_hash.in_(told))
    again = update(reports).where(reports.c.report_hash.in_(followed) & (reports.c.closed_block > kept))
    connection.execute(again.values(known_until=FOREVER, closed_block=None))
    confirmations = schema.confirmations
    _undo_by_subject(connection, confirmations, confirmations.c.report_hash, "ProgressConfirmed", kept)
    _undo_by_subject(connection, reports, reports.c.report_hash, "ProgressReported", kept)


def _undo_by_subject(connection: Connection, table: Table, column: Any, name: str, kept: int) -> None:
    connection.execute(delete(table).where(column.in_(_subjects(name, kept)) & (table.c.block > kept)))


def _subjects(name: str, kept: int) -> Any:
    events = schema.events
    return select(events.c.subject).where((events.c.block > kept) & (events.c.name == name))


def _undo_events(connection: Connection, kept: int) -> None:
    concerned = schema.event_organisations
    for organisation in _distinct(connection, concerned.c.organisation):
        late = (concerned.c.organisation == organisation) & (concerned.c.block > kept)
        connection.execute(delete(concerned).where(late))
    connection.execute(delete(schema.events).where(schema.events.c.block > kept))
    connection.execute(delete(schema.blocks).where(schema.blocks.c.number > kept))


def _distinct(connection: Connection, column: Any) -> Iterator[str]:
    """The different values of the first column of a key, each found by one look into the index."""
    found = connection.execute(select(func.min(column))).scalar()
    while found is not None:
        yield found
        found = connection.execute(select(func.min(column)).where(column > found)).scalar()
