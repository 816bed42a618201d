"""The council as it stands: who takes part, which motions wait for a veto, and which mandates some keys have."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, select

from registry.index import schema
from registry.index.answers import At
from registry.index.folding_council import record_of
from registry.index.queries_agreements import known
from registry.index.queries_proposals import mandates_of_keys
from registry.membership import Membership
from registry.model import Member

_ORGANISATIONS, _MOTIONS = schema.organisations, schema.motions


def council(connection: Connection, at: At, keys: Collection[str]) -> Membership:
    """The organisations and the decided motions that wait; of the mandates those of these keys only."""
    values = {"block": at.known_block, "known_time": at.known_time}
    found = Membership()
    for row in connection.execute(_MEMBERS, values):
        flags = (row.votes, row.expelled, row.successor)
        member = Member(row.organisation, row.administrator, *flags, row.nominee, row.service)
        found.members[member.organisation] = member
    found.mandates |= {one.signatory: one for one in mandates_of_keys(connection, at, sorted(keys))}
    for row in connection.execute(_WAITING, {"organisations": sorted(found.members)}):
        found.motions[row.motion_hash] = record_of(row)
        found.pending[row.organisation] = row.motion_hash
    return found


_MEMBERS = select(_ORGANISATIONS).where(known(_ORGANISATIONS))
_WAITING = select(_MOTIONS).where(
    _MOTIONS.c.organisation.in_(bindparam("organisations", expanding=True)),
    _MOTIONS.c.settled_block.is_(None),
    _MOTIONS.c.waits,
)
