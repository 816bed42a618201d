"""What can be handed in to be carried to the chain: each with who signed what, the call it becomes, and its goal.

The EIP-712 signature is the authority: it makes no difference who hands it in, nor who carries it. Two that say the
same are the same, whatever bytes their signatures have: the identity is made of what was said and by whom. Each counts
at most once on the chain, whatever happens: the contract refuses an approval that stands already, an act or motion that
was recorded or decided, and a report that does not follow the latest one. Declining is not among them: the contract
takes that from its signatory only, in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from registry.chain.encode import (
    act_tuple,
    decision_words,
    motion_tuple,
    report_tuple,
    signature_words,
)
from registry.chain.laying import calldata
from registry.chain.transacting import Goal
from registry.hashing import keccak
from registry.model import Act, Approval, Motion, Report
from registry.statements import (
    Domain,
    hash_act,
    hash_approval,
    hash_confirmation,
    hash_motion,
    hash_report,
    hash_vote,
    organisation_word,
)


class Content(Protocol):
    """What was handed in. ``kind`` is the word for it."""

    kind: ClassVar[str]

    @property
    def subject(self) -> bytes:
        """The hash of the act, motion or report that it is about."""
        ...

    @property
    def approvals(self) -> tuple[Approval, ...]:
        """Who signed; empty if nobody needs to."""
        ...

    @property
    def goal(self) -> Goal:
        """The event that shows that it stands on the chain."""
        ...

    def struct_hash(self, decision: bytes) -> bytes:
        """What was signed by who cites this decision."""
        ...


def identity(domain: Domain, content: Content) -> bytes:
    """What a submission is known by: the same for all that say the same, for one register on one chain."""
    words = [domain.separator, keccak(content.kind.encode()), content.struct_hash(bytes(32))]
    for one in sorted(content.approvals, key=lambda one: one.signatory):
        words += [address_word(one.signatory), one.decision, bytes([one.signature is not None])]
    return keccak(b"".join(words))


def address_word(address: str) -> bytes:
    """An address as a topic."""
    return bytes.fromhex(address[2:]).rjust(32, b"\0")


@dataclass(frozen=True, slots=True)
class _OfOne:
    """What one signatory said."""

    approval: Approval

    @property
    def approvals(self) -> tuple[Approval, ...]:
        """Who signed."""
        return (self.approval,)


@dataclass(frozen=True, slots=True)
class Proposal(_OfOne):
    """An act put before its parties, approved by whoever proposes it."""

    kind: ClassVar[str] = "proposal"
    act: Act

    @property
    def subject(self) -> bytes:
        """The hash of the act."""
        return hash_act(self.act)

    @property
    def goal(self) -> Goal:
        """Proposed by this signatory."""
        return Goal("Proposed", (None, self.subject, address_word(self.approval.signatory)))

    def struct_hash(self, decision: bytes) -> bytes:
        """An approval of the act."""
        return hash_approval(self.subject, decision)

    def call(self) -> bytes:
        """``proposeFor``."""
        one = self.approval
        return calldata("proposeFor", [one.signatory, act_tuple(self.act), one.decision, one.signature or b""])


@dataclass(frozen=True, slots=True)
class ActApproval(_OfOne):
    """One approval of an act, ahead of the act itself."""

    kind: ClassVar[str] = "approval"
    subject: bytes

    @property
    def goal(self) -> Goal:
        """Approved by this signatory, citing this decision."""
        one = self.approval
        return Goal("Approved", (self.subject, None, address_word(one.signatory)), one.decision)

    def struct_hash(self, decision: bytes) -> bytes:
        """An approval of the act."""
        return hash_approval(self.subject, decision)

    def call(self) -> bytes:
        """``approveFor``."""
        one = self.approval
        return calldata("approveFor", [one.signatory, self.subject, one.decision, one.signature or b""])


@dataclass(frozen=True, slots=True)
class Recording:
    """An act with the approvals that bind everybody concerned, in any order; those that stand on chain may lack."""

    kind: ClassVar[str] = "record"
    act: Act
    approvals: tuple[Approval, ...]

    @property
    def subject(self) -> bytes:
        """The hash of the act."""
        return hash_act(self.act)

    @property
    def goal(self) -> Goal:
        """Recorded, whoever approved it."""
        return Goal("Recorded", (None, self.subject))

    def struct_hash(self, decision: bytes) -> bytes:
        """An approval of the act."""
        return hash_approval(self.subject, decision)

    def call(self, history: Sequence[Act], approvals: Sequence[Approval]) -> bytes:
        """``record``, with the approvals in the order in which the contract wants them."""
        witnesses = [act_tuple(one) for one in history]
        signatures = [signature_words(one) for one in approvals]
        return calldata("record", [act_tuple(self.act), witnesses, signatures, decision_words(approvals)])


@dataclass(frozen=True, slots=True)
class Moving(_OfOne):
    """A motion put before the council, approved by whoever moves it."""

    kind: ClassVar[str] = "motion"
    motion: Motion

    @property
    def subject(self) -> bytes:
        """The hash of the motion."""
        return hash_motion(self.motion)

    @property
    def goal(self) -> Goal:
        """Moved by this signatory."""
        return Goal("Moved", (self.subject, None, address_word(self.approval.signatory)))

    def struct_hash(self, decision: bytes) -> bytes:
        """A vote for the motion."""
        return hash_vote(self.subject, decision)

    def call(self) -> bytes:
        """``moveFor``."""
        one = self.approval
        return calldata("moveFor", [one.signatory, motion_tuple(self.motion), one.decision, one.signature or b""])


@dataclass(frozen=True, slots=True)
class Vote(_OfOne):
    """One vote for a motion, ahead of its decision."""

    kind: ClassVar[str] = "vote"
    subject: bytes

    @property
    def goal(self) -> Goal:
        """Voted for by this signatory, citing this decision."""
        one = self.approval
        return Goal("Voted", (self.subject, None, address_word(one.signatory)), one.decision)

    def struct_hash(self, decision: bytes) -> bytes:
        """A vote for the motion."""
        return hash_vote(self.subject, decision)

    def call(self) -> bytes:
        """``voteFor``."""
        one = self.approval
        return calldata("voteFor", [one.signatory, self.subject, one.decision, one.signature or b""])


@dataclass(frozen=True, slots=True)
class Deciding:
    """A motion with the votes of a majority, in any order; those that stand on chain may lack."""

    kind: ClassVar[str] = "decision"
    motion: Motion
    approvals: tuple[Approval, ...]

    @property
    def subject(self) -> bytes:
        """The hash of the motion."""
        return hash_motion(self.motion)

    @property
    def goal(self) -> Goal:
        """Decided, whoever voted."""
        return Goal("MotionDecided", (self.subject,))

    def struct_hash(self, decision: bytes) -> bytes:
        """A vote for the motion."""
        return hash_vote(self.subject, decision)

    def call(self, organisations: Sequence[str], approvals: Sequence[Approval]) -> bytes:
        """``decide``, with the votes in the order in which the contract wants them."""
        words = [organisation_word(one) for one in organisations]
        signatures = [signature_words(one) for one in approvals]
        return calldata("decide", [motion_tuple(self.motion), words, signatures, decision_words(approvals)])


@dataclass(frozen=True, slots=True)
class Enacting:
    """A decided motion that takes effect after the veto period; nobody needs to sign that."""

    kind: ClassVar[str] = "enactment"
    motion: Motion

    @property
    def approvals(self) -> tuple[Approval, ...]:
        """Nobody signs."""
        return ()

    @property
    def subject(self) -> bytes:
        """The hash of the motion."""
        return hash_motion(self.motion)

    @property
    def goal(self) -> Goal:
        """Enacted."""
        return Goal("MotionEnacted", (self.subject,))

    def struct_hash(self, decision: bytes) -> bytes:
        """The motion itself."""
        return self.subject

    def call(self) -> bytes:
        """``enact``."""
        return calldata("enact", [motion_tuple(self.motion)])


@dataclass(frozen=True, slots=True)
class Reporting(_OfOne):
    """How far a party is with a commitment, as its signatory says."""

    kind: ClassVar[str] = "report"
    report: Report

    @property
    def subject(self) -> bytes:
        """The hash of the report."""
        return hash_report(self.report)

    @property
    def goal(self) -> Goal:
        """Reported, whoever signed it."""
        return Goal("ProgressReported", (self.report.agreement, self.report.commitment, self.subject))

    def struct_hash(self, decision: bytes) -> bytes:
        """The report itself."""
        return self.subject

    def call(self, history: Sequence[Act]) -> bytes:
        """``report``."""
        witnesses = [act_tuple(one) for one in history]
        return calldata("report", [report_tuple(self.report), witnesses, signature_words(self.approval)])


@dataclass(frozen=True, slots=True)
class Confirming(_OfOne):
    """Another party's latest report, confirmed."""

    kind: ClassVar[str] = "confirmation"
    report: Report
    organisation: str

    @property
    def subject(self) -> bytes:
        """The hash of the report."""
        return hash_report(self.report)

    @property
    def goal(self) -> Goal:
        """Confirmed for this organisation."""
        return Goal("ProgressConfirmed", (self.subject, organisation_word(self.organisation)))

    def struct_hash(self, decision: bytes) -> bytes:
        """The confirmation."""
        return hash_confirmation(self.subject, self.organisation)

    def call(self, history: Sequence[Act]) -> bytes:
        """``confirm``."""
        witnesses = [act_tuple(one) for one in history]
        word, signature = organisation_word(self.organisation), signature_words(self.approval)
        return calldata("confirm", [report_tuple(self.report), word, witnesses, signature])


Alone = Proposal | ActApproval | Moving | Vote | Enacting
"""What becomes a call by itself; the others need what the chain says besides."""

Handed = Alone | Recording | Deciding | Reporting | Confirming


def goal_to_json(goal: Goal) -> dict[str, Any]:
    """A goal as it is kept."""
    topics = [None if one is None else one.hex() for one in goal.topics]
    decision = None if goal.decision is None else goal.decision.hex()
    return {"event": goal.event, "topics": topics, "decision": decision}


def goal_from_json(told: dict[str, Any]) -> Goal:
    """A goal as it was kept."""
    topics = tuple(None if one is None else bytes.fromhex(one) for one in told["topics"])
    return Goal(told["event"], topics, bytes.fromhex(told["decision"]) if told["decision"] is not None else None)
