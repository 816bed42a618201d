"""Events in Dutch, for the cells of a workbook and the counts of a report."""

from __future__ import annotations

from registry import dutch, model
from registry.model import NOBODY, Event
from registry.organisations import Directory

NAMES: dict[str, str] = {
    "MemberAdmitted": "toelating",
    "MemberExpelled": "uitsluiting",
    "MemberSucceeded": "opvolging",
    "AdministratorNominated": "voordracht van een beheerder",
    "AdministratorReplaced": "nieuwe beheerder",
    "ServiceAnnounced": "dienst gemeld",
    "SignatoryAppointed": "mandaat gegeven",
    "SignatoryDismissed": "mandaat ingetrokken",
    "Moved": "motie ingediend",
    "Voted": "stem voor een motie",
    "MotionDecided": "motie aangenomen",
    "MotionVetoed": "veto",
    "MotionEnacted": "motie uitgevoerd",
    "Proposed": "voorstel",
    "Approved": "akkoord",
    "Recorded": "handeling vastgelegd",
    "Declined": "afgewezen of ingetrokken",
    "ProgressReported": "melding over een toezegging",
    "ProgressConfirmed": "bevestiging van een melding",
}
"""What each event of the contract is called on paper, in the order of a report."""


def name(event: Event) -> str:
    """What an event is called."""
    return NAMES[type(event).__name__]


def details(event: Event, directory: Directory) -> str:
    """What an event says beside who, what and when; empty if that is all. May hold what others wrote."""
    match event:
        case model.MemberAdmitted(member=one):
            return f"{'met' if one.votes else 'zonder'} stem; beheerder {one.administrator}"
        case model.MemberSucceeded():
            return f"door {directory.name(event.successor)}"
        case model.AdministratorNominated():
            return "teruggenomen" if event.nominee == NOBODY else event.nominee
        case model.AdministratorReplaced():
            return event.administrator
        case model.ServiceAnnounced():
            return event.service.decode("utf-8", errors="replace") or "afgemeld"
        case model.SignatoryAppointed(mandate=held):
            return dutch.authority(held)
        case model.Proposed(act=act) | model.Recorded(act=act):
            parties = dutch.names(act.parties, directory) if act.parties else "niemand meer"
            return f"{parties}; {dutch.period(act)}"
        case model.Moved(motion=motion):
            return dutch.motion(motion, directory)
        case model.MotionDecided(motion=motion):
            since = f"; geldt vanaf {dutch.moment(event.effect_from)}"
            return f"{dutch.motion(motion, directory)}{since}"
        case model.ProgressReported(report=report):
            return report.stage.dutch
        case _:
            return ""


def subject(event: Event) -> bytes | None:
    """The act, motion or report that an event is about."""
    for field in ("act_hash", "motion_hash", "report_hash"):
        found = getattr(event, field, None)
        if isinstance(found, bytes):
            return found
    return None


def agreement(event: Event) -> bytes | None:
    """The agreement that an event names; of a proposal to conclude one, none yet."""
    match event:
        case model.Recorded():
            return event.agreement
        case model.Proposed(act=act):
            return act.agreement if any(act.agreement) else None
        case model.ProgressReported(report=report):
            return report.agreement
        case _:
            return None


def organisation(event: Event) -> str | None:
    """The organisation that an event is about, or for which was signed."""
    match event:
        case model.MemberAdmitted(member=one):
            return one.organisation
        case model.SignatoryAppointed(mandate=held):
            return held.organisation
        case model.ProgressReported(report=report):
            return report.organisation
        case model.Moved(motion=motion) | model.MotionDecided(motion=motion):
            return motion.organisation
        case model.Proposed() | model.Recorded():
            return None
        case _:
            return event.organisation


def signatories(event: Event) -> tuple[str, ...]:
    """The keys that signed what an event records, or that it is about."""
    match event:
        case model.SignatoryAppointed(mandate=held):
            return (held.signatory,)
        case model.Recorded() | model.MotionDecided():
            return event.signatories
        case model.MotionVetoed():
            return (event.sender,)
        case _:
            found = getattr(event, "signatory", None)
            return (found,) if isinstance(found, str) else ()
