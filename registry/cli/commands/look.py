"""Looking: list, show, waiting, status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console

from registry import documents, dutch, keys
from registry.cli import motions, names, options, output, paging
from registry.cli.commands import history
from registry.cli.session import Session
from registry.errors import UsageError
from registry.index.answers import OpenOffer
from registry.looking import Choice, Question, Shown
from registry.timeline import Agreement, RecordedAct


def add_to(app: typer.Typer) -> None:
    """Hangs the commands under the root."""
    app.command("list", rich_help_panel="Look")(list_)
    for command in (show, history.history, waiting, status):
        app.command(rich_help_panel="Look")(command)


def list_(
    organisation: Annotated[
        str | None,
        typer.Option("--organisation", metavar="ORGANISATION", help="Only with this party: name or identifier."),
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="KIND", help="Only of this kind, such as convenant.")
    ] = None,
    verb: Annotated[
        str | None,
        typer.Option("--verb", metavar="VERB", help="Only where what holds came by this: conclude, amend, accede, …"),
    ] = None,
    status: Annotated[
        str | None,
        typer.Option("--status", metavar="STATUS", help="Only where it is pending, in force, expired or ended."),
    ] = None,
    text: Annotated[
        str | None, typer.Option("--text", metavar="WORDS", help="Only with all these words in title or summary.")
    ] = None,
    valid_on: options.ValidOn = None,
    known_at: options.KnownAt = None,
    limit: options.Limit = 100,
    after: options.After = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    service_url: options.ServiceUrl = None,
    as_json: options.Json = False,
) -> None:
    """List the agreements and whether they hold, and the open proposals; today, or at any two moments.

    Filters hold for what the list shows. Titles and kinds are known of dossiers that you have.

    Example: foodvalley list --organisation Veenendaal --valid-on 2026-05-01 --known-at 2026-06-01
    """
    session = Session(node, register, service_url)
    if session.remote is not None:
        from registry.cli.remote import looking

        moments = {"validOn": valid_on, "knownAt": known_at, "limit": limit, "after": after}
        whom = session.directory.find(organisation).id if organisation else None
        filters = {"organisation": whom, "kind": kind, "verb": verb, "status": status, "text": text}
        looking.list_(session, session.remote, as_json, **moments, **filters)
        return
    choice = Choice(organisation, kind, verb, status, text)
    found = session.looking.list(Question(valid_on, known_at, limit, after), choice)
    rows, proposals = found.agreements.rows, found.proposals.rows
    if as_json:
        document = {
            "agreements": [documents.standing(one, session.directory) for one in rows],
            "proposals": [_offer_document(session, one) for one in proposals],
            "next": found.agreements.next,
        }
        output.print_json(document | documents.asked_at(found.at))
        return
    console = output.console()
    if (valid_on, known_at, after) == (None, None, None):
        motions.show_own_alarms(session)
    if not rows and not proposals:
        nothing = (choice, valid_on, known_at, after) == (Choice(), None, None, None)
        console.print(
            "Er is nog niets vastgelegd of voorgesteld. Begin met: foodvalley propose DOSSIER"
            if nothing
            else "Er is niets gevonden."
        )
    if rows:
        made = output.table("overeenkomst", "titel", "partijen", "stand", title="Overeenkomsten", wide="titel")
        for one in rows:
            who = names.brief(one.between, session.directory)
            made.add_row(dutch.short(one.agreement), names.told(one.title, one.example), who, one.status.dutch)
        console.print(made)
    if proposals:
        _print_proposals(session, proposals)
    if found.proposals.next is not None:
        console.print("Er zijn meer voorstellen: foodvalley waiting --for ORGANISATIE")
    paging.show_next(found.agreements.next)


def show(
    what: Annotated[
        str, typer.Argument(metavar="AGREEMENT|ACT", help="Hash of an agreement, act or proposal; its first digits do.")
    ],
    valid_on: options.ValidOn = None,
    known_at: options.KnownAt = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    service_url: options.ServiceUrl = None,
    as_json: options.Json = False,
) -> None:
    """Show one agreement with all its acts, who signed them and what holds; or one proposal. Today, or at two moments.

    Example: foodvalley show 0x3f21 --valid-on 2026-05-01 --known-at 2026-06-01
    """
    session = Session(node, register, service_url)
    if session.remote is not None:
        from registry.cli.remote import looking

        looking.show(session, session.remote, what, as_json, validOn=valid_on, knownAt=known_at)
        return
    directory, manifest = session.directory, session.store.manifest
    found = session.looking.show(what, Question(valid_on, known_at))
    agreement, standing = found.agreement, found.standing
    if agreement is None or standing is None:
        _show_proposal(session, found, as_json)
        return
    if as_json:
        acts = [documents.recorded_act(one, directory, manifest(one.act.dossier)) for one in agreement.acts]
        row = documents.standing(standing, directory)
        output.print_json(row | {"acts": acts} | documents.asked_at(found.at))
        return
    console = output.console()
    console.print(f"[bold]{names.told(standing.title, standing.example)}[/]")
    if standing.summary is not None:
        console.print(output.escaped(standing.summary.strip()))
    output.print_fact("overeenkomst", f"0x{agreement.id.hex()}", whole=True)
    if valid_on is not None or known_at is not None:
        output.print_fact("geldig op", dutch.moment(found.at.valid_on))
        output.print_fact("bekend op", dutch.moment(found.at.known_at))
    output.print_fact("stand", dutch.status(agreement, found.at.valid_on))
    for number, one in enumerate(agreement.acts, 1):
        _print_act(console, session, agreement, one, number)


def waiting(
    whom: Annotated[
        str | None,
        typer.Option(
            "--for",
            metavar="ORGANISATION|KEY",
            help="For whom: an organisation, a key of yours by name, or an address; default: your own keys.",
        ),
    ] = None,
    limit: options.Limit = 100,
    after: options.After = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    service_url: options.ServiceUrl = None,
    as_json: options.Json = False,
) -> None:
    """List the open proposals that wait for you: your organisation has not approved enough, and your key not at all.

    Of an organisation named with --for, those that wait for any of its signatories.

    Example: foodvalley waiting --for Renswoude
    """
    session = Session(node, register, service_url)
    if session.remote is not None:
        from registry.cli.remote import looking

        looking.waiting(session, session.remote, whom_(session, whom), as_json, limit=limit, after=after)
        return
    at, page = session.looking.waiting(Question(limit=limit, after=after), whom_(session, whom))
    if as_json:
        rows = [_offer_document(session, one) for one in page.rows]
        output.print_json({"proposals": rows, "next": page.next} | documents.asked_at(at))
        return
    if page.rows:
        _print_proposals(session, page.rows)
    else:
        output.console().print("Er wacht geen voorstel.")
    paging.show_next(page.next)


def whom_(session: Session, told: str | None) -> str:
    """Whom a person means: what was told, a key of theirs by its address; without that, their only key."""
    mine = keys.list_keys(session.settings.keys)
    if told is not None:
        return next((one.address for one in mine if one.name == told), told)
    if len(mine) == 1:
        return mine[0].address
    raise UsageError(
        "there is no key of yours here" if not mine else "you have more than one key",
        hint="name whom you ask for: --for ORGANISATION, or --for KEY (see: foodvalley key list)",
    )


def _offer_document(session: Session, one: OpenOffer) -> documents.Document:
    manifest = session.store.manifest(one.offer.act.dossier)
    return documents.offer(one.offer, session.directory, one.progress, manifest)


def _print_proposals(session: Session, proposals: Sequence[OpenOffer]) -> None:
    made = output.table("handeling", "titel", "akkoord", "wacht op", title="Voorstellen", wide="titel")
    for one in proposals:
        title = names.title(session.store.manifest(one.offer.act.dossier))
        missing, approved = one.progress.missing, one.progress.approved
        waits_for = names.brief(missing, session.directory) if missing else "vastleggen"
        made.add_row(dutch.short(one.offer.act_hash), title, names.brief(approved, session.directory), waits_for)
    output.console().print(made)


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


def _show_proposal(session: Session, found: Shown, as_json: bool) -> None:
    directory, offer = session.directory, found.offer
    assert offer is not None  # noqa: S101 - what is shown is an agreement or a proposal
    manifest = session.store.manifest(offer.act.dossier)
    progress = found.open.progress if found.open else None
    if as_json:
        output.print_json(documents.offer(offer, directory, progress, manifest) | documents.asked_at(found.at))
        return
    console = output.console()
    console.print(f"[bold]{names.title(manifest)}[/] (voorstel)")
    output.print_fact("handeling", f"0x{offer.act_hash.hex()}", whole=True)
    output.print_fact("dossier", f"0x{offer.act.dossier.hex()}", whole=True)
    output.print_fact("partijen", dutch.names(offer.act.parties, directory))
    output.print_fact("geldig", dutch.period(offer.act))
    if progress is None:
        output.print_fact("stand", "afgewezen" if offer.closed_as == "declined" else "kan niet meer worden vastgelegd")
        return
    output.print_fact("akkoord", dutch.names(progress.approved, directory))
    output.print_fact("wacht op", dutch.names(progress.missing, directory) if progress.missing else "vastleggen")


def _print_act(console: Console, session: Session, agreement: Agreement, one: RecordedAct, number: int) -> None:
    manifest = session.store.manifest(one.act.dossier)
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
