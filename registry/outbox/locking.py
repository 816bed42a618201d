"""One carrier for each outbox, also where two services were started on it: the lock goes with the process."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from registry import database
from registry.outbox.store import KIND

_NUMBER = 7042


def try_lock(engine: Engine) -> Callable[[], None] | None:
    """Takes the lock and gives what lets go of it; None if another process has it. StorageError if it cannot be known.

    In PostgreSQL an advisory lock of a connection, beside SQLite's file a second one that is held locked: both are gone
    as soon as the process is, however it ends.
    """
    with database.storage_errors(engine, "locking the outbox", KIND):
        if engine.dialect.name == "sqlite":
            return _file_lock(f"{engine.url.database}.carrying")
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        which = f"({_NUMBER}, hashtext(current_schema()))"
        if connection.execute(text(f"SELECT pg_try_advisory_lock{which}")).scalar_one():

            def release() -> None:
                # Said to the server, for it notices only after a while that a connection is gone.
                with suppress(SQLAlchemyError):
                    connection.execute(text(f"SELECT pg_advisory_unlock{which}"))
                connection.invalidate()
                connection.close()

            return release
        connection.close()
        return None


def _file_lock(path: str) -> Callable[[], None] | None:
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        connection.close()
        if "locked" in str(error):
            return None
        raise
    return connection.close
