"""Making an act: propose, sign, record, decline, withdraw, leave."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from registry import documents, dutch
from registry.carried import CarriedProposal, read_proposal, to_json, write_carried
from registry.chain import Sent
from registry.cli import given, options, output
from registry.cli.session import Session
from registry.dossier import SECONDS_PER_DAY
from registry.errors import DossierError, RefusedError, StorageError, UsageError
from registry.model import Act, Approval
from registry.service import Progress, View, reason_digest, seen, sign_approval
from registry.statements import hash_act

Target = Annotated[str, typer.Argument(metavar="ACT|FILE", help="Hash of a proposal on chain (its first digits do), "
                                       "or a proposal file.")]  # fmt: skip
Decision = Annotated[
    str | None,
    typer.Option(
        "--decision", metavar="FILE|DIGEST", help="The organisation's own decision (besluit): its file, or its SHA-256."
    ),
]
Unseen = Annotated[
    bool, typer.Option("--unseen", help="Sign without the dossier at hand: you sign what you cannot read.")
]


def add_to(app: typer.Typer) -> None:
    """Hangs the commands under the root."""
    for command in (propose, sign, record, decline, withdraw, leave):
        app.command(rich_help_panel="Agree")(command)


@dataclass(frozen=True, slots=True)
class _Meant:
    """The act that a command is about, with the approvals that a file carries."""

    act: Act
    act_hash: bytes
    carried: tuple[Approval, ...]


def propose(
    dossier: Annotated[
        str, typer.Argument(metavar="DOSSIER", help="Folder with a manifest, or a dossier in the store.")
    ],
    follows: Annotated[
        str | None, typer.Option("--follows", metavar="AGREEMENT", help="The agreement that this act changes or ends.")
    ] = None,
    decision: Decision = None,
    offline: Annotated[
        Path | None, typer.Option("--offline", metavar="FILE", help="Write a signed proposal file; no transaction.")
    ] = None,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Put an act before its parties, and approve it for your own organisation.

    The act is what the manifest of the dossier says: its parties, dates and notice. Without --follows it
    concludes a new agreement; with --follows it amends, widens, narrows or ends one. The others sign with
    'foodvalley sign'; then anyone records it with 'foodvalley record'.

    Example: foodvalley propose samples/dienstverlening-veenendaal-renswoude --dev veenendaal
    """
    session = Session(node, register)
    service, digest = session.service, given.decision(decision)
    signer = session.signer(key, dev, password_file)
    view = service.view()
    agreement = service.agreement(view, follows) if follows else None
    built = session.dossier(dossier)
    act = service.draft(view, built, agreement)
    for alike in service.between_the_same(view, act):
        output.print_warning(
            f"these parties have an agreement in force already, {dutch.short(alike.id)}: to change or end that one, "
            f"propose with --follows {dutch.short(alike.id)}"
        )
    if offline is not None:
        proposal = CarriedProposal(service.register.domain, act)
        written = write_carried(offline, proposal.with_approval(sign_approval(proposal, signer, digest)))
        _show_carried(session, written, offline, as_json)
        return
    sent = service.propose(act, signer, digest)
    after = service.view()
    _show_step(session, after, act, "Voorgesteld", sent, as_json)


def sign(
    target: Target,
    decision: Decision = None,
    offline: Annotated[
        Path | None,
        typer.Option(
            "--offline", metavar="FILE", help="Write the signature to a file that another carries; no transaction."
        ),
    ] = None,
    unseen: Unseen = False,
    yes: options.Yes = False,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Approve an act for your organisation, on chain or into a file.

    Shows what you sign, and refuses if the act says something else than the dossier at hand. A key without
    funds can sign with --offline: whoever records the act pays. A proposal file can be signed without any
    connection.

    Example: foodvalley sign 0x3f21 --dev renswoude
    """
    session = Session(node, register)
    digest = given.decision(decision)
    if given.is_file(target) and offline is not None:
        proposal = read_proposal(Path(target))
        _require_configured(session, proposal)
        _confirm(session, proposal.act, unseen, _sure(yes, as_json, dev), digest)
        signer = session.signer(key, dev, password_file)
        signed = proposal.with_approval(sign_approval(proposal, signer, digest))
        _show_carried(session, write_carried(offline, signed), offline, as_json)
        return
    service = session.service
    view = service.view()
    meant = _meant(session, view, [target])
    service.require_possible(view, meant.act)
    agreement = view.ledger.agreements.get(meant.act.agreement)
    current = agreement.head.act if agreement else None
    _confirm(session, meant.act, unseen, _sure(yes, as_json, dev), digest, current)
    signer = session.signer(key, dev, password_file)
    if offline is not None:
        proposal = CarriedProposal(service.register.domain, meant.act, meant.carried)
        signed = proposal.with_approval(sign_approval(proposal, signer, digest))
        _show_carried(session, write_carried(offline, signed), offline, as_json)
        return
    sent = service.approve(hash_act(meant.act), signer, digest)
    _show_step(session, service.view(), meant.act, "Ondertekend", sent, as_json, meant.carried)


def record(
    targets: Annotated[
        list[str],
        typer.Argument(metavar="ACT|FILE...", help="Hash of a proposal on chain, or files with its approvals."),
    ],
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Record an act that everybody concerned approved; from then on it counts.

    Anyone may do this and pay for it: the signatures are the authority. Approvals on chain and approvals in
    files add up.

    Example: foodvalley record 0x3f21 --dev carrier
    """
    session = Session(node, register)
    service = session.service
    view = service.view()
    meant = _meant(session, view, targets)
    signer = session.signer(key, dev, password_file)
    sent, _ = service.record(view, meant.act, signer, meant.carried)
    _show_step(session, service.view(), meant.act, "Vastgelegd", sent, as_json)


def decline(
    target: Target,
    reason: Annotated[str, typer.Option("--reason", help="Why; only its salted digest goes on chain.")] = "",
    yes: options.Yes = False,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Decline an act for good, also against approvals given before.

    Any signatory of an organisation that the act needs can do this, until it is recorded. Whoever still wants
    it proposes anew. The reason stays with you, in a file; its salted digest on chain proves it later.

    Example: foodvalley decline 0x3f21 --reason "het college heeft anders besloten" --dev renswoude
    """
    _kill("Afgewezen", target, reason, Session(node, register), key, dev, password_file, yes, as_json)


def withdraw(
    target: Target,
    reason: Annotated[str, typer.Option("--reason", help="Why; only its salted digest goes on chain.")] = "",
    yes: options.Yes = False,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Withdraw your own proposal for good; the same act on chain as declining.

    Example: foodvalley withdraw 0x3f21 --reason "nieuwe versie volgt" --dev veenendaal
    """
    _kill("Ingetrokken", target, reason, Session(node, register), key, dev, password_file, yes, as_json)


def leave(
    agreement: Annotated[str, typer.Argument(metavar="AGREEMENT", help="The agreement to leave (first digits do).")],
    on: Annotated[str, typer.Option("--on", metavar="DAY", help="First day on which you are no longer bound.")],
    decision: Decision = None,
    yes: options.Yes = False,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Leave an agreement alone, by the notice that it gives (opzegtermijn).

    Needs nobody else, and leaves the others what they had. Of two parties, when one leaves the agreement ends.
    To leave earlier, propose an act without your organisation, which the others must approve.

    Example: foodvalley leave 0x3f21 --on 2027-06-01 --dev renswoude
    """
    session = Session(node, register)
    service = session.service
    view = service.view()
    signer = session.signer(key, dev, password_file)
    mandate = view.ledger.mandates.get(signer.address)
    if mandate is None:
        raise RefusedError(
            f"{signer.address} is a signatory of no organisation", hint="let your administrator appoint it"
        )
    chosen = service.agreement(view, agreement)
    act = service.draft_leave(view, chosen, mandate.organisation, given.first_second(on))
    ends = "; daarmee eindigt de overeenkomst" if act.ends else ""
    who = session.directory.name(mandate.organisation)
    question = f"{who} treedt uit {_title(session, act)}, {dutch.period(act)}{ends}. Doorgaan?"
    _ask(question, sure=_sure(yes, as_json, dev))
    approval = service.sign(act, signer, given.decision(decision))
    sent, _ = service.record(view, act, signer, [approval])
    _show_step(session, service.view(), act, "Vastgelegd", sent, as_json)


def _kill(
    done: str,
    target: str,
    reason: str,
    session: Session,
    key: str | None,
    dev: str | None,
    password_file: Path | None,
    yes: bool,
    as_json: bool,
) -> None:
    service = session.service
    view = service.view()
    meant = _meant(session, view, [target])
    signer = session.signer(key, dev, password_file)
    service.require_possible(view, meant.act)
    _ask(f"{_title(session, meant.act)} kan dan nooit meer worden vastgelegd. Doorgaan?", sure=_sure(yes, as_json, dev))
    digest, salt = reason_digest(reason) if reason else (bytes(32), b"")
    kept = _keep_reason(session, meant.act_hash, reason, salt) if reason else None
    sent = service.decline(view, meant.act, signer, digest)
    if as_json:
        details = {"actHash": "0x" + meant.act_hash.hex(), "reasonKept": str(kept) if kept else None}
        output.print_json(details | documents.sent(sent))
        return
    console = output.console()
    console.print(f"[bold]{done}[/]: {_title(session, meant.act)} ({dutch.short(meant.act_hash)}) kan nooit meer "
                  "worden vastgelegd.")  # fmt: skip
    if kept:
        console.print(f"De reden staat in {kept}; bewaar dat bestand.", soft_wrap=True)
    _show_sent(sent)


def _keep_reason(session: Session, act_hash: bytes, reason: str, salt: bytes) -> Path:
    """Before the digest goes on chain: a digest whose text is lost proves nothing."""
    # Named by the salt as well: an attempt that the contract refuses must not overwrite the reason that counted.
    path = session.settings.proposals / f"{act_hash.hex()}.{salt.hex()[:8]}.reason.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps({"reason": reason, "salt": salt.hex()}, ensure_ascii=False) + "\n", "utf-8")
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}") from error
    return path


def _meant(session: Session, view: View, targets: list[str]) -> _Meant:
    """The one act that the targets name; UsageError if they name more than one."""
    found: list[_Meant] = []
    for target in targets:
        if given.is_file(target):
            proposal = read_proposal(Path(target))
            if proposal.domain != session.service.register.domain:
                raise RefusedError(
                    f"{target} is for register {proposal.domain.register} on chain {proposal.domain.chain_id}, not for "
                    f"{session.service.register.address} on chain {session.chain.chain_id}",
                    hint="name the right node and register (--node, --register)",
                )
            found.append(_Meant(proposal.act, proposal.act_hash, proposal.approvals))
        else:
            on_chain = session.service.proposal(view, target)
            found.append(_Meant(on_chain.act, on_chain.act_hash, ()))
    if len({one.act_hash for one in found}) > 1:
        raise UsageError("these are different acts", hint="record one act at a time")
    return _Meant(found[0].act, found[0].act_hash, tuple(one for each in found for one in each.carried))


def _require_configured(session: Session, proposal: CarriedProposal) -> None:
    """Without a connection only the settings can tell whether a file is for the register that is meant."""
    meant = session.register or session.settings.register
    if meant and meant.lower() != proposal.domain.register.lower():
        raise RefusedError(
            f"the file is for register {proposal.domain.register}, and the settings name {meant}",
            hint="do not sign; or name the right register (--register, FOODVALLEY_REGISTER)",
        )


def _confirm(session: Session, act: Act, unseen: bool, sure: bool, decision: bytes, current: Act | None = None) -> None:
    """Shows what will be signed; refuses what cannot be read or says something else than its dossier."""
    manifest = seen(session.store, act, current)
    if manifest is None and not unseen:
        raise DossierError(
            f"the dossier 0x{act.dossier.hex()} of this act is not at hand, so there is nothing to read before signing",
            hint="add it (foodvalley dossier add FOLDER), or sign all the same with --unseen",
        )
    if sure:
        return
    title = output.escaped(dutch.title(manifest)) if manifest else "een dossier dat niet bij de hand is"
    output.console().print(f"U ondertekent: [bold]{title}[/]")
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
    _ask("Akkoord?", sure=False)


def _sure(yes: bool, as_json: bool, dev: str | None) -> bool:
    """Whether nobody need be asked: they said so, or a script plays with development accounts."""
    return yes or (dev is not None and (as_json or not sys.stdin.isatty()))


def _ask(question: str, *, sure: bool) -> None:
    """Lets a person think again before what cannot be undone; UsageError where nobody can answer."""
    if sure:
        return
    if not sys.stdin.isatty():
        raise UsageError("this cannot be undone, and there is nobody to ask", hint="say that you are sure with --yes")
    typer.confirm(question, abort=True, err=True)


def _title(session: Session, act: Act) -> str:
    manifest = session.service.manifest(act.dossier)
    return (
        f"“{output.escaped(dutch.title(manifest))}”"
        if manifest
        else "een handeling waarvan het dossier niet bij de hand is"
    )


def _show_step(
    session: Session, view: View, act: Act, done: str, sent: Sent, as_json: bool, carried: tuple[Approval, ...] = ()
) -> None:
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
    console = output.console()
    console.print(f"[bold]{done}[/]: {_title(session, act)}")
    output.print_fact("handeling", f"0x{act_hash.hex()}", whole=True)
    if recorded is not None:
        ends = "; daarmee eindigt de overeenkomst" if act.ends else ""
        output.print_fact("wat", f"{dutch.verb(recorded.verb)}, {dutch.period(act)}{ends}")
        output.print_fact("ondertekend", dutch.signed(recorded, session.directory))
    elif progress is not None:
        output.print_fact("wat", _what(view, act))
        _show_progress(session, progress, act_hash)
    _show_sent(sent)
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


def _show_sent(sent: Sent) -> None:
    output.print_fact("gas", f"{dutch.number(sent.gas_used)} (blok {sent.block})")


def _show_carried(session: Session, proposal: CarriedProposal, path: Path, as_json: bool) -> None:
    if as_json:
        output.print_json(to_json(proposal) | {"file": str(path)})
        return
    console = output.console()
    console.print(f"[bold]Ondertekend[/] in {path}", soft_wrap=True)
    output.print_fact("handeling", f"0x{proposal.act_hash.hex()}", whole=True)
    output.print_fact("partijen", dutch.names(proposal.act.parties, session.directory))
    for approval in proposal.approvals:
        output.print_fact("akkoord", approval.signatory)
    output.print_fact("verder met", f"geef het bestand door (foodvalley sign {path} --offline {path}),")
    output.print_fact("", f"en met alle akkoorden: foodvalley record {path}")
