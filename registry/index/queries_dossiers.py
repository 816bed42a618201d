"""Whom a dossier concerns: the acts and open proposals that name its root, and who stands behind each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from registry.index import schema
from registry.index.answers import At
from registry.index.queries_agreements import known, parties_of
from registry.index.queries_proposals import Council, successors
from registry.index.rows import act_of
from registry.model import Act

_ACTS, _OFFERS, _APPROVALS, _ORGANISATIONS = schema.acts, schema.proposals, schema.approvals, schema.organisations


@dataclass(frozen=True, slots=True)
class Concern:
    """An act or open proposal that names a dossier.

    ``whom`` are the organisations bound before or after it, ``agreed`` those that approved it; both as who answers for
    them now. Of a recorded act ``agreed`` are all whose approval it took.
    """

    act_hash: bytes
    act: Act | None
    whom: frozenset[str]
    agreed: frozenset[str]

    @property
    def is_recorded(self) -> bool:
        """Whether it is an act of an agreement, no longer a proposal."""
        return self.act is None


@dataclass(frozen=True, slots=True)
class Held:
    """What the index knows of the dossiers with one root: whether its manifest is at hand, and open to everybody."""

    concerns: tuple[Concern, ...]
    is_public: bool


def sources(concerns: Iterable[Concern]) -> list[str]:
    """Whom to ask for a dossier: first those that approved an act with it, who must have it."""
    agreed: set[str] = set()
    whom: set[str] = set()
    for one in concerns:
        agreed |= one.agreed
        whom |= one.whom
    return [*sorted(agreed), *sorted(whom - agreed)]


def held(connection: Connection, at: At, root: bytes) -> Held:
    """What concerns a dossier; the same statements are run whether the dossier is at hand or not."""
    council = Council(successors(connection, at))
    values = {"root": root, "block": at.known_block, "now": at.known_at}
    found = [*_recorded(connection, council, values), *_open(connection, council, values)]
    told = connection.execute(_PUBLIC, {"root": root}).scalar()
    return Held(tuple(found), bool(told))


def concerning(connection: Connection, at: At, organisation: str, after_block: int) -> list[bytes]:
    """The roots of dossiers of acts and proposals that concern an organisation, of later blocks, each once.

    What was declined or overtaken is left out.
    """
    names = Council(successors(connection, at)).answers_for(organisation)
    values = {"names": names, "after": after_block, "block": at.known_block}
    return list(dict.fromkeys(row.dossier for one in (_ACTS_OF, _OFFERS_OF) for row in connection.execute(one, values)))


def services(connection: Connection, at: At) -> dict[str, str]:
    """Where the organisations that say so have their services: what others wrote, so hostile."""
    values = {"block": at.known_block, "known_time": at.known_time}
    return {row.organisation: row.service for row in connection.execute(_SERVICES, values)}


def _recorded(connection: Connection, council: Council, values: dict[str, Any]) -> list[Concern]:
    rows = connection.execute(_NAMED_BY_ACTS, values).all()
    agreed: dict[bytes, set[str]] = {row.act_hash: set() for row in rows}
    for row in connection.execute(_BEHIND_ACTS, {"acts": list(agreed)}):
        agreed[row.act_hash].add(council.heir_of(row.on_behalf))
    return [
        Concern(
            row.act_hash,
            None,
            frozenset({*map(council.heir_of, parties_of(row.parties)), *agreed[row.act_hash]}),
            frozenset(agreed[row.act_hash]),
        )
        for row in rows
    ]


def _open(connection: Connection, council: Council, values: dict[str, Any]) -> list[Concern]:
    rows = connection.execute(_NAMED_BY_OFFERS, values).all()
    hashes = {"acts": [row.act_hash for row in rows], "block": values["block"]}
    whom = _by_act(council, connection.execute(_CONCERNED, hashes).all())
    agreed = _by_act(council, connection.execute(_BEHIND_OFFERS, hashes).all())
    return [
        Concern(row.act_hash, act_of(json.loads(row.act)), whom[row.act_hash], agreed.get(row.act_hash, frozenset()))
        for row in rows
        if row.act_hash in whom
    ]


def _by_act(council: Council, rows: Sequence[Any]) -> dict[bytes, frozenset[str]]:
    found: dict[bytes, set[str]] = {}
    for row in rows:
        found.setdefault(row.act_hash, set()).add(council.heir_of(row.organisation))
    return {act: frozenset(organisations) for act, organisations in found.items()}


# Statements, each built once.

_NAMED_BY_ACTS = select(_ACTS.c.act_hash, _ACTS.c.parties).where(
    _ACTS.c.dossier == bindparam("root"), _ACTS.c.block <= bindparam("block")
)
_BEHIND_ACTS = select(schema.approvals_of_acts.c.act_hash, schema.approvals_of_acts.c.on_behalf).where(
    schema.approvals_of_acts.c.act_hash.in_(bindparam("acts", expanding=True))
)
_NAMED_BY_OFFERS = select(_OFFERS.c.act_hash, _OFFERS.c.act).where(
    _OFFERS.c.dossier == bindparam("root"),
    _OFFERS.c.block <= bindparam("block"),
    or_(_OFFERS.c.closed_block.is_(None), _OFFERS.c.closed_block > bindparam("block")),
    or_(_OFFERS.c.deadline == 0, _OFFERS.c.deadline >= bindparam("now")),
)
_CONCERNED = select(schema.proposal_organisations.c.act_hash, schema.proposal_organisations.c.organisation).where(
    schema.proposal_organisations.c.act_hash.in_(bindparam("acts", expanding=True)),
    schema.proposal_organisations.c.block <= bindparam("block"),
)
_BEHIND_OFFERS = select(_APPROVALS.c.act_hash, _APPROVALS.c.organisation).where(
    _APPROVALS.c.act_hash.in_(bindparam("acts", expanding=True)), _APPROVALS.c.block <= bindparam("block")
)
# Within a JSON string a quote is written \", so that no title can look like this member of a manifest.
_PUBLIC = select(schema.dossiers.c.manifest.like('%"visibility": "public"%')).where(
    schema.dossiers.c.root == bindparam("root")
)
_MINE, _EVENTS, _CONCERNS = schema.event_organisations, schema.events, schema.proposal_organisations
_ACTS_OF = (
    select(_ACTS.c.dossier)
    .select_from(
        _MINE.join(_EVENTS, (_EVENTS.c.block == _MINE.c.block) & (_EVENTS.c.log_index == _MINE.c.log_index)).join(
            _ACTS, _ACTS.c.act_hash == _EVENTS.c.subject
        )
    )
    .where(
        _MINE.c.organisation.in_(bindparam("names", expanding=True)),
        _MINE.c.block > bindparam("after"),
        _MINE.c.block <= bindparam("block"),
        _EVENTS.c.name == "Recorded",
    )
    .order_by(_MINE.c.block, _MINE.c.log_index)
)
_OFFERS_OF = (
    select(_OFFERS.c.dossier)
    .select_from(_CONCERNS.join(_OFFERS, _OFFERS.c.act_hash == _CONCERNS.c.act_hash))
    .where(
        _CONCERNS.c.organisation.in_(bindparam("names", expanding=True)),
        _CONCERNS.c.block > bindparam("after"),
        _CONCERNS.c.block <= bindparam("block"),
        _CONCERNS.c.closed_block.is_(None),
    )
    .order_by(_CONCERNS.c.block, _CONCERNS.c.log_index)
)
_SERVICES = select(_ORGANISATIONS.c.organisation, _ORGANISATIONS.c.service).where(
    known(_ORGANISATIONS), _ORGANISATIONS.c.service != "", _ORGANISATIONS.c.successor == ""
)
