"""Looking: list, show, status."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from registry import documents, dutch
from registry.cli import motions, names, options, output
from registry.cli.commands import history
from registry.cli.session import Session
from registry.dossier import Manifest
from registry.errors import NotFoundError
from registry.service import View
from registry.timeline import Agreement, Proposal, RecordedAct


def add_to(app: typer.Typer) -> None:
    """Hangs the commands under the root."""
    app.command("list", rich_help_panel="Look")(list_)
    for command in (show, history.history, status):
        app.command(rich_help_panel="Look")(command)


def list_(node: options.Node = None, register: options.RegisterAddress = None, as_json: options.Json = False) -> None:
    """List the agreements and whether they hold today, and the proposals that wait for somebody.

    Example: foodvalley list
    """
    session = Session(node, register)
    service, directory = session.service, session.directory
    view = service.view()
    rows = [(one, _manifest(session, one, view)) for one in view.ledger.agreements.values()]
    proposals = view.ledger.open_proposals(view.now)
    if as_json:
        waiting = [
            documents.proposal(one, directory, service.progress(view, one.act), service.manifest(one.act.dossier))
            for one in proposals
        ]
        agreements = [documents.agreement(one, directory, view, manifest) for one, manifest in rows]
        output.print_json({"agreements": agreements, "proposals": waiting, "asOf": documents.as_of(view)})
        return
    console = output.console()
    motions.show_alarms(session, view, all_of_them=False)
    if not rows and not proposals:
        console.print("Er is nog niets vastgelegd of voorgesteld. Begin met: foodvalley propose DOSSIER")
        return
    if rows:
        made = output.table("overeenkomst", "titel", "partijen", "stand", title="Overeenkomsten", wide="titel")
        for one, manifest in rows:
            governing = one.governing(view.now) or one.first_to_govern()
            parties = governing.act.parties if not governing.act.ends else one.acts[0].act.parties
            who = names.brief(parties, session.directory)
            made.add_row(dutch.short(one.id), names.title(manifest), who, one.status(view.now).dutch)
        console.print(made)
    if proposals:
        waiting_rows = output.table("handeling", "titel", "akkoord", "wacht op", title="Voorstellen", wide="titel")
        for proposal in proposals:
            progress = service.progress(view, proposal.act)
            title = names.title(service.manifest(proposal.act.dossier))
            missing = names.brief(progress.missing, session.directory) if progress.missing else "vastleggen"
            waiting_rows.add_row(
                dutch.short(proposal.act_hash), title, names.brief(progress.approved, session.directory), missing
            )
        console.print(waiting_rows)


def show(
    what: Annotated[
        str, typer.Argument(metavar="AGREEMENT|ACT", help="Hash of an agreement, act or proposal; its first digits do.")
    ],
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Show one agreement with all its acts, who signed them and what holds today; or one open proposal.

    Example: foodvalley show 0x3f21
    """
    session = Session(node, register)
    service, directory = session.service, session.directory
    view = service.view()
    try:
        agreement = service.agreement(view, what)
    except NotFoundError:
        _show_proposal(session, view, service.proposal(view, what), as_json)
        return
    manifest = _manifest(session, agreement, view)
    if as_json:
        acts = [documents.recorded_act(one, directory, service.manifest(one.act.dossier)) for one in agreement.acts]
        row = documents.agreement(agreement, directory, view, manifest)
        output.print_json(row | {"acts": acts, "asOf": documents.as_of(view)})
        return
    console = output.console()
    console.print(f"[bold]{names.title(manifest)}[/]")
    if manifest is not None:
        console.print(output.escaped(manifest.summary.strip()))
    output.print_fact("overeenkomst", f"0x{agreement.id.hex()}", whole=True)
    output.print_fact("stand", dutch.status(agreement, view.now))
    for number, one in enumerate(agreement.acts, 1):
        _print_act(console, session, agreement, one, number)


def status(node: options.Node = None, register: options.RegisterAddress = None, as_json: options.Json = False) -> None:
    """Show which register on which chain this is, its fingerprint, and how much it holds.

    Two people who see the same fingerprint at the same block see the same register, to the last act.

    Example: foodvalley status
    """
    session = Session(node, register)
    view = session.service.view()
    ledger, chain = view.ledger, session.chain
    counts = {
        "organisations": sum(one.takes_part for one in ledger.members.values()),
        "signatories": sum(one.in_force_at(view.now) for one in ledger.mandates.values()),
        "agreements": len(ledger.agreements),
        "acts": sum(len(one.acts) for one in ledger.agreements.values()),
        "openProposals": len(ledger.open_proposals(view.now)),
        "openMotions": len(session.governing.unsettled(view)),
    }
    if as_json:
        node_document = {"url": chain.url, "chainId": chain.chain_id, "client": chain.client_version}
        register_document = {"register": session.service.register.address, "node": node_document}
        output.print_json(register_document | counts | {"asOf": documents.as_of(view)})
        return
    motions.show_alarms(session, view, all_of_them=False)
    output.print_fact("register", session.service.register.address)
    output.print_fact("keten", f"{chain.chain_id} via {chain.url} ({chain.client_version.split('/')[0]})")
    output.print_fact("blok", f"{view.block}, {dutch.moment(view.mined_at)}")
    output.print_fact("vingerafdruk", f"0x{ledger.fingerprint.hex()}", whole=True)
    output.print_fact("deelnemers", f"{counts['organisations']}, met {counts['signatories']} ondertekenaars")
    contents = [
        dutch.counted(counts["agreements"], "overeenkomst", "overeenkomsten"),
        dutch.counted(counts["acts"], "handeling", "handelingen"),
        dutch.counted(counts["openProposals"], "voorstel", "voorstellen"),
        dutch.counted(counts["openMotions"], "motie", "moties"),
    ]
    output.print_fact("inhoud", ", ".join(contents))


def _show_proposal(session: Session, view: View, proposal: Proposal, as_json: bool) -> None:
    service, directory = session.service, session.directory
    manifest = service.manifest(proposal.act.dossier)
    is_open = proposal in view.ledger.open_proposals(view.now)
    progress = service.progress(view, proposal.act) if is_open else None
    if as_json:
        output.print_json(documents.proposal(proposal, directory, progress, manifest) | {"asOf": documents.as_of(view)})
        return
    console = output.console()
    console.print(f"[bold]{names.title(manifest)}[/] (voorstel)")
    output.print_fact("handeling", f"0x{proposal.act_hash.hex()}", whole=True)
    output.print_fact("dossier", f"0x{proposal.act.dossier.hex()}", whole=True)
    output.print_fact("partijen", dutch.names(proposal.act.parties, directory))
    output.print_fact("geldig", dutch.period(proposal.act))
    if progress is None:
        output.print_fact("stand", "afgewezen" if proposal.declined else "kan niet meer worden vastgelegd")
        return
    output.print_fact("akkoord", dutch.names(progress.approved, directory))
    output.print_fact("wacht op", dutch.names(progress.missing, directory) if progress.missing else "vastleggen")


def _print_act(console: Console, session: Session, agreement: Agreement, one: RecordedAct, number: int) -> None:
    manifest = session.service.manifest(one.act.dossier)
    overruled = agreement.overruled_by(one)
    console.print(f"\n[bold]{number}. {dutch.verb(one.verb)}[/] {dutch.period(one.act)}: {names.title(manifest)}")
    if one.act.ends:
        output.print_fact("gevolg", "daarmee eindigt de overeenkomst")
    output.print_fact("handeling", f"0x{one.act_hash.hex()}", whole=True)
    output.print_fact("dossier", f"0x{one.act.dossier.hex()}", whole=True)
    output.print_fact("partijen", dutch.names(one.act.parties, session.directory))
    output.print_fact("ondertekend", dutch.signed(one, session.directory))
    output.print_fact("vastgelegd", f"{dutch.moment(one.recorded_at)}, blok {one.event.place.block}")
    if overruled is not None:
        since = dutch.day(overruled.act.valid_from)
        output.print_fact("vervangen", f"met ingang van {since} door {dutch.short(overruled.act_hash)}")


def _manifest(session: Session, agreement: Agreement, view: View) -> Manifest | None:
    """The manifest of what holds now; of an ended agreement, of what held last."""
    binding = [one for one in agreement.acts if not one.act.ends]
    governing = agreement.governing(view.now)
    chosen = governing if governing is not None and not governing.act.ends else binding[-1]
    return session.service.manifest(chosen.act.dossier)
