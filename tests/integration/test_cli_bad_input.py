"""What people and disks do wrong: each with its exit code, a message that says what to do, and no traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from world import ROOT, Region, account, day_of, node, write_source

from registry.carried import act_from_json
from registry.model import Act
from registry.statements import hash_act

MAIN = "from registry.cli import main; main()"


@pytest.fixture
def source(region: Region, tmp_path: Path) -> Path:
    return write_source(tmp_path / "bron", ("renswoude", "veenendaal"), day_of(region.now(), later=-30))


def said(ran: Any, code: int, *words: str) -> None:
    """Ended with this code, said this on standard error and nothing on standard output."""
    assert ran.code == code, ran.text
    for word in words:
        assert word in ran.text
    assert ran.out == ""


def change(source: Path, **fields: object) -> Path:
    manifest = source / "manifest.yaml"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | fields, indent=1))
    return source


def test_document_that_is_no_pdf(foodvalley: Callable[..., Any], source: Path) -> None:
    (source / "overeenkomst.pdf").write_bytes(b"PK\x03\x04 een Word-bestand")
    said(foodvalley("propose", source, "--dev", "veenendaal"), 2, "overeenkomst.pdf is not a PDF", "manifest.yaml:")


def test_document_that_is_empty_or_missing(foodvalley: Callable[..., Any], source: Path) -> None:
    (source / "overeenkomst.pdf").write_bytes(b"")
    (source / "bijlage.txt").unlink()
    refused = foodvalley("propose", source, "--dev", "veenendaal")
    said(refused, 2, "overeenkomst.pdf is empty", "bijlage.txt is not in the folder")


def test_manifest_with_an_unknown_organisation_names_the_line(foodvalley: Callable[..., Any], source: Path) -> None:
    manifest = source / "manifest.yaml"
    manifest.write_text(manifest.read_text().replace("gm0345", "Vennendaal"))
    line = next(n for n, text in enumerate(manifest.read_text().splitlines(), 1) if "Vennendaal" in text)
    refused = foodvalley("propose", source, "--dev", "veenendaal")
    said(refused, 2, f"manifest.yaml:{line}: parties[1].organisation: unknown organisation 'Vennendaal'", "Veenendaal")


def test_manifest_whose_dates_are_in_the_wrong_order(foodvalley: Callable[..., Any], source: Path) -> None:
    change(source, validFrom="2026-05-01", validUntil="2026-04-30")
    said(foodvalley("propose", source, "--dev", "veenendaal"), 2, "validUntil", "the last day cannot precede the first")


def test_manifest_errors_are_a_document_too(foodvalley: Callable[..., Any], source: Path) -> None:
    change(source, validFrom="morgen", kind="praatje")
    refused = foodvalley("propose", source, "--dev", "veenendaal", "--json")
    assert (refused.code, refused.out) == (2, "")
    assert set(refused.error) == {"error", "message", "hint", "source", "problems"}
    assert refused.error["error"] == "Manifest"
    assert {one["field"] for one in refused.error["problems"]} == {"validFrom", "kind"}
    assert all(isinstance(one["line"], int) for one in refused.error["problems"])


def test_dossier_that_is_no_folder(foodvalley: Callable[..., Any], source: Path, tmp_path: Path) -> None:
    said(foodvalley("propose", source / "overeenkomst.pdf", "--dev", "veenendaal"), 2, "is a file, not a folder")
    said(foodvalley("propose", tmp_path / "weg", "--dev", "veenendaal"), 2, "there is no folder")
    said(foodvalley("propose", "0x" + "ab" * 32, "--dev", "veenendaal"), 1, "no dossier 0x")
    empty = tmp_path / "leeg"
    empty.mkdir()
    said(foodvalley("propose", empty, "--dev", "veenendaal"), 2, "has no manifest.yaml")


def test_verify_of_what_is_no_document(foodvalley: Callable[..., Any], tmp_path: Path) -> None:
    empty = tmp_path / "leeg.pdf"
    empty.touch()
    said(foodvalley("verify", tmp_path), 2, "is not a file", "name one document")
    said(foodvalley("verify", tmp_path / "weg.pdf"), 2, "there is no file")
    said(foodvalley("verify", empty), 1, "is empty")
    said(foodvalley("verify", empty, "--dossier", tmp_path), 1, "leaves.json is missing")
    binary = tmp_path / "ruis.bin"
    binary.write_bytes(bytes(range(256)) * 100)
    assert foodvalley("verify", binary).code == 1


def test_hash_that_is_short_unknown_or_none(foodvalley: Callable[..., Any], region: Region) -> None:
    acts = [Act(bytes([number]) * 32, ("gm0339", "gm0345"), region.now()) for number in range(1, 18)]
    for act in acts:  # seventeen: two of them begin with the same digit
        region.register.propose(act, region.signer("veenendaal"))
    digits = [hash_act(act).hex()[0] for act in acts]
    twice = next(one for one in digits if digits.count(one) > 1)
    for command in ("show", "sign"):
        extra = () if command == "show" else ("--dev", "renswoude")
        ambiguous = foodvalley(command, f"0x{twice}", *extra)
        said(ambiguous, 2, f"0x{twice} is the beginning of {digits.count(twice)} hashes", "write more digits: 0x")
        said(foodvalley(command, "0x" + "0" * 64, *extra), 1, "is the hash of no", "foodvalley list")
        said(foodvalley(command, "0xhallo", *extra), 2, "is not the hash of")
        said(foodvalley(command, "0x" + "a" * 65, *extra), 2, "is not the hash of")


def test_errors_are_documents_when_asked(foodvalley: Callable[..., Any]) -> None:
    refused = foodvalley("show", "0x" + "0" * 64, "--json")
    assert (refused.code, refused.out) == (1, "")
    assert set(refused.error) == {"error", "message", "hint"}
    assert refused.error["error"] == "NotFound"
    refused = foodvalley("appoint", account("stranger"), "--for", "Ede", "--dev", "ede", "--json")
    assert refused.error["contractError"] == "NotAdministrator"
    assert refused.error["arguments"]["sender"] == account("ede")


def test_wrong_password(foodvalley: Callable[..., Any], source: Path, tmp_path: Path) -> None:
    from registry import keys

    keys.create(tmp_path / "home" / "keys", "tekenen", "het juiste wachtwoord", kdf="pbkdf2", iterations=2)
    password = tmp_path / "wachtwoord"
    password.write_text("een ander wachtwoord")
    password.chmod(0o600)
    words = ("propose", source, "--key", "tekenen")
    said(foodvalley(*words, "--password-file", password), 1, "the password does not fit this key")
    said(foodvalley(*words, "--password-file", tmp_path / "weg"), 3, "weg")
    said(foodvalley(*words), 1, "no password was given")
    assert "juiste" not in foodvalley(*words, "--password-file", password).text


# Chains


def test_no_chain_at_the_address(foodvalley: Callable[..., Any]) -> None:
    with node(lambda call, forward: {}) as url:
        pass
    said(foodvalley("status", "--node", url), 3, "no node answers at that address", "foodvalley chain status")


def test_no_chain_named_and_none_running(command: Callable[..., Any]) -> None:
    said(command("status"), 3, "no node is named and no local chain is running", "foodvalley chain up")


def test_address_of_a_node_that_is_none(foodvalley: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOODVALLEY_NODE", "ftp://user:geheim@example")
    refused = foodvalley("status")
    said(refused, 2, "FOODVALLEY_NODE")
    assert "geheim" not in refused.text


@pytest.mark.parametrize("url", ["", "hallo", "http://", "file:///etc/passwd", "http://127.0.0.1:99999", "http://[::1"])
def test_option_that_is_no_address_of_a_node(foodvalley: Callable[..., Any], url: str) -> None:
    if url:
        refused = foodvalley("status", "--node", url)
        assert refused.code in (2, 3)
        assert refused.out == ""


def test_server_that_is_no_node(foodvalley: Callable[..., Any]) -> None:
    with node(raw=b"<html>Welkom</html>") as url:
        said(foodvalley("status", "--node", url), 3, "connecting to")


def test_chain_of_another_id(foodvalley: Callable[..., Any], region: Region) -> None:
    def hook(call: Any, forward: Any) -> Any:
        answer = forward(call)
        return answer | {"result": "0x1"} if call["method"] == "eth_chainId" else answer

    with node(hook, region.url) as url:
        refused = foodvalley("status", "--node", url)
    said(refused, 3, "no register is known on chain 1", "there is one on chain 31337")


def test_chain_that_was_reset(
    foodvalley: Callable[..., Any], region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOODVALLEY_DEPLOYMENTS", str(tmp_path / "deployments"))
    before = region.ask("evm_snapshot")
    assert foodvalley("deploy", "--dev-council", "--json").code == 0
    region.ask("evm_revert", before)
    for words in (("status",), ("deploy", "--dev-council"), ("list", "--json")):
        said(foodvalley(*words), 3, "was reset since the register was deployed", "deploy anew")


def test_address_without_register(foodvalley: Callable[..., Any]) -> None:
    said(foodvalley("status", "--register", account("ede")), 3, "there is no register of this version at")
    said(foodvalley("status", "--register", "0x12"), 2, "is not an address")


def test_node_that_leaves_something_out(foodvalley: Callable[..., Any], region: Region) -> None:
    def hook(call: Any, forward: Any) -> Any:
        answer = forward(call)
        return answer | {"result": answer["result"][:-1]} if call["method"] == "eth_getLogs" else answer

    with node(hook, region.url) as url:
        said(foodvalley("list", "--node", url), 3, "do not add up", "ask another node")


# Proposal files


@pytest.fixture
def proposal(foodvalley: Callable[..., Any], source: Path, tmp_path: Path) -> Path:
    file = tmp_path / "voorstel.json"
    assert foodvalley("propose", source, "--offline", file, "--dev", "veenendaal", "--json").code == 0
    return file


def altered(file: Path, alter: Callable[[dict[str, Any]], object]) -> Path:
    data = json.loads(file.read_text())
    alter(data)
    file.write_text(json.dumps(data))
    return file


@pytest.mark.parametrize("words", [("sign", "--dev", "renswoude"), ("record", "--dev", "carrier")])
@pytest.mark.parametrize(
    ("content", "code"), [(bytes(range(256)), 2), (b"", 2), (b"{}", 2), (b'{"format": 1}', 2), (b"[[[[", 2)]
)
def test_garbage_for_a_proposal_file(
    foodvalley: Callable[..., Any], tmp_path: Path, words: tuple[str, ...], content: bytes, code: int
) -> None:
    file = tmp_path / "voorstel.json"
    file.write_bytes(content)
    said(foodvalley(words[0], file, *words[1:]), code, "is not a proposal file")


def test_proposal_file_that_is_not_there(foodvalley: Callable[..., Any]) -> None:
    said(foodvalley("sign", "weg.json", "--dev", "renswoude"), 3, "cannot read weg.json")


def test_proposal_file_with_a_forged_signature(foodvalley: Callable[..., Any], proposal: Path) -> None:
    altered(proposal, lambda data: data["approvals"][0].update(signatory=account("renswoude")))
    said(foodvalley("record", proposal, "--dev", "carrier"), 1, "is not theirs for this and that decision")


def test_proposal_file_with_a_changed_act(foodvalley: Callable[..., Any], proposal: Path) -> None:
    altered(proposal, lambda data: data["act"].update(notice=1))
    said(foodvalley("sign", proposal, "--dev", "renswoude"), 1, "the act is not the one its hash names")


def test_proposal_that_says_something_else_than_its_dossier(foodvalley: Callable[..., Any], proposal: Path) -> None:
    def alter(data: dict[str, Any]) -> None:
        data["act"]["notice"] = 1
        data["actHash"] = "0x" + hash_act(act_from_json(data["act"])).hex()
        data["approvals"] = []

    altered(proposal, alter)
    said(foodvalley("sign", proposal, "--dev", "renswoude"), 1, "says something else than the manifest", "do not sign")


def test_proposal_for_another_register(foodvalley: Callable[..., Any], proposal: Path) -> None:
    altered(proposal, lambda data: data.update(approvals=[], chainId=5))
    said(foodvalley("record", proposal, "--dev", "carrier"), 1, "on chain 5, not for", "--node, --register")


def test_offline_file_in_a_folder_that_is_not_there(
    foodvalley: Callable[..., Any], source: Path, tmp_path: Path
) -> None:
    words = ("propose", source, "--dev", "veenendaal", "--offline", tmp_path / "weg" / "voorstel.json")
    said(foodvalley(*words), 3, "cannot write")


# Disks


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB with nothing left on it."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    place = tmp_path / "schijf"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def fill(place: Path) -> None:
    with (place / "vol").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


def test_full_disk_leaves_nothing_half_written(
    foodvalley: Callable[..., Any], source: Path, full_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = foodvalley("propose", source, "--dev", "veenendaal", "--json").json["actHash"]
    monkeypatch.setenv("FOODVALLEY_HOME", str(full_disk))
    for folder in ("dossiers", "proposals", "deployments"):
        (full_disk / folder).mkdir()
    fill(full_disk)
    file = full_disk / "voorstel.json"
    said(foodvalley("propose", source, "--dev", "veenendaal"), 3, "the disk is full")
    said(foodvalley("dossier", "build", source), 3, "the disk is full")
    said(foodvalley("sign", act, "--unseen", "--offline", file, "--dev", "renswoude"), 3, "No space left")
    said(foodvalley("decline", act, "--reason", "vol", "--dev", "renswoude"), 3, "cannot write")
    left = sorted(path.name for path in full_disk.rglob("*") if path.is_file() and path.stat().st_size)
    assert left == ["vol"]
    assert list((full_disk / "dossiers").iterdir()) == []


def test_folder_that_one_may_not_write_in(foodvalley: Callable[..., Any], source: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "dossiers").touch()
    refused = foodvalley("propose", source, "--dev", "veenendaal")
    assert (refused.code, refused.out) == (3, "")
    assert "dossiers" in refused.text


# Ctrl-C


def process(folder: Path, *words: object) -> subprocess.Popen[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FOODVALLEY_")}
    environ |= {"FOODVALLEY_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT), "TMPDIR": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-c", MAIN, *map(str, words)],
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def working_in(folder: Path) -> list[psutil.Process]:
    """Processes whose command names the folder."""
    found = []
    for one in psutil.process_iter():
        try:
            if any(str(folder) in word for word in one.cmdline()) and one.status() != psutil.STATUS_ZOMBIE:
                found.append(one)
        except psutil.Error:
            continue
    return found


def test_interrupted_demo_leaves_no_process_and_no_folder(tmp_path: Path) -> None:
    child = process(tmp_path, "demo", "--engine", "anvil", "--samples", ROOT / "samples")
    assert child.stdout is not None
    first = next(line for line in child.stdout if line.strip())  # the chain runs, the first chapter began
    family = psutil.Process(child.pid).children(recursive=True)
    os.killpg(child.pid, signal.SIGINT)  # as the terminal does: to everybody in it
    _, err = child.communicate(timeout=60)
    assert first
    assert family
    assert child.returncode == 130
    assert "Stopped." in err
    assert "Traceback" not in err
    wait_for(lambda: not any(one.is_running() for one in family))
    assert working_in(tmp_path) == []
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("foodvalley")] == []


def test_interrupted_build_leaves_nothing(tmp_path: Path, region: Region) -> None:
    source = write_source(tmp_path / "bron", ("renswoude", "veenendaal"), day_of(region.now()))
    with (source / "overeenkomst.pdf").open("r+b") as file:
        file.truncate(6 << 30)  # takes long to read, and no room
    child = process(tmp_path, "dossier", "build", source)
    store = tmp_path / "home" / "dossiers"
    try:
        wait_for(lambda: any(path.stat().st_size > 1 << 20 for path in store.rglob("overeenkomst.pdf")))
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=60)
    finally:
        child.kill()
    assert child.returncode == 130
    assert "Traceback" not in err
    assert list(store.iterdir()) == []


def test_interrupt_before_the_command_began(command: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from registry.cli import app

    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "_add_commands", interrupt)
    stopped = command("list")
    assert stopped.code == 130
    assert "Stopped." in stopped.err


def test_usage_of_a_command_that_does_not_exist(command: Callable[..., Any]) -> None:
    said(command("onderteken"), 2, "No such command")
    said(command("show"), 2, "Missing argument")
    said(command("status", "--jason"), 2, "No such option")


def test_unknown_setting_is_named(command: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOODVALLEY_REGISTRE", "0x12")
    said(command("status"), 2, "unknown environment variable FOODVALLEY_REGISTRE", "did you mean FOODVALLEY_REGISTER")
