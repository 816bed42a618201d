"""Moving: putting a motion before the council, on chain or into a file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from registry.carried import CarriedMotion, write_carried
from registry.chain.encode import address
from registry.cli import asking, given, motions, options
from registry.cli.motions import MeantMotion
from registry.cli.session import Session
from registry.dossier import day_of
from registry.dossier.terms import last_second_of_day
from registry.errors import UsageError
from registry.model import Action, Motion
from registry.service import sign_approval
from registry.statements import hash_motion

DAYS_TO_DECIDE = 30

Concerned = Annotated[str, typer.Argument(metavar="ORGANISATION", help="Whom it is about: name or identifier.")]
Administrator = Annotated[
    str, typer.Option("--administrator", metavar="ADDRESS", help="The key that will administer the organisation.")
]
Deadline = Annotated[
    str | None,
    typer.Option("--deadline", metavar="DAY", help="Last day on which it can be decided; default: 30 days from now."),
]
Reasons = Annotated[
    str | None, typer.Option("--dossier", metavar="DOSSIER", help="The reasons: a folder, or a dossier in the store.")
]
Offline = Annotated[
    Path | None, typer.Option("--offline", metavar="FILE", help="Write a signed motion file; no transaction.")
]


def add_to(app: typer.Typer) -> None:
    """Hangs the commands under their group."""
    for command in (admit, expel, succeed, recover):
        app.command(rich_help_panel="Move")(command)


def admit(
    organisation: Concerned,
    administrator: Administrator,
    guest: Annotated[
        bool, typer.Option("--guest", help="Without a vote: it signs agreements and decides no motions.")
    ] = False,
    deadline: Deadline = None,
    dossier: Reasons = None,
    decision: options.Decision = None,
    offline: Offline = None,
    yes: options.Yes = False,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Move that an organisation takes part, and vote for it; takes effect as soon as it is decided.

    The administrator's key is made by the organisation itself: compare the address by telephone. Of an
    organisation that takes part already this gives or takes the vote, and one that was expelled it takes in again;
    the key must then be the one it has.

    Example: foodvalley motion admit Rhenen --administrator 0x15d3… --dev veenendaal
    """
    session = Session(node, register)
    named = Motion(Action.ADMIT, session.directory.find(organisation).id, 0, address(administrator), votes=not guest)
    _move(session, named, deadline, dossier, decision, offline, asking.is_sure(yes, as_json, dev),
          (key, dev, password_file), as_json)  # fmt: skip


def expel(
    organisation: Concerned,
    deadline: Deadline = None,
    dossier: Reasons = None,
    decision: options.Decision = None,
    offline: Offline = None,
    yes: options.Yes = False,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Move that an organisation loses its vote and enters no new agreements, and vote for it.

    Takes effect as soon as it is decided. The agreements that bind the organisation go on, and so does its say in
    them. This is also how a member leaves the council: it asks for this motion, and signs it too.

    Example: foodvalley motion expel Rhenen --dossier redenen/ --dev veenendaal
    """
    session = Session(node, register)
    named = Motion(Action.EXPEL, session.directory.find(organisation).id, 0)
    _move(session, named, deadline, dossier, decision, offline, asking.is_sure(yes, as_json, dev),
          (key, dev, password_file), as_json)  # fmt: skip


def succeed(
    organisation: Concerned,
    successor: Annotated[
        str, typer.Option("--by", metavar="ORGANISATION", help="The member that takes its place: name or identifier.")
    ],
    deadline: Deadline = None,
    dossier: Reasons = None,
    decision: options.Decision = None,
    offline: Offline = None,
    yes: options.Yes = False,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Move that one organisation takes the place of another (herindeling), and vote for it.

    From then on the successor signs in the stead of the other in every agreement; the other has no vote,
    administrator or signatories any more, for good. Waits 14 days for a veto, unless the other signs too.

    Example: foodvalley motion succeed Rhenen --by Veenendaal --dev ede
    """
    session = Session(node, register)
    find = session.directory.find
    named = Motion(Action.SUCCEED, find(organisation).id, 0, successor=find(successor).id)
    _move(session, named, deadline, dossier, decision, offline, asking.is_sure(yes, as_json, dev),
          (key, dev, password_file), as_json)  # fmt: skip


def recover(
    organisation: Concerned,
    administrator: Administrator,
    deadline: Deadline = None,
    dossier: Reasons = None,
    decision: options.Decision = None,
    offline: Offline = None,
    yes: options.Yes = False,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Move that an organisation gets another administrator's key, because the old one is lost, and vote for it.

    Waits 14 days for a veto, unless the organisation's own signatories sign too. Who still has the old key needs no
    motion: foodvalley handover.

    Example: foodvalley motion recover Rhenen --administrator 0x15d3… --dev veenendaal
    """
    session = Session(node, register)
    named = Motion(Action.RECOVER, session.directory.find(organisation).id, 0, address(administrator))
    _move(session, named, deadline, dossier, decision, offline, asking.is_sure(yes, as_json, dev),
          (key, dev, password_file), as_json)  # fmt: skip


def _move(
    session: Session,
    named: Motion,
    deadline: str | None,
    dossier: str | None,
    decision: str | None,
    offline: Path | None,
    sure: bool,
    who: tuple[str | None, str | None, Path | None],
    as_json: bool,
) -> None:
    """Puts a motion before the council, on chain or into a file; ``who`` are the options that name a key."""
    governing, digest = session.governing, given.digest(decision)
    view = session.service.view()
    by = given.last_second(deadline) if deadline else last_second_of_day(
        day_of(view.now) + timedelta(days=DAYS_TO_DECIDE)
    )  # fmt: skip
    if by < view.now:
        raise UsageError(f"{deadline} has passed", hint="give a later --deadline")
    root = session.dossier(dossier).root if dossier else named.dossier
    motion = Motion(named.action, named.organisation, by, named.administrator, named.successor, named.votes, root)
    governing.require_possible(view, motion)
    governing.require_open(view, motion)
    motions.confirm(session, motion, digest, sure, view.ledger.members.get(motion.organisation))
    signer = session.signer(*who)
    motions.confirm_consent(session, view, motion, signer.address, sure)
    if offline is not None:
        carried = CarriedMotion(session.service.register.domain, motion)
        signed = carried.with_approval(sign_approval(carried, signer, digest))
        motions.show_signed(session, write_carried(offline, signed), offline, as_json)
        return
    sent = governing.move(view, motion, signer, digest)
    meant = MeantMotion(motion, hash_motion(motion), ())
    motions.show_step(session, session.service.view(), meant, "Motie ingediend", sent, as_json)
