"""Acts on the screen: which one a person means, what it says before it is signed, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from registry import documents, dutch
from registry.carried import read_proposal
from registry.chain import Sent
from registry.cli import asking, carrying, given, output, sending
from registry.cli.session import Session
from registry.dossier import SECONDS_PER_DAY
from registry.errors import DossierError, UsageError
from registry.model import Act, Approval
from registry.progress import Progress
from registry.service import View, seen
from registry.statements import hash_act


@dataclass(frozen=True, slots=True)
class MeantAct:
    """The act that a command is about, with the approvals that a file carries."""

    act: Act
    act_hash: bytes
    carried: tuple[Approval, ...]


def meant(session: Session, view: View, targets: list[str]) -> MeantAct:
    """The one act that the targets name; UsageError if they name more than one."""
    found: list[MeantAct] = []
    for target in targets:
        if given.is_file(target):
            proposal = read_proposal(Path(target))
            carrying.require_this_register(session, target, proposal.domain)
            found.append(MeantAct(proposal.act, proposal.act_hash, proposal.approvals))
        else:
            on_chain = session.service.proposal(view, target)
            found.append(MeantAct(on_chain.act, on_chain.act_hash, ()))
    if len({one.act_hash for one in found}) > 1:
        raise UsageError("these are different acts", hint="record one act at a time")
    return MeantAct(found[0].act, found[0].act_hash, tuple(one for each in found for one in each.carried))


def confirm(session: Session, act: Act, unseen: bool, sure: bool, decision: bytes, current: Act | None = None) -> None:
    """Shows what will be signed; refuses what cannot be read or says something else than its dossier."""
    manifest = seen(session.store, act, current)
    if manifest is None and not unseen:
        raise DossierError(
            f"the dossier 0x{act.dossier.hex()} of this act is not at hand, so there is nothing to read before signing",
            hint="add it (foodvalley dossier add FOLDER), or sign all the same with --unseen",
        )
    if sure:
        return
    name = output.escaped(dutch.title(manifest)) if manifest else "een dossier dat niet bij de hand is"
    output.console().print(f"U ondertekent: [bold]{name}[/]")
    output.print_fact("handeling", f"0x{hash_act(act).hex()}", whole=True)
    output.print_fact("dossier", f"0x{act.dossier.hex()}", whole=True)
    output.print_fact("partijen", dutch.names(act.parties, session.directory))
    gone = sorted({one.organisation for one in manifest.parties} - set(act.parties)) if manifest else []
    if gone:
        output.print_fact("zonder", f"{dutch.names(gone, session.directory)}, partij volgens het dossier")
    verb = dutch.verb(act.verb_after(current)) if current or act.concludes else "volgt op een andere handeling"
    output.print_fact("wat", f"{verb}, {dutch.period(act)}{'; daarmee eindigt de overeenkomst' if act.ends else ''}")
    if not act.concludes:
        output.print_fact("van", f"overeenkomst 0x{act.agreement.hex()}", whole=True)
    if act.notice:
        output.print_fact("opzeggen", f"met {act.notice // SECONDS_PER_DAY} dagen opzegtermijn")
    if any(decision):
        output.print_fact("besluit", f"0x{decision.hex()}", whole=True)
    asking.ask("Akkoord?", sure=False)


def title(session: Session, act: Act) -> str:
    """What people call an act, ready to be printed."""
    manifest = session.store.manifest(act.dossier)
    return (
        f"“{output.escaped(dutch.title(manifest))}”"
        if manifest
        else "een handeling waarvan het dossier niet bij de hand is"
    )


def show_step(
    session: Session, view: View, act: Act, done: str, sent: Sent, as_json: bool, carried: tuple[Approval, ...] = ()
) -> None:
    """What a command did with an act, and what comes next."""
    service, act_hash = session.service, hash_act(act)
    recorded = view.ledger.recorded(act_hash)
    progress = None if recorded else service.progress(view, act, carried)
    if as_json:
        approved = [documents.organisation(one, session.directory) for one in (progress.approved if progress else ())]
        missing = [documents.organisation(one, session.directory) for one in (progress.missing if progress else ())]
        agreement = recorded.event.agreement if recorded else act.agreement if not act.concludes else act_hash
        names = {"actHash": "0x" + act_hash.hex(), "agreement": "0x" + agreement.hex()}
        state = {"recorded": recorded is not None, "approved": approved, "missing": missing}
        output.print_json(names | state | documents.sent(sent) | {"asOf": documents.as_of(view)})
        return
    output.console().print(f"[bold]{done}[/]: {title(session, act)}")
    output.print_fact("handeling", f"0x{act_hash.hex()}", whole=True)
    if recorded is not None:
        ends = "; daarmee eindigt de overeenkomst" if act.ends else ""
        output.print_fact("wat", f"{dutch.verb(recorded.verb)}, {dutch.period(act)}{ends}")
        output.print_fact("ondertekend", dutch.signed(recorded, session.directory))
    elif progress is not None:
        output.print_fact("wat", _what(view, act))
        _show_progress(session, progress, act_hash)
    sending.show(sent)
    output.print_fact("vingerafdruk", f"0x{view.ledger.fingerprint.hex()}", whole=True)


def _what(view: View, act: Act) -> str:
    """What the act would do: its verb and from when until when."""
    before = view.ledger.agreements.get(act.agreement)
    verb = dutch.verb(act.verb_after(before.head.act if before else None))
    ends = "; daarmee eindigt de overeenkomst" if act.ends else ""
    return f"{verb}, {dutch.period(act)}{ends}"


def _show_progress(session: Session, progress: Progress, act_hash: bytes) -> None:
    if progress.approved:
        output.print_fact("akkoord", dutch.names(progress.approved, session.directory))
    if progress.missing:
        output.print_fact("wacht op", dutch.names(progress.missing, session.directory))
        output.print_fact("verder met", f"foodvalley sign {dutch.short(act_hash)}")
    else:
        output.print_fact("verder met", f"foodvalley record {dutch.short(act_hash)}")
