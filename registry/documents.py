"""The register as JSON documents: camelCase keys, hashes as 0x-hexadecimal, times as unix seconds.

What the commands print with ``--json``. Organisations always come with their name.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from registry import model, timeline
from registry.carried import act_to_json
from registry.chain import Sent
from registry.dossier import Manifest
from registry.model import Event, Mandate, Place
from registry.organisations import Directory
from registry.service import Progress, View
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
        mandate(held, directory) | {"citedDecision": _optional(decision)}
        for held, decision in zip(one.mandates, one.decisions, strict=True)
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


def council(ledger: Ledger, directory: Directory) -> list[Document]:
    """The members, with their administrators and signatories."""
    return [
        {
            "organisation": organisation(one.organisation, directory),
            "administrator": one.administrator,
            "votes": one.votes,
            "signatories": [mandate(held, directory) for held in ledger.signatories_of(one.organisation)],
        }
        for one in sorted(ledger.members.values(), key=lambda member: member.organisation)
    ]


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
            return {
                "agreement": _hex(event.agreement),
                "actHash": _hex(event.act_hash),
                "act": act_to_json(event.act),
                "signatories": list(event.signatories),
                "decisions": [_optional(one) for one in event.decisions],
            }
        case model.Declined():
            digest = {"actHash": _hex(event.act_hash), "reason": _optional(event.reason)}
            return digest | _by(event.organisation, event.signatory, directory)


def _by(identifier: str, signatory: str, directory: Directory) -> Document:
    return {"organisation": organisation(identifier, directory), "signatory": signatory}


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


def _optional(value: bytes) -> str | None:
    return _hex(value) if any(value) else None
