"""The things the register knows: acts, approvals, mandates, and the events that recorded them.

Plain frozen values without I/O. Hashes are 32 ``bytes``; addresses are checksummed ``str``; organisations are
TOOI identifiers (``gm0345``); times are unix seconds, and a period runs from ``valid_from`` up to, not
including, ``valid_until``, where 0 means open-ended.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

NO_HASH = bytes(32)
"""Stands where a hash could be and none is: no agreement yet, no previous act, no decision cited."""


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


@dataclass(frozen=True, slots=True)
class Founder:
    """An organisation as the council is founded with it."""

    organisation: str
    administrator: str
    votes: bool = True


@dataclass(frozen=True, slots=True)
class Member:
    """An organisation that takes part; a guest (``votes`` false) signs and does not vote."""

    organisation: str
    administrator: str
    votes: bool


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
    """One signatory's approval of an act; ``signature`` is 65 bytes (r, s, v), or None if it stands on chain."""

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


Event = MemberAdmitted | SignatoryAppointed | SignatoryDismissed | Proposed | Approved | Recorded | Declined
