"""The tables come from the migrations alone; they must be those that the package works with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from histories import batches
from long_histories import History
from sqlalchemy import Engine, inspect, text

from registry import database
from registry.errors import IndexMismatchError
from registry.index import Identity, Index
from registry.index.opening import KIND, migrate, open_engine
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


def test_who_voted_for_a_motion_is_learned_of_what_an_older_version_kept(index_url: str) -> None:
    history = History(2).grow(400)
    with Index.open(index_url, IDENTITY) as index:
        for batch in batches(history.events, largest=40):
            index.write(batch)
        tables = ("votes_of_motions", "event_organisations")
        before = [list(index.rows(one)) for one in tables]
        with index.writing() as connection:
            connection.execute(text("DROP TABLE votes_of_motions"))
            decided = "SELECT block, log_index FROM events WHERE name = 'MotionDecided'"
            for block, log_index in connection.execute(text(decided)).all():
                place = {"block": block, "log_index": log_index}
                where = "WHERE block = :block AND log_index = :log_index"
                connection.execute(text(f"DELETE FROM event_organisations {where}"), place)
                # What the version before wrote of a succession: the organisations that it is about.
                motion = json.loads(connection.execute(text(f"SELECT data FROM events {where}"), place).scalar_one())[
                    "motion"
                ]
                for one in {motion["organisation"], motion["successor"]}:
                    row = {"one": one, **place}
                    connection.execute(text("INSERT INTO event_organisations VALUES (:one, :block, :log_index)"), row)
            connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))
    assert len(before[0]) >= 2
    with Index.open(index_url, IDENTITY) as index:
        assert [list(index.rows(one)) for one in tables] == before


def test_rows_and_keys_stay_when_long_rows_are_kept_as_they_came(tmp_path: Path) -> None:
    """Of an SQLite file that an older version made: its rows as they were, in the tables that a new file has."""
    history = History(3).grow(300)
    urls = [f"sqlite:///{tmp_path / name}.sqlite" for name in ("new", "old")]
    engine = open_engine(urls[1])
    config = database._config(KIND)
    with database.writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
    assert {"acts", "commitments", "dossiers", "proposals"} <= without_rowid(engine)
    with Index.open(urls[0], IDENTITY) as new:
        for batch in batches(history.events, largest=40):
            new.write(batch)
        rows = {name: list(new.rows(name)) for name in metadata.tables}
        expected, kept = described(new.engine), without_rowid(new.engine)
    rows["dossiers"] = [{"root": bytes([one]) * 32, "state": "whole", "manifest": "{}"} for one in range(3)]
    names = {
        "agreement": bytes(32),
        "agreement_number": 1,
        "id": bytes(32),
        "organisation": "gm0345",
        "what": "aanleggen",
    }
    due = {"due": None, "block": 1}
    rows["commitments"] = [{"act_hash": bytes(32), "label": one, **names, **due} for one in ("T1", "T2")]
    with database.writing(engine) as connection:
        for name, table in metadata.tables.items():
            if rows[name]:
                connection.execute(table.insert(), rows[name])
    engine.dispose()
    assert len(rows["acts"]) > 10 < len(rows["proposals"])
    with Index.open(urls[1], IDENTITY) as old:
        assert {name: list(old.rows(name)) for name in metadata.tables} == rows
        assert described(old.engine) == expected
        assert without_rowid(old.engine) == kept


def test_index_of_a_newer_version_is_refused(index_url: str) -> None:
    with Index.open(index_url, IDENTITY) as index, index.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(IndexMismatchError, match="newer version of this package"):
        Index.open(index_url, IDENTITY)
