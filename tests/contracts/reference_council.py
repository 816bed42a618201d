"""The reference model, second part: what binds an organisation, and what the council decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from motions import ENACTMENT_PERIOD, VETO_PERIOD
from reference_organisations import Organisations
from reference_types import (
    NOBODY,
    ZERO,
    Motion,
    Refused,
    Signature,
    approval_hash,
    digest_of_hash,
    hash_of,
    recovered,
)

ASKS_FOR_TIME = ("succeed", "recover")


class Waiting(NamedTuple):
    motion_hash: bytes = ZERO
    effect_from: int = 0


class Approvals(Organisations):
    """IApprovals. `wallets` says of a contract whether it accepts a signature for a digest."""

    def __init__(self, *founded: Any) -> None:
        self.wallets: dict[str, Callable[[bytes, bytes], bool]] = {}
        self.approvals: dict[tuple[bytes, str], bytes] = {}
        super().__init__(*founded)

    def approval_of(self, subject: bytes, signatory: str) -> bytes:
        return self.approvals.get((subject, signatory), ZERO)

    def _approve(self, sender: str, kind: str, subject: bytes, decision: bytes) -> bytes:
        organisation = self._check_mandate(sender)
        self.approvals[subject, sender] = approval_hash(kind, subject, decision)
        return organisation

    def _approve_for(self, signatory: str, kind: str, subject: bytes, decision: bytes, signature: bytes) -> bytes:
        organisation = self._check_mandate(signatory)
        if (subject, signatory) in self.approvals:
            raise Refused("AlreadyApproved", signatory)
        approval = approval_hash(kind, subject, decision)
        if not self._accepts(signatory, digest_of_hash(approval, self.address, self.chain_id), signature):
            raise Refused("NotSignedBy", signatory)
        self.approvals[subject, signatory] = approval
        return organisation

    def _accepts(self, signatory: str, digest: bytes, signature: bytes) -> bool:
        if signatory == self.address:
            return False
        if signatory in self.wallets:
            return self.wallets[signatory](digest, signature)
        if len(signature) != 65:
            return False
        r, s = (int.from_bytes(signature[start : start + 32], "big") for start in (0, 32))
        return recovered(digest, r, s, signature[64] - 27) == signatory

    def _signatory(self, digest: bytes, signature: Signature, stands: Callable[[str], bool]) -> str:
        """Who signed the digest; with r = 0, the address in vs, if that `stands`."""
        if signature.r != ZERO:
            vs = int.from_bytes(signature.vs, "big")
            signer = recovered(digest, int.from_bytes(signature.r, "big"), vs % 2**255, vs >> 255)
            if signer is None:
                raise Refused("InvalidSignature", signature.r, signature.vs)
            return signer
        named = "0x" + signature.vs[12:].hex()
        if any(signature.vs[:12]):
            raise Refused("InvalidSignature", ZERO, signature.vs)
        if not stands(named):
            raise Refused("NotApproved", named)
        return named

    def _check_approved(
        self,
        kind: str,
        subject: bytes,
        required: Sequence[bytes],
        bound: Sequence[bytes],
        approvals: Sequence[Signature],
        decisions: Sequence[bytes],
    ) -> list[str]:
        """The signatories, if they bind each required organisation in its turn and none is left over."""
        if decisions and len(decisions) != len(approvals):
            raise Refused("DecisionsMismatch", len(approvals), len(decisions))
        turns, group, signatories = list(required), [], []
        for approval, decision in zip(approvals, decisions or [ZERO] * len(approvals), strict=True):
            wanted = approval_hash(kind, subject, decision)
            digest = digest_of_hash(wanted, self.address, self.chain_id)
            signatory = self._signatory(
                digest, approval, lambda named, wanted=wanted: self.approval_of(subject, named) == wanted
            )
            organisation = self._check_mandate(signatory)
            if not turns or self.heir(turns[0]) != organisation:
                if not turns or organisation < turns[0]:
                    raise Refused("ApprovalNotRequired", organisation, signatory)
                raise Refused("ApprovalsMissing", turns[0], len(group), self._needed(group))
            newly = turns[0] not in bound
            if newly and (turns[0] in self.successors or self.member_of(turns[0]).expelled):
                raise Refused("EntersNothingNew", turns[0])
            if group and signatory <= group[-1]:
                raise Refused("ApprovalsNotAscending", signatory)
            group.append(signatory)
            signatories.append(signatory)
            if len(group) >= self._needed(group):
                turns.pop(0)
                group = []
        if turns:
            raise Refused("ApprovalsMissing", turns[0], len(group), self._needed(group))
        return signatories

    def _needed(self, group: Sequence[str]) -> int:
        return min((self.mandates[signatory].together for signatory in group), default=1)


class Council(Approvals):
    """ICouncil."""

    def __init__(self, *founded: Any) -> None:
        self.decided: set[bytes] = set()
        self.waiting: dict[bytes, Waiting] = {}
        super().__init__(*founded)

    def move(self, sender: str, motion: Motion, decision: bytes) -> bytes:
        self._check_mandate(sender)
        self._emit(
            "Moved", motionHash=hash_of(motion), organisation=motion.organisation, signatory=sender, motion=motion
        )
        self.vote(sender, hash_of(motion), decision)
        return hash_of(motion)

    def move_for(self, _sender: str, signatory: str, motion: Motion, decision: bytes, signature: bytes) -> bytes:
        organisation = self._approve_for(signatory, "Vote", hash_of(motion), decision, signature)
        self._emit(
            "Moved", motionHash=hash_of(motion), organisation=motion.organisation, signatory=signatory, motion=motion
        )
        self._voted(hash_of(motion), organisation, signatory, decision)
        return hash_of(motion)

    def vote(self, sender: str, motion_hash: bytes, decision: bytes) -> None:
        organisation = self._approve(sender, "Vote", motion_hash, decision)
        self._voted(motion_hash, organisation, sender, decision)

    def vote_for(self, _sender: str, signatory: str, motion_hash: bytes, decision: bytes, signature: bytes) -> None:
        organisation = self._approve_for(signatory, "Vote", motion_hash, decision, signature)
        self._voted(motion_hash, organisation, signatory, decision)

    def decide(
        self,
        _sender: str,
        motion: Motion,
        organisations: Sequence[bytes],
        approvals: Sequence[Signature],
        decisions: Sequence[bytes],
    ) -> bytes:
        motion_hash, organisation = hash_of(motion), motion.organisation
        if motion_hash in self.decided:
            raise Refused("AlreadyDecided", motion_hash)
        if motion.deadline < self.now:
            raise Refused("MotionExpired", motion.deadline)
        self._check_motion(motion)
        self._check_majority(organisation, organisations)
        signatories = self._check_approved("Vote", motion_hash, organisations, organisations, approvals, decisions)
        waits = motion.action in ASKS_FOR_TIME and organisation not in organisations
        if waits:
            other = self.waiting.get(organisation)
            if other and self.now < other.effect_from + ENACTMENT_PERIOD:
                raise Refused("AnotherPending", *other)
        else:
            self._check_effect(motion)
        effect_from = self.now + VETO_PERIOD if waits else self.now
        self.decided.add(motion_hash)
        self._record(
            "MotionDecided",
            motionHash=motion_hash,
            organisation=organisation,
            motion=motion,
            signatories=tuple(signatories),
            decisions=tuple(decisions),
            effectFrom=effect_from,
        )
        if waits:
            self.waiting[organisation] = Waiting(motion_hash, effect_from)
        else:
            self._take_effect(motion)
        return motion_hash

    def enact(self, _sender: str, motion: Motion) -> None:
        motion_hash, effect_from = self.pending_of(motion.organisation)
        if motion_hash != hash_of(motion):
            raise Refused("NotPending", hash_of(motion))
        if self.now < effect_from:
            raise Refused("VetoPeriod", effect_from)
        if self.now >= effect_from + ENACTMENT_PERIOD:
            raise Refused("MotionLapsed", effect_from + ENACTMENT_PERIOD)
        self._check_motion(motion)
        self._check_effect(motion)
        self._take_effect(motion)

    def veto(self, sender: str, organisation: bytes, motion_hash: bytes, reason: bytes) -> None:
        if motion_hash == ZERO or self.pending_of(organisation).motion_hash != motion_hash:
            raise Refused("NotPending", motion_hash)
        if self.member_of(organisation).administrator != sender and self.signs_for(sender) != organisation:
            raise Refused("NotConcerned", organisation, sender)
        del self.waiting[organisation]
        self._record("MotionVetoed", motionHash=motion_hash, organisation=organisation, sender=sender, reason=reason)

    def is_decided(self, motion_hash: bytes) -> bool:
        return motion_hash in self.decided

    def pending_of(self, organisation: bytes) -> Waiting:
        return self.waiting.get(organisation, Waiting())

    def _voted(self, motion_hash: bytes, organisation: bytes, signatory: str, decision: bytes) -> None:
        self._emit("Voted", motionHash=motion_hash, organisation=organisation, signatory=signatory, decision=decision)

    def _check_motion(self, motion: Motion) -> None:
        """What the motion asks for must be possible as things stand, and it must ask for nothing else."""
        action, organisation, administrator, successor, votes = motion[:5]
        invalid = Refused("InvalidMotion", hash_of(motion))
        member = self.members.get(organisation)
        if organisation in self.successors:
            raise Refused("AlreadySucceeded", organisation, self.successors[organisation])
        if action == "admit":
            if successor != ZERO:
                raise invalid
            if member is None:
                return
            returns = member.expelled or member.votes != votes
            if not returns or administrator != member.administrator:
                raise Refused("AlreadyMember", organisation)
            return
        if votes:
            raise invalid
        if member is None:
            raise Refused("NotMember", organisation)
        if action == "expel":
            if administrator != NOBODY or successor != ZERO:
                raise invalid
            if member.expelled:
                raise Refused("NotMember", organisation)
        elif action == "succeed":
            if administrator != NOBODY or successor == organisation:
                raise invalid
            if successor not in self.members or self.members[successor].expelled:
                raise Refused("NotMember", successor)
        elif action == "recover":
            if administrator in (NOBODY, member.administrator) or successor != ZERO:
                raise invalid
        else:
            raise Refused("UnknownAction", action)

    def _check_majority(self, concerned: bytes, organisations: Sequence[bytes]) -> None:
        in_favour, previous = 0, ZERO
        for organisation in organisations:
            if organisation <= previous:
                raise Refused("OrganisationsNotAscending", organisation)
            previous = organisation
            votes = self.member_of(organisation).votes
            if not votes and organisation != concerned:
                raise Refused("NotVoting", organisation)
            in_favour += votes
        if in_favour * 2 <= self.voters():
            raise Refused("NoMajority", in_favour, self.voters())

    def _check_effect(self, motion: Motion) -> None:
        """Somebody must be left who votes, and whoever is admitted must have a name and an administrator."""
        voting = {name for name, member in self.members.items() if member.votes}
        if motion.action != "recover":
            voting = voting | {motion.organisation} if motion.votes else voting - {motion.organisation}
        if not voting:
            raise Refused("NoVoters")
        if motion.action == "admit":
            self._check_member(motion.organisation, motion.administrator)

    def _take_effect(self, motion: Motion) -> None:
        organisation = motion.organisation
        self._record("MotionEnacted", motionHash=hash_of(motion), organisation=organisation)
        if motion.action in ASKS_FOR_TIME:
            self.waiting.pop(organisation, None)
        if motion.action == "admit":
            self._admit(organisation, motion.administrator, motion.votes)
        elif motion.action == "expel":
            self._expel(organisation)
        elif motion.action == "succeed":
            self._succeed(organisation, motion.successor)
        else:
            self._replace_administrator(organisation, motion.administrator)
