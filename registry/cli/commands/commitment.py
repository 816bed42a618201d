"""Commitments: what was promised in an agreement, and what came of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer
from rich.console import Console

from registry import documents, dutch
from registry.chain import Sent
from registry.cli import asking, given, names, options, output, sending
from registry.cli.session import Session
from registry.dossier import day_of
from registry.errors import UsageError
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
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """List who promised what, by when, how far each party says it is, and who confirmed that.

    Example: foodvalley commitment list 0x3f21
    """
    session = Session(node, register)
    view = session.service.view()
    if agreement is not None:
        chosen = [session.service.agreement(view, agreement)]
    else:
        chosen = [one for one in view.ledger.agreements.values() if one.status(view.now) is Status.IN_FORCE]
    today = day_of(view.now)
    found = [(one, session.promises.of(view, one)) for one in chosen]
    if as_json:
        rows = [documents.promise(each, session.directory, today) for _, promises in found for each in promises]
        output.print_json({"commitments": rows, "asOf": documents.as_of(view)})
        return
    console = output.console()
    if not any(promises for _, promises in found):
        console.print(
            "Er zijn geen toezeggingen bij de hand of gemeld." if chosen else "Er is geen overeenkomst van kracht."
        )
        return
    for one, promises in found:
        if promises:
            console.print(f"[bold]{_title(session, one)}[/]")
            output.print_fact("overeenkomst", f"0x{one.id.hex()}", whole=True)
            for promise in promises:
                _show_promise(console, session, promise, today)
            console.print()


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


def _show_promise(console: Console, session: Session, promise: Promise, today: date) -> None:
    name, stated = session.directory.name, promise.stated
    heading = dutch.promised(promise)
    if stated is not None:
        heading += f"  {name(stated.organisation)}"
        heading += f", uiterlijk {dutch.calendar_day(stated.due)}" if stated.due else ""
    late = ": [bold red]te laat[/]" if promise.overdue(today) else ""
    console.print(f"\n[bold]{output.escaped(heading)}[/]{late}")
    output.print_fact("toegezegd", stated.text if stated else "staat in een dossier dat niet bij de hand is")
    for one in promise.reports:
        who = "" if stated and stated.organisation == one.report.organisation else f"{name(one.report.organisation)}: "
        output.print_fact("gemeld", f"{who}{one.report.stage.dutch}, {dutch.moment(one.event.place.timestamp)}")
        if any(one.report.evidence):
            output.print_fact("bewijsstuk", f"0x{one.report.evidence.hex()}", whole=True)
        if one.confirmed:
            output.print_fact("bevestigd", f"door {dutch.names(sorted(one.confirmed), session.directory)}")
    if not promise.reports:
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


def _title(session: Session, agreement: Agreement) -> str:
    found = (session.service.manifest(one.act.dossier) for one in reversed(agreement.acts))
    return names.title(next((one for one in found if one is not None), None))
