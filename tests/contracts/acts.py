"""Acts and approvals as EIP-712 data, hashed by eth_account: independent of the contract and of registry/."""

from __future__ import annotations

from typing import Any, NamedTuple

from eth_account.messages import SignableMessage, encode_typed_data
from eth_utils import keccak

ZERO = bytes(32)
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
}
ACT_MEMBERS = [member["name"] for member in TYPES["Act"]]


def digest_of(text: str) -> bytes:
    """A 32-byte value that stands for some document: a dossier, a decision, a reason."""
    return keccak(text=text)


def organisation_id(code: str) -> bytes:
    return code.encode("ascii").ljust(32, b"\0")


class Act(NamedTuple):
    """The struct of IRegister, in its order, so that brownie takes it as it is."""

    agreement: bytes = ZERO
    previous: bytes = ZERO
    dossier: bytes = digest_of("dossier")
    parties: tuple[bytes, ...] = ()
    valid_from: int = 0
    valid_until: int = 0
    notice: int = 0
    deadline: int = 0

    @property
    def hash(self) -> bytes:
        """The struct hash, as eth_account computes it: the act's identity."""
        return struct_hash("Act", self.message)

    @property
    def message(self) -> dict[str, Any]:
        return dict(zip(ACT_MEMBERS, [*self[:3], list(self.parties), *self[4:]], strict=True))

    def then(self, **changes: Any) -> Act:
        """The act that follows this one and says the same, but for the changes."""
        follower = self._replace(agreement=self.agreement if self.previous != ZERO else self.hash, previous=self.hash)
        return follower._replace(**changes)


def domain(contract: str, chain_id: int) -> dict[str, Any]:
    return {
        "name": DOMAIN_NAME,
        "version": DOMAIN_VERSION,
        "chainId": chain_id,
        "verifyingContract": contract,
    }


def approval(act: Act, decision: bytes, contract: str, chain_id: int) -> SignableMessage:
    """What a signatory signs."""
    return encode_typed_data(
        full_message={
            "types": TYPES,
            "primaryType": "Approval",
            "domain": domain(contract, chain_id),
            "message": {"act": act.message, "decision": decision},
        }
    )


def struct_hash(primary: str, message: dict[str, Any]) -> bytes:
    """Of an Act or an Approval; the domain has no part in it."""
    types = {name: members for name, members in TYPES.items() if primary != "Act" or name != "Approval"}
    full = {
        "types": types,
        "primaryType": primary,
        "domain": domain("0x" + "00" * 20, 1),
        "message": message,
    }
    return bytes(encode_typed_data(full_message=full).body)


def approval_hash(act: Act, decision: bytes = ZERO) -> bytes:
    return struct_hash("Approval", {"act": act.message, "decision": decision})


def digest(message: SignableMessage) -> bytes:
    return keccak(b"\x19" + message.version + message.header + message.body)
