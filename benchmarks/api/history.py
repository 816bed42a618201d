"""A chain with a history, and dossiers to it: events by the hundred, and the sample agreements signed on top."""

from __future__ import annotations

from pathlib import Path

from registry import keys
from registry.chain import Register
from registry.dossier import Store, build
from registry.model import Act
from registry.service import Service

_SAMPLES = Path(__file__).resolve().parents[2] / "samples"
_SIGNED = ("samenwerking-blockchain", "mobiliteitsconvenant", "dienstverlening-veenendaal-renswoude")
_PROPOSED = ("dienstverlening-veenendaal-renswoude-wijziging-1",)


def add_samples(register: Register, url: str, store: Store) -> None:
    """Records the sample agreements, two of which are open to everybody, and leaves a change of the third proposed."""
    service = Service(register, store)

    def signer(role: str) -> keys.Signer:
        return keys.development_signer(role, register.chain.client_version, url, register.chain.chain_id)

    last: Act | None = None
    for name in _SIGNED:
        last = service.draft(service.view(), build(_SAMPLES / name, store))
        approvals = [service.sign(last, signer(party)) for party in last.parties]
        service.record(service.view(), last, signer("carrier"), approvals)
    for name in _PROPOSED:
        view = service.view()
        follows = next(one for one in view.ledger.agreements.values() if last is not None and one.head.act == last)
        act = service.draft(view, build(_SAMPLES / name, store), follows)
        service.propose(act, signer(act.parties[0]))
