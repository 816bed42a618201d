"""No question reads a whole table, or a share of it for each row, or sorts more than a page: both databases' plans."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from benchmarks.queries.fill import fill, join_manifests
from benchmarks.queries.generate import Register, manifest_of
from benchmarks.queries.shapes import SHAPES, Arguments
from registry.index import Identity, Index, schema

TABLES = set(schema.metadata.tables)
ONE_ROW = "cursor"
# What many rows have the same of: an index sought by nothing else leads to a share of all, for each row looked at.
SHARED = {"kind", "known_until", "organisation", "status", "term", "valid_until", "verb"}

# As a large table does, so does this tempt PostgreSQL to start processes, which takes longer than any question.
PARALLEL_IS_FREE = (
    *("parallel_setup_cost", "parallel_tuple_cost", "min_parallel_table_scan_size"),
    "min_parallel_index_scan_size",
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
        if statement.startswith(("SELECT", "WITH")):
            found[statement] = parameters

    event.listen(index.asked, "before_cursor_execute", note)
    try:
        given = Arguments(register, random.Random(shape))
        for _ in range(30):
            with index.queries() as queries:
                SHAPES[shape](queries, given)
    finally:
        event.remove(index.asked, "before_cursor_execute", note)
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
    # What the statement itself made is a page at most.
    made = {re.sub("MATERIALIZE |CO-ROUTINE ", "", one) for one in steps if one.startswith(("MATERIALIZE", "CO-"))}
    names = {one: one.split()[1] for one in steps if one.startswith("SCAN")}
    found = [one for one, name in names.items() if name not in made | {ONE_ROW, "CONSTANT"} and name[0].isalpha()]
    if "LIMIT" in statement:
        found += [one for one in steps if "TEMP B-TREE" in one]
    looked: set[int] = set()
    for row in rows:
        sought = re.fullmatch(r"SEARCH .*\((.*)\).*", str(row[3]))
        each = row[1] or row[1] in looked
        looked |= {row[1]} if row[3].startswith(("SCAN", "SEARCH")) else set()
        if each and sought and set(re.findall(r"(\w+)[=<>]", sought[1])) <= SHARED:
            found.append(f"for each row: {row[3]}")
    return found


def faults_in_postgresql(index: Index, statement: str, parameters: Any) -> list[str]:
    from psycopg import Binary, sql

    # As it is planned for all values.
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", statement)))
    numbered = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", statement)
    with index.asked.connect() as connection:
        for name in PARALLEL_IS_FREE:
            connection.exec_driver_sql(f"SET LOCAL {name} = 0")
        types = ", ".join("bytea" if isinstance(parameters[name], Binary) else "unknown" for name in names)
        connection.exec_driver_sql(f"PREPARE asked{f'({types})' if names else ''} AS {numbered}")
        values = sql.SQL(", ").join(sql.Literal(parameters[name]) for name in names)
        given = f"({values.as_string()})" if names else ""
        told = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) EXECUTE asked{given}".replace("%", "%%")).scalar_one()
        connection.exec_driver_sql("DEALLOCATE asked")
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
