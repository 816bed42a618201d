"""What organisations do for themselves and decide together: administrators, services, motions of the council.

Works on a :class:`~registry.service.Service`; every rule is checked here first so that the answer says what to do,
and then by the contract, which alone decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from registry import timeline
from registry.carried import CarriedMotion
from registry.chain import Sent
from registry.dossier import day_of
from registry.errors import NotFoundError, RefusedError, UsageError
from registry.keys import Signer
from registry.membership import MotionRecord, MotionStatus
from registry.model import NO_HASH, NOBODY, Action, Approval, Member, Motion
from registry.progress import binding_approvals
from registry.service import Service, View, sign_approval
from registry.statements import hash_motion

_UNSETTLED = (MotionStatus.OPEN, MotionStatus.VETO_PERIOD, MotionStatus.ENACTABLE)


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a motion is: who approves it, counted as the contract would count now.

    ``in_favour`` are the voting members that approve, ``missing`` those that do not yet; ``consents`` says whether the
    organisation concerned does; ``approvals`` come in the order in which the contract wants them.
    """

    in_favour: tuple[str, ...]
    voters: int
    consents: bool
    organisations: tuple[str, ...]
    approvals: tuple[Approval, ...]
    missing: tuple[str, ...] = ()

    @property
    def needed(self) -> int:
        """How many voting members must approve."""
        return self.voters // 2 + 1

    @property
    def carried(self) -> bool:
        """Whether the motion can be decided."""
        return len(self.in_favour) >= self.needed


class Governing:
    """The use cases of administrators and of the council, on one register."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._register = service.register

    # An organisation by itself

    def hand_over(self, view: View, organisation: str, nominee: str, signer: Signer) -> Sent:
        """Puts a key forward as the next administrator; NOBODY takes that back."""
        member = self._require_member(view, organisation)
        if nominee == member.administrator:
            raise RefusedError(f"{nominee} is the administrator already")
        if nominee == member.nominee == NOBODY:
            raise RefusedError(f"nobody was put forward as administrator of {self._name(organisation)}")
        return self._register.hand_over(organisation, nominee, signer)

    def take_over(self, view: View, organisation: str, signer: Signer) -> Sent:
        """Takes over as administrator, with the key that was put forward."""
        self._require_member(view, organisation)
        return self._register.take_over(organisation, signer)

    def announce(self, view: View, organisation: str, service: str, signer: Signer) -> Sent:
        """Says where the organisation's service is; empty = nowhere."""
        self._require_member(view, organisation)
        try:
            service.encode()
        except UnicodeEncodeError as error:
            raise UsageError("the address of the service is not text", hint="write it in UTF-8") from error
        return self._register.announce(organisation, service, signer)

    # The council

    def motion(self, view: View, text: str) -> MotionRecord:
        """The motion on chain whose hash begins with the text."""
        try:
            return timeline.by_prefix(view.ledger.membership.motions, text, "a motion")[1]
        except NotFoundError as error:
            raise NotFoundError(error.message, hint="see what there is with: foodvalley motion list") from error

    def record_of(self, view: View, motion: Motion) -> MotionRecord:
        """What became of a motion, which need not be on chain yet: it may have come as a file."""
        membership, motion_hash = view.ledger.membership, hash_motion(motion)
        votes = {one.signatory: one for one in membership.votes_for(motion_hash)}
        return membership.motions.get(motion_hash) or MotionRecord(motion_hash, motion, votes=votes)

    def unsettled(self, view: View) -> list[MotionRecord]:
        """The motions of which something can still come: open, or decided and waiting."""
        found = view.ledger.membership.motions.values()
        return [one for one in found if one.status(view.now) in _UNSETTLED]

    def waiting(self, view: View, organisation: str) -> MotionRecord | None:
        """The decided motion that waits for an organisation and was not vetoed; None if none does, or it lapsed."""
        motion_hash = view.ledger.membership.pending.get(organisation)
        record = view.ledger.membership.motions[motion_hash] if motion_hash else None
        lapsed = record is None or record.status(view.now) is MotionStatus.LAPSED
        return None if lapsed else record

    def require_possible(self, view: View, motion: Motion) -> None:
        """RefusedError if the council could not decide this now, whoever approves it."""
        membership = view.ledger.membership
        _require_sound(motion)
        member = membership.members.get(motion.organisation)
        if member is not None and member.successor:
            heir = self._name(membership.heir_of(motion.organisation))
            raise RefusedError(f"{heir} took the place of {self._name(motion.organisation)} already")
        if motion.action is Action.ADMIT:
            self._require_admissible(member, motion)
        else:
            self._require_member(view, motion.organisation)
        if motion.action is Action.EXPEL and member is not None and member.expelled:
            raise RefusedError(f"{self._name(motion.organisation)} was expelled already")
        if motion.action is Action.SUCCEED:
            successor = self._require_member(view, motion.successor)
            if motion.successor == motion.organisation or not successor.takes_part:
                raise RefusedError(f"{self._name(motion.successor)} cannot take that place")
        if motion.action is Action.RECOVER and member is not None and member.administrator == motion.administrator:
            raise RefusedError(f"{motion.administrator} is the administrator already")

    def is_possible(self, view: View, motion: Motion) -> bool:
        """Whether the council could decide this now, if a majority approved it."""
        try:
            self.require_possible(view, motion)
        except RefusedError:
            return False
        return True

    def require_open(self, view: View, motion: Motion) -> None:
        """RefusedError if it was decided before, or it is too late to decide it."""
        record = self.record_of(view, motion)
        if record.decided is not None:
            raise RefusedError(
                f"motion 0x{record.motion_hash.hex()} was decided already ({record.status(view.now).value})",
                hint="to ask the same again, move it with another --deadline",
            )
        if motion.deadline < view.now:
            raise RefusedError(
                f"the motion had to be decided by {day_of(motion.deadline)}",
                hint="move it anew with a later --deadline",
            )

    def require_say(self, view: View, motion: Motion, signatory: str) -> str:
        """The organisation for which the key approves a motion; RefusedError if its approval could not count."""
        mandate = view.ledger.mandates.get(signatory)
        if mandate is None or not mandate.in_force_at(view.now):
            raise RefusedError(
                f"{signatory} has no mandate in force", hint="let your administrator appoint it: foodvalley appoint"
            )
        member = view.ledger.members[mandate.organisation]
        if not member.votes and member.organisation != motion.organisation:
            raise RefusedError(f"{self._name(member.organisation)} has no vote in the council")
        return member.organisation

    def require_waiting(self, view: View, record: MotionRecord) -> None:
        """RefusedError unless the motion is decided and waits, so that it can be vetoed."""
        if view.ledger.membership.pending.get(record.motion.organisation) != record.motion_hash:
            raise RefusedError(
                f"motion 0x{record.motion_hash.hex()} does not wait ({record.status(view.now).value})",
                hint="only a decided motion to succeed or recover can be vetoed, until it is enacted",
            )

    def tally(self, view: View, motion: Motion, carried: Iterable[Approval] = ()) -> Tally:
        """Who approves a motion, on chain or by a signature that is carried along."""
        membership = view.ledger.membership
        on_chain = membership.votes_for(hash_motion(motion))
        given = {one.signatory: one for one in carried}
        given |= {one.signatory: Approval(one.signatory, one.decision) for one in on_chain}
        binding: dict[str, list[Approval]] = {}
        for member in sorted(membership.members.values(), key=lambda one: one.organisation):
            if member.votes or member.organisation == motion.organisation:
                chosen = binding_approvals(view.ledger.signatories_of(member.organisation), given, view.now)
                binding |= {member.organisation: chosen} if chosen else {}
        voting = [one for one in membership.members.values() if one.votes]
        return Tally(
            in_favour=tuple(one for one in binding if membership.members[one].votes),
            voters=membership.voters,
            consents=motion.organisation in binding,
            organisations=tuple(binding),
            approvals=tuple(approval for chosen in binding.values() for approval in chosen),
            missing=tuple(sorted(one.organisation for one in voting if one.organisation not in binding)),
        )

    def move(self, view: View, motion: Motion, signer: Signer, decision: bytes = NO_HASH) -> Sent:
        """Puts a motion before the council, approved by the mover."""
        self.require_possible(view, motion)
        return self._register.move(motion, signer, decision)

    def vote(self, motion_hash: bytes, signer: Signer, decision: bytes = NO_HASH) -> Sent:
        """Approves a motion in a transaction of the signatory's own."""
        return self._register.vote(motion_hash, signer, decision)

    def sign(self, motion: Motion, signer: Signer, decision: bytes = NO_HASH) -> Approval:
        """A vote as a signature, for another to carry; no transaction."""
        return sign_approval(CarriedMotion(self._register.domain, motion), signer, decision)

    def decide(
        self, view: View, motion: Motion, signer: Signer, carried: Iterable[Approval] = ()
    ) -> tuple[Sent, Tally]:
        """Decides a motion that a majority approved; RefusedError if there is none, or another motion waits."""
        self.require_possible(view, motion)
        tally = self.tally(view, motion, carried)
        if not tally.carried:
            names = ", ".join(self._name(one) for one in tally.in_favour) or "nobody"
            raise RefusedError(
                f"{len(tally.in_favour)} of the {tally.voters} voting members approve ({names}); "
                f"{tally.needed} are needed",
                hint="let more of them sign: foodvalley motion sign, or name the file with their votes",
            )
        return self._register.decide(motion, tally.organisations, tally.approvals, signer), tally

    def enact(self, motion: Motion, signer: Signer) -> Sent:
        """Carries out a decided motion after the veto period."""
        return self._register.enact(motion, signer)

    def veto(self, record: MotionRecord, signer: Signer, reason: bytes = NO_HASH) -> Sent:
        """Stops a motion that waits, as the administrator or a signatory of the organisation concerned."""
        return self._register.veto(record.motion.organisation, record.motion_hash, signer, reason)

    def _require_admissible(self, member: Member | None, motion: Motion) -> None:
        if member is None:
            return
        if member.administrator != motion.administrator:
            raise RefusedError(
                f"{self._name(motion.organisation)} takes part already, with administrator {member.administrator}",
                hint="admit it with that key, or replace the key with: foodvalley motion recover",
            )
        if member.takes_part and member.votes == motion.votes:
            raise RefusedError(f"{self._name(motion.organisation)} takes part already, with this vote")

    def _require_member(self, view: View, organisation: str) -> Member:
        member = view.ledger.members.get(organisation)
        if member is None or member.successor:
            raise RefusedError(
                f"{self._name(organisation)} does not take part in this register",
                hint="see who does: foodvalley council",
            )
        return member

    def _name(self, organisation: str) -> str:
        return f"{self._service.directory.name(organisation)} ({organisation})"


def _require_sound(motion: Motion) -> None:
    """RefusedError unless the motion names what its action needs, and nothing else."""
    names_key = motion.action in (Action.ADMIT, Action.RECOVER)
    if names_key and motion.administrator == NOBODY:
        raise RefusedError("an organisation has an administrator", hint="name its key: --administrator ADDRESS")
    surplus = (
        motion.administrator != NOBODY and not names_key,
        motion.successor and motion.action is not Action.SUCCEED,
        motion.votes and motion.action is not Action.ADMIT,
    )
    if any(surplus):
        raise RefusedError(
            f"the motion says more than it takes to {motion.action} an organisation",
            hint="make it with: foodvalley motion",
        )
