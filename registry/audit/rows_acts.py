"""The rows of acts, of what held when as known when, of proposals and of reports: see :mod:`registry.audit.rows`."""

from __future__ import annotations

from dataclasses import dataclass

from eth_utils.address import to_checksum_address

from registry.audit.abi import Act
from registry.audit.digests import NOTHING
from registry.audit.findings import Event, name_of
from registry.audit.rows import FOREVER, Row, Tables, act_data, canonical
from registry.audit.state import State

_SPANS_PER_AGREEMENT = 2**24


@dataclass(frozen=True, slots=True)
class _Span:
    """What held from one moment of validity to another, and the row that says so."""

    act_hash: bytes
    verb: str
    status: str
    valid_from: int
    valid_until: int
    parties: tuple[bytes, ...]


class ActRows:
    """Called before the state takes in an event: what an act needs depends on what went before."""

    def __init__(self, tables: Tables, state: State) -> None:
        self._tables = tables
        self._state = state
        self._numbers: dict[bytes, int] = {}
        self._spans: dict[bytes, list[tuple[int, _Span]]] = {}
        self._agreement_of: dict[bytes, bytes] = {}
        self._following: dict[bytes, list[bytes]] = {}
        self._acts: dict[bytes, tuple[Act, bytes]] = {}
        self._concerned: dict[bytes, list[Row]] = {}
        self._span_count: dict[bytes, int] = {}
        self._span_parties: dict[int, tuple[bytes, ...]] = {}
        self._later: list[tuple[bytes, Event]] = []

    def agreement_of(self, subject: bytes) -> bytes | None:
        """The agreement that an act is or would be part of, as far as the chain told by now."""
        return self._agreement_of.get(subject)

    # Proposals and approvals

    def proposed(self, event: Event) -> set[bytes]:
        """Whom a proposal concerns: its parties, and those that would be bound no more."""
        act, subject = event["act"], event["actHash"]
        agreement = subject if act.previous == NOTHING else act.agreement
        concerned = set(act.parties) | self._needed(act, event.time)
        if (subject,) in self._tables.rows.get("proposals", {}):
            return concerned
        how = self._closed_at_once(subject, act)
        self._tables.put(
            "proposals",
            (subject,),
            agreement=agreement,
            previous=act.previous,
            dossier=act.dossier,
            deadline=act.deadline,
            act=canonical(act_data(act)),
            signatory=to_checksum_address(event["signatory"]),
            block=event.block,
            log_index=event.log_index,
            proposed_at=event.time,
            closed_at=event.time if how else None,
            closed_block=event.block if how else None,
            closed_as=how,
        )
        self._agreement_of.setdefault(subject, agreement)
        if act.previous != NOTHING:
            self._following.setdefault(act.previous, []).append(subject)
        self._concern(subject, concerned, event)
        return concerned

    def _needed(self, act: Act, moment: int) -> set[bytes]:
        steps = self._state.agreements.get(act.agreement, [])
        if act.previous == NOTHING or not steps or steps[-1].hash != act.previous:
            return set()
        return set(self._state.required(act, self._state.witnesses(act), moment)[0])

    def _closed_at_once(self, subject: bytes, act: Act) -> str | None:
        state = self._state
        if subject in state.acts:
            return "recorded"
        if subject in state.declined:
            return "declined"
        if act.previous == NOTHING:
            return "impossible" if len(act.parties) < 2 else None
        followed = self._acts.get(act.previous)
        if followed is None:
            return None
        steps = state.agreements.get(act.agreement, [])
        if followed[1] != act.agreement:
            return "impossible"
        return "overtaken" if steps[-1].hash != act.previous or len(steps[-1].act.parties) < 2 else None

    def _close(self, subject: bytes, how: str, event: Event) -> None:
        row = self._tables.rows.get("proposals", {}).get((subject,))
        if row is not None and row["closed_as"] is None:
            row.update(closed_at=event.time, closed_block=event.block, closed_as=how)
            for concerned in self._concerned.get(subject, ()):
                concerned["closed_block"] = event.block

    def _concern(self, subject: bytes, organisations: set[bytes], event: Event) -> None:
        for one in organisations:
            key = (subject, name_of(one))
            if key not in self._tables.rows.get("proposal_organisations", {}):
                closed = self._tables.rows["proposals"][(subject,)]["closed_block"]
                where = {"block": event.block, "log_index": event.log_index, "closed_block": closed}
                row = self._tables.put("proposal_organisations", key, **where)
                self._concerned.setdefault(subject, []).append(row)

    def approved(self, event: Event) -> None:
        """An approval given on chain."""
        key = (event["actHash"], to_checksum_address(event["signatory"]), event.block, event.log_index)
        who = {"organisation": name_of(event["organisation"]), "decision": event["decision"]}
        self._tables.put("approvals", key, **who, at=event.time)

    def declined(self, event: Event) -> None:
        """An act that can never be recorded."""
        who = {"organisation": name_of(event["organisation"]), "signatory": to_checksum_address(event["signatory"])}
        where = {"block": event.block, "log_index": event.log_index, "at": event.time}
        self._tables.put("declined", (event["actHash"],), **who, reason=event["reason"], **where)
        self._close(event["actHash"], "declined", event)

    # Acts

    def recorded(self, event: Event) -> set[bytes]:
        """Whom a recorded act concerns: its parties, and all that approved it."""
        act, subject, agreement = event["act"], event["actHash"], event["agreement"]
        state = self._state
        steps = state.agreements.get(agreement, [])
        head = steps[-1].act if steps else None
        witnesses = state.witnesses(act) if act.previous != NOTHING else []
        required, _ = state.required(act, witnesses, event.time)
        number = self._numbers.setdefault(agreement, len(self._numbers) + 1)
        on_behalf = self._approvals(event, required)
        for step in witnesses:
            overruled = self._tables.rows["acts"][(step.hash,)]
            if act.valid_from < overruled["overruled_from"]:
                overruled.update(overruled_from=act.valid_from, closed_block=event.block)
        self._act_row(event, number, len(steps) + 1, _verb(act, head))
        self._acts[subject] = (act, agreement)
        self._agreement_of[subject] = agreement
        self._span_rows(event, number, head)
        row = self._tables.rows.get("agreements", {}).get((agreement,))
        if row is None:
            where = {"block": event.block, "log_index": event.log_index, "recorded_at": event.time}
            row = self._tables.put("agreements", (agreement,), number=number, **where)
        row.update(head=subject, acts=len(steps) + 1, ended=len(act.parties) < 2, spans=self._span_count[agreement])
        self._settle(event)
        return set(act.parties) | on_behalf

    def _approvals(self, event: Event, required: list[bytes]) -> set[bytes]:
        """Who approved for whom: as many for each organisation as the least demanding of their mandates asks.

        Returns the organisations that were approved for.
        """
        found = set()
        rest = list(required)
        given = 0
        needed = 0
        decisions = event["decisions"]
        for place, signatory in enumerate(event["signatories"]):
            mandate = self._state.mandates.get(signatory)
            if mandate is None:
                continue
            on_behalf = rest[0] if rest else mandate.organisation
            found.add(on_behalf)
            given += 1
            needed = mandate.together if given == 1 else min(needed, mandate.together)
            if given >= needed:
                rest, given = rest[1:], 0
            self._tables.put(
                "approvals_of_acts",
                (event["actHash"], place),
                signatory=to_checksum_address(signatory),
                organisation=name_of(mandate.organisation),
                on_behalf=name_of(on_behalf),
                mandate_from=mandate.valid_from,
                mandate_until=mandate.valid_until,
                together=mandate.together,
                mandate_decision=mandate.decision,
                decision=decisions[place] if place < len(decisions) else NOTHING,
                block=event.block,
                log_index=event.log_index,
            )
        return found

    def _act_row(self, event: Event, agreement_number: int, number: int, verb: str) -> None:
        act = event["act"]
        self._tables.put(
            "acts",
            (event["actHash"],),
            agreement=event["agreement"],
            agreement_number=agreement_number,
            number=number,
            previous=act.previous,
            verb=verb,
            dossier=act.dossier,
            valid_from=act.valid_from,
            valid_until=act.valid_until,
            notice=act.notice,
            deadline=act.deadline,
            parties=_names(act.parties),
            block=event.block,
            log_index=event.log_index,
            transaction_hash=event.transaction,
            recorded_at=event.time,
            overruled_from=FOREVER,
            closed_block=None,
        )

    def _span_rows(self, event: Event, number: int, head: Act | None) -> None:
        act, agreement, subject = event["act"], event["agreement"], event["actHash"]
        verb, start = _verb(act, head), act.valid_from
        ends = len(act.parties) < 2
        parties = (head or act).parties if ends else act.parties
        pending = _Span(subject, verb, "pending", 0, start, parties)
        written = [pending] if head is None and start else []
        kept = []
        for key, span in self._spans.get(agreement, []):
            waits = span.status == "pending"
            if span.valid_until < start or (span.valid_until == start and not waits):
                kept.append((key, span))
                continue
            self._close_span(key, event)
            if waits and start:
                written.append(pending)
            elif not waits and span.valid_from < start:
                before = (span.valid_from, start, span.parties)
                written.append(_Span(span.act_hash, span.verb, span.status, *before))
        until = act.valid_until or FOREVER
        if ends:
            written.append(_Span(subject, verb, "ended", start, FOREVER, parties))
        else:
            written.append(_Span(subject, verb, "in force", start, until, parties))
            if act.valid_until:
                written.append(_Span(subject, verb, "expired", until, FOREVER, parties))
        for span in written:
            kept.append((self._open_span(span, number, event), span))
        self._spans[agreement] = sorted(kept, key=lambda one: one[0])

    def _open_span(self, span: _Span, number: int, event: Event) -> int:
        agreement = event["agreement"]
        count = self._span_count.get(agreement, 0)
        key = number * _SPANS_PER_AGREEMENT + count
        self._span_count[agreement] = count + 1
        times = {
            "valid_from": span.valid_from,
            "valid_until": span.valid_until,
            "known_from": event.time,
            "known_until": FOREVER,
            "block": event.block,
            "closed_block": None,
        }
        what = {"act_hash": span.act_hash, "verb": span.verb, "status": span.status, "parties": _names(span.parties)}
        self._tables.put("spans", (key,), agreement=agreement, number=number, **what, **times)
        for party in span.parties:
            self._tables.put("span_organisations", (name_of(party), number, key), **times)
        self._span_parties[key] = span.parties
        return key

    def _close_span(self, key: int, event: Event) -> None:
        closed = {"known_until": event.time, "closed_block": event.block}
        self._tables.rows["spans"][(key,)].update(closed)
        number = key // _SPANS_PER_AGREEMENT
        for party in self._span_parties.pop(key, ()):
            self._tables.rows["span_organisations"][name_of(party), number, key].update(closed)

    def _settle(self, event: Event) -> None:
        """What a recorded act means for proposals: its own, those that follow the same act, those that follow it."""
        act, subject, agreement = event["act"], event["actHash"], event["agreement"]
        self._close(subject, "recorded", event)
        if act.previous != NOTHING:
            for other in self._following.get(act.previous, ()):
                if self._agreement_of.get(other) == agreement:
                    self._close(other, "overtaken", event)
        for other in self._following.get(subject, ()):
            waiting = self._tables.rows["proposals"][(other,)]
            if waiting["closed_as"] is not None:
                continue
            if waiting["agreement"] != agreement:
                self._close(other, "impossible", event)
            elif len(act.parties) < 2:
                self._close(other, "overtaken", event)
            else:
                self._later.append((other, event))

    def after(self) -> None:
        """Once the state has taken in the act: whom a proposal that waited for it needs besides its parties."""
        for other, event in self._later:
            act = self._state.proposals[other]
            self._concern(other, self._needed(act, event.time), event)
        self._later.clear()

    # Reports

    def reported(self, event: Event) -> None:
        """A report, which follows the party's previous one."""
        report = event["report"]
        before = self._tables.rows.get("reports", {}).get((report.previous,))
        if before is not None:
            before.update(known_until=event.time, closed_block=event.block)
        self._tables.put(
            "reports",
            (event["reportHash"],),
            agreement=report.agreement,
            commitment=report.commitment,
            organisation=name_of(report.organisation),
            stage=report.progress.decode("utf-8", "replace"),
            evidence=report.evidence,
            previous=report.previous,
            signatory=to_checksum_address(event["signatory"]),
            block=event.block,
            log_index=event.log_index,
            at=event.time,
            known_until=FOREVER,
            closed_block=None,
        )

    def confirmed(self, event: Event) -> None:
        """A confirmation."""
        key = (event["reportHash"], name_of(event["organisation"]))
        where = {"block": event.block, "log_index": event.log_index, "at": event.time}
        self._tables.put("confirmations", key, signatory=to_checksum_address(event["signatory"]), **where)


def _verb(act: Act, head: Act | None) -> str:
    """What an act does, by its parties and those of the act before it."""
    if head is None:
        return "conclude"
    before, now = set(head.parties), set(act.parties)
    if not now:
        return "end"
    if before < now:
        return "accede"
    return "leave" if now < before else "amend"


def _names(parties: tuple[bytes, ...]) -> str:
    return canonical([name_of(one) for one in parties])
