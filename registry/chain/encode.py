"""The model as the ABI wants it, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address

from registry.errors import UsageError
from registry.model import NO_HASH, Act, Approval
from registry.statements import compact, organisation_of, organisation_word

ActTuple = tuple[bytes, bytes, bytes, list[bytes], int, int, int, int]


def act_tuple(act: Act) -> ActTuple:
    """An act in the order of ``IRegister.Act``."""
    parties = [organisation_word(party) for party in act.parties]
    times = (act.valid_from, act.valid_until, act.notice, act.deadline)
    return (act.agreement, act.previous, act.dossier, parties, *times)


def act_of(values: Mapping[str, Any]) -> Act:
    """An act from the values of an event."""
    return Act(
        agreement=bytes(values["agreement"]),
        previous=bytes(values["previous"]),
        dossier=bytes(values["dossier"]),
        parties=tuple(organisation_of(bytes(word)) for word in values["parties"]),
        valid_from=values["validFrom"],
        valid_until=values["validUntil"],
        notice=values["notice"],
        deadline=values["deadline"],
    )


def signature_words(approval: Approval) -> tuple[bytes, bytes]:
    """An approval as ``IRegister.Signature``: EIP-2098, or the signatory in vs if it stands on chain."""
    if approval.signature is None:
        return NO_HASH, bytes.fromhex(approval.signatory.removeprefix("0x")).rjust(32, b"\0")
    return compact(approval.signature)


def decision_words(approvals: Sequence[Approval]) -> list[bytes]:
    """The decisions that the approvals cite; empty if none does, for that is cheaper."""
    return [one.decision for one in approvals] if any(one.decision != NO_HASH for one in approvals) else []


def address(text: str) -> ChecksumAddress:
    """A checksummed address; UsageError if the text is not one."""
    try:
        return to_checksum_address(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not an address", hint="expected 0x and 40 hexadecimal digits") from error
