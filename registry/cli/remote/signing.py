"""Signing with a service instead of a node: it is asked what there is, and never believed in what is signed.

The act is hashed here and must be the one that was named; its terms are held against the dossier in the own store; the
typed data is written here for the register that the settings name or the deployment record of its chain. What comes
back from the service decides nothing.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from registry import dutch
from registry.carried import CarriedProposal, read_proposal, write_carried
from registry.chain.deploy import recorded_deployments
from registry.chain.encode import address
from registry.cli import acts, carrying, given, output
from registry.cli.remote.looking import named
from registry.cli.session import Session
from registry.client import Client
from registry.errors import RefusedError, UsageError
from registry.model import NO_HASH, Act, Approval
from registry.service import require_same_terms, sign_approval
from registry.statements import Domain, hash_act


def domain_of(session: Session, client: Client) -> Domain:
    """The register and the chain that are signed for: what is known of them here, not what a service says.

    UsageError if it is not known here, or of more than one; RefusedError if the service serves another.
    """
    told, settings = client.reading.domain(), session.settings
    named = address(session.register) if session.register else settings.register
    records = [
        Domain(one.chain_id, one.address)
        for one in recorded_deployments(settings.deployments)
        if named in (None, one.address) and settings.chain_id in (None, one.chain_id)
    ]
    known = [Domain(settings.chain_id, named)] if named and settings.chain_id else records
    if len(known) != 1:
        raise UsageError(
            "it is not known here for which register on which chain to sign, and a service is not believed in that",
            hint=f"name both: --register ADDRESS or FOODVALLEY_REGISTER, and FOODVALLEY_CHAIN_ID (the service says "
            f"{told.register[:42]!r} on chain {told.chain_id})",
        )
    if (told.chain_id, told.register.lower()) != (known[0].chain_id, known[0].register.lower()):
        raise RefusedError(
            f"{client.http.shown} serves the register {told.register[:42]!r} on chain {told.chain_id}, not "
            f"{known[0].register} on chain {known[0].chain_id}",
            hint="do not sign; name the right service, register or chain",
        )
    return known[0]


def sign(
    session: Session,
    client: Client,
    target: str,
    decision: bytes,
    *,
    offline: Path | None,
    unseen: bool,
    sure: bool,
    key: tuple[str | None, str | None, Path | None],
    as_json: bool,
) -> None:
    """Approves a proposal that the service knows, into a file or by handing the signature in."""
    domain = domain_of(session, client)
    kind, act_hash = named(client, target)
    if kind != "proposal":
        raise UsageError(f"{target} is an agreement that was recorded already", hint="see: foodvalley waiting")
    act = client.reading.proposal(act_hash).act
    acts.confirm(session, act, unseen, sure, decision, _current(client, act))
    signer = session.signer(*key)
    if offline is not None:
        proposal = CarriedProposal(domain, act)
        written = write_carried(offline, proposal.with_approval(sign_approval(proposal, signer, decision)))
        carrying.show_signed(written, offline, ("partijen", dutch.names(act.parties, session.directory)), as_json)
        return
    handed = client.writing.approve(domain, act, signer, decision)
    _show(session, client, act, "Ondertekend", handed, as_json)


def propose(
    session: Session,
    client: Client,
    dossier: str,
    follows: str | None,
    decision: bytes,
    *,
    key: tuple[str | None, str | None, Path | None],
    as_json: bool,
) -> None:
    """Puts the act of a dossier before its parties; the dossier is sent to the service first."""
    domain = domain_of(session, client)
    built = session.dossier(dossier)
    signer = session.signer(*key)
    history = client.reading.acts_of(_agreement(client, follows)) if follows else []
    terms = built.manifest.terms()
    act = Act(
        dossier=built.root,
        parties=terms.parties,
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        notice=terms.notice,
        deadline=terms.deadline,
        agreement=hash_act(history[0]) if history else NO_HASH,
        previous=hash_act(history[-1]) if history else NO_HASH,
    )
    if not history and len(act.parties) < 2:
        raise UsageError("the manifest names no parties, so it ends an agreement: which one?",
                         hint="name it with --follows AGREEMENT (see: foodvalley list)")  # fmt: skip
    require_same_terms(act, built.manifest, history[-1] if history else None)
    client.sign_in(signer, domain.chain_id, domain.register)
    with output.counting("Dossier versturen") as tell:
        client.dossiers.send(built.folder, built.root, [one.path for one in built.leaves], tell)
    handed = client.writing.propose(domain, act, signer, decision)
    _show(session, client, act, "Voorgesteld", handed, as_json)


def record(session: Session, client: Client, targets: list[str], as_json: bool) -> None:
    """Has an act recorded with the approvals on the chain and in files; the service pays."""
    domain = domain_of(session, client)
    found: dict[bytes, Act] = {}
    approvals: list[Approval] = []
    for target in targets:
        if given.is_file(target):
            proposal = read_proposal(Path(target))
            if proposal.domain != domain:
                raise RefusedError(f"{target} is for another register", hint="name the right service or register")
            found[proposal.act_hash] = proposal.act
            approvals += proposal.approvals
        else:
            kind, act_hash = named(client, target)
            if kind != "proposal":
                raise UsageError(f"{target} was recorded already", hint="see: foodvalley list")
            found[act_hash] = client.reading.proposal(act_hash).act
    if len(found) > 1:
        raise UsageError("these are different acts", hint="record one act at a time")
    (act,) = found.values()
    _show(session, client, act, "Vastgelegd", client.writing.record(act, approvals), as_json)


def _agreement(client: Client, text: str) -> bytes:
    kind, found = named(client, text)
    if kind != "agreement":
        raise UsageError(f"{text} is a proposal, not an agreement", hint="see: foodvalley list")
    return found


def _current(client: Client, act: Act) -> Act | None:
    """The act that this one follows, whose hash the act itself names."""
    if act.concludes:
        return None
    current = next((one for one in client.reading.acts_of(act.agreement) if hash_act(one) == act.previous), None)
    if current is None:
        raise RefusedError(
            f"{client.http.shown} does not know the act that this one follows, 0x{act.previous.hex()}",
            hint="ask another service, or a node",
        )
    return current


def _show(session: Session, client: Client, act: Act, done: str, handed: Mapping[str, Any], as_json: bool) -> None:
    with output.waiting("De dienst brengt het naar de keten"):
        settled = client.writing.settled(handed, session.settings.timeout_seconds)
    if as_json:
        output.print_json({"actHash": "0x" + hash_act(act).hex(), "submission": dict(settled), "at": int(time.time())})
        return
    output.console().print(f"[bold]{done}[/]: {acts.title(session, act)}")
    output.print_fact("handeling", f"0x{hash_act(act).hex()}", whole=True)
    output.print_fact("transactie", output.escaped(str(settled.get("transaction"))), whole=True)
