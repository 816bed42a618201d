"""The council: deploying its register, and who takes part."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import yaml

from registry import documents, dutch, localnet
from registry.chain import deploy as deploy_register
from registry.chain.encode import address
from registry.cli import given, motions, options, output
from registry.cli.session import Session
from registry.errors import NotFoundError, Problem, SettingsError, StorageError, UsageError
from registry.membership import MotionRecord
from registry.model import NOBODY, Founder, Mandate, Member
from registry.organisations import FOOD_VALLEY
from registry.service import View


def add_to(app: typer.Typer) -> None:
    """Hangs the commands under the root."""
    for command in (deploy, council):
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
    """Show the organisations that take part, their administrators and signatories, and what could be vetoed.

    A loud line at the top says when a motion would put somebody in an organisation's place and can still be stopped;
    yours is the organisation of which you have a key. What an organisation announces as its service nobody checked.

    Example: foodvalley council
    """
    session = Session(node, register)
    view = session.service.view()
    waiting = motions.waiting(session, view)
    if as_json:
        members = documents.council(view.ledger, session.directory, waiting)
        output.print_json({"members": members, "asOf": documents.as_of(view)})
        return
    console = output.console()
    motions.show_alarms(session, view, all_of_them=True)
    voters = view.ledger.membership.voters
    votes = dutch.counted(voters, "stem", "stemmen")
    console.print(f"[bold]Raad van deelnemers[/]: {votes}; een motie heeft er {voters // 2 + 1} nodig")
    for member in sorted(view.ledger.members.values(), key=lambda one: one.organisation):
        name = f"{session.directory.name(member.organisation)} ({member.organisation})"
        console.print(f"\n[bold]{output.escaped(name)}[/]{output.escaped(_standing(session, member))}")
        if not member.successor:
            _show_member(session, view, member, waiting.get(member.organisation))


def _standing(session: Session, member: Member) -> str:
    if member.successor:
        return f", opgevolgd door {session.directory.name(member.successor)} ({member.successor})"
    if member.expelled:
        return ", uitgesloten: geen stem, geen nieuwe overeenkomsten"
    return "" if member.votes else ", te gast, zonder stem"


def _show_member(session: Session, view: View, member: Member, waiting: MotionRecord | None) -> None:
    output.print_fact("beheerder", member.administrator)
    if member.nominee != NOBODY:
        output.print_fact("voorgedragen", f"{member.nominee}, kan het beheer overnemen")
    for mandate in sorted(view.ledger.signatories_of(member.organisation), key=lambda one: one.together):
        ended = mandate.valid_until and mandate.valid_until <= view.now
        output.print_fact("tekende" if ended else "tekent", f"{mandate.signatory}, {dutch.authority(mandate)}")
    if member.service:
        output.print_fact("dienst", f"{member.service} (niet gecontroleerd)")
    if waiting is not None and waiting.decided is not None:
        output.print_fact("motie", f"{dutch.asked(waiting.motion, session.directory)} "
                          f"({dutch.short(waiting.motion_hash)})")  # fmt: skip
        output.print_fact("veto", f"tot {dutch.moment(waiting.decided.effect_from)}, daarna zolang niemand uitvoert")


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
