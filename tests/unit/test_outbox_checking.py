"""Whose signature it is, by the quick ways and by the library; and what replaces a transaction that waits."""

from __future__ import annotations

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.chain.raw import Refusal
from registry.chain.transacting import Taken, Tip, _taken
from registry.model import Act, Approval
from registry.outbox.checking import own, with_usual_v
from registry.outbox.records import Try
from registry.outbox.signing import Fees
from registry.statements import Domain, approval_data, hash_act, hash_approval

KEY, OTHER = Account.from_key(b"\1" * 32), Account.from_key(b"\2" * 32)
DOMAIN = Domain(1337, "0x" + 40 * "1")
ACT = Act(dossier=b"\1" * 32, parties=("gm0203", "gm0345"), valid_from=1)
SIGNED = bytes(KEY.sign_typed_data(full_message=approval_data(DOMAIN, ACT)).signature)
STRUCT = hash_approval(hash_act(ACT))


def test_own_signature_is_known_with_any_usual_v() -> None:
    low = SIGNED[:64] + bytes([SIGNED[64] - 27])
    for signature in (SIGNED, low):
        assert own(Approval(KEY.address, signature=signature), DOMAIN, STRUCT)
    assert with_usual_v(Approval(KEY.address, signature=low)).signature == SIGNED


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 64), st.integers(1, 255))
def test_no_other_signature_is_taken_for_it(place: int, change: int) -> None:
    spoiled = bytearray(SIGNED)
    spoiled[place] ^= change
    if bytes(spoiled[:64]) == SIGNED[:64] and spoiled[64] % 27 == SIGNED[64] % 27 and spoiled[64] < 29:
        return
    assert not own(Approval(KEY.address, signature=bytes(spoiled)), DOMAIN, STRUCT)


@pytest.mark.parametrize("signature", [b"", b"\1" * 64, bytes(65), b"\xff" * 65, SIGNED[:32] + b"\xff" * 32 + b"\x1b"])
def test_what_is_no_signature_is_nobodys(signature: bytes) -> None:
    assert not own(Approval(KEY.address, signature=signature), DOMAIN, STRUCT)


def test_signature_of_another_for_another_decision_and_register_is_not_own() -> None:
    assert not own(Approval(OTHER.address, signature=SIGNED), DOMAIN, STRUCT)
    assert not own(Approval(KEY.address, signature=SIGNED), DOMAIN, hash_approval(hash_act(ACT), b"\7" * 32))
    assert not own(Approval(KEY.address, signature=SIGNED), Domain(1, DOMAIN.register), STRUCT)


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("already known", Taken.POOL),
        ("Known transaction", Taken.POOL),
        ("transaction already imported", Taken.POOL),
        ("Unknown transaction type", Taken.NOT),
        ("nonce too low: next nonce 7, tx nonce 6", Taken.NONCE_USED),
        ("the tx doesn't have the correct nonce. account has nonce of: 7 tx has nonce of: 6", Taken.NONCE_USED),
        ("replacement transaction underpriced", Taken.TOO_CHEAP),
        ("Gas price below configured minimum gas price", Taken.TOO_CHEAP),
        ("max fee per gas less than block base fee", Taken.TOO_CHEAP),
        ("Upfront cost exceeds account balance", Taken.NO_FUNDS),
        ("intrinsic gas too low", Taken.NOT),
    ],
)
def test_what_nodes_say_of_a_transaction_is_understood(said: str, taken: Taken) -> None:
    assert _taken(Refusal(said, {})) == (taken, said)


@pytest.mark.parametrize(("base", "priority"), [(0, 0), (7, 1), (10**9, 10**9), (50 * 10**9, 10**9)])
def test_replacement_offers_an_eighth_more_at_least_and_not_without_end(base: int, priority: int) -> None:
    tip = Tip(1, bytes(32), 1, base, 30_000_000, priority, 0)
    fees: Fees | None = Fees.usual(tip)
    for _ in range(200):
        assert fees is not None
        before = Try(bytes(32), b"", fees.max_fee, fees.priority_fee, 0.0)
        fees = Fees.above(before, tip)
        if fees is None:
            assert before.max_fee <= 50 * max(2 * base + priority, 10**9)
            return
        assert fees.max_fee * 8 > before.max_fee * 9
        assert fees.priority_fee * 8 > before.priority_fee * 9 or not priority
        assert fees.max_fee >= fees.priority_fee
    pytest.fail("there is no end to it")
