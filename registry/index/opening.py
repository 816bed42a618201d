"""The database of an index: what :mod:`registry.database` does for every database, for this kind."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy import Engine

from registry import database
from registry.database import WRITES, is_empty, shown
from registry.errors import IndexMismatchError
from registry.index import schema

__all__ = [
    "KIND",
    "PLAIN_PLANS",
    "WRITES",
    "discard",
    "is_empty",
    "migrate",
    "open_engine",
    "questions_engine",
    "shown",
    "storage_errors",
]

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


_OFF = (
    *("enable_seqscan", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin"),
    *("enable_sort", "enable_incremental_sort", "enable_material", "enable_memoize", "jit"),
)
PLAIN_PLANS = dict.fromkeys(_OFF, "off") | {
    # One that is planned for each value anew takes longer to plan than to execute.
    "plan_cache_mode": "force_generic_plan",
    # Starting processes takes longer than any question.
    "max_parallel_workers_per_gather": "0",
}
"""Settings that make PostgreSQL walk indexes: what it would rather do suits a few large questions.

Its statistics may be old or missing, as after a great deal was written; the answer is always in an index.
"""


def open_engine(address: str) -> Engine:
    """As :func:`registry.database.open_engine`, for an index."""
    return database.open_engine(address, KIND)


def questions_engine(engine: Engine) -> Engine:
    """One for the questions to the same index."""
    return database.reading_engine(engine, PLAIN_PLANS)


def storage_errors(engine: Engine, what: str) -> AbstractContextManager[None]:
    """As :func:`registry.database.storage_errors`, for an index."""
    return database.storage_errors(engine, what, KIND)


def migrate(engine: Engine) -> None:
    """As :func:`registry.database.migrate`, for an index."""
    database.migrate(engine, KIND)


def discard(engine: Engine) -> None:
    """As :func:`registry.database.discard`, for an index."""
    database.discard(engine, KIND)
