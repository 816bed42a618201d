"""What is signed and what is hashed: the model as EIP-712 typed data, and the fingerprint over events.

Pure: needs no chain. Sources: EIP-712 (typed data), EIP-2098 (compact signatures), EIP-2 (low s),
``contracts/interfaces`` (the types, and what each event adds to the fingerprint).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode
from eth_account import Account
from eth_account.messages import SignableMessage
from eth_keys.exceptions import BadSignature
from eth_utils.address import to_canonical_address
from eth_utils.crypto import keccak

from registry import model
from registry.errors import UsageError
from registry.model import NO_HASH, Act, Event
from registry.organisations import from_bytes16, to_bytes16

DOMAIN_NAME = "Food Valley Register"
DOMAIN_VERSION = "1"

_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0

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
}
"""The EIP-712 types, as a wallet wants them."""


def _type_of(name: str) -> str:
    return f"{name}({','.join(member['type'] + ' ' + member['name'] for member in TYPES[name])})"


ACT_TYPEHASH = keccak(text=_type_of("Act"))
APPROVAL_TYPEHASH = keccak(text=_type_of("Approval") + _type_of("Act"))
_DOMAIN_TYPEHASH = keccak(text=_type_of("EIP712Domain"))


@dataclass(frozen=True, slots=True)
class Domain:
    """The one register on the one chain that a signature is for."""

    chain_id: int
    register: str

    @property
    def separator(self) -> bytes:
        """The EIP-712 domain separator."""
        values = [
            _DOMAIN_TYPEHASH,
            keccak(text=DOMAIN_NAME),
            keccak(text=DOMAIN_VERSION),
            self.chain_id,
            self.register,
        ]
        return keccak(encode(["bytes32", "bytes32", "bytes32", "uint256", "address"], values))


def organisation_word(identifier: str) -> bytes:
    """An identifier as the 32-byte word that acts and events hold; UsageError if it is malformed."""
    return to_bytes16(identifier).ljust(32, b"\0")


def organisation_of(word: bytes) -> str:
    """The identifier in a word of 16 or 32 bytes from the chain; UsageError if it holds anything else."""
    if any(word[16:]):
        raise UsageError(f"0x{word.hex()} is not an organisation identifier")
    return from_bytes16(word[:16])


def hash_act(act: Act) -> bytes:
    """The identity of an act: its EIP-712 struct hash."""
    parties = keccak(b"".join(map(organisation_word, act.parties)))
    types = ["bytes32"] * 5 + ["uint40", "uint40", "uint32", "uint40"]
    values = [ACT_TYPEHASH, act.agreement, act.previous, act.dossier, parties]
    return keccak(encode(types, [*values, act.valid_from, act.valid_until, act.notice, act.deadline]))


def hash_approval(act_hash: bytes, decision: bytes = NO_HASH) -> bytes:
    """The EIP-712 struct hash of an approval."""
    return keccak(APPROVAL_TYPEHASH + act_hash + decision)


def approval_digest(domain: Domain, act_hash: bytes, decision: bytes = NO_HASH) -> bytes:
    """The 32 bytes that a signatory signs."""
    return keccak(b"\x19\x01" + domain.separator + hash_approval(act_hash, decision))


def signable_approval(domain: Domain, act_hash: bytes, decision: bytes = NO_HASH) -> SignableMessage:
    """The same as eth-account takes it."""
    return SignableMessage(b"\x01", domain.separator, hash_approval(act_hash, decision))


def typed_data(domain: Domain, act: Act, decision: bytes = NO_HASH) -> dict[str, Any]:
    """The approval as EIP-712 JSON, ready for any wallet (``eth_signTypedData_v4``)."""
    return {
        "types": TYPES,
        "primaryType": "Approval",
        "domain": {
            "name": DOMAIN_NAME,
            "version": DOMAIN_VERSION,
            "chainId": domain.chain_id,
            "verifyingContract": domain.register,
        },
        "message": {
            "act": {
                "agreement": _hex(act.agreement),
                "previous": _hex(act.previous),
                "dossier": _hex(act.dossier),
                "parties": [_hex(organisation_word(party)) for party in act.parties],
                "validFrom": act.valid_from,
                "validUntil": act.valid_until,
                "notice": act.notice,
                "deadline": act.deadline,
            },
            "decision": _hex(decision),
        },
    }


def compact(signature: bytes) -> tuple[bytes, bytes]:
    """A 65-byte signature (r, s, v) as the two words of EIP-2098; UsageError if it is not one, or has a high s."""
    if len(signature) != 65 or signature[64] not in (0, 1, 27, 28):
        raise UsageError("not a signature: expected 65 bytes, r, s and v, with v 27 or 28")
    s = int.from_bytes(signature[32:64])
    if s > _HALF_ORDER:
        raise UsageError("the signature has a high s, which EIP-2 forbids", hint="sign again with another wallet")
    parity = signature[64] % 27
    return signature[:32], (s | parity << 255).to_bytes(32)


def signatory_of(signature: bytes, domain: Domain, act_hash: bytes, decision: bytes = NO_HASH) -> str | None:
    """The address that signed this approval with these 65 bytes; None if nobody can have."""
    try:
        compact(signature)
        return str(Account.recover_message(signable_approval(domain, act_hash, decision), signature=signature))
    except (UsageError, BadSignature, ValueError):
        return None


def fold(fingerprint: bytes, event: Event) -> bytes:
    """The fingerprint after an event; unchanged by Proposed and Approved, which record nothing yet.

    Source: ``ICouncil.fingerprint`` and the ``Folded as`` of each event.
    """
    recorded = _folded_as(event)
    return fingerprint if recorded is None else keccak(fingerprint + keccak(recorded))


def fingerprint_of(events: Iterable[Event]) -> bytes:
    """The fingerprint of a register after these events, which must be all of them, in order."""
    fingerprint = NO_HASH
    for event in events:
        fingerprint = fold(fingerprint, event)
    return fingerprint


def _folded_as(event: Event) -> bytes | None:
    fields = _FIELDS.get(type(event))
    if fields is None:
        return None
    signature, types, values = fields
    head: list[object] = [keccak(text=signature), event.place.timestamp]
    return encode(["bytes32", "uint256", *types], [*head, *values(event)])


def _words(items: Sequence[bytes]) -> bytes:
    return keccak(b"".join(item.rjust(32, b"\0") for item in items))


def _admitted(event: Any) -> list[object]:
    member: model.Member = event.member
    return [organisation_word(member.organisation), member.administrator, member.votes]


def _appointed(event: Any) -> list[object]:
    mandate: model.Mandate = event.mandate
    times = [mandate.valid_from, mandate.valid_until, mandate.together]
    return [organisation_word(mandate.organisation), mandate.signatory, *times, mandate.decision]


def _dismissed(event: Any) -> list[object]:
    return [organisation_word(event.organisation), event.signatory, event.decision]


def _recorded(event: Any) -> list[object]:
    signatories = _words([to_canonical_address(one) for one in event.signatories])
    return [event.agreement, event.act_hash, signatories, _words(event.decisions)]


def _declined(event: Any) -> list[object]:
    return [event.act_hash, organisation_word(event.organisation), event.signatory, event.reason]


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


_ACT_TUPLE = f"({','.join(member['type'] for member in TYPES['Act'])})"
_FIELDS: dict[type, tuple[str, list[str], Callable[[Any], list[object]]]] = {
    model.MemberAdmitted: ("MemberAdmitted(bytes32,address,bool)", ["bytes32", "address", "bool"], _admitted),
    model.SignatoryAppointed: (
        "SignatoryAppointed(bytes32,address,uint40,uint40,uint16,bytes32)",
        ["bytes32", "address", "uint40", "uint40", "uint16", "bytes32"],
        _appointed,
    ),
    model.SignatoryDismissed: (
        "SignatoryDismissed(bytes32,address,bytes32)",
        ["bytes32", "address", "bytes32"],
        _dismissed,
    ),
    model.Recorded: (
        f"Recorded(bytes32,bytes32,{_ACT_TUPLE},address[],bytes32[])",
        ["bytes32", "bytes32", "bytes32", "bytes32"],
        _recorded,
    ),
    model.Declined: (
        "Declined(bytes32,bytes32,address,bytes32)",
        ["bytes32", "bytes32", "address", "bytes32"],
        _declined,
    ),
}
