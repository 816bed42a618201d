"""The model as the ABI wants it, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address

from registry.errors import UsageError
from registry.model import NO_HASH, Act, Action, Approval, Motion, Report, Stage
from registry.statements import compact, organisation_of, organisation_word, successor_word

ActTuple = tuple[bytes, bytes, bytes, list[bytes], int, int, int, int]
MotionTuple = tuple[str, bytes, str, bytes, bool, bytes, int]
ReportTuple = tuple[bytes, bytes, bytes, bytes, str, bytes]


def act_tuple(act: Act) -> ActTuple:
    """An act in the order of ``IAgreements.Act``."""
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


def motion_tuple(motion: Motion) -> MotionTuple:
    """A motion in the order of ``ICouncil.Motion``."""
    organisation = organisation_word(motion.organisation)
    named = (motion.administrator, successor_word(motion), motion.votes)
    return (motion.action.value, organisation, *named, motion.dossier, motion.deadline)


def motion_of(values: Mapping[str, Any]) -> Motion:
    """A motion from the values of an event; ValueError or UsageError if it asks what no council can do."""
    successor = bytes(values["successor"])
    return Motion(
        action=Action(values["action"]),
        organisation=organisation_of(bytes(values["organisation"])),
        deadline=values["deadline"],
        administrator=values["administrator"],
        successor=organisation_of(successor) if any(successor) else "",
        votes=values["votes"],
        dossier=bytes(values["dossier"]),
    )


def report_tuple(report: Report) -> ReportTuple:
    """A report in the order of ``ICommitments.Report``."""
    names = (report.agreement, report.commitment, organisation_word(report.organisation))
    return (*names, report.previous, report.stage.value, report.evidence)


def report_of(values: Mapping[str, Any]) -> Report:
    """A report from the values of an event."""
    return Report(
        agreement=bytes(values["agreement"]),
        commitment=bytes(values["commitment"]),
        organisation=organisation_of(bytes(values["organisation"])),
        stage=Stage(values["progress"]),
        evidence=bytes(values["evidence"]),
        previous=bytes(values["previous"]),
    )


def signature_words(approval: Approval) -> tuple[bytes, bytes]:
    """An approval as ``IApprovals.Signature``: EIP-2098, or the signatory in vs if it stands on chain."""
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
