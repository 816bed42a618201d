"""Opening a database: SQLite by path, PostgreSQL by address; brought to the newest version of its tables.

What the index and the outbox have in common. No error and no ``repr`` shows the address of a database whole, for it
may hold a password.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command, context
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from registry.errors import SettingsError, StorageError

WRITES = "foodvalley_writes"
"""The execution option of a transaction that writes: SQLite takes its lock at the start, not halfway."""

VERSION_TABLE = "alembic_version"

_BUSY_SECONDS = 30
_SURELY_THERE_SECONDS = 1.0
"""A connection that was used so recently is not tried out before it is used again: that takes as long as a question
itself, and a server that went away since then is not back yet."""
_IDLE_SINCE = "foodvalley_idle_since"


@dataclass(frozen=True, slots=True)
class Kind:
    """What is kept in a database, and how messages speak of it.

    ``name`` is the word for it; ``variable`` the setting that names another; ``migrations`` the folder of Alembic's
    scripts; ``marker`` a table by which it is known; ``damaged`` what to do about a file that cannot be read.
    ``newer`` is raised for tables of a newer version. With ``durable`` a committed transaction survives a power
    failure; without, the last ones may not, but the file stays whole.
    """

    name: str
    article: str
    variable: str
    migrations: Path
    metadata: MetaData
    marker: str
    damaged: str
    newer: type[StorageError]
    durable: bool

    @property
    def examples(self) -> str:
        """Addresses of databases, for hints."""
        return f"for example sqlite:///{self.name}.sqlite, or postgresql://user:password@host/database"


def open_engine(address: str, kind: Kind) -> Engine:
    """An engine for the database at this address, which need not exist yet if it is SQLite.

    SettingsError if the address is none, StorageError if the driver is not installed.
    """
    url = _url(address, kind)
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, kind)
    try:
        return _postgresql(url)
    except ModuleNotFoundError as error:
        raise StorageError(
            f"{kind.article} {kind.name} in PostgreSQL needs the package psycopg, which is not installed",
            hint="install it: pip install 'foodvalley-registry[postgresql]'",
        ) from error


def shown(engine: Engine) -> str:
    """What messages call the database: its address without user and password."""
    url = engine.url
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    port = f":{url.port}" if url.port else ""
    return f"{url.get_backend_name()}://{url.host or ''}{port}/{url.database or ''}"


@contextmanager
def storage_errors(engine: Engine, what: str, kind: Kind) -> Iterator[None]:
    """Turns what the database says into StorageError; ``what`` was being done. Errors of this package pass."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StorageError(f"{what} {shown(engine)}: {_reason(error)}", hint=_hint(error, kind)) from error
    except Exception as error:
        # psycopg's own errors, where its driver is used directly; it may not be installed.
        if type(error).__module__.partition(".")[0] != "psycopg":
            raise
        raise StorageError(f"{what} {shown(engine)}: {_first_line(error)}", hint=_hint(error, kind)) from error


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that is kept whole, or not at all if the block raises."""
    with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        yield connection


def migrate(engine: Engine, kind: Kind) -> None:
    """Makes the tables, or brings them to the newest version; ``kind.newer`` if they are of a newer one."""
    script = ScriptDirectory.from_config(_config(kind))
    head = script.get_current_head()
    with writing(engine) as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        if current == head:
            return
        if current is None:
            _require_ours(engine, connection, kind)
        if current is not None and current not in {one.revision for one in script.walk_revisions()}:
            raise kind.newer(
                f"the {kind.name} {shown(engine)} was made by a newer version of this package (tables {current})",
                hint=f"use that version, or name another {kind.name} ({kind.variable})",
            )
        config = _config(kind)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def run_migrations() -> None:
    """What Alembic runs for each upgrade, from ``env.py``, on the connection that :func:`migrate` hands it."""
    context.configure(connection=context.config.attributes["connection"])
    context.run_migrations()


def discard(engine: Engine, kind: Kind) -> None:
    """Removes the tables of this kind; StorageError if the database holds something else, which is left alone."""
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    if file and not Path(file).exists():
        return
    with writing(engine) as connection:
        _require_ours(engine, connection, kind)
        kind.metadata.drop_all(connection)
        connection.execute(text(f"DROP TABLE IF EXISTS {VERSION_TABLE}"))


def is_empty(engine: Engine) -> bool:
    """Whether nobody made tables here yet."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() is None


def _require_ours(engine: Engine, connection: Connection, kind: Kind) -> None:
    found = set(inspect(connection).get_table_names())
    if found and not {VERSION_TABLE, kind.marker} <= found:
        raise StorageError(
            f"{shown(engine)} holds something else than {kind.article} {kind.name}",
            hint=f"name another database ({kind.variable}), or remove this one yourself",
        )


def _config(kind: Kind) -> Config:
    config = Config()
    config.set_main_option("script_location", str(kind.migrations).replace("%", "%%"))
    return config


def _url(address: str, kind: Kind) -> URL:
    try:
        url = make_url(address)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError) as error:
        raise SettingsError(f"the address of the {kind.name} is none of a database", hint=kind.examples) from error
    if backend == "postgres":
        backend = "postgresql"
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise SettingsError(f"{kind.article} {kind.name} is kept in SQLite or PostgreSQL only", hint=kind.examples)
    if not url.database or url.database == ":memory:":
        raise SettingsError(f"the address of the {kind.name} names no file", hint=kind.examples)
    return url.set(drivername="sqlite+pysqlite")


def reading_engine(engine: Engine, settings: Mapping[str, str]) -> Engine:
    """One for the same database, in whose transactions nothing is written and everything is as of one moment.

    ``settings`` are what PostgreSQL is told once for each connection. SQLite needs neither: it is the same engine then.
    """
    if engine.dialect.name == "sqlite":
        return engine
    made = _postgresql(engine.url, isolation_level="REPEATABLE READ")

    @event.listens_for(made, "connect")
    def _prepare(connection: Any, _: object) -> None:
        from psycopg.types.numeric import Int8Dumper

        # Whatever its size, a number is of one type: statements differ by the types of their values, and each that is
        # not prepared yet is planned. They are few, so each is prepared when it is first sent.
        connection.adapters.register_dumper(int, Int8Dumper)
        for name, value in settings.items():
            connection.execute("SELECT set_config(%s, %s, false)", (name, value), prepare=False)
        connection.commit()
        connection.prepare_threshold = 0
        connection.read_only = True

    return made


def _postgresql(url: URL, **options: Any) -> Engine:
    engine = create_engine(url, pool_size=5, max_overflow=10, hide_parameters=True, **options)

    @event.listens_for(engine, "checkin")
    def _put_back(_: object, record: ConnectionPoolEntry) -> None:
        record.info[_IDLE_SINCE] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ask(connection: DBAPIConnection, record: ConnectionPoolEntry, _: object) -> None:
        if time.monotonic() - record.info.get(_IDLE_SINCE, time.monotonic()) < _SURELY_THERE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error

    return engine


def _sqlite(url: URL, kind: Kind) -> Engine:
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS, "cached_statements": 512}, hide_parameters=True)
    synchronous = "FULL" if kind.durable else "NORMAL"

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _: object) -> None:
        # Transactions begin below, by a statement of our own: the driver would begin them late.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "cache_size=-16384",
            "wal_autocheckpoint=16384",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _reason(error: Exception) -> str:
    if isinstance(error, NoSuchModuleError):
        return "the driver is not installed"
    if isinstance(error, DBAPIError) and error.orig is not None:
        return _first_line(error.orig)
    return _first_line(error)


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _hint(error: Exception, kind: Kind) -> str | None:
    told = str(error)
    if "locked" in told:
        return "another process is writing to it: wait until it is done"
    if "connection" in told or "refused" in told:
        return f"is the database server running, and is {kind.variable} right?"
    if "malformed" in told or "not a database" in told:
        return kind.damaged
    return None
