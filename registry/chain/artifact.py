"""The compiled contract as it ships in the package."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Artifact:
    """What scripts/compile.py wrote; ``immutables`` are (start, length) in the runtime code, in bytes."""

    abi: list[dict[str, Any]]
    bytecode: str
    runtime: bytes
    immutables: tuple[tuple[int, int], ...]

    def is_code_of(self, code: bytes) -> bool:
        """Whether code found on a chain is this contract, whatever its immutables were set to there."""
        return self._masked(code) == self._masked(self.runtime)

    def _masked(self, code: bytes) -> bytes:
        masked = bytearray(code)
        for start, length in self.immutables:
            masked[start : start + length] = bytes(length)
        return bytes(masked)


@cache
def register_artifact() -> Artifact:
    """The Register that this version of the package deploys and reads."""
    data = json.loads(resources.files("registry").joinpath("artifacts/Register.json").read_text("utf-8"))
    immutables = tuple((start, length) for start, length in data["immutables"])
    runtime = bytes.fromhex(data["deployedBytecode"].removeprefix("0x"))
    return Artifact(data["abi"], data["bytecode"], runtime, immutables)
