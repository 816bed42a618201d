"""What the register must hold after the events that went before, kept by the audit itself.

Plain bookkeeping: what an event says is written down, whether or not it should have been recorded. The rules are in the
modules beside this one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from registry.audit.abi import Act, Motion, Report
from registry.audit.digests import NOTHING

NO_ADDRESS = "0x" + 40 * "0"
DAY = 86_400
VETO_PERIOD = 14 * DAY
ENACTMENT_PERIOD = 28 * DAY
LONGEST_AHEAD = 366 * DAY
MOST_SIGNATORIES = 64
LONGEST_SERVICE = 255


@dataclass
class Member:
    """An organisation that ever took part. Without ``administrator`` it does not any more."""

    administrator: str = NO_ADDRESS
    votes: bool = False
    expelled: bool = False
    nominee: str = NO_ADDRESS
    service: bytes = b""


@dataclass
class Mandate:
    """The right of a key to sign; ``expelled`` with its organisation."""

    organisation: bytes
    valid_from: int
    valid_until: int
    together: int
    decision: bytes = NOTHING
    expelled: bool = False

    def holds(self, moment: int) -> bool:
        """Whether it counts at a moment, unix seconds."""
        return self.valid_from <= moment and (self.valid_until == 0 or moment < self.valid_until)

    def end(self, moment: int) -> None:
        """Ends it now, unless it ended before."""
        if self.valid_until == 0 or self.valid_until >= moment:
            self.valid_until = moment


@dataclass(frozen=True, slots=True)
class Step:
    """An act that was recorded."""

    hash: bytes
    act: Act


@dataclass
class Decided:
    """A motion that was decided, and what became of it."""

    motion: Motion
    effect_from: int
    waits: bool
    enacted: bool = False
    vetoed: bool = False


@dataclass
class State:
    """Everything that later events depend on. Organisations are words, addresses lower-case hexadecimal."""

    members: dict[bytes, Member] = field(default_factory=dict)
    successors: dict[bytes, bytes] = field(default_factory=dict)
    mandates: dict[str, Mandate] = field(default_factory=dict)
    listed: dict[bytes, set[str]] = field(default_factory=dict)
    """By organisation: the keys that are appointed and not dismissed."""
    approvals: dict[tuple[bytes, str], bytes] = field(default_factory=dict)
    """By act or motion, and signatory: the struct hash of the latest approval on chain."""
    proposals: dict[bytes, Act] = field(default_factory=dict)
    agreements: dict[bytes, list[Step]] = field(default_factory=dict)
    acts: set[bytes] = field(default_factory=set)
    declined: set[bytes] = field(default_factory=set)
    moved: dict[bytes, Motion] = field(default_factory=dict)
    decided: dict[bytes, Decided] = field(default_factory=dict)
    pending: dict[bytes, tuple[bytes, int]] = field(default_factory=dict)
    """By organisation: the motion that waits or waited for it, and from when it can take effect."""
    reports: dict[bytes, Report] = field(default_factory=dict)
    latest_report: dict[tuple[bytes, bytes, bytes], bytes] = field(default_factory=dict)
    confirmed: set[tuple[bytes, bytes]] = field(default_factory=set)
    time: int = 0
    founded: bool = False

    @property
    def voters(self) -> int:
        """How many members vote."""
        return sum(one.votes for one in self.members.values())

    def member(self, organisation: bytes) -> Member:
        """The organisation, one that never took part included."""
        return self.members.get(organisation) or Member()

    def heir(self, organisation: bytes) -> bytes:
        """Who answers for an organisation now."""
        seen = {organisation}
        while (following := self.successors.get(organisation)) is not None and following not in seen:
            organisation = following
            seen.add(organisation)
        return organisation

    def signs_for(self, signatory: str, moment: int) -> bytes | None:
        """The organisation whose mandate a key holds at a moment."""
        mandate = self.mandates.get(signatory)
        return mandate.organisation if mandate is not None and mandate.holds(moment) else None

    def dismiss(self, organisation: bytes, signatory: str) -> None:
        """Ends a mandate and takes the key off the list."""
        self.listed.get(organisation, set()).discard(signatory)
        if (mandate := self.mandates.get(signatory)) is not None:
            mandate.end(self.time)

    def mark(self, organisation: bytes, expelled: bool) -> None:
        """Says of an organisation and its mandates whether it is expelled."""
        self.members.setdefault(organisation, Member()).expelled = expelled
        for signatory in self.listed.get(organisation, ()):
            self.mandates[signatory].expelled = expelled

    def replace_administrator(self, organisation: bytes, administrator: str) -> None:
        """Gives an organisation another administrator; whoever was put forward is forgotten."""
        member = self.members.setdefault(organisation, Member())
        member.administrator = administrator
        member.nominee = NO_ADDRESS

    def retire(self, organisation: bytes, successor: bytes) -> None:
        """Leaves nothing of an organisation but the name of who took its place."""
        for signatory in self.listed.pop(organisation, set()):
            self.mandates[signatory].end(self.time)
        self.members[organisation] = Member()
        self.successors[organisation] = successor

    def parties_at(self, agreement: bytes, moment: int) -> tuple[bytes, ...]:
        """Who is bound at a moment, as the register knows it now; nobody if the agreement does not hold then."""
        for step in reversed(self.agreements.get(agreement, [])):
            act = step.act
            if act.valid_from <= moment:
                holds = len(act.parties) > 1 and (act.valid_until == 0 or moment < act.valid_until)
                return act.parties if holds else ()
        return ()

    def witnesses(self, act: Act) -> list[Step]:
        """The acts that one which follows must bring along: latest first, back to what holds when it takes effect."""
        found = []
        for step in reversed(self.agreements.get(act.agreement, [])):
            found.append(step)
            if step.act.valid_from <= act.valid_from:
                break
        return found

    def required(self, act: Act, witnesses: list[Step], moment: int) -> tuple[list[bytes], set[bytes]]:
        """Who must approve an act, ascending; and who of them was bound before it."""
        if not witnesses:
            return sorted(act.parties), set()
        current = witnesses[0].act
        bound = {party for step in witnesses for party in step.act.parties}
        if len(witnesses) == 1 and _gives_notice(act, current, moment):
            return sorted(bound - set(act.parties)), bound
        return sorted(bound | set(act.parties)), bound


def _gives_notice(act: Act, current: Act, moment: int) -> bool:
    """Whether one party leaves, in time, and changes nothing for the others."""
    before, after = set(current.parties), set(act.parties)
    earliest = moment + current.notice
    unchanged = (act.dossier, act.notice, act.valid_until) == (current.dossier, current.notice, current.valid_until)
    in_time = max(earliest, current.valid_from) <= act.valid_from <= earliest + LONGEST_AHEAD
    return bool(current.notice) and after < before and len(after) + 1 == len(before) and unchanged and in_time
