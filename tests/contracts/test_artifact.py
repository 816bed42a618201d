"""What the package ships is what was tested here."""

from __future__ import annotations

import json
from pathlib import Path

import brownie

ARTIFACT = Path(__file__).resolve().parents[2] / "registry" / "artifacts" / "Register.json"


def without_metadata(code):
    """Runtime code without what brownie cannot leave out: an invalid opcode and a hash of the sources, whose length
    stands in the last two bytes."""
    code = bytes.fromhex(code.removeprefix("0x"))
    return code[: -2 - int.from_bytes(code[-2:], "big")].removesuffix(b"\xfe")


def test_the_package_carries_the_code_that_was_tested():
    shipped = json.loads(ARTIFACT.read_text(encoding="utf-8"))
    tested = without_metadata(brownie.Register._build["deployedBytecode"])

    same = shipped["deployedBytecode"].removeprefix("0x") == tested.hex()
    assert same, "registry/artifacts is not what contracts/ compile to: run scripts/compile.py"
    # Brownie gives the constructor a name.
    assert shipped["abi"] == [
        {k: v for k, v in item.items() if v != "constructor" or k == "type"} for item in brownie.Register.abi
    ]
