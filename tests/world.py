"""What the tests stand on: a register on a real local chain, dossiers to agree on, and nodes that misbehave."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from registry import keys, localnet
from registry.chain import Chain, Deployment, Register, Sent, connect, deploy
from registry.dossier import Dossier, Store, build
from registry.errors import ContractError
from registry.governing import Governing
from registry.localnet import LocalChain
from registry.model import NO_HASH, Act, Action, Approval, Founder, Mandate, Motion
from registry.organisations import DIRECTORY, FOOD_VALLEY
from registry.promises import Promises
from registry.service import Service, View

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "samples"
DAY = 86_400
YEAR = 365 * DAY
FIRST_SECOND_OF_2026 = 1_767_222_000  # in the Netherlands
GUESTS = ("pv25", "pv26")
ORGANISATIONS = (*FOOD_VALLEY, *GUESTS)


def ask(url: str, method: str, *params: object) -> Any:
    """The result of one JSON-RPC call."""
    host = url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=20)
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    try:
        connection.request("POST", "/", body, {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    assert "error" not in answer, answer
    return answer["result"]


def founders() -> list[Founder]:
    return [Founder(one, account(f"{one}:admin"), votes=one in FOOD_VALLEY) for one in ORGANISATIONS]


def account(role: str) -> str:
    return localnet.development_account(localnet.development_role(role)).address


@dataclass
class Region:
    """The council of the Food Valley and its register, with two signatories for each organisation."""

    local: LocalChain
    folder: Path
    chain: Chain = field(init=False)
    deployment: Deployment = field(init=False)
    register: Register = field(init=False)

    def __post_init__(self) -> None:
        self.chain = connect(self.local.url, 20)
        self.deployment, _ = deploy(self.chain, founders(), self.signer("carrier"), self.folder)
        self.register = self.deployment.register(self.chain)

    @classmethod
    def founded(cls, local: LocalChain, folder: Path) -> Region:
        region = cls(local, folder)
        for organisation in ORGANISATIONS:
            region.appoint(organisation, organisation, together=1)
            region.appoint(organisation, f"{organisation}:2", together=2)
        return region

    @property
    def url(self) -> str:
        return self.local.url

    def ask(self, method: str, *params: object) -> Any:
        return ask(self.url, method, *params)

    def signer(self, role: str) -> keys.Signer:
        return keys.development_signer(role, self.chain.client_version, self.url, self.chain.chain_id)

    def appoint(self, organisation: str, role: str, **terms: Any) -> Sent:
        identifier = DIRECTORY.find(organisation).id
        signatory = role if role.startswith("0x") else account(role)
        mandate = Mandate(signatory, identifier, **{"valid_from": FIRST_SECOND_OF_2026, **terms})
        return self.register.appoint(mandate, self.signer(f"{identifier}:admin"))

    def send(self, role: str, data: bytes) -> None:
        """Calls the register with these bytes, also such as the package itself would never send."""
        call = {"from": account(role), "to": self.register.address, "data": "0x" + data.hex(), "gas": hex(1_000_000)}
        sent = self.ask("eth_sendTransaction", call)
        assert self.chain.receipt(bytes.fromhex(sent.removeprefix("0x")))["status"] == 1

    def service(self, store: Store) -> Service:
        return Service(self.register, store)

    def now(self) -> int:
        return self.chain.latest()[1]

    def travel(self, seconds: int) -> int:
        """Lets time pass, and a block be mined; returns the time of that block."""
        self.ask("evm_increaseTime", seconds)
        self.ask("evm_mine")
        return self.now()


@contextmanager
def refusal(name: str, *words: str) -> Iterator[None]:
    """The contract's own error, by its name and with these words in the sentence."""
    with pytest.raises(ContractError) as caught:
        yield
    assert caught.value.name == name
    assert caught.value.exit_code == 1
    for word in words:
        assert word in caught.value.message
    assert "{" not in caught.value.message


@contextmanager
def as_it_was(region: Region) -> Iterator[Region]:
    """The region, and afterwards the chain as it was before."""
    snapshot = region.ask("evm_snapshot")
    try:
        yield region
    finally:
        assert region.ask("evm_revert", snapshot) is True


def day_of(moment: int, *, later: int = 0) -> date:
    """The calendar day in the Netherlands, so many days later."""
    return datetime.fromtimestamp(moment, ZoneInfo("Europe/Amsterdam")).date() + timedelta(days=later)


def write_source(
    folder: Path,
    parties: tuple[str, ...],
    since: date,
    *,
    until: date | None = None,
    title: str = "Convenant Fietsroutes",
    text: str = "de tekst",
    notice_days: int = 0,
    deadline: date | None = None,
    extra: dict[str, object] | None = None,
) -> Path:
    """A folder with a manifest, the agreement (overeenkomst.pdf) and an attachment (bijlage.txt)."""
    folder.mkdir(parents=True)
    manifest: dict[str, object] = {
        "manifest": 1,
        "title": title,
        "summary": "De partijen leggen samen fietsroutes aan.",
        "kind": "convenant",
        "policyArea": "mobiliteit",
        "parties": [{"organisation": DIRECTORY.find(one).id, "organ": "college"} for one in parties],
        "validFrom": since.isoformat(),
        "noticeDays": notice_days,
        "files": [
            {"path": "overeenkomst.pdf", "role": "overeenkomst"},
            {"path": "bijlage.txt", "role": "bijlage", "title": "Bijlage 1: kaart"},
        ],
    }
    if until:
        manifest["validUntil"] = until.isoformat()
    if deadline:
        manifest["deadline"] = deadline.isoformat()
    # JSON is YAML, too.
    (folder / "manifest.yaml").write_text(json.dumps(manifest | (extra or {}), indent=1, ensure_ascii=False))
    (folder / "overeenkomst.pdf").write_bytes(b"%PDF-1.7\n" + text.encode())
    (folder / "bijlage.txt").write_text(f"kaart bij {text}")
    return folder


def rewritten(source: Path) -> Path:
    """The same folder with another text in it, so that it makes another dossier."""
    document = source / "overeenkomst.pdf"
    document.write_bytes(document.read_bytes() + b"\n% en nog iets")
    return source


@dataclass
class Desk:
    """A municipality at work: a service on the region's register with a store of its own."""

    region: Region
    home: Path
    service: Service = field(init=False)
    _made: int = 0

    def __post_init__(self) -> None:
        self.service = self.region.service(Store(self.home / "dossiers"))

    @property
    def view(self) -> View:
        return self.service.view()

    @property
    def governing(self) -> Governing:
        return Governing(self.service)

    @property
    def promises(self) -> Promises:
        return Promises(self.service)

    def in_step(self, *organisations: str) -> View:
        """The view, once the contract was found to say the same of these organisations; of all if none is named."""
        view, register = self.view, self.region.register
        membership = view.ledger.membership
        for one in organisations or membership.members:
            known = membership.members.get(one)
            assert register.member_of(one) == (replace(known, service="") if known else None)
            waiting = membership.pending.get(one)
            decided = membership.motions[waiting].decided if waiting else None
            assert register.pending_of(one) == (waiting or NO_HASH, decided.effect_from if decided else 0)
            for held in membership.signatories_of(one):
                assert register.mandate_of(held.signatory) == replace(held, decision=NO_HASH)
        assert register.voters() == membership.voters
        return view

    def motion(self, action: Action, organisation: str, *, days: int = 60, **terms: Any) -> Motion:
        """A motion that can be decided for so many days; its organisations by identifier, its key by role."""
        if "administrator" in terms:
            terms["administrator"] = account(terms["administrator"])
        return Motion(action, organisation, self.region.now() + days * DAY, **terms)

    def votes(self, motion: Motion, *roles: str) -> list[Approval]:
        return [self.governing.sign(motion, self.region.signer(role)) for role in roles]

    def decided(self, motion: Motion, *roles: str) -> Motion:
        """Has a bare majority sign, and these besides, and the carrier decide."""
        others = [one for one in FOOD_VALLEY if one not in (motion.organisation, motion.successor)][:5]
        approvals = self.votes(motion, *dict.fromkeys([*others, *roles]))
        self.governing.decide(self.view, motion, self.region.signer("carrier"), approvals)
        return motion

    def source(self, *parties: str, since: int = -30, until: int | None = None, **terms: Any) -> Path:
        """A folder to build; days count from today, as the chain has it."""
        self._made += 1
        now = self.region.now()
        last = None if until is None else day_of(now, later=until)
        terms = {"text": f"tekst {self._made}", **terms}
        folder = self.home / f"source-{self._made}"
        return write_source(folder, parties, day_of(now, later=since), until=last, **terms)

    def dossier(self, *parties: str, **terms: Any) -> Dossier:
        return build(self.source(*parties, **terms), self.service.store)

    def draft(self, *parties: str, follows: Act | None = None, **terms: Any) -> Act:
        view = self.view
        agreement = view.ledger.agreement_of(_hash(follows)) if follows else None
        return self.service.draft(view, self.dossier(*parties, **terms), agreement)

    def sign(self, act: Act, *roles: str) -> list[Any]:
        return [self.service.sign(act, self.region.signer(role)) for role in roles]

    def agree(self, act: Act, *roles: str) -> Act:
        """Has them sign, and the carrier record it."""
        signed = self.sign(act, *(roles or act.parties))
        self.service.record(self.view, act, self.region.signer("carrier"), signed)
        return act

    def concluded(self, *parties: str, **terms: Any) -> Act:
        return self.agree(self.draft(*parties, **terms))

    def document(self, act: Act, name: str = "overeenkomst.pdf") -> Path:
        return self.service.store.place(act.dossier) / name


def _hash(act: Act) -> bytes:
    from registry.statements import hash_act

    return hash_act(act)


Call = dict[str, Any]
Answer = Any
Hook = Callable[[Call, Callable[[Call], Answer]], Answer]


class HangUp(Exception):  # noqa: N818 - not an error, a wish
    """Raised by a hook: close the connection without an answer."""


@contextmanager
def node(
    hook: Hook | None = None,
    behind: str | None = None,
    raw: bytes | None = None,
    status: int = 200,
    singles: bool = False,
):  # type: ignore[no-untyped-def]
    """The address of a node that answers as the hook does, with the true node behind it; or always the same bytes.

    With ``singles`` it takes one call at a time only.
    """

    def forward(call: Call) -> Answer:
        host = (behind or "").removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=20)
        try:
            connection.request("POST", "/", json.dumps(call), {"Content-Type": "application/json"})
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            try:
                if raw is not None:
                    answer = raw
                elif isinstance(asked, list) and singles:
                    answer = b'{"jsonrpc": "2.0", "id": null, "error": {"code": -32600, "message": "no batches"}}'
                elif isinstance(asked, list):
                    answer = json.dumps([hook(call, forward) for call in asked]).encode()
                else:
                    answer = json.dumps(hook(asked, forward)).encode()
            except HangUp:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
