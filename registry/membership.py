"""Who takes part and who may sign for whom, folded from events: organisations, mandates, motions.

Pure. The rules are those of ``contracts/Mandates.sol`` and ``contracts/Council.sol``, which alone decide.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from registry import model
from registry.model import NOBODY, Event, Mandate, Member, Motion

VETO_PERIOD = 14 * 86_400
"""Seconds in which an organisation can veto what would put somebody in its place; as in ``Council``."""
ENACTMENT_PERIOD = 28 * 86_400
"""Seconds after the veto period in which a motion can be enacted; as in ``Council``."""


class MotionStatus(StrEnum):
    """Where a motion stands."""

    OPEN = "open"
    VETO_PERIOD = "veto period"
    ENACTABLE = "enactable"
    ENACTED = "enacted"
    VETOED = "vetoed"
    LAPSED = "lapsed"
    EXPIRED = "expired"
    VOID = "void"

    @property
    def dutch(self) -> str:
        """The word on screen."""
        return _DUTCH_STATUS[self]


_DUTCH_STATUS = {
    MotionStatus.OPEN: "ligt voor",
    MotionStatus.VETO_PERIOD: "aangenomen, vetotermijn loopt",
    MotionStatus.ENACTABLE: "aangenomen, kan worden uitgevoerd",
    MotionStatus.ENACTED: "uitgevoerd",
    MotionStatus.VETOED: "tegengehouden met een veto",
    MotionStatus.LAPSED: "vervallen: niet op tijd uitgevoerd",
    MotionStatus.EXPIRED: "vervallen: niet op tijd aangenomen",
    MotionStatus.VOID: "vervallen: achterhaald",
}


@dataclass(slots=True)
class MotionRecord:
    """A motion, and what became of it so far; ``votes`` are those on chain, by signatory."""

    motion_hash: bytes
    motion: Motion
    moved: model.Moved | None = None
    votes: dict[str, model.Voted] = field(default_factory=dict)
    decided: model.MotionDecided | None = None
    enacted: model.MotionEnacted | None = None
    vetoed: model.MotionVetoed | None = None
    void: bool = False

    @property
    def lapses_at(self) -> int:
        """From when a decided motion can no longer be enacted, unix seconds; 0 if it was not decided."""
        return self.decided.effect_from + ENACTMENT_PERIOD if self.decided else 0

    def status(self, now: int) -> MotionStatus:
        """Where it stands at a moment, which must not lie before its last event."""
        if self.enacted:
            return MotionStatus.ENACTED
        if self.vetoed:
            return MotionStatus.VETOED
        if self.decided is None:
            return MotionStatus.OPEN if now <= self.motion.deadline else MotionStatus.EXPIRED
        if self.void:
            return MotionStatus.VOID
        if now < self.decided.effect_from:
            return MotionStatus.VETO_PERIOD
        return MotionStatus.ENACTABLE if now < self.lapses_at else MotionStatus.LAPSED


@dataclass(slots=True)
class Membership:
    """The organisations, mandates and motions at one block."""

    members: dict[str, Member] = field(default_factory=dict)
    mandates: dict[str, Mandate] = field(default_factory=dict)
    motions: dict[bytes, MotionRecord] = field(default_factory=dict)
    pending: dict[str, bytes] = field(default_factory=dict)
    _votes: dict[bytes, dict[str, model.Voted]] = field(default_factory=dict)

    @property
    def voters(self) -> int:
        """How many members vote."""
        return sum(member.votes for member in self.members.values())

    def heir_of(self, organisation: str) -> str:
        """Who answers for an organisation now: itself, or the last of its successors."""
        member = self.members.get(organisation)
        while member is not None and member.successor:
            organisation = member.successor
            member = self.members.get(organisation)
        return organisation

    def signatories_of(self, organisation: str) -> list[Mandate]:
        """The organisation's mandates, ended ones included, by address."""
        mine = (one for one in self.mandates.values() if one.organisation == organisation)
        return sorted(mine, key=lambda one: one.signatory)

    def votes_for(self, motion_hash: bytes) -> list[model.Voted]:
        """The votes for a motion on chain, also if nobody put the motion itself there."""
        return list(self._votes.get(motion_hash, {}).values())

    def add(self, event: Event) -> None:
        """Takes in the next event; those of agreements and commitments leave it as it is."""
        match event:
            case model.MemberAdmitted(member=member):
                known = self.members.get(member.organisation)
                kept = (known.nominee, known.service) if known else (NOBODY, "")
                self.members[member.organisation] = replace(member, nominee=kept[0], service=kept[1])
            case model.MemberExpelled():
                self._change(event.organisation, votes=False, expelled=True)
            case model.MemberSucceeded():
                self._succeed(event)
            case model.AdministratorNominated():
                self._change(event.organisation, nominee=event.nominee)
            case model.AdministratorReplaced():
                self._change(event.organisation, administrator=event.administrator, nominee=NOBODY)
            case model.ServiceAnnounced():
                self._change(event.organisation, service=event.service.decode("utf-8", errors="replace"))
            case model.SignatoryAppointed(mandate=mandate):
                self.mandates[mandate.signatory] = mandate
            case model.SignatoryDismissed():
                self._end(event.signatory, event.place.timestamp)
            case model.Moved() | model.Voted() | model.MotionDecided() | model.MotionVetoed() | model.MotionEnacted():
                self._follow(event)

    def _follow(
        self, event: model.Moved | model.Voted | model.MotionDecided | model.MotionVetoed | model.MotionEnacted
    ) -> None:
        match event:
            case model.Moved():
                record = self._record(event.motion_hash, event.motion)
                record.moved = record.moved or event
            case model.Voted():
                # A vote may come before anybody said what the motion is.
                self._votes.setdefault(event.motion_hash, {})[event.signatory] = event
            case model.MotionDecided():
                record = self._record(event.motion_hash, event.motion)
                record.decided = event
                if event.effect_from > event.place.timestamp:
                    # What stood there had lapsed, else this one could not have been decided.
                    self.pending[event.motion.organisation] = event.motion_hash
            case model.MotionVetoed():
                self.motions[event.motion_hash].vetoed = event
                self.pending.pop(event.organisation, None)
            case model.MotionEnacted():
                record = self.motions[event.motion_hash]
                record.enacted = event
                if record.motion.action.can_be_vetoed:
                    self._clear_pending(event)

    def _record(self, motion_hash: bytes, motion: Motion) -> MotionRecord:
        votes = self._votes.setdefault(motion_hash, {})
        return self.motions.setdefault(motion_hash, MotionRecord(motion_hash, motion, votes=votes))

    def _clear_pending(self, event: model.MotionEnacted) -> None:
        """What waited is overtaken, unless it lapsed before or is what takes effect now."""
        motion_hash = self.pending.pop(event.organisation, None)
        if motion_hash is not None:
            record = self.motions[motion_hash]
            record.void = not record.enacted and event.place.timestamp < record.lapses_at

    def _succeed(self, event: model.MemberSucceeded) -> None:
        self._change(
            event.organisation,
            administrator=NOBODY,
            votes=False,
            expelled=False,
            nominee=NOBODY,
            service="",
            successor=event.successor,
        )
        for mandate in self.signatories_of(event.organisation):
            self._end(mandate.signatory, event.place.timestamp)

    def _end(self, signatory: str, moment: int) -> None:
        mandate = self.mandates[signatory]
        if not mandate.valid_until or moment < mandate.valid_until:
            self.mandates[signatory] = replace(mandate, valid_until=moment)

    def _change(self, organisation: str, **values: str | bool) -> None:
        self.members[organisation] = replace(self.members[organisation], **values)  # type: ignore[arg-type]
