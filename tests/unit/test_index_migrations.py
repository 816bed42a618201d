"""The tables come from the migrations alone; they must be those that the package works with."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from registry.errors import IndexMismatchError
from registry.index import Identity, Index
from registry.index.opening import migrate, open_engine
from registry.index.schema import metadata

IDENTITY = Identity(1, "0x" + 40 * "1", 0)


def described(engine: Engine) -> dict[str, object]:
    """Columns, keys and indexes of every table, as the database tells them."""
    found = inspect(engine)
    tables = [one for one in sorted(found.get_table_names()) if one != "alembic_version"]
    return {
        one: (
            [(c["name"], str(c["type"]), c["nullable"], c.get("default")) for c in found.get_columns(one)],
            found.get_pk_constraint(one)["constrained_columns"],
            sorted((str(i["name"]), i["column_names"], bool(i["unique"])) for i in found.get_indexes(one)),
        )
        for one in tables
    }


def without_rowid(engine: Engine) -> set[str]:
    """The tables that SQLite keeps in the order of their key."""
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT name FROM sqlite_master WHERE sql LIKE '%WITHOUT ROWID%'"))
        return set(rows.scalars())


def test_migrations_make_the_tables_of_the_schema(index_url: str) -> None:
    migrated = open_engine(index_url)
    migrate(migrated)
    found = described(migrated)
    with migrated.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    kept = without_rowid(migrated) if migrated.dialect.name == "sqlite" else set()
    metadata.drop_all(migrated)
    metadata.create_all(migrated)
    assert described(migrated) == found
    if migrated.dialect.name == "sqlite":
        assert without_rowid(migrated) == kept
    migrated.dispose()


def test_migrating_again_changes_nothing(index_url: str) -> None:
    with Index.open(index_url, IDENTITY) as index:
        before = described(index.engine)
        migrate(index.engine)
        assert described(index.engine) == before


def test_index_of_a_newer_version_is_refused(index_url: str) -> None:
    with Index.open(index_url, IDENTITY) as index, index.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(IndexMismatchError, match="newer version of this package"):
        Index.open(index_url, IDENTITY)
