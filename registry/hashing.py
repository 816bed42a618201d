"""Keccak-256, the hash of Ethereum, as fast as the installed packages give it.

``eth_utils`` looks at each argument first, and pycryptodome makes a new state for each hash; where a register of a
million acts is read again both count. So each thread keeps one state of pycryptodome's own routines, and sets it back.
"""

from __future__ import annotations

import threading
from ctypes import PyDLL, c_char_p, c_size_t, create_string_buffer
from typing import Any

from Crypto.Hash import keccak as _pycryptodome

_BYTES = 32
_PADDING = 0x01  # of Keccak as it was submitted, not of SHA-3


def _plain(data: bytes) -> bytes:
    return _pycryptodome.new(data=data, digest_bits=8 * _BYTES).digest()


class _State(threading.local):
    """One state of the routines for each thread, made when the thread first hashes."""

    def __init__(self) -> None:
        made: Any = _pycryptodome.new(digest_bits=8 * _BYTES)
        self.kept = made
        self.pointer = made._state.get()
        self.out = create_string_buffer(_BYTES)


def _reusing(data: bytes) -> bytes:
    state = _local
    pointer = state.pointer
    failed = _reset(pointer) or _absorb(pointer, c_char_p(data), c_size_t(len(data)))
    if failed or _digest(pointer, state.out, _LENGTH, _PADDING):
        raise ValueError("the hash could not be computed")
    return state.out.raw


def _works() -> bool:
    """Whether this version of pycryptodome has the routines as they are used here."""
    try:
        return all(_reusing(data) == _plain(data) for data in (b"", b"Food Valley", b"\0" * 500, b""))
    except (AttributeError, TypeError, ValueError, OSError):
        return False


def _without_handing_over(library: Any) -> Any:
    """The same routines, called without letting other threads in: a switch takes longer than a hash."""
    name = getattr(library, "_name", None)
    return PyDLL(name) if isinstance(name, str) else None


_LENGTH = c_size_t(_BYTES)
_local = _State()
_routines: Any = _without_handing_over(getattr(_pycryptodome, "_raw_keccak_lib", None))
_reset: Any = getattr(_routines, "keccak_reset", None)
_absorb: Any = getattr(_routines, "keccak_absorb", None)
_digest: Any = getattr(_routines, "keccak_digest", None)

_keccak = _reusing if _works() else _plain


def keccak(data: bytes) -> bytes:
    """The 32-byte hash of these bytes."""
    return _keccak(data)
