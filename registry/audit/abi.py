"""What the register emits and takes, copied by hand from ``contracts/interfaces``, and how bytes become that.

Not taken from the compiled artifact: what is checked must not say how. Text stays ``bytes``, for strangers wrote it;
hashes and organisations are their 32 bytes, addresses lower-case hexadecimal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from eth_abi.abi import decode
from eth_utils.crypto import keccak


class Act(NamedTuple):
    """``IAgreements.Act``."""

    agreement: bytes
    previous: bytes
    dossier: bytes
    parties: tuple[bytes, ...]
    valid_from: int
    valid_until: int
    notice: int
    deadline: int


class Motion(NamedTuple):
    """``ICouncil.Motion``."""

    action: bytes
    organisation: bytes
    administrator: str
    successor: bytes
    votes: bool
    dossier: bytes
    deadline: int


class Report(NamedTuple):
    """``ICommitments.Report``."""

    agreement: bytes
    commitment: bytes
    organisation: bytes
    previous: bytes
    progress: bytes
    evidence: bytes


class Signature(NamedTuple):
    """``IApprovals.Signature``."""

    r: bytes
    vs: bytes


_STRUCTS: dict[str, tuple[type[Any], str]] = {
    "Act": (Act, "(bytes32,bytes32,bytes32,bytes32[],uint40,uint40,uint32,uint40)"),
    "Motion": (Motion, "(string,bytes32,address,bytes32,bool,bytes32,uint40)"),
    "Report": (Report, "(bytes32,bytes32,bytes32,bytes32,string,bytes32)"),
    "Signature": (Signature, "(bytes32,bytes32)"),
}

_EVENTS = """
MemberAdmitted(bytes32 indexed organisation,address administrator,bool votes)
AdministratorReplaced(bytes32 indexed organisation,address administrator)
AdministratorNominated(bytes32 indexed organisation,address nominee)
SignatoryAppointed(bytes32 indexed organisation,address indexed signatory,uint40 validFrom,uint40 validUntil,\
uint16 together,bytes32 decision)
SignatoryDismissed(bytes32 indexed organisation,address indexed signatory,bytes32 decision)
ServiceAnnounced(bytes32 indexed organisation,string service)
Moved(bytes32 indexed motionHash,bytes32 indexed organisation,address indexed signatory,Motion motion)
Voted(bytes32 indexed motionHash,bytes32 indexed organisation,address indexed signatory,bytes32 decision)
MotionDecided(bytes32 indexed motionHash,bytes32 indexed organisation,Motion motion,address[] signatories,\
bytes32[] decisions,uint40 effectFrom)
MotionVetoed(bytes32 indexed motionHash,bytes32 indexed organisation,address indexed sender,bytes32 reason)
MotionEnacted(bytes32 indexed motionHash,bytes32 indexed organisation)
MemberExpelled(bytes32 indexed organisation)
MemberSucceeded(bytes32 indexed organisation,bytes32 indexed successor)
Proposed(bytes32 indexed agreement,bytes32 indexed actHash,address indexed signatory,Act act)
Approved(bytes32 indexed actHash,bytes32 indexed organisation,address indexed signatory,bytes32 decision)
Recorded(bytes32 indexed agreement,bytes32 indexed actHash,Act act,address[] signatories,bytes32[] decisions)
Declined(bytes32 indexed actHash,bytes32 indexed organisation,address indexed signatory,bytes32 reason)
ProgressReported(bytes32 indexed agreement,bytes32 indexed commitment,bytes32 indexed reportHash,address signatory,\
Report report)
ProgressConfirmed(bytes32 indexed reportHash,bytes32 indexed organisation,address indexed signatory)
"""

_FUNCTIONS = """
appoint(bytes32 organisation,address signatory,uint40 validFrom,uint40 validUntil,uint16 together,bytes32 decision)
dismiss(bytes32 organisation,address signatory,bytes32 decision)
handOver(bytes32 organisation,address nominee)
takeOver(bytes32 organisation)
announce(bytes32 organisation,string service)
move(Motion motion,bytes32 decision)
moveFor(address signatory,Motion motion,bytes32 decision,bytes signature)
vote(bytes32 motionHash,bytes32 decision)
voteFor(address signatory,bytes32 motionHash,bytes32 decision,bytes signature)
decide(Motion motion,bytes32[] organisations,Signature[] approvals,bytes32[] decisions)
enact(Motion motion)
veto(bytes32 organisation,bytes32 motionHash,bytes32 reason)
propose(Act act,bytes32 decision)
proposeFor(address signatory,Act act,bytes32 decision,bytes signature)
approve(bytes32 actHash,bytes32 decision)
approveFor(address signatory,bytes32 actHash,bytes32 decision,bytes signature)
record(Act act,Act[] history,Signature[] approvals,bytes32[] decisions)
decline(Act act,Act[] history,bytes32 reason)
report(Report report,Act[] history,Signature signature)
confirm(Report report,bytes32 organisation,Act[] history,Signature signature)
"""


class Unreadable(Exception):  # noqa: N818 - becomes a deviation
    """Bytes that are not what the register emits or takes."""


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    written: str
    indexed: bool

    @property
    def struct(self) -> type[Any] | None:
        found = _STRUCTS.get(self.written.removesuffix("[]"))
        return found[0] if found else None

    @property
    def canonical(self) -> str:
        base = self.written.removesuffix("[]")
        found = _STRUCTS.get(base)
        return (found[1] if found else base) + self.written[len(base) :]

    @property
    def decoded_as(self) -> str:
        """Text as bytes, which it is in the encoding: else one member could write what nobody can read."""
        return self.canonical.replace("string", "bytes")


@dataclass(frozen=True, slots=True)
class Declared:
    """One event or function as the interfaces declare it."""

    name: str
    members: tuple[_Field, ...]

    @property
    def signature(self) -> str:
        """Name and types, as they are hashed."""
        return f"{self.name}({','.join(one.canonical for one in self.members)})"

    @property
    def digest(self) -> bytes:
        """Topic 0 of an event; its first four bytes are the selector of a function."""
        return keccak(text=self.signature)


def _declared(lines: str) -> dict[str, Declared]:
    found = {}
    for line in lines.strip().splitlines():
        name, _, rest = line.rstrip(")").partition("(")
        members = []
        for one in rest.split(","):
            words = one.split()
            members.append(_Field(words[-1], words[0], "indexed" in words))
        found[name] = Declared(name, tuple(members))
    return found


EVENTS: Mapping[str, Declared] = _declared(_EVENTS)
FUNCTIONS: Mapping[str, Declared] = _declared(_FUNCTIONS)
TOPICS: Mapping[bytes, str] = {one.digest: name for name, one in EVENTS.items()}
SELECTORS: Mapping[bytes, str] = {one.digest[:4]: name for name, one in FUNCTIONS.items()}


def event_values(topics: Sequence[bytes], data: bytes) -> tuple[str, dict[str, Any]]:
    """The name and values of a log; Unreadable if it is none of the register's."""
    name = TOPICS.get(topics[0]) if topics else None
    if name is None:
        raise Unreadable("an event that the register does not have")
    members = EVENTS[name].members
    indexed = [one for one in members if one.indexed]
    if len(topics) != len(indexed) + 1:
        raise Unreadable(f"{name} with another number of topics")
    values = {one.name: _decoded([one], word)[one.name] for one, word in zip(indexed, topics[1:], strict=True)}
    return name, values | _decoded([one for one in members if not one.indexed], data)


def call_values(data: bytes) -> tuple[str, dict[str, Any]] | None:
    """The function and arguments of calldata; None if it is no writing function of the register.

    Raises Unreadable if the arguments are not those of the function that the selector names.
    """
    name = SELECTORS.get(data[:4])
    return None if name is None else (name, _decoded(FUNCTIONS[name].members, data[4:]))


def _decoded(members: Sequence[_Field], data: bytes) -> dict[str, Any]:
    if not members:
        return {}
    try:
        # Not strict about the padding of text: the compiler is not either.
        found = decode([one.decoded_as for one in members], data, strict=False)
    except Exception as error:
        raise Unreadable(str(error)[:200]) from error
    return {one.name: _shaped(one, value) for one, value in zip(members, found, strict=True)}


def _shaped(member: _Field, value: Any) -> Any:
    made = member.struct
    if made is not None:
        return tuple(map(made._make, value)) if member.written.endswith("[]") else made._make(value)
    return tuple(value) if member.written.endswith("[]") else value
