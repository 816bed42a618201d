"""The things the register knows: acts, motions, reports, mandates, and the events that recorded them.

Plain frozen values without I/O. Hashes are 32 ``bytes``; addresses are checksummed ``str``; organisations are
TOOI identifiers (``gm0345``); times are unix seconds, and a period runs from ``valid_from`` up to, not
including, ``valid_until``, where 0 means open-ended.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

NO_HASH = bytes(32)
"""Stands where a hash could be and none is: no agreement yet, no previous act, no decision cited."""

NOBODY = "0x" + 40 * "0"
"""The address that stands where a key could be and none is."""


class Verb(StrEnum):
    """The five things an act can do (Wet gemeenschappelijke regelingen, art. 1 and 9)."""

    CONCLUDE = "conclude"
    AMEND = "amend"
    ACCEDE = "accede"
    LEAVE = "leave"
    END = "end"

    @property
    def dutch(self) -> str:
        """The word on screen."""
        return _DUTCH_VERBS[self]


_DUTCH_VERBS = {
    Verb.CONCLUDE: "treffen",
    Verb.AMEND: "wijziging",
    Verb.ACCEDE: "toetreding",
    Verb.LEAVE: "uittreding",
    Verb.END: "opheffing",
}


class Status(StrEnum):
    """Whether an agreement holds at a moment."""

    PENDING = "pending"
    IN_FORCE = "in force"
    EXPIRED = "expired"
    ENDED = "ended"

    @property
    def dutch(self) -> str:
        """The word on screen."""
        return _DUTCH_STATUS[self]


_DUTCH_STATUS = {
    Status.PENDING: "nog niet in werking",
    Status.IN_FORCE: "van kracht",
    Status.EXPIRED: "verlopen",
    Status.ENDED: "beëindigd",
}


@dataclass(frozen=True, slots=True)
class Act:
    """One step in the life of an agreement; member order and meaning as ``IRegister.Act``."""

    dossier: bytes
    parties: tuple[str, ...]
    valid_from: int
    valid_until: int = 0
    notice: int = 0
    deadline: int = 0
    agreement: bytes = NO_HASH
    previous: bytes = NO_HASH

    @property
    def concludes(self) -> bool:
        """Whether this is the first act of an agreement."""
        return self.previous == NO_HASH

    @property
    def ends(self) -> bool:
        """Whether nobody is left to be bound to anybody: from ``valid_from`` on there is no agreement."""
        return len(self.parties) < 2

    def holds_at(self, moment: int) -> bool:
        """Whether this act, being the one that governs, binds its parties at that moment."""
        return not self.ends and self.valid_from <= moment and (not self.valid_until or moment < self.valid_until)

    def verb_after(self, previous: Act | None) -> Verb:
        """What the act does, given the one it follows: derived from the parties, never stated."""
        if previous is None:
            return Verb.CONCLUDE
        before, after = set(previous.parties), set(self.parties)
        if not after:
            return Verb.END
        if before < after:
            return Verb.ACCEDE
        return Verb.LEAVE if after < before else Verb.AMEND


class Action(StrEnum):
    """The four things a motion can ask of the council."""

    ADMIT = "admit"
    EXPEL = "expel"
    SUCCEED = "succeed"
    RECOVER = "recover"

    @property
    def dutch(self) -> str:
        """The word on screen."""
        return _DUTCH_ACTIONS[self]

    @property
    def can_be_vetoed(self) -> bool:
        """Whether it puts somebody in another's place, so that it waits unless that organisation approves."""
        return self in (Action.SUCCEED, Action.RECOVER)


_DUTCH_ACTIONS = {
    Action.ADMIT: "toelating",
    Action.EXPEL: "uitsluiting",
    Action.SUCCEED: "opvolging",
    Action.RECOVER: "herstel van de beheerder",
}


@dataclass(frozen=True, slots=True)
class Motion:
    """What the council is asked to decide; member order and meaning as ``ICouncil.Motion``.

    ``successor`` is empty, and ``administrator`` is NOBODY, where the action names none.
    """

    action: Action
    organisation: str
    deadline: int
    administrator: str = NOBODY
    successor: str = ""
    votes: bool = False
    dossier: bytes = NO_HASH


class Stage(StrEnum):
    """How far a party says it is with a commitment: the ``progress`` of ``ICommitments.Report``."""

    STARTED = "started"
    FULFILLED = "fulfilled"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"

    @property
    def dutch(self) -> str:
        """The word on screen."""
        return _DUTCH_STAGES[self]


_DUTCH_STAGES = {
    Stage.STARTED: "begonnen",
    Stage.FULFILLED: "nagekomen",
    Stage.BLOCKED: "belemmerd",
    Stage.CANCELLED: "vervallen",
}


@dataclass(frozen=True, slots=True)
class Report:
    """What a party says of a commitment; member order and meaning as ``ICommitments.Report``."""

    agreement: bytes
    commitment: bytes
    organisation: str
    stage: Stage
    evidence: bytes = NO_HASH
    previous: bytes = NO_HASH


@dataclass(frozen=True, slots=True)
class Founder:
    """An organisation as the council is founded with it."""

    organisation: str
    administrator: str
    votes: bool = True


@dataclass(frozen=True, slots=True)
class Member:
    """An organisation that takes part, or did; a guest (``votes`` false) signs and does not vote.

    One that was expelled keeps its say in what binds it; one with a ``successor`` has nothing left. ``nominee`` is
    the key that may take over as administrator, ``service`` the address it announced: what others wrote, so hostile.
    """

    organisation: str
    administrator: str
    votes: bool
    expelled: bool = False
    successor: str = ""
    nominee: str = NOBODY
    service: str = ""

    @property
    def takes_part(self) -> bool:
        """Whether it can enter new agreements."""
        return not self.expelled and not self.successor


@dataclass(frozen=True, slots=True)
class Mandate:
    """The right of a key to sign for an organisation; ``together`` signatories bind it, 1 = alone."""

    signatory: str
    organisation: str
    valid_from: int
    valid_until: int = 0
    together: int = 1
    decision: bytes = NO_HASH

    def in_force_at(self, moment: int) -> bool:
        """Whether an approval under this mandate counts at that moment."""
        return self.valid_from <= moment and (not self.valid_until or moment < self.valid_until)


@dataclass(frozen=True, slots=True)
class Approval:
    """One signatory's approval of an act or motion; ``signature`` is 65 bytes (r, s, v), None if it stands on chain."""

    signatory: str
    decision: bytes = NO_HASH
    signature: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where and when an event was recorded."""

    block: int
    log_index: int
    transaction: bytes
    block_hash: bytes
    timestamp: int


@dataclass(frozen=True, slots=True)
class MemberAdmitted:
    """An organisation takes part from now on."""

    place: Place
    member: Member


@dataclass(frozen=True, slots=True)
class MemberExpelled:
    """An organisation lost its vote and enters nothing new."""

    place: Place
    organisation: str


@dataclass(frozen=True, slots=True)
class MemberSucceeded:
    """A member took the place of an organisation, whose mandates all end."""

    place: Place
    organisation: str
    successor: str


@dataclass(frozen=True, slots=True)
class AdministratorNominated:
    """The administrator put a key forward that may take over."""

    place: Place
    organisation: str
    nominee: str


@dataclass(frozen=True, slots=True)
class AdministratorReplaced:
    """An organisation has another administrator."""

    place: Place
    organisation: str
    administrator: str


@dataclass(frozen=True, slots=True)
class ServiceAnnounced:
    """Where an organisation says its service is: up to 255 bytes that need not be text. Believe nothing of them."""

    place: Place
    organisation: str
    service: bytes


@dataclass(frozen=True, slots=True)
class SignatoryAppointed:
    """A key may sign for an organisation."""

    place: Place
    mandate: Mandate


@dataclass(frozen=True, slots=True)
class SignatoryDismissed:
    """A key may no longer sign for an organisation."""

    place: Place
    organisation: str
    signatory: str
    decision: bytes


@dataclass(frozen=True, slots=True)
class Proposed:
    """An act was put before its parties; says nothing of whether it can be recorded."""

    place: Place
    act_hash: bytes
    act: Act
    signatory: str


@dataclass(frozen=True, slots=True)
class Approved:
    """A signatory approved an act on chain."""

    place: Place
    act_hash: bytes
    organisation: str
    signatory: str
    decision: bytes


@dataclass(frozen=True, slots=True)
class Recorded:
    """An act was recorded; ``decisions`` is empty if no approval cites one."""

    place: Place
    agreement: bytes
    act_hash: bytes
    act: Act
    signatories: tuple[str, ...]
    decisions: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Declined:
    """An act was declined or withdrawn: it can never be recorded."""

    place: Place
    act_hash: bytes
    organisation: str
    signatory: str
    reason: bytes


@dataclass(frozen=True, slots=True)
class Moved:
    """A motion was put before the council; says nothing of whether it can be decided."""

    place: Place
    motion_hash: bytes
    motion: Motion
    signatory: str


@dataclass(frozen=True, slots=True)
class Voted:
    """A signatory approved a motion on chain."""

    place: Place
    motion_hash: bytes
    organisation: str
    signatory: str
    decision: bytes


@dataclass(frozen=True, slots=True)
class MotionDecided:
    """A majority carried a motion, to take effect from ``effect_from``; ``decisions`` as in Recorded."""

    place: Place
    motion_hash: bytes
    motion: Motion
    signatories: tuple[str, ...]
    decisions: tuple[bytes, ...]
    effect_from: int


@dataclass(frozen=True, slots=True)
class MotionVetoed:
    """The organisation concerned stopped a decided motion for good."""

    place: Place
    motion_hash: bytes
    organisation: str
    sender: str
    reason: bytes


@dataclass(frozen=True, slots=True)
class MotionEnacted:
    """A decided motion took effect; the next event says what it changed."""

    place: Place
    motion_hash: bytes
    organisation: str


@dataclass(frozen=True, slots=True)
class ProgressReported:
    """A party reported how far it is with a commitment."""

    place: Place
    report_hash: bytes
    report: Report
    signatory: str


@dataclass(frozen=True, slots=True)
class ProgressConfirmed:
    """Another party confirmed a report."""

    place: Place
    report_hash: bytes
    organisation: str
    signatory: str


Event = (
    MemberAdmitted
    | MemberExpelled
    | MemberSucceeded
    | AdministratorNominated
    | AdministratorReplaced
    | ServiceAnnounced
    | SignatoryAppointed
    | SignatoryDismissed
    | Moved
    | Voted
    | MotionDecided
    | MotionVetoed
    | MotionEnacted
    | Proposed
    | Approved
    | Recorded
    | Declined
    | ProgressReported
    | ProgressConfirmed
)
