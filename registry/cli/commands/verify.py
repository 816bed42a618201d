"""Verifying: is this file what was agreed?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from registry import documents, dutch
from registry.cli import options, output
from registry.cli.session import Session
from registry.verification import Outcome, Verification

_NO_LONGER = "[bold yellow]✔ Klopt, maar geldt niet meer.[/]"
_UNSURE = "[bold yellow]? Niet te zeggen.[/]"
_MARKS = {
    Outcome.IN_FORCE: "[bold green]✔ Klopt.[/]",
    Outcome.PENDING: "[bold green]✔ Klopt, maar geldt nog niet.[/]",
    Outcome.SUPERSEDED: _NO_LONGER,
    Outcome.EXPIRED: _NO_LONGER,
    Outcome.ENDED: _NO_LONGER,
    Outcome.PROPOSED: "[bold red]✘ Klopt niet.[/]",
    Outcome.UNKNOWN: "[bold red]✘ Klopt niet.[/]",
}


def add_to(app: typer.Typer) -> None:
    """Hangs the command under the root."""
    app.command(rich_help_panel="Look")(verify)


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The document in your hands, such as a PDF.")],
    dossier: Annotated[
        Path | None,
        typer.Option("--dossier", metavar="FOLDER", help="Dossier to look in, added to your store after checking."),
    ] = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    service_url: options.ServiceUrl = None,
    as_json: options.Json = False,
) -> None:
    """Say whether a file is what was agreed: which agreement, who signed, since when, and whether it still holds.

    The file's SHA-256 is looked up in the dossiers at hand; the dossier's root, the approvals and the mandates
    come from the chain, after checking that nothing was left out (the fingerprint). Exit code 0: the file is
    the text of a recorded act, in force or not; 1: it is not.

    Example: foodvalley verify overeenkomst.pdf
    """
    session = Session(node, register, service_url)
    if session.remote is not None:
        from registry.cli.remote import looking

        looking.verify(session.remote, file, as_json)
        return
    if dossier is not None:
        session.store.add(dossier)
    answer = session.service.verify(file)
    show(answer, session, as_json)
    if not answer.outcome.accepted:
        raise typer.Exit(1)


def show(answer: Verification, session: Session, as_json: bool = False) -> None:
    """Prints the answer about a file."""
    sentence = dutch.verification(answer, session.directory)
    if as_json:
        output.print_json(documents.verification(answer, session.directory, sentence))
        return
    console = output.console()
    unsure = answer.outcome is Outcome.UNKNOWN and answer.acts_without_dossier and not answer.lookalikes
    console.print(f"{_UNSURE if unsure else _MARKS[answer.outcome]} {output.escaped(sentence)}")
    output.print_fact("sha-256", answer.digest.hex(), whole=True)
    if answer.finding is not None:
        found = answer.finding
        output.print_fact("dossier", f"0x{found.match.dossier.root.hex()}", whole=True)
        output.print_fact("handeling", f"0x{found.recorded.act_hash.hex()}", whole=True)
        output.print_fact("overeenkomst", f"0x{found.agreement.id.hex()}", whole=True)
