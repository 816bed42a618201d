"""Motions and votes, as the contract takes them and as eth_account hashes them."""

from __future__ import annotations

from typing import Any, NamedTuple

from acts import ZERO
from eth_account.messages import SignableMessage
from typed_data import members_of, signable, struct_hash

NOBODY = "0x" + "00" * 20
MOTION_MEMBERS = members_of("Motion")
DAY = 24 * 60 * 60
VETO_PERIOD = 14 * DAY
ENACTMENT_PERIOD = 28 * DAY


class Motion(NamedTuple):
    """The struct of ICouncil, in its order, so that brownie takes it as it is."""

    action: str
    organisation: bytes
    administrator: str = NOBODY
    successor: bytes = ZERO
    votes: bool = False
    dossier: bytes = ZERO
    deadline: int = 2**40 - 1

    @property
    def hash(self) -> bytes:
        """The struct hash, as eth_account computes it: the motion's identity."""
        return struct_hash("Motion", self.message)

    @property
    def message(self) -> dict[str, Any]:
        return dict(zip(MOTION_MEMBERS, self, strict=True))


def vote(motion: Motion, decision: bytes, contract: str, chain_id: int) -> SignableMessage:
    """What a signatory signs."""
    return signable("Vote", {"motion": motion.message, "decision": decision}, contract, chain_id)


def vote_hash(motion: Motion, decision: bytes = ZERO) -> bytes:
    return struct_hash("Vote", {"motion": motion.message, "decision": decision})


def admit(organisation: Any, votes: bool = True, **terms: Any) -> Motion:
    """Admit it, or admit it again, with the administrator it has."""
    return Motion("admit", organisation.id, organisation.administrator.address, votes=votes, **terms)


def expel(organisation: Any, **terms: Any) -> Motion:
    return Motion("expel", organisation.id, **terms)


def succeed(organisation: Any, successor: Any, **terms: Any) -> Motion:
    return Motion("succeed", organisation.id, successor=successor.id, **terms)


def recover(organisation: Any, account: Any, **terms: Any) -> Motion:
    """Give it another administrator."""
    return Motion("recover", organisation.id, account.address, **terms)
