"""Motions: what the members of the council decide together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from registry import documents, dutch
from registry.carried import CarriedMotion, read_motion, write_carried
from registry.cli import asking, carrying, given, motions, options, output, reasons, sending
from registry.cli.commands import moving
from registry.cli.motions import MeantMotion
from registry.cli.session import Session
from registry.membership import MotionRecord
from registry.service import View, sign_approval

HELP = (
    "Motions: what the members of the council decide together, by a majority of all that vote.\n\n"
    "A motion admits an organisation, expels one, names a successor (herindeling) or recovers the key of an "
    "administrator. The last two wait for 14 days, in which the organisation concerned can veto them; not if it signs "
    "itself. docs/council.md goes through each case.\n\n"
    "Start with: foodvalley motion list"
)

Target = Annotated[str, typer.Argument(metavar="MOTION|FILE", help="Hash of a motion on chain (its first digits do), "
                                       "or a motion file.")]  # fmt: skip
OnChain = Annotated[str, typer.Argument(metavar="MOTION", help="Hash of a motion on chain (its first digits do).")]


def add_to(app: typer.Typer) -> None:
    """Hangs the group under the root, what puts a motion before the council first."""
    group = typer.Typer(no_args_is_help=True, help=HELP)
    moving.add_to(group)
    group.command("list", rich_help_panel="Look")(list_)
    group.command(rich_help_panel="Look")(show)
    for command in (sign, decide, enact, veto):
        group.command(rich_help_panel="Decide")(command)
    app.add_typer(group, name="motion", rich_help_panel="Council")


def list_(node: options.Node = None, register: options.RegisterAddress = None, as_json: options.Json = False) -> None:
    """List the motions: open, waiting for a veto, decided; who approves, who does not yet, what comes next.

    Example: foodvalley motion list
    """
    session = Session(node, register)
    view, governing = session.service.view(), session.governing
    records = list(view.ledger.membership.motions.values())
    unsettled = governing.unsettled(view)
    if as_json:
        found = [_document(session, view, one) for one in records]
        output.print_json({"motions": found, "asOf": documents.as_of(view)})
        return
    console = output.console()
    if not records:
        console.print("Er is nog geen motie ingediend. Wat er kan: foodvalley motion --help")
        return
    motions.show_alarms(session, view, all_of_them=False)
    for one in unsettled:
        name = output.escaped(dutch.asked(one.motion, session.directory))
        console.print(f"[bold]{dutch.short(one.motion_hash)}  {name}[/]")
        output.print_fact("stand", dutch.outcome(one, view.now))
        tally = governing.tally(view, one.motion) if one.decided is None else None
        motions.show_standing(session, view, one, tally)
        console.print()
    settled = [one for one in records if one not in unsettled]
    if settled:
        made = output.table("motie", "wat", "wat ervan kwam", title="Afgedaan")
        for one in settled:
            made.add_row(dutch.short(one.motion_hash), output.escaped(dutch.asked(one.motion, session.directory)),
                         dutch.outcome(one, view.now))  # fmt: skip
        console.print(made)


def show(
    target: Target,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Show one motion: what it means, who approves it, what became of it and what can be done next.

    Example: foodvalley motion show 0x3f21
    """
    session = Session(node, register)
    view = session.service.view()
    meant = motions.meant(session, view, [target])
    record = session.governing.record_of(view, meant.motion)
    if as_json:
        output.print_json(_document(session, view, record, meant) | {"asOf": documents.as_of(view)})
        return
    motions.show_whole(session, view, record, meant.carried)


def sign(
    target: Target,
    decision: options.Decision = None,
    offline: options.SignOffline = None,
    yes: options.Yes = False,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Vote for a motion for your organisation, on chain or into a file; a vote cannot be taken back.

    Shows what you sign and what it means. Who is against does not sign. A signatory of the organisation that the
    motion is about can sign too: then nothing is taken from it, and there is no veto period. A motion file can be
    signed without any connection.

    Example: foodvalley motion sign 0x3f21 --dev renswoude
    """
    session = Session(node, register)
    digest, sure = given.digest(decision), asking.is_sure(yes, as_json, dev)
    if given.is_file(target) and offline is not None:
        carried = read_motion(Path(target))
        carrying.require_configured(session, carried.domain)
        motions.confirm(session, carried.motion, digest, sure)
        signer = session.signer(key, dev, password_file)
        signed = carried.with_approval(sign_approval(carried, signer, digest))
        motions.show_signed(session, write_carried(offline, signed), offline, as_json)
        return
    governing = session.governing
    view = session.service.view()
    meant = motions.meant(session, view, [target])
    governing.require_open(view, meant.motion)
    governing.require_possible(view, meant.motion)
    motions.confirm(session, meant.motion, digest, sure, view.ledger.members.get(meant.motion.organisation))
    signer = session.signer(key, dev, password_file)
    governing.require_say(view, meant.motion, signer.address)
    motions.confirm_consent(session, view, meant.motion, signer.address, sure)
    if offline is not None:
        carried = CarriedMotion(session.service.register.domain, meant.motion, meant.carried)
        signed = carried.with_approval(sign_approval(carried, signer, digest))
        motions.show_signed(session, write_carried(offline, signed), offline, as_json)
        return
    sent = governing.vote(meant.motion_hash, signer, digest)
    motions.show_step(session, session.service.view(), meant, "Ondertekend", sent, as_json)


def decide(
    targets: Annotated[
        list[str],
        typer.Argument(metavar="MOTION|FILE...", help="Hash of a motion on chain, or files with its votes."),
    ],
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Decide a motion that a majority of all voting members signed. Anyone may do this, and pays for it.

    To admit and to expel takes effect at once; to succeed and to recover too if the organisation concerned signed.
    Else these wait: 14 days for a veto, then 28 days in which anyone can enact them.

    Example: foodvalley motion decide 0x3f21 --dev carrier
    """
    session = Session(node, register)
    view = session.service.view()
    meant = motions.meant(session, view, targets)
    session.governing.require_open(view, meant.motion)
    signer = session.signer(key, dev, password_file)
    sent, _ = session.governing.decide(view, meant.motion, signer, meant.carried)
    after = session.service.view()
    enacted = session.governing.record_of(after, meant.motion).enacted
    done = "Aangenomen en uitgevoerd" if enacted else "Aangenomen, en wacht op een veto"
    motions.show_step(session, after, meant, done, sent, as_json)


def enact(
    target: OnChain,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Carry out a decided motion after its veto period, within 28 days. Anyone may do this, and pays for it.

    Example: foodvalley motion enact 0x3f21 --dev carrier
    """
    session = Session(node, register)
    view = session.service.view()
    record = session.governing.motion(view, target)
    session.governing.require_waiting(view, record)
    sent = session.governing.enact(record.motion, session.signer(key, dev, password_file))
    meant = MeantMotion(record.motion, record.motion_hash, ())
    motions.show_step(session, session.service.view(), meant, "Uitgevoerd", sent, as_json)


def veto(
    target: OnChain,
    reason: options.Reason = "",
    yes: options.Yes = False,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Stop a decided motion against your own organisation for good, until it is enacted.

    Its administrator or any one of its signatories can. The reason stays with you, in a file; its salted digest on
    chain proves it later.

    Example: foodvalley motion veto 0x3f21 --reason "onze sleutel is niet verloren" --dev renswoude
    """
    session = Session(node, register)
    view, governing = session.service.view(), session.governing
    record = governing.motion(view, target)
    governing.require_waiting(view, record)
    asked = dutch.asked(record.motion, session.directory)
    question = f"Een veto houdt deze motie voorgoed tegen: {asked}. Doorgaan?"
    asking.ask(question, sure=asking.is_sure(yes, as_json, dev))
    signer = session.signer(key, dev, password_file)
    digest, kept = reasons.keep(session, record.motion_hash, reason)
    sent = governing.veto(record, signer, digest)
    if as_json:
        details = {"motionHash": "0x" + record.motion_hash.hex(), "reasonKept": str(kept) if kept else None}
        output.print_json(details | documents.sent(sent))
        return
    output.console().print(f"[bold]Tegengehouden[/]: {output.escaped(asked)}")
    output.print_fact("motie", f"0x{record.motion_hash.hex()}", whole=True)
    if kept:
        output.print_fact("reden", f"staat in {kept}; bewaar dat bestand", whole=True)
    sending.show(sent)


def _document(
    session: Session, view: View, record: MotionRecord, meant: MeantMotion | None = None
) -> documents.Document:
    """A motion as a document; while it is open with who approves it, and whether it can be decided at all."""
    if record.decided is not None:
        return documents.motion(record, session.directory, view.now)
    governing, carried = session.governing, meant.carried if meant else ()
    tally = governing.tally(view, record.motion, carried)
    possible = {"possible": governing.is_possible(view, record.motion)}
    return documents.motion(record, session.directory, view.now, tally) | possible
