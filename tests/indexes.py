"""Indexes of a register on a real chain, and what is in them."""

from __future__ import annotations

import itertools
from pathlib import Path

from world import Region

from registry.chain import Register
from registry.index import Identity, Index
from registry.index.schema import metadata

_NUMBERS = itertools.count()


def identity(register: Register) -> Identity:
    return Identity(register.chain.chain_id, register.address, register.from_block)


def identity_of(region: Region) -> Identity:
    return identity(region.register)


def dump(index: Index) -> dict[str, list[dict[str, object]]]:
    """Every row of every table."""
    return {table: [dict(row) for row in index.rows(table)] for table in metadata.tables}


def fresh(region: Region, folder: Path, register: Register | None = None) -> dict[str, list[dict[str, object]]]:
    """The rows of an index that is built afresh from the true chain, up to its latest block."""
    url = f"sqlite:///{folder / f'fresh-{next(_NUMBERS)}.sqlite'}"
    mine = register or region.register
    with Index.open(url, identity(mine)) as index:
        index.catch_up(mine)
        return dump(index)
