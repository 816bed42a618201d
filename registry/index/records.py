"""What goes into the index and what it says of itself: plain frozen values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from registry.model import Event


@dataclass(frozen=True, slots=True)
class Identity:
    """The one register that an index is of; ``register`` is its checksummed address."""

    chain_id: int
    register: str
    deployed_block: int


@dataclass(frozen=True, slots=True)
class Header:
    """What the index keeps of a block: its number, hash (32 bytes) and time (unix seconds)."""

    number: int
    hash: bytes
    time: int


@dataclass(frozen=True, slots=True)
class AsOf:
    """How far an index is: every event up to and including ``block`` is in; ``fingerprint`` is the register's there."""

    block: int
    block_hash: bytes
    block_time: int
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """The events of the blocks that follow what is in the index, all of them, in order.

    ``headers`` are those of every block with an event, in any order; ``as_of`` is where the batch ends.
    """

    events: Sequence[Event]
    headers: Sequence[Header]
    as_of: AsOf


class Told(NamedTuple):
    """An event, and what follows from it alone: its members as text, and what is folded of it into the fingerprint."""

    event: Event
    text: str
    digest: bytes | None
