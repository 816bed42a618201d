"""One thing by the first digits of its hash: an agreement with all its acts, or a proposal."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from registry.errors import NotFoundError, UsageError
from registry.index import schema
from registry.index.answers import At, Named
from registry.index.queries_proposals import act_from
from registry.model import Mandate, Place, Recorded, Verb
from registry.timeline import Agreement, RecordedAct

_ACTS, _APPROVALS, _BLOCKS, _OFFERS = schema.acts, schema.approvals_of_acts, schema.blocks, schema.proposals

_MOST = 50
"""How many hashes are looked at that begin with the same digits; who writes so few is asked for more."""


def named(connection: Connection, at: At, text: str) -> Named:
    """The acts and proposals whose hashes begin with the text; UsageError if it is not hexadecimal."""
    digits = text.lower().removeprefix("0x")
    if not digits or not set(digits) <= set("0123456789abcdef") or len(digits) > 64:
        raise UsageError(
            f"{text!r} is not the hash of an agreement or act", hint="write 0x and its first hexadecimal digits"
        )
    first, last = bytes.fromhex(digits.ljust(64, "0")), bytes.fromhex(digits.ljust(64, "f"))
    values = {"first": first, "last": last, "block": at.known_block, "most": _MOST}
    acts = {row.act_hash: row.agreement for row in connection.execute(_ACTS_NAMED, values)}
    return Named(acts, tuple(connection.scalars(_OFFERS_NAMED, values)))


def agreement(connection: Connection, at: At, identity: bytes) -> Agreement:
    """An agreement with the acts that were known then; NotFoundError if none were."""
    rows = list(connection.execute(_ACTS_OF, {"agreement": identity, "block": at.known_block}))
    if not rows:
        raise NotFoundError(f"agreement 0x{identity.hex()} was not known then")
    approvals: dict[bytes, list[Any]] = {}
    for row in connection.execute(_APPROVALS_OF, {"agreement": identity, "block": at.known_block}):
        approvals.setdefault(row.act_hash, []).append(row)
    return Agreement(identity, tuple(_recorded(row, approvals[row.act_hash]) for row in rows))


def number_of(connection: Connection, identity: bytes) -> int:
    """The number of an agreement in the order of conclusion."""
    number: int = connection.scalars(_NUMBER, {"agreement": identity}).one()
    return number


def _recorded(row: Any, approvals: list[Any]) -> RecordedAct:
    place = Place(row.block, row.log_index, row.transaction_hash, row.hash, row.recorded_at)
    decisions = tuple(one.decision for one in approvals)
    signatories = tuple(one.signatory for one in approvals)
    cited = decisions if any(map(any, decisions)) else ()
    event = Recorded(place, row.agreement, row.act_hash, act_from(row), signatories, cited)
    mandates = tuple(
        Mandate(
            one.signatory, one.organisation, one.mandate_from, one.mandate_until, one.together, one.mandate_decision
        )
        for one in approvals
    )
    return RecordedAct(event, Verb(row.verb), mandates, tuple(one.on_behalf for one in approvals))


def _between(column: Any) -> Any:
    return column.between(bindparam("first"), bindparam("last"))


_ACTS_NAMED: Select[Any] = (
    select(_ACTS.c.act_hash, _ACTS.c.agreement)
    .where(_between(_ACTS.c.act_hash), _ACTS.c.block <= bindparam("block"))
    .order_by(_ACTS.c.act_hash)
    .limit(bindparam("most"))
)
_OFFERS_NAMED: Select[Any] = (
    select(_OFFERS.c.act_hash)
    .where(_between(_OFFERS.c.act_hash), _OFFERS.c.block <= bindparam("block"))
    .order_by(_OFFERS.c.act_hash)
    .limit(bindparam("most"))
)
_ACTS_OF = (
    select(_ACTS, _BLOCKS.c.hash)
    .select_from(_ACTS.join(_BLOCKS, _BLOCKS.c.number == _ACTS.c.block))
    .where(_ACTS.c.agreement == bindparam("agreement"), _ACTS.c.block <= bindparam("block"))
    .order_by(_ACTS.c.number)
)
_APPROVALS_OF = (
    select(_APPROVALS)
    .select_from(_ACTS.join(_APPROVALS, _APPROVALS.c.act_hash == _ACTS.c.act_hash))
    .where(_ACTS.c.agreement == bindparam("agreement"), _ACTS.c.block <= bindparam("block"))
    .order_by(_ACTS.c.number, _APPROVALS.c.place)
)
_NUMBER = select(schema.agreements.c.number).where(schema.agreements.c.id == bindparam("agreement"))
