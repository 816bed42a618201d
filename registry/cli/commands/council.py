"""The council: deploying its register, who takes part, and who may sign for whom."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import yaml

from registry import documents, dutch, localnet
from registry.chain import deploy as deploy_register
from registry.chain.encode import address
from registry.cli import given, options, output
from registry.cli.session import Session
from registry.errors import NotFoundError, Problem, SettingsError, StorageError, UsageError
from registry.model import Founder, Mandate
from registry.organisations import FOOD_VALLEY


def add_to(app: typer.Typer) -> None:
    """Hangs the commands under the root."""
    for command in (deploy, council, appoint, dismiss):
        app.command(rich_help_panel="Council")(command)


def deploy(
    founders: Annotated[
        Path | None,
        typer.Option("--founders", metavar="FILE", help="YAML list of founders: organisation, administrator, votes."),
    ] = None,
    development: Annotated[
        bool,
        typer.Option(
            "--dev-council",
            help="Found the Food Valley council with the local chain's development accounts, and "
            "give each organisation two signatories.",
        ),
    ] = False,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    as_json: options.Json = False,
) -> None:
    """Found a council and put its register on the chain, unless this chain has one already.

    The deployment is kept per chain id; running this twice finds the first register. Afterwards the deployer
    has no say in it: only the members do.

    Example: foodvalley deploy --dev-council
    """
    session = Session(node)
    if development == (founders is not None):
        raise UsageError("name the founders with --founders FILE, or use --dev-council on a local chain")
    signer = session.signer(key, dev or ("carrier" if development and not key else None), password_file)
    wanted = development_founders(session) if development else _read_founders(founders, session)
    deployment, new = deploy_register(session.chain, wanted, signer, session.settings.deployments)
    if development:
        # Also when the council was there: a first run may have been interrupted after founding it.
        appoint_development_signatories(session)
    if as_json:
        output.print_json({"new": new, "register": deployment.address, "block": deployment.block,
                           "chainId": deployment.chain_id, "codeHash": deployment.code_hash})  # fmt: skip
        return
    console = output.console()
    console.print("[bold]Register opgericht[/]" if new else "[bold]Er is al een register op deze keten[/]")
    output.print_fact("register", deployment.address)
    output.print_fact("keten", f"{deployment.chain_id}, blok {deployment.block}")
    output.print_fact("code", deployment.code_hash, whole=True)
    output.print_fact("verder met", "foodvalley council")


def council(node: options.Node = None, register: options.RegisterAddress = None, as_json: options.Json = False) -> None:
    """Show the organisations that take part, their administrators and signatories.

    Example: foodvalley council
    """
    session = Session(node, register)
    view = session.service.view()
    if as_json:
        output.print_json({"members": documents.council(view.ledger, session.directory), "asOf": documents.as_of(view)})
        return
    console = output.console()
    console.print("[bold]Raad van deelnemers[/]")
    for member in sorted(view.ledger.members.values(), key=lambda one: one.organisation):
        name = f"{session.directory.name(member.organisation)} ({member.organisation})"
        console.print(f"\n[bold]{output.escaped(name)}[/]{'' if member.votes else ', te gast, zonder stem'}")
        output.print_fact("beheerder", member.administrator)
        for mandate in sorted(view.ledger.signatories_of(member.organisation), key=lambda one: one.together):
            output.print_fact("tekent", f"{mandate.signatory}, {dutch.authority(mandate)}")


def appoint(
    signatory: Annotated[str, typer.Argument(metavar="ADDRESS", help="The key that may sign.")],
    organisation: Annotated[str, typer.Option("--for", metavar="ORGANISATION", help="Name or identifier.")],
    since: Annotated[str | None, typer.Option("--from", metavar="DAY", help="First day; default: at once.")] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DAY", help="First day on which it no longer counts.")
    ] = None,
    together: Annotated[
        int, typer.Option("--together", min=1, max=65535, help="With how many signatories it binds: 1 = alone.")
    ] = 1,
    decision: Annotated[
        str | None, typer.Option("--decision", metavar="FILE|DIGEST", help="The mandate decision (mandaatbesluit).")
    ] = None,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Appoint a signatory for your organisation, as its administrator; or change a mandate.

    A key belongs to one organisation for good; who signs for two needs a key for each.

    Example: foodvalley appoint 0x15d3… --for Veenendaal --until 2030-01-01 --dev veenendaal:admin
    """
    session = Session(node, register)
    mandate = Mandate(
        signatory=address(signatory),
        organisation=session.directory.find(organisation).id,
        valid_from=given.first_second(since) if since else 0,
        valid_until=given.first_second(until) if until else 0,
        together=together,
        decision=given.decision(decision),
    )
    sent = session.service.appoint(mandate, session.signer(key, dev, password_file))
    if as_json:
        output.print_json(documents.mandate(mandate, session.directory) | documents.sent(sent))
        return
    name = session.directory.name(mandate.organisation)
    output.console().print(f"[bold]Benoemd[/]: {mandate.signatory} tekent voor {name}, {dutch.authority(mandate)}.")


def dismiss(
    signatory: Annotated[str, typer.Argument(metavar="ADDRESS", help="The key that may no longer sign.")],
    organisation: Annotated[str, typer.Option("--for", metavar="ORGANISATION", help="Name or identifier.")],
    decision: Annotated[
        str | None, typer.Option("--decision", metavar="FILE|DIGEST", help="The decision to withdraw the mandate.")
    ] = None,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """End a signatory's mandate at once, also for what was approved and is not recorded yet.

    Example: foodvalley dismiss 0x15d3… --for Veenendaal --dev veenendaal:admin
    """
    session = Session(node, register)
    identifier = session.directory.find(organisation).id
    signer = session.signer(key, dev, password_file)
    sent = session.service.dismiss(identifier, address(signatory), signer, given.decision(decision))
    if as_json:
        output.print_json({"signatory": address(signatory)} | documents.sent(sent))
        return
    name = session.directory.name(identifier)
    output.console().print(f"[bold]Mandaat ingetrokken[/]: {address(signatory)} tekent niet meer voor {name}.")


def development_founders(session: Session) -> list[Founder]:
    """The eight municipalities with a vote and two provinces as guests, with development accounts."""
    return [
        Founder(one, session.signer(None, f"{one}:admin", None).address, votes=one in FOOD_VALLEY)
        for one in sorted({role.organisation for role in localnet.DEVELOPMENT_ROLES if role.organisation})
    ]


def appoint_development_signatories(session: Session) -> int:
    """Two signatories for each organisation: the first alone, the second together with another; gives the gas."""
    gas = 0
    ledger = session.service.view().ledger
    for founder in development_founders(session):
        member = ledger.members.get(founder.organisation)
        if member is None or member.administrator != founder.administrator:
            continue  # a register that was founded otherwise
        administrator = session.signer(None, f"{founder.organisation}:admin", None)
        for together, role in ((1, founder.organisation), (2, f"{founder.organisation}:2")):
            signatory = session.signer(None, role, None).address
            if signatory in ledger.mandates:
                continue
            mandate = Mandate(signatory, founder.organisation, _DEVELOPMENT_SINCE, 0, together)
            gas += session.service.appoint(mandate, administrator).gas_used
    return gas


def _read_founders(path: Path | None, session: Session) -> list[Founder]:
    assert path is not None  # noqa: S101 - checked by the caller
    try:
        rows = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not YAML: {error}") from error
    if not isinstance(rows, list) or not rows:
        raise SettingsError(f"{path} is not a list of founders", hint=_FOUNDERS_HINT)
    founders: list[Founder] = []
    problems: list[Problem] = []
    for number, row in enumerate(rows):
        try:
            if set(row) - {"votes"} != {"organisation", "administrator"} or not isinstance(
                row.get("votes", True), bool
            ):
                raise UsageError("expected organisation, administrator and perhaps votes")
            organisation = session.directory.find(str(row["organisation"])).id
            founders.append(Founder(organisation, address(str(row["administrator"])), row.get("votes", True)))
        except (UsageError, NotFoundError, TypeError, ValueError) as error:
            problems.append(Problem(f"[{number}]", None, str(error)))
    if problems:
        raise SettingsError("\n".join(f"{path}: {one.field}: {one.message}" for one in problems), hint=_FOUNDERS_HINT)
    return founders


_DEVELOPMENT_SINCE = given.first_second("2026-01-01")
_FOUNDERS_HINT = "each founder: {organisation: gm0345, administrator: 0x…, votes: true}"
