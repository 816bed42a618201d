"""Proposals as files: an act with the approvals collected so far, carried from one signatory to the next.

The file says for which register on which chain it is, so that it can be signed without a connection, and
adds up: merging two copies keeps the approvals of both. JSON, camelCase keys, hashes as 0x-hexadecimal.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_utils.address import is_checksum_address

from registry.errors import RefusedError, StorageError, UsageError
from registry.model import Act, Approval
from registry.organisations import is_identifier
from registry.statements import Domain, hash_act, signatory_of

FORMAT = 1
_LARGEST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class CarriedProposal:
    """An act for one register, and approvals that were checked to be their signatories' own."""

    domain: Domain
    act: Act
    approvals: tuple[Approval, ...] = ()

    @property
    def act_hash(self) -> bytes:
        """The identity of the act."""
        return hash_act(self.act)

    def with_approval(self, approval: Approval) -> CarriedProposal:
        """The same with one approval more; the latest of a signatory counts."""
        others = tuple(one for one in self.approvals if one.signatory != approval.signatory)
        return CarriedProposal(self.domain, self.act, (*others, approval))


def read_proposal(path: Path) -> CarriedProposal:
    """Reads a file and checks every signature in it.

    UsageError if the file is not a proposal; RefusedError if its act hash or a signature is wrong;
    StorageError if it cannot be read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_BYTES + 1)
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}") from error
    try:
        data = json.loads(content)
        proposal = _parsed(data)
        stated = bytes.fromhex(data["actHash"].removeprefix("0x"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(
            f"{path} is not a proposal file ({type(error).__name__}: {error})",
            hint="expected what 'foodvalley propose --offline' or 'foodvalley sign --offline' wrote",
        ) from error
    if stated != proposal.act_hash:
        raise RefusedError(
            f"{path}: the act is not the one its hash names", hint="ask the sender for an unchanged copy"
        )
    for approval in proposal.approvals:
        _require_own(path, proposal, approval)
    return proposal


def write_proposal(path: Path, proposal: CarriedProposal) -> CarriedProposal:
    """Writes the file whole or not at all; approvals that stand in it already are kept.

    UsageError if the file is there and holds another act.
    """
    if path.exists():
        present = read_proposal(path)
        if (present.domain, present.act) != (proposal.domain, proposal.act):
            raise UsageError(f"{path} holds another act", hint="name another file")
        for approval in proposal.approvals:
            present = present.with_approval(approval)
        proposal = present
    text = json.dumps(to_json(proposal), indent=2) + "\n"
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
    return proposal


def to_json(proposal: CarriedProposal) -> dict[str, object]:
    """The proposal as it stands in the file."""
    return {
        "format": FORMAT,
        "chainId": proposal.domain.chain_id,
        "register": proposal.domain.register,
        "actHash": "0x" + proposal.act_hash.hex(),
        "act": act_to_json(proposal.act),
        "approvals": [
            {
                "signatory": one.signatory,
                "decision": "0x" + one.decision.hex(),
                "signature": "0x" + (one.signature or b"").hex(),
            }
            for one in proposal.approvals
        ],
    }


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


def _parsed(data: Mapping[str, Any]) -> CarriedProposal:
    if data["format"] != FORMAT:
        raise ValueError(f"format {data['format']!r}, expected {FORMAT}")
    if not is_checksum_address(data["register"]):
        raise ValueError("register must be a checksummed address")
    approvals = tuple(
        Approval(one["signatory"], _bytes(one["decision"], 32), _bytes(one["signature"], 65))
        for one in data["approvals"]
    )
    domain = Domain(_uint(data["chainId"], 256), data["register"])
    return CarriedProposal(domain, _act(data["act"]), approvals)


def _act(data: Mapping[str, Any]) -> Act:
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


def _require_own(path: Path, proposal: CarriedProposal, approval: Approval) -> None:
    signature = approval.signature or b""
    found = signatory_of(signature, proposal.domain, proposal.act_hash, approval.decision)
    if found != approval.signatory:
        raise RefusedError(
            f"{path}: the signature given as that of {approval.signatory} is not theirs for this act and decision",
            hint="take that approval out, and let them sign again",
        )
