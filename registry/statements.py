"""What is signed: acts, motions and reports as EIP-712 typed data, their hashes, and who signed them.

Pure: needs no chain. Sources: EIP-712 (typed data), EIP-2098 (compact signatures), EIP-2 (low s),
``contracts/interfaces`` (the types).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

from eth_abi.abi import encode
from eth_account import Account
from eth_account.messages import SignableMessage
from eth_keys.exceptions import BadSignature

from registry.errors import UsageError
from registry.hashing import keccak
from registry.model import NO_HASH, Act, Motion, Report
from registry.organisations import from_bytes16, to_bytes16

DOMAIN_NAME = "Food Valley Register"
DOMAIN_VERSION = "1"

_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0

_CACHED = 65_536  # organisations and keys come back all the time

_NAMELESS = re.compile("0x[0-9a-f]{32}")

TYPES: dict[str, list[dict[str, str]]] = {
    "EIP712Domain": [
        {"name": "name", "type": "string"},
        {"name": "version", "type": "string"},
        {"name": "chainId", "type": "uint256"},
        {"name": "verifyingContract", "type": "address"},
    ],
    "Approval": [{"name": "act", "type": "Act"}, {"name": "decision", "type": "bytes32"}],
    "Act": [
        {"name": "agreement", "type": "bytes32"},
        {"name": "previous", "type": "bytes32"},
        {"name": "dossier", "type": "bytes32"},
        {"name": "parties", "type": "bytes32[]"},
        {"name": "validFrom", "type": "uint40"},
        {"name": "validUntil", "type": "uint40"},
        {"name": "notice", "type": "uint32"},
        {"name": "deadline", "type": "uint40"},
    ],
    "Vote": [{"name": "motion", "type": "Motion"}, {"name": "decision", "type": "bytes32"}],
    "Motion": [
        {"name": "action", "type": "string"},
        {"name": "organisation", "type": "bytes32"},
        {"name": "administrator", "type": "address"},
        {"name": "successor", "type": "bytes32"},
        {"name": "votes", "type": "bool"},
        {"name": "dossier", "type": "bytes32"},
        {"name": "deadline", "type": "uint40"},
    ],
    "Confirmation": [{"name": "report", "type": "Report"}, {"name": "organisation", "type": "bytes32"}],
    "Report": [
        {"name": "agreement", "type": "bytes32"},
        {"name": "commitment", "type": "bytes32"},
        {"name": "organisation", "type": "bytes32"},
        {"name": "previous", "type": "bytes32"},
        {"name": "progress", "type": "string"},
        {"name": "evidence", "type": "bytes32"},
    ],
}
"""The EIP-712 types, as a wallet wants them."""


def _type_of(name: str) -> str:
    return f"{name}({','.join(member['type'] + ' ' + member['name'] for member in TYPES[name])})"


ACT_TYPEHASH = keccak(_type_of("Act").encode())
APPROVAL_TYPEHASH = keccak((_type_of("Approval") + _type_of("Act")).encode())
MOTION_TYPEHASH = keccak(_type_of("Motion").encode())
VOTE_TYPEHASH = keccak((_type_of("Vote") + _type_of("Motion")).encode())
REPORT_TYPEHASH = keccak(_type_of("Report").encode())
CONFIRMATION_TYPEHASH = keccak((_type_of("Confirmation") + _type_of("Report")).encode())
_DOMAIN_TYPEHASH = keccak(_type_of("EIP712Domain").encode())


@dataclass(frozen=True, slots=True)
class Domain:
    """The one register on the one chain that a signature is for."""

    chain_id: int
    register: str

    @property
    def separator(self) -> bytes:
        """The EIP-712 domain separator."""
        return _separator(self.chain_id, self.register)


@lru_cache(maxsize=64)  # one register, and every signature for it
def _separator(chain_id: int, register: str) -> bytes:
    values = [
        _DOMAIN_TYPEHASH,
        keccak(DOMAIN_NAME.encode()),
        keccak(DOMAIN_VERSION.encode()),
        chain_id,
        register,
    ]
    return keccak(encode(["bytes32", "bytes32", "bytes32", "uint256", "address"], values))


@lru_cache(maxsize=_CACHED)
def organisation_word(identifier: str) -> bytes:
    """An identifier as the 32-byte word that acts and events hold; UsageError if it is malformed.

    Takes the names too that :func:`organisation_of` gives to what is no identifier.
    """
    if _NAMELESS.fullmatch(identifier):
        word = bytes.fromhex(identifier[2:]).ljust(32, b"\0")
        if organisation_of(word) == identifier:
            return word
    return to_bytes16(identifier).ljust(32, b"\0")


@lru_cache(maxsize=_CACHED)
def organisation_of(word: bytes) -> str:
    """The identifier in a word of 16 or 32 bytes from the chain; UsageError if it is 0 or longer than 16 bytes.

    The contract does not look at what an identifier says. A council that admits something else than a TOOI identifier
    must not make the register unreadable for all others, so that is called by its 16 bytes: 0x and 32 digits.
    """
    if any(word[16:]) or not any(word):
        raise UsageError(f"0x{word.hex()} is not an organisation identifier")
    try:
        return from_bytes16(word[:16])
    except UsageError:
        return "0x" + word[:16].hex()


@lru_cache(maxsize=_CACHED // 8)  # an act comes back when it is recorded, and with each that follows it
def hash_act(act: Act) -> bytes:
    """The identity of an act: its EIP-712 struct hash."""
    parties = keccak(b"".join(map(organisation_word, act.parties)))
    words = (ACT_TYPEHASH, act.agreement, act.previous, act.dossier, parties)
    times = (number_word(act.valid_from, 40), number_word(act.valid_until, 40), number_word(act.notice, 32))
    return keccak(b"".join((*words, *times, number_word(act.deadline, 40))))


def number_word(value: int, bits: int) -> bytes:
    """An unsigned number of so many bits as a 32-byte word; UsageError if it has more."""
    try:
        return _PADDING[bits] + value.to_bytes(bits // 8)
    except OverflowError as error:
        raise UsageError(f"{value} does not fit in {bits} bits without a sign") from error


_PADDING = {bits: bytes(32 - bits // 8) for bits in (8, 16, 32, 40, 256)}


def hash_approval(act_hash: bytes, decision: bytes = NO_HASH) -> bytes:
    """The EIP-712 struct hash of an approval: what a signatory of an act signs."""
    return keccak(APPROVAL_TYPEHASH + act_hash + decision)


def hash_motion(motion: Motion) -> bytes:
    """The identity of a motion: its EIP-712 struct hash."""
    words = (MOTION_TYPEHASH, keccak(motion.action.encode()), organisation_word(motion.organisation))
    administrator = encode(["address"], [motion.administrator])
    more = (administrator, successor_word(motion), number_word(int(motion.votes), 8), motion.dossier)
    return keccak(b"".join((*words, *more, number_word(motion.deadline, 40))))


def hash_vote(motion_hash: bytes, decision: bytes = NO_HASH) -> bytes:
    """The EIP-712 struct hash of a vote: what a signatory of a motion signs."""
    return keccak(VOTE_TYPEHASH + motion_hash + decision)


def hash_report(report: Report) -> bytes:
    """The identity of a report, and what its signatory signs: its EIP-712 struct hash."""
    words = [REPORT_TYPEHASH, report.agreement, report.commitment, organisation_word(report.organisation)]
    return keccak(b"".join([*words, report.previous, keccak(report.stage.encode()), report.evidence]))


def hash_confirmation(report_hash: bytes, organisation: str) -> bytes:
    """The EIP-712 struct hash of a confirmation by an organisation: what its signatory signs."""
    return keccak(CONFIRMATION_TYPEHASH + report_hash + organisation_word(organisation))


def commitment_id(agreement: bytes, label: str) -> bytes:
    """What a commitment is called on chain: SHA-256 of the agreement's 32 bytes and its id in the manifest ("T1")."""
    return sha256(agreement + label.encode()).digest()


def successor_word(motion: Motion) -> bytes:
    """The successor that a motion names as the contract holds it; 0 if it names none."""
    return organisation_word(motion.successor) if motion.successor else NO_HASH


def signing_digest(domain: Domain, struct_hash: bytes) -> bytes:
    """The 32 bytes that a key signs for a struct of this hash, for one register on one chain."""
    return keccak(b"\x19\x01" + domain.separator + struct_hash)


def approval_data(domain: Domain, act: Act, decision: bytes = NO_HASH) -> dict[str, Any]:
    """An approval of an act as EIP-712 JSON, ready for any wallet (``eth_signTypedData_v4``)."""
    message = {
        "agreement": _hex(act.agreement),
        "previous": _hex(act.previous),
        "dossier": _hex(act.dossier),
        "parties": [_hex(organisation_word(party)) for party in act.parties],
        "validFrom": act.valid_from,
        "validUntil": act.valid_until,
        "notice": act.notice,
        "deadline": act.deadline,
    }
    return _typed_data(domain, ("Approval", "Act"), {"act": message, "decision": _hex(decision)})


def vote_data(domain: Domain, motion: Motion, decision: bytes = NO_HASH) -> dict[str, Any]:
    """A vote for a motion as EIP-712 JSON."""
    message = {
        "action": motion.action.value,
        "organisation": _hex(organisation_word(motion.organisation)),
        "administrator": motion.administrator,
        "successor": _hex(successor_word(motion)),
        "votes": motion.votes,
        "dossier": _hex(motion.dossier),
        "deadline": motion.deadline,
    }
    return _typed_data(domain, ("Vote", "Motion"), {"motion": message, "decision": _hex(decision)})


def report_data(domain: Domain, report: Report) -> dict[str, Any]:
    """A report as EIP-712 JSON."""
    return _typed_data(domain, ("Report",), _report_message(report))


def confirmation_data(domain: Domain, report: Report, organisation: str) -> dict[str, Any]:
    """A confirmation of a report as EIP-712 JSON."""
    message = {"report": _report_message(report), "organisation": _hex(organisation_word(organisation))}
    return _typed_data(domain, ("Confirmation", "Report"), message)


def compact(signature: bytes) -> tuple[bytes, bytes]:
    """A 65-byte signature (r, s, v) as the two words of EIP-2098; UsageError if it is not one, or has a high s."""
    if len(signature) != 65 or signature[64] not in (0, 1, 27, 28):
        raise UsageError("not a signature: expected 65 bytes, r, s and v, with v 27 or 28")
    s = int.from_bytes(signature[32:64])
    if s > _HALF_ORDER:
        raise UsageError("the signature has a high s, which EIP-2 forbids", hint="sign again with another wallet")
    parity = signature[64] % 27
    return signature[:32], (s | parity << 255).to_bytes(32)


def signatory_of(signature: bytes, domain: Domain, struct_hash: bytes) -> str | None:
    """The address that signed a struct of this hash with these 65 bytes; None if nobody can have."""
    try:
        compact(signature)
        message = SignableMessage(b"\x01", domain.separator, struct_hash)
        return str(Account.recover_message(message, signature=signature))
    except (UsageError, BadSignature, ValueError):
        return None


def _typed_data(domain: Domain, types: tuple[str, ...], message: dict[str, Any]) -> dict[str, Any]:
    return {
        "types": {name: TYPES[name] for name in ("EIP712Domain", *types)},
        "primaryType": types[0],
        "domain": {
            "name": DOMAIN_NAME,
            "version": DOMAIN_VERSION,
            "chainId": domain.chain_id,
            "verifyingContract": domain.register,
        },
        "message": message,
    }


def _report_message(report: Report) -> dict[str, Any]:
    return {
        "agreement": _hex(report.agreement),
        "commitment": _hex(report.commitment),
        "organisation": _hex(organisation_word(report.organisation)),
        "previous": _hex(report.previous),
        "progress": report.stage.value,
        "evidence": _hex(report.evidence),
    }


def _hex(value: bytes) -> str:
    return "0x" + value.hex()
