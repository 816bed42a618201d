"""Acts and motions as files, with the approvals collected so far, carried from one signatory to the next.

The file says for which register on which chain it is, so that it can be signed without a connection, and
adds up: merging two copies keeps the approvals of both. JSON, camelCase keys, hashes as 0x-hexadecimal.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self, TypeVar

from eth_utils.address import is_checksum_address

from registry.errors import RefusedError, StorageError, UsageError
from registry.model import NOBODY, Act, Action, Approval, Motion
from registry.organisations import is_identifier
from registry.statements import (
    Domain,
    approval_data,
    hash_act,
    hash_approval,
    hash_motion,
    hash_vote,
    signatory_of,
    vote_data,
)

FORMAT = 1
_LARGEST_BYTES = 1 << 20


class _Carried:
    """What acts and motions in files have in common."""

    __slots__ = ()
    domain: Domain
    approvals: tuple[Approval, ...]

    def with_approval(self, approval: Approval) -> Self:
        """The same with one approval more; the latest of a signatory counts."""
        others = tuple(one for one in self.approvals if one.signatory != approval.signatory)
        return replace(self, approvals=(*others, approval))  # type: ignore[type-var]


@dataclass(frozen=True, slots=True)
class CarriedProposal(_Carried):
    """An act for one register, and approvals that were checked to be their signatories' own."""

    domain: Domain
    act: Act
    approvals: tuple[Approval, ...] = ()

    @property
    def act_hash(self) -> bytes:
        """The identity of the act."""
        return hash_act(self.act)

    def struct_hash(self, decision: bytes) -> bytes:
        """What a signatory signs who cites this decision."""
        return hash_approval(self.act_hash, decision)

    def typed_data(self, decision: bytes) -> dict[str, Any]:
        """The same as EIP-712 JSON."""
        return approval_data(self.domain, self.act, decision)


@dataclass(frozen=True, slots=True)
class CarriedMotion(_Carried):
    """A motion for one register, and votes for it that were checked to be their signatories' own."""

    domain: Domain
    motion: Motion
    approvals: tuple[Approval, ...] = ()

    @property
    def motion_hash(self) -> bytes:
        """The identity of the motion."""
        return hash_motion(self.motion)

    def struct_hash(self, decision: bytes) -> bytes:
        """What a signatory signs who cites this decision."""
        return hash_vote(self.motion_hash, decision)

    def typed_data(self, decision: bytes) -> dict[str, Any]:
        """The same as EIP-712 JSON."""
        return vote_data(self.domain, self.motion, decision)


Carried = CarriedProposal | CarriedMotion
C = TypeVar("C", CarriedProposal, CarriedMotion)


def read_proposal(path: Path) -> CarriedProposal:
    """Reads the file of an act and checks every signature in it.

    UsageError if the file is not one; RefusedError if its hash or a signature is wrong; StorageError if it cannot
    be read.
    """
    found = _read(path)
    if isinstance(found, CarriedMotion):
        raise UsageError(f"{path} holds a motion, not an act", hint="use it with: foodvalley motion")
    return found


def read_motion(path: Path) -> CarriedMotion:
    """Reads the file of a motion and checks every signature in it; errors as :func:`read_proposal`."""
    found = _read(path)
    if isinstance(found, CarriedProposal):
        raise UsageError(f"{path} holds an act, not a motion", hint="use it with: foodvalley sign, foodvalley record")
    return found


def write_carried(path: Path, carried: C) -> C:
    """Writes the file whole or not at all; approvals that stand in it already are kept.

    UsageError if the file is there and holds something else.
    """
    if path.exists():
        present = _read(path)
        if type(present) is not type(carried) or replace(present, approvals=()) != replace(carried, approvals=()):
            raise UsageError(f"{path} holds another act or motion", hint="name another file")
        for approval in carried.approvals:
            present = present.with_approval(approval)
        carried = present
    text = json.dumps(to_json(carried), indent=2) + "\n"
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}") from error
    return carried


def to_json(carried: Carried) -> dict[str, object]:
    """The act or motion as it stands in the file."""
    subject: dict[str, object]
    if isinstance(carried, CarriedMotion):
        subject = {"motionHash": "0x" + carried.motion_hash.hex(), "motion": motion_to_json(carried.motion)}
    else:
        subject = {"actHash": "0x" + carried.act_hash.hex(), "act": act_to_json(carried.act)}
    approvals = [
        {
            "signatory": one.signatory,
            "decision": "0x" + one.decision.hex(),
            "signature": "0x" + (one.signature or b"").hex(),
        }
        for one in carried.approvals
    ]
    domain = {"format": FORMAT, "chainId": carried.domain.chain_id, "register": carried.domain.register}
    return {**domain, **subject, "approvals": approvals}


def act_to_json(act: Act) -> dict[str, object]:
    """An act with the names of ``IRegister.Act``; organisations as identifiers."""
    return {
        "agreement": "0x" + act.agreement.hex(),
        "previous": "0x" + act.previous.hex(),
        "dossier": "0x" + act.dossier.hex(),
        "parties": list(act.parties),
        "validFrom": act.valid_from,
        "validUntil": act.valid_until,
        "notice": act.notice,
        "deadline": act.deadline,
    }


def motion_to_json(motion: Motion) -> dict[str, object]:
    """A motion with the names of ``ICouncil.Motion``; organisations as identifiers, None where none is named."""
    return {
        "action": motion.action.value,
        "organisation": motion.organisation,
        "administrator": None if motion.administrator == NOBODY else motion.administrator,
        "successor": motion.successor or None,
        "votes": motion.votes,
        "dossier": "0x" + motion.dossier.hex(),
        "deadline": motion.deadline,
    }


def _read(path: Path) -> Carried:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_BYTES + 1)
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}") from error
    try:
        data = json.loads(content)
        carried, stated = _parsed(data)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(
            f"{path} is not a proposal file ({type(error).__name__}: {error})",
            hint="expected what 'foodvalley propose --offline' or another command with --offline wrote",
        ) from error
    found = carried.motion_hash if isinstance(carried, CarriedMotion) else carried.act_hash
    if stated != found:
        what = "motion" if isinstance(carried, CarriedMotion) else "act"
        raise RefusedError(
            f"{path}: the {what} is not the one its hash names", hint="ask the sender for an unchanged copy"
        )
    for approval in carried.approvals:
        _require_own(path, carried, approval)
    return carried


def _parsed(data: Mapping[str, Any]) -> tuple[Carried, bytes]:
    if data["format"] != FORMAT:
        raise ValueError(f"format {data['format']!r}, expected {FORMAT}")
    if not is_checksum_address(data["register"]):
        raise ValueError("register must be a checksummed address")
    approvals = tuple(
        Approval(one["signatory"], _bytes(one["decision"], 32), _bytes(one["signature"], 65))
        for one in data["approvals"]
    )
    domain = Domain(_uint(data["chainId"], 256), data["register"])
    if "motion" in data:
        return CarriedMotion(domain, _motion(data["motion"]), approvals), _bytes(data["motionHash"], 32)
    return CarriedProposal(domain, act_from_json(data["act"]), approvals), _bytes(data["actHash"], 32)


def _motion(data: Mapping[str, Any]) -> Motion:
    if not is_identifier(data["organisation"]) or not (data["successor"] is None or is_identifier(data["successor"])):
        raise ValueError("organisation and successor must be organisation identifiers")
    if data["administrator"] is not None and not is_checksum_address(data["administrator"]):
        raise ValueError("administrator must be a checksummed address")
    if data["votes"] is not True and data["votes"] is not False:
        raise ValueError("votes must be true or false")
    return Motion(
        action=Action(data["action"]),
        organisation=data["organisation"],
        deadline=_uint(data["deadline"], 40),
        administrator=data["administrator"] or NOBODY,
        successor=data["successor"] or "",
        votes=data["votes"],
        dossier=_bytes(data["dossier"], 32),
    )


def act_from_json(data: Mapping[str, Any]) -> Act:
    """The act that :func:`act_to_json` told of; KeyError, TypeError or ValueError if it is none."""
    if not all(map(is_identifier, data["parties"])):
        raise ValueError("parties must be organisation identifiers")
    return Act(
        agreement=_bytes(data["agreement"], 32),
        previous=_bytes(data["previous"], 32),
        dossier=_bytes(data["dossier"], 32),
        parties=tuple(data["parties"]),
        valid_from=_uint(data["validFrom"], 40),
        valid_until=_uint(data["validUntil"], 40),
        notice=_uint(data["notice"], 32),
        deadline=_uint(data["deadline"], 40),
    )


def _bytes(text: str, size: int) -> bytes:
    value = bytes.fromhex(text.removeprefix("0x"))
    if len(value) != size:
        raise ValueError(f"expected {size} bytes, found {len(value)}")
    return value


def _uint(value: object, bits: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << bits:
        raise ValueError(f"{value!r} is not a number of at most {bits} bits")
    return value


def _require_own(path: Path, carried: Carried, approval: Approval) -> None:
    signature = approval.signature or b""
    if signatory_of(signature, carried.domain, carried.struct_hash(approval.decision)) != approval.signatory:
        raise RefusedError(
            f"{path}: the signature given as that of {approval.signatory} is not theirs for this and that decision",
            hint="take that approval out, and let them sign again",
        )
