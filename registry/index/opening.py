"""Opening the database of an index: SQLite by path, PostgreSQL by address; brought to the newest version of the tables.

No error and no ``repr`` shows the address of a database whole, for it may hold a password.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from registry.errors import IndexMismatchError, SettingsError, StorageError
from registry.index import schema

MIGRATIONS = Path(__file__).parent / "migrations"
WRITES = "foodvalley_writes"
"""The execution option of a transaction that writes: SQLite takes its lock at the start, not halfway."""

_EXAMPLES = "for example sqlite:///index.sqlite, or postgresql://user:password@host/database"
_BUSY_SECONDS = 30
_VERSION_TABLE = "alembic_version"


def open_engine(address: str) -> Engine:
    """An engine for the database at this address, which need not exist yet if it is SQLite.

    SettingsError if the address is none, StorageError if the driver is not installed.
    """
    url = _url(address)
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    try:
        return create_engine(url, pool_size=5, max_overflow=10, pool_pre_ping=True, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise StorageError(
            "an index in PostgreSQL needs the package psycopg, which is not installed",
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
def storage_errors(engine: Engine, what: str) -> Iterator[None]:
    """Turns what the database says into StorageError; ``what`` was being done. Errors of this package pass."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StorageError(f"{what} {shown(engine)}: {_reason(error)}", hint=_hint(error)) from error
    except Exception as error:
        # psycopg's own errors, where its driver is used directly; it may not be installed.
        if type(error).__module__.partition(".")[0] != "psycopg":
            raise
        raise StorageError(f"{what} {shown(engine)}: {_first_line(error)}", hint=_hint(error)) from error


def migrate(engine: Engine) -> None:
    """Makes the tables, or brings them to the newest version; IndexMismatchError if they are of a newer one."""
    script = ScriptDirectory.from_config(_config())
    head = script.get_current_head()
    with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        current = MigrationContext.configure(connection).get_current_revision()
        if current == head:
            return
        if current is None:
            _require_ours(engine, connection)
        if current is not None and current not in {one.revision for one in script.walk_revisions()}:
            raise IndexMismatchError(
                f"the index {shown(engine)} was made by a newer version of this package (tables {current})",
                hint="use that version, or name another index (FOODVALLEY_INDEX)",
            )
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def discard(engine: Engine) -> None:
    """Removes the tables of an index; StorageError if the database holds something else, which is left alone."""
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    if file and not Path(file).exists():
        return
    with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        _require_ours(engine, connection)
        schema.metadata.drop_all(connection)
        connection.execute(text(f"DROP TABLE IF EXISTS {_VERSION_TABLE}"))


def _require_ours(engine: Engine, connection: Connection) -> None:
    found = set(inspect(connection).get_table_names())
    if found and not {_VERSION_TABLE, schema.cursor.name} <= found:
        raise StorageError(
            f"{shown(engine)} holds something else than an index",
            hint="name another database (FOODVALLEY_INDEX), or remove this one yourself",
        )


def is_empty(engine: Engine) -> bool:
    """Whether nobody made an index here yet."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() is None


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _url(address: str) -> URL:
    try:
        url = make_url(address)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError) as error:
        raise SettingsError("the address of the index is none of a database", hint=_EXAMPLES) from error
    if backend == "postgres":
        backend = "postgresql"
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise SettingsError("an index is kept in SQLite or PostgreSQL only", hint=_EXAMPLES)
    if not url.database or url.database == ":memory:":
        raise SettingsError("the address of the index names no file", hint=_EXAMPLES)
    return url.set(drivername="sqlite+pysqlite")


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _: object) -> None:
        # Transactions begin below, by a statement of our own: the driver would begin them late.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-16384", "wal_autocheckpoint=8192"):
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


def _hint(error: Exception) -> str | None:
    told = str(error)
    if "locked" in told:
        return "another process is writing to it: wait until it is done"
    if "connection" in told or "refused" in told:
        return "is the database server running, and is FOODVALLEY_INDEX right?"
    if "malformed" in told or "not a database" in told:
        return "remove the file; the index is then made anew: foodvalley index update"
    return None
