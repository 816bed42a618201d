"""Rows that wait to be written, and how they are written fast: prepared once for each table, many at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import BindParameter, Connection, Dialect, Table, Update, bindparam
from sqlalchemy.dialects import postgresql, sqlite

from registry.index import schema

Row = list[Any]
THESE: BindParameter[Any] = bindparam("these", expanding=True)
"""A list of keys in a statement that is made once, for each of :func:`chunks`."""

_ROWS_AT_ONCE = 512
_BY_HASH = frozenset({"agreements", "approvals", "approvals_of_acts"})


class Buffer:
    """The rows of one batch. New ones are lists in the order of the columns, which may still be changed."""

    def __init__(self) -> None:
        self.new: dict[str, list[Row]] = {name: [] for name in schema.metadata.tables}
        self._changes: dict[Update, list[Mapping[str, object]]] = {}

    def change(self, statement: Update, values: Mapping[str, object]) -> None:
        """An update by bound names, done once the new rows are in; those of one statement in the order given."""
        self._changes.setdefault(statement, []).append(values)

    def flush(self, connection: Connection) -> None:
        """Writes everything in the transaction of this connection; the buffer is of no use afterwards."""
        for name, rows in self.new.items():
            if rows:
                if name in _BY_HASH:
                    rows.sort(key=itemgetter(0))  # neighbours in the tree are written together
                insert(connection, schema.metadata.tables[name], rows)
        for statement, values in self._changes.items():
            connection.execute(statement, values)


def insert(connection: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
    """Writes rows with all columns of the table, in their order."""
    driver = cast(Any, connection.connection.driver_connection)
    if connection.dialect.name == "sqlite":
        _insert_into_sqlite(driver, table, rows)
        return
    with driver.cursor() as cursor, cursor.copy(_copy_statement(table)) as copy:
        for row in rows:
            copy.write_row(row)


def _insert_into_sqlite(driver: sqlite3.Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
    """Hundreds of rows by one statement: while it works other threads can, and it hands over once, not for each row."""
    most = driver.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
    size, start = _ROWS_AT_ONCE, 0
    # The rest by half as many at a time, down to one: few statements, and each of them is prepared already.
    while start < len(rows):
        while size > len(rows) - start or size * len(table.columns) > most:
            size //= 2
        values = list(chain.from_iterable(rows[start : start + size]))
        driver.execute(_insert_statement(table, size), values).close()
        start += size


def columns(table: Table) -> tuple[str, ...]:
    """The names of a table's columns, in their order."""
    return tuple(column.name for column in table.columns)


def chunks(items: Iterable[Any], size: int = 500) -> Iterable[list[Any]]:
    """The items in lists of at most ``size``: databases take only so many values at once."""
    listed = list(items)
    return (listed[start : start + size] for start in range(0, len(listed), size))


@cache
def _insert_statement(table: Table, rows: int) -> str:
    dialect: Dialect = sqlite.dialect()
    one = str(table.insert().compile(dialect=dialect, column_keys=list(columns(table))))
    return one + (", " + one.partition(" VALUES ")[2]) * (rows - 1)


@cache
def _copy_statement(table: Table) -> str:
    prepare = postgresql.dialect().identifier_preparer  # type: ignore[no-untyped-call]
    names = ", ".join(prepare.quote(name) for name in columns(table))
    return f"COPY {prepare.quote(table.name)} ({names}) FROM STDIN"
