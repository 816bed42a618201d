"""The commands that look, each as text and as a document."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from world import Region, day_of, write_source

from registry import __version__
from registry.model import Proposed

AS_OF = {"block": int, "time": int, "fingerprint": str}
ASKED = {"validOn": int, "knownAt": int, "asOf": AS_OF}


def shaped(document: Any, shape: Any) -> None:
    """Has exactly these keys, with values of these types."""
    if isinstance(shape, dict):
        assert set(document) == set(shape)
        for key, kind in shape.items():
            shaped(document[key], kind)
    elif isinstance(shape, list):
        assert isinstance(document, list)
        for one in document:
            shaped(one, shape[0])
    else:
        assert isinstance(document, shape), (document, shape)
        assert not (shape is int and isinstance(document, bool))


ORGANISATION = {"id": str, "name": str}
PLACE = {"block": int, "logIndex": int, "transaction": str, "time": int, "at": str}
ACT = {
    "agreement": str,
    "previous": str,
    "dossier": str,
    "parties": [str],
    "validFrom": int,
    "validUntil": int,
    "notice": int,
    "deadline": int,
}
MANDATE = {
    "signatory": str,
    "organisation": ORGANISATION,
    "validFrom": int,
    "validUntil": int | None,
    "together": int,
    "decision": str | None,
}
RECORDED_ACT = {
    "actHash": str,
    "verb": str,
    "title": str | None,
    "act": ACT,
    "parties": [ORGANISATION],
    "approvals": [MANDATE | {"onBehalfOf": ORGANISATION, "citedDecision": str | None}],
    "recorded": PLACE,
}
AGREEMENT = {
    "agreement": str,
    "title": str | None,
    "kind": str | None,
    "example": bool | None,
    "status": str,
    "parties": [ORGANISATION],
    "validFrom": int,
    "validUntil": int | None,
    "acts": int,
    "head": str,
}
PROPOSAL = {
    "actHash": str,
    "title": str | None,
    "act": ACT,
    "parties": [ORGANISATION],
    "proposedBy": str,
    "declined": bool,
    "approved": [ORGANISATION],
    "missing": [ORGANISATION],
}


@pytest.fixture
def source(region: Region, tmp_path: Path) -> Path:
    return write_source(tmp_path / "bron", ("renswoude", "veenendaal"), day_of(region.now(), later=-30))


@pytest.fixture
def filled(foodvalley: Callable[..., Any], source: Path, region: Region, tmp_path: Path) -> tuple[str, str]:
    """The hashes of a recorded act, and of a proposal that waits for Renswoude."""
    act = foodvalley("propose", source, "--dev", "veenendaal", "--json").json["actHash"]
    foodvalley("sign", act, "--dev", "renswoude", "--json")
    assert foodvalley("record", act, "--dev", "carrier", "--json").code == 0
    since = day_of(region.now(), later=-20)
    second = write_source(tmp_path / "tweede", ("renswoude", "veenendaal"), since, text="nog iets")
    waiting = foodvalley("propose", second, "--dev", "veenendaal", "--json").json["actHash"]
    return act, waiting


def test_list_as_a_document(foodvalley: Callable[..., Any], filled: tuple[str, str]) -> None:
    document = foodvalley("list", "--json").json
    shaped(document, {"agreements": [AGREEMENT], "proposals": [PROPOSAL], "next": str | None} | ASKED)
    assert [one["agreement"] for one in document["agreements"]] == [filled[0]]
    assert [one["actHash"] for one in document["proposals"]] == [filled[1]]
    assert document["agreements"][0]["status"] == "in force"


def test_list_as_text(foodvalley: Callable[..., Any], filled: tuple[str, str]) -> None:
    listed = foodvalley("list")
    assert listed.code == 0
    for word in (filled[0][:12], filled[1][:12], "Convenant Fietsroutes", "van kracht", "Renswoude"):
        assert word in listed.text


def test_empty_register_says_so(foodvalley: Callable[..., Any]) -> None:
    assert "nog niets" in foodvalley("list").text
    document = foodvalley("list", "--json").json
    assert (document["agreements"], document["proposals"]) == ([], [])


def test_show_as_a_document(foodvalley: Callable[..., Any], filled: tuple[str, str]) -> None:
    act, waiting = filled
    document = foodvalley("show", act, "--json").json
    # the row says how many acts there are, the whole lists them
    shaped(document, AGREEMENT | {"acts": [RECORDED_ACT]} | ASKED)
    assert document["acts"][0]["actHash"] == act
    proposal = foodvalley("show", waiting[:14], "--json").json
    shaped(proposal, PROPOSAL | ASKED)
    assert [one["id"] for one in proposal["missing"]] == ["gm0339"]


def test_show_as_text(foodvalley: Callable[..., Any], filled: tuple[str, str]) -> None:
    act, waiting = filled
    shown = foodvalley("show", act[:12])
    assert shown.code == 0
    for words in ("Convenant Fietsroutes", "De partijen leggen samen fietsroutes aan.", act, "zelfstandig bevoegd"):
        assert words in shown.text
    proposal = foodvalley("show", waiting)
    assert "(voorstel)" in proposal.text
    assert "wacht op gemeente Renswoude" in proposal.text


def test_history_as_a_document(foodvalley: Callable[..., Any], filled: tuple[str, str]) -> None:
    events = foodvalley("history", "--json").json["events"]
    for event in events:
        shaped(event["recorded"], PLACE)
    kinds = {one["event"] for one in events}
    assert kinds == {"MemberAdmitted", "SignatoryAppointed", "Proposed", "Approved", "Recorded"}
    mine = foodvalley("history", filled[0], "--json").json["events"]
    assert [one["event"] for one in mine] == ["Proposed", "Approved", "Approved", "Recorded"]


def test_history_as_text(foodvalley: Callable[..., Any], filled: tuple[str, str]) -> None:
    told = foodvalley("history")
    assert told.code == 0
    for words in ("als gast, zonder stem", "gezamenlijk bevoegd", "akkoord met", "vastgelegd"):
        assert words in told.text


def test_status_as_a_document_and_as_text(
    foodvalley: Callable[..., Any], filled: tuple[str, str], region: Region
) -> None:
    document = foodvalley("status", "--json").json
    counts = ("organisations", "signatories", "agreements", "acts", "openProposals", "openMotions")
    node = {"url": str, "chainId": int, "client": str}
    shaped(document, {"register": str, "node": node, "asOf": AS_OF} | dict.fromkeys(counts, int))
    assert [document[one] for one in counts] == [10, 20, 1, 1, 1, 0]
    assert document["asOf"]["fingerprint"] == "0x" + region.register.fingerprint().hex()
    text = foodvalley("status").text
    assert document["register"] in text
    assert document["asOf"]["fingerprint"] in text


def test_verify_as_a_document_and_as_text(
    foodvalley: Callable[..., Any], filled: tuple[str, str], source: Path, tmp_path: Path
) -> None:
    found = foodvalley("verify", source / "overeenkomst.pdf", "--json")
    assert found.code == 0
    about = {
        "file": str,
        "sha256": str,
        "accepted": bool,
        "outcome": str,
        "sentence": str,
        "block": int,
        "time": int,
        "recordedDossiersNotAtHand": int,
    }
    rest = {"agreement": str, "act": RECORDED_ACT, "document": str, "leaf": int, "successor": str | None}
    shaped(found.json, about | rest)
    assert found.json["accepted"] is True
    assert found.json["agreement"] == filled[0]
    text = foodvalley("verify", source / "overeenkomst.pdf")
    assert text.code == 0
    assert "Klopt." in text.text
    assert filled[0] in text.text

    other = tmp_path / "anders.pdf"
    other.write_bytes(b"%PDF-1.7 anders")
    refused = foodvalley("verify", other, "--json")
    assert refused.code == 1
    assert json.loads(refused.out)["accepted"] is False
    refused = foodvalley("verify", other)
    assert refused.code == 1
    assert "Klopt niet." in refused.text


def test_verify_takes_a_dossier_along(
    foodvalley: Callable[..., Any],
    filled: tuple[str, str],
    source: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = foodvalley("show", filled[0], "--json").json["acts"][0]["act"]["dossier"]
    dossier = tmp_path / "home" / "dossiers" / root[2:]
    monkeypatch.setenv("FOODVALLEY_HOME", str(tmp_path / "een ander"))
    assert foodvalley("verify", source / "overeenkomst.pdf").code == 1
    assert foodvalley("verify", source / "overeenkomst.pdf", "--dossier", dossier).code == 0


def test_moments_beyond_the_calendar_break_no_command(
    foodvalley: Callable[..., Any], region: Region, filled: tuple[str, str]
) -> None:
    region.appoint("ede", "stranger", valid_until=2**40 - 1)
    act = next(one.act for one in region.register.events() if isinstance(one, Proposed))
    region.register.propose(replace(act, valid_from=2**40 - 1, valid_until=0), region.signer("ede"))
    waiting = foodvalley("list", "--json").json["proposals"][-1]["actHash"]
    for words in (["council"], ["history"], ["list"], ["status"], ["show", waiting]):
        assert foodvalley(*words).code == 0
        assert foodvalley(*words, "--json").code == 0


def _commands(group: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, command in group.commands.items():
        found += _commands(command, (*path, name)) if hasattr(command, "commands") else [(*path, name)]
    return found


def every_command() -> list[tuple[str, ...]]:
    from registry.cli import app

    app._add_commands()
    return _commands(typer.main.get_command(app.app))


@pytest.mark.parametrize("path", every_command(), ids=" ".join)
def test_help_of_every_command_has_an_example(command: Callable[..., Any], path: tuple[str, ...]) -> None:
    shown = command(*path, "--help")
    assert shown.code == 0
    plain = re.sub(r"[│╭╰─╮╯]", " ", shown.out)
    assert f"Example: foodvalley {' '.join(path)}" in " ".join(plain.split())
    assert "--json" in plain


def test_groups_and_root_have_help(command: Callable[..., Any]) -> None:
    for path in ((), ("dossier",), ("key",), ("chain",), ("motion",), ("commitment",)):
        assert command(*path, "--help").code == 0
        assert command(*path, "-h").code == 0
    assert command().code == 2 or "Usage" in command().text
    assert command("--version").out == f"foodvalley {__version__}\n"


def test_program_runs_as_a_process_of_its_own(region: Region, filled: tuple[str, str], tmp_path: Path) -> None:
    words = [sys.executable, "-c", "from registry.cli import main; main()", "list", "--json"]
    environ = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "FOODVALLEY_HOME": str(tmp_path / "leeg"),
        "FOODVALLEY_NODE": region.url,
        "FOODVALLEY_DEPLOYMENTS": str(region.folder),
    }
    done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, env=environ, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert document["agreements"][0]["agreement"] == filled[0]
    assert document["agreements"][0]["title"] is None
    # Looking keeps what it read in an index, and makes nothing else.
    made = [path.relative_to(tmp_path / "leeg").parts[0] for path in (tmp_path / "leeg").rglob("*")]
    assert set(made) == {"index"}
