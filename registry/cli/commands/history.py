"""History: every event of the register, in words."""

from __future__ import annotations

from typing import Annotated

import typer

from registry import documents, dutch, model
from registry.cli import names, options, output, paging
from registry.cli.session import Session
from registry.errors import UsageError
from registry.looking import Question, Signatory
from registry.model import Event, Mandate


def history(
    what: Annotated[
        str | None,
        typer.Argument(metavar="[AGREEMENT]", help="Only this agreement; default: everything the register recorded."),
    ] = None,
    organisation: Annotated[
        str | None,
        typer.Option(
            "--organisation", metavar="ORGANISATION", help="Only what this organisation did and what concerned it."
        ),
    ] = None,
    signatory: Annotated[
        str | None,
        typer.Option(
            "--signatory", metavar="ADDRESS", help="Only what this key signed, and its mandates; see --valid-on."
        ),
    ] = None,
    valid_on: Annotated[
        str | None,
        typer.Option("--valid-on", metavar="DATE", help="With --signatory: which mandate it had on that day."),
    ] = None,
    known_at: options.KnownAt = None,
    limit: options.Limit = 1000,
    after: options.After = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    service_url: options.ServiceUrl = None,
    as_json: options.Json = False,
) -> None:
    """Show what happened, in order: members, motions, mandates, proposals, approvals, acts, reports on commitments.

    Example: foodvalley history 0x3f21
    """
    if valid_on is not None and signatory is None:
        raise UsageError("--valid-on asks which mandate a key had", hint="name the key: --signatory ADDRESS")
    session = Session(node, register, service_url)
    if session.remote is not None:
        from registry.cli.remote import looking

        named = {"agreement": what, "organisation": organisation, "signatory": signatory}
        looking.history(session, session.remote, as_json, **named, knownAt=known_at, limit=limit, after=after)
        return
    question = Question(valid_on, known_at, limit, after)
    whose = {"agreement": what, "organisation": organisation, "signatory": signatory}
    at, page, held = session.looking.history(question, **whose)
    if as_json:
        mine = documents.signatory(held, session.directory) if held else {}
        events = documents.history(page.rows, session.directory)
        output.print_json(mine | {"events": events, "next": page.next} | documents.asked_at(at))
        return
    if held is not None:
        _show_mandates(session, held, at.valid_on)
    labels = session.looking.labels(page.rows)
    made = output.table("blok", "wanneer", "wie", "wat")
    for event in page.rows:
        who, what = _described(event, session, labels)
        made.add_row(str(event.place.block), dutch.brief_moment(event.place.timestamp), who, what)
    output.console().print(made)
    paging.show_next(page.next)


def _show_mandates(session: Session, held: Signatory, day: int) -> None:
    """Which mandate a key had on a day, and what was recorded of its mandates."""
    name = session.directory.name

    def told(one: Mandate) -> str:
        return f"{name(one.organisation)}, {dutch.authority(one)}"

    output.print_fact("sleutel", held.address, whole=True)
    output.print_fact(f"op {dutch.brief_day(day)}", told(held.mandate) if held.mandate else "geen mandaat")
    for one in held.versions:
        output.print_fact("vastgelegd", f"{dutch.moment(one.known_from)}: {told(one.mandate)}")
    output.console().print()


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
            title = names.title(session.store.manifest(event.act.dossier))
            return dutch.short(event.signatory), f"stelt {dutch.short(event.act_hash)} voor: {title}"
        case model.Approved():
            return name(event.organisation), f"akkoord met {dutch.short(event.act_hash)}"
        case model.Recorded():
            title = names.title(session.store.manifest(event.act.dossier))
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
