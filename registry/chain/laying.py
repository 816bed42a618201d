"""Calls of the register laid out as bytes by its ABI: writers made once for each function.

The counterpart of :mod:`registry.chain.words`. eth_abi finds out anew for each value how its type is written, which
takes longer than everything else that is done to an act on its way to the chain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from eth_utils.abi import collapse_if_tuple

from registry.chain.artifact import register_artifact
from registry.errors import UsageError
from registry.hashing import keccak

_Writer = tuple[bool, Callable[[Any], bytes]]
"""Whether the type is dynamic, so that its place holds an offset only; and what writes a value."""


def calldata(function: str, arguments: Sequence[Any]) -> bytes:
    """A call of a function of the register as the chain takes it; UsageError for a value that does not fit its type."""
    selector, (_, write) = _functions()[function]
    try:
        return selector + write(arguments)
    except (OverflowError, ValueError) as error:
        raise UsageError(f"{function}: {error}") from error


@cache
def _functions() -> Mapping[str, tuple[bytes, _Writer]]:
    found = {}
    for one in register_artifact().abi:
        if one["type"] == "function":
            signature = f"{one['name']}({','.join(collapse_if_tuple(part) for part in one['inputs'])})"
            found[one["name"]] = (keccak(signature.encode())[:4], _tuple([_writer(part) for part in one["inputs"]]))
    return found


def _writer(part: Mapping[str, Any]) -> _Writer:
    kind: str = part["type"]
    if kind.endswith("[]"):
        return _array(_writer({**part, "type": kind[:-2]}))
    if kind == "tuple":
        return _tuple([_writer(one) for one in part["components"]])
    if kind.startswith("uint"):
        return False, _number(int(kind[4:]))
    return _PLAIN[kind]


def _number(bits: int) -> Callable[[int], bytes]:
    size, padding = bits // 8, bytes(32 - bits // 8)

    def write(value: int) -> bytes:
        return padding + value.to_bytes(size)

    return write


def _word(value: bytes) -> bytes:
    if len(value) != 32:
        raise ValueError(f"{len(value)} bytes instead of 32")
    return value


def _address(value: str) -> bytes:
    word = bytes.fromhex(value.removeprefix("0x"))
    if len(word) != 20:
        raise ValueError("an address has 20 bytes")
    return bytes(12) + word


def _bytes(value: bytes) -> bytes:
    return len(value).to_bytes(32) + value + bytes(-len(value) % 32)


def _tuple(members: Sequence[_Writer]) -> _Writer:
    dynamic = any(one for one, _ in members)
    if not dynamic:
        return False, lambda values: b"".join([write(one) for (_, write), one in zip(members, values, strict=True)])
    return True, lambda values: _laid(members, values)


def _array(item: _Writer) -> _Writer:
    if not item[0]:
        return True, lambda values: len(values).to_bytes(32) + b"".join(map(item[1], values))
    return True, lambda values: len(values).to_bytes(32) + _laid([item] * len(values), values)


def _laid(members: Sequence[_Writer], values: Sequence[Any]) -> bytes:
    """Heads, and after them the tails to which the offsets of dynamic members point."""
    parts = [(dynamic, write(value)) for (dynamic, write), value in zip(members, values, strict=True)]
    offset = sum(32 if dynamic else len(part) for dynamic, part in parts)
    heads, tails = [], []
    for dynamic, part in parts:
        if dynamic:
            heads.append(offset.to_bytes(32))
            tails.append(part)
            offset += len(part)
        else:
            heads.append(part)
    return b"".join([*heads, *tails])


_PLAIN: Mapping[str, _Writer] = {
    "bytes32": (False, _word),
    "address": (False, _address),
    "bool": (False, lambda value: int(bool(value)).to_bytes(32)),
    "bytes": (True, _bytes),
    "string": (True, lambda value: _bytes(value.encode())),
}
