"""The agreements as they stand at a moment, as known at a block: the list, and one of them.

Every listing walks one index in the order of conclusion, from where the page before ended: that of its rarest filter.
It looks at no more than ``WINDOW`` entries of it, so that a page costs the same however large the register is; where
matches are rarer than that, a page is short and says where to go on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, cast

import orjson
from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    true,
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
    values: dict[str, Any] = {**times_of(at), "after": after, "window": WINDOW, "limit": limit + 1}
    walk, word = _choose(connection, filters, values)
    words = tuple(one for one in filters.words if one != word)
    given = _given(filters, words, word)
    values |= {**given, "key": given.get(walk.name)}
    rows = connection.execute(_listed(walk.name, _shape(filters, words)), values).all()
    top, edge = rows[0][:2]
    found = sorted((_standing(row[2:]) for row in rows if row[2] is not None), key=_number)
    if len(found) > limit:
        return found[:limit], found[limit - 1].number
    return found, edge if edge is not None and edge < top else None


def standing(connection: Connection, at: At, agreement: bytes) -> Standing:
    """How one agreement stands that was known then."""
    return _standing(connection.execute(_STANDING, {**times_of(at), "agreement": agreement}).one())


_number = attrgetter("number")


def times_of(at: At) -> dict[str, int]:
    """The values that say which rows were known, and which of these are about the moment asked."""
    return {"valid_on": at.valid_on, "block": at.known_block, "known_time": at.known_time}


def _choose(connection: Connection, filters: Filters, values: Mapping[str, Any]) -> tuple[_Walk, str | None]:
    """The index with the fewest entries ahead, and of several words the one to walk by."""
    told: list[tuple[str, str]] = [("word", one) for one in filters.words]
    told += [("kind", filters.kind.value)] if filters.kind else []
    told += [("verb", filters.verb.value)] if filters.verb else []
    told += [("organisation", filters.organisation)] if filters.organisation else []
    told += [("status", filters.status.value)] if filters.status else []
    if not told:
        return _WALKS["all"], None
    if len(told) > 1:
        keys = {f"key_{place}": value for place, (_, value) in enumerate(told)}
        counts = list(connection.execute(_counts(tuple(name for name, _ in told)), {**values, **keys}).one())
        # min() takes the first of equals, which are in the order of how much a look at an entry costs.
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
"""The filters that are told, and of how many words."""


def _shape(filters: Filters, words: tuple[str, ...]) -> _Shape:
    told = {name for name in ("organisation", "kind", "verb", "status") if getattr(filters, name) is not None}
    return frozenset(told), len(words)


# Statements, each built once.


def _ends() -> CTE:
    """The last agreement that was known then: a row of one number, of none if there was none."""
    top = (
        select(schema.agreements.c.number)
        .where(schema.agreements.c.block <= bindparam("block"))
        .order_by(schema.agreements.c.block.desc(), schema.agreements.c.number.desc())
        .limit(1)
    )
    return select(top.scalar_subquery().label("top")).cte("ends")


def _ahead_of(walk: _Walk, top: Any, key: str = "key") -> Select[Any]:
    found = select(walk.number).where(walk.number > bindparam("after"), walk.number <= top)
    return found if walk.key is None else found.where(walk.key == bindparam(key))


@cache
def _counts(names: tuple[str, ...]) -> Select[Any]:
    """How many entries of each of these indexes lie ahead, up to a window full."""
    top = select(_ends().c.top).scalar_subquery()
    return select(
        *(
            select(func.count())
            .select_from(_ahead_of(_WALKS[name], top, f"key_{place}").limit(bindparam("window")).subquery())
            .scalar_subquery()
            for place, name in enumerate(names)
        )
    )


@cache
def _listed(name: str, shape: _Shape) -> Select[Any]:
    """A page: how far the index goes and the window reaches, on each row; and how the agreements stand, if any do."""
    ends = _ends()
    edge = _ahead_of(_WALKS[name], ends.c.top).order_by(_WALKS[name].number).limit(1).offset(bindparam("window") - 1)
    bounds = select(ends.c.top, edge.correlate(ends).scalar_subquery().label("edge")).cte("bounds")
    to = select(func.coalesce(bounds.c.edge, bounds.c.top)).scalar_subquery()
    page = _matching(name, shape, to).subquery("page")
    joined, columns = _described(page, bounds.outerjoin(page, true()))
    return select(bounds.c.top, bounds.c.edge, *columns).select_from(joined)


def window(entries: Select[Any]) -> tuple[Any, CTE]:
    """A row, whatever there is, with the last of these entries that a window reaches; its columns NULL if it has room.

    What is joined to that row, and the last entry by itself.
    """
    last = entries.limit(1).offset(bindparam("window") - 1).cte("edge")
    return select(literal(1).label("one")).subquery("start").outerjoin(last, true()), last


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


_HELD = ("number", "agreement", "status", "verb", "act_hash")
"""The columns that tell how an agreement stands."""


def _matching(name: str, shape: _Shape, to: Any) -> Select[Any]:
    """How the agreements stand that pass the filters, by number."""
    walk = _WALKS[name]
    told, words = shape
    others = told - {name}
    span = _SPANS if walk.table is _SPANS else _SPANS.alias("span")
    # One bound above: of two, SQLite walks up to whichever is written first.
    walked = _ahead_of(walk, to).with_only_columns(*(span.c[one] for one in _HELD))
    walked = walked.order_by(walk.number).limit(bindparam("limit"))
    if walk.table is _SPANS:
        return walked.where(holds(span), *_passes(span, others, words))
    if name == "organisation":
        found = _PARTIES.join(span, span.c.id == _PARTIES.c.span)
        return walked.select_from(found).where(holds(_PARTIES), *_passes(span, others, words))
    # That it is of the same agreement follows from the act; said too, it leads to the few spans of one agreement.
    found = walk.table.join(span, span.c.number == walk.number)
    if name == "verb":
        # What is walked is the very act that says how the agreement stands.
        walked = walked.select_from(found).where(span.c.act_hash == _ACTS.c.act_hash)
        return walked.where(holds(span), *_passes(span, others, words, _ACTS))
    says = _ACTS.alias("says")
    walked = walked.select_from(found.join(says, says.c.act_hash == span.c.act_hash))
    # What is walked is the very act that describes the agreement. Whether it has the other words is asked first: they
    # stand close together, where how the agreement stands is sought all over two tables.
    tells = _describes(walk.number, walk.table.c.act_hash, frozenset(), words)
    describes = _about(says) == walk.table.c.act_hash
    return walked.where(*tells, holds(span), describes, *_passes(span, others, 0, says))


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
    if says is not None:
        return clauses + _describes(span.c.number, _about(says), told, words)
    said = _ACTS.alias("said")
    described = _describes(span.c.number, _about(said), told, words)
    if described:
        inner = select(said.c.act_hash).where(said.c.act_hash == span.c.act_hash, *described)
        clauses.append(inner.correlate_except(said).exists())
    return clauses


def _describes(number: Any, act_hash: Any, told: frozenset[str], words: int) -> list[ColumnElement[bool]]:
    """What the filters ask of the act that describes an agreement: the words of its title and summary, and its kind."""
    clauses: list[ColumnElement[bool]] = []
    for place in range(words):
        term = _TERMS.alias(f"term_{place}")
        same = (term.c.term == bindparam(f"word_{place}"), term.c.agreement_number == number)
        found = select(term.c.term).where(*same, term.c.act_hash == act_hash)
        clauses.append(found.correlate_except(term).exists())
    if "kind" in told:
        about = _ACTS.alias("about")
        kind = select(about.c.act_hash).where(about.c.act_hash == act_hash, checked(about.c.kind, "kind"))
        clauses.append(kind.correlate_except(about).exists())
    return clauses


def is_example() -> ColumnElement[bool]:
    """So it stands in a canonical manifest, and nowhere inside its texts, which hold no line breaks as such."""
    return schema.dossiers.c.manifest.contains('\n  "example": true')


def _described(span: Any, before: Any) -> tuple[Any, tuple[Any, ...]]:
    """What is joined to how an agreement stands for all that is told of it, and the columns that tell it."""
    says, about, latest, head_act = (_ACTS.alias(name) for name in ("says", "about", "latest", "head"))
    head = (
        select(latest.c.act_hash)
        .where(latest.c.agreement == span.c.agreement, latest.c.block <= bindparam("block"))
        .order_by(latest.c.number.desc())
        .limit(1)
        .correlate(span)
        .scalar_subquery()
    )
    joined = (
        before.outerjoin(says, says.c.act_hash == span.c.act_hash)
        .outerjoin(about, about.c.act_hash == _about(says))
        .outerjoin(head_act, head_act.c.act_hash == head)
        .outerjoin(schema.dossiers, schema.dossiers.c.root == about.c.dossier)
    )
    return joined, (
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
        is_example().label("example"),
    )


def _one() -> Select[Any]:
    span, agreements = _SPANS.alias("span"), schema.agreements
    before = agreements.outerjoin(span, and_(span.c.number == agreements.c.number, holds(span)))
    joined, columns = _described(span, before)
    return select(*columns).select_from(joined).where(agreements.c.id == bindparam("agreement"))


_STANDING = _one()


def called(act_hash: Any, before: Any) -> tuple[Any, tuple[Any, ...]]:
    """What is joined to the act that says how an agreement stands for what this is called and whether it is an example.

    And these two columns.
    """
    says, about = _ACTS.alias("says"), _ACTS.alias("about")
    joined = (
        before.outerjoin(says, says.c.act_hash == act_hash)
        .outerjoin(about, about.c.act_hash == _about(says))
        .outerjoin(schema.dossiers, schema.dossiers.c.root == about.c.dossier)
    )
    return joined, (about.c.title, is_example().label("example"))


@lru_cache(maxsize=4096)
def parties_of(told: str) -> tuple[str, ...]:
    """Organisations as a column of parties holds them."""
    return tuple(orjson.loads(told))


def _standing(row: Sequence[Any]) -> Standing:
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
