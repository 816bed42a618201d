"""History: every event of the register, in words."""

from __future__ import annotations

from typing import Annotated

import typer

from registry import documents, dutch, model
from registry.cli import names, options, output
from registry.cli.session import Session
from registry.model import Event
from registry.service import View
from registry.timeline import Agreement


def history(
    what: Annotated[
        str | None,
        typer.Argument(metavar="[AGREEMENT]", help="Only this agreement; default: everything the register recorded."),
    ] = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Show what happened, in order: members, motions, mandates, proposals, approvals, acts, reports on commitments.

    Example: foodvalley history 0x3f21
    """
    session = Session(node, register)
    view = session.service.view()
    events: list[Event] = view.ledger.events
    if what is not None:
        events = _events_of(view, session.service.agreement(view, what))
    if as_json:
        output.print_json({"events": documents.history(events, session.directory), "asOf": documents.as_of(view)})
        return
    labels = _labels(session, view)
    made = output.table("blok", "wanneer", "wie", "wat")
    for event in events:
        who, what = _described(event, session, labels)
        made.add_row(str(event.place.block), dutch.brief_moment(event.place.timestamp), who, what)
    output.console().print(made)


def _events_of(view: View, agreement: Agreement) -> list[Event]:
    """What happened to one agreement: its acts, whatever was proposed to follow them, the reports and confirmations."""
    hashes = {one.act_hash for one in agreement.acts}
    hashes |= {one.act_hash for one in view.ledger.proposals.values() if one.act.agreement == agreement.id}
    reports = {one.event.report_hash for one in view.ledger.reports.of(agreement.id)}
    return [
        one
        for one in view.ledger.events
        if getattr(one, "act_hash", None) in hashes or getattr(one, "report_hash", None) in reports
    ]


def _labels(session: Session, view: View) -> dict[bytes, str]:
    """What the manifests at hand call each commitment that was reported on, by its id on chain."""
    reported = {one.report.agreement for one in view.ledger.reports.by_hash.values()}
    promises = (session.promises.of(view, view.ledger.agreements[one]) for one in reported)
    return {one.id: one.stated.id for found in promises for one in found if one.stated}


def _described(event: Event, session: Session, labels: dict[bytes, str]) -> tuple[str, str]:
    """Who, and what, as two cells of a row."""
    name = session.directory.name
    match event:
        case model.MemberAdmitted(member=one):
            return name(one.organisation), "neemt deel" if one.votes else "neemt deel als gast, zonder stem"
        case model.SignatoryAppointed(mandate=one):
            return name(one.organisation), f"mandaat voor {dutch.short(one.signatory)}: {dutch.authority(one)}"
        case model.SignatoryDismissed():
            return name(event.organisation), f"mandaat van {dutch.short(event.signatory)} ingetrokken"
        case model.Proposed():
            title = names.title(session.service.manifest(event.act.dossier))
            return dutch.short(event.signatory), f"stelt {dutch.short(event.act_hash)} voor: {title}"
        case model.Approved():
            return name(event.organisation), f"akkoord met {dutch.short(event.act_hash)}"
        case model.Recorded():
            title = names.title(session.service.manifest(event.act.dossier))
            who = names.brief(event.act.parties, session.directory) if event.act.parties else "niemand meer"
            return who, f"{dutch.short(event.act_hash)} vastgelegd: {title}"
        case model.Declined():
            return name(event.organisation), f"{dutch.short(event.act_hash)} afgewezen of ingetrokken"
        case model.ProgressReported(report=report):
            which = labels.get(report.commitment, dutch.short(report.commitment))
            what = f"meldt {dutch.short(event.report_hash)}: toezegging {which} van {dutch.short(report.agreement)} "
            return name(report.organisation), f"{what}{report.stage.dutch}"
        case model.ProgressConfirmed():
            return name(event.organisation), f"bevestigt melding {dutch.short(event.report_hash)}"
        case _:
            return _described_council(event, session)


def _described_council(event: Event, session: Session) -> tuple[str, str]:
    name = session.directory.name
    match event:
        case model.MemberExpelled():
            return name(event.organisation), "uitgesloten: geen stem, geen nieuwe overeenkomsten"
        case model.MemberSucceeded():
            return name(event.organisation), f"opgevolgd door {name(event.successor)}"
        case model.AdministratorNominated():
            taken_back = event.nominee == model.NOBODY
            what = (
                "neemt de overdracht van het beheer terug"
                if taken_back
                else f"draagt {event.nominee} voor als beheerder"
            )
            return name(event.organisation), what
        case model.AdministratorReplaced():
            return name(event.organisation), f"beheerder is voortaan {event.administrator}"
        case model.ServiceAnnounced():
            service = event.service.decode("utf-8", errors="replace")
            what = f"dienst op {output.escaped(service)}" if service else "dienst afgemeld"
            return name(event.organisation), what
        case model.Moved():
            what = f"dient motie {dutch.short(event.motion_hash)} in: {dutch.motion(event.motion, session.directory)}"
            return dutch.short(event.signatory), output.escaped(what)
        case model.Voted():
            return name(event.organisation), f"stemt voor motie {dutch.short(event.motion_hash)}"
        case model.MotionDecided():
            waits = event.effect_from > event.place.timestamp
            since = f", uitvoerbaar vanaf {dutch.moment(event.effect_from)}" if waits else ""
            what = f"motie {dutch.short(event.motion_hash)} aangenomen: {dutch.motion(event.motion, session.directory)}"
            return "de raad", f"{what}{since}"
        case model.MotionVetoed():
            return name(event.organisation), f"houdt motie {dutch.short(event.motion_hash)} tegen met een veto"
        case model.MotionEnacted():
            return name(event.organisation), f"motie {dutch.short(event.motion_hash)} uitgevoerd"
    raise AssertionError(event)
