"""The cursor of a listing: where the next page begins, and the moment that all its pages are asked at.

To whoever holds it, it is a word without meaning. It names the listing and its filters by a digest, so that it is of no
use for another; and the block it was begun at, so that a page says no more of what was recorded since than the first.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from registry.errors import UsageError

LARGEST_PAGE = 1000
_VERSION = 1
_CHECK = 4

Position = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """What a cursor says: the moment asked about, how far the index was, and what the page before ended at.

    ``last_hash`` is the beginning of the hash of the last block with an event, enough to know the chain again.
    """

    valid_on: int
    known_at: int
    block: int
    block_time: int
    last_hash: bytes
    position: Position


def written(listing: str, filters: Mapping[str, object], mark: Mark) -> str:
    """The cursor as a word, for a listing with these filters."""
    values = [mark.valid_on, mark.known_at, mark.block, mark.block_time, mark.last_hash.hex(), list(mark.position)]
    body = json.dumps([_VERSION, _digest(listing, filters), *values], separators=(",", ":")).encode()
    return urlsafe_b64encode(sha256(body).digest()[:_CHECK] + body).decode().rstrip("=")


def read(text: str, listing: str, filters: Mapping[str, object]) -> Mark:
    """What a cursor says; UsageError unless it is a whole one of this listing with these filters."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        body = raw[_CHECK:]
        version, digest, *moments, last_hash, position = json.loads(body)
        whole = sha256(body).digest()[:_CHECK] == raw[:_CHECK] and version == _VERSION
        valid_on, known_at, block, block_time = map(int, moments)
        mark = Mark(valid_on, known_at, block, block_time, bytes.fromhex(last_hash), _position(position))
        if not all(-(2**63) <= one < 2**63 for one in (*moments, *position) if isinstance(one, int)):
            raise ValueError("a number that no database holds")
    except (ValueError, TypeError) as error:
        raise _nothing(text) from error
    if not whole:
        raise _nothing(text)
    if digest != _digest(listing, filters):
        raise UsageError(
            "the cursor belongs to another listing, or to one with other filters",
            hint="ask with the same options as the page before, and --after; or begin again without --after",
        )
    return mark


def checked_limit(limit: int) -> int:
    """The number of rows of a page; UsageError if nobody could want it."""
    if not 1 <= limit <= LARGEST_PAGE:
        raise UsageError(f"a page of {limit} rows cannot be made", hint=f"ask for 1 to {LARGEST_PAGE} (--limit)")
    return limit


def _digest(listing: str, filters: Mapping[str, object]) -> str:
    told = json.dumps([listing, filters], sort_keys=True, separators=(",", ":"))
    return sha256(told.encode()).hexdigest()[:16]


def _position(values: Sequence[int | str]) -> Position:
    if not isinstance(values, list) or not all(isinstance(one, int | str) for one in values):
        raise ValueError("no position")
    return tuple(values)


def _nothing(text: str) -> UsageError:
    shown = text if len(text) <= 20 else text[:20] + "…"
    return UsageError(f"{shown!r} is not a cursor", hint="copy it whole from the end of the page before")
