"""The keys by which questions find their rows: a first catching up does without them, and makes them at its end.

Adding a hundred thousand rows to a key one by one takes several times as long as sorting them into it at once. Whether
the keys are there, the database itself says: so a process that was killed in between leaves them to the next. Until
then every question is answered just as well, only slower.
"""

from __future__ import annotations

from sqlalchemy import Connection, Index, inspect

from registry.index.schema import metadata

READ_WHILE_WRITING = frozenset(
    {
        "acts_by_agreement",
        "mandates_by_organisation",
        "motions_by_organisation",
        "organisations_by_time",
        "proposals_by_previous",
        "spans_by_number",
    }
)
"""Those that folding a batch needs itself, or taking one back."""


def lookup_keys() -> list[Index]:
    """The keys that only questions need, by table."""
    found = (one for table in metadata.sorted_tables for one in sorted(table.indexes, key=_name))
    return [one for one in found if _name(one) not in READ_WHILE_WRITING]


def missing(connection: Connection) -> list[Index]:
    """Those that the database lacks."""
    there = {one["name"] for kept in inspect(connection).get_multi_indexes().values() for one in kept}
    return [one for one in lookup_keys() if _name(one) not in there]


def _name(key: Index) -> str:
    return str(key.name)
