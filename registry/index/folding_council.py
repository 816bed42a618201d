"""Organisations, mandates and motions of one batch, folded by the rules of :mod:`registry.membership`.

A membership is made of what the batch speaks of; after each event, what it changed becomes rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from sqlalchemy import Connection, bindparam, select, update

from registry import model
from registry.index.buffer import Buffer, Row, chunks, columns
from registry.index.kinds import ByKind
from registry.index.schema import FOREVER, mandates, motions, organisations
from registry.membership import Membership, MotionRecord
from registry.model import NO_HASH, Action, Event, Mandate, Member, Motion, Place

_CLOSE_ORGANISATION = (
    update(organisations)
    .where(organisations.c.organisation == bindparam("key"))
    .where((organisations.c.block == bindparam("from_block")) & (organisations.c.log_index == bindparam("from_log")))
    .values(known_until=bindparam("moment"), closed_block=bindparam("in_block"))
)
_CLOSE_MANDATE = (
    update(mandates)
    .where(mandates.c.signatory == bindparam("key"))
    .where((mandates.c.block == bindparam("from_block")) & (mandates.c.log_index == bindparam("from_log")))
    .values(known_until=bindparam("moment"), closed_block=bindparam("in_block"))
)
_COLUMN = {name: place for place, name in enumerate(columns(motions))}
_CHANGING = columns(motions)[_COLUMN["signatory"] :]
_CHANGE_MOTION = (
    update(motions)
    .where(motions.c.motion_hash == bindparam("key"))
    .values({name: bindparam(f"to_{name}") for name in _CHANGING})
)

_OfMotions = model.Moved | model.MotionDecided | model.MotionVetoed | model.MotionEnacted
_OfMembers = (
    model.MemberAdmitted
    | model.MemberExpelled
    | model.MemberSucceeded
    | model.AdministratorNominated
    | model.AdministratorReplaced
    | model.ServiceAnnounced
    | model.SignatoryAppointed
    | model.SignatoryDismissed
)
_Version = tuple[int, int] | Row
"""Where the version stands that holds now: block and log index of an old row, or the new row itself."""


class Council:
    """The organisations, mandates and motions that a batch speaks of."""

    def __init__(self, connection: Connection, buffer: Buffer, events: ByKind) -> None:
        self._connection = connection
        self._buffer = buffer
        self._membership = Membership()
        self._organisations: dict[str, _Version] = {}
        self._mandates: dict[str, _Version] = {}
        self._motions: dict[bytes, tuple[Row, bool]] = {}
        if any(events.of(kind) for kind in get_args(_OfMembers)):
            self._load_members()
        self._load_mandates(events)
        self._load_motions([one for kind in get_args(_OfMotions) for one in events.of(kind)])

    def mandate_of(self, signatory: str) -> Mandate:
        """The key's mandate as of now; KeyError if it never had one."""
        return self._membership.mandates[signatory]

    def decided_by(self, event: model.MotionDecided) -> set[str]:
        """Takes in who voted for a motion, and returns their organisations; KeyError of one who has no mandate."""
        place, organisations = event.place, set()
        for number, signatory in enumerate(event.signatories):
            organisation = self.mandate_of(signatory).organisation
            decision = event.decisions[number] if event.decisions else NO_HASH
            row = [event.motion_hash, number, signatory, organisation, decision, place.block, place.log_index]
            self._buffer.new["votes_of_motions"].append(row)
            organisations.add(organisation)
        return organisations

    # What the batch speaks of

    def _load_members(self) -> None:
        for row in self._connection.execute(select(organisations).where(organisations.c.known_until == FOREVER)):
            what = (row.administrator, row.votes, row.expelled, row.successor, row.nominee, row.service)
            self._membership.members[row.organisation] = Member(row.organisation, *what)
            self._organisations[row.organisation] = (row.block, row.log_index)

    def _load_mandates(self, events: ByKind) -> None:
        signatories = {one.mandate.signatory for one in events.of(model.SignatoryAppointed)}
        signatories.update(one.signatory for one in events.of(model.SignatoryDismissed))
        signatories.update(*(one.signatories for one in events.of(model.Recorded)))
        signatories.update(*(one.signatories for one in events.of(model.MotionDecided)))
        for chunk in chunks(signatories):
            self._take_mandates(mandates.c.signatory.in_(chunk))
        for chunk in chunks({one.organisation for one in events.of(model.MemberSucceeded)}):
            self._take_mandates(mandates.c.organisation.in_(chunk))

    def _take_mandates(self, which: Any) -> None:
        for row in self._connection.execute(select(mandates).where(which & (mandates.c.known_until == FOREVER))):
            terms = (row.valid_from, row.valid_until, row.together, row.decision)
            self._membership.mandates[row.signatory] = Mandate(row.signatory, row.organisation, *terms)
            self._mandates[row.signatory] = (row.block, row.log_index)

    def _load_motions(self, events: Sequence[_OfMotions]) -> None:
        hashes = {one.motion_hash for one in events}
        concerned = {_concerned(one) for one in events}
        for chunk in chunks(hashes):
            self._take_motions(motions.c.motion_hash.in_(chunk))
        for chunk in chunks(concerned):
            waiting = motions.c.waits & motions.c.settled_block.is_(None)
            self._take_motions(motions.c.organisation.in_(chunk) & waiting)

    def _take_motions(self, which: Any) -> None:
        for row in self._connection.execute(select(motions).where(which)):
            record = record_of(row)
            self._membership.motions[row.motion_hash] = record
            self._motions[row.motion_hash] = (list(row), False)
            if row.waits and row.settled_block is None:
                self._membership.pending[row.organisation] = row.motion_hash

    # The events

    def add(self, event: Event) -> None:
        """Takes in an event of organisations, mandates or motions; KeyError if what it rests on was never told."""
        if isinstance(event, _OfMotions):
            self._follow(event)
        elif isinstance(event, model.Voted):
            place = event.place
            key = (event.motion_hash, event.signatory, place.block, place.log_index)
            self._buffer.new["votes"].append([*key, event.organisation, event.decision, place.timestamp])
        elif isinstance(event, _OfMembers):
            self._change(event)

    def _change(self, event: _OfMembers) -> None:
        membership, place = self._membership, event.place
        signatories: list[str] = []
        organisation = ""
        match event:
            case model.MemberAdmitted():
                organisation = event.member.organisation
            case model.SignatoryAppointed():
                signatories = [event.mandate.signatory]
            case model.SignatoryDismissed():
                signatories = [event.signatory]
            case model.MemberSucceeded():
                organisation = event.organisation
                signatories = [one.signatory for one in membership.signatories_of(organisation)]
            case _:
                organisation = event.organisation
        before = {one: membership.mandates.get(one) for one in signatories}
        known = membership.members.get(organisation)
        membership.add(event)
        if organisation and membership.members[organisation] != known:
            self._new_organisation(membership.members[organisation], place)
        for one in signatories:
            # One who is appointed anew with the same terms was appointed anew all the same.
            if membership.mandates[one] != before[one] or isinstance(event, model.SignatoryAppointed):
                self._new_mandate(membership.mandates[one], place)

    def _new_organisation(self, member: Member, place: Place) -> None:
        # PostgreSQL takes no NUL in a text; what was announced stands to the letter in the event.
        service = member.service.replace("\0", "\ufffd")
        what = (member.administrator, member.nominee, service, member.votes, member.expelled, member.successor)
        key = (member.organisation, place.block, place.log_index)
        row: Row = [*key, *what, place.timestamp, FOREVER, None]
        self._version(self._organisations, member.organisation, row, place, _CLOSE_ORGANISATION)
        self._buffer.new["organisations"].append(row)

    def _new_mandate(self, mandate: Mandate, place: Place) -> None:
        terms = (mandate.organisation, mandate.valid_from, mandate.valid_until, mandate.together, mandate.decision)
        row: Row = [mandate.signatory, place.block, place.log_index, *terms, place.timestamp, FOREVER, None]
        self._version(self._mandates, mandate.signatory, row, place, _CLOSE_MANDATE)
        self._buffer.new["mandates"].append(row)

    def _version(self, held: dict[str, _Version], key: str, row: Row, place: Place, statement: Any) -> None:
        """The new row is the version that holds from now on; the one before it is closed."""
        before = held.get(key)
        if isinstance(before, list):
            before[-2:] = place.timestamp, place.block
        elif before is not None:
            values = {"key": key, "from_block": before[0], "from_log": before[1]}
            self._buffer.change(statement, {**values, "moment": place.timestamp, "in_block": place.block})
        held[key] = row

    def _follow(self, event: _OfMotions) -> None:
        membership, place = self._membership, event.place
        organisation = _concerned(event)
        waited = membership.pending.get(organisation)
        membership.add(event)
        row = self._motion_row(event)
        match event:
            case model.Moved():
                if membership.motions[event.motion_hash].moved is event:
                    self._set(row, signatory=event.signatory, moved_at=place.timestamp, moved_block=place.block)
            case model.MotionDecided():
                waits = event.effect_from > place.timestamp
                self._set(row, decided_at=place.timestamp, decided_block=place.block, waits=waits)
                self._set(row, effect_from=event.effect_from)
            case model.MotionVetoed():
                self._set(row, vetoed_at=place.timestamp, vetoed_block=place.block, vetoed_by=event.sender)
                self._set(row, veto_reason=event.reason)
            case model.MotionEnacted():
                self._set(row, enacted_at=place.timestamp, enacted_block=place.block)
        if waited is not None and membership.pending.get(organisation) != waited:
            over, record = self._motions[waited][0], membership.motions[waited]
            self._set(over, settled_block=place.block)
            if record.void:
                self._set(over, void=True, void_block=place.block)

    def _motion_row(self, event: _OfMotions) -> Row:
        if event.motion_hash not in self._motions:
            motion = self._membership.motions[event.motion_hash].motion
            who = (motion.organisation, motion.administrator, motion.successor, motion.votes, motion.dossier)
            row: Row = [event.motion_hash, motion.action.value, *who, motion.deadline]
            row += [event.place.block, event.place.log_index, *(None for _ in _CHANGING)]
            self._set(row, waits=False, void=False)
            self._buffer.new["motions"].append(row)
            self._motions[event.motion_hash] = (row, True)
        return self._motions[event.motion_hash][0]

    def _set(self, row: Row, **values: object) -> None:
        for name, value in values.items():
            row[_COLUMN[name]] = value

    def finish(self) -> None:
        """Puts what changed of motions into the buffer, once all events are in."""
        for motion_hash, (row, is_new) in self._motions.items():
            if not is_new:
                values = {f"to_{name}": row[_COLUMN[name]] for name in _CHANGING}
                self._buffer.change(_CHANGE_MOTION, {"key": motion_hash, **values})


def _concerned(event: _OfMotions) -> str:
    if isinstance(event, model.Moved | model.MotionDecided):
        return event.motion.organisation
    return event.organisation


def record_of(row: Any) -> MotionRecord:
    """The motion as far as the rules go by it: its events with their times, without who signed them."""
    who = (row.administrator, row.successor, row.votes, row.dossier)
    motion = Motion(Action(row.action), row.organisation, row.deadline, *who)
    record = MotionRecord(row.motion_hash, motion, void=row.void)

    def place(block: int, at: int) -> Place:
        return Place(block, 0, b"", b"", at)

    if row.moved_block is not None:
        record.moved = model.Moved(place(row.moved_block, row.moved_at), row.motion_hash, motion, row.signatory)
    if row.decided_block is not None:
        where = place(row.decided_block, row.decided_at)
        record.decided = model.MotionDecided(where, row.motion_hash, motion, (), (), row.effect_from)
    if row.enacted_block is not None:
        where = place(row.enacted_block, row.enacted_at)
        record.enacted = model.MotionEnacted(where, row.motion_hash, row.organisation)
    if row.vetoed_block is not None:
        where = place(row.vetoed_block, row.vetoed_at)
        how = (row.organisation, row.vetoed_by, row.veto_reason)
        record.vetoed = model.MotionVetoed(where, row.motion_hash, *how)
    return record
