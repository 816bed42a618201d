"""Proposals: those that can still be recorded, whom they wait for, and how far each is.

Open is what was not recorded, declined or overtaken, whose deadline allows it, and whose predecessor is recorded. Who
must approve follows from the acts that hold by then, as in :func:`registry.timeline.required`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, bindparam, or_, select

from registry.index import schema
from registry.index.answers import At, Offer, OpenOffer
from registry.index.queries_agreements import WINDOW, known, parties_of
from registry.index.queries_history import Position
from registry.index.rows import act_of
from registry.model import NO_HASH, Act, Approval, Mandate
from registry.progress import progress_of
from registry.timeline import required, witnesses

_OFFERS, _CONCERNS, _ACTS = schema.proposals, schema.proposal_organisations, schema.acts
_APPROVALS, _MANDATES, _ORGANISATIONS = schema.approvals, schema.mandates, schema.organisations


@dataclass(frozen=True, slots=True)
class Council:
    """Who answers for whom, as known then."""

    successors: Mapping[str, str]

    def heir_of(self, organisation: str) -> str:
        """Who answers now for an organisation, itself unless another took its place."""
        while self.successors.get(organisation):
            organisation = self.successors[organisation]
        return organisation

    def answers_for(self, organisation: str) -> list[str]:
        """The organisation and all whose place it took, of which it is the last heir."""
        earlier = [one for one in self.successors if one != organisation and self.heir_of(one) == organisation]
        return sorted([organisation, *earlier])


def open_offers(
    connection: Connection,
    at: At,
    limit: int,
    after: Position,
    organisation: str | None = None,
    *,
    current: bool,
) -> tuple[list[OpenOffer], Position | None]:
    """Open proposals in order of proposing, of one organisation if it is named, and where to go on.

    ``current`` says that the index holds nothing beyond what was known then, so that what is closed now was closed.
    """
    council = Council(successors(connection, at))
    concerned = [None] if organisation is None else council.answers_for(organisation)
    found: dict[Position, Any] = {}
    edges: list[Position] = []
    for one in concerned:
        rows, edge = _walk(connection, at, limit, after, one, current)
        found |= {(row.block, row.log_index): row for row in rows}
        edges += [edge] if edge else []
    # What lies beyond the nearest edge may be incomplete: another walk has not come so far.
    nearest = min(edges, default=None)
    places = [one for one in sorted(found) if nearest is None or one <= nearest]
    more = places[limit - 1] if len(places) > limit else nearest
    # Somebody may be concerned by a proposal twice, in its own place and in that of another.
    chosen = {found[one].act_hash: found[one] for one in places[:limit]}
    return _with_progress(connection, at, council, [_offer(row, at) for row in chosen.values()]), more


def waiting_for(
    connection: Connection,
    at: At,
    limit: int,
    after: Position,
    organisation: str,
    signatory: str | None = None,
    *,
    current: bool,
) -> tuple[list[OpenOffer], Position | None]:
    """As :func:`open_offers`, of those that wait for this organisation; and that this key has not yet approved."""
    found, more = open_offers(connection, at, limit, after, organisation, current=current)
    mine = [one for one in found if organisation in one.waits_for]
    if signatory is None or not mine:
        return mine, more
    hashes = [one.offer.act_hash for one in mine]
    given = connection.scalars(_APPROVED_BY, {"acts": hashes, "signatory": signatory, "block": at.known_block})
    done = set(given)
    return [one for one in mine if one.offer.act_hash not in done], more


def offer(connection: Connection, at: At, act_hash: bytes) -> Offer:
    """One proposal as known then, open or not."""
    row = connection.execute(_OFFER, {"act": act_hash}).one()
    return _offer(row, at)


def progress(connection: Connection, at: At, one: Offer) -> OpenOffer:
    """How far an open proposal is."""
    council = Council(successors(connection, at))
    return _with_progress(connection, at, council, [one])[0]


def organisation_of(connection: Connection, at: At, signatory: str) -> str | None:
    """For whom a key can sign at the moment the question is known at; None if for nobody."""
    mandates = mandates_of_keys(connection, at, [signatory])
    return next((one.organisation for one in mandates if one.in_force_at(at.known_at)), None)


def _walk(
    connection: Connection, at: At, limit: int, after: Position, organisation: str | None, current: bool
) -> tuple[list[Any], Position | None]:
    """One more than asked for, so that it shows whether there is more; and how far the walk came, None: to the end."""
    values: dict[str, Any] = {
        "after_block": after[0],
        "after_log": after[1],
        "block": at.known_block,
        "now": at.known_at,
        "organisation": organisation,
        "window": WINDOW,
        "limit": limit + 1,
        "no_hash": NO_HASH,
    }
    table = _OFFERS if organisation is None else _CONCERNS
    last = connection.execute(_edge(table, current), values).first()
    edge = (last.block, last.log_index) if last else None
    bounds = {"to_block": edge[0], "to_log": edge[1]} if edge else {"to_block": at.known_block, "to_log": 2**62}
    rows = list(connection.execute(_open(table, current), {**values, **bounds}))
    if len(rows) > limit:
        return rows, (rows[-1].block, rows[-1].log_index)
    return rows, edge


def _offer(row: Any, at: At) -> Offer:
    closed = row.closed_as if row.closed_block is not None and row.closed_block <= at.known_block else None
    if closed is None and row.deadline and row.deadline < at.known_at:
        closed = "late"
    return Offer(row.act_hash, act_of(json.loads(row.act)), row.signatory, row.proposed_at, closed)


def _with_progress(connection: Connection, at: At, council: Council, offers: Sequence[Offer]) -> list[OpenOffer]:
    if not offers:
        return []
    given = _approvals(connection, at, [one.act_hash for one in offers])
    keys = {signatory for one in given.values() for signatory in one}
    mandates: dict[str, list[Mandate]] = {}
    for mandate in mandates_of_keys(connection, at, sorted(keys)):
        mandates.setdefault(mandate.organisation, []).append(mandate)
    histories = _histories(connection, at, {one.act.agreement for one in offers} - {NO_HASH})

    def mandates_of(organisation: str) -> list[Mandate]:
        return mandates.get(organisation, [])

    found = []
    for one in offers:
        acts = histories.get(one.act.agreement, [])
        needed = required(one.act, witnesses(reversed(acts), one.act.valid_from), at.known_at)
        done = progress_of(needed, given.get(one.act_hash, {}), council.heir_of, mandates_of, at.known_at)
        waits_for = tuple(dict.fromkeys(map(council.heir_of, done.missing)))
        found.append(OpenOffer(one, done, waits_for))
    return found


def successors(connection: Connection, at: At) -> dict[str, str]:
    """Who took whose place, as known then."""
    rows = connection.execute(_SUCCESSORS, {"block": at.known_block, "known_time": at.known_time})
    return {row.organisation: row.successor for row in rows}


def _approvals(connection: Connection, at: At, hashes: Sequence[bytes]) -> dict[bytes, dict[str, Approval]]:
    """The latest approval of each key, by act."""
    found: dict[bytes, dict[str, Approval]] = {}
    for row in connection.execute(_GIVEN, {"acts": list(hashes), "block": at.known_block}):
        found.setdefault(row.act_hash, {})[row.signatory] = Approval(row.signatory, row.decision)
    return found


def mandates_of_keys(connection: Connection, at: At, signatories: Sequence[str]) -> list[Mandate]:
    """What was known of the mandates of these keys, by key."""
    if not signatories:
        return []
    values = {"signatories": list(signatories), "block": at.known_block, "known_time": at.known_time}
    return [
        Mandate(row.signatory, row.organisation, row.valid_from, row.valid_until, row.together, row.decision)
        for row in connection.execute(_MANDATES_KNOWN, values)
    ]


def _histories(connection: Connection, at: At, agreements: set[bytes]) -> dict[bytes, list[Act]]:
    """The acts of these agreements, oldest first."""
    found: dict[bytes, list[Act]] = {}
    if not agreements:
        return found
    for row in connection.execute(_HISTORIES, {"agreements": sorted(agreements), "block": at.known_block}):
        found.setdefault(row.agreement, []).append(act_from(row))
    return found


def act_from(row: Any) -> Act:
    """The act of a row of ``acts``."""
    concludes = row.previous == NO_HASH
    times = (row.valid_from, row.valid_until, row.notice, row.deadline)
    agreement = NO_HASH if concludes else row.agreement
    return Act(row.dossier, parties_of(row.parties), *times, agreement, row.previous)


# Statements, each built once.


def _mine(table: Table, current: bool, until: str = "block") -> list[ColumnElement[bool]]:
    """What a walk goes through: everything of an organisation, or of all; if that is enough, only what is open."""
    after: ColumnElement[int] = bindparam("after_block")
    clauses: list[ColumnElement[bool]] = [table.c.closed_block.is_(None)] if current else []
    clauses += [table.c.organisation == bindparam("organisation")] if table is _CONCERNS else []
    return [
        *clauses,
        table.c.block >= after,
        or_(table.c.block > after, table.c.log_index > bindparam("after_log")),
        # One bound above: of two, SQLite walks up to whichever is written first.
        table.c.block <= bindparam(until),
    ]


def _order(table: Table, current: bool) -> list[Any]:
    """By place; the column that is NULL for all comes first, or PostgreSQL does not see that its index is in order."""
    return [*([table.c.closed_block] if current else []), table.c.block, table.c.log_index]


@cache
def _edge(table: Table, current: bool) -> Select[Any]:
    found = select(table.c.block, table.c.log_index).where(*_mine(table, current))
    return found.order_by(*_order(table, current)).limit(1).offset(bindparam("window") - 1)


@cache
def _open(table: Table, current: bool) -> Select[Any]:
    order = (table.c.block, table.c.log_index)
    to_block: ColumnElement[int] = bindparam("to_block")
    within = or_(table.c.block < to_block, table.c.log_index <= bindparam("to_log"))
    columns = (
        *order,
        _OFFERS.c.act_hash,
        _OFFERS.c.act,
        _OFFERS.c.signatory,
        _OFFERS.c.proposed_at,
        _OFFERS.c.closed_block,
        _OFFERS.c.closed_as,
        _OFFERS.c.deadline,
    )
    made = select(*columns)
    if table is _CONCERNS:
        made = made.select_from(_CONCERNS.join(_OFFERS, _OFFERS.c.act_hash == _CONCERNS.c.act_hash))
    before = _ACTS.alias("before")
    follows = select(before.c.act_hash).where(
        before.c.act_hash == _OFFERS.c.previous, before.c.block <= bindparam("block")
    )
    made = made.where(
        *_mine(table, current, "to_block"),
        within,
        or_(_OFFERS.c.closed_block.is_(None), _OFFERS.c.closed_block > bindparam("block")),
        or_(_OFFERS.c.deadline == 0, _OFFERS.c.deadline >= bindparam("now")),
        or_(_OFFERS.c.previous == bindparam("no_hash"), follows.correlate(_OFFERS).exists()),
    )
    return made.order_by(*_order(table, current)).limit(bindparam("limit"))


_OFFER = select(
    _OFFERS.c.act_hash,
    _OFFERS.c.act,
    _OFFERS.c.signatory,
    _OFFERS.c.proposed_at,
    _OFFERS.c.closed_block,
    _OFFERS.c.closed_as,
    _OFFERS.c.deadline,
).where(_OFFERS.c.act_hash == bindparam("act"))

_SUCCESSORS = select(_ORGANISATIONS.c.organisation, _ORGANISATIONS.c.successor).where(
    _ORGANISATIONS.c.successor != "", known(_ORGANISATIONS)
)

_GIVEN = (
    select(_APPROVALS.c.act_hash, _APPROVALS.c.signatory, _APPROVALS.c.decision)
    .where(_APPROVALS.c.act_hash.in_(bindparam("acts", expanding=True)), _APPROVALS.c.block <= bindparam("block"))
    .order_by(_APPROVALS.c.act_hash, _APPROVALS.c.signatory, _APPROVALS.c.block, _APPROVALS.c.log_index)
)

_APPROVED_BY = select(_APPROVALS.c.act_hash).where(
    _APPROVALS.c.act_hash.in_(bindparam("acts", expanding=True)),
    _APPROVALS.c.signatory == bindparam("signatory"),
    _APPROVALS.c.block <= bindparam("block"),
)

_MANDATES_KNOWN = (
    select(_MANDATES)
    .where(_MANDATES.c.signatory.in_(bindparam("signatories", expanding=True)), known(_MANDATES))
    .order_by(_MANDATES.c.signatory, _MANDATES.c.block, _MANDATES.c.log_index)
)

_HISTORIES = (
    select(_ACTS)
    .where(_ACTS.c.agreement.in_(bindparam("agreements", expanding=True)), _ACTS.c.block <= bindparam("block"))
    .order_by(_ACTS.c.agreement, _ACTS.c.number)
)
