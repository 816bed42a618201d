"""EIP-712 typed data, hashed by eth_account: independent of the contract and of registry/."""

from __future__ import annotations

from typing import Any

from eth_account.messages import SignableMessage, encode_typed_data
from eth_utils import keccak

DOMAIN_NAME = "Food Valley Register"
DOMAIN_VERSION = "1"

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


def members_of(primary: str) -> list[str]:
    return [member["name"] for member in TYPES[primary]]


def types_for(primary: str) -> dict[str, list[dict[str, str]]]:
    """The domain, the type itself and the type that it holds, if it does: eth_account wants no others."""
    held = [member["type"] for member in TYPES[primary] if member["type"] in TYPES]
    return {name: TYPES[name] for name in ("EIP712Domain", primary, *held)}


def domain(contract: str, chain_id: int) -> dict[str, Any]:
    return {
        "name": DOMAIN_NAME,
        "version": DOMAIN_VERSION,
        "chainId": chain_id,
        "verifyingContract": contract,
    }


def signable(primary: str, message: dict[str, Any], contract: str, chain_id: int) -> SignableMessage:
    """What is signed for this register on this chain."""
    return encode_typed_data(
        full_message={
            "types": types_for(primary),
            "primaryType": primary,
            "domain": domain(contract, chain_id),
            "message": message,
        }
    )


def struct_hash(primary: str, message: dict[str, Any]) -> bytes:
    """The domain has no part in it."""
    return bytes(signable(primary, message, "0x" + "00" * 20, 1).body)


def digest(message: SignableMessage) -> bytes:
    return keccak(b"\x19" + message.version + message.header + message.body)
