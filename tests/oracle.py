"""What the queries must answer, worked out the slow way: a ledger of the events that were known then. Pure.

Only for tests. No index, no SQL: every answer starts from all events, cuts off what was not known, and folds the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from registry import model
from registry.dossier import Manifest
from registry.dossier.terms import start_of_next_day
from registry.index.answers import Filters, Obligation, Standing
from registry.index.queries_commitments import Wanted
from registry.index.words import words
from registry.model import Approval, Event, Mandate, Stage, Status
from registry.progress import Progress, progress_of
from registry.statements import commitment_id
from registry.timeline import Agreement, Ledger, Proposal, position, required

Manifests = Mapping[bytes, Manifest]


def known(events: Sequence[Event], known_at: int) -> list[Event]:
    """The events that were recorded by then."""
    return [one for one in events if one.place.timestamp <= known_at]


def ledger_at(events: Sequence[Event], known_at: int) -> Ledger:
    return Ledger.of(known(events, known_at), fingerprint=bytes(32))


def standings(
    events: Sequence[Event],
    valid_on: int,
    known_at: int,
    filters: Filters | None = None,
    manifests: Manifests | None = None,
) -> list[Standing]:
    """Every agreement that was known, in the order of conclusion, as it stands on that day and passes the filters."""
    ledger = ledger_at(events, known_at)
    asked = filters or Filters()
    found = [
        standing(number, agreement, valid_on, manifests or {})
        for number, agreement in enumerate(ledger.agreements.values(), 1)
    ]
    return [one for one in found if passes(one, asked)]


def standing(number: int, agreement: Agreement, valid_on: int, manifests: Manifests) -> Standing:
    governing = agreement.governing(valid_on)
    says = governing or agreement.first_to_govern()
    about = says
    if says.act.ends:
        about = [one for one in agreement.acts if not one.act.ends][-1]
    manifest = manifests.get(about.act.dossier)
    return Standing(
        number=number,
        agreement=agreement.id,
        status=agreement.status(valid_on),
        act_hash=says.act_hash,
        verb=says.verb,
        valid_from=says.act.valid_from,
        valid_until=says.act.valid_until,
        parties=says.act.parties,
        between=about.act.parties,
        about=about.act_hash,
        dossier=about.act.dossier,
        acts=len(agreement.acts),
        head=agreement.head.act_hash,
        title=manifest.title if manifest else None,
        summary=manifest.summary if manifest else None,
        kind=manifest.kind if manifest else None,
        example=manifest.example if manifest else None,
    )


def passes(one: Standing, asked: Filters) -> bool:
    told = words(one.title, one.summary or "") if one.title is not None else []
    return (
        (asked.organisation is None or asked.organisation in one.between)
        and (asked.kind is None or asked.kind == one.kind)
        and (asked.verb is None or asked.verb == one.verb)
        and (asked.status is None or asked.status == one.status)
        and set(asked.words) <= set(told)
    )


def agreement(events: Sequence[Event], agreement_id: bytes, known_at: int) -> Agreement | None:
    return ledger_at(events, known_at).agreements.get(agreement_id)


def mandate_on(events: Sequence[Event], signatory: str, day: int, known_at: int) -> Mandate | None:
    """Under which mandate a key could sign at a moment: what comes later never changes what counted then."""
    mandate = ledger_at(events, min(day, known_at)).mandates.get(signatory)
    return mandate if mandate is not None and mandate.in_force_at(day) else None


def history(
    events: Sequence[Event],
    known_at: int,
    *,
    agreement: bytes | None = None,
    organisation: str | None = None,
    signatory: str | None = None,
) -> list[Event]:
    """What was recorded by then, in order: everything, or what concerns one agreement, organisation or key."""
    past = known(events, known_at)
    if agreement is not None:
        chosen = _of_agreement(past, agreement)
    elif organisation is not None:
        whom = _concerned(past)
        chosen = [one for one in past if organisation in whom[position(one)]]
    elif signatory is not None:
        chosen = [one for one in past if signatory in _keys(one)]
    else:
        chosen = past
    return sorted(chosen, key=position)


def _of_agreement(past: Sequence[Event], agreement: bytes) -> list[Event]:
    ledger = Ledger.of(past, fingerprint=bytes(32))
    found = ledger.agreements.get(agreement)
    hashes = {one.act_hash for one in found.acts} if found else set()
    hashes |= {one.act_hash for one in ledger.proposals.values() if agreement in (one.act.agreement, one.act_hash)}
    reports = {one.event.report_hash for one in ledger.reports.of(agreement)}
    return [
        one for one in past if getattr(one, "act_hash", None) in hashes or getattr(one, "report_hash", None) in reports
    ]


def _keys(event: Event) -> set[str]:
    """The keys that an event names as those who signed, or whose mandate it is about."""
    match event:
        case model.SignatoryAppointed(mandate=mandate):
            return {mandate.signatory}
        case model.Recorded() | model.MotionDecided():
            return set(event.signatories)
        case model.MotionVetoed():
            return {event.sender}
        case _:
            return {event.signatory} if hasattr(event, "signatory") else set()


def _concerned(past: Sequence[Event]) -> dict[tuple[int, int], set[str]]:
    """Whom each event concerns: who acts, the parties before and after, who must approve, who is spoken of."""
    ledger = Ledger(fingerprint=bytes(32))
    found: dict[tuple[int, int], set[str]] = {}
    for event in past:
        who = {event.organisation} if hasattr(event, "organisation") else set()
        match event:
            case model.MemberAdmitted(member=member):
                who = {member.organisation}
            case model.MemberSucceeded():
                who |= {event.successor}
            case model.SignatoryAppointed(mandate=mandate):
                who = {mandate.organisation}
            case model.Moved(motion=motion) | model.MotionDecided(motion=motion):
                who = {one for one in (motion.organisation, motion.successor) if one}
            case model.ProgressReported(report=report):
                who = {report.organisation}
            case model.ProgressConfirmed():
                who |= {ledger.reports.by_hash[event.report_hash].report.organisation}
            case model.Proposed(act=act):
                who = set(act.parties)
                before = ledger.agreements.get(act.agreement)
                if before is not None and before.head.act_hash == act.previous:
                    who |= set(required(act, before.history_for(act.valid_from), event.place.timestamp))
        ledger._add(event)
        if isinstance(event, model.Recorded):
            recorded = ledger.agreements[event.agreement].head
            who = {*event.act.parties, *recorded.on_behalf}
        if isinstance(event, model.MotionDecided):
            who |= {ledger.mandates[one].organisation for one in event.signatories}
        found[position(event)] = who
    return found


def open_proposals(events: Sequence[Event], now: int, known_at: int) -> list[tuple[Proposal, Progress]]:
    """The proposals that could be recorded, in order of proposing, and how far each is."""
    ledger = ledger_at(events, known_at)
    return [(one, progress(ledger, one, now)) for one in ledger.open_proposals(now)]


def progress(ledger: Ledger, proposal: Proposal, now: int) -> Progress:
    agreement = ledger.agreements.get(proposal.act.agreement)
    witnesses = agreement.history_for(proposal.act.valid_from) if agreement else ()
    given = {who: Approval(who, one.decision) for who, one in ledger.approvals.get(proposal.act_hash, {}).items()}
    membership = ledger.membership
    needed = required(proposal.act, witnesses, now)
    return progress_of(needed, given, membership.heir_of, membership.signatories_of, now)


def waiting_for(
    events: Sequence[Event], organisation: str, now: int, signatory: str | None = None
) -> list[tuple[Proposal, Progress]]:
    """Open proposals that wait for an organisation, or for one whose place it took; and for a key that has not yet
    approved them."""
    ledger = ledger_at(events, now)
    heir_of = ledger.membership.heir_of
    return [
        (one, done)
        for one, done in open_proposals(events, now, now)
        if organisation in {heir_of(each) for each in done.missing}
        and (signatory is None or signatory not in ledger.approvals.get(one.act_hash, {}))
    ]


def commitments(
    events: Sequence[Event], manifests: Manifests, wanted: Wanted, today: int, now: int
) -> list[Obligation]:
    """The commitments of what is in force: by last day, then without one, then those that are only reported on."""
    ledger = Ledger.of(events, fingerprint=bytes(32))
    found: list[tuple[tuple[int, int, int, str], Obligation]] = []
    for number, agreement in enumerate(ledger.agreements.values(), 1):
        if agreement.status(now) is not Status.IN_FORCE and wanted.agreement != agreement.id:
            continue
        if wanted.agreement not in (None, agreement.id):
            continue
        stated = {}
        for recorded in agreement.acts:
            manifest = manifests.get(recorded.act.dossier)
            stated |= {commitment_id(agreement.id, one.id): one for one in manifest.commitments} if manifest else {}
        stands = standing(number, agreement, now, manifests)
        reported = ledger.reports.of(agreement.id)
        for key in dict.fromkeys([*stated, *(one.report.commitment for one in reported)]):
            one = stated.get(key)
            due = start_of_next_day(one.due) if one and one.due else None
            told = (one.id, one.organisation, one.text, due) if one else (None, None, None, None)
            latest = tuple(ledger.reports.on(agreement.id, key))
            first = next((each for each in reported if each.report.commitment == key), None)
            order = (1, due, number, one.id) if one and due else (2, 0, number, one.id) if one else None
            order = order or (3, *position(first.event), "")
            obligation = Obligation(agreement.id, key, stands.title, stands.example, *told, latest)
            if _is_wanted(obligation, wanted, today):
                found.append((order, obligation))
    return [one for _, one in sorted(found, key=lambda pair: pair[0])]


def _is_wanted(one: Obligation, wanted: Wanted, today: int) -> bool:
    own = [each.report.stage for each in one.reports if each.report.organisation == one.organisation]
    done = own and own[0] in (Stage.FULFILLED, Stage.CANCELLED)
    return (
        (wanted.organisation is None or wanted.organisation == one.organisation)
        and (wanted.due_before is None or (one.due is not None and one.due <= wanted.due_before))
        and (not wanted.overdue or (one.due is not None and one.due <= today and not done))
    )
