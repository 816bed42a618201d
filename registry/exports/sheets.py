"""What stands in the sheets of a workbook: their columns, and the rows of each thing in the register."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from registry import dutch
from registry.dossier import SECONDS_PER_DAY
from registry.exports import words
from registry.exports.source import Entry, HeldMandate, Promised
from registry.exports.tables import Column, Kind, Value
from registry.model import Event, Stage
from registry.organisations import Directory
from registry.timeline import RecordedAct

HASH, ADDRESS, NAMES, WHEN = 68.0, 45.0, 42.0, 18.0

Row = Sequence[Value]


def _agreements(now: int) -> list[Column]:
    return [
        Column("Nr.", 6, Kind.NUMBER),
        Column("Titel", 52, Kind.WRAPPED),
        Column("Soort", 26),
        Column("Beleidsterrein", 20),
        Column("Partijen", NAMES, Kind.WRAPPED),
        Column(f"Stand op {dutch.brief_moment(now)}", 20),
        Column("Geldig vanaf", 12, Kind.DAY),
        Column("Geldig tot en met", 12, Kind.DAY),
        Column("Opzegtermijn (dagen)", 13, Kind.NUMBER),
        Column("Handelingen", 12, Kind.NUMBER),
        Column("Eerste vastgelegd", WHEN, Kind.MOMENT),
        Column("Laatste vastgelegd", WHEN, Kind.MOMENT),
        Column("Overeenkomst", HASH, Kind.MONO),
        Column("Laatste handeling", HASH, Kind.MONO),
    ]


def _acts(now: int) -> list[Column]:
    return [
        Column("Overeenkomst nr.", 13, Kind.NUMBER),
        Column("Handeling nr.", 10, Kind.NUMBER),
        Column("Wat", 16),
        Column("Titel", 52, Kind.WRAPPED),
        Column("Partijen", NAMES, Kind.WRAPPED),
        Column("Geldig vanaf", 12, Kind.DAY),
        Column("Geldig tot en met", 12, Kind.DAY),
        Column("Vervangen vanaf", 12, Kind.DAY),
        Column("Opzegtermijn (dagen)", 13, Kind.NUMBER),
        Column("Akkoord kon tot en met", WHEN, Kind.MOMENT),
        Column("Vastgelegd", WHEN, Kind.MOMENT),
        Column("Blok", 10, Kind.NUMBER),
        Column("Handeling", HASH, Kind.MONO),
        Column("Volgt op", HASH, Kind.MONO),
        Column("Dossier", HASH, Kind.MONO),
        Column("Transactie", HASH, Kind.MONO),
    ]


def _approvals(now: int) -> list[Column]:
    return [
        Column("Overeenkomst nr.", 13, Kind.NUMBER),
        Column("Handeling nr.", 10, Kind.NUMBER),
        Column("Namens", 28),
        Column("Code", 9),
        Column("Getekend door ondertekenaar van", 28),
        Column("Ondertekenaar", ADDRESS, Kind.MONO),
        Column("Bevoegd", 22),
        Column("Mandaat vanaf", 12, Kind.DAY),
        Column("Mandaat tot en met", 12, Kind.DAY),
        Column("Vastgelegd", WHEN, Kind.MOMENT),
        Column("Aangehaald besluit", HASH, Kind.MONO),
        Column("Besluit van het mandaat", HASH, Kind.MONO),
        Column("Handeling", HASH, Kind.MONO),
    ]


def _mandates(now: int) -> list[Column]:
    return [
        Column("Organisatie", 28),
        Column("Code", 9),
        Column("Ondertekenaar", ADDRESS, Kind.MONO),
        Column("Bevoegd", 22),
        Column("Geldig vanaf", WHEN, Kind.MOMENT),
        Column("Geldig tot", WHEN, Kind.MOMENT),
        Column(f"Geldt op {dutch.brief_moment(now)}", 12),
        Column("Vastgelegd", WHEN, Kind.MOMENT),
        Column("Vervangen door een nieuw mandaat", WHEN, Kind.MOMENT),
        Column("Blok", 10, Kind.NUMBER),
        Column("Besluit", HASH, Kind.MONO),
    ]


def _promises(now: int) -> list[Column]:
    return [
        Column("Overeenkomst nr.", 13, Kind.NUMBER),
        Column("Toezegging", 11),
        Column("Toegezegd door", 28),
        Column("Wat", 60, Kind.WRAPPED),
        Column("Uiterlijk", 12, Kind.DAY),
        Column(f"Te laat op {dutch.brief_moment(now)}", 12),
        Column("Gemeld door", 28),
        Column("Gemeld", 14),
        Column("Gemeld op", WHEN, Kind.MOMENT),
        Column("Bevestigd door", NAMES, Kind.WRAPPED),
        Column("Bewijs", HASH, Kind.MONO),
        Column("Melding", HASH, Kind.MONO),
        Column("Toezegging op de keten", HASH, Kind.MONO),
    ]


def _events(now: int) -> list[Column]:
    return [
        Column("Blok", 10, Kind.NUMBER),
        Column("Nr. in blok", 8, Kind.NUMBER),
        Column("Tijdstip", WHEN, Kind.MOMENT),
        Column("Gebeurtenis", 26),
        Column("Organisatie", 28),
        Column("Bijzonderheden", 60, Kind.WRAPPED),
        Column("Ondertekenaars", ADDRESS, Kind.MONO),
        Column("Betreft (handeling, motie, melding)", HASH, Kind.MONO),
        Column("Overeenkomst", HASH, Kind.MONO),
        Column("Transactie", HASH, Kind.MONO),
    ]


COLUMNS: dict[str, Callable[[int], list[Column]]] = {
    "Overeenkomsten": _agreements,
    "Handelingen": _acts,
    "Akkoorden": _approvals,
    "Mandaten": _mandates,
    "Toezeggingen": _promises,
    "Gebeurtenissen": _events,
}
"""The columns of each sheet, by its name, for a register as of a moment."""

DESCRIPTIONS = {
    "Overeenkomsten": "elke overeenkomst, zoals die op het tijdstip van het blok luidde",
    "Handelingen": "elke vastgelegde stap: totstandkoming, wijziging, toetreding, uittreding, opheffing",
    "Akkoorden": "wie elke handeling ondertekende, namens wie en met welk mandaat",
    "Mandaten": "wie voor welke organisatie mocht tekenen, ook wat is ingetrokken of vervangen",
    "Toezeggingen": "wat is toegezegd en wat partijen daarover meldden",
    "Gebeurtenissen": "alles wat het register ooit opnam, in volgorde",
}
"""What each sheet is about."""


class Rows:
    """Things of the register as rows, as of ``now`` (unix seconds)."""

    def __init__(self, directory: Directory, now: int) -> None:
        self._directory = directory
        self._now = now
        self._today = dutch.date_of(now)

    def agreement(self, entry: Entry) -> Row:
        """A row of Overeenkomsten: by what holds, else by what holds first; of an ended one by what held last."""
        agreement = entry.agreement
        one = agreement.governing(self._now) or agreement.first_to_govern()
        if one.act.ends:
            one = next(each for each in reversed(agreement.acts) if not each.act.ends)
        told = entry.told.get(one.act_hash)
        return (
            entry.number,
            told.title if told else "(dossier niet bij de hand)",
            told.kind if told else None,
            told.policy_area if told else None,
            self._names(one.act.parties),
            agreement.status(self._now).dutch,
            one.act.valid_from,
            _last(one.act.valid_until),
            _days(one.act.notice),
            len(agreement.acts),
            agreement.acts[0].recorded_at,
            agreement.head.recorded_at,
            agreement.id,
            agreement.head.act_hash,
        )

    def act(self, entry: Entry, number: int, one: RecordedAct) -> Row:
        """A row of Handelingen."""
        overruled = entry.agreement.overruled_by(one)
        ends = one.act.ends
        return (
            entry.number,
            number,
            dutch.verb(one.verb),
            entry.title(one.act_hash) or "(dossier niet bij de hand)",
            self._names(one.act.parties) if not ends else "geen: de overeenkomst eindigt",
            one.act.valid_from,
            _last(one.act.valid_until),
            overruled.act.valid_from if overruled else None,
            _days(one.act.notice),
            one.act.deadline or None,
            one.recorded_at,
            one.event.place.block,
            one.act_hash,
            None if one.act.concludes else one.act.previous,
            one.act.dossier,
            one.event.place.transaction,
        )

    def approvals(self, entry: Entry, number: int, one: RecordedAct) -> Iterator[Row]:
        """The rows of Akkoorden under an act."""
        for held, whom, decision in zip(one.mandates, one.on_behalf, one.decisions, strict=True):
            yield (
                entry.number,
                number,
                self._directory.name(whom),
                whom,
                self._directory.name(held.organisation),
                held.signatory,
                _authority(held.together),
                held.valid_from or None,
                _last(held.valid_until),
                one.recorded_at,
                decision if any(decision) else None,
                held.decision if any(held.decision) else None,
                one.act_hash,
            )

    def mandate(self, one: HeldMandate) -> Row:
        """A row of Mandaten."""
        held = one.mandate
        return (
            self._directory.name(held.organisation),
            held.organisation,
            held.signatory,
            _authority(held.together),
            held.valid_from or None,
            held.valid_until or None,
            one.known_until is None and held.in_force_at(self._now),
            one.known_from,
            one.known_until,
            one.block,
            held.decision if any(held.decision) else None,
        )

    def promises(self, entry: Entry, one: Promised) -> Iterator[Row]:
        """The rows of Toezeggingen for a commitment: one for each party that reported, or one without a report."""
        stated = one.stated
        done = {Stage.FULFILLED, Stage.CANCELLED}
        kept = stated is not None and any(
            each.report.organisation == stated.organisation and each.report.stage in done for each in one.reports
        )
        late = None if stated is None or stated.due is None else stated.due < self._today and not kept
        head: Row = (
            entry.number,
            stated.label if stated else "",
            self._directory.name(stated.organisation) if stated else "",
            stated.text if stated else "(dossier niet bij de hand)",
            stated.due if stated else None,
            late,
        )
        if not one.reports:
            yield (*head, None, "nog niets", None, None, None, None, one.id)
        for each in one.reports:
            report = each.report
            yield (
                *head,
                self._directory.name(report.organisation),
                report.stage.dutch,
                each.event.place.timestamp,
                self._names(sorted(each.confirmed)),
                report.evidence if any(report.evidence) else None,
                each.event.report_hash,
                one.id,
            )

    def event(self, one: Event) -> Row:
        """A row of Gebeurtenissen."""
        organisation = words.organisation(one)
        return (
            one.place.block,
            one.place.log_index,
            one.place.timestamp,
            words.name(one),
            self._directory.name(organisation) if organisation else None,
            words.details(one, self._directory),
            " ".join(words.signatories(one)),
            words.subject(one),
            words.agreement(one),
            one.place.transaction,
        )

    def _names(self, organisations: Sequence[str]) -> str:
        return "; ".join(self._directory.name(one) for one in organisations)


def _authority(together: int) -> str:
    return "zelfstandig" if together == 1 else f"gezamenlijk, {together} samen"


def _last(valid_until: int) -> int | None:
    """A moment in the last day of a period; None if it has no end."""
    return valid_until - 1 if valid_until else None


def _days(seconds: int) -> int | None:
    return seconds // SECONDS_PER_DAY if seconds else None
