"""One index in one database: opened, written, taken back, read."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, func, select

from registry.errors import ChainError, IndexMismatchError, NotFoundError, RegistryError, StorageError
from registry.index import schema
from registry.index.buffer import insert
from registry.index.lookup_keys import lookup_keys, missing
from registry.index.opening import (
    WRITES,
    discard,
    is_empty,
    migrate,
    open_engine,
    questions_engine,
    shown,
    storage_errors,
)
from registry.index.queries import Queries
from registry.index.records import AsOf, Batch, Header, Identity, Told
from registry.index.rows import told
from registry.index.undoing import roll_back
from registry.index.writer import read_cursor, write
from registry.model import NO_HASH, Event

_LONGEST_PAUSE_SECONDS = 0.2


class IndexStore:
    """The rows of one register; what follows a chain stands on it."""

    def __init__(self, engine: Engine, identity: Identity) -> None:
        self.engine = engine
        self.asked = questions_engine(engine)
        self.identity = identity

    @classmethod
    def open(cls, url: str, identity: Identity, *, create: bool = True) -> Self:
        """The index in this database, made or brought to the newest version of its tables if need be.

        SettingsError if the address is none of SQLite or PostgreSQL; NotFoundError if there is none yet and ``create``
        is not set; IndexMismatchError if it is of another register, or of a newer version of this package;
        StorageError if the database is not there or cannot be used.
        """
        engine = open_engine(url)
        try:
            with storage_errors(engine, "opening the index"):
                cls._require(engine, create=create)
                migrate(engine)
                index = cls(engine, identity)
                index._claim()
        except BaseException:
            engine.dispose()
            raise
        return index

    @staticmethod
    def discard(url: str) -> None:
        """Throws away the index in this database, whosever it is; StorageError if it holds something else."""
        engine = open_engine(url)
        try:
            with storage_errors(engine, "removing the index"):
                discard(engine)
        finally:
            engine.dispose()

    @staticmethod
    def _require(engine: Engine, *, create: bool) -> None:
        file = engine.url.database if engine.dialect.name == "sqlite" else None
        if create and file:
            Path(file).parent.mkdir(parents=True, exist_ok=True)
        elif not create and ((file and not Path(file).exists()) or is_empty(engine)):
            raise NotFoundError(f"there is no index in {shown(engine)}", hint="make it: foodvalley index update")

    def _claim(self) -> None:
        """Writes down whose index this is, or finds that it is somebody else's."""
        with self.writing() as connection:
            row = connection.execute(select(schema.cursor)).one_or_none()
            mine = (self.identity.chain_id, self.identity.register, self.identity.deployed_block)
            if row is None:
                insert(connection, schema.cursor, [[1, *mine, -1, NO_HASH, 0, NO_HASH]])
            elif (row.chain_id, row.register, row.deployed_block) != mine:
                raise IndexMismatchError(
                    f"the index {shown(self.engine)} is of register {row.register} on chain {row.chain_id}, deployed "
                    f"in block {row.deployed_block}; asked for is {mine[1]} on chain {mine[0]}, block {mine[2]}",
                    hint="name another index for this register (FOODVALLEY_INDEX), or make it anew: "
                    "foodvalley index rebuild",
                )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({shown(self.engine)!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the database."""
        self.asked.dispose()
        self.engine.dispose()

    @property
    def shown(self) -> str:
        """What messages call the database; never its password."""
        return shown(self.engine)

    @property
    def as_of(self) -> AsOf | None:
        """How far the index is; None if nothing is in it yet."""
        with self.reading() as connection:
            return read_cursor(connection)

    def counts(self) -> dict[str, int]:
        """How many agreements, acts and events there are."""
        with self.reading() as connection:
            tables = (schema.agreements, schema.acts, schema.events)
            return {one.name: connection.execute(select(func.count()).select_from(one)).scalar() or 0 for one in tables}

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction in which everything is as of one block, whatever is written meanwhile."""
        with storage_errors(self.engine, "reading the index"), self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """As :meth:`reading`, on a connection whose statements are prepared, and walk indexes."""
        with storage_errors(self.asked, "reading the index"), self.asked.connect() as connection:
            try:
                yield connection
            except RegistryError:
                # That there is no answer ends a question as an answer does: a transaction that is taken back takes
                # along what is prepared on its connection.
                connection.commit()
                raise
            connection.commit()

    @contextmanager
    def queries(self) -> Iterator[Queries]:
        """The questions, answered as of one block for as long as the block lasts."""
        with self.asking() as connection:
            yield Queries(connection)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is kept whole, or not at all if the block raises."""
        with (
            storage_errors(self.engine, "writing the index"),
            self.engine.connect().execution_options(**{WRITES: True}) as connection,
            connection.begin(),
        ):
            yield connection

    def write(self, batch: Batch) -> None:
        """Writes a batch and the cursor in one transaction.

        ChainError if its events do not follow from what is in the index, or do not give its fingerprint;
        StorageError if it does not begin after the index, as when another process wrote meanwhile.
        """
        end = Header(batch.as_of.block, batch.as_of.block_hash, batch.as_of.block_time)
        headers = {one.number: one for one in batch.headers} | {end.number: end}
        with self.writing() as connection:
            before = read_cursor(connection, for_update=True)
            self._require_next(before, batch.events, end)
            found = write(connection, before, [told(one) for one in batch.events], headers, end)
            if found.fingerprint != batch.as_of.fingerprint:
                raise ChainError(
                    f"the events up to block {end.number} give the fingerprint 0x{found.fingerprint.hex()}, "
                    f"expected 0x{batch.as_of.fingerprint.hex()}",
                    hint="events were left out or changed",
                )

    def extend(
        self,
        before: AsOf | None,
        events: Sequence[Told],
        headers: Mapping[int, Header],
        end: Header,
        turn: AbstractContextManager[object],
    ) -> AsOf:
        """Writes what a chain told up to a block, as :func:`registry.index.writer.write` does; how far the index is.

        BrokenHistoryError if the events do not follow; StorageError if another process wrote meanwhile.
        """
        with self.writing() as connection:
            found = read_cursor(connection, for_update=True)
            if found != before:
                raise self._taken(found)
            return write(connection, before, events, headers, end, turn)

    def postpone_keys(self) -> None:
        """Does without the keys that only questions need until :meth:`make_keys`, as long as the index is empty."""
        for key in lookup_keys():
            with self.writing() as connection:
                if read_cursor(connection, for_update=True) is not None:
                    return
                key.drop(connection, checkfirst=True)

    def make_keys(self) -> None:
        """Makes the keys that are missing, each for itself: between them others get at the database."""
        with self.reading() as connection:
            lacking = missing(connection)
        for key in lacking:
            begun = time.monotonic()
            with self.writing() as connection:
                read_cursor(connection, for_update=True)
                key.create(connection, checkfirst=True)
            # Who waits for a lock of SQLite looks now and then whether it is free.
            time.sleep(min(_LONGEST_PAUSE_SECONDS, (time.monotonic() - begun) / 10))

    def _require_next(self, before: AsOf | None, events: Sequence[Event], end: Header) -> None:
        done = before.block if before else -1
        if end.number < done or (events and (events[0].place.block <= done or events[-1].place.block > end.number)):
            raise self._taken(before)

    def _taken(self, found: AsOf | None) -> StorageError:
        return StorageError(
            f"the index {self.shown} is at block {found.block if found else 'none'} already: another process writes "
            "to it",
            hint="let one process follow the chain",
        )

    def rollback(self, block: int) -> None:
        """Undoes what came after a block.

        The index is then as of the last block with an event that is not above it: what is kept of other blocks would
        depend on how the index was filled.
        """
        with self.writing() as connection:
            roll_back(connection, block)

    def rows(self, table: str) -> Iterator[Mapping[str, object]]:
        """The rows of a table by name of column, in the order of the primary key; NotFoundError if there is none."""
        found = schema.metadata.tables.get(table)
        if found is None:
            raise NotFoundError(
                f"the index has no table {table!r}", hint="it has: " + ", ".join(schema.metadata.tables)
            )
        with self.reading() as connection:
            ordered = select(found).order_by(*found.primary_key.columns)
            result = connection.execution_options(yield_per=1000).execute(ordered)
            for row in result.mappings():
                yield dict(row)
