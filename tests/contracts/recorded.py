"""What a transaction left behind, in plain values that compare with ==."""

from __future__ import annotations

from typing import Any

from acts import Act
from brownie.convert.datatypes import EthAddress, HexString
from motions import Motion
from reports import Report

STRUCTS: dict[str, Any] = {"act": Act, "motion": Motion, "report": Report}


def plain(value: Any) -> Any:
    if isinstance(value, HexString):
        return bytes(value)
    if isinstance(value, EthAddress):
        return str(value)
    if isinstance(value, list | tuple):
        return tuple(plain(member) for member in value)
    return value


def events(tx: Any) -> list[tuple[str, dict[str, Any]]]:
    """All events of a transaction, in order, with all their values."""
    found = [(event.name, {name: plain(value) for name, value in event.items()}) for event in tx.events]
    for _name, values in found:
        for name in STRUCTS.keys() & values.keys():
            values[name] = STRUCTS[name](*values[name])
    return found
