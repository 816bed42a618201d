"""Acts, proposals and approvals of one batch: what the events say, folded onto what the index holds already.

Only what the batch speaks of is read, so memory depends on the size of a batch and not on that of the register.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select, update

from registry.index.buffer import THESE, Buffer, Row, chunks
from registry.index.kinds import ByKind
from registry.index.rows import act_of, act_text, list_text
from registry.index.schema import (
    FOREVER,
    SPANS_PER_AGREEMENT,
    acts,
    agreements,
    declined,
    proposal_organisations,
    proposals,
    span_organisations,
    spans,
)
from registry.index.spans import Span, follow
from registry.model import (
    NO_HASH,
    Act,
    Approved,
    Declined,
    Mandate,
    Place,
    Proposed,
    Recorded,
    Status,
    Verb,
)
from registry.timeline import groups, required, witnesses

_CLOSE_SPAN = (
    update(spans)
    .where(spans.c.id == bindparam("key"))
    .values(known_until=bindparam("moment"), closed_block=bindparam("in_block"))
)
_CLOSE_SPAN_ORGANISATIONS = (
    update(span_organisations)
    .where(span_organisations.c.organisation == bindparam("who"))
    .where(span_organisations.c.number == bindparam("of_number"))
    .where(span_organisations.c.span == bindparam("key"))
    .values(known_until=bindparam("moment"), closed_block=bindparam("in_block"))
)
_OVERRULE = (
    update(acts)
    .where(acts.c.act_hash == bindparam("key"))
    .values(overruled_from=bindparam("since"), closed_block=bindparam("in_block"))
)
_CLOSE_PROPOSAL = (
    update(proposals)
    .where(proposals.c.act_hash == bindparam("key"))
    .values(closed_at=bindparam("moment"), closed_block=bindparam("in_block"), closed_as=bindparam("how"))
)
_CLOSE_CONCERN = (
    update(proposal_organisations)
    .where(proposal_organisations.c.act_hash == bindparam("key"))
    .values(closed_block=bindparam("in_block"))
)
_EXTEND_AGREEMENT = (
    update(agreements)
    .where(agreements.c.id == bindparam("key"))
    .values(
        head=bindparam("to_head"),
        acts=bindparam("to_acts"),
        spans=bindparam("to_spans"),
        ended=bindparam("to_ended"),
    )
)
_AGREEMENTS = select(agreements).where(agreements.c.id.in_(THESE))
_ACTS = select(
    acts.c.act_hash,
    acts.c.agreement,
    acts.c.previous,
    acts.c.dossier,
    acts.c.parties,
    acts.c.valid_from,
    acts.c.valid_until,
    acts.c.notice,
    acts.c.deadline,
).where(acts.c.act_hash.in_(THESE))
_KNOWN_PROPOSALS = select(
    proposals.c.act_hash, proposals.c.act, proposals.c.agreement, proposals.c.closed_block
).order_by(proposals.c.block, proposals.c.log_index)
_PROPOSALS = _KNOWN_PROPOSALS.where(proposals.c.act_hash.in_(THESE))
_WAITING_PROPOSALS = _KNOWN_PROPOSALS.where(proposals.c.previous.in_(THESE) & proposals.c.closed_block.is_(None))
_DECLINED = select(declined.c.act_hash).where(declined.c.act_hash.in_(THESE))
_SPANS = (
    select(spans)
    .where(spans.c.number.in_(THESE) & (spans.c.known_until == FOREVER))
    .where(spans.c.valid_until >= bindparam("since"))
)
_OVERRULED_FROM = list(acts.c.keys()).index("overruled_from")
_CLOSED_AT = list(proposals.c.keys()).index("closed_at")
_CONCERN_CLOSED_IN = list(proposal_organisations.c.keys()).index("closed_block")


@dataclass(slots=True)
class _Agreement:
    """What the fold must know of an agreement; ``row`` is its row if it was concluded in this batch."""

    id: bytes
    number: int
    head: bytes
    acts: int
    spans: int
    ended: bool
    row: Row | None = None
    open: dict[Span, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Proposal:
    """What the fold must know of a proposal; ``row`` and ``concerned`` are its rows that were made in this batch."""

    act: Act
    agreement: bytes
    open: bool
    row: Row | None = None
    concerned: list[Row] = field(default_factory=list)


class Agreements:
    """The agreements, acts and proposals that a batch speaks of."""

    def __init__(
        self, connection: Connection, buffer: Buffer, events: ByKind, mandate_of: Callable[[str], Mandate]
    ) -> None:
        self._connection = connection
        self._buffer = buffer
        self._mandate_of = mandate_of
        self._acts: dict[bytes, tuple[Act, bytes, Row | None]] = {}
        self._absent: set[bytes] = set()
        self._agreements: dict[bytes, _Agreement] = {}
        self._changed: dict[bytes, _Agreement] = {}
        self._proposals: dict[bytes, _Proposal] = {}
        self._following: dict[bytes, list[bytes]] = {}
        self._declined: set[bytes] = set()
        self._fresh: dict[int, tuple[Row, list[Row]]] = {}
        proposed, approved = events.of(Proposed), events.of(Approved)
        recorded, refused = events.of(Recorded), events.of(Declined)
        hashes = {one.act_hash for kind in (proposed, approved, recorded, refused) for one in kind}
        if hashes:
            self._load(hashes, proposed, recorded)

    # What the batch speaks of

    def _load(self, hashes: set[bytes], proposed: Sequence[Proposed], recorded: Sequence[Recorded]) -> None:
        telling: list[Proposed | Recorded] = [*proposed, *recorded]
        self._load_agreements({one.act.agreement for one in telling})
        self._load_acts(
            hashes | {one.act.previous for one in telling} | {one.head for one in self._agreements.values()}
        )
        self._load_proposals(hashes, {one.act.previous for one in recorded} | {one.act_hash for one in recorded})
        for chunk in chunks(hashes):
            self._declined.update(self._connection.scalars(_DECLINED, {"these": chunk}))
        extended = [one for one in recorded if not one.act.concludes]
        if extended:
            self._load_spans({one.agreement for one in extended}, min(one.act.valid_from for one in extended))
        self._last_number = self._connection.execute(select(func.max(agreements.c.number))).scalar() or 0

    def _load_agreements(self, ids: set[bytes]) -> None:
        for chunk in chunks(ids - {NO_HASH}):
            for row in self._connection.execute(_AGREEMENTS, {"these": chunk}):
                known = _Agreement(row.id, row.number, row.head, row.acts, row.spans, row.ended)
                self._agreements[row.id] = known

    def _load_acts(self, hashes: set[bytes]) -> None:
        wanted = hashes - {NO_HASH}
        for chunk in chunks(wanted):
            for row in self._connection.execute(_ACTS, {"these": chunk}):
                # The identity of an agreement is what its first act does not say of itself.
                told = NO_HASH if row.previous == NO_HASH else row.agreement
                times = (row.valid_from, row.valid_until, row.notice, row.deadline)
                act = Act(row.dossier, tuple(json.loads(row.parties)), *times, told, row.previous)
                self._acts[row.act_hash] = (act, row.agreement, None)
        self._absent |= wanted - self._acts.keys()

    def _load_proposals(self, hashes: set[bytes], previous: set[bytes]) -> None:
        for chunk in chunks(hashes):
            self._take(_PROPOSALS, chunk)
        for chunk in chunks(previous - {NO_HASH}):
            self._take(_WAITING_PROPOSALS, chunk)

    def _take(self, query: Select[Any], these: list[bytes]) -> None:
        for row in self._connection.execute(query, {"these": these}):
            if row.act_hash not in self._proposals:
                act = act_of(json.loads(row.act))
                self._keep(row.act_hash, _Proposal(act, row.agreement, row.closed_block is None))

    def _keep(self, act_hash: bytes, proposal: _Proposal) -> None:
        self._proposals[act_hash] = proposal
        if not proposal.act.concludes:
            self._following.setdefault(proposal.act.previous, []).append(act_hash)

    def _load_spans(self, ids: set[bytes], since: int) -> None:
        by_number = {one.number: one for key, one in self._agreements.items() if key in ids}
        for chunk in chunks(by_number):
            for row in self._connection.execute(_SPANS, {"these": chunk, "since": since}):
                times = (row.valid_from, row.valid_until)
                parties = tuple(json.loads(row.parties))
                span = Span(row.act_hash, Verb(row.verb), Status(row.status), *times, parties)
                by_number[row.number].open[span] = row.id

    def _act(self, act_hash: bytes) -> tuple[Act, bytes, Row | None] | None:
        if act_hash not in self._acts and act_hash not in self._absent:
            self._load_acts({act_hash})
        return self._acts.get(act_hash)

    def _back_from(self, act_hash: bytes) -> Iterator[Act]:
        """The recorded acts of an agreement from this one back to the first."""
        while act_hash != NO_HASH:
            found = self._act(act_hash)
            if found is None:
                raise KeyError(act_hash)
            yield found[0]
            act_hash = found[0].previous

    def _history(self, head: bytes, valid_from: int) -> tuple[Act, ...]:
        return witnesses(self._back_from(head), valid_from)

    # The events

    def agreement_of(self, act_hash: bytes) -> bytes | None:
        """The agreement that an act is or would be part of, as far as the chain told by now."""
        if act_hash in self._proposals:
            return self._proposals[act_hash].agreement
        found = self._act(act_hash)
        return found[1] if found else None

    def propose(self, event: Proposed) -> set[str]:
        """Takes in a proposal; whom it concerns."""
        act, place = event.act, event.place
        concerned = set(act.parties)
        head = self._agreements.get(act.agreement) if not act.concludes else None
        if head is not None and head.head == act.previous:
            concerned = set(required(act, self._history(head.head, act.valid_from), place.timestamp)) | concerned
        if event.act_hash in self._proposals:
            return concerned
        agreement = event.act_hash if act.concludes else act.agreement
        how = self._closed_from_the_start(event, head)
        closed = (None, None, None) if how is None else (place.timestamp, place.block, how)
        told = act_text(act)
        names = (event.act_hash, agreement, act.previous, act.dossier, act.deadline, told, event.signatory)
        row = [*names, place.block, place.log_index, place.timestamp, *closed]
        self._buffer.new["proposals"].append(row)
        self._keep(event.act_hash, _Proposal(act, agreement, how is None, row))
        self._concern(event.act_hash, concerned, place, closed[1])
        return concerned

    def _closed_from_the_start(self, event: Proposed, head: _Agreement | None) -> str | None:
        act = event.act
        if self._act(event.act_hash):
            return "recorded"
        if event.act_hash in self._declined:
            return "declined"
        if act.concludes:
            return "impossible" if act.ends else None
        followed = self._act(act.previous)
        if followed is None:
            return None
        if head is None or followed[1] != act.agreement:
            return "impossible"
        return "overtaken" if head.head != act.previous or head.ended else None

    def approve(self, event: Approved) -> None:
        """Takes in an approval on chain."""
        place = event.place
        key = (event.act_hash, event.signatory, place.block, place.log_index)
        self._buffer.new["approvals"].append([*key, event.organisation, event.decision, place.timestamp])

    def decline(self, event: Declined) -> None:
        """Takes in that an act was declined."""
        place = event.place
        who = (event.act_hash, event.organisation, event.signatory, event.reason)
        self._buffer.new["declined"].append([*who, place.block, place.log_index, place.timestamp])
        self._declined.add(event.act_hash)
        self._close(event.act_hash, "declined", place)

    def record(self, event: Recorded) -> set[str]:
        """Takes in a recorded act; whom it concerns. KeyError if what it rests on was never told."""
        act, place = event.act, event.place
        known = self._agreements.get(event.agreement)
        if known is None and not act.concludes:
            raise KeyError(event.agreement)
        head = self._acts[known.head][0] if known else None
        verb = act.verb_after(head)
        history = self._history(known.head, act.valid_from) if known else ()
        mandates = [self._mandate_of(one) for one in event.signatories]
        on_behalf = groups(mandates, required(act, history, place.timestamp))
        for number, (mandate, name) in enumerate(zip(mandates, on_behalf, strict=True)):
            self._approved(event, number, mandate, name)
        self._overrule(known, len(history), act.valid_from, place.block)
        known = self._extend(known, event)
        row = self._row(event, known, verb)
        self._buffer.new["acts"].append(row)
        self._acts[event.act_hash] = (act, event.agreement, row)
        self._span(known, event, verb, head)
        self._settle(event, known, history)
        return set(act.parties).union(on_behalf)

    def _approved(self, event: Recorded, number: int, mandate: Mandate, on_behalf: str) -> None:
        decision = event.decisions[number] if event.decisions else NO_HASH
        terms = (mandate.valid_from, mandate.valid_until, mandate.together, mandate.decision, decision)
        who = (event.act_hash, number, mandate.signatory, mandate.organisation, on_behalf)
        self._buffer.new["approvals_of_acts"].append([*who, *terms, event.place.block, event.place.log_index])

    def _row(self, event: Recorded, known: _Agreement, verb: Verb) -> Row:
        act, place = event.act, event.place
        names = (event.act_hash, event.agreement, known.number, known.acts, act.previous, verb.value, act.dossier)
        times = (act.valid_from, act.valid_until, act.notice, act.deadline)
        where = (place.block, place.log_index, place.transaction, place.timestamp)
        return [*names, *times, list_text(act.parties), *where, FOREVER, None, None, None, None, None]

    def _extend(self, known: _Agreement | None, event: Recorded) -> _Agreement:
        place = event.place
        if known is None:
            self._last_number += 1
            known = _Agreement(event.agreement, self._last_number, event.act_hash, 0, 0, False)
            known.row = [known.id, known.number, b"", 0, 0, False, place.block, place.log_index, place.timestamp]
            self._buffer.new["agreements"].append(known.row)
            self._agreements[known.id] = known
        known.head, known.acts, known.ended = event.act_hash, known.acts + 1, event.act.ends
        self._changed[known.id] = known
        return known

    def _overrule(self, known: _Agreement | None, count: int, since: int, block: int) -> None:
        """The acts that the new one follows no longer hold from its start on, if none before it took over sooner."""
        act_hash = known.head if known else NO_HASH
        for _ in range(count):
            act, _, row = self._acts[act_hash]
            if row is None:
                self._buffer.change(_OVERRULE, {"key": act_hash, "since": since, "in_block": block})
            else:
                row[_OVERRULED_FROM : _OVERRULED_FROM + 2] = since, block
            act_hash = act.previous

    def _span(self, known: _Agreement, event: Recorded, verb: Verb, head: Act | None) -> None:
        shown = head.parties if head else event.act.parties
        closed, written = follow(known.open, event.act, event.act_hash, verb, shown)
        at, block = event.place.timestamp, event.place.block
        for span in closed:
            self._end(known, span, at, block)
        for span in written:
            number = known.number * SPANS_PER_AGREEMENT + known.spans
            known.spans += 1
            known.open[span] = number
            times = (span.valid_from, span.valid_until, at, FOREVER)
            what = (number, known.id, known.number, span.act_hash, span.verb.value, span.status.value)
            row: Row = [*what, *times, list_text(span.parties), block, None]
            mine: list[Row] = [[one, known.number, number, *times, block, None] for one in span.parties]
            self._buffer.new["spans"].append(row)
            self._buffer.new["span_organisations"] += mine
            self._fresh[number] = (row, mine)

    def _end(self, known: _Agreement, span: Span, at: int, block: int) -> None:
        number = known.open.pop(span)
        if number in self._fresh:
            row, mine = self._fresh[number]
            row[9], row[12] = at, block
            for one in mine:
                one[6], one[8] = at, block
            return
        values = {"key": number, "moment": at, "in_block": block}
        self._buffer.change(_CLOSE_SPAN, values)
        for party in span.parties:
            self._buffer.change(_CLOSE_SPAN_ORGANISATIONS, {**values, "who": party, "of_number": known.number})

    def _settle(self, event: Recorded, known: _Agreement, history: Sequence[Act]) -> None:
        """What the recorded act means for proposals: its own, those that follow the same act, those that follow it."""
        self._close(event.act_hash, "recorded", event.place)
        if not event.act.concludes:
            for other in self._following.get(event.act.previous, ()):
                if self._proposals[other].agreement == known.id:
                    self._close(other, "overtaken", event.place)
        for other in self._following.get(event.act_hash, ()):
            waiting = self._proposals[other]
            if not waiting.open or other in self._acts:
                continue
            if waiting.agreement != known.id:
                self._close(other, "impossible", event.place)
            elif known.ended:
                self._close(other, "overtaken", event.place)
            else:
                before = self._history(known.head, waiting.act.valid_from)
                needed = required(waiting.act, before, event.place.timestamp)
                self._concern(other, set(needed) - set(waiting.act.parties), event.place)

    def _close(self, act_hash: bytes, how: str, place: Place) -> None:
        proposal = self._proposals.get(act_hash)
        if proposal is None or not proposal.open:
            return
        proposal.open = False
        for row in proposal.concerned:
            row[_CONCERN_CLOSED_IN] = place.block
        if proposal.row is not None:
            proposal.row[_CLOSED_AT:] = place.timestamp, place.block, how
            return
        values = {"key": act_hash, "moment": place.timestamp, "in_block": place.block, "how": how}
        self._buffer.change(_CLOSE_PROPOSAL, values)
        self._buffer.change(_CLOSE_CONCERN, {"key": act_hash, "in_block": place.block})

    def _concern(self, act_hash: bytes, organisations: set[str], place: Place, closed_block: int | None = None) -> None:
        rows = [[act_hash, one, place.block, place.log_index, closed_block] for one in sorted(organisations)]
        self._buffer.new["proposal_organisations"] += rows
        self._proposals[act_hash].concerned += rows

    def finish(self) -> None:
        """Puts what changed of agreements into the buffer, once all events are in."""
        for known in self._changed.values():
            if known.row is not None:
                known.row[2:6] = known.head, known.acts, known.spans, known.ended
            else:
                values = {"to_head": known.head, "to_acts": known.acts, "to_spans": known.spans}
                self._buffer.change(_EXTEND_AGREEMENT, {"key": known.id, "to_ended": known.ended, **values})
