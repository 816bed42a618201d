"""Following a chain: from the deployment block to the latest, after a restart, a reorganisation or a reset alike.

One way for all of them: find the last stored block that the chain still has, take the index back to it, read on from
there. At the end the fingerprint of what was read must be the contract's; where it is not, a search over the stored
blocks tells from where on the node left something out, and the index goes back to before that.

A chain that was reset has none of the stored blocks. If the same register stands there (a development chain deploys it
to the same address again), the index is made anew from that one; if not, it is left as it is, and DeploymentError says
so.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing, suppress

from sqlalchemy import select

from registry.chain import Register
from registry.chain.raw import BlockHeader, Raw, ReorganisedError
from registry.errors import ChainError, DeploymentError, IndexMismatchError, StorageError
from registry.index.ahead import ahead
from registry.index.fetching import Fetcher, Part, gathered
from registry.index.records import AsOf
from registry.index.schema import blocks
from registry.index.store import IndexStore
from registry.index.tuning import for_batches
from registry.index.writer import BrokenHistoryError

Progress = Callable[[int, int, int], None]
"""Told of blocks: the first, the last that is done, the last of all."""

MOST_REORGANISATIONS = 20
PARTS_AHEAD = 1
_FAR_BLOCKS = 1_000


class MissingEventsError(ChainError):
    """The node's events do not add up to the contract's fingerprint."""


def follow(index: IndexStore, register: Register, to_block: int | None, progress: Progress | None) -> AsOf:
    """Brings an index up to a block of the chain, the latest unless given.

    ChainError if the node does not answer, or if what it tells does not add up, twice: the index is then as of the last
    block up to which it does. DeploymentError if the chain was reset and holds the register no more.
    """
    _require_same(index, register)
    follower = _Follower(index, register, progress)
    doubted = False
    for _ in range(MOST_REORGANISATIONS):
        try:
            return follower.run(to_block)
        except ReorganisedError:
            continue
        except MissingEventsError:
            # A node behind a balancer may have answered from one that was not yet that far.
            if doubted:
                raise
            doubted = True
    raise ChainError("the chain keeps changing while it is read", hint="try again when the network is calm")


def _require_same(index: IndexStore, register: Register) -> None:
    mine, chain_id = index.identity, register.chain.chain_id
    if (mine.chain_id, mine.register) != (chain_id, register.address):
        raise IndexMismatchError(
            f"the index is of register {mine.register} on chain {mine.chain_id}, not of {register.address} on chain "
            f"{chain_id}",
            hint="name another index for this register (FOODVALLEY_INDEX)",
        )


class _Follower:
    """One register, and the index that follows it."""

    def __init__(self, index: IndexStore, register: Register, progress: Progress | None) -> None:
        self._index = index
        self._register = register
        self._progress = progress
        self._raw = Raw(register.chain, register.address)
        # Who reads takes answers apart while the database works, not while who writes is folding what came before.
        self._turn = threading.Lock()
        self._asks_headers = False

    def run(self, to_block: int | None) -> AsOf:
        """Once through; ReorganisedError and MissingEventsError leave an index that can be read on from."""
        target = self._raw.header("latest" if to_block is None else to_block)
        if target is None:
            raise ChainError(f"the chain has no block {to_block} yet", hint="wait, or name an earlier block")
        self._to_fork_point()
        known = self._index.as_of
        if known is not None and known.block >= target.number:
            if known.block == target.number:
                self._index.make_keys()
            return known
        try:
            found = self._read_on(known, target)
        except BrokenHistoryError as error:
            raise self._doubt(known, error.message) from error
        self._check(known, found, asked_for=to_block is not None)
        return found

    # Where the chain and the index agree

    def _to_fork_point(self) -> None:
        known = self._index.as_of
        if known is None or self._holds(known.block, known.block_hash):
            return
        low, high = self._index.identity.deployed_block - 1, known.block
        while low < high:
            middle = (low + high + 1) // 2
            number, block_hash = self._stored(middle)
            if number <= low or self._holds(number, block_hash):
                low = middle
            else:
                high = number - 1
        kept, _ = self._stored(low)
        if kept < 0 and not self._register.chain.code(self._register.address):
            raise DeploymentError(
                f"the chain was reset: it has none of the blocks of {self._index.shown}, and no register at "
                f"{self._register.address}",
                hint="the index was left as it is; is this the right node?",
            )
        self._index.rollback(kept)

    def _stored(self, number: int) -> tuple[int, bytes]:
        """The highest stored block that is not above this one; -1 if there is none."""
        query = select(blocks.c.number, blocks.c.hash).where(blocks.c.number <= number)
        with self._index.reading() as connection:
            row = connection.execute(query.order_by(blocks.c.number.desc()).limit(1)).one_or_none()
        return (-1, b"") if row is None else (row.number, row.hash)

    def _holds(self, number: int, block_hash: bytes) -> bool:
        found = self._raw.header(number)
        return found is not None and found.hash == block_hash

    # Reading on

    def _read_on(self, known: AsOf | None, target: BlockHeader) -> AsOf:
        first = known.block + 1 if known else self._index.identity.deployed_block
        if known is None and target.number - first >= _FAR_BLOCKS:
            # Where another may not let them go, or somebody works there just now, it merely takes longer with them.
            with suppress(StorageError):
                self._index.postpone_keys()
        self._tell(first, first - 1, target.number)
        with for_batches:
            found = self._read_parts(known, first, target)
        self._index.make_keys()
        self._tell(first, target.number, target.number)
        return found

    def _read_parts(self, known: AsOf | None, first: int, target: BlockHeader) -> AsOf:
        parent = known.block_hash if known else None
        fetcher = Fetcher(self._raw, first, parent, target, self._turn, asks=self._asks_headers)
        with closing(ahead(lambda stop: gathered(fetcher.parts(stop)), PARTS_AHEAD)) as parts:
            for part in parts:
                known = self._write(known, part)
                if part.end.number < target.number:
                    self._tell(first, part.end.number, target.number)
        if known is None:
            raise ChainError(f"the chain has no block {first}, in which the register was deployed")
        return known

    def _write(self, known: AsOf | None, part: Part) -> AsOf:
        return self._index.extend(known, part.events, part.headers, part.end, self._turn)

    def _tell(self, first: int, done: int, last: int) -> None:
        if self._progress is not None:
            self._progress(first, done, last)

    # Whether it adds up

    def _check(self, before: AsOf | None, found: AsOf, *, asked_for: bool) -> None:
        try:
            expected = self._register.fingerprint(found.block)
        except ChainError:
            if not asked_for:
                raise
            # A node that keeps no old states cannot tell of an older block; the next time up to the latest will.
            self._register.fingerprint()
            return
        if expected == found.fingerprint:
            return
        if not self._holds(found.block, found.block_hash):
            raise ReorganisedError(f"block {found.block} was replaced while it was read")
        told = f"the fingerprint is 0x{found.fingerprint.hex()}, expected 0x{expected.hex()}"
        raise self._doubt(before, told)

    def _doubt(self, before: AsOf | None, told: str) -> ChainError:
        """Takes the index back to where it still agrees with the contract; what there is to say about it.

        What follows is read with less trust.
        """
        self._asks_headers = True
        reached = self._index.as_of
        low, high = self._index.identity.deployed_block - 1, reached.block if reached else -1
        try:
            while low < high:
                middle = (low + high + 1) // 2
                number, fingerprint = self._fingerprint(middle)
                if number <= low or self._register.fingerprint(number) == fingerprint:
                    low = middle
                else:
                    high = number - 1
            good, _ = self._fingerprint(low)
        except ChainError:
            # The node keeps no old states: what was found in order the last time is what is left to believe.
            good = before.block if before else -1
        wrong = self._next_stored(good)
        self._index.rollback(good)
        return MissingEventsError(
            f"the node's events from block {good + 1}{f' to {wrong}' if wrong else ' on'} do not add up: {told}",
            hint="the node leaves out or changes events; ask another node",
        )

    def _fingerprint(self, number: int) -> tuple[int, bytes]:
        query = select(blocks.c.number, blocks.c.fingerprint).where(blocks.c.number <= number)
        with self._index.reading() as connection:
            row = connection.execute(query.order_by(blocks.c.number.desc()).limit(1)).one_or_none()
        return (-1, b"") if row is None else (row.number, row.fingerprint)

    def _next_stored(self, number: int) -> int | None:
        query = select(blocks.c.number).where(blocks.c.number > number).order_by(blocks.c.number).limit(1)
        with self._index.reading() as connection:
            found: int | None = connection.execute(query).scalar()
        return found
