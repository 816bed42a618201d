"""Founding a council, and saying who may sign for whom."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from world import DAY, Region, account

from registry.organisations import FOOD_VALLEY

ADDRESS = account("stranger")


@pytest.fixture
def elsewhere(foodvalley: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """The same chain without a deployment record."""
    monkeypatch.delenv("FOODVALLEY_DEPLOYMENTS")
    return foodvalley


def test_deploying_the_development_council_once_and_again(elsewhere: Callable[..., Any], tmp_path: Path) -> None:
    first = elsewhere("deploy", "--dev-council", "--json").json
    assert set(first) == {"new", "register", "block", "chainId", "codeHash"}
    assert first["new"] is True
    assert json.loads((tmp_path / "home" / "deployments" / "31337.json").read_text())["address"] == first["register"]
    again = elsewhere("deploy", "--dev-council", "--json").json
    assert again == first | {"new": False}
    assert "Er is al een register op deze keten" in elsewhere("deploy", "--dev-council").text
    members = elsewhere("council", "--json").json["members"]
    assert [one["organisation"]["id"] for one in members if one["votes"]] == list(FOOD_VALLEY)
    assert [len(one["signatories"]) for one in members] == [2] * 10


def test_deploying_a_council_of_ones_own(elsewhere: Callable[..., Any], tmp_path: Path) -> None:
    founders = tmp_path / "oprichters.yaml"
    founders.write_text(
        f"- {{organisation: Veenendaal, administrator: '{account('veenendaal:admin')}'}}\n"
        f"- {{organisation: gm0339, administrator: '{account('renswoude:admin')}'}}\n"
        f"- {{organisation: Utrecht, administrator: '{account('utrecht:admin')}', votes: false}}\n"
    )
    deployed = elsewhere("deploy", "--founders", founders, "--dev", "carrier")
    assert deployed.code == 0, deployed.err
    assert "Register opgericht" in deployed.text
    members = elsewhere("council", "--json").json["members"]
    assert [(one["organisation"]["id"], one["votes"]) for one in members] == [
        ("gm0339", True),
        ("gm0345", True),
        ("pv26", False),
    ]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", 2, "is not a list of founders"),
        ("a: b", 2, "is not a list of founders"),
        ("- [", 2, "is not YAML"),
        ("- 5", 2, "[0]"),
        ("- {organisation: gm0345}", 2, "[0]"),
        ("- {organisation: gm0345, administrator: 0x12}", 2, "[0]"),
        (f"- {{organisation: Vennendaal, administrator: '{ADDRESS}'}}", 2, "[0]"),
        (f"- {{organisation: gm0345, administrator: '{ADDRESS}', votes: maybe}}", 2, "[0]"),
        (f"- {{organisation: gm0345, administrator: '{ADDRESS}'}}\n" * 2, 1, "out of order"),
    ],
)
def test_founders_that_cannot_be_are_named(
    elsewhere: Callable[..., Any], tmp_path: Path, text: str, code: int, words: str
) -> None:
    path = tmp_path / "oprichters.yaml"
    path.write_text(text)
    refused = elsewhere("deploy", "--founders", path, "--dev", "carrier")
    assert (refused.code, refused.out) == (code, "")
    assert words in refused.text
    assert not (tmp_path / "home" / "deployments" / "31337.json").exists()


def test_deploy_wants_to_know_who_founds(elsewhere: Callable[..., Any], tmp_path: Path) -> None:
    assert elsewhere("deploy", "--dev", "carrier").code == 2
    assert elsewhere("deploy", "--dev-council", "--founders", "x.yaml").code == 2
    missing = elsewhere("deploy", "--founders", tmp_path / "weg.yaml", "--dev", "carrier")
    assert missing.code == 3
    assert "weg.yaml" in missing.text


def test_council_as_a_document_and_as_text(foodvalley: Callable[..., Any]) -> None:
    document = foodvalley("council", "--json").json
    assert set(document) == {"members", "asOf"}
    for one in document["members"]:
        about = {"organisation", "administrator", "nominee", "votes", "expelled", "successor", "service"}
        assert set(one) == about | {"signatories", "waiting"}
        assert [held["together"] for held in sorted(one["signatories"], key=lambda held: held["together"])] == [1, 2]
    text = foodvalley("council").text
    assert "8 stemmen; een motie heeft er 5 nodig" in text
    for word in ("gemeente Veenendaal", "gm0345", "gast", account("veenendaal")[:12], "gezamenlijk bevoegd"):
        assert word in text


def test_appoint_and_dismiss_as_documents(foodvalley: Callable[..., Any], tmp_path: Path) -> None:
    decision = tmp_path / "mandaatbesluit.pdf"
    decision.write_bytes(b"mandaat")
    terms = ("--from", "2026-01-01", "--until", "2040-01-01", "--together", 3, "--decision", decision)
    appointed = foodvalley("appoint", ADDRESS, "--for", "Ede", *terms, "--dev", "ede:admin", "--json").json
    keys = {"signatory", "organisation", "validFrom", "validUntil", "together", "decision"}
    assert set(appointed) == keys | {"transaction", "block", "gasUsed"}
    assert appointed["organisation"] == {"id": "gm0228", "name": "gemeente Ede"}
    assert appointed["together"] == 3
    assert appointed["decision"] == "0x" + sha256(b"mandaat").hexdigest()
    assert (appointed["validUntil"] - appointed["validFrom"]) % DAY == 0
    held = signatories(foodvalley, "gm0228")
    assert held[ADDRESS] == {key: appointed[key] for key in keys}

    dismissed = foodvalley("dismiss", ADDRESS, "--for", "gm0228", "--dev", "ede:admin", "--json").json
    assert set(dismissed) >= {"signatory", "transaction", "block", "gasUsed"}
    assert signatories(foodvalley, "gm0228")[ADDRESS]["validUntil"] is not None
    again = foodvalley("dismiss", ADDRESS, "--for", "gm0228", "--dev", "ede:admin")
    assert again.code == 1
    assert "is no signatory of gemeente Ede" in again.text


def signatories(foodvalley: Callable[..., Any], organisation: str) -> dict[str, Any]:
    members = foodvalley("council", "--json").json["members"]
    (mine,) = (one for one in members if one["organisation"]["id"] == organisation)
    return {one["signatory"]: one for one in mine["signatories"]}


def test_appoint_and_dismiss_in_words(foodvalley: Callable[..., Any]) -> None:
    appointed = foodvalley("appoint", ADDRESS, "--for", "Ede", "--dev", "ede:admin")
    assert appointed.code == 0
    assert "Benoemd" in appointed.text
    assert "zelfstandig bevoegd" in appointed.text
    dismissed = foodvalley("dismiss", ADDRESS, "--for", "Ede", "--dev", "ede:admin")
    assert dismissed.code == 0
    assert "gemeente Ede" in dismissed.text


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ((ADDRESS, "--for", "Ede", "--dev", "renswoude:admin"), 1, "is not the administrator of gemeente Ede"),
        ((ADDRESS, "--for", "Ede", "--dev", "ede"), 1, "is not the administrator"),
        ((account("rhenen"), "--for", "Ede", "--dev", "ede:admin"), 1, "is a key of gemeente Rhenen"),
        ((ADDRESS, "--for", "Edde", "--dev", "ede:admin"), 1, "did you mean gm0228"),
        (("0x1234", "--for", "Ede", "--dev", "ede:admin"), 2, "is not an address"),
        ((ADDRESS[:-1] + "z", "--for", "Ede", "--dev", "ede:admin"), 2, "is not an address"),
        ((ADDRESS, "--for", "Ede", "--dev", "nobody"), 2, "no development account plays"),
        ((ADDRESS, "--for", "Ede"), 2, "no key is named"),
        ((ADDRESS, "--for", "Ede", "--dev", "ede:admin", "--key", "x"), 2, "exclude each other"),
        ((ADDRESS, "--for", "Ede", "--key", "x"), 1, ""),
        ((ADDRESS, "--for", "Ede", "--until", "2020-01-01", "--dev", "ede:admin"), 1, "could never count"),
        ((ADDRESS, "--for", "Ede", "--from", "1-1-2026", "--dev", "ede:admin"), 2, "is not a day"),
        ((ADDRESS, "--for", "Ede", "--from", "0001-01-01", "--dev", "ede:admin"), 2, "is out of range"),
        ((ADDRESS, "--for", "Ede", "--from", "1960-01-01", "--dev", "ede:admin"), 2, "is out of range"),
        ((ADDRESS, "--for", "Ede", "--until", "9998-12-31", "--dev", "ede:admin"), 0, ""),
        ((ADDRESS, "--for", "Ede", "--until", "9999-12-31", "--dev", "ede:admin"), 2, "is out of range"),
        ((ADDRESS, "--for", "Ede", "--together", "0", "--dev", "ede:admin"), 2, ""),
        ((ADDRESS, "--for", "Ede", "--decision", "0x12", "--dev", "ede:admin"), 2, "is not a digest"),
        ((ADDRESS, "--for", "Ede", "--decision", "weg.pdf", "--dev", "ede:admin"), 2, "there is no file weg.pdf"),
        ((), 2, ""),
    ],
)
def test_appoint_says_what_is_wrong(
    foodvalley: Callable[..., Any], words: tuple[str, ...], code: int, message: str
) -> None:
    refused = foodvalley("appoint", *words)
    assert refused.code == code, refused.err
    assert message in refused.text


def test_register_and_node_are_named_by_options_too(foodvalley: Callable[..., Any], region: Region) -> None:
    named = foodvalley("status", "--node", region.url, "--register", region.deployment.address.lower(), "--json").json
    assert named["register"] == region.deployment.address
