"""Transactions of type 2 (EIP-1559, in the envelope of EIP-2718) as bytes: what is signed, and what is sent.

eth-account makes the same ones, by way of checks and conversions that take longer than the signature itself; and it
computes the public key anew each time. Whoever signs a thousand in a row notices.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TYPE = b"\x02"
_FIELDS = ("chainId", "nonce", "maxPriorityFeePerGas", "maxFeePerGas", "gas")
_ALL = {*_FIELDS, "to", "value", "data"}


def fits(transaction: Mapping[str, Any]) -> bool:
    """Whether this is one that can be made here: every field there, numbers as numbers, data as bytes, no others."""
    numbers = (*_FIELDS, "value")
    return (
        transaction.keys() == _ALL
        and all(type(transaction[name]) is int and transaction[name] >= 0 for name in numbers)
        and isinstance(transaction["data"], bytes)
        and isinstance(transaction["to"], str)
    )


def unsigned(transaction: Mapping[str, Any]) -> bytes:
    """What is hashed and signed."""
    return _TYPE + _list(_items(transaction))


def signed(transaction: Mapping[str, Any], v: int, r: int, s: int) -> bytes:
    """What is sent, with its signature; ``v`` is 0 or 1."""
    return _TYPE + _list([*_items(transaction), _number(v), _number(r), _number(s)])


def _items(transaction: Mapping[str, Any]) -> list[bytes]:
    numbers = [_number(transaction[name]) for name in _FIELDS]
    to = _text(bytes.fromhex(transaction["to"].removeprefix("0x")))
    return [*numbers, to, _number(transaction["value"]), _text(transaction["data"]), _list([])]


def _number(value: int) -> bytes:
    return _text(value.to_bytes((value.bit_length() + 7) // 8))


def _text(value: bytes) -> bytes:
    if len(value) == 1 and value[0] < 0x80:
        return value
    return _head(len(value), 0x80) + value


def _list(items: list[bytes]) -> bytes:
    body = b"".join(items)
    return _head(len(body), 0xC0) + body


def _head(length: int, base: int) -> bytes:
    """The head of recursive length prefix encoding (Ethereum yellow paper, appendix B)."""
    if length < 56:
        return bytes([base + length])
    size = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes([base + 55 + len(size)]) + size
