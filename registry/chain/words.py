"""Logs of the register taken apart by its ABI: readers made once for each event, as strict as eth_abi.

eth_abi walks a like tree of decoders over a stream, which costs many times as much; and the index reads every event of
a register's life.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from eth_abi.exceptions import DecodingError
from eth_utils.abi import event_abi_to_log_topic
from eth_utils.address import to_checksum_address

from registry.chain.artifact import register_artifact

Values = dict[str, Any]
_Reader = Callable[[bytes, int, int], Any]
"""Reads from data: where the enclosing tuple begins, and where this member's head stands."""

_OfTopic = Callable[[bytes], Any]
_ZERO = bytes(12)
_LONGEST = 2**32


def name_of(topics: Sequence[bytes]) -> str | None:
    """The name of the event that these topics begin, None if the register has none such."""
    found = _readers().get(topics[0]) if topics else None
    return found[0] if found else None


@cache
def topic_of(name: str) -> bytes:
    """The first topic of an event of the register; KeyError if it has none of this name."""
    return {found[0]: topic for topic, found in _readers().items()}[name]


def values_of(topics: Sequence[bytes], data: bytes) -> Values:
    """The members of an event of the register by their names in the ABI, structs as dictionaries.

    DecodingError if topics or data are not what the ABI says.
    """
    name, indexed, others = _readers()[topics[0]]
    if len(topics) != len(indexed) + 1:
        raise DecodingError(f"{name} has {len(indexed) + 1} topics, not {len(topics)}")
    values: Values = {}
    for place, (key, read_topic) in enumerate(indexed, 1):
        values[key] = read_topic(topics[place])
    head = 0
    for key, read in others:
        values[key] = read(data, 0, head)
        head += 32
    return values


@cache
def _readers() -> Mapping[bytes, tuple[str, list[tuple[str, _OfTopic]], list[tuple[str, _Reader]]]]:
    found = {}
    for one in register_artifact().abi:
        if one.get("type") == "event":
            indexed = [(part["name"], _OF_TOPIC[part["type"]]) for part in one["inputs"] if part["indexed"]]
            others = [(part["name"], _reader(part)) for part in one["inputs"] if not part["indexed"]]
            found[bytes(event_abi_to_log_topic(one))] = (one["name"], indexed, others)  # type: ignore[arg-type]
    return found


def _reader(part: Mapping[str, Any]) -> _Reader:
    kind: str = part["type"]
    if kind.endswith("[]"):
        return _array(_reader({**part, "type": kind[:-2]}))
    if kind == "tuple":
        return _struct([(one["name"], _reader(one)) for one in part["components"]])
    if kind.startswith("uint"):
        return _unsigned(int(kind[4:]))
    return _PLAIN[kind]


def _word(data: bytes, base: int, head: int) -> bytes:
    start = base + head
    word = data[start : start + 32]
    if len(word) != 32:
        raise DecodingError("the data ends too soon")
    return word


@lru_cache(maxsize=65_536)
def _checksummed(word: bytes) -> str:
    return to_checksum_address(word[12:])


def _address_in(word: bytes) -> str:
    if word[:12] != _ZERO:
        raise DecodingError("an address has 20 bytes")
    return _checksummed(word)


def _address(data: bytes, base: int, head: int) -> str:
    return _address_in(_word(data, base, head))


def _bool(data: bytes, base: int, head: int) -> bool:
    value = int.from_bytes(_word(data, base, head))
    if value > 1:
        raise DecodingError("a bool is 0 or 1")
    return value == 1


def _unsigned(bits: int) -> _Reader:
    def read(data: bytes, base: int, head: int) -> int:
        start = base + head
        word = data[start : start + 32]
        if len(word) != 32:
            raise DecodingError("the data ends too soon")
        value = int.from_bytes(word)
        if value >> bits:
            raise DecodingError(f"a number has at most {bits} bits")
        return value

    return read


def _length(data: bytes, base: int, head: int) -> tuple[int, int]:
    """Where the tail of a dynamic member begins, and the number of items or bytes it says it has."""
    start = base + _offset(data, base, head)
    length = int.from_bytes(_word(data, start, 0))
    if length > _LONGEST:
        raise DecodingError("the data ends too soon")
    return start + 32, length


def _offset(data: bytes, base: int, head: int) -> int:
    offset = int.from_bytes(_word(data, base, head))
    if offset > _LONGEST:
        raise DecodingError("the data ends too soon")
    return offset


def _string(data: bytes, base: int, head: int) -> str:
    start, length = _length(data, base, head)
    padded = data[start : start + (length + 31) // 32 * 32]
    if len(padded) % 32 or len(padded) < length or any(padded[length:]):
        raise DecodingError("a string is cut short or not padded with zeros")
    # Takes what is no UTF-8 too: else one member could announce such an address, and nobody could read on.
    return padded[:length].decode("utf-8", errors="surrogateescape")


def _array(item: _Reader) -> _Reader:
    """Of items of one word each; the register has no others."""

    def read(data: bytes, base: int, head: int) -> list[Any]:
        start, length = _length(data, base, head)
        if start + 32 * length > len(data):
            raise DecodingError("the data ends too soon")
        if item is _word:
            return [data[one : one + 32] for one in range(start, start + 32 * length, 32)]
        return [item(data, start, 32 * place) for place in range(length)]

    return read


def _struct(members: Sequence[tuple[str, _Reader]]) -> _Reader:
    """A tuple with a dynamic member, as all of the register's are, so that its head holds an offset."""

    placed = [(name, one, 32 * place) for place, (name, one) in enumerate(members)]

    def read(data: bytes, base: int, head: int) -> Values:
        start = base + _offset(data, base, head)
        return {name: one(data, start, at) for name, one, at in placed}

    return read


_OF_TOPIC: dict[str, _OfTopic] = {"bytes32": bytes, "address": _address_in}
_PLAIN: dict[str, _Reader] = {"bytes32": _word, "address": _address, "bool": _bool, "string": _string}
