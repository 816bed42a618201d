"""A first catching up does without the keys that only questions need, and once an index is at its end it has them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from indexes import dump, fresh, identity_of
from sqlalchemy import event, inspect
from world import Desk, Region

from benchmarks.queries.generate import Register
from registry.errors import ChainError, StorageError
from registry.index import Header, Identity, Index, following, schema
from registry.index.lookup_keys import READ_WHILE_WRITING, lookup_keys, missing
from registry.index.queries import Asked
from registry.index.rows import told
from registry.index.writer import read_cursor, write

ALL = {str(one.name) for table in schema.metadata.tables.values() for one in table.indexes}


@pytest.fixture
def index(index_url: str, region: Region) -> Iterator[Index]:
    with Index.open(index_url, identity_of(region)) as opened:
        yield opened


@pytest.fixture
def agreed(region: Region, desk: Desk) -> Region:
    desk.concluded("veenendaal", "renswoude")
    desk.concluded("ede", "renswoude", "utrecht")
    return region


@pytest.fixture(autouse=True)
def always_far(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the chain were long."""
    monkeypatch.setattr(following, "_FAR_BLOCKS", 0)


def keys(index: Index) -> set[str]:
    with index.reading() as connection:
        found = inspect(connection).get_multi_indexes().values()
        return {str(one["name"]) for table in found for one in table} & ALL


def lacking(index: Index) -> int:
    with index.reading() as connection:
        return len(missing(connection))


class Killed(BaseException):
    """As a signal that nothing tidies up after."""


def test_keys_are_made_at_the_end_and_then_it_is_told_to_be_done(index: Index, agreed: Region, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    found = index.catch_up(agreed.register, progress=lambda _, done, __: seen.append((done, lacking(index))))
    assert seen[0] == (agreed.register.from_block - 1, len(lookup_keys()))
    assert seen[-1] == (found.block, 0)
    assert [done for done, _ in seen].count(found.block) == 1
    assert keys(index) == ALL
    assert dump(index) == fresh(agreed, tmp_path)


@pytest.mark.parametrize("reached", ["the beginning", "the end"])
def test_next_process_makes_what_a_killed_one_left_out(
    index: Index, index_url: str, agreed: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reached: str
) -> None:
    def die(*_: Any) -> None:
        raise Killed

    if reached == "the end":
        monkeypatch.setattr(Index, "make_keys", die)
    end = agreed.chain.latest()[0]
    with pytest.raises(Killed):
        index.catch_up(agreed.register, progress=None if reached == "the end" else die)
    monkeypatch.undo()
    assert keys(index) == READ_WHILE_WRITING
    assert (index.as_of is None) == (reached == "the beginning")
    if reached == "the end":
        with index.queries() as queries:
            assert queries.history(Asked(agreed.now()), organisation="gm0345")[1].rows
    with Index.open(index_url, index.identity) as other:
        other.catch_up(agreed.register, to_block=end)
        assert keys(other) == ALL
        assert dump(other) == fresh(agreed, tmp_path)


def test_keys_that_were_made_before_a_kill_stay(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    index.postpone_keys()
    last = lookup_keys()[-1]
    create = type(last).create

    def die_at_last(key: sqlalchemy.Index, *given: Any, **more: Any) -> None:
        if key.name == last.name:
            raise Killed
        create(key, *given, **more)

    with monkeypatch.context() as patched:
        patched.setattr(type(last), "create", die_at_last)
        with pytest.raises(Killed):
            index.make_keys()
    assert ALL - keys(index) == {last.name}
    index.make_keys()
    assert keys(index) == ALL


def test_node_that_fails_is_gone_on_with_without_keys(index: Index, agreed: Region, tmp_path: Path) -> None:
    def fail(_: int, done: int, __: int) -> None:
        raise ChainError("no node answers")

    with pytest.raises(ChainError, match="no node answers"):
        index.catch_up(agreed.register, progress=fail)
    assert keys(index) == READ_WHILE_WRITING
    index.catch_up(agreed.register)
    assert keys(index) == ALL
    assert dump(index) == fresh(agreed, tmp_path)


def test_question_about_an_earlier_block_does_not_get_in_the_way(index: Index, agreed: Region) -> None:
    """Another process fills the index, and is not done yet."""
    index.postpone_keys()
    index.catch_up(agreed.register, to_block=agreed.register.from_block + 4)
    index.make_keys()
    with index.writing() as connection:
        for key in lookup_keys():
            key.drop(connection)
    index.catch_up(agreed.register, to_block=agreed.register.from_block + 2)
    assert keys(index) == READ_WHILE_WRITING


def test_process_that_runs_on_makes_what_another_let_go(
    index: Index, index_url: str, agreed: Region, tmp_path: Path
) -> None:
    """A service had caught up; somebody began to rebuild its index and was killed."""
    index.catch_up(agreed.register)
    assert keys(index) == ALL
    index.engine.dispose()
    Index.discard(index_url)
    with Index.open(index_url, index.identity) as other:
        other.postpone_keys()
    index.catch_up(agreed.register)
    assert keys(index) == ALL
    assert dump(index) == fresh(agreed, tmp_path)


def test_keys_that_cannot_be_let_go_are_kept(
    index: Index, agreed: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Index) -> None:
        raise StorageError("must be owner of index")

    monkeypatch.setattr(Index, "postpone_keys", refuse)
    index.catch_up(agreed.register)
    assert keys(index) == ALL
    assert dump(index) == fresh(agreed, tmp_path)


def test_index_that_holds_something_keeps_its_keys(index: Index, agreed: Region) -> None:
    index.catch_up(agreed.register, to_block=agreed.register.from_block)
    index.postpone_keys()
    assert keys(index) == ALL


@contextmanager
def noted(index: Index) -> Iterator[dict[str, Any]]:
    """The different statements that are sent but for insertions, with the values of one time."""
    statements: dict[str, Any] = {}

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if not statement.startswith(("INSERT", "BEGIN")):
            statements[statement] = parameters[0] if isinstance(parameters, list) else parameters

    event.listen(index.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(index.engine, "before_cursor_execute", note)


def scanned(index: Index, statement: str, parameters: Any) -> list[str]:
    """The tables that a statement reads whole."""
    with index.reading() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    return [row[3].split()[1] for row in plan if row[3].startswith("SCAN")]


@pytest.fixture(scope="module")
def keyless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Index, dict[str, Any]]]:
    """An index that is filled without keys, and the statements of that."""
    url = f"sqlite:///{tmp_path_factory.mktemp('keyless') / 'index.sqlite'}"
    with Index.open(url, Identity(31337, "0x" + "11" * 20, 0)) as index:
        index.postpone_keys()
        with noted(index) as statements:
            for part in Register(300).parts():
                headers = {
                    one.place.block: Header(one.place.block, one.place.block_hash, one.place.timestamp) for one in part
                }
                for start in range(0, len(part), 100):
                    events = part[start : start + 100]
                    with index.writing() as connection:
                        end = headers[events[-1].place.block]
                        write(connection, read_cursor(connection), [told(one) for one in events], headers, end)
        yield index, statements


def test_nothing_that_is_read_while_writing_needs_the_others(keyless: tuple[Index, dict[str, Any]]) -> None:
    """Each statement of the writer, with the keys let go: none reads a table that grows with the register."""
    index, statements = keyless
    assert len(statements) > 10
    for statement, parameters in statements.items():
        assert set(scanned(index, statement, parameters)) <= {"cursor"}, statement


def test_taking_back_without_the_others_reads_no_acts_for_each_agreement(
    keyless: tuple[Index, dict[str, Any]],
) -> None:
    index, _ = keyless
    blocks = [int(str(row["number"])) for row in index.rows("blocks")]
    with noted(index) as statements:
        index.rollback(blocks[len(blocks) // 2])
    of_one = {one: given for one, given in statements.items() if "acts.agreement = " in one}
    assert of_one
    for statement, parameters in of_one.items():
        assert scanned(index, statement, parameters) == [], statement
