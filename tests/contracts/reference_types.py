"""What the reference model works with: hashes by eth_account, signatures, events and refusals.

Nothing here comes from the contract or from registry/. Addresses are lower-case hexadecimal, so that they sort as the
contract sorts them; an organisation is its 32 bytes.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from acts import ZERO, Act
from eth_keys.datatypes import Signature as KeySignature
from eth_keys.exceptions import BadSignature, ValidationError
from eth_utils import keccak
from motions import NOBODY, Motion
from reports import Report
from typed_data import digest, signable, types_for

HIGHEST_S = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0

Struct = Act | Motion | Report


class Signature(NamedTuple):
    """The struct of IApprovals: a compact signature, or r = 0 and an address."""

    r: bytes
    vs: bytes


class Founder(NamedTuple):
    """The struct of IMandates."""

    organisation: bytes
    administrator: str
    votes: bool


class Event(NamedTuple):
    """An event with its values by name."""

    name: str
    values: dict[str, Any]


class Refused(Exception):  # noqa: N818 - the contract's word for it
    """What the contract reverts with."""

    def __init__(self, name: str, *values: Any) -> None:
        super().__init__(name, values)
        self.name, self.values = name, values


@cache
def hash_of(struct: Struct) -> bytes:
    """The identity of an act, a motion or a report."""
    return struct.hash


@cache
def type_hash(primary: str) -> bytes:
    """The hash of the type as EIP-712 writes it: the struct, and the one it holds after it."""
    structs = {name: members for name, members in types_for(primary).items() if name != "EIP712Domain"}
    parts = [
        f"{name}({','.join(member['type'] + ' ' + member['name'] for member in members)})"
        for name, members in structs.items()
    ]
    return keccak(text="".join(parts))


@cache
def approval_hash(primary: str, subject: bytes, decision: bytes) -> bytes:
    """The struct hash of an Approval of an act, or a Vote for a motion, that is known by its hash alone."""
    return keccak(type_hash(primary) + subject + decision)


@cache
def domain_hash(register: str, chain_id: int) -> bytes:
    return bytes(signable("Report", Report(ZERO, ZERO, ZERO).message, register, chain_id).header)


def digest_of_hash(struct_hash: bytes, register: str, chain_id: int) -> bytes:
    """What is signed, for one register on one chain."""
    return keccak(b"\x19\x01" + domain_hash(register, chain_id) + struct_hash)


@cache
def digest_to_sign(primary: str, struct: Struct, other: bytes, register: str, chain_id: int) -> bytes:
    """The same from the whole data by eth_account, as a wallet computes it.

    `other` is the decision of an Approval or a Vote, and the organisation of a Confirmation; a Report has none.
    """
    inner = struct.message
    messages = {
        "Approval": {"act": inner, "decision": other},
        "Vote": {"motion": inner, "decision": other},
        "Confirmation": {"report": inner, "organisation": other},
        "Report": inner,
    }
    return digest(signable(primary, messages[primary], register, chain_id))


_signed_here: dict[tuple[bytes, int, int, int], str] = {}


def remember(message: bytes, r: int, s: int, parity: int, signer: str) -> None:
    """Note whose signature this is: recovering it in Python takes ten milliseconds."""
    _signed_here[message, r, s, parity] = signer


def recovered(message: bytes, r: int, s: int, parity: int) -> str | None:
    """Who signed; None if it is no signature, or has the high s that EIP-2 forbids."""
    known = _signed_here.get((message, r, s, parity))
    if known is not None:
        return known
    if parity not in (0, 1) or not 0 < s <= HIGHEST_S:
        return None
    try:
        return str(KeySignature(vrs=(parity, r, s)).recover_public_key_from_msg_hash(message).to_address())
    except (BadSignature, ValidationError):
        return None


__all__ = [
    "NOBODY",
    "ZERO",
    "Act",
    "Event",
    "Founder",
    "Motion",
    "Refused",
    "Report",
    "Signature",
    "Struct",
    "approval_hash",
    "digest_of_hash",
    "digest_to_sign",
    "domain_hash",
    "hash_of",
    "recovered",
    "remember",
    "type_hash",
]
