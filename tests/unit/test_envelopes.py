"""Transactions as bytes are those that eth-account makes."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.keys import KeystoreSigner, envelopes

KEY = Account.from_key(b"\1" * 32)

NUMBERS = st.integers(0, 2**64)
TRANSACTIONS = st.fixed_dictionaries(
    {
        "chainId": st.integers(1, 2**32),
        "nonce": NUMBERS,
        "maxPriorityFeePerGas": NUMBERS,
        "maxFeePerGas": NUMBERS,
        "gas": NUMBERS,
        "value": NUMBERS,
        "to": st.binary(min_size=20, max_size=20).map(lambda one: "0x" + one.hex()),
        "data": st.one_of(st.binary(max_size=80), st.integers(50, 70_000).map(bytes)),
    }
)


@settings(max_examples=30, deadline=None)
@given(TRANSACTIONS)
def test_bytes_are_those_of_the_library(transaction: dict[str, Any]) -> None:
    assert envelopes.fits(transaction)
    expected = KEY.sign_transaction(transaction | {"to": bytes.fromhex(transaction["to"][2:])})
    assert KeystoreSigner(KEY).sign_transaction(transaction) == bytes(expected.raw_transaction)


@pytest.mark.parametrize("change", [{"gas": "0x1"}, {"data": "0x"}, {"accessList": []}, {"nonce": -1}, {"gas": True}])
def test_what_is_unusual_is_left_to_the_library(change: dict[str, object]) -> None:
    usual = {"chainId": 1, "nonce": 0, "maxPriorityFeePerGas": 0, "maxFeePerGas": 0, "gas": 1, "value": 0}
    usual |= {"to": "0x" + 40 * "1", "data": b""}
    assert envelopes.fits(usual)
    assert not envelopes.fits({**usual, **change})
