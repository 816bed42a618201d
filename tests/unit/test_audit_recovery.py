"""Signatures recovered by the audit: two ways to the same address, in this process and in others."""

from __future__ import annotations

import random

import pytest
from eth_keys import keys
from eth_utils.crypto import keccak

from registry.audit import worker
from registry.audit.recovery import Recoveries, from_bytes, from_compact
from registry.audit.worker import HALF_ORDER, Signed, answer, answered, question, quickly, recover

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def signed(number: int) -> tuple[Signed, str]:
    key = keys.PrivateKey(keccak(text=f"key {number}"))
    digest = keccak(text=f"digest {number}")
    parity, r, s = key.sign_msg_hash(digest).vrs
    return (digest, r, s, parity), "0x" + key.public_key.to_canonical_address().hex()


MANY = [signed(number) for number in range(12)]


def test_both_ways_find_who_signed() -> None:
    for one, address in MANY:
        assert recover(one) == quickly(one) == address


def test_both_ways_say_the_same_of_any_numbers() -> None:
    chance = random.Random(7)
    found = 0
    for _ in range(24):
        s = chance.randrange(1, HALF_ORDER)
        any_one = (chance.randbytes(32), chance.randrange(1, ORDER), s, chance.randrange(2))
        assert quickly(any_one) == recover(any_one)
        found += quickly(any_one) is not None
    assert 0 < found < 24, "about half of all numbers are no point of the curve"


@pytest.mark.parametrize(
    "change",
    [
        {"r": 0},
        {"r": ORDER},
        {"r": 2**256 - 1},
        {"s": 0},
        {"s": HALF_ORDER + 1},
        {"s": ORDER},
        {"parity": 2},
        {"r": 5},  # x = 5 is on no point
    ],
)
def test_what_is_no_signature_is_nobodys(change: dict[str, int]) -> None:
    (digest, r, s, parity), _ = MANY[0]
    values = {"r": r, "s": s, "parity": parity, **change}
    spoilt = (digest, values["r"], values["s"], values["parity"])
    assert quickly(spoilt) is None
    assert recover(spoilt) is None


def test_sums_that_cancel_out_are_nobodys() -> None:
    """With the base point itself for R and s = z the sum is s/r·G - z/r·G: no point at all."""
    r = worker._BASE[0] % ORDER
    digest = (1234).to_bytes(32)
    nothing = (digest, r, 1234, worker._BASE[1] & 1)
    assert quickly(nothing) is None
    assert worker._added((*worker._BASE, 1), worker._BASE) == worker._doubled((*worker._BASE, 1))


def test_forms_of_a_signature() -> None:
    (digest, r, s, parity), _ = MANY[1]
    words = r.to_bytes(32), (s | parity << 255).to_bytes(32)
    assert from_compact(digest, *words) == MANY[1][0]
    whole = r.to_bytes(32) + s.to_bytes(32)
    assert from_bytes(digest, whole + bytes([27 + parity])) == MANY[1][0]
    for wrong in (whole, whole + bytes([parity]), whole + b"\x1d", b"", whole + b"\x1b\x1b"):
        assert from_bytes(digest, wrong) is None


def test_questions_and_answers_are_lines() -> None:
    nobody: Signed = (bytes(32), 0, 1, 0)
    line = answer(question([MANY[0][0], nobody, MANY[1][0]]))
    found, seconds = answered(line)
    assert found == [MANY[0][1], None, MANY[1][1]]
    assert seconds >= 0


@pytest.mark.parametrize("workers", [1, 2])
def test_many_are_recovered_in_order(workers: int) -> None:
    found: list[str | None] = []
    recoveries = Recoveries(workers)
    for one, _ in MANY * 12:
        recoveries.submit(one, found.append)
    recoveries.finish()
    assert found == [address for _, address in MANY] * 12
    assert recoveries.seconds > 0
    recoveries.close()


def test_what_a_process_that_was_killed_does_not_answer_is_recovered_here() -> None:
    found: list[str | None] = []
    recoveries = Recoveries(2)
    for number, (one, _) in enumerate(MANY * 16):
        recoveries.submit(one, found.append)
        if number == 100:
            for process in recoveries._processes:
                process.kill()
                process.wait()
    recoveries.finish()
    assert found == [address for _, address in MANY] * 16
    recoveries.close()
    recoveries.close()
