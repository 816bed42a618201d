"""Calls of the register as bytes are those of eth_abi, for every function and whatever its arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.abi import collapse_if_tuple
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.chain.artifact import register_artifact
from registry.chain.laying import calldata
from registry.errors import UsageError

FUNCTIONS = [one for one in register_artifact().abi if one["type"] == "function"]
PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "bytes32": st.binary(min_size=32, max_size=32),
    "address": st.binary(min_size=20, max_size=20).map(lambda one: "0x" + one.hex()),
    "bool": st.booleans(),
    "string": st.text(max_size=70),
    "bytes": st.binary(max_size=70),
}


def values(part: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    kind = part["type"]
    if kind.endswith("[]"):
        return st.lists(values({**part, "type": kind[:-2]}), max_size=3)
    if kind == "tuple":
        return st.tuples(*map(values, part["components"]))
    return st.integers(0, 2 ** int(kind[4:]) - 1) if kind.startswith("uint") else PLAIN[kind]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_bytes_are_those_of_the_library(data: st.DataObject) -> None:
    one = data.draw(st.sampled_from(FUNCTIONS))
    arguments = data.draw(st.tuples(*map(values, one["inputs"])))
    types = [collapse_if_tuple(part) for part in one["inputs"]]
    selector = keccak(text=f"{one['name']}({','.join(types)})")[:4]
    assert calldata(one["name"], arguments) == selector + encode(types, arguments)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("approve", [b"\1" * 31, bytes(32)]),
        ("approve", [bytes(32)]),
        ("mandateOf", ["0x12"]),
        ("isInForce", [bytes(32), [], 2**40]),
        ("isInForce", [bytes(32), [], -1]),
    ],
)
def test_what_does_not_fit_its_type_is_an_error(function: str, arguments: list[Any]) -> None:
    with pytest.raises(UsageError, match=function):
        calldata(function, arguments)
