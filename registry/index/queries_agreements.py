"""The agreements as they stand at a moment, as known at a block: the list, and one of them.

Every listing walks one index in the order of conclusion, from where the page before ended: that of its rarest filter.
It looks at no more than ``WINDOW`` entries of it, so that a page costs the same however large the register is; where
matches are rarer than that, a page is short and says where to go on.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, cast

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
)

from registry.dossier import Kind
from registry.index import schema
from registry.index.answers import At, Filters, Standing
from registry.model import Status, Verb

WINDOW = 200
"""How many entries of an index a page looks at."""

_SPANS, _ACTS, _TERMS = schema.spans, schema.acts, schema.terms
_PARTIES = schema.span_organisations


@dataclass(frozen=True)
class _Walk:
    """An index to walk: its table, the column with a filter's value (None: all rows) and that with the number."""

    name: str
    table: Table
    key: Column[Any] | None
    number: Column[Any]


_WALKS = {
    one.name: one
    for one in (
        _Walk("all", _SPANS, None, _SPANS.c.number),
        _Walk("status", _SPANS, _SPANS.c.status, _SPANS.c.number),
        _Walk("organisation", _PARTIES, _PARTIES.c.organisation, _PARTIES.c.number),
        _Walk("verb", _ACTS, _ACTS.c.verb, _ACTS.c.agreement_number),
        _Walk("kind", _ACTS, _ACTS.c.kind, _ACTS.c.agreement_number),
        _Walk("word", _TERMS, _TERMS.c.term, _TERMS.c.agreement_number),
    )
}


def listed(
    connection: Connection, at: At, filters: Filters, limit: int, after: int
) -> tuple[list[Standing], int | None]:
    """At most so many agreements with a higher number than ``after``, and where to go on; None if there are no more."""
    times = times_of(at)
    top = connection.scalar(_TOP, times)
    if top is None or top <= after:
        return [], None
    walk, word = _choose(connection, filters, after, top)
    words = tuple(one for one in filters.words if one != word)
    given = _given(filters, words, word)
    bounds: dict[str, Any] = {"after": after, "top": top, "key": given.get(walk.name), "window": WINDOW}
    edge = connection.scalar(_edge(walk.name), bounds)
    values = {**times, **bounds, **given, "top": edge or top, "limit": limit + 1}
    numbers = list(connection.scalars(_matching(walk.name, _shape(filters, words)), values))
    rows = standings(connection, at, numbers[:limit])
    if len(numbers) > limit:
        return rows, numbers[limit - 1]
    return rows, edge if edge is not None and edge < top else None


def standings(connection: Connection, at: At, numbers: Sequence[int]) -> list[Standing]:
    """How the agreements with these numbers stand, by number."""
    if not numbers:
        return []
    found = connection.execute(_STANDINGS, {**times_of(at), "numbers": list(numbers)})
    return [_standing(row) for row in found]


def titles(connection: Connection, at: At, numbers: Sequence[int]) -> dict[bytes, tuple[str | None, bool | None]]:
    """What the agreements with these numbers are called, and whether they are examples; None if not at hand."""
    found = connection.execute(_TITLES, {**times_of(at), "numbers": list(numbers)})
    return {row[0]: (row[1], None if row[1] is None else bool(row[2])) for row in found}


def times_of(at: At) -> dict[str, int]:
    """The values that say which rows were known, and which of these are about the moment asked."""
    return {"valid_on": at.valid_on, "block": at.known_block, "known_time": at.known_time}


def _choose(connection: Connection, filters: Filters, after: int, top: int) -> tuple[_Walk, str | None]:
    """The index with the fewest entries ahead, and of several words the one to walk by."""
    told: list[tuple[str, str]] = [("word", one) for one in filters.words]
    told += [("kind", filters.kind.value)] if filters.kind else []
    told += [("verb", filters.verb.value)] if filters.verb else []
    told += [("organisation", filters.organisation)] if filters.organisation else []
    told += [("status", filters.status.value)] if filters.status else []
    if not told:
        return _WALKS["all"], None
    if len(told) > 1:
        # min() takes the first of equals, which are in the order of how much a look at an entry costs.
        counts = [
            connection.scalar(_ahead(name), {"key": value, "after": after, "top": top, "window": WINDOW})
            for name, value in told
        ]
        told = [told[counts.index(min(counts))]]
    name, value = told[0]
    return _WALKS[name], value if name == "word" else None


def _given(filters: Filters, words: tuple[str, ...], word: str | None) -> dict[str, Any]:
    """The values of the filters by the names of their parameters; ``word`` is walked by, ``words`` are the others."""
    others = {f"word_{place}": one for place, one in enumerate(words)}
    return {
        "organisation": filters.organisation,
        "kind": filters.kind.value if filters.kind else None,
        "verb": filters.verb.value if filters.verb else None,
        "status": filters.status.value if filters.status else None,
        "word": word,
        **others,
    }


_Shape = tuple[frozenset[str], int]


def _shape(filters: Filters, words: tuple[str, ...]) -> _Shape:
    told = {name for name in ("organisation", "kind", "verb", "status") if getattr(filters, name) is not None}
    return frozenset(told), len(words)


# Statements, each built once.

_TOP = (
    select(schema.agreements.c.number)
    .where(schema.agreements.c.block <= bindparam("block"))
    .order_by(schema.agreements.c.block.desc(), schema.agreements.c.number.desc())
    .limit(1)
)


def _ahead_of(walk: _Walk) -> Select[Any]:
    found = select(walk.number).where(walk.number > bindparam("after"), walk.number <= bindparam("top"))
    return found if walk.key is None else found.where(walk.key == bindparam("key"))


@cache
def _edge(name: str) -> Select[Any]:
    """The number at which a window that begins behind ``after`` ends; nothing if it reaches the end."""
    walk = _WALKS[name]
    return _ahead_of(walk).order_by(walk.number).limit(1).offset(bindparam("window") - 1)


@cache
def _ahead(name: str) -> Select[Any]:
    """How many entries lie ahead, up to a window full."""
    return select(func.count()).select_from(_ahead_of(_WALKS[name]).limit(bindparam("window")).subquery())


def known(table: Any) -> ColumnElement[bool]:
    """Whether a row was true as known at ``block``, which has the time ``known_time``.

    The block decides; the time, which an index holds, only saves looking: two blocks may have the same.
    """
    return and_(
        table.c.block <= bindparam("block"),
        table.c.known_until >= bindparam("known_time"),
        or_(table.c.closed_block.is_(None), table.c.closed_block > bindparam("block")),
    )


def checked(column: Any, value: str) -> ColumnElement[bool]:
    """Whether a row that was found by something else has the value of this parameter, which many rows share.

    No index may serve it, and with nothing appended none does. A database that knows little of its tables would seek
    all rows with that value, for each row looked at.
    """
    return cast("ColumnElement[bool]", column.concat("") == bindparam(value))


def holds(table: Any) -> ColumnElement[bool]:
    """Whether a row is about the moment asked, as known then."""
    on: ColumnElement[int] = bindparam("valid_on")
    return and_(table.c.valid_from <= on, table.c.valid_until > on, known(table))


def _about(says: Any) -> ColumnElement[bytes]:
    """The act whose dossier describes the agreement: the last before an end, which has no two parties."""
    return case((_binds(says), says.c.act_hash), else_=says.c.previous)


def _binds(act: Any) -> ColumnElement[bool]:
    """Whether an act has two parties or more."""
    found: ColumnElement[bool] = act.c.parties.contains(",")
    return found


@cache
def _matching(name: str, shape: _Shape) -> Select[Any]:
    """The numbers of the agreements that pass the filters, by number."""
    walk = _WALKS[name]
    walked = _ahead_of(walk).order_by(walk.number).limit(bindparam("limit"))
    told, words = shape
    if walk.table is _SPANS:
        return walked.where(holds(_SPANS), *_passes(_SPANS, told - {name}, words))
    if name == "organisation" and not (told - {name}) and not words:
        return walked.where(holds(_PARTIES))
    span = _SPANS.alias("span")
    if name == "verb":
        # What is walked is the very act that says how the agreement stands.
        inner = select(span.c.id).where(span.c.act_hash == _ACTS.c.act_hash, span.c.number == walk.number)
        return walked.where(inner.where(holds(span), *_passes(span, told - {name}, words, _ACTS)).exists())
    says = _ACTS.alias("says")
    inner = select(span.c.id).join(says, says.c.act_hash == span.c.act_hash).correlate(walk.table)
    inner = inner.where(holds(span), *_passes(span, told - {name}, words, says))
    if name == "organisation":
        return walked.where(holds(_PARTIES), inner.where(span.c.id == _PARTIES.c.span).exists())
    # That it is of the same agreement follows from the act; said too, it leads to the few spans of one agreement.
    inner = inner.where(span.c.number == walk.number)
    return walked.where(inner.where(_about(says) == walk.table.c.act_hash).exists())


def _passes(span: Any, told: frozenset[str], words: int, says: Any = None) -> list[ColumnElement[bool]]:
    """What the filters ask of a span, but for the one that is walked by."""
    clauses: list[ColumnElement[bool]] = []
    if "status" in told:
        clauses.append(checked(span.c.status, "status"))
    if "verb" in told:
        clauses.append(span.c.verb == bindparam("verb"))
    if "organisation" in told:
        party = _PARTIES.alias("party")
        mine = select(party.c.span).where(
            party.c.organisation == bindparam("organisation"),
            party.c.number == span.c.number,
            party.c.span == span.c.id,
        )
        clauses.append(mine.correlate(span).exists())
    if "kind" in told:
        clauses.append(_of_kind(span, says))
    clauses += [_tells(span, says, place) for place in range(words)]
    return clauses


def _of_kind(span: Any, says: Any) -> ColumnElement[bool]:
    about = _ACTS.alias("about")
    if says is not None:
        inner = select(about.c.act_hash).where(about.c.act_hash == _about(says))
        return inner.where(checked(about.c.kind, "kind")).correlate(span, says).exists()
    says = _ACTS.alias("said")
    inner = select(about.c.act_hash).select_from(says.join(about, about.c.act_hash == _about(says)))
    inner = inner.where(says.c.act_hash == span.c.act_hash, checked(about.c.kind, "kind"))
    return inner.correlate(span).exists()


def _tells(span: Any, says: Any, place: int) -> ColumnElement[bool]:
    """Whether title or summary of what describes the agreement hold the word in this place."""
    term = _TERMS.alias(f"term_{place}")
    same = (term.c.term == bindparam(f"word_{place}"), term.c.agreement_number == span.c.number)
    if says is not None:
        inner = select(term.c.term).where(*same, term.c.act_hash == _about(says))
        return inner.correlate(span, says).exists()
    says = _ACTS.alias(f"said_{place}")
    inner = select(term.c.term).select_from(says.join(term, term.c.act_hash == _about(says)))
    return inner.where(*same, says.c.act_hash == span.c.act_hash).correlate(span).exists()


def _is_example() -> ColumnElement[bool]:
    """So it stands in a canonical manifest, and nowhere inside its texts, which hold no line breaks as such."""
    return schema.dossiers.c.manifest.contains('\n  "example": true')


def _standings() -> Select[Any]:
    span, says, about = _SPANS.alias("span"), _ACTS.alias("says"), _ACTS.alias("about")
    latest = _ACTS.alias("latest")
    head = (
        select(latest.c.act_hash)
        .where(latest.c.agreement == span.c.agreement, latest.c.block <= bindparam("block"))
        .order_by(latest.c.number.desc())
        .limit(1)
        .correlate(span)
        .scalar_subquery()
    )
    head_act = _ACTS.alias("head")
    joined = (
        span.join(says, says.c.act_hash == span.c.act_hash)
        .join(about, about.c.act_hash == _about(says))
        .join(head_act, head_act.c.act_hash == head)
        .outerjoin(schema.dossiers, schema.dossiers.c.root == about.c.dossier)
    )
    columns = (
        span.c.number,
        span.c.agreement,
        span.c.status,
        span.c.verb,
        says.c.act_hash,
        says.c.valid_from,
        says.c.valid_until,
        says.c.parties,
        about.c.parties.label("between"),
        about.c.act_hash.label("about"),
        about.c.dossier,
        about.c.title,
        about.c.summary,
        about.c.kind,
        head_act.c.number.label("acts"),
        head_act.c.act_hash.label("head"),
        _is_example().label("example"),
    )
    wanted = span.c.number.in_(bindparam("numbers", expanding=True))
    return select(*columns).select_from(joined).where(wanted, holds(span)).order_by(span.c.number)


_STANDINGS = _standings()


def _titles() -> Select[Any]:
    span, says, about = _SPANS.alias("span"), _ACTS.alias("says"), _ACTS.alias("about")
    joined = span.join(says, says.c.act_hash == span.c.act_hash).join(about, about.c.act_hash == _about(says))
    joined = joined.outerjoin(schema.dossiers, schema.dossiers.c.root == about.c.dossier)
    wanted = span.c.number.in_(bindparam("numbers", expanding=True))
    return select(span.c.agreement, about.c.title, _is_example()).select_from(joined).where(wanted, holds(span))


_TITLES = _titles()


@lru_cache(maxsize=4096)
def parties_of(told: str) -> tuple[str, ...]:
    """Organisations as a column of parties holds them."""
    return tuple(json.loads(told))


def _standing(row: Any) -> Standing:
    number, agreement, status, verb, act_hash, valid_from, valid_until, parties, between, *described = row
    about, dossier, title, summary, kind, acts, head, example = described
    return Standing(
        number=number,
        agreement=agreement,
        status=_STATUS[status],
        act_hash=act_hash,
        verb=_VERBS[verb],
        valid_from=valid_from,
        valid_until=valid_until,
        parties=parties_of(parties),
        between=parties_of(between),
        about=about,
        dossier=dossier,
        acts=acts,
        head=head,
        title=title,
        summary=summary,
        kind=Kind(kind) if kind else None,
        example=None if title is None else bool(example),
    )


_STATUS = {one.value: one for one in Status}
_VERBS = {one.value: one for one in Verb}
