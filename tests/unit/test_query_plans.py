"""No question reads a whole table, or a share of it for each row, or sorts more than a page: both databases' plans."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, text

from benchmarks.queries.fill import fill, join_manifests
from benchmarks.queries.generate import Register, manifest_of
from benchmarks.queries.shapes import SHAPES, Arguments
from registry.index import Identity, Index, schema
from registry.index.queries import PLAIN_PLANS

TABLES = set(schema.metadata.tables)
ONE_ROW = "cursor"
# What many rows have the same of: an index sought by nothing else leads to a share of all, for each row looked at.
SHARED = {"kind", "known_until", "organisation", "status", "term", "valid_until", "verb"}

# As a large table does, so does this tempt PostgreSQL to start processes, which takes longer than any question.
PARALLEL_IS_FREE = text(
    "SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0; "
    "SET LOCAL min_parallel_index_scan_size = 0"
)


@pytest.fixture(scope="module")
def register() -> Register:
    return Register(400)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(
    request: pytest.FixtureRequest, register: Register, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Index]:
    url = f"sqlite:///{tmp_path_factory.mktemp('plans') / 'index.sqlite'}"
    if request.param == "postgresql":
        from databases import new_database

        url = new_database(request.getfixturevalue("postgresql_server"), "plans")
    with Index.open(url, Identity(31337, "0x" + "11" * 20, 0)) as index:
        if not register.agreements:
            fill(index, register, lambda _: None)
        else:
            again = Register(register.acts)
            fill(index, again, lambda _: None)
        join_manifests(index, manifest_of)
        yield index


def asked(index: Index, register: Register, shape: str) -> dict[str, Any]:
    """The different statements that a shape sends, with the values of one time."""
    found: dict[str, Any] = {}

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT") and "set_config" not in statement:
            found[statement] = parameters

    event.listen(index.engine, "before_cursor_execute", note)
    try:
        given = Arguments(register, random.Random(shape))
        for _ in range(30):
            with index.queries() as queries:
                SHAPES[shape](queries, given)
    finally:
        event.remove(index.engine, "before_cursor_execute", note)
    assert found
    return found


@pytest.mark.parametrize("shape", SHAPES)
def test_no_question_reads_a_whole_table(filled: Index, register: Register, shape: str) -> None:
    check = faults_in_postgresql if filled.engine.dialect.name == "postgresql" else faults_in_sqlite
    for statement, parameters in asked(filled, register, shape).items():
        assert check(filled, statement, parameters) == [], statement


def faults_in_sqlite(index: Index, statement: str, parameters: Any) -> list[str]:
    with index.reading() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    steps = [str(row[3]) for row in rows]
    found = [one for one in steps if one.startswith("SCAN") and _scanned(one) not in (ONE_ROW, None)]
    if "LIMIT" in statement:
        found += [one for one in steps if "TEMP B-TREE" in one]
    for row in rows:
        sought = re.fullmatch(r"SEARCH .*\((.*)\)", str(row[3]))
        if row[1] and sought and set(re.findall(r"(\w+)[=<>]", sought[1])) <= SHARED:
            found.append(f"for each row: {row[3]}")
    return found


def _scanned(step: str) -> str | None:
    """The table that a step reads from end to end; None if it is what the statement itself made, a page at most."""
    name = step.split()[1]
    made = name.startswith(("(", "anon", "CONSTANT")) or name.isdigit()
    return None if made else name


def faults_in_postgresql(index: Index, statement: str, parameters: Any) -> list[str]:
    with index.reading() as connection:
        connection.execute(PARALLEL_IS_FREE)
        connection.execute(PLAIN_PLANS)
        told = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
    plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    return list(_faults_of(plan, within_limit=False, each=False))


def _faults_of(node: dict[str, Any], *, within_limit: bool, each: bool) -> Iterator[str]:
    kind, table = node["Node Type"], node.get("Relation Name")
    if kind.startswith("Gather"):
        yield "starts processes"
    if kind == "Seq Scan" and table != ONE_ROW:
        yield f"reads all of {table}"
    if within_limit and kind in ("Sort", "Hash Join", "Merge Join"):
        yield f"{kind} before a limit"
    sought = re.findall(r"\(+(\w+)\)?(?:::\w+)? [=<>]", node.get("Index Cond", ""))
    if each and sought and set(sought) <= SHARED:
        yield f"for each row: {node['Index Cond']}"
    for below in node.get("Plans", ()):
        again = each or below.get("Parent Relationship") in ("SubPlan", "Inner")
        yield from _faults_of(below, within_limit=within_limit or kind == "Limit", each=again)


def test_a_plan_without_an_index_is_found(filled: Index) -> None:
    check = faults_in_postgresql if filled.engine.dialect.name == "postgresql" else faults_in_sqlite
    by_notice = "SELECT act_hash FROM acts WHERE notice = 5"
    assert len(check(filled, by_notice, ())) == 1
    sorted_ = "SELECT act_hash FROM acts WHERE block > 3 ORDER BY transaction_hash LIMIT 3"
    assert check(filled, sorted_, ())


def test_a_search_for_each_row_by_what_many_share_is_found(filled: Index) -> None:
    check = faults_in_postgresql if filled.engine.dialect.name == "postgresql" else faults_in_sqlite
    acts = "SELECT a.number FROM acts a WHERE a.block = 3 AND EXISTS"
    same = "SELECT 1 FROM spans s WHERE s.status = 'in force' AND s.valid_from > a.block"
    (fault,) = check(filled, f"{acts} ({same})", ())
    assert fault.startswith("for each row: ")
    assert check(filled, f"{acts} ({same} AND s.number = 3)", ()) == []


def test_all_tables_are_known(filled: Index) -> None:
    assert ONE_ROW in TABLES
