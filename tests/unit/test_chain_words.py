"""The readers of logs against eth_abi, which they take the place of: the same values, the same refusals."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest
from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import collapse_if_tuple, event_abi_to_log_topic
from eth_utils.address import to_checksum_address

from registry.chain.artifact import register_artifact
from registry.chain.words import name_of, values_of

EVENTS = [one for one in register_artifact().abi if one["type"] == "event"]


def anything(part: Mapping[str, Any], chance: random.Random) -> Any:
    kind = part["type"]
    if kind.endswith("[]"):
        return [anything({**part, "type": kind[:-2]}, chance) for _ in range(chance.randrange(5))]
    if kind == "tuple":
        return tuple(anything(one, chance) for one in part["components"])
    if kind.startswith("uint"):
        return chance.getrandbits(int(kind[4:]))
    values: dict[str, Any] = {
        "bytes32": chance.randbytes(32),
        "address": to_checksum_address(chance.randbytes(20)),
        "bool": chance.random() < 0.5,
        "string": "café" * chance.randrange(20),
    }
    return values[kind]


def plain(part: Mapping[str, Any], value: Any) -> Any:
    if part["type"] == "tuple":
        return {one["name"]: plain(one, item) for one, item in zip(part["components"], value, strict=True)}
    return list(value) if part["type"].endswith("[]") else value


def sent(event: Mapping[str, Any], chance: random.Random) -> tuple[list[bytes], bytes, dict[str, Any]]:
    """Topics and data as the contract would emit them, and the values in them."""
    parts = [(part, anything(part, chance)) for part in event["inputs"]]
    topics = [bytes(event_abi_to_log_topic(event))]  # type: ignore[arg-type]
    topics += [encode([part["type"]], [value]) for part, value in parts if part["indexed"]]
    others = [(collapse_if_tuple(part), value) for part, value in parts if not part["indexed"]]
    data = encode([kind for kind, _ in others], [value for _, value in others])
    return topics, data, {part["name"]: plain(part, value) for part, value in parts}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event["name"])
def test_every_event_is_read_as_it_was_encoded(event: Mapping[str, Any]) -> None:
    chance = random.Random(event["name"])
    for _ in range(30):
        topics, data, values = sent(event, chance)
        assert values_of(topics, data) == values
        assert name_of(topics) == event["name"]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event["name"])
def test_garbled_data_are_refused_where_eth_abi_refuses_them(event: Mapping[str, Any]) -> None:
    chance = random.Random(event["name"])
    others = [part for part in event["inputs"] if not part["indexed"]]
    kinds = [collapse_if_tuple(part) for part in others]
    refused = 0
    for _ in range(300):
        topics, data, _ = sent(event, chance)
        spoilt = bytearray(data[: chance.randrange(len(data) + 1)] if chance.random() < 0.4 else data)
        for _ in range(chance.randrange(3) if spoilt else 0):
            spoilt[chance.randrange(len(spoilt))] = chance.choice((0, 1, 32, 255, chance.randrange(256)))
        try:
            expected = decode(kinds, bytes(spoilt))
        except (DecodingError, UnicodeDecodeError, OverflowError) as error:
            if isinstance(error, UnicodeDecodeError):
                continue  # we take such a text, on purpose
            refused += 1
            with pytest.raises(DecodingError):
                values_of(topics, bytes(spoilt))
            continue
        found = values_of(topics, bytes(spoilt))
        for part, value in zip(others, expected, strict=True):
            told = found[part["name"]]
            normal = str(told).lower() if part["type"] == "address" else told
            assert normal == (str(value).lower() if part["type"] == "address" else _lowered(part, value))
    assert refused or not others


def _lowered(part: Mapping[str, Any], value: Any) -> Any:
    """What eth_abi gives, with addresses written as ours are: it writes them in small letters."""
    if part["type"] == "address[]":
        return [to_checksum_address(one) for one in value]
    if part["type"] == "tuple":
        return {
            one["name"]: to_checksum_address(item) if one["type"] == "address" else plain(one, item)
            for one, item in zip(part["components"], value, strict=True)
        }
    return plain(part, value)


def test_wrong_number_of_topics_is_refused() -> None:
    topics, data, _ = sent(EVENTS[0], random.Random(1))
    with pytest.raises(DecodingError, match="topics"):
        values_of([*topics, topics[-1]], data)
    with pytest.raises(DecodingError, match="topics"):
        values_of(topics[:-1], data)


def test_what_is_no_event_of_the_register_is_not_known() -> None:
    assert name_of([]) is None
    assert name_of([b"\1" * 32]) is None
