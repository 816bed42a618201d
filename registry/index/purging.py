"""Taking what a dossier said out of an index for good: from the rows, and from the pages of the file as well.

A row that is deleted stays readable in the file of a database until something is written over it. So what is purged is
overwritten and the file packed anew. Needs no chain: it is done right after something was erased from the store.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, text

from registry.dossier import Store
from registry.index.manifests import forget, take_in
from registry.index.opening import WRITES, is_empty, open_engine, storage_errors
from registry.index.schema import metadata


def purge(url: str, root: bytes, store: Store) -> bool:
    """Takes a dossier out of the index in this database and what is left of it in the store in again.

    False if there is no index there. StorageError if the database cannot be used.
    """
    engine = open_engine(url)
    try:
        with storage_errors(engine, "erasing from the index"):
            file = engine.url.database if engine.dialect.name == "sqlite" else None
            if (file and not Path(file).is_file()) or is_empty(engine):
                return False
            with (
                engine.connect().execution_options(**{WRITES: True}) as connection,
                connection.begin(),
            ):
                if engine.dialect.name == "sqlite":
                    connection.exec_driver_sql("PRAGMA secure_delete=ON")
                forget(connection, root)
                take_in(connection, store)
            _pack(engine)
    finally:
        engine.dispose()
    return True


def indexes(home: Path, setting: str | None) -> list[str]:
    """The databases that hold an index of these settings: the one that is named, or all in the folder ``index``."""
    if setting is not None:
        return [setting]
    return [f"sqlite:///{one}" for one in sorted((home / "index").glob("*.sqlite"))]


def _pack(engine: Engine) -> None:
    """Leaves no page behind on which the rows once stood."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "sqlite":
            raw = connection.connection.driver_connection
            assert raw is not None  # noqa: S101 - it is connected
            connection.rollback()
            for statement in ("PRAGMA secure_delete=ON", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                raw.execute(statement).close()
            return
        for table in metadata.tables:
            connection.execute(text(f"VACUUM {table}"))
