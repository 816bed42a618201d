"""Files with signatures: whether they are for the register that is meant, and what to do with them next."""

from __future__ import annotations

from pathlib import Path

from registry.carried import CarriedMotion, CarriedProposal, to_json
from registry.cli import output
from registry.cli.session import Session
from registry.errors import RefusedError
from registry.statements import Domain


def require_this_register(session: Session, path: str, domain: Domain) -> None:
    """RefusedError if a file is for another register than the one that is asked now."""
    if domain != session.service.register.domain:
        raise RefusedError(
            f"{path} is for register {domain.register} on chain {domain.chain_id}, not for "
            f"{session.service.register.address} on chain {session.chain.chain_id}",
            hint="name the right node and register (--node, --register)",
        )


def require_configured(session: Session, domain: Domain) -> None:
    """The same without a connection: only the settings can tell which register is meant."""
    meant = session.register or session.settings.register
    if meant and meant.lower() != domain.register.lower():
        raise RefusedError(
            f"the file is for register {domain.register}, and the settings name {meant}",
            hint="do not sign; or name the right register (--register, FOODVALLEY_REGISTER)",
        )


def show_signed(carried: CarriedProposal | CarriedMotion, path: Path, what: tuple[str, str], as_json: bool) -> None:
    """Says what a file now holds; ``what`` is a label and what it says of the act or motion."""
    if as_json:
        output.print_json(to_json(carried) | {"file": str(path)})
        return
    if isinstance(carried, CarriedMotion):
        label, subject, sign, use = "motie", carried.motion_hash, "motion sign", "motion decide"
    else:
        label, subject, sign, use = "handeling", carried.act_hash, "sign", "record"
    output.console().print(f"[bold]Ondertekend[/] in {output.escaped(str(path))}", soft_wrap=True)
    output.print_fact(label, f"0x{subject.hex()}", whole=True)
    output.print_fact(*what)
    for approval in carried.approvals:
        output.print_fact("akkoord", approval.signatory)
    output.print_fact("verder met", f"geef het bestand door (foodvalley {sign} {path} --offline {path}),")
    output.print_fact("", f"en met genoeg akkoorden: foodvalley {use} {path}")
