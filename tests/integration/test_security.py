"""The attacks on a service that are no subject of another file; docs/security.md lists them all."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from neighbours import Neighbour, until
from world import ROOT, Region

from registry.dossier import build

PAGE = ROOT / "docs" / "security.md"


def test_each_attack_on_the_page_has_its_test() -> None:
    rows = [one for one in PAGE.read_text().splitlines() if one.startswith("| ") and "::" in one]
    assert len(rows) > 30
    for row in rows:
        (named,) = re.findall(r"`((?:integration|unit)/test_\w+\.py)::(test_\w+)`", row)
        file, name = named
        assert f"\ndef {name}(" in (ROOT / "tests" / file).read_text(), row
    table = PAGE.read_text().split("## What is tried")[1].split("\n## ")[0]
    assert len([one for one in table.splitlines() if one.startswith("| ")]) == len(rows) + 1  # and the head


@pytest.fixture
def served(region: Region, tmp_path: Path) -> Neighbour:
    return Neighbour(region, "gm0345", tmp_path / "veenendaal", "veenendaal")


def _public(one: Neighbour, name: str, content: bytes) -> str:
    """The address of a document with this name in a public dossier."""
    source = one.desk.source("gm0345", "gm0339", extra={"visibility": "public"})
    manifest = json.loads((source / "manifest.yaml").read_text())
    manifest["files"][1]["path"] = name
    (source / name).write_bytes(content)
    (source / "manifest.yaml").write_text(json.dumps(manifest))
    act = one.desk.service.draft(one.desk.view, build(source, one.store))
    one.desk.service.propose(act, one.region.signer("veenendaal"))
    one.follow()
    return f"{one.url}/v1/dossiers/0x{act.dossier.hex()}/documents/2"


@pytest.mark.parametrize("name", ['a"; filename="evil.exe', "a'b;c=d.txt", "é %0d%0aX-Injected: 1.txt", "名前.txt"])
def test_the_name_of_a_file_injects_no_header(served: Neighbour, name: str) -> None:
    with served.serving():
        answer = httpx.get(_public(served, name, b"x"))
    assert answer.status_code == 200
    told = answer.headers["content-disposition"]
    assert re.fullmatch(r"attachment; filename\*=UTF-8''[A-Za-z0-9%._~-]+", told)
    assert "x-injected" not in answer.headers


def test_a_document_is_never_shown_as_a_page(served: Neighbour) -> None:
    with served.serving():
        answer = httpx.get(_public(served, "page.html", b"<script>alert(1)</script>"))
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_dossier_that_is_damaged_tells_nothing_of_the_disk(served: Neighbour, tmp_path: Path) -> None:
    with served.serving():
        address = _public(served, "bijlage.txt", b"x")
        place = served.store.place(bytes.fromhex(address.split("/")[5][2:]))
        (place / "bijlage.txt").unlink()
        missing = httpx.get(address)
        sizes = [one["size"] for one in httpx.get(address.rpartition("/documents")[0]).json()["documents"]]
        (place / "manifest.json").write_text("{}")
        damaged = httpx.get(address)
    assert (missing.status_code, damaged.status_code) == (503, 404)
    assert sizes[2] is None
    for one in (missing, damaged):
        assert str(tmp_path) not in one.text


def _process(one: Neighbour) -> subprocess.Popen[str]:
    """The service as a process of its own, for what it writes on standard error."""
    settings = one.settings
    told = {
        "FOODVALLEY_HOME": settings.home,
        "FOODVALLEY_NODE": settings.node_url,
        "FOODVALLEY_DEPLOYMENTS": settings.deployments,
        "FOODVALLEY_DOSSIERS": settings.dossiers,
        "FOODVALLEY_LISTEN": f"127.0.0.1:{one.port}",
        "FOODVALLEY_ORGANISATION": settings.organisation,
        "FOODVALLEY_PUBLIC_URL": settings.public_url,
        "FOODVALLEY_CARRIER_KEY": settings.carrier_key,
        "FOODVALLEY_PRIVATE_PARTNERS": "true",
        "PYTHONPATH": ROOT,
    }
    environment = {key: value for key, value in os.environ.items() if not key.startswith("FOODVALLEY_")}
    command = [sys.executable, "-c", "from registry.cli import main; main()", "serve"]
    return subprocess.Popen(
        command,
        env=environment | {key: str(value) for key, value in told.items()},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
    )


def _log_of(one: Neighbour, attack: object) -> str:
    """What the service writes while it is attacked."""
    process = _process(one)
    try:
        until(lambda: _answers(one) or process.poll() is not None, 30)
        attack()  # type: ignore[operator]
    finally:
        process.terminate()
        _, log = process.communicate(timeout=30)
    return log


def _answers(one: Neighbour) -> bool:
    try:
        return httpx.get(f"{one.url}/v1/fingerprint").status_code == 200
    except httpx.HTTPError:
        return False


FORGED = '{"action": "forged"}'


@pytest.mark.long
def test_what_others_write_forges_no_log_line(served: Neighbour, region: Region) -> None:
    """Through an announced address, a path, a header and a message to sign in with."""
    hostile = f"http://x.example\r\n{FORGED}\n"
    stranger = Neighbour(region, "gm0339", served.home.parent / "renswoude", "renswoude")
    stranger.announce(hostile)
    act = stranger.desk.draft("gm0345", "gm0339")
    stranger.desk.service.propose(act, region.signer("renswoude"))

    def attack() -> None:
        httpx.post(f"{served.url}/v1/sessions", json={"message": f"x\n{FORGED}\n", "signature": f"\n{FORGED}\n"})
        httpx.get(f"{served.url}/v1/%0a{FORGED}%0a", headers={"User-Agent": f"x {FORGED}"})
        wrong = {"Authorization": f"Bearer {FORGED}"}
        httpx.get(f"{served.url}/v1/sessions/current", headers=wrong)
        time.sleep(2)  # the service tries the announced address meanwhile

    log = _log_of(served, attack)
    lines = [one for one in log.splitlines() if one and not one.startswith("http://127.0.0.1")]
    assert len(lines) > 3
    told = [json.loads(one) for one in lines]
    assert all(one.get("action") != "forged" for one in told)
    assert [one for one in told if one.get("action") == "fetch"], log


@pytest.mark.long
def test_no_token_is_ever_logged(served: Neighbour, region: Region) -> None:
    secrets: list[str] = []

    def attack() -> None:
        with served.client("veenendaal") as client:
            assert client.http.token
            secrets.append(client.http.token)
            client.http.get("sessions/current")
            httpx.get(f"{served.url}/v1/dossiers/0x{'12' * 32}", headers={"Authorization": f"Bearer {secrets[0]}"})
            httpx.get(f"{served.url}/v1/sessions/current?token={secrets[0]}")
            client.sign_out()
            httpx.get(f"{served.url}/v1/sessions/current", headers={"Authorization": f"Bearer {secrets[0]}"})

    log = _log_of(served, attack)
    assert '"sign in"' in log
    assert secrets[0] not in log
