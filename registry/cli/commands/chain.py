"""The local chain: a blockchain on one's own machine, to develop on and to try things out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from registry import dutch, localnet
from registry.chain import connect
from registry.cli import options, output
from registry.cli.session import Session
from registry.documents import Document
from registry.dossier import SECONDS_PER_DAY
from registry.errors import RefusedError, StorageError
from registry.localnet import DEVELOPMENT_ROLES, DevelopmentRole, LocalChain, development_account
from registry.organisations import DIRECTORY

app = typer.Typer(
    no_args_is_help=True,
    help="The local chain: start, stop and look at a chain on this machine, for development.\n\n"
    "It listens on this machine only and keeps its state on disk, so that it comes back as it was. Real agreements "
    "belong on a network of the parties together: see --node of the other commands.\n\n"
    "Start with: foodvalley chain up",
)

NOT_RUNNING = 3


@app.command()
def up(
    engine: Annotated[
        str | None,
        typer.Option("--engine", metavar="ganache|anvil", help="Program to run; default: what runs, else ganache."),
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", metavar="N", help="Default: that of last time, else any free one.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Start the local chain, or find it if it runs already.

    It goes on in the background when this command ends, until 'foodvalley chain down'. Ganache (Node.js) is what
    the project is tested on; Anvil is faster and needs no Node.js.

    Example: foodvalley chain up
    """
    session = Session()
    with _reachable(session.chain_folder), output.waiting("De lokale keten wordt gestart"):
        before = localnet.status(session.chain_folder)
        wanted = engine or (before.engine if before else "ganache")
        chain = localnet.up(session.chain_folder, wanted, port, environ=os.environ)
    started = before is None or before.pid != chain.pid
    if as_json:
        output.print_json({"running": True, "started": started} | _document(chain))
        return
    output.console().print(f"[bold]{'De lokale keten is gestart' if started else 'De lokale keten draaide al'}[/]")
    _print_chain(chain)
    output.print_fact("verder met", "foodvalley deploy --dev-council", whole=True)


@app.command()
def down(as_json: options.Json = False) -> None:
    """Stop the local chain; its state stays on disk and comes back with 'foodvalley chain up'.

    Example: foodvalley chain down
    """
    folder = Session().chain_folder
    with _reachable(folder), output.waiting("De lokale keten wordt gestopt"):
        stopped = localnet.down(folder)
    if as_json:
        output.print_json({"running": False, "stopped": stopped is not None, "stateFolder": str(folder.resolve())})
        return
    if stopped is None:
        output.console().print("Er draaide geen lokale keten.")
        return
    output.console().print("[bold]De lokale keten is gestopt[/]; wat erop staat is bewaard.")
    output.print_fact("toestand", str(stopped.state_dir), whole=True)


@app.command()
def status(as_json: options.Json = False) -> None:
    """Say whether the local chain runs, and where; exit code 0 when it does, 3 when not.

    Example: foodvalley chain status
    """
    session = Session()
    with _reachable(session.chain_folder):
        running = localnet.status(session.chain_folder)
    if running is None:
        if as_json:
            output.print_json({"running": False, "stateFolder": str(session.chain_folder.resolve())})
        else:
            output.console().print("Er draait geen lokale keten. Start hem met: foodvalley chain up")
        raise typer.Exit(NOT_RUNNING)
    block, _ = connect(running.url, session.settings.timeout_seconds).latest()
    if as_json:
        output.print_json({"running": True} | _document(running) | {"block": block})
        return
    output.console().print("[bold]De lokale keten draait[/]")
    _print_chain(running, block)


@app.command()
def forward(
    days: Annotated[int, typer.Argument(metavar="DAYS", min=1, max=3660, help="How many days pass.")],
    node: options.Node = None,
    as_json: options.Json = False,
) -> None:
    """Let days pass on the local chain, to try out what comes after a period of waiting.

    A motion can be vetoed for 14 days, an agreement be left after its notice. Time goes forward only, and the chain
    goes on from there. No other chain than a local one can do this, and this command asks no other.

    Example: foodvalley chain forward 14
    """
    session = Session(node)
    chain = session.chain
    if (
        not localnet.is_local(chain.client_version, session.node_url)
        or chain.chain_id not in localnet.CHAIN_IDS.values()
    ):
        raise RefusedError(
            "time passes by itself on this chain", hint="start one that is yours alone: foodvalley chain up"
        )
    _, before = chain.latest()
    number, after = chain.forward(days * SECONDS_PER_DAY)
    if as_json:
        output.print_json({"days": days, "before": before, "time": after, "block": number})
        return
    output.console().print(f"[bold]Het is nu {dutch.moment(after)}[/] op de lokale keten, blok {number}.")


@app.command()
def accounts(as_json: options.Json = False) -> None:
    """List the development accounts of the local chain, and who each of them plays.

    Their keys come from a phrase that every developer in the world knows. So they are handy on a local chain, and
    refused on any other. Use one with --dev ROLE.

    Example: foodvalley chain accounts
    """
    roles = sorted(DEVELOPMENT_ROLES, key=lambda one: (one.organisation or "", one.text))
    if as_json:
        output.print_json({"public": True, "accounts": [_account(one) for one in roles]})
        return
    made = output.table("rol", "adres", "wie", title="Ontwikkelaccounts van de lokale keten")
    made.columns[1].no_wrap = True
    shown: str | None = None
    for role in roles:
        if role.organisation and role.organisation != shown:
            shown = role.organisation
            made.add_row(f"[bold]{DIRECTORY.name(shown)}[/]")
        indent = "  " if role.organisation else ""
        made.add_row(f"{indent}{_asked(role)}", development_account(role.index).address, _PARTS[_part(role)])
    console = output.console()
    console.print(made)
    console.print("\nIedereen kent de sleutels van deze accounts: ze tekenen alleen op een lokale keten.")
    console.print("Kies een rol met --dev, zoals in: foodvalley propose DOSSIER --dev veenendaal")


@contextmanager
def _reachable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"cannot reach {error.filename or folder}: {error.strerror}",
            hint="the local chain keeps its state there: ask for access, or set another folder with FOODVALLEY_HOME",
        ) from error


_PARTS = {
    "carrier": "betaalt",
    "stranger": "derde",
    "administrator": "beheerder",
    "signatory": "ondertekenaar",
    "second-signatory": "ondertekenaar",
}


def _part(role: DevelopmentRole) -> str:
    if role.organisation is None:
        return role.text
    part = role.text.partition(":")[2]
    return {"admin": "administrator", "2": "second-signatory"}.get(part, "signatory")


def _asked(role: DevelopmentRole) -> str:
    """How people ask for a role: by the name of the organisation, not by its identifier."""
    organisation = DIRECTORY.get(role.organisation) if role.organisation else None
    if organisation is None:
        return role.text
    return role.text.replace(organisation.id, organisation.short_name.lower(), 1)


def _account(role: DevelopmentRole) -> Document:
    organisation = {"id": role.organisation, "name": DIRECTORY.name(role.organisation)} if role.organisation else None
    return {
        "index": role.index,
        "role": _asked(role),
        "part": _part(role),
        "address": development_account(role.index).address,
        "organisation": organisation,
    }


def _document(chain: LocalChain) -> Document:
    return {
        "engine": chain.engine,
        "url": chain.url,
        "port": chain.port,
        "chainId": chain.chain_id,
        "pid": chain.pid,
        "stateFolder": str(chain.state_dir),
        "log": str(chain.log),
    }


def _print_chain(chain: LocalChain, block: int | None = None) -> None:
    output.print_fact("adres", chain.url, whole=True)
    output.print_fact("programma", f"{chain.engine}, proces {chain.pid}")
    output.print_fact("keten", str(chain.chain_id))
    if block is not None:
        output.print_fact("blok", str(block))
    output.print_fact("toestand", str(chain.state_dir), whole=True)
    output.print_fact("logboek", str(chain.log), whole=True)
