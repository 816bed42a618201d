"""What changed in an index since it was looked at last, told cheaply: what answers that are kept depend on."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select

from registry.index import schema
from registry.index.answers import At
from registry.index.opening import storage_errors
from registry.index.queries import Asked, Queries
from registry.index.store import IndexStore

_EVENTS, _BLOCKS, _DOCUMENTS = schema.events, schema.blocks, schema.documents
_MOST = 1000
"""Of how many agreements it is told one by one that something happened to them."""


@dataclass(frozen=True, slots=True)
class Change:
    """How an index stands, and what changed since the last look; None of ``agreements`` = anything may have."""

    at: At
    agreements: frozenset[bytes] | None
    happened: bool


class Watch:
    """Looks at one index time and again; not from two threads at once."""

    def __init__(self, index: IndexStore) -> None:
        self._index = index
        self._seen: At | None = None
        self._documents = -1
        self._token: object = None
        self._connection: Connection | None = None

    def close(self) -> None:
        """Lets go of its connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def look(self, now: int) -> Change:
        """How the index stands now, and since the last look: the agreements something happened to."""
        token = self._written()
        with self._index.asking() as connection:
            at = Queries(connection).at(Asked(now))
            documents = self._count(connection, token)
            before, self._seen = self._seen, at
            same, self._documents = documents == self._documents, documents
            if before is None or not same:
                return Change(at, None, happened=True)
            if at.last_hash == before.last_hash:
                return Change(at, frozenset(), happened=False)
            return Change(at, self._since(connection, before), happened=True)

    def _count(self, connection: Connection, token: object) -> int:
        """How many documents are at hand, counted only if anybody wrote to the database."""
        if token == self._token:
            return self._documents
        self._token = token
        return connection.scalar(select(func.count()).select_from(_DOCUMENTS)) or 0

    def _written(self) -> object:
        """Stands for all that others ever wrote, on a connection of its own that writes nothing."""
        if self._connection is None:
            self._connection = self._index.engine.connect()
        question = _VERSIONS[self._connection.dialect.name]
        with storage_errors(self._index.engine, "reading the index"), self._connection.begin():
            return self._connection.exec_driver_sql(question).scalar()

    @staticmethod
    def _since(connection: Connection, before: At) -> frozenset[bytes] | None:
        """The agreements of later events; None if the chain went another way since, or there are too many."""
        known = connection.scalar(_HASH, {"hash": before.last_hash})
        if known is None:
            return None
        rows = connection.scalars(_LATER, {"block": known, "most": _MOST + 1})
        found = [one for one in rows if one is not None]
        return None if len(found) > _MOST else frozenset(found)


_VERSIONS = {
    "sqlite": "PRAGMA data_version",
    "postgresql": "SELECT pg_snapshot_xmax(pg_current_snapshot())::text",
}
_HASH = select(_BLOCKS.c.number).where(_BLOCKS.c.hash == bindparam("hash"))
_LATER = select(_EVENTS.c.agreement).where(_EVENTS.c.block > bindparam("block")).distinct().limit(bindparam("most"))
