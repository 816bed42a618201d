"""An event as one row of a table: always the same columns, empty where they say nothing of it.

The columns are those of ``foodvalley export csv``; a column once published keeps its name and meaning, and new ones
come at the end. The names are those of the documents (:mod:`registry.documents`) where there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from registry import model
from registry.dutch import ZONE
from registry.model import NOBODY, Act, Event, Motion
from registry.organisations import Directory

COLUMNS: dict[str, str] = {
    "block": "number of the block",
    "logIndex": "place of the event within its block",
    "transaction": "hash of the transaction",
    "time": "time of the block in unix seconds: from when the register knew it",
    "at": "the same moment in Dutch time",
    "event": "name of the event in the contract",
    "organisation": "whom it is about, or for whom was signed: its identifier",
    "organisationName": "its name",
    "signatory": "address of whoever signed, or of whom a mandate is given or withdrawn",
    "agreement": "the agreement",
    "actHash": "the act",
    "previous": "the act that it follows; empty if it concludes an agreement",
    "dossier": "root of the dossier of an act or motion",
    "parties": "identifiers of the parties of an act, with a space between them; empty if it ends the agreement",
    "validFrom": "from when an act or mandate holds",
    "validUntil": "until when, that moment not included; empty if it is open-ended",
    "notice": "notice in seconds; empty if one party cannot leave alone",
    "deadline": "until when an act or motion can be approved",
    "signatories": "addresses under a recorded act or decided motion, with a space between them",
    "decisions": "the decision that each of these cites, in the same order; - where one cites none",
    "together": "how many signatories together bind the organisation under this mandate",
    "decision": "the decision that a mandate, dismissal, approval or vote rests on",
    "reason": "salted digest of the reason for declining or for a veto",
    "motionHash": "the motion",
    "action": "what it asks: admit, expel, succeed, recover",
    "effectFrom": "from when a decided motion can be enacted",
    "administrator": "address of an administrator",
    "nominee": "address that may take over as administrator; empty if that was taken back",
    "votes": "true or false: whether a member has a vote",
    "successor": "identifier of who takes the place of the organisation",
    "sender": "address that sent a veto",
    "reportHash": "the report",
    "commitment": "what the commitment is called on the chain",
    "progress": "how far it is: started, fulfilled, blocked, cancelled",
    "evidence": "digest of the evidence of a report",
    "service": "address that the organisation announced for its service: text that others wrote",
}
"""Name and meaning of each column, in order."""

# No calendar of Python goes further, and nobody means such a moment.
_END_OF_CALENDAR = int(datetime(9999, 1, 1, tzinfo=ZONE).timestamp())

Cells = dict[str, str]


def row(event: Event, directory: Directory) -> Cells:
    """The cells of an event that are not empty, by column: as text, not yet made harmless for a spreadsheet."""
    place = event.place
    about = {
        "block": str(place.block),
        "logIndex": str(place.log_index),
        "transaction": hexadecimal(place.transaction),
        "time": str(place.timestamp),
        "at": moment(place.timestamp),
        "event": type(event).__name__,
    }
    cells = about | _cells(event)
    if "organisation" in cells:
        cells["organisationName"] = directory.name(cells["organisation"])
    return {name: value for name, value in cells.items() if value}


def _cells(event: Event) -> Cells:
    match event:
        case model.Proposed():
            return {"actHash": hexadecimal(event.act_hash), "signatory": event.signatory} | _act(event.act)
        case model.Recorded():
            names = {"actHash": hexadecimal(event.act_hash)}
            return names | _act(event.act) | {"agreement": hexadecimal(event.agreement)} | _signed(event)
        case model.Approved():
            return {"actHash": hexadecimal(event.act_hash), "decision": digest(event.decision)} | _by(event)
        case model.Declined():
            return {"actHash": hexadecimal(event.act_hash), "reason": digest(event.reason)} | _by(event)
        case model.ProgressReported(report=one):
            return {
                "reportHash": hexadecimal(event.report_hash),
                "signatory": event.signatory,
                "organisation": one.organisation,
                "agreement": hexadecimal(one.agreement),
                "commitment": hexadecimal(one.commitment),
                "progress": one.stage.value,
                "evidence": digest(one.evidence),
            }
        case model.ProgressConfirmed():
            return {"reportHash": hexadecimal(event.report_hash)} | _by(event)
        case model.Moved() | model.Voted() | model.MotionDecided() | model.MotionVetoed() | model.MotionEnacted():
            return {"motionHash": hexadecimal(event.motion_hash)} | _motion_cells(event)
        case _:
            return _membership_cells(event)


def _motion_cells(
    event: model.Moved | model.Voted | model.MotionDecided | model.MotionVetoed | model.MotionEnacted,
) -> Cells:
    match event:
        case model.Moved():
            return _motion(event.motion) | {"signatory": event.signatory}
        case model.Voted():
            return _by(event) | {"decision": digest(event.decision)}
        case model.MotionDecided():
            return _motion(event.motion) | _signed(event) | {"effectFrom": moment(event.effect_from)}
        case model.MotionVetoed():
            return {"organisation": event.organisation, "sender": event.sender, "reason": digest(event.reason)}
        case model.MotionEnacted():
            return {"organisation": event.organisation}


def _membership_cells(
    event: model.MemberAdmitted
    | model.MemberExpelled
    | model.MemberSucceeded
    | model.AdministratorNominated
    | model.AdministratorReplaced
    | model.ServiceAnnounced
    | model.SignatoryAppointed
    | model.SignatoryDismissed,
) -> Cells:
    match event:
        case model.MemberAdmitted(member=one):
            votes = "true" if one.votes else "false"
            return {"organisation": one.organisation, "administrator": one.administrator, "votes": votes}
        case model.MemberExpelled():
            return {"organisation": event.organisation}
        case model.MemberSucceeded():
            return {"organisation": event.organisation, "successor": event.successor}
        case model.AdministratorNominated():
            return {"organisation": event.organisation, "nominee": somebody(event.nominee)}
        case model.AdministratorReplaced():
            return {"organisation": event.organisation, "administrator": event.administrator}
        case model.ServiceAnnounced():
            return {"organisation": event.organisation, "service": event.service.decode("utf-8", errors="replace")}
        case model.SignatoryAppointed(mandate=held):
            return {
                "organisation": held.organisation,
                "signatory": held.signatory,
                "validFrom": moment(held.valid_from),
                "validUntil": optional_moment(held.valid_until),
                "together": str(held.together),
                "decision": digest(held.decision),
            }
        case model.SignatoryDismissed():
            return _by(event) | {"decision": digest(event.decision)}


def _act(act: Act) -> Cells:
    return {
        "agreement": digest(act.agreement),
        "previous": digest(act.previous),
        "dossier": hexadecimal(act.dossier),
        "parties": " ".join(act.parties),
        "validFrom": moment(act.valid_from),
        "validUntil": optional_moment(act.valid_until),
        "notice": str(act.notice) if act.notice else "",
        "deadline": optional_moment(act.deadline),
    }


def _motion(motion: Motion) -> Cells:
    admits = motion.action is model.Action.ADMIT
    return {
        "action": motion.action.value,
        "organisation": motion.organisation,
        "deadline": moment(motion.deadline),
        "administrator": somebody(motion.administrator),
        "successor": motion.successor,
        "votes": ("true" if motion.votes else "false") if admits else "",
        "dossier": digest(motion.dossier),
    }


def _signed(event: model.Recorded | model.MotionDecided) -> Cells:
    return {
        "signatories": " ".join(event.signatories),
        "decisions": " ".join(digest(one) or "-" for one in event.decisions),
    }


def _by(
    event: model.Approved | model.Declined | model.Voted | model.ProgressConfirmed | model.SignatoryDismissed,
) -> Cells:
    return {"organisation": event.organisation, "signatory": event.signatory}


def moment(timestamp: int) -> str:
    """A moment in Dutch time, as ISO 8601; after the year 9998, which nobody means, its unix seconds."""
    if timestamp >= _END_OF_CALENDAR:
        return str(timestamp)
    return datetime.fromtimestamp(timestamp, ZONE).isoformat()


def optional_moment(timestamp: int) -> str:
    """The same, and empty for 0: open-ended."""
    return moment(timestamp) if timestamp else ""


def hexadecimal(value: bytes) -> str:
    """Bytes as 0x and small letters."""
    return "0x" + value.hex()


def digest(value: bytes) -> str:
    """The same, and empty where there is none."""
    return hexadecimal(value) if any(value) else ""


def somebody(address: str) -> str:
    """An address, and empty where it is nobody's."""
    return "" if address == NOBODY else address


def names(organisations: Sequence[str], directory: Directory) -> str:
    """Organisations by name, as in a list: "gemeente Renswoude; gemeente Veenendaal"."""
    return "; ".join(directory.name(one) for one in organisations)
