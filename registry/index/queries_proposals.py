"""Proposals: those that can still be recorded, whom they wait for, and how far each is.

Open is what was not recorded, declined or overtaken, whose deadline allows it, and whose predecessor is recorded. Who
must approve follows from the acts that hold by then, as in :func:`registry.timeline.required`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter, itemgetter
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    Table,
    and_,
    bindparam,
    func,
    or_,
    select,
    true,
)

from registry.index import schema
from registry.index.answers import At, Offer, OpenOffer
from registry.index.hashes import together, told
from registry.index.queries_agreements import WINDOW, known, parties_of, window
from registry.index.queries_history import Position
from registry.index.rows import act_of
from registry.model import NO_HASH, Act, Approval, Mandate
from registry.progress import binding_approvals, progress_of
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
    page, more = _page(connection, at, limit, after, organisation, council, current)
    put = [_Put(_offer(rows[0][_OFFERED], at), *_given(rows)) for rows in page]
    return _with_progress(connection, at, council, put), more


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
    council = Council(successors(connection, at))
    page, more = _page(connection, at, limit, after, organisation, council, current)
    put = []
    for rows in page:
        given, mandates_of = _given(rows)
        # What has the approval that is asked about, as most of a page has, need not be looked into any further.
        if signatory not in given and not binding_approvals(mandates_of(organisation), given, at.known_at):
            put.append(_Put(_offer(rows[0][_OFFERED], at), given, mandates_of))
    found = _with_progress(connection, at, council, put)
    return [one for one in found if organisation in one.waits_for], more


def offer(connection: Connection, at: At, act_hash: bytes) -> Offer:
    """One proposal as known then, open or not."""
    row = connection.execute(_OFFER, {"act": act_hash}).one()
    return _offer(row, at)


def progress(connection: Connection, at: At, one: Offer) -> OpenOffer:
    """How far an open proposal is."""
    council = Council(successors(connection, at))
    values = {"act": one.act_hash, "block": at.known_block, "known_time": at.known_time}
    put = _Put(one, *_given(connection.execute(_GIVEN, values).all()))
    return _with_progress(connection, at, council, [put])[0]


def organisation_of(connection: Connection, at: At, signatory: str) -> str | None:
    """For whom a key can sign at the moment the question is known at; None if for nobody."""
    mandates = mandates_of_keys(connection, at, [signatory])
    return next((one.organisation for one in mandates if one.in_force_at(at.known_at)), None)


@dataclass(frozen=True, slots=True)
class _Put:
    """A proposal, the latest approval of each key, and what was known of the keys' mandates, of an organisation."""

    offer: Offer
    given: Mapping[str, Approval]
    mandates_of: Callable[[str], Sequence[Mandate]]


def _page(
    connection: Connection,
    at: At,
    limit: int,
    after: Position,
    organisation: str | None,
    council: Council,
    current: bool,
) -> tuple[list[list[Any]], Position | None]:
    """The rows of each open proposal of a page, and where to go on."""
    concerned = [None] if organisation is None else council.answers_for(organisation)
    found: dict[Position, list[Any]] = {}
    edges: list[Position] = []
    for one in concerned:
        groups, edge = _walk(connection, at, limit, after, one, current)
        found |= groups
        edges += [edge] if edge else []
    # What lies beyond the nearest edge may be incomplete: another walk has not come so far.
    nearest = min(edges, default=None)
    places = [one for one in sorted(found) if nearest is None or one <= nearest]
    more = places[limit - 1] if len(places) > limit else nearest
    # Somebody may be concerned by a proposal twice, in its own place and in that of another.
    chosen = {found[one][0].act_hash: found[one] for one in places[:limit]}
    return list(chosen.values()), more


def _walk(
    connection: Connection, at: At, limit: int, after: Position, organisation: str | None, current: bool
) -> tuple[dict[Position, list[Any]], Position | None]:
    """One more than asked for, so that it shows whether there is more; and how far the walk came, None: to the end."""
    values: dict[str, Any] = {
        "after_block": after[0],
        "after_log": after[1],
        "block": at.known_block,
        "known_time": at.known_time,
        "now": at.known_at,
        "organisation": organisation,
        "window": WINDOW,
        "limit": limit + 1,
        "no_hash": NO_HASH,
    }
    table = _OFFERS if organisation is None else _CONCERNS
    rows = connection.execute(_open(table, current), values).all()
    edge = None if rows[0].to_block is None else (rows[0].to_block, rows[0].to_log)
    groups: dict[Position, list[Any]] = {}
    for row in rows if rows[0].block is not None else ():
        groups.setdefault(_place(row), []).append(row)
    return groups, max(groups) if len(groups) > limit else edge


def _offer(row: Sequence[Any], at: At) -> Offer:
    act_hash, act, signatory, proposed_at, closed_block, closed_as, deadline = row
    closed = closed_as if closed_block is not None and closed_block <= at.known_block else None
    if closed is None and deadline and deadline < at.known_at:
        closed = "late"
    return Offer(act_hash, act_of(orjson.loads(act)), signatory, proposed_at, closed)


def _with_progress(connection: Connection, at: At, council: Council, put: Collection[_Put]) -> list[OpenOffer]:
    histories = _histories(connection, at, {one.offer.act.agreement for one in put} - {NO_HASH})
    found = []
    for one in put:
        act = one.offer.act
        history = map(act_from, reversed(histories.get(act.agreement, ())))
        needed = required(act, witnesses(history, act.valid_from), at.known_at)
        done = progress_of(needed, one.given, council.heir_of, one.mandates_of, at.known_at)
        waits_for = tuple(dict.fromkeys(map(council.heir_of, done.missing)))
        found.append(OpenOffer(one.offer, done, waits_for))
    return found


def successors(connection: Connection, at: At) -> dict[str, str]:
    """Who took whose place, as known then."""
    rows = connection.execute(_SUCCESSORS, {"block": at.known_block, "known_time": at.known_time})
    return {row.organisation: row.successor for row in rows}


def _given(rows: Sequence[Any]) -> tuple[dict[str, Approval], Callable[[str], Sequence[Mandate]]]:
    """The latest approval of each key; and what was known of the keys' mandates, of an organisation, by key."""
    approvals: dict[str, Approval] = {}
    mandates: dict[str, list[Mandate]] = {}
    # By key, and of each key in order.
    for row in rows if len(rows) == 1 else sorted(rows, key=_in_order):
        signatory, _, _, decision, organisation, *terms = row[-_APPROVED:]
        if signatory is None:
            continue
        if signatory not in approvals and organisation is not None:
            mandates.setdefault(organisation, []).append(Mandate(signatory, organisation, *terms))
        approvals[signatory] = Approval(signatory, decision)
    return approvals, lambda organisation: mandates.get(organisation, ())


def mandates_of_keys(connection: Connection, at: At, signatories: Sequence[str]) -> list[Mandate]:
    """What was known of the mandates of these keys, by key."""
    if not signatories:
        return []
    values = {"signatories": list(signatories), "block": at.known_block, "known_time": at.known_time}
    return [
        Mandate(row.signatory, row.organisation, row.valid_from, row.valid_until, row.together, row.decision)
        for row in connection.execute(_MANDATES_KNOWN, values)
    ]


def _histories(connection: Connection, at: At, agreements: set[bytes]) -> dict[bytes, list[Any]]:
    """The acts of these agreements as rows, oldest first."""
    found: dict[bytes, list[Any]] = {}
    if agreements:
        values = {**together(sorted(agreements)), "block": at.known_block}
        for row in sorted(connection.execute(_HISTORIES, values).all(), key=_number):
            found.setdefault(row.agreement, []).append(row)
    return found


_number = attrgetter("number")


ACT = ("dossier", "parties", "valid_from", "valid_until", "notice", "deadline", "previous")
"""The columns of ``acts`` of which, with the agreement, an act is made."""


def act_from(row: Any) -> Act:
    """The act of a row of ``acts``."""
    concludes = row.previous == NO_HASH
    times = (row.valid_from, row.valid_until, row.notice, row.deadline)
    agreement = NO_HASH if concludes else row.agreement
    return Act(row.dossier, parties_of(row.parties), *times, agreement, row.previous)


# Statements, each built once.


def _mine(table: Table, current: bool, until: ColumnElement[int]) -> list[ColumnElement[bool]]:
    """What a walk goes through: everything of an organisation, or of all; if that is enough, only what is open."""
    after: ColumnElement[int] = bindparam("after_block")
    clauses: list[ColumnElement[bool]] = [table.c.closed_block.is_(None)] if current else []
    clauses += [table.c.organisation == bindparam("organisation")] if table is _CONCERNS else []
    return [
        *clauses,
        table.c.block >= after,
        or_(table.c.block > after, table.c.log_index > bindparam("after_log")),
        # One bound above: of two, SQLite walks up to whichever is written first.
        table.c.block <= until,
    ]


@cache
def _open(table: Table, current: bool) -> Select[Any]:
    """A page: on each row how far the window reaches, NULL if to the end; a proposal, if any is open; and approvals."""
    place = (table.c.block, table.c.log_index)
    # The column that is NULL for all comes first, or PostgreSQL does not see that its index is in order.
    order = [*([table.c.closed_block] if current else []), *place]
    bounds, edge = window(select(*place).where(*_mine(table, current, bindparam("block"))).order_by(*order))
    to_block, to_log = select(edge.c.block).scalar_subquery(), select(edge.c.log_index).scalar_subquery()
    before = _ACTS.alias("before")
    follows = select(before.c.act_hash).where(
        before.c.act_hash == _OFFERS.c.previous, before.c.block <= bindparam("block")
    )
    made = select(*place, *_TOLD)
    if table is _CONCERNS:
        made = made.select_from(_CONCERNS.join(_OFFERS, _OFFERS.c.act_hash == _CONCERNS.c.act_hash))
    made = made.where(
        *_mine(table, current, func.coalesce(to_block, bindparam("block"))),
        or_(table.c.block < func.coalesce(to_block, schema.FOREVER), table.c.log_index <= to_log),
        or_(_OFFERS.c.closed_block.is_(None), _OFFERS.c.closed_block > bindparam("block")),
        or_(_OFFERS.c.deadline == 0, _OFFERS.c.deadline >= bindparam("now")),
        or_(_OFFERS.c.previous == bindparam("no_hash"), follows.correlate(_OFFERS).exists()),
    )
    page = made.order_by(*order).limit(bindparam("limit")).subquery("page")
    joined, approvals = _approvals(bounds.outerjoin(page, true()), page.c.act_hash)
    to = (edge.c.block.label("to_block"), edge.c.log_index.label("to_log"))
    return select(*to, *page.c, *approvals).select_from(joined)


_APPROVED = 9
"""How many columns tell of an approval and the mandate of who gave it: the last ones, by key and place."""
_in_order = itemgetter(-9, -8, -7)
_place, _OFFERED = itemgetter(2, 3), slice(4, -_APPROVED)
"""Where in a row of :func:`_open` the place of a proposal stands, and what is told of it."""


def _approvals(before: Any, act_hash: Any) -> tuple[Any, tuple[Any, ...]]:
    """What is joined for the approvals of an act, and the columns that tell of them and of what the mandates were."""
    given, mandate = _APPROVALS.alias("given"), _MANDATES.alias("mandate")
    joined = before.outerjoin(given, and_(given.c.act_hash == act_hash, given.c.block <= bindparam("block")))
    joined = joined.outerjoin(mandate, and_(mandate.c.signatory == given.c.signatory, known(mandate)))
    approval = (given.c[name].label(f"given_{name}") for name in ("signatory", "block", "log_index", "decision"))
    terms = (mandate.c[name] for name in ("organisation", "valid_from", "valid_until", "together", "decision"))
    return joined, (*approval, *(one.label(f"mandate_{one.name}") for one in terms))


_TOLD = tuple(
    _OFFERS.c[name] for name in ("act_hash", "act", "signatory", "proposed_at", "closed_block", "closed_as", "deadline")
)
_OFFER = select(*_TOLD).where(_OFFERS.c.act_hash == bindparam("act"))
_SUCCESSORS = select(_ORGANISATIONS.c.organisation, _ORGANISATIONS.c.successor).where(
    _ORGANISATIONS.c.successor != "", known(_ORGANISATIONS)
)


def _given_to() -> Select[Any]:
    wanted = select(bindparam("act", type_=LargeBinary).label("act_hash")).subquery("wanted")
    joined, columns = _approvals(wanted, wanted.c.act_hash)
    return select(*columns).select_from(joined)


_GIVEN = _given_to()

_MANDATES_KNOWN = (
    select(_MANDATES)
    .where(_MANDATES.c.signatory.in_(bindparam("signatories", expanding=True)), known(_MANDATES))
    .order_by(_MANDATES.c.signatory, _MANDATES.c.block, _MANDATES.c.log_index)
)

_FOLLOWED = told()
_HISTORIES = (
    select(_ACTS.c.number, _ACTS.c.agreement, *(_ACTS.c[name] for name in ACT))
    .select_from(_FOLLOWED.join(_ACTS, _ACTS.c.agreement == _FOLLOWED.c.hash))
    .where(_ACTS.c.block <= bindparam("block"))
)
