"""Acts and approvals, as the contract takes them and as eth_account hashes them."""

from __future__ import annotations

from typing import Any, NamedTuple

from eth_account.messages import SignableMessage
from eth_utils import keccak
from typed_data import members_of, signable, struct_hash

ZERO = bytes(32)
ACT_MEMBERS = members_of("Act")


def digest_of(text: str) -> bytes:
    """A 32-byte value that stands for some document: a dossier, a decision, a reason."""
    return keccak(text=text)


def organisation_id(code: str) -> bytes:
    return code.encode("ascii").ljust(32, b"\0")


class Act(NamedTuple):
    """The struct of IAgreements, in its order, so that brownie takes it as it is."""

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


def approval(act: Act, decision: bytes, contract: str, chain_id: int) -> SignableMessage:
    """What a signatory signs."""
    return signable("Approval", {"act": act.message, "decision": decision}, contract, chain_id)


def approval_hash(act: Act, decision: bytes = ZERO) -> bytes:
    return struct_hash("Approval", {"act": act.message, "decision": decision})
