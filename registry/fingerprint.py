"""The fingerprint: one hash over everything the register ever recorded.

Pure. Source: ``IMandates.fingerprint`` and what the NatSpec of each event in ``contracts/interfaces`` says it is
folded as. Moved, Voted, Proposed and Approved record no facts yet and leave it unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from registry import model
from registry.hashing import keccak
from registry.model import NO_HASH, Event
from registry.statements import TYPES, number_word, organisation_word

_EMPTY = keccak(b"")


def fold(fingerprint: bytes, event: Event) -> bytes:
    """The fingerprint after an event."""
    return folded(fingerprint, digest_of(event))


def digest_of(event: Event) -> bytes | None:
    """What is folded in of an event, which hangs on nothing before it; None if it leaves the fingerprint unchanged."""
    recorded = _folded_as(event)
    return None if recorded is None else keccak(recorded)


def folded(fingerprint: bytes, digest: bytes | None) -> bytes:
    """The fingerprint after an event with this digest."""
    return fingerprint if digest is None else keccak(fingerprint + digest)


def fingerprint_of(events: Iterable[Event]) -> bytes:
    """The fingerprint of a register after these events, which must be all of them, in order."""
    fingerprint = NO_HASH
    for event in events:
        fingerprint = fold(fingerprint, event)
    return fingerprint


def _folded_as(event: Event) -> bytes | None:
    """abi.encode of what the event is folded as: all its members are words, so they stand one after the other."""
    found = _WORDS.get(type(event))
    if found is None:
        return None
    topic, words = found
    return b"".join((topic, event.place.timestamp.to_bytes(32), *words(event)))


@lru_cache(maxsize=65_536)
def _address(address: str) -> bytes:
    return bytes(12) + bytes.fromhex(address[2:])


def _hashed(words: Sequence[bytes]) -> bytes:
    return keccak(b"".join(words)) if words else _EMPTY


def _signed(event: model.Recorded | model.MotionDecided) -> tuple[bytes, bytes]:
    return _hashed([_address(one) for one in event.signatories]), _hashed(event.decisions)


def _admitted(event: Any) -> tuple[bytes, ...]:
    member: model.Member = event.member
    return organisation_word(member.organisation), _address(member.administrator), number_word(member.votes, 8)


def _appointed(event: Any) -> tuple[bytes, ...]:
    mandate: model.Mandate = event.mandate
    period = (number_word(mandate.valid_from, 40), number_word(mandate.valid_until, 40))
    who = (organisation_word(mandate.organisation), _address(mandate.signatory))
    return *who, *period, number_word(mandate.together, 16), mandate.decision


def _type(name: str) -> str:
    return f"({','.join(member['type'] for member in TYPES[name])})"


_Words = Callable[[Any], tuple[bytes, ...]]
_SIGNATURES: dict[type, tuple[str, _Words]] = {
    model.MemberAdmitted: ("MemberAdmitted(bytes32,address,bool)", _admitted),
    model.MemberExpelled: ("MemberExpelled(bytes32)", lambda event: (organisation_word(event.organisation),)),
    model.MemberSucceeded: (
        "MemberSucceeded(bytes32,bytes32)",
        lambda event: (organisation_word(event.organisation), organisation_word(event.successor)),
    ),
    model.AdministratorNominated: (
        "AdministratorNominated(bytes32,address)",
        lambda event: (organisation_word(event.organisation), _address(event.nominee)),
    ),
    model.AdministratorReplaced: (
        "AdministratorReplaced(bytes32,address)",
        lambda event: (organisation_word(event.organisation), _address(event.administrator)),
    ),
    model.ServiceAnnounced: (
        "ServiceAnnounced(bytes32,string)",
        lambda event: (organisation_word(event.organisation), keccak(event.service)),
    ),
    model.SignatoryAppointed: ("SignatoryAppointed(bytes32,address,uint40,uint40,uint16,bytes32)", _appointed),
    model.SignatoryDismissed: (
        "SignatoryDismissed(bytes32,address,bytes32)",
        lambda event: (organisation_word(event.organisation), _address(event.signatory), event.decision),
    ),
    model.MotionDecided: (
        f"MotionDecided(bytes32,bytes32,{_type('Motion')},address[],bytes32[],uint40)",
        lambda event: (event.motion_hash, *_signed(event), number_word(event.effect_from, 40)),
    ),
    model.MotionVetoed: (
        "MotionVetoed(bytes32,bytes32,address,bytes32)",
        lambda event: (
            event.motion_hash,
            organisation_word(event.organisation),
            _address(event.sender),
            event.reason,
        ),
    ),
    model.MotionEnacted: ("MotionEnacted(bytes32,bytes32)", lambda event: (event.motion_hash,)),
    model.Recorded: (
        f"Recorded(bytes32,bytes32,{_type('Act')},address[],bytes32[])",
        lambda event: (event.agreement, event.act_hash, *_signed(event)),
    ),
    model.Declined: (
        "Declined(bytes32,bytes32,address,bytes32)",
        lambda event: (
            event.act_hash,
            organisation_word(event.organisation),
            _address(event.signatory),
            event.reason,
        ),
    ),
    model.ProgressReported: (
        f"ProgressReported(bytes32,bytes32,bytes32,address,{_type('Report')})",
        lambda event: (event.report_hash, _address(event.signatory)),
    ),
    model.ProgressConfirmed: (
        "ProgressConfirmed(bytes32,bytes32,address)",
        lambda event: (event.report_hash, organisation_word(event.organisation), _address(event.signatory)),
    ),
}
_WORDS: dict[type, tuple[bytes, _Words]] = {
    kind: (keccak(signature.encode()), words) for kind, (signature, words) in _SIGNATURES.items()
}
