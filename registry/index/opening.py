"""The database of an index: what :mod:`registry.database` does for every database, for this kind."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy import Engine

from registry import database
from registry.database import WRITES, is_empty, shown
from registry.errors import IndexMismatchError
from registry.index import schema

__all__ = ["KIND", "WRITES", "discard", "is_empty", "migrate", "open_engine", "shown", "storage_errors"]

KIND = database.Kind(
    name="index",
    article="an",
    variable="FOODVALLEY_INDEX",
    migrations=Path(__file__).parent / "migrations",
    metadata=schema.metadata,
    marker=schema.cursor.name,
    damaged="remove the file; the index is then made anew: foodvalley index update",
    newer=IndexMismatchError,
    # It can be made again from the chain.
    durable=False,
)


def open_engine(address: str) -> Engine:
    """As :func:`registry.database.open_engine`, for an index."""
    return database.open_engine(address, KIND)


def storage_errors(engine: Engine, what: str) -> AbstractContextManager[None]:
    """As :func:`registry.database.storage_errors`, for an index."""
    return database.storage_errors(engine, what, KIND)


def migrate(engine: Engine) -> None:
    """As :func:`registry.database.migrate`, for an index."""
    database.migrate(engine, KIND)


def discard(engine: Engine) -> None:
    """As :func:`registry.database.discard`, for an index."""
    database.discard(engine, KIND)
