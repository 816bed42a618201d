"""The quick hash against the usual one, also from several threads at once."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from eth_utils.crypto import keccak as usual

from registry import hashing
from registry.hashing import keccak


@pytest.mark.parametrize("size", [0, 1, 31, 32, 33, 135, 136, 137, 271, 272, 273, 5000])
def test_hash_is_the_usual_one(size: int) -> None:
    data = random.Random(size).randbytes(size)
    assert keccak(data) == usual(data) == hashing._plain(data)


def test_threads_do_not_mix_up_their_hashes() -> None:
    def many(seed: int) -> bool:
        chance = random.Random(seed)
        return all(
            keccak(data) == usual(data) for data in (chance.randbytes(chance.randrange(400)) for _ in range(400))
        )

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(many, range(8)))


def test_known_hash() -> None:
    assert keccak(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
