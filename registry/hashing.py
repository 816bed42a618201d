"""Keccak-256, the hash of Ethereum, as fast as the installed packages give it.

The way over ``eth_utils`` looks at the type of each argument and costs three times as much, which counts where a
register of a million acts is read again.
"""

from __future__ import annotations

from Crypto.Hash import keccak as _pycryptodome


def keccak(data: bytes) -> bytes:
    """The 32-byte hash of these bytes."""
    return _pycryptodome.new(data=data, digest_bits=256).digest()
