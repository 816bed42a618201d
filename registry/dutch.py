"""The register in Dutch: dates, names and sentences as people read them, in the words of docs/words.md.

Pure text, without markup: the terminal dresses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from registry.dossier import SECONDS_PER_DAY, Manifest
from registry.membership import VETO_PERIOD, MotionRecord, MotionStatus
from registry.model import Act, Action, Mandate, Member, Motion, Status, Verb
from registry.organisations import Directory
from registry.promises import Promise
from registry.timeline import Agreement, RecordedAct
from registry.verification import Finding, Outcome, Verification

ZONE = ZoneInfo("Europe/Amsterdam")

# The chain counts seconds up to the year 36812, which nobody means and Python cannot name.
_END_OF_CALENDAR = int(datetime(9999, 1, 1, tzinfo=ZONE).timestamp())

_MONTHS = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)


def day(timestamp: int) -> str:
    """A moment as its day: "1 januari 2026"."""
    if timestamp >= _END_OF_CALENDAR:
        return "een dag na het jaar 9998"
    return calendar_day(datetime.fromtimestamp(timestamp, ZONE).date())


def date_of(timestamp: int) -> date:
    """The day of the calendar in the Netherlands at a moment before the year 9999."""
    return datetime.fromtimestamp(timestamp, ZONE).date()


def calendar_day(one: date) -> str:
    """A day of the calendar: "31 december 2026"."""
    return f"{one.day} {_MONTHS[one.month - 1]} {one.year}"


def last_day(valid_until: int) -> str:
    """The last day of a period that ends, exclusively, at a moment."""
    return day(valid_until - 1)


def moment(timestamp: int) -> str:
    """A moment to the minute: "1 januari 2026 om 09:30 uur"."""
    if timestamp >= _END_OF_CALENDAR:
        return day(timestamp)
    return f"{day(timestamp)} om {datetime.fromtimestamp(timestamp, ZONE):%H:%M} uur"


def to_the_second(timestamp: int) -> str:
    """A moment to the second: "1 januari 2026 om 09:30:15 uur"."""
    if timestamp >= _END_OF_CALENDAR:
        return day(timestamp)
    return f"{day(timestamp)} om {datetime.fromtimestamp(timestamp, ZONE):%H:%M:%S} uur"


def deadline(last_second: int) -> str:
    """The last moment at which something can be done: a day if it is the end of one, else to the minute."""
    return day(last_second) if day(last_second) != day(last_second + 1) else moment(last_second)


def title(manifest: Manifest) -> str:
    """What people call an agreement."""
    return titled(manifest.title, manifest.example)


def titled(told: str, example: bool | None) -> str:
    """A title; an example is never shown without saying so."""
    return f"{told} (voorbeeld)" if example else told


def brief_moment(timestamp: int) -> str:
    """A moment for a column: "01-01-2026 09:30"."""
    return f"{datetime.fromtimestamp(timestamp, ZONE):%d-%m-%Y %H:%M}"


def brief_day(timestamp: int) -> str:
    """A day for a label: "01-01-2026"."""
    return f"{datetime.fromtimestamp(timestamp, ZONE):%d-%m-%Y}"


def number(value: int) -> str:
    """A number with dots between the thousands: "58.088"."""
    return f"{value:,}".replace(",", ".")


def counted(value: int, one: str, many: str) -> str:
    """A count with its noun: "1 voorstel", "2 voorstellen"."""
    return f"{number(value)} {one if value == 1 else many}"


def listed(items: Iterable[str]) -> str:
    """Items as in a sentence: "a, b en c"."""
    *most, last = items
    return f"{', '.join(most)} en {last}" if most else last


def names(organisations: Sequence[str], directory: Directory) -> str:
    """Organisations by name: "gemeente Renswoude en gemeente Veenendaal"."""
    return listed([directory.name(one) for one in organisations]) if organisations else "niemand"


def short(value: bytes | str) -> str:
    """A hash or address short enough to read aloud: "0x1a2b3c4d5e"; commands take it as it is."""
    text = value if isinstance(value, str) else "0x" + value.hex()
    return text[:12]


def authority(mandate: Mandate) -> str:
    """How far a mandate reaches: "zelfstandig bevoegd sinds 1 januari 2026"."""
    how = "zelfstandig bevoegd" if mandate.together == 1 else f"gezamenlijk bevoegd, {mandate.together} samen"
    since = f" sinds {day(mandate.valid_from)}" if mandate.valid_from else ""
    until = f" tot en met {last_day(mandate.valid_until)}" if mandate.valid_until else ""
    return f"{how}{since}{until}"


def signed(recorded: RecordedAct, directory: Directory) -> str:
    """Who signed an act for whom, under which mandate."""
    return listed(
        f"namens {directory.name(whom)}{_as_successor(mandate, whom, directory)} door {short(mandate.signatory)} "
        f"({authority(mandate)})"
        for mandate, whom in zip(recorded.mandates, recorded.on_behalf, strict=True)
    )


def _as_successor(mandate: Mandate, whom: str, directory: Directory) -> str:
    return "" if mandate.organisation == whom else f" (nu {directory.name(mandate.organisation)})"


def motion(one: Motion, directory: Directory) -> str:
    """What a motion asks, with the key that it names: "herstel van de beheerder van gemeente Ede: 0x1a2b…"."""
    key = f": {one.administrator}" if one.action is Action.RECOVER else ""
    return asked(one, directory) + key


def asked(one: Motion, directory: Directory) -> str:
    """What a motion asks, without a key, which stands on a line of its own: "toelating van gemeente Ede, met stem"."""
    what = f"{one.action.dutch} van {directory.name(one.organisation)}"
    match one.action:
        case Action.ADMIT:
            return f"{what}, {'met' if one.votes else 'zonder'} stem"
        case Action.SUCCEED:
            return f"{what} door {directory.name(one.successor)}"
        case _:
            return what


def meaning(one: Motion, directory: Directory, member: Member | None = None) -> str:
    """What comes of a motion if the council carries it, for whoever is about to sign; ``member`` as it is now."""
    who, vote = directory.name(one.organisation), "met stem" if one.votes else "als gast, zonder stem"
    match one.action:
        case Action.ADMIT if member is not None and not member.expelled:
            return f"{who} {'krijgt' if one.votes else 'verliest'} een stem in de raad, zodra de raad beslist"
        case Action.ADMIT:
            again = "weer deel" if member is not None else "deel"
            return f"{who} neemt {again} {vote}, zodra de raad beslist; de sleutel hieronder is die van de beheerder"
        case Action.EXPEL:
            return (
                f"{who} verliest haar stem en gaat geen overeenkomsten meer aan, zodra de raad beslist; wat haar bindt "
                "blijft, met haar zeggenschap daarin"
            )
        case Action.SUCCEED:
            heir = directory.name(one.successor)
            return (
                f"{heir} neemt de plaats van {who} in en tekent voortaan in haar plaats; {who} houdt geen stem, "
                "beheerder of ondertekenaars over"
            )
        case Action.RECOVER:
            return f"de beheerder van {who} krijgt de sleutel hieronder; wie de oude heeft, kan niets meer"


def veto_rule(one: Motion, directory: Directory) -> str:
    """When a motion takes effect that puts somebody in another's place, and how that can be stopped."""
    who, days = directory.name(one.organisation), VETO_PERIOD // SECONDS_PER_DAY
    return (
        f"op zijn vroegst {days} dagen nadat de raad beslist; tot dan houdt één veto van {who} het tegen. Tekent {who} "
        "zelf mee, dan geldt het zodra de raad beslist"
    )


def outcome(one: MotionRecord, now: int) -> str:
    """What came of a motion so far, with the moment that counts: "ligt voor tot en met 23 december 2026"."""
    found = one.status(now)
    if found is MotionStatus.OPEN:
        return f"{found.dutch} tot en met {deadline(one.motion.deadline)}"
    if found is MotionStatus.EXPIRED:
        return f"{found.dutch} (tot en met {deadline(one.motion.deadline)})"
    if found is MotionStatus.LAPSED:
        return f"{found.dutch} (tot {moment(one.lapses_at)})"
    event = one.enacted or one.vetoed
    return f"{found.dutch} op {moment(event.place.timestamp)}" if event else found.dutch


def promised(one: Promise) -> str:
    """What a commitment is called: "T1"; its digits on chain if no dossier at hand states it."""
    return one.stated.id if one.stated else short(one.id)


def period(act: Act) -> str:
    """From when until when an act holds: "vanaf 1 januari 2026 tot en met 31 december 2030"."""
    until = f" tot en met {last_day(act.valid_until)}" if act.valid_until else ""
    return f"vanaf {day(act.valid_from)}{until}"


def verb(one: Verb) -> str:
    """What an act does, as a noun: "wijziging"."""
    return {Verb.CONCLUDE: "totstandkoming"}.get(one, one.dutch)


def status(agreement: Agreement, valid_on: int) -> str:
    """Whether an agreement holds on a day, and since or until when."""
    governing = agreement.governing(valid_on)
    found = agreement.status(valid_on)
    if governing is None:
        return f"{found.dutch} (pas {period(agreement.first_to_govern().act)})"
    if found is Status.IN_FORCE:
        coming = agreement.overruled_by(governing)
        change = f"; {verb(coming.verb)} met ingang van {day(coming.act.valid_from)}" if coming else ""
        return f"{found.dutch} ({period(governing.act)}{change})"
    if found is Status.EXPIRED:
        return f"{found.dutch} (gold tot en met {last_day(governing.act.valid_until)})"
    return f"{found.dutch} (met ingang van {day(governing.act.valid_from)})"


def verification(answer: Verification, directory: Directory) -> str:
    """The answer about a file in one sentence."""
    found = answer.finding
    if found is None:
        return _refusal(answer, directory)
    recorded = found.recorded
    # An act that ends the agreement is between those it releases.
    bound = found.agreement.acts[-2].act.parties if recorded.act.ends else recorded.act.parties
    parts = [
        f"Dit is {_document(found)}, overeengekomen tussen {names(bound, directory)}",
        f"ondertekend {signed(recorded, directory)}",
        f"vastgelegd op {moment(recorded.recorded_at)} in blok {recorded.event.place.block}",
        _standing(found, answer.outcome),
    ]
    return "; ".join(parts) + "."


def _document(found: Finding) -> str:
    manifest, index = found.match.dossier.manifest, found.match.index
    what = f"“{title(manifest)}” ({verb(found.recorded.verb)})"
    if index == 0:
        return f"de beschrijving (manifest) van {what}"
    one = manifest.files[index - 1]
    return what if one.role == "overeenkomst" else f"“{one.title or one.path}” bij {what}"


def _standing(found: Finding, outcome: Outcome) -> str:
    act, successor = found.recorded.act, found.successor
    if outcome is Outcome.PENDING:
        return f"nog niet van kracht, pas {period(act)}"
    if outcome is Outcome.EXPIRED:
        return f"niet meer van kracht: het gold tot en met {last_day(act.valid_until)}"
    if outcome is Outcome.IN_FORCE:
        left = f", na {verb(successor.verb)} op {day(successor.act.valid_from)}" if successor else ""
        return f"vandaag van kracht, {period(act)}{left}"
    if successor is None:
        return f"hiermee is de overeenkomst beëindigd met ingang van {day(act.valid_from)}"
    since = f"met ingang van {day(successor.act.valid_from)}"
    if successor.act.ends:
        return f"niet meer van kracht: de overeenkomst is {since} beëindigd (handeling {short(successor.act_hash)})"
    return f"niet meer van kracht: {since} vervangen door de {verb(successor.verb)} {short(successor.act_hash)}"


def _refusal(answer: Verification, directory: Directory) -> str:
    name = answer.file.name
    if answer.proposal is not None and answer.manifest is not None:
        parties = names(answer.proposal.act.parties, directory)
        what = title(answer.manifest)
        return f"{name} is voorgesteld als “{what}”, maar niet vastgelegd: {parties} zijn er niet aan gebonden."
    sentence = f"{name} is niet wat is overeengekomen: geen vastgelegde handeling bevat precies dit bestand"
    if answer.lookalikes:
        titles = dict.fromkeys(title(one.dossier.manifest) for one in answer.lookalikes)
        where = f"“{next(iter(titles))}”" if len(titles) == 1 else f"{len(titles)} vastgelegde dossiers"
        sentence += f"; een bestand met die naam hoort wel bij {where}, maar met een andere inhoud"
    if answer.acts_without_dossier:
        sentence += f"; van {answer.acts_without_dossier} vastgelegde dossiers is de inhoud hier niet bij de hand"
    return sentence + "."
