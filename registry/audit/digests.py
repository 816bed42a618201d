"""Hashes, computed anew: structs and digests by EIP-712, and what each event adds to the fingerprint.

Written from the NatSpec of ``contracts/interfaces``. Shares with the rest of the package only the texts of the EIP-712
types (:mod:`registry.statements`), which the contract compares with its own each time it checks a signature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from registry.audit.abi import EVENTS, Act, Motion, Report
from registry.statements import (
    ACT_TYPEHASH,
    APPROVAL_TYPEHASH,
    CONFIRMATION_TYPEHASH,
    MOTION_TYPEHASH,
    REPORT_TYPEHASH,
    VOTE_TYPEHASH,
    Domain,
)

NOTHING = bytes(32)


def _number(value: int) -> bytes:
    return value.to_bytes(32)


def _address(value: str) -> bytes:
    return bytes.fromhex(value[2:]).rjust(32, b"\0")


def act_hash(act: Act) -> bytes:
    """The struct hash of an act: its identity."""
    numbers = (act.valid_from, act.valid_until, act.notice, act.deadline)
    words = (ACT_TYPEHASH, act.agreement, act.previous, act.dossier, keccak(b"".join(act.parties)))
    return keccak(b"".join((*words, *map(_number, numbers))))


def motion_hash(motion: Motion) -> bytes:
    """The struct hash of a motion: its identity."""
    words = (MOTION_TYPEHASH, keccak(motion.action), motion.organisation, _address(motion.administrator))
    more = (motion.successor, _number(motion.votes), motion.dossier, _number(motion.deadline))
    return keccak(b"".join(words + more))


def report_hash(report: Report) -> bytes:
    """The struct hash of a report: its identity, and what is signed."""
    words = (REPORT_TYPEHASH, report.agreement, report.commitment, report.organisation, report.previous)
    return keccak(b"".join((*words, keccak(report.progress), report.evidence)))


def approval_hash(subject: bytes, decision: bytes) -> bytes:
    """What is signed to approve an act."""
    return keccak(APPROVAL_TYPEHASH + subject + decision)


def vote_hash(subject: bytes, decision: bytes) -> bytes:
    """What is signed to approve a motion."""
    return keccak(VOTE_TYPEHASH + subject + decision)


def confirmation_hash(report: bytes, organisation: bytes) -> bytes:
    """What is signed to confirm a report."""
    return keccak(CONFIRMATION_TYPEHASH + report + organisation)


class Digests:
    """From what is signed to the 32 bytes under the signature, for one register on one chain."""

    def __init__(self, chain_id: int, register: str) -> None:
        self._prefix = b"\x19\x01" + Domain(chain_id, register).separator

    def of(self, struct: bytes) -> bytes:
        """The digest of a struct by its hash."""
        return keccak(self._prefix + struct)


def _words(values: Sequence[bytes]) -> bytes:
    return keccak(b"".join(values))


def _signatories(values: Mapping[str, Any]) -> bytes:
    return _words([_address(one) for one in values["signatories"]])


_FOLDED: dict[str, tuple[str, ...]] = {
    "MemberAdmitted": ("organisation", "administrator", "votes"),
    "AdministratorReplaced": ("organisation", "administrator"),
    "AdministratorNominated": ("organisation", "nominee"),
    "SignatoryAppointed": ("organisation", "signatory", "validFrom", "validUntil", "together", "decision"),
    "SignatoryDismissed": ("organisation", "signatory", "decision"),
    "ServiceAnnounced": ("organisation", "#service"),
    "MotionDecided": ("motionHash", "#signatories", "#decisions", "effectFrom"),
    "MotionVetoed": ("motionHash", "organisation", "sender", "reason"),
    "MotionEnacted": ("motionHash",),
    "MemberExpelled": ("organisation",),
    "MemberSucceeded": ("organisation", "successor"),
    "Recorded": ("agreement", "actHash", "#signatories", "#decisions"),
    "Declined": ("actHash", "organisation", "signatory", "reason"),
    "ProgressReported": ("reportHash", "signatory"),
    "ProgressConfirmed": ("reportHash", "organisation", "signatory"),
}
"""What each event is folded as, after its topic and the time; ``#`` = the hash of it. The others are left out."""


def fold(fingerprint: bytes, name: str, values: Mapping[str, Any], time: int) -> bytes:
    """The fingerprint after an event."""
    members = _FOLDED.get(name)
    if members is None:
        return fingerprint
    words = [EVENTS[name].digest, _number(time), *(_word(values, one) for one in members)]
    return keccak(fingerprint + keccak(b"".join(words)))


def _word(values: Mapping[str, Any], member: str) -> bytes:
    if member == "#signatories":
        return _signatories(values)
    if member == "#decisions":
        return _words(values["decisions"])
    if member == "#service":
        return keccak(values["service"])
    value = values[member]
    if isinstance(value, bytes):
        return value
    return _address(value) if isinstance(value, str) else _number(value)


def call_data(function: str, types: Sequence[str] = (), arguments: Sequence[object] = ()) -> str:
    """Calldata for one view of the register, as nodes want it."""
    return "0x" + (keccak(text=f"{function}({','.join(types)})")[:4] + encode(types, arguments)).hex()
