"""Motions on the screen: which one a person means, what it says before it is signed, and what can be done next."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from registry import documents, dutch, keys
from registry.carried import CarriedMotion, read_motion
from registry.chain import Sent
from registry.cli import asking, carrying, given, names, output, sending
from registry.cli.session import Session
from registry.dossier import Manifest, check
from registry.errors import RegistryError, UsageError
from registry.governing import Tally
from registry.membership import MotionRecord, MotionStatus
from registry.model import NOBODY, Action, Approval, Member, Motion
from registry.service import View
from registry.statements import hash_motion


@dataclass(frozen=True, slots=True)
class MeantMotion:
    """The motion that a command is about, with the votes that a file carries."""

    motion: Motion
    motion_hash: bytes
    carried: tuple[Approval, ...]


def meant(session: Session, view: View, targets: list[str]) -> MeantMotion:
    """The one motion that the targets name; UsageError if they name more than one."""
    found: list[MeantMotion] = []
    for target in targets:
        if given.is_file(target):
            carried = read_motion(Path(target))
            carrying.require_this_register(session, target, carried.domain)
            found.append(MeantMotion(carried.motion, carried.motion_hash, carried.approvals))
        else:
            record = session.governing.motion(view, target)
            found.append(MeantMotion(record.motion, record.motion_hash, ()))
    if len({one.motion_hash for one in found}) > 1:
        raise UsageError("these are different motions", hint="decide one motion at a time")
    return MeantMotion(found[0].motion, found[0].motion_hash, tuple(one for each in found for one in each.carried))


def confirm(session: Session, motion: Motion, decision: bytes, sure: bool, member: Member | None = None) -> None:
    """Shows what will be signed, and what it means; DossierError if the reasons at hand were changed."""
    reasons = _reasons(session, motion)
    if any(motion.dossier) and reasons is None:
        output.print_warning(
            f"the reasons of this motion, dossier 0x{motion.dossier.hex()}, are not at hand; "
            "ask the mover, and add them with: foodvalley dossier add FOLDER"
        )
    if sure:
        return
    output.console().print(f"U ondertekent een motie: [bold]{_asked(session, motion)}[/]")
    _show_contents(session, motion, member, reasons)
    if any(decision):
        output.print_fact("besluit", f"0x{decision.hex()}", whole=True)
    output.console().print("Een stem voor een motie kan niet worden teruggenomen.")
    asking.ask("Akkoord?", sure=False)


def confirm_consent(session: Session, view: View, motion: Motion, signatory: str, sure: bool) -> None:
    """Asks once more whoever gives away the veto of its own organisation by voting."""
    mandate = view.ledger.mandates.get(signatory)
    if motion.action.can_be_vetoed and mandate is not None and mandate.organisation == motion.organisation:
        name = session.directory.name(mandate.organisation)
        asking.ask(f"U tekent namens {name} zelf: dan is er geen vetotermijn. Doorgaan?", sure=sure)


def show_signed(session: Session, carried: CarriedMotion, path: Path, as_json: bool) -> None:
    """Says what a file with a motion now holds."""
    carrying.show_signed(carried, path, ("wat", dutch.asked(carried.motion, session.directory)), as_json)
    if not as_json and carried.motion.administrator != NOBODY:
        output.print_fact("beheerder", carried.motion.administrator)


def show_step(
    session: Session, view: View, meant_one: MeantMotion, done: str, sent: Sent | None, as_json: bool
) -> None:
    """What a command did with a motion, and what comes next."""
    record, governing = session.governing.record_of(view, meant_one.motion), session.governing
    tally = governing.tally(view, record.motion, meant_one.carried) if record.decided is None else None
    if as_json:
        document = documents.motion(record, session.directory, view.now, tally)
        output.print_json(document | (documents.sent(sent) if sent else {}) | {"asOf": documents.as_of(view)})
        return
    output.console().print(f"[bold]{done}[/]: {_asked(session, record.motion)}")
    output.print_fact("motie", f"0x{record.motion_hash.hex()}", whole=True)
    if record.motion.administrator != NOBODY:
        output.print_fact("beheerder", record.motion.administrator)
    show_standing(session, view, record, tally)
    if sent is not None:
        sending.show(sent)
    output.print_fact("vingerafdruk", f"0x{view.ledger.fingerprint.hex()}", whole=True)


def show_whole(session: Session, view: View, record: MotionRecord, carried: tuple[Approval, ...]) -> None:
    """Everything there is to know about one motion."""
    output.console().print(f"[bold]{_asked(session, record.motion)}[/]")
    member = view.ledger.members.get(record.motion.organisation) if record.decided is None else None
    settled = record.status(view.now) not in (MotionStatus.OPEN, MotionStatus.VETO_PERIOD, MotionStatus.ENACTABLE)
    _show_contents(session, record.motion, member, _reasons(session, record.motion), settled=settled)
    if record.moved is not None:
        mover = view.ledger.mandates[record.moved.signatory].organisation
        moved_at = dutch.moment(record.moved.place.timestamp)
        output.print_fact("ingediend", f"namens {session.directory.name(mover)}, {moved_at}")
    output.print_fact("stand", dutch.outcome(record, view.now))
    tally = session.governing.tally(view, record.motion, carried) if record.decided is None else None
    show_standing(session, view, record, tally)


def show_standing(session: Session, view: View, record: MotionRecord, tally: Tally | None) -> None:
    """Who approves a motion, what waits, and which command comes next."""
    name, status = session.directory.name, record.status(view.now)
    if tally is not None:
        _show_tally(session, record.motion, tally)
    elif record.decided is not None:
        signed_for = dict.fromkeys(view.ledger.mandates[one].organisation for one in record.decided.signatories)
        by = names.brief(tuple(signed_for), session.directory)
        output.print_fact("aangenomen", f"{dutch.moment(record.decided.place.timestamp)}, door {by}")
    if status in (MotionStatus.VETO_PERIOD, MotionStatus.ENACTABLE):
        output.print_fact("veto", f"door {name(record.motion.organisation)}, {_until(record, status)}:")
        output.print_fact("", f"foodvalley motion veto {dutch.short(record.motion_hash)}")
    if status is MotionStatus.OPEN and tally is not None:
        _show_next_while_open(session, view, record, tally)
    elif status is MotionStatus.VETO_PERIOD and record.decided:
        output.print_fact("verder met", f"foodvalley motion enact {dutch.short(record.motion_hash)},")
        output.print_fact("", f"van {dutch.moment(record.decided.effect_from)} tot {dutch.moment(record.lapses_at)}")
    elif status is MotionStatus.ENACTABLE:
        output.print_fact("verder met", f"foodvalley motion enact {dutch.short(record.motion_hash)},")
        output.print_fact("", f"tot {dutch.moment(record.lapses_at)}")


def show_alarms(session: Session, view: View, *, all_of_them: bool) -> None:
    """A loud line for each motion that would put somebody in an organisation's place and can still be stopped.

    Those against an organisation of which the person has a key; with ``all_of_them`` those against others too.
    """
    own = _own_organisations(session, view)
    for record in waiting(session, view).values():
        organisation = record.motion.organisation
        if organisation not in own and not all_of_them:
            continue
        whose = f"{'uw organisatie, ' if organisation in own else ''}{session.directory.name(organisation)}"
        output.print_alarm(
            f"Er loopt een motie tegen {whose}: {dutch.asked(record.motion, session.directory)}. Een veto houdt "
            f"haar tegen, {_until(record, record.status(view.now))}:",
            f"foodvalley motion veto {dutch.short(record.motion_hash)}",
        )


def show_own_alarms(session: Session) -> None:
    """The alarms about the organisations of which the person has a key, from the index."""
    show_alarms(session, session.looking.council(_own_keys(session)), all_of_them=False)


def waiting(session: Session, view: View) -> dict[str, MotionRecord]:
    """The decided motions that wait, by the organisation that can veto them."""
    found = {one: session.governing.waiting(view, one) for one in sorted(view.ledger.members)}
    return {organisation: record for organisation, record in found.items() if record is not None}


def _show_contents(
    session: Session, motion: Motion, member: Member | None, reasons: Manifest | None, *, settled: bool = False
) -> None:
    output.print_fact("motie", f"0x{hash_motion(motion).hex()}", whole=True)
    if not settled:
        output.print_fact("betekenis", dutch.meaning(motion, session.directory, member))
    if not settled and motion.action.can_be_vetoed:
        output.print_fact("gaat in", dutch.veto_rule(motion, session.directory))
    if motion.administrator != NOBODY:
        output.print_fact("beheerder", motion.administrator)
    if member is not None and motion.action is Action.RECOVER:
        output.print_fact("beheerder nu", member.administrator)
    if any(motion.dossier):
        output.print_fact("redenen", dutch.title(reasons) if reasons else "niet bij de hand")
        output.print_fact("dossier", f"0x{motion.dossier.hex()}", whole=True)
    output.print_fact("beslissen", f"tot en met {dutch.deadline(motion.deadline)}")


def _show_tally(session: Session, motion: Motion, tally: Tally) -> None:
    who = names.brief(tally.in_favour, session.directory) or "niemand"
    votes = dutch.counted(tally.voters, "stem", "stemmen")
    output.print_fact("voor", f"{who}: {len(tally.in_favour)} van de {votes}, {tally.needed} nodig")
    if tally.consents and motion.action.can_be_vetoed:
        output.print_fact("", f"{session.directory.name(motion.organisation)} tekent zelf mee: geen vetotermijn")
    if tally.missing:
        output.print_fact("nog niet", names.brief(tally.missing, session.directory))


def _show_next_while_open(session: Session, view: View, record: MotionRecord, tally: Tally) -> None:
    if not session.governing.is_possible(view, record.motion):
        output.print_fact("let op", "zoals de raad nu is, kan deze motie niet worden aangenomen")
        return
    step = "decide" if tally.carried else "sign"
    output.print_fact("verder met", f"foodvalley motion {step} {dutch.short(record.motion_hash)}")


def _until(record: MotionRecord, status: MotionStatus) -> str:
    if status is MotionStatus.ENACTABLE:
        return "zolang niemand haar uitvoert, en dat kan nu elk moment"
    effect_from = record.decided.effect_from if record.decided else 0
    return f"tot {dutch.moment(effect_from)} en daarna zolang niemand haar uitvoert"


def _asked(session: Session, motion: Motion) -> str:
    return output.escaped(dutch.asked(motion, session.directory))


def _reasons(session: Session, motion: Motion) -> Manifest | None:
    """The manifest of the dossier with the reasons, if it is at hand and sound; DossierError if it was changed."""
    store = session.store
    if not any(motion.dossier) or motion.dossier not in store.roots():
        return None
    return check(store.place(motion.dossier), motion.dossier).manifest


def _own_organisations(session: Session, view: View) -> set[str]:
    """The organisations of which a key file of this user is administrator or signatory; needs no password."""
    addresses = _own_keys(session)
    signed_for = {one.organisation for one in view.ledger.mandates.values()
                  if one.signatory in addresses and one.in_force_at(view.now)}  # fmt: skip
    return signed_for | {one.organisation for one in view.ledger.members.values() if one.administrator in addresses}


def _own_keys(session: Session) -> set[str]:
    try:
        return {one.address for one in keys.list_keys(session.settings.keys)}
    except RegistryError:
        return set()  # a broken key file is told by the commands that sign; looking must go on
