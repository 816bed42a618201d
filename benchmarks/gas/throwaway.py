"""Thousands of keys and signatures in a second, for one run on a chain that ends with it.

Fit for nothing else: the keys are consecutive numbers, and all signatures share one nonce, which gives every key away.
That is what makes them cheap: an addition on the curve per key and a multiplication per signature, where a proper
library in pure Python takes milliseconds for each. The contract checks them as it checks any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

# secp256k1 (SEC 2, section 2.4.1)
_FIELD = 2**256 - 2**32 - 977
_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_BASE = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)
_NONCE = int.from_bytes(keccak(text="one nonce for all"))
_INVERSE = pow(_NONCE, -1, _ORDER)
_FIRST = int.from_bytes(keccak(text="the first key")) % _ORDER

_Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ThrowawayKey:
    """A key that everybody can compute."""

    number: int
    address: ChecksumAddress

    def sign(self, digest: bytes) -> tuple[bytes, bytes]:
        """A signature in the two words of EIP-2098, with a low s."""
        r = _R[0] % _ORDER
        s = _INVERSE * (int.from_bytes(digest) + r * self.number) % _ORDER
        parity = _R[1] & 1
        if s > _ORDER // 2:
            s, parity = _ORDER - s, parity ^ 1
        return r.to_bytes(32), (s | parity << 255).to_bytes(32)


def throwaway_keys() -> Iterator[ThrowawayKey]:
    """Keys without end, always the same ones."""
    number, point = _FIRST, _multiplied(_FIRST)
    while True:
        encoded = point[0].to_bytes(32) + point[1].to_bytes(32)
        yield ThrowawayKey(number, to_checksum_address(keccak(encoded)[12:]))
        number, point = number + 1, _added(point, _BASE)


def _added(a: _Point, b: _Point) -> _Point:
    """The sum of two points that are not each other's opposite; neither is the point at infinity."""
    if a == b:
        slope = 3 * a[0] * a[0] * pow(2 * a[1], -1, _FIELD) % _FIELD
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, _FIELD) % _FIELD
    x = (slope * slope - a[0] - b[0]) % _FIELD
    return x, (slope * (a[0] - x) - a[1]) % _FIELD


def _multiplied(factor: int) -> _Point:
    """The base point, so many times."""
    total: _Point | None = None
    doubled = _BASE
    while factor:
        if factor & 1:
            total = doubled if total is None else _added(total, doubled)
        doubled = _added(doubled, doubled)
        factor >>= 1
    assert total is not None
    return total


_R = _multiplied(_NONCE)
