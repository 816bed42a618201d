"""One thing by the first digits of its hash: an agreement with all its acts, or a proposal."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, LargeBinary, Select, bindparam, cast, null, select, union_all

from registry.errors import NotFoundError, UsageError
from registry.index import schema
from registry.index.answers import At, Named
from registry.index.queries_proposals import ACT, act_from
from registry.model import Mandate, Place, Recorded, Verb
from registry.timeline import Agreement, RecordedAct

_ACTS, _APPROVALS, _BLOCKS, _OFFERS = schema.acts, schema.approvals_of_acts, schema.blocks, schema.proposals

_MOST = 50
"""How many hashes are looked at that begin with the same digits; who writes so few is asked for more."""

_hash = itemgetter(0)


def named(connection: Connection, at: At, text: str) -> Named:
    """The acts and proposals whose hashes begin with the text; UsageError if it is not hexadecimal."""
    digits = text.lower().removeprefix("0x")
    if not digits or not set(digits) <= set("0123456789abcdef") or len(digits) > 64:
        raise UsageError(
            f"{text!r} is not the hash of an agreement or act", hint="write 0x and its first hexadecimal digits"
        )
    first, last = bytes.fromhex(digits.ljust(64, "0")), bytes.fromhex(digits.ljust(64, "f"))
    values = {"first": first, "last": last, "block": at.known_block, "most": _MOST}
    rows = sorted(connection.execute(_NAMED, values).all(), key=_hash)
    return Named(
        {row.act_hash: row.agreement for row in rows if row.agreement is not None},
        tuple(row.act_hash for row in rows if row.agreement is None),
    )


def agreement(connection: Connection, at: At, identity: bytes) -> Agreement:
    """An agreement with the acts that were known then; NotFoundError if none were."""
    acts: dict[bytes, list[Any]] = {}
    for row in connection.execute(_ACTS_OF, {"agreement": identity, "block": at.known_block}).all():
        acts.setdefault(row.act_hash, []).append(row)
    if not acts:
        raise NotFoundError(f"agreement 0x{identity.hex()} was not known then")
    return Agreement(identity, tuple(map(_recorded, acts.values())))


def _recorded(rows: Sequence[Any]) -> RecordedAct:
    """An act, of a row for each of its approvals in the order of the event."""
    row = rows[0]
    place = Place(row.block, row.log_index, row.transaction_hash, row.block_hash, row.recorded_at)
    decisions = tuple(one.decision for one in rows)
    signatories = tuple(one.signatory for one in rows)
    cited = decisions if any(map(any, decisions)) else ()
    event = Recorded(place, row.agreement, row.act_hash, act_from(row), signatories, cited)
    mandates = tuple(
        Mandate(
            one.signatory, one.organisation, one.mandate_from, one.mandate_until, one.together, one.mandate_decision
        )
        for one in rows
    )
    return RecordedAct(event, Verb(row.verb), mandates, tuple(one.on_behalf for one in rows))


def _named(table: Any, agreement: Any) -> Select[Any]:
    """The first so many whose hashes begin so; ``agreement`` tells acts from proposals, which have none yet."""
    found = (
        select(table.c.act_hash, agreement.label("agreement"))
        .where(table.c.act_hash.between(bindparam("first"), bindparam("last")), table.c.block <= bindparam("block"))
        .order_by(table.c.act_hash)
        .limit(bindparam("most"))
    )
    return found.subquery().select()


_NAMED = union_all(_named(_ACTS, _ACTS.c.agreement), _named(_OFFERS, cast(null(), LargeBinary)))
_ACTS_OF = (
    select(
        *(_ACTS.c[name] for name in (*ACT, "act_hash", "agreement", "verb")),
        *(_ACTS.c[name] for name in ("block", "log_index", "transaction_hash", "recorded_at")),
        _BLOCKS.c.hash.label("block_hash"),
        *(one for one in _APPROVALS.c if one.name not in ("act_hash", "place", "block", "log_index")),
    )
    .select_from(
        _ACTS.join(_BLOCKS, _BLOCKS.c.number == _ACTS.c.block).join(
            _APPROVALS, _APPROVALS.c.act_hash == _ACTS.c.act_hash
        )
    )
    .where(_ACTS.c.agreement == bindparam("agreement"), _ACTS.c.block <= bindparam("block"))
    .order_by(_ACTS.c.number, _APPROVALS.c.place)
)
