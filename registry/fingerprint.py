"""The fingerprint: one hash over everything the register ever recorded.

Pure. Source: ``IMandates.fingerprint`` and what the NatSpec of each event in ``contracts/interfaces`` says it is
folded as. Moved, Voted, Proposed and Approved record no facts yet and leave it unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from eth_abi.abi import encode
from eth_utils.address import to_canonical_address
from eth_utils.crypto import keccak

from registry import model
from registry.model import NO_HASH, Event
from registry.statements import TYPES, organisation_word


def fold(fingerprint: bytes, event: Event) -> bytes:
    """The fingerprint after an event."""
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


def _signed(event: model.Recorded | model.MotionDecided) -> list[object]:
    return [_words([to_canonical_address(one) for one in event.signatories]), _words(event.decisions)]


def _admitted(event: Any) -> list[object]:
    member: model.Member = event.member
    return [organisation_word(member.organisation), member.administrator, member.votes]


def _appointed(event: Any) -> list[object]:
    mandate: model.Mandate = event.mandate
    times = [mandate.valid_from, mandate.valid_until, mandate.together]
    return [organisation_word(mandate.organisation), mandate.signatory, *times, mandate.decision]


def _organisation_and(*names: str) -> Callable[[Any], list[object]]:
    return lambda event: [organisation_word(event.organisation), *(getattr(event, name) for name in names)]


def _type(name: str) -> str:
    return f"({','.join(member['type'] for member in TYPES[name])})"


_FIELDS: dict[type, tuple[str, list[str], Callable[[Any], list[object]]]] = {
    model.MemberAdmitted: ("MemberAdmitted(bytes32,address,bool)", ["bytes32", "address", "bool"], _admitted),
    model.MemberExpelled: ("MemberExpelled(bytes32)", ["bytes32"], _organisation_and()),
    model.MemberSucceeded: (
        "MemberSucceeded(bytes32,bytes32)",
        ["bytes32", "bytes32"],
        lambda event: [organisation_word(event.organisation), organisation_word(event.successor)],
    ),
    model.AdministratorNominated: (
        "AdministratorNominated(bytes32,address)",
        ["bytes32", "address"],
        _organisation_and("nominee"),
    ),
    model.AdministratorReplaced: (
        "AdministratorReplaced(bytes32,address)",
        ["bytes32", "address"],
        _organisation_and("administrator"),
    ),
    model.ServiceAnnounced: (
        "ServiceAnnounced(bytes32,string)",
        ["bytes32", "bytes32"],
        lambda event: [organisation_word(event.organisation), keccak(event.service)],
    ),
    model.SignatoryAppointed: (
        "SignatoryAppointed(bytes32,address,uint40,uint40,uint16,bytes32)",
        ["bytes32", "address", "uint40", "uint40", "uint16", "bytes32"],
        _appointed,
    ),
    model.SignatoryDismissed: (
        "SignatoryDismissed(bytes32,address,bytes32)",
        ["bytes32", "address", "bytes32"],
        _organisation_and("signatory", "decision"),
    ),
    model.MotionDecided: (
        f"MotionDecided(bytes32,bytes32,{_type('Motion')},address[],bytes32[],uint40)",
        ["bytes32", "bytes32", "bytes32", "uint40"],
        lambda event: [event.motion_hash, *_signed(event), event.effect_from],
    ),
    model.MotionVetoed: (
        "MotionVetoed(bytes32,bytes32,address,bytes32)",
        ["bytes32", "bytes32", "address", "bytes32"],
        lambda event: [event.motion_hash, organisation_word(event.organisation), event.sender, event.reason],
    ),
    model.MotionEnacted: ("MotionEnacted(bytes32,bytes32)", ["bytes32"], lambda event: [event.motion_hash]),
    model.Recorded: (
        f"Recorded(bytes32,bytes32,{_type('Act')},address[],bytes32[])",
        ["bytes32", "bytes32", "bytes32", "bytes32"],
        lambda event: [event.agreement, event.act_hash, *_signed(event)],
    ),
    model.Declined: (
        "Declined(bytes32,bytes32,address,bytes32)",
        ["bytes32", "bytes32", "address", "bytes32"],
        lambda event: [event.act_hash, organisation_word(event.organisation), event.signatory, event.reason],
    ),
    model.ProgressReported: (
        f"ProgressReported(bytes32,bytes32,bytes32,address,{_type('Report')})",
        ["bytes32", "address"],
        lambda event: [event.report_hash, event.signatory],
    ),
    model.ProgressConfirmed: (
        "ProgressConfirmed(bytes32,bytes32,address)",
        ["bytes32", "bytes32", "address"],
        lambda event: [event.report_hash, organisation_word(event.organisation), event.signatory],
    ),
}
