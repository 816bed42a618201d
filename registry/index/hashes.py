"""Many hashes as one parameter: however many there are, the statement is the same, and nothing is planned anew."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import CTE, ColumnElement, Integer, LargeBinary, bindparam, func, literal_column, select

_LENGTH = 32


def together(hashes: Iterable[bytes]) -> dict[str, object]:
    """The values of what :func:`told` asks for, one hash at least."""
    joined = b"".join(hashes)
    return {"hashes": joined, "count": len(joined) // _LENGTH}


def told() -> CTE:
    """The hashes that were given, one a row: the column ``hash``."""
    places = select(_number(0).label("place")).cte("places", recursive=True)
    following = places.c.place + _number(1)
    places = places.union_all(select(following).where(following < bindparam("count")))
    start = places.c.place * _number(_LENGTH) + _number(1)
    hashes = bindparam("hashes", type_=LargeBinary)
    return select(func.substr(hashes, start, _number(_LENGTH), type_=LargeBinary).label("hash")).cte("told")


def _number(value: int) -> ColumnElement[int]:
    return literal_column(str(value), Integer)
