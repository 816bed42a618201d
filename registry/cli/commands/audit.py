"""Auditing: is everything in this register as it must be?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Annotated

import typer

from registry import dutch
from registry.audit import AuditReport, Basis, Check, Deviation, Node
from registry.audit import audit as run_audit
from registry.chain import find_deployment
from registry.chain.encode import address
from registry.cli import options, output
from registry.cli.session import Session
from registry.errors import DeploymentError, IndexMismatchError, NotFoundError
from registry.index import Identity, Index

_CONTENTS = {
    "organisations": ("organisatie", "organisaties"),
    "signatories": ("ondertekenaar", "ondertekenaars"),
    "agreements": ("overeenkomst", "overeenkomsten"),
    "acts": ("handeling", "handelingen"),
    "motions": ("motie", "moties"),
    "reports": ("melding", "meldingen"),
}


def add_to(app: typer.Typer) -> None:
    """Hangs the command under the root."""
    app.command(rich_help_panel="Look")(audit)


def audit(
    from_block: Annotated[
        int | None,
        typer.Option(
            "--from-block",
            metavar="N",
            min=0,
            help="Check signatures and calldata from this block on; what came before is replayed all the same, by its "
            "events alone. Default: the block in which the register was deployed.",
        ),
    ] = None,
    at_block: Annotated[
        int | None,
        typer.Option(
            "--at-block", metavar="N", min=0, help="Audit up to and including this block; default: the latest."
        ),
    ] = None,
    with_index: Annotated[
        bool | None,
        typer.Option(
            "--index/--no-index",
            help="Compare the index with the chain row by row, or leave it alone; default: compare it if there is one.",
        ),
    ] = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Check the whole register anew, from the chain itself, and believe nothing.

    Reads every event and every transaction from a node: recomputes all hashes and the fingerprint, recovers every
    signature, and checks every mandate, rule, majority and veto period by rules of its own; then what the contract
    answers, its code, and the index. Exit code 0: all of it holds; 1: something does not, and each deviation is named
    with its block and transaction.

    It proves nothing about the node: use one that you trust, best of all your own. In Python alone it recovers about a
    hundred signatures a second for each processor.

    Example: foodvalley audit
    """
    report = audited(Session(node, register), from_block, at_block, with_index)
    if as_json:
        output.print_json(report.to_json())
    else:
        show(report)
    if not report.holds:
        raise typer.Exit(1)


def audited(
    session: Session, from_block: int | None, at_block: int | None, with_index: bool | None = None
) -> AuditReport:
    """Audits the register of a session, with a bar where somebody watches; the options are those of the command."""
    where, deployed_block = _register(session)
    with ExitStack() as open_until_done:
        index = _index(session, where, deployed_block, with_index)
        if index is not None:
            open_until_done.callback(index.close)
        asked = Node(session.node_url)
        open_until_done.callback(asked.close)
        tell = open_until_done.enter_context(output.counting("De keten wordt nagelopen"))

        def progress(first: int, done: int, last: int) -> None:
            tell(done - first, last - first)

        return run_audit(
            asked,
            where,
            deployed_block,
            signed_from=from_block,
            at_block=at_block,
            index=index,
            store=session.store,
            progress=progress,
        )


def _register(session: Session) -> tuple[str, int]:
    """The register's address, and a block in which or after which it was deployed.

    One that is named is audited whatever its code is: to find that out is what an audit is for.
    """
    told = address(session.register) if session.register else session.settings.register
    try:
        found = find_deployment(session.chain, session.settings.deployments, told)
    except DeploymentError:
        if told is None:
            raise
        return told, 0
    return found.address, found.block


def _index(session: Session, register: str, deployed_block: int, wanted: bool | None) -> Index | None:
    """The index of this register; None if it is not wanted, or not demanded and not there."""
    if wanted is False:
        return None
    identity = Identity(session.chain.chain_id, register, deployed_block)
    try:
        return Index.open(session.index_url(identity), identity, create=False)
    except (NotFoundError, IndexMismatchError) as error:
        if wanted:
            raise
        if isinstance(error, IndexMismatchError):
            output.print_warning(f"the index is left alone: {error.message}")
        return None


def show(report: AuditReport) -> None:
    """Prints the report: what was audited, what was checked how often, what was not, and what does not hold."""
    console = output.console()
    console.print("[bold]Controle van het register[/]")
    output.print_fact("register", report.register)
    output.print_fact("keten", f"{report.chain_id} via {report.node} ({report.client.split('/')[0]})")
    until = f"{report.from_block} tot en met {report.block}, {dutch.moment(report.block_time)}"
    output.print_fact("blokken", until)
    if report.signed_from > report.from_block:
        note = f"en calldata gecontroleerd vanaf blok {report.signed_from}"
        output.print_fact("handtekening", note)
    output.print_fact("blokhash", f"0x{report.block_hash.hex()}", whole=True)
    output.print_fact("vingerafdruk", f"0x{report.fingerprint.hex()}", whole=True)
    output.print_fact("inhoud", ", ".join(_counted(name, count) for name, count in report.contents.items()))
    if report.index:
        rows = sum(report.index_rows.values())
        output.print_fact("index", f"{report.index}, {dutch.counted(rows, 'rij', 'rijen')} vergeleken")
    output.print_fact("duur", _duration(report))
    made = output.table("controle", "gedaan", "wijkt af", "wat klopt als dit klopt")
    for tally in report.tallies:
        if tally.check is Check.INDEX and not report.index:
            continue
        wrong = f"[bold red]{dutch.number(tally.deviations)}[/]" if tally.deviations else "0"
        made.add_row(tally.check.dutch, dutch.number(tally.checked), wrong, tally.check.explained)
    console.print()
    console.print(made)
    _show_bases(report)
    if report.unchecked:
        console.print("\n[bold]Niet gecontroleerd[/]")
        for one in report.unchecked:
            console.print(f" {one.check.dutch}, {one.count}×: {output.escaped(one.reason)}")
    _show_verdict(report)


def _show_bases(report: AuditReport) -> None:
    console = output.console()
    if any(report.bases.values()):
        console.print("\n[bold]Waar de akkoorden op rusten[/]")
    for basis in Basis:
        if report.bases.get(basis):
            console.print(f" {dutch.number(report.bases[basis])}× {basis.dutch}")


def _show_verdict(report: AuditReport) -> None:
    console = output.console()
    console.print()
    if report.holds:
        console.print(f"[bold green]✔ Alles klopt[/] tot en met blok {report.block}.")
        return
    found = dutch.counted(len(report.deviations), "afwijking", "afwijkingen")
    console.print(f"[bold red]✘ Het klopt niet:[/] {found}. De eerste staat bovenaan.")
    for number, one in enumerate(report.deviations, 1):
        console.print(f"\n[bold]{number}. {one.check.dutch}[/] ({output.escaped(one.rule)})")
        output.print_fact("wat", one.message)
        for label, value in _place(one):
            output.print_fact(label, value, whole=True)


def _place(one: Deviation) -> Iterator[tuple[str, str]]:
    """Where it is, as labelled lines."""
    if one.block is not None:
        log = f", gebeurtenis {one.log_index} van het blok" if one.log_index is not None else ""
        yield "blok", f"{one.block}{log}"
    for label, value in (("transactie", one.transaction), ("over", one.subject), ("overeenkomst", one.agreement)):
        if value is not None:
            yield label, "0x" + value.hex()
    if one.organisation:
        yield "organisatie", one.organisation


def _counted(name: str, count: int) -> str:
    return dutch.counted(count, *_CONTENTS[name])


def _duration(report: AuditReport) -> str:
    seconds = f"{report.seconds:.1f}".replace(".", ",")
    return f"{seconds} seconden, waarvan {report.recovery_share:.0%} voor het terugrekenen van handtekeningen"
