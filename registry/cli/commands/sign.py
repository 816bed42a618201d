"""Making an act: propose, sign, record, decline, withdraw, leave."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from registry import documents, dutch
from registry.carried import CarriedProposal, read_proposal, write_carried
from registry.cli import acts, asking, carrying, given, options, output, reasons, sending
from registry.cli.session import Session
from registry.errors import RefusedError
from registry.service import sign_approval
from registry.statements import hash_act

Target = Annotated[str, typer.Argument(metavar="ACT|FILE", help="Hash of a proposal on chain (its first digits do), "
                                       "or a proposal file.")]  # fmt: skip
Unseen = Annotated[
    bool, typer.Option("--unseen", help="Sign without the dossier at hand: you sign what you cannot read.")
]


def add_to(app: typer.Typer) -> None:
    """Hangs the commands under the root."""
    for command in (propose, sign, record, decline, withdraw, leave):
        app.command(rich_help_panel="Agree")(command)


def propose(
    dossier: Annotated[
        str, typer.Argument(metavar="DOSSIER", help="Folder with a manifest, or a dossier in the store.")
    ],
    follows: Annotated[
        str | None, typer.Option("--follows", metavar="AGREEMENT", help="The agreement that this act changes or ends.")
    ] = None,
    decision: options.Decision = None,
    offline: Annotated[
        Path | None, typer.Option("--offline", metavar="FILE", help="Write a signed proposal file; no transaction.")
    ] = None,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    service_url: options.ServiceUrl = None,
    as_json: options.Json = False,
) -> None:
    """Put an act before its parties, and approve it for your own organisation.

    The act is what the manifest of the dossier says: its parties, dates and notice. Without --follows it
    concludes a new agreement; with --follows it amends, widens, narrows or ends one. The others sign with
    'foodvalley sign'; then anyone records it with 'foodvalley record'.

    Example: foodvalley propose samples/dienstverlening-veenendaal-renswoude --dev veenendaal
    """
    session = Session(node, register, service_url)
    digest = given.digest(decision)
    if session.remote is not None and offline is None:
        from registry.cli.remote import signing

        keys = (key, dev, password_file)
        signing.propose(session, session.remote, dossier, follows, digest, key=keys, as_json=as_json)
        return
    service = session.service
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
        _show_signed(session, written, offline, as_json)
        return
    sent = service.propose(act, signer, digest)
    after = service.view()
    acts.show_step(session, after, act, "Voorgesteld", sent, as_json)


def sign(
    target: Target,
    decision: options.Decision = None,
    offline: options.SignOffline = None,
    unseen: Unseen = False,
    yes: options.Yes = False,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    service_url: options.ServiceUrl = None,
    as_json: options.Json = False,
) -> None:
    """Approve an act for your organisation, on chain or into a file.

    Shows what you sign, and refuses if the act says something else than the dossier at hand. A key without
    funds can sign with --offline: whoever records the act pays. A proposal file can be signed without any
    connection.

    Example: foodvalley sign 0x3f21 --dev renswoude
    """
    session = Session(node, register, service_url)
    digest = given.digest(decision)
    if given.is_file(target) and offline is not None:
        proposal = read_proposal(Path(target))
        carrying.require_configured(session, proposal.domain)
        acts.confirm(session, proposal.act, unseen, asking.is_sure(yes, as_json, dev), digest)
        signer = session.signer(key, dev, password_file)
        signed = proposal.with_approval(sign_approval(proposal, signer, digest))
        _show_signed(session, write_carried(offline, signed), offline, as_json)
        return
    if session.remote is not None:
        from registry.cli.remote import signing

        sure, keys = asking.is_sure(yes, as_json, dev), (key, dev, password_file)
        signing.sign(session, session.remote, target, digest, offline=offline, unseen=unseen, sure=sure, key=keys,
                     as_json=as_json)  # fmt: skip
        return
    service = session.service
    view = service.view()
    meant = acts.meant(session, view, [target])
    service.require_possible(view, meant.act)
    agreement = view.ledger.agreements.get(meant.act.agreement)
    current = agreement.head.act if agreement else None
    acts.confirm(session, meant.act, unseen, asking.is_sure(yes, as_json, dev), digest, current)
    signer = session.signer(key, dev, password_file)
    if offline is not None:
        proposal = CarriedProposal(service.register.domain, meant.act, meant.carried)
        signed = proposal.with_approval(sign_approval(proposal, signer, digest))
        _show_signed(session, write_carried(offline, signed), offline, as_json)
        return
    sent = service.approve(hash_act(meant.act), signer, digest)
    acts.show_step(session, service.view(), meant.act, "Ondertekend", sent, as_json, meant.carried)


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
    service_url: options.ServiceUrl = None,
    as_json: options.Json = False,
) -> None:
    """Record an act that everybody concerned approved; from then on it counts.

    Anyone may do this and pay for it: the signatures are the authority. Approvals on chain and approvals in
    files add up.

    Example: foodvalley record 0x3f21 --dev carrier
    """
    session = Session(node, register, service_url)
    if session.remote is not None:
        from registry.cli.remote import signing

        signing.record(session, session.remote, targets, as_json)
        return
    service = session.service
    view = service.view()
    meant = acts.meant(session, view, targets)
    signer = session.signer(key, dev, password_file)
    sent, _ = service.record(view, meant.act, signer, meant.carried)
    acts.show_step(session, service.view(), meant.act, "Vastgelegd", sent, as_json)


def decline(
    target: Target,
    reason: options.Reason = "",
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
    reason: options.Reason = "",
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
    organisation: options.InTheStead = None,
    decision: options.Decision = None,
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
    To leave earlier, propose an act without your organisation, which the others must approve. --for leaves in the
    stead of an organisation whose place yours took.

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
    whom = session.directory.find(organisation).id if organisation else mandate.organisation
    act = service.draft_leave(view, chosen, whom, given.first_second(on))
    ends = "; daarmee eindigt de overeenkomst" if act.ends else ""
    who = dutch.names(sorted(set(chosen.head.act.parties) - set(act.parties)), session.directory)
    question = f"{who} treedt uit {acts.title(session, act)}, {dutch.period(act)}{ends}. Doorgaan?"
    asking.ask(question, sure=asking.is_sure(yes, as_json, dev))
    approval = service.sign(act, signer, given.digest(decision))
    sent, _ = service.record(view, act, signer, [approval])
    acts.show_step(session, service.view(), act, "Vastgelegd", sent, as_json)


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
    meant = acts.meant(session, view, [target])
    signer = session.signer(key, dev, password_file)
    service.require_possible(view, meant.act)
    question = f"{acts.title(session, meant.act)} kan dan nooit meer worden vastgelegd. Doorgaan?"
    asking.ask(question, sure=asking.is_sure(yes, as_json, dev))
    digest, kept = reasons.keep(session, meant.act_hash, reason)
    sent = service.decline(view, meant.act, signer, digest)
    if as_json:
        details = {"actHash": "0x" + meant.act_hash.hex(), "reasonKept": str(kept) if kept else None}
        output.print_json(details | documents.sent(sent))
        return
    console = output.console()
    console.print(f"[bold]{done}[/]: {acts.title(session, meant.act)} ({dutch.short(meant.act_hash)}) kan nooit meer "
                  "worden vastgelegd.")  # fmt: skip
    if kept:
        console.print(f"De reden staat in {kept}; bewaar dat bestand.", soft_wrap=True)
    sending.show(sent)


def _show_signed(session: Session, proposal: CarriedProposal, path: Path, as_json: bool) -> None:
    carrying.show_signed(proposal, path, ("partijen", dutch.names(proposal.act.parties, session.directory)), as_json)
