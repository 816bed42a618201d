"""What was recorded, in order: all of it, or what concerns one agreement, organisation or key; and a key's mandates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, or_, select, union_all

from registry.index import schema
from registry.index.answers import At, KnownMandate
from registry.index.rows import event_of
from registry.model import Event, Mandate, Place

_EVENTS, _BLOCKS, _MANDATES = schema.events, schema.blocks, schema.mandates
_CONCERNS, _SIGNED, _VOTED = schema.event_organisations, schema.approvals_of_acts, schema.votes_of_motions

Position = tuple[int, int]
"""Block and log index of the event that a page ended at; before everything: (-1, -1)."""


def everything(connection: Connection, at: At, limit: int, after: Position) -> tuple[list[Event], Position | None]:
    """All events known then, in order, and where to go on."""
    return _page(connection, _ALL, {}, at, limit, after)


def of_agreement(
    connection: Connection, at: At, agreement: bytes, limit: int, after: Position
) -> tuple[list[Event], Position | None]:
    """Its acts, what was proposed to follow them, approvals, refusals, reports and confirmations."""
    return _page(connection, _OF_AGREEMENT, {"key": agreement}, at, limit, after)


def of_organisation(
    connection: Connection, at: At, organisation: str, limit: int, after: Position
) -> tuple[list[Event], Position | None]:
    """What an organisation did and what concerned it."""
    return _page(connection, _OF_ORGANISATION, {"key": organisation}, at, limit, after)


def of_signatory(
    connection: Connection, at: At, signatory: str, limit: int, after: Position
) -> tuple[list[Event], Position | None]:
    """What a key did, the acts and motions it signed, and its mandates."""
    return _page(connection, _OF_SIGNATORY, {"key": signatory}, at, limit, after)


def mandates_of(connection: Connection, at: At, signatory: str) -> list[KnownMandate]:
    """What was known of a key's mandates, in order: a row for each time that something changed."""
    return _known(connection.execute(_MANDATES_OF, {"key": signatory, "block": at.known_block}), at)


def mandates_given(connection: Connection, at: At, organisation: str) -> list[KnownMandate]:
    """The same of all keys that an organisation gave one, in order."""
    return _known(connection.execute(_MANDATES_GIVEN, {"organisation": organisation, "block": at.known_block}), at)


def approvals_of(
    connection: Connection, at: At, act_hash: bytes, limit: int, after: Position
) -> tuple[list[Event], Position | None]:
    """The approvals of an act on chain, and where to go on."""
    return _page(connection, _APPROVALS_OF, {"key": act_hash}, at, limit, after)


def _known(rows: Iterable[Any], at: At) -> list[KnownMandate]:
    found = []
    for row in rows:
        closed = row.closed_block is not None and row.closed_block <= at.known_block
        found.append(KnownMandate(_mandate(row), row.known_from, row.known_until if closed else schema.FOREVER))
    return found


def mandate_on(connection: Connection, at: At, signatory: str) -> Mandate | None:
    """The mandate under which a key could sign at a moment; None if it had none.

    What is recorded later never changes what counted at a moment, so of a day gone by, what was known on that day
    decides; of a day to come, what is known.
    """
    values = {"key": signatory, "block": at.known_block, "by": min(at.valid_on, at.known_at)}
    row = connection.execute(_MANDATE_ON, values).first()
    mandate = _mandate(row) if row else None
    return mandate if mandate is not None and mandate.in_force_at(at.valid_on) else None


def _page(
    connection: Connection, statement: Select[Any], key: dict[str, Any], at: At, limit: int, after: Position
) -> tuple[list[Event], Position | None]:
    values = {**key, "block": at.known_block, "after_block": after[0], "after_log": after[1], "limit": limit + 1}
    rows = sorted(connection.execute(statement, values).all(), key=_place)
    return [event_from(row) for row in rows[:limit]], _place(rows[limit - 1]) if len(rows) > limit else None


EVENT = 7
"""How many columns tell of an event."""


def event_at(before: Any, place: Any, name: str) -> tuple[Any, tuple[Any, ...]]:
    """What is joined for the event whose place another table names, and the columns that tell of it."""
    event, block = _EVENTS.alias(f"{name}_event"), _BLOCKS.alias(f"{name}_block")
    joined = before.outerjoin(
        event, and_(event.c.block == place.c.block, event.c.log_index == place.c.log_index)
    ).outerjoin(block, block.c.number == event.c.block)
    told = (event.c.block, event.c.log_index, event.c.transaction_hash, event.c.name, event.c.data)
    return joined, tuple(one.label(f"{name}_{one.name}") for one in (*told, block.c.hash, block.c.time))


def event_from(row: Sequence[Any]) -> Event:
    """The event that these columns tell of."""
    block, log_index, transaction, name, data, block_hash, time = row
    return event_of(name, Place(block, log_index, transaction, block_hash, time), orjson.loads(data))


def _place(row: Sequence[Any]) -> Position:
    return (row[0], row[1])


def _mandate(row: Any) -> Mandate:
    terms = (row.valid_from, row.valid_until, row.together, row.decision)
    return Mandate(row.signatory, row.organisation, *terms)


def _ahead(table: Any) -> ColumnElement[bool]:
    """Whether a row stands behind where the page before ended, and was known then."""
    after: ColumnElement[int] = bindparam("after_block")
    later = table.c.log_index > bindparam("after_log")
    # The first says for an index what the second says in full.
    return and_(
        table.c.block >= after,
        or_(table.c.block > after, later),
        table.c.block <= bindparam("block"),
    )


def _walk(table: Any, *mine: ColumnElement[bool]) -> Select[Any]:
    """The places that a table tells of, each once: a key may sign one act twice, for two organisations."""
    return select(table.c.block, table.c.log_index).where(*mine, _ahead(table)).distinct()


def _events(*walks: Select[Any]) -> Select[Any]:
    """The first events of those at the places that these walks lead to, of which no two lead to the same."""
    places = walks[0] if len(walks) == 1 else union_all(*walks)
    page = places.order_by(*places.selected_columns).limit(bindparam("limit")).subquery("page")
    joined, columns = event_at(page, page, "page")
    return select(*columns).select_from(joined)


_ALL = _events(_walk(_EVENTS))
_OF_AGREEMENT = _events(_walk(_EVENTS, _EVENTS.c.agreement == bindparam("key")))
_APPROVALS_OF = _events(_walk(_EVENTS, _EVENTS.c.subject == bindparam("key"), _EVENTS.c.name == "Approved"))
_OF_ORGANISATION = _events(_walk(_CONCERNS, _CONCERNS.c.organisation == bindparam("key")))
_OF_SIGNATORY = _events(
    _walk(_EVENTS, _EVENTS.c.signatory == bindparam("key")),
    # What is recorded or decided has no signatory of its own.
    _walk(_SIGNED, _SIGNED.c.signatory == bindparam("key")),
    _walk(_VOTED, _VOTED.c.signatory == bindparam("key")),
)

_MANDATES_OF = (
    select(_MANDATES)
    .where(_MANDATES.c.signatory == bindparam("key"), _MANDATES.c.block <= bindparam("block"))
    .order_by(_MANDATES.c.block, _MANDATES.c.log_index)
)

_MANDATES_GIVEN = (
    select(_MANDATES)
    .where(_MANDATES.c.organisation == bindparam("organisation"), _MANDATES.c.block <= bindparam("block"))
    .order_by(_MANDATES.c.block, _MANDATES.c.log_index)
)

_MANDATE_ON = (
    select(_MANDATES)
    .where(_MANDATES.c.signatory == bindparam("key"))
    .where(_MANDATES.c.block <= bindparam("block"), _MANDATES.c.known_from <= bindparam("by"))
    .order_by(_MANDATES.c.block.desc(), _MANDATES.c.log_index.desc())
    .limit(1)
)
