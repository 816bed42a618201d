"""How questions go to a database: in few statements, on connections that are ready for them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import event, select, text

from benchmarks.queries.fill import fill, join_manifests, recall
from benchmarks.queries.generate import Register, manifest_of
from benchmarks.queries.shapes import SHAPES, Arguments
from registry import database
from registry.errors import NotFoundError, StorageError
from registry.index import Identity, Index
from registry.index.answers import Filters
from registry.index.hashes import together, told
from registry.index.queries import Asked

IDENTITY = Identity(31337, "0x" + "11" * 20, 0)
MOST = 4
"""A moment, and the statements of what is asked: each is a way to and fro."""


@pytest.fixture(scope="module")
def register() -> Register:
    return Register(150)


@pytest.fixture(scope="module")
def index(postgresql_server: str, register: Register, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """In PostgreSQL: SQLite has no connections to speak of."""
    from databases import new_database

    with Index.open(new_database(postgresql_server, "questions"), IDENTITY) as opened:
        fill(opened, register, lambda _: None)
        join_manifests(opened, manifest_of)
        yield opened


@pytest.mark.parametrize("shape", SHAPES)
def test_a_question_is_few_statements(index: Index, register: Register, shape: str) -> None:
    sent: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        sent.append(statement)

    given = Arguments(register, random.Random(shape))
    event.listen(index.asked, "before_cursor_execute", note)
    try:
        for _ in range(20):
            sent.clear()
            with index.queries() as queries:
                SHAPES[shape](queries, given)
            assert 1 < len(sent) <= MOST, sent
    finally:
        event.remove(index.asked, "before_cursor_execute", note)


def test_nothing_is_planned_anew_for_other_values(index: Index, register: Register) -> None:
    """By the size of a number and the length of a list; nor after what has no answer."""

    def prepared() -> int:
        with index.asked.connect() as connection:
            found: int = connection.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one()
            connection.commit()
            return found

    def ask(known_at: int, limit: int) -> None:
        with index.queries() as queries:
            asked = Asked(register.now, valid_on=known_at, known_at=known_at, limit=limit)
            queries.agreements(asked, Filters())
            queries.open_offers(asked)

    index.asked.dispose()
    ask(register.now, 3)
    once = prepared()
    for known_at, limit in ((register.now, 50), (register.now, 1000), (2**39, 3), (2**39, 1000)):
        ask(known_at, limit)
    with pytest.raises(NotFoundError), index.queries() as queries:
        queries.agreement(queries.at(Asked(register.now)), bytes(32))
    assert prepared() == once + 1 > 3


def test_what_is_asked_is_as_of_one_moment_and_writes_nothing(index: Index) -> None:
    with index.asked.connect() as connection:
        assert connection.execute(text("SHOW transaction_isolation")).scalar() == "repeatable read"
        assert connection.execute(text("SHOW transaction_read_only")).scalar() == "on"
        assert connection.execute(text("SHOW enable_seqscan")).scalar() == "off"
    with index.engine.connect() as connection:
        assert connection.execute(text("SHOW enable_seqscan")).scalar() == "on"


def end_connections(index: Index) -> None:
    """As a server that is started again does."""
    with index.engine.connect() as connection:
        others = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        connection.execute(text(f"{others} AND backend_type = 'client backend'"))


def test_connections_that_lay_idle_are_tried_out_first(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_SURELY_THERE_SECONDS", 0)
    with index.queries() as queries:
        before = queries.as_of
    end_connections(index)
    with index.queries() as queries:
        assert queries.as_of == before


def test_after_an_error_of_a_connection_there_is_a_new_one(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was just used is not tried out: who asks first notices, and nobody after."""
    monkeypatch.setattr(database, "_SURELY_THERE_SECONDS", 60)
    with index.queries() as queries:
        before = queries.as_of
    end_connections(index)
    with pytest.raises(StorageError, match="reading the index"), index.queries() as queries:
        assert queries.as_of
    with index.queries() as queries:
        assert queries.as_of == before


@pytest.mark.parametrize("count", [1, 2, 300])
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_hashes_go_as_one_parameter(
    kind: str, count: int, postgresql_server: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    hashes = [sha256(str(number).encode()).digest() for number in range(count)]
    url = f"sqlite:///{tmp_path_factory.mktemp('hashes') / 'any.sqlite'}" if kind == "sqlite" else postgresql_server
    from registry.index.opening import open_engine

    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            found = connection.scalars(select(told().c.hash), together(hashes)).all()
        assert found == hashes
    finally:
        engine.dispose()


def test_a_kept_register_is_recalled_as_it_was_made_up(index: Index, register: Register) -> None:
    found = Register(register.acts)
    recall(index, found)
    assert (found.agreements, found.act_hashes, found.now) == (register.agreements, register.act_hashes, register.now)
    assert len(found.act_hashes) == register.acts
