"""What held when: events, in order, folded into the council, the mandates and the agreements.

Pure. A :class:`Ledger` is everything the register knows at one block; it is rebuilt from events and never
the authority. Its fingerprint must equal the contract's at that block: then no event is missing or changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from registry.commitments import Reports
from registry.errors import NotFoundError, UsageError
from registry.fingerprint import fingerprint_of
from registry.membership import Membership
from registry.model import (
    NO_HASH,
    Act,
    Approved,
    Declined,
    Event,
    Mandate,
    Member,
    Place,
    ProgressConfirmed,
    ProgressReported,
    Proposed,
    Recorded,
    Status,
    Verb,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RecordedAct:
    """An act as it was recorded: what it did, who approved it and under which mandates.

    ``on_behalf`` says of each approval for which organisation it was required: that of the mandate, or one whose
    place it took.
    """

    event: Recorded
    verb: Verb
    mandates: tuple[Mandate, ...]
    on_behalf: tuple[str, ...]

    @property
    def act(self) -> Act:
        """The act itself."""
        return self.event.act

    @property
    def act_hash(self) -> bytes:
        """Its identity."""
        return self.event.act_hash

    @property
    def recorded_at(self) -> int:
        """From when the register knew it."""
        return self.event.place.timestamp

    @property
    def decisions(self) -> tuple[bytes, ...]:
        """The decision each mandate's holder cited; as many as mandates, 0 where none was."""
        return self.event.decisions or (NO_HASH,) * len(self.mandates)


@dataclass(frozen=True, slots=True)
class Agreement:
    """One agreement: its recorded acts, oldest first."""

    id: bytes
    acts: tuple[RecordedAct, ...]

    @property
    def head(self) -> RecordedAct:
        """The latest act."""
        return self.acts[-1]

    def governing(self, valid_on: int) -> RecordedAct | None:
        """The act that says what holds at that moment: the last recorded of those that have begun by then."""
        return next((one for one in reversed(self.acts) if one.act.valid_from <= valid_on), None)

    def first_to_govern(self) -> RecordedAct:
        """Of an agreement that has not begun, the act that will hold first."""
        return min(reversed(self.acts), key=lambda one: one.act.valid_from)

    def status(self, valid_on: int) -> Status:
        """Whether the agreement holds at that moment."""
        governing = self.governing(valid_on)
        if governing is None:
            return Status.PENDING
        if governing.act.ends:
            return Status.ENDED
        return Status.IN_FORCE if governing.act.holds_at(valid_on) else Status.EXPIRED

    def overruled_by(self, one: RecordedAct) -> RecordedAct | None:
        """The act from whose start on this one no longer holds; None if it is the latest."""
        later = self.acts[self.acts.index(one) + 1 :]
        # Of acts that begin together the last recorded one holds: min() gives the first it meets.
        return min(reversed(later), key=lambda other: other.act.valid_from, default=None)

    def history_for(self, valid_from: int) -> tuple[Act, ...]:
        """The witnesses for an act that takes effect then: latest first, back to the one that holds by then."""
        return witnesses((recorded.act for recorded in reversed(self.acts)), valid_from)


@dataclass(slots=True)
class Proposal:
    """An act that was put before its parties on chain and is not recorded; ``approved`` is by signatory."""

    act: Act
    act_hash: bytes
    proposed: Proposed
    approved: dict[str, Approved] = field(default_factory=dict)
    declined: Declined | None = None


@dataclass(slots=True)
class Ledger:
    """The register at one block, folded from all events up to it."""

    membership: Membership = field(default_factory=Membership)
    reports: Reports = field(default_factory=Reports)
    agreements: dict[bytes, Agreement] = field(default_factory=dict)
    proposals: dict[bytes, Proposal] = field(default_factory=dict)
    declined: dict[bytes, Declined] = field(default_factory=dict)
    approvals: dict[bytes, dict[str, Approved]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    fingerprint: bytes = NO_HASH

    @classmethod
    def of(cls, events: Sequence[Event], fingerprint: bytes | None = None) -> Ledger:
        """The register after these events, which must be all of them, in order; their fingerprint if it is known."""
        ledger = cls(fingerprint=fingerprint_of(events) if fingerprint is None else fingerprint)
        for event in events:
            ledger._add(event)
        return ledger

    @property
    def members(self) -> dict[str, Member]:
        """The organisations that take part, or did."""
        return self.membership.members

    @property
    def mandates(self) -> dict[str, Mandate]:
        """Each key's latest mandate, ended ones included."""
        return self.membership.mandates

    def agreement_of(self, act_hash: bytes) -> Agreement:
        """The agreement that this recorded act is part of; NotFoundError if there is none."""
        for agreement in self.agreements.values():
            if any(recorded.act_hash == act_hash for recorded in agreement.acts):
                return agreement
        raise NotFoundError(f"no act 0x{act_hash.hex()} is recorded")

    def recorded(self, act_hash: bytes) -> RecordedAct | None:
        """The recorded act of this hash, or None."""
        acts = (one for agreement in self.agreements.values() for one in agreement.acts)
        return next((one for one in acts if one.act_hash == act_hash), None)

    def open_proposals(self, now: int) -> list[Proposal]:
        """Proposals that can still be recorded: not recorded, declined, overtaken or too late."""
        return [one for one in self.proposals.values() if self._is_open(one, now)]

    def signatories_of(self, organisation: str) -> list[Mandate]:
        """The organisation's mandates, ended ones included, by address."""
        return self.membership.signatories_of(organisation)

    def _add(self, event: Event) -> None:
        self.events.append(event)
        match event:
            case Proposed():
                self.proposals.setdefault(event.act_hash, Proposal(event.act, event.act_hash, event))
            case Approved():
                self.approvals.setdefault(event.act_hash, {})[event.signatory] = event
            case Recorded():
                self._record(event)
            case Declined():
                self.declined[event.act_hash] = event
            case ProgressReported() | ProgressConfirmed():
                self.reports.add(event)
            case _:
                self.membership.add(event)
        self._attach(event)

    def _is_open(self, proposal: Proposal, now: int) -> bool:
        act = proposal.act
        if proposal.declined or self.recorded(proposal.act_hash) or (act.deadline and act.deadline < now):
            return False
        if act.concludes:
            return not act.ends
        agreement = self.agreements.get(act.agreement)
        return agreement is not None and agreement.head.act_hash == act.previous and not agreement.head.act.ends

    def _record(self, event: Recorded) -> None:
        before = self.agreements.get(event.agreement)
        verb = event.act.verb_after(before.head.act if before else None)
        mandates = tuple(self.mandates[signatory] for signatory in event.signatories)
        history = before.history_for(event.act.valid_from) if before else ()
        on_behalf = groups(mandates, required(event.act, history, event.place.timestamp))
        acts = (*(before.acts if before else ()), RecordedAct(event, verb, mandates, on_behalf))
        self.agreements[event.agreement] = Agreement(event.agreement, acts)

    def _attach(self, event: Event) -> None:
        """Keeps approvals and refusals with the proposal they are for, whichever came first."""
        if isinstance(event, Proposed | Approved | Declined) and event.act_hash in self.proposals:
            proposal = self.proposals[event.act_hash]
            proposal.approved = self.approvals.get(event.act_hash, {})
            proposal.declined = self.declined.get(event.act_hash)


def witnesses(acts: Iterable[Act], valid_from: int) -> tuple[Act, ...]:
    """Of an agreement's acts, latest first, those down to the one that holds at a moment, or to the first of all."""
    found: list[Act] = []
    for act in acts:
        found.append(act)
        if act.valid_from <= valid_from:
            break
    return tuple(found)


def required(act: Act, history: Sequence[Act], now: int) -> tuple[str, ...]:
    """The organisations that must approve if the act were recorded now, ascending.

    The same rule as ``Register.requiredFor``: everybody bound from ``act.valid_from`` on, before or after; a
    party that leaves by notice needs nobody else. ``history`` is as :meth:`Agreement.history_for` gives it.
    """
    if len(history) == 1 and gives_notice(act, history[0], now):
        return tuple(sorted(set(history[0].parties) - set(act.parties)))
    return tuple(sorted(set(act.parties).union(*(one.parties for one in history))))


def groups(mandates: Sequence[Mandate], organisations: Sequence[str]) -> tuple[str, ...]:
    """For which organisation each approval counted: they fill the required ones in turn, as in ``Register.record``."""
    found: list[str] = []
    waiting = list(organisations)
    given, needed = 0, 0
    for mandate in mandates:
        found.append(waiting[0] if waiting else mandate.organisation)
        given, needed = given + 1, min(needed or mandate.together, mandate.together)
        if given >= needed:
            waiting, given, needed = waiting[1:], 0, 0
    return tuple(found)


LONGEST_AHEAD = 366 * 86_400
"""How much longer than the notice, in seconds, a party may wait before it leaves alone; as in ``Register``."""


def notice_window(current: Act, now: int) -> tuple[int, int]:
    """The first and the last second at which a party that gives notice now can leave alone."""
    return max(now + current.notice, current.valid_from), now + current.notice + LONGEST_AHEAD


def gives_notice(act: Act, current: Act, now: int) -> bool:
    """Whether the act takes one party out, in time, and leaves the others exactly what they had."""
    left = set(current.parties) - set(act.parties)
    same = (act.dossier, act.notice, act.valid_until) == (current.dossier, current.notice, current.valid_until)
    earliest, latest = notice_window(current, now)
    one_less = len(left) == 1 and len(act.parties) == len(current.parties) - 1
    return bool(current.notice) and one_less and same and earliest <= act.valid_from <= latest


def by_prefix(items: dict[bytes, T], text: str, what: str) -> tuple[bytes, T]:
    """The one item whose hash begins with the hexadecimal text; ``what`` it is comes with its article.

    NotFoundError if there is none; UsageError if the text is not hexadecimal or fits more than one.
    """
    digits = text.lower().removeprefix("0x")
    if not digits or not set(digits) <= set("0123456789abcdef") or len(digits) > 64:
        raise UsageError(f"{text!r} is not the hash of {what}", hint="write 0x and its first hexadecimal digits")
    found = [(key, value) for key, value in items.items() if key.hex().startswith(digits)]
    if not found:
        raise NotFoundError(
            f"{text} is the hash of no {what.split(' ', 1)[1]} here", hint="see what there is with: foodvalley list"
        )
    if len(found) > 1:
        hint = "write more digits: " + ", ".join("0x" + key.hex()[: len(digits) + 6] for key, _ in found[:5])
        raise UsageError(f"{text} is the beginning of {len(found)} hashes", hint=hint)
    return found[0]


def position(event: Event) -> tuple[int, int]:
    """Where an event stands in the order of the register."""
    place: Place = event.place
    return place.block, place.log_index
