"""Commands that ask a service instead of a node, and what a lying service can make of that: nothing that is signed."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from neighbours import Neighbour
from world import Region

from registry.carried import act_to_json, read_proposal
from registry.client import Client
from registry.errors import RefusedError, ServiceError
from registry.model import Act
from registry.statements import hash_act


@pytest.fixture
def served(region: Region, tmp_path: Path) -> Iterator[Neighbour]:
    """Veenendaal's service with one public agreement and one open proposal of the same two."""
    with Neighbour(region, "gm0345", tmp_path / "served", "veenendaal").serving() as one:
        one.announce()
        one.desk.concluded("gm0345", "gm0339", title="Convenant [openbaar]", extra={"visibility": "public"})
        act = one.desk.draft("gm0345", "gm0339", title="Voorstel in beslotenheid")
        one.desk.service.propose(act, region.signer("veenendaal"))
        one.follow()
        yield one


def _proposal(one: Neighbour) -> Act:
    (found,) = one.desk.view.ledger.open_proposals(one.region.now())
    return found.act


@pytest.fixture
def ask(command: Callable[..., Any], served: Neighbour, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs a command that knows a service, the deployment record and no node."""
    monkeypatch.setenv("FOODVALLEY_SERVICE", served.url)
    monkeypatch.setenv("FOODVALLEY_DEPLOYMENTS", str(served.region.folder))
    return command


def test_looking_needs_no_node(ask: Callable[..., Any], served: Neighbour) -> None:
    act_hash = "0x" + hash_act(_proposal(served)).hex()
    listed = ask("list")
    assert listed.code == 0, listed.err
    assert "Convenant [openbaar]" in listed.out
    assert "Voorstel in beslotenheid" not in listed.out  # it is not for everybody
    rows = ask("list", "--json").json
    assert [one["title"] for one in rows["items"]] == ["Convenant [openbaar]"]
    agreement = rows["items"][0]["agreement"]
    assert ask("list", "--organisation", "Ede").text == "Er is niets gevonden."
    assert ask("show", agreement[:12]).code == 0
    assert "Convenant [openbaar]" in ask("show", agreement[:12]).out
    assert "(voorstel)" in ask("show", act_hash[:12]).out
    assert act_hash[:12] in ask("waiting", "--for", "Renswoude").out
    assert ask("waiting", "--for", "Veenendaal").text == "Er wacht geen voorstel."
    assert "Recorded" in ask("history").out
    assert ask("history", agreement[:12]).code == 0
    assert ask("commitment", "list").code == 0
    file = served.desk.document(served.desk.view.ledger.agreements[bytes.fromhex(agreement[2:])].head.act)
    assert "Klopt" in ask("verify", file).out
    other = file.parent.parent / "other.pdf"
    other.write_bytes(b"%PDF-1.7 something else")
    assert ask("verify", other).code == 1
    assert ask("show", "0xffffffffff").code == 1
    assert ask("list", "--service", "http://127.0.0.1:9").code == 3
    assert ask("list", "--service", "nonsense").code == 2


def test_a_dossier_is_fetched_from_a_service_that_is_named(
    ask: Callable[..., Any], served: Neighbour, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    act = _proposal(served)
    monkeypatch.setenv("FOODVALLEY_NODE", served.region.url)  # a development key needs a local chain
    refused = ask("dossier", "fetch", f"0x{act.dossier.hex()}")
    assert refused.code == 1
    assert "that you may read" in refused.err
    assert ask("dossier", "fetch", f"0x{act.dossier.hex()}", "--dev", "ede").code == 1
    fetched = ask("dossier", "fetch", f"0x{act.dossier.hex()}", "--dev", "renswoude", "--json")
    assert fetched.code == 0, fetched.err
    assert fetched.json["title"] == "Voorstel in beslotenheid"
    monkeypatch.delenv("FOODVALLEY_SERVICE")
    monkeypatch.setenv("FOODVALLEY_DOSSIERS", str(tmp_path / "again"))
    monkeypatch.setenv("FOODVALLEY_ORGANISATION", "gm0339")
    at_home = ask("dossier", "fetch", f"0x{hash_act(act).hex()[:12]}", "--dev", "renswoude")
    assert at_home.code == 1
    assert "is not an https address" in at_home.err
    monkeypatch.setenv("FOODVALLEY_PRIVATE_PARTNERS", "true")
    assert ask("dossier", "fetch", f"0x{hash_act(act).hex()[:12]}", "--dev", "renswoude").code == 0
    assert ask("dossier", "fetch", f"0x{act.dossier.hex()}", "--dev", "renswoude").code == 0, "a root, whole"
    agreed = served.desk.view.ledger.agreements.popitem()[1].head
    recorded = ask("dossier", "fetch", f"0x{agreed.act_hash.hex()[:12]}", "--json")
    assert recorded.json["root"] == "0x" + agreed.act.dossier.hex()
    unknown = ask("dossier", "fetch", "0x" + "f0" * 32)
    assert unknown.code == 1
    assert f"no act or open proposal has the dossier 0x{'f0' * 32}" in unknown.err
    assert "0xf0f0f0 is the hash of no act or proposal here" in ask("dossier", "fetch", "0xf0f0f0").err


def test_signing_in_a_file_with_what_a_service_tells(
    ask: Callable[..., Any], served: Neighbour, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    act = _proposal(served)
    monkeypatch.setenv("FOODVALLEY_NODE", served.region.url)
    name, file = f"0x{hash_act(act).hex()[:12]}", tmp_path / "signed.json"
    unseen = ask("sign", name, "--dev", "renswoude", "--offline", file, "--json")
    assert unseen.code == 1
    assert "not at hand" in unseen.err
    assert ask("dossier", "fetch", f"0x{act.dossier.hex()}", "--dev", "renswoude").code == 0
    signed = ask("sign", name, "--dev", "renswoude", "--offline", file, "--json")
    assert signed.code == 0, signed.err
    assert signed.json["actHash"] == "0x" + hash_act(act).hex()


def lying(served: Neighbour, change: Callable[[str, Any], None], *, forgetful: bool = False) -> Iterator[str]:
    """A service that passes on what the true one says, with something changed; a forgetful one drops all parameters."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = httpx.get(served.url + (self.path.partition("?")[0] if forgetful else self.path))
            told = answer.json()
            change(self.path, told)
            body = json.dumps(told).encode()
            self.send_response(answer.status_code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def _other_act(path: str, told: Any) -> None:
    if path.startswith("/v1/proposals/"):
        told["act"]["validFrom"] += 86_400


def _other_act_with_its_hash(path: str, told: Any) -> None:
    if path.startswith("/v1/proposals/"):
        told["act"]["validFrom"] += 86_400
        changed = Act(
            bytes.fromhex(told["act"]["dossier"][2:]), tuple(told["act"]["parties"]), told["act"]["validFrom"]
        )
        assert act_to_json(changed) == told["act"]
        told["actHash"] = "0x" + hash_act(changed).hex()


def _other_act_everywhere(path: str, told: Any) -> None:
    """Also in the list, so that the digits fit: what was asked for is then another act altogether."""
    for one in told.get("items", []) if path.startswith("/v1/proposals") else [told]:
        if "act" in one:
            _other_act_with_its_hash("/v1/proposals/", one)


def _other_register(path: str, told: Any) -> None:
    if path.startswith("/v1/fingerprint"):
        told["register"] = "0x" + 39 * "0" + "1"


LIES = (
    (_other_act, "its hash is"),
    (_other_act_with_its_hash, "where 0x"),
    (_other_act_everywhere, "no agreement or open proposal|where 0x"),
    (_other_register, "serves the register"),
)


def test_a_lying_service_gets_no_signature_under_another_act(
    ask: Callable[..., Any],
    served: Neighbour,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    act = _proposal(served)
    monkeypatch.setenv("FOODVALLEY_NODE", served.region.url)
    monkeypatch.setenv("FOODVALLEY_DOSSIERS", str(served.settings.dossiers))
    for lie, complaint in LIES:
        for url in lying(served, lie):
            ran = ask("sign", f"0x{hash_act(act).hex()[:12]}", "--service", url, "--dev", "renswoude", "--yes",
                      "--offline", tmp_path / "signed.json")  # fmt: skip
            assert ran.code == 1, ran.out
            assert re.search(complaint, ran.err), ran.err
    assert not (tmp_path / "signed.json").exists()


def test_acts_that_are_not_those_of_the_agreement_are_not_followed(served: Neighbour) -> None:
    """A lying service could have an act signed that changes another agreement than the one that was named."""
    other = served.desk.concluded("gm0345", "gm0228")
    served.follow()
    identity = hash_act(
        next(one for one in served.desk.view.ledger.agreements.values() if one.head.act != other).head.act
    )

    def another(path: str, told: Any) -> None:
        told["recordedActs"] = [{"act": act_to_json(other), "actHash": "0x" + hash_act(other).hex()}]

    def none(path: str, told: Any) -> None:
        told["recordedActs"] = []

    def twice(path: str, told: Any) -> None:
        told["recordedActs"] *= 2

    with served.client() as client:
        assert [hash_act(one) for one in client.reading.acts_of(identity)] == [identity]
    for lie in (another, none, twice):
        for url in lying(served, lie):
            with Client(url) as client, pytest.raises(RefusedError, match="not those of agreement"):
                client.reading.acts_of(identity)


def test_a_register_may_be_named_in_small_letters(
    ask: Callable[..., Any], served: Neighbour, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FOODVALLEY_NODE", served.region.url)
    monkeypatch.setenv("FOODVALLEY_DOSSIERS", str(served.settings.dossiers))
    name, file = f"0x{hash_act(_proposal(served)).hex()[:12]}", tmp_path / "signed.json"
    register = served.region.register.address.lower()
    signed = ask("sign", name, "--service", served.url, "--register", register, "--dev", "renswoude", "--yes",
                 "--offline", file)  # fmt: skip
    assert signed.code == 0, signed.err
    assert read_proposal(file).domain == served.region.register.domain


def test_for_which_register_and_chain_to_sign_is_not_asked_of_a_service(
    ask: Callable[..., Any], served: Neighbour, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    register, folder = served.region.register, tmp_path / "records"
    name, file = f"0x{hash_act(_proposal(served)).hex()[:12]}", tmp_path / "signed.json"
    monkeypatch.setenv("FOODVALLEY_DEPLOYMENTS", str(folder))
    monkeypatch.setenv("FOODVALLEY_DOSSIERS", str(served.settings.dossiers))
    monkeypatch.setenv("FOODVALLEY_NODE", served.region.url)  # a development key needs a local chain

    def sign(*words: str) -> Any:
        return ask("sign", name, "--service", served.url, "--dev", "renswoude", "--yes", "--offline", file, *words)

    for words in ((), ("--register", register.address)):
        ran = sign(*words)
        assert (ran.code, "--register ADDRESS" in ran.err, "FOODVALLEY_CHAIN_ID" in ran.err) == (2, True, True)
    (record,) = served.region.folder.glob("*.json")
    folder.mkdir()
    told = json.loads(record.read_text("utf-8"))
    for chain_id in (told["chain_id"], 4711):
        (folder / f"{chain_id}.json").write_text(json.dumps(told | {"chain_id": chain_id}), "utf-8")
    assert sign().code == 2, "two records: one on each chain, at the same address"
    assert not file.exists()
    monkeypatch.delenv("FOODVALLEY_NODE")
    monkeypatch.setenv("FOODVALLEY_CHAIN_ID", "4711")
    for words in ((), ("--register", register.address)):
        other = ask("sign", name, "--key", "nobody", "--yes", "--offline", file, *words)
        assert other.code == 1
        assert "on chain 4711" in other.err
    monkeypatch.setenv("FOODVALLEY_NODE", served.region.url)
    assert "not 4711" in ask("status", "--node", served.region.url).err
    monkeypatch.setenv("FOODVALLEY_CHAIN_ID", str(told["chain_id"]))
    for words in ((), ("--register", register.address)):
        assert sign(*words).code == 0
        file.unlink()


def test_the_client_pages_and_stops(served: Neighbour) -> None:
    for _ in range(3):
        served.desk.concluded("gm0345", "gm0228")
    served.follow()
    with served.client() as client:
        assert len(list(client.reading.every_agreement(limit=1))) == 4
        assert len(client.reading.agreements(limit=2).rows) == 2
        assert client.reading.statistics()["agreements"] == 4
        with pytest.raises(RefusedError):
            client.reading.agreement(b"\x01" * 32)

    def circle(path: str, told: Any) -> None:
        told["next"] = "again"

    for url in lying(served, circle, forgetful=True):
        with Client(url) as client, pytest.raises(ServiceError, match="again and again"):
            list(client.reading.every_agreement())


@pytest.mark.long
def test_an_agreement_is_made_through_services_alone(
    ask: Callable[..., Any], served: Neighbour, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Proposed with a dossier from elsewhere, signed and recorded at one service; a node is there for --dev only."""
    monkeypatch.setenv("FOODVALLEY_NODE", served.region.url)
    source = Neighbour(served.region, "gm0345", tmp_path / "drawer").desk.source("gm0345", "gm0339", title="Nieuw")
    proposed = ask("propose", source, "--dev", "veenendaal", "--json")
    assert proposed.code == 0, proposed.err
    act_hash = proposed.json["actHash"]
    served.follow()
    signed = ask("sign", act_hash[:14], "--dev", "renswoude", "--yes")
    assert signed.code == 0, signed.err
    assert "Ondertekend" in signed.out
    served.follow()
    recorded = ask("record", act_hash[:14])
    assert recorded.code == 0, recorded.err
    served.follow()
    assert bytes.fromhex(act_hash[2:]) in served.desk.view.ledger.agreements
    assert ask("sign", act_hash[:14], "--dev", "renswoude", "--yes").code == 2  # it is an agreement now
    # The next act of it, which the service has not seen before.
    follows = Neighbour(served.region, "gm0345", tmp_path / "drawer-2").desk.source("gm0345", "gm0339", title="Later")
    amended = ask("propose", follows, "--follows", act_hash[:14], "--dev", "veenendaal", "--json")
    assert amended.code == 0, amended.err
    served.follow()
    assert ask("sign", amended.json["actHash"][:14], "--dev", "renswoude", "--yes").code == 0
