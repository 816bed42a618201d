"""Commitments: what was promised in an agreement, and what came of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer
from rich.console import Console

from registry import documents, dutch
from registry.chain import Sent
from registry.cli import asking, given, names, options, output, paging, sending
from registry.cli.session import Session
from registry.dossier import day_of
from registry.errors import UsageError
from registry.index.answers import Obligation
from registry.looking import Choice, Question
from registry.model import NO_HASH, Report, Stage, Status
from registry.promises import Promise
from registry.service import View
from registry.timeline import Agreement

HELP = (
    "Commitments: what the parties promised in an agreement, how far each says it is, and who confirms it.\n\n"
    "What was promised stands in the manifest of the dossier. On the chain a party reports started, fulfilled, blocked "
    "or cancelled, and another party confirms the report.\n\n"
    "Start with: foodvalley commitment list"
)

AgreementName = Annotated[str, typer.Argument(metavar="AGREEMENT", help="Hash of the agreement (first digits do).")]
Label = Annotated[str, typer.Argument(metavar="ID", help="The commitment as the manifest calls it: T1.")]


def add_to(app: typer.Typer) -> None:
    """Hangs the group under the root."""
    group = typer.Typer(no_args_is_help=True, help=HELP)
    group.command("list")(list_)
    for command in (report, confirm):
        group.command()(command)
    app.add_typer(group, name="commitment", rich_help_panel="Agree")


def list_(
    agreement: Annotated[
        str | None,
        typer.Argument(metavar="[AGREEMENT]", help="Only this agreement; default: all that are in force."),
    ] = None,
    organisation: Annotated[
        str | None,
        typer.Option("--organisation", metavar="ORGANISATION", help="Only what this organisation promised."),
    ] = None,
    due_before: Annotated[
        str | None,
        typer.Option("--due-before", metavar="DATE", help="Only what must be done before this day."),
    ] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is late.")] = False,
    limit: options.Limit = 100,
    after: options.After = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    service_url: options.ServiceUrl = None,
    as_json: options.Json = False,
) -> None:
    """List who promised what, by when, how far each party says it is, and who confirmed that; by the last day.

    Example: foodvalley commitment list --organisation Renswoude --overdue
    """
    session = Session(node, register, service_url)
    if session.remote is not None:
        from registry.cli.remote import looking

        asked = {"dueBefore": due_before, "overdue": overdue or None, "limit": limit, "after": after}
        whom = session.directory.find(organisation).id if organisation else None
        whole = "0x" + looking.named(session.remote, agreement)[1].hex() if agreement else None
        looking.commitments(session, session.remote, as_json, organisation=whom, agreement=whole, **asked)
        return
    at, page = session.looking.commitments(
        Question(limit=limit, after=after),
        agreement=agreement,
        organisation=organisation,
        due_before=due_before,
        overdue=overdue,
    )
    today = day_of(at.known_at)
    if as_json:
        rows = [documents.obligation(one, session.directory, today) for one in page.rows]
        output.print_json({"commitments": rows, "next": page.next} | documents.asked_at(at))
        return
    console = output.console()
    if not page.rows and page.next is None:
        narrowed = any((organisation, due_before, overdue, after))
        console.print("Er is niets gevonden." if narrowed else _nothing(session, agreement))
    of: bytes | None = None
    for one in page.rows:
        if one.agreement != of:
            console.print(f"{chr(10) if of else ''}[bold]{names.told(one.title, one.example)}[/]")
            output.print_fact("overeenkomst", f"0x{one.agreement.hex()}", whole=True)
            of = one.agreement
        _show_obligation(console, session, one, today)
    if page.rows:
        console.print()
    paging.show_next(page.next)


def _nothing(session: Session, agreement: str | None) -> str:
    in_force = session.looking.list(Question(limit=1), Choice(status=Status.IN_FORCE)).agreements.rows
    if agreement is None and not in_force:
        return "Er is geen overeenkomst van kracht."
    return "Er zijn geen toezeggingen bij de hand of gemeld."


def report(
    agreement: AgreementName,
    label: Label,
    progress: Annotated[
        str, typer.Argument(metavar="PROGRESS", help="How far you are: started, fulfilled, blocked or cancelled.")
    ],
    evidence: Annotated[
        str | None,
        typer.Option("--evidence", metavar="FILE|DIGEST", help="What shows it: its file, or its SHA-256."),
    ] = None,
    organisation: options.InTheStead = None,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Report how far your organisation is with a commitment of an agreement in force.

    Each report follows your previous one, and all of them stay readable. Only the digest of the evidence goes on the
    chain; the document stays with you. --for reports in the stead of an organisation whose place yours took.

    Example: foodvalley commitment report 0x3f21 T1 fulfilled --evidence besluit.pdf --dev renswoude
    """
    session = Session(node, register)
    stage = _stage(progress)
    view = session.service.view()
    chosen = session.service.agreement(view, agreement)
    promise = session.promises.find(view, chosen, label)
    digest = given.digest(evidence)
    signer = session.signer(key, dev, password_file)
    whom = _party(session, view, chosen, organisation, signer.address)
    stated = promise.stated
    if stated is not None and stated.organisation != whom:
        name = session.directory.name
        output.print_warning(f"{name(stated.organisation)} promised this; you report what {name(whom)} says of it")
    sent, made = session.promises.report(view, promise, whom, stage, signer, digest)
    _show_sent("Gemeld", session, promise, label, made, sent, as_json)


def confirm(
    agreement: AgreementName,
    label: Label,
    of: Annotated[
        str,
        typer.Option("--of", metavar="ORGANISATION", help="The party whose report you confirm: name or identifier."),
    ],
    organisation: options.InTheStead = None,
    yes: options.Yes = False,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Confirm the latest report of another party; a confirmation cannot be taken back.

    It is about that report alone: once the party reports again, there is something new to confirm.

    Example: foodvalley commitment confirm 0x3f21 T1 --of Renswoude --dev veenendaal
    """
    session = Session(node, register)
    view = session.service.view()
    chosen = session.service.agreement(view, agreement)
    promise = session.promises.find(view, chosen, label)
    reporter = session.directory.find(of).id
    _ask_to_confirm(session, promise, reporter, asking.is_sure(yes, as_json, dev))
    signer = session.signer(key, dev, password_file)
    whom = _party(session, view, chosen, organisation, signer.address)
    sent, made = session.promises.confirm(view, promise, reporter, whom, signer)
    _show_sent("Bevestigd", session, promise, label, made, sent, as_json, by=whom)


def _stage(text: str) -> Stage:
    words = {word: stage for stage in Stage for word in (stage.value, stage.dutch)}
    if text.casefold() not in words:
        raise UsageError(f"{text!r} is no progress", hint=f"write {', '.join(Stage)}")
    return words[text.casefold()]


def _party(session: Session, view: View, agreement: Agreement, told: str | None, signatory: str) -> str:
    if told is not None:
        return session.directory.find(told).id
    return session.promises.party_of(view, agreement, signatory)


def _ask_to_confirm(session: Session, promise: Promise, reporter: str, sure: bool) -> None:
    """Shows what will be confirmed, if there is a report; without one the use case says so."""
    found = next((one.report for one in promise.reports if one.report.organisation == reporter), None)
    if sure or found is None:
        return
    output.console().print(f"U bevestigt wat {session.directory.name(reporter)} meldt:")
    if promise.stated is not None:
        output.print_fact(promise.stated.id, promise.stated.text)
    output.print_fact("gemeld", found.stage.dutch)
    if any(found.evidence):
        output.print_fact("bewijsstuk", f"0x{found.evidence.hex()}", whole=True)
    asking.ask("Akkoord?", sure=False)


def _show_obligation(console: Console, session: Session, one: Obligation, today: date) -> None:
    name = session.directory.name
    heading = one.label or dutch.short(one.id)
    if one.organisation is not None:
        heading += f"  {name(one.organisation)}"
        heading += f", uiterlijk {dutch.calendar_day(one.last_day)}" if one.last_day else ""
    late = ": [bold red]te laat[/]" if one.overdue(today) else ""
    console.print(f"\n[bold]{output.escaped(heading)}[/]{late}")
    output.print_fact("toegezegd", one.what or "staat in een dossier dat niet bij de hand is")
    for each in one.reports:
        who = "" if one.organisation == each.report.organisation else f"{name(each.report.organisation)}: "
        output.print_fact("gemeld", f"{who}{each.report.stage.dutch}, {dutch.moment(each.event.place.timestamp)}")
        if any(each.report.evidence):
            output.print_fact("bewijsstuk", f"0x{each.report.evidence.hex()}", whole=True)
        if each.confirmed:
            output.print_fact("bevestigd", f"door {dutch.names(sorted(each.confirmed), session.directory)}")
    if not one.reports:
        output.print_fact("gemeld", "nog niets")


def _show_sent(
    done: str,
    session: Session,
    promise: Promise,
    label: str,
    made: Report,
    sent: Sent,
    as_json: bool,
    by: str | None = None,
) -> None:
    view = session.service.view()
    report_hash = view.ledger.reports.latest_hash(made.agreement, made.commitment, made.organisation)
    if as_json:
        confirmed = {"confirmedBy": documents.organisation(by, session.directory)} if by else {}
        names_ = {"reportHash": "0x" + report_hash.hex(), "id": label}
        said = documents.report(made, session.directory) | confirmed
        output.print_json(names_ | said | documents.sent(sent) | {"asOf": documents.as_of(view)})
        return
    name, what = session.directory.name, f"{label} {made.stage.dutch}"
    whose = f", gemeld door {name(made.organisation)}" if by else ""
    output.console().print(f"[bold]{done}[/] door {name(by or made.organisation)}: {output.escaped(what)}{whose}")
    if promise.stated is not None:
        output.print_fact("toegezegd", promise.stated.text)
    output.print_fact("melding", f"0x{report_hash.hex()}", whole=True)
    if made.evidence != NO_HASH:
        output.print_fact("bewijsstuk", f"0x{made.evidence.hex()}", whole=True)
    sending.show(sent)
    output.print_fact("vingerafdruk", f"0x{view.ledger.fingerprint.hex()}", whole=True)
