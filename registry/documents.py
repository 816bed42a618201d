"""The register as JSON documents: camelCase keys, hashes as 0x-hexadecimal, times as unix seconds.

What the commands print with ``--json``. Organisations always come with their name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from registry import model, timeline
from registry.carried import act_to_json, motion_to_json
from registry.chain import Sent
from registry.commitments import ReportRecord
from registry.dossier import Manifest
from registry.governing import Tally
from registry.index.answers import FOREVER, At, KnownMandate, Obligation, Offer, Standing
from registry.looking import Signatory
from registry.membership import MotionRecord
from registry.model import NOBODY, Event, Mandate, Member, Place, Report
from registry.organisations import Directory
from registry.progress import Progress
from registry.promises import Promise
from registry.service import View
from registry.timeline import Agreement, Ledger, Proposal, RecordedAct
from registry.verification import Verification

Document = dict[str, object]


def organisation(identifier: str, directory: Directory) -> Document:
    """An organisation by identifier and name."""
    return {"id": identifier, "name": directory.name(identifier)}


def as_of(view: View) -> Document:
    """At which block an answer holds, and the fingerprint there."""
    return {"block": view.block, "time": view.mined_at, "fingerprint": _hex(view.ledger.fingerprint)}


def sent(one: Sent) -> Document:
    """A mined transaction."""
    return {"transaction": _hex(one.transaction), "block": one.block, "gasUsed": one.gas_used}


def mandate(one: Mandate, directory: Directory) -> Document:
    """Who may sign for whom, from when until when, alone or together."""
    return {
        "signatory": one.signatory,
        "organisation": organisation(one.organisation, directory),
        "validFrom": one.valid_from,
        "validUntil": one.valid_until or None,
        "together": one.together,
        "decision": _optional(one.decision),
    }


def recorded_act(one: RecordedAct, directory: Directory, manifest: Manifest | None) -> Document:
    """An act with who approved it and when it was recorded."""
    approvals = [
        mandate(held, directory) | {"onBehalfOf": organisation(whom, directory), "citedDecision": _optional(decision)}
        for held, whom, decision in zip(one.mandates, one.on_behalf, one.decisions, strict=True)
    ]
    return {
        "actHash": _hex(one.act_hash),
        "verb": one.verb.value,
        "title": manifest.title if manifest else None,
        "act": act_to_json(one.act),
        "parties": [organisation(party, directory) for party in one.act.parties],
        "approvals": approvals,
        "recorded": place(one.event.place),
    }


def agreement(one: Agreement, directory: Directory, view: View, manifest: Manifest | None) -> Document:
    """An agreement as a row: what it is, between whom, and whether it holds now."""
    governing = one.governing(view.now) or one.first_to_govern()
    return {
        "agreement": _hex(one.id),
        "title": manifest.title if manifest else None,
        "kind": manifest.kind.value if manifest else None,
        "example": manifest.example if manifest else None,
        "status": one.status(view.now).value,
        "parties": [organisation(party, directory) for party in governing.act.parties],
        "validFrom": governing.act.valid_from,
        "validUntil": governing.act.valid_until or None,
        "acts": len(one.acts),
        "head": _hex(one.head.act_hash),
    }


def standing(one: Standing, directory: Directory) -> Document:
    """An agreement as a row, as it stood at the moment asked about; the same members as :func:`agreement`."""
    return {
        "agreement": _hex(one.agreement),
        "title": one.title,
        "kind": one.kind.value if one.kind else None,
        "example": one.example,
        "status": one.status.value,
        "parties": [organisation(party, directory) for party in one.parties],
        "validFrom": one.valid_from,
        "validUntil": one.valid_until or None,
        "acts": one.acts,
        "head": _hex(one.head),
    }


def asked_at(at: At) -> Document:
    """The two moments a question was about, and up to which block the answer goes."""
    as_of_ = {"block": at.block, "time": at.block_time, "fingerprint": _hex(at.fingerprint)}
    return {"validOn": at.valid_on, "knownAt": at.known_at, "asOf": as_of_}


def offer(one: Offer, directory: Directory, progress: Progress | None, manifest: Manifest | None) -> Document:
    """A proposal as the index knows it; the same members as :func:`proposal`."""
    return {
        "actHash": _hex(one.act_hash),
        "title": manifest.title if manifest else None,
        "act": act_to_json(one.act),
        "parties": [organisation(party, directory) for party in one.act.parties],
        "proposedBy": one.signatory,
        "declined": one.closed_as == "declined",
        "approved": [organisation(each, directory) for each in progress.approved] if progress else [],
        "missing": [organisation(each, directory) for each in progress.missing] if progress else [],
    }


def obligation(one: Obligation, directory: Directory, today: date) -> Document:
    """A commitment as the index knows it; the same members as :func:`promise`."""
    return {
        "agreement": _hex(one.agreement),
        "commitment": _hex(one.id),
        "id": one.label,
        "promisedBy": organisation(one.organisation, directory) if one.organisation else None,
        "text": one.what,
        "due": one.last_day.isoformat() if one.last_day else None,
        "overdue": one.overdue(today),
        "reports": [report_record(each, directory) for each in one.reports],
    }


def known_mandate(one: KnownMandate, directory: Directory) -> Document:
    """A mandate, and from when until when it was known so."""
    until = one.known_until if one.known_until < FOREVER else None
    return mandate(one.mandate, directory) | {"knownFrom": one.known_from, "knownUntil": until}


def signatory(one: Signatory, directory: Directory) -> Document:
    """A key: the mandate it had on the day asked about, and every version of its mandates that was known."""
    versions = [known_mandate(each, directory) for each in one.versions]
    held = mandate(one.mandate, directory) if one.mandate else None
    return {"signatory": one.address, "mandate": held, "mandates": versions}


def proposal(one: Proposal, directory: Directory, progress: Progress | None, manifest: Manifest | None) -> Document:
    """A proposal on chain, and who has yet to approve it; no progress if it can no longer be recorded."""
    return {
        "actHash": _hex(one.act_hash),
        "title": manifest.title if manifest else None,
        "act": act_to_json(one.act),
        "parties": [organisation(party, directory) for party in one.act.parties],
        "proposedBy": one.proposed.signatory,
        "declined": one.declined is not None,
        "approved": [organisation(each, directory) for each in progress.approved] if progress else [],
        "missing": [organisation(each, directory) for each in progress.missing] if progress else [],
    }


def verification(answer: Verification, directory: Directory, sentence: str) -> Document:
    """The answer about a file, with the sentence for people."""
    found = answer.finding
    document: Document = {
        "file": str(answer.file),
        "sha256": answer.digest.hex(),
        "accepted": answer.outcome.accepted,
        "outcome": answer.outcome.value,
        "sentence": sentence,
        "recordedDossiersNotAtHand": answer.acts_without_dossier,
        "block": answer.block,
        "time": answer.now,
    }
    if found is not None:
        document |= {
            "agreement": _hex(found.agreement.id),
            "act": recorded_act(found.recorded, directory, found.match.dossier.manifest),
            "document": found.match.path,
            "leaf": found.match.index,
            "successor": _hex(found.successor.act_hash) if found.successor else None,
        }
    return document


def council(ledger: Ledger, directory: Directory, waiting: Mapping[str, MotionRecord] | None = None) -> list[Document]:
    """The organisations, with their administrators, their signatories and the motion that waits for each."""
    found: list[Document] = []
    for one in sorted(ledger.members.values(), key=lambda member: member.organisation):
        signatories = [mandate(held, directory) for held in ledger.signatories_of(one.organisation)]
        pending = (waiting or {}).get(one.organisation)
        found.append(
            member(one, directory)
            | {"signatories": signatories, "waiting": waiting_motion(pending) if pending else None}
        )
    return found


def waiting_motion(one: MotionRecord) -> Document:
    """A decided motion that waits: it can be vetoed until it is enacted, which cannot be before ``effectFrom``."""
    effect_from = one.decided.effect_from if one.decided else None
    motion_hash = {"motionHash": _hex(one.motion_hash), "action": one.motion.action.value}
    return motion_hash | {"effectFrom": effect_from, "lapsesAt": one.lapses_at}


def member(one: Member, directory: Directory) -> Document:
    """An organisation as the council knows it."""
    return {
        "organisation": organisation(one.organisation, directory),
        "administrator": _nobody(one.administrator),
        "nominee": _nobody(one.nominee),
        "votes": one.votes,
        "expelled": one.expelled,
        "successor": organisation(one.successor, directory) if one.successor else None,
        "service": one.service or None,
    }


def motion(one: MotionRecord, directory: Directory, now: int, tally: Tally | None = None) -> Document:
    """A motion and what became of it; with the tally while it is open."""
    return {
        "motionHash": _hex(one.motion_hash),
        "motion": motion_to_json(one.motion),
        "organisation": organisation(one.motion.organisation, directory),
        "status": one.status(now).value,
        "movedBy": one.moved.signatory if one.moved else None,
        "effectFrom": one.decided.effect_from if one.decided else None,
        "lapsesAt": one.lapses_at if one.decided and not one.enacted else None,
        "decided": place(one.decided.place) if one.decided else None,
        "vetoed": place(one.vetoed.place) if one.vetoed else None,
        "enacted": place(one.enacted.place) if one.enacted else None,
    } | (tally_of(tally, directory) if tally else {})


def tally_of(one: Tally, directory: Directory) -> Document:
    """Who approves a motion, and whether that is enough."""
    return {
        "inFavour": [organisation(each, directory) for each in one.in_favour],
        "voters": one.voters,
        "needed": one.needed,
        "carried": one.carried,
        "missing": [organisation(each, directory) for each in one.missing],
        "organisationConsents": one.consents,
    }


def promise(one: Promise, directory: Directory, today: date) -> Document:
    """A commitment and the latest report of each party on it."""
    stated = one.stated
    return {
        "agreement": _hex(one.agreement),
        "commitment": _hex(one.id),
        "id": stated.id if stated else None,
        "promisedBy": organisation(stated.organisation, directory) if stated else None,
        "text": stated.text if stated else None,
        "due": stated.due.isoformat() if stated and stated.due else None,
        "overdue": one.overdue(today),
        "reports": [report_record(each, directory) for each in one.reports],
    }


def report_record(one: ReportRecord, directory: Directory) -> Document:
    """A report, who signed it and who confirmed it."""
    confirmed = [_by(each.organisation, each.signatory, directory) for each in one.confirmed.values()]
    signed = {"reportHash": _hex(one.event.report_hash), "signatory": one.event.signatory}
    return signed | report(one.report, directory) | {"confirmedBy": confirmed, "recorded": place(one.event.place)}


def report(one: Report, directory: Directory) -> Document:
    """What a party says of a commitment."""
    return {
        "agreement": _hex(one.agreement),
        "commitment": _hex(one.commitment),
        "organisation": organisation(one.organisation, directory),
        "progress": one.stage.value,
        "evidence": _optional(one.evidence),
    }


def history(events: Sequence[Event], directory: Directory) -> list[Document]:
    """Events in order, each with its name and its own fields."""
    return [
        {"event": type(one).__name__} | _event(one, directory) | {"recorded": place(one.place)}
        for one in sorted(events, key=timeline.position)
    ]


def place(one: Place) -> Document:
    """Where and when something was recorded."""
    return {
        "block": one.block,
        "logIndex": one.log_index,
        "transaction": _hex(one.transaction),
        "time": one.timestamp,
        "at": datetime.fromtimestamp(one.timestamp, UTC).isoformat(),
    }


def _event(event: Event, directory: Directory) -> Document:
    match event:
        case model.MemberAdmitted(member=one):
            return {
                "organisation": organisation(one.organisation, directory),
                "administrator": one.administrator,
                "votes": one.votes,
            }
        case model.MemberExpelled() | model.AdministratorNominated() | model.AdministratorReplaced():
            return {"organisation": organisation(event.organisation, directory)} | _key(event)
        case model.MemberSucceeded():
            successor = organisation(event.successor, directory)
            return {"organisation": organisation(event.organisation, directory), "successor": successor}
        case model.ServiceAnnounced():
            service = event.service.decode("utf-8", errors="replace")
            return {"organisation": organisation(event.organisation, directory), "service": service}
        case model.SignatoryAppointed(mandate=one):
            return mandate(one, directory)
        case model.SignatoryDismissed():
            return _by(event.organisation, event.signatory, directory) | {"decision": _optional(event.decision)}
        case model.Proposed():
            return {"actHash": _hex(event.act_hash), "signatory": event.signatory, "act": act_to_json(event.act)}
        case model.Approved():
            digest = {"actHash": _hex(event.act_hash), "decision": _optional(event.decision)}
            return digest | _by(event.organisation, event.signatory, directory)
        case model.Recorded():
            names = {"agreement": _hex(event.agreement), "actHash": _hex(event.act_hash)}
            return names | {"act": act_to_json(event.act)} | _signed(event)
        case model.Declined():
            digest = {"actHash": _hex(event.act_hash), "reason": _optional(event.reason)}
            return digest | _by(event.organisation, event.signatory, directory)
        case model.Moved() | model.Voted() | model.MotionDecided() | model.MotionVetoed() | model.MotionEnacted():
            return {"motionHash": _hex(event.motion_hash)} | _motion_event(event, directory)
        case model.ProgressReported():
            names = {"reportHash": _hex(event.report_hash), "signatory": event.signatory}
            return names | report(event.report, directory)
        case model.ProgressConfirmed():
            return {"reportHash": _hex(event.report_hash)} | _by(event.organisation, event.signatory, directory)


def _motion_event(
    event: model.Moved | model.Voted | model.MotionDecided | model.MotionVetoed | model.MotionEnacted,
    directory: Directory,
) -> Document:
    match event:
        case model.Moved():
            return {"motion": motion_to_json(event.motion), "signatory": event.signatory}
        case model.Voted():
            decision = {"decision": _optional(event.decision)}
            return _by(event.organisation, event.signatory, directory) | decision
        case model.MotionDecided():
            return {"motion": motion_to_json(event.motion), "effectFrom": event.effect_from} | _signed(event)
        case model.MotionVetoed():
            who = {"organisation": organisation(event.organisation, directory), "sender": event.sender}
            return who | {"reason": _optional(event.reason)}
        case model.MotionEnacted():
            return {"organisation": organisation(event.organisation, directory)}


def _key(event: model.MemberExpelled | model.AdministratorNominated | model.AdministratorReplaced) -> Document:
    match event:
        case model.MemberExpelled():
            return {}
        case model.AdministratorNominated():
            return {"nominee": _nobody(event.nominee)}
        case model.AdministratorReplaced():
            return {"administrator": event.administrator}


def _signed(event: model.Recorded | model.MotionDecided) -> Document:
    decisions = [_optional(one) for one in event.decisions]
    return {"signatories": list(event.signatories), "decisions": decisions}


def _nobody(address: str) -> str | None:
    return None if address == NOBODY else address


def _by(identifier: str, signatory: str, directory: Directory) -> Document:
    return {"organisation": organisation(identifier, directory), "signatory": signatory}


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


def _optional(value: bytes) -> str | None:
    return _hex(value) if any(value) else None
