"""Commitments of an agreement: what was promised, what a party reports, what another confirms."""

from __future__ import annotations

import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from said import said
from world import DAY, Desk, Region, account, day_of

from registry.model import Action, Approval, Motion
from registry.statements import hash_act, hash_motion

SENT = {"transaction", "block", "gasUsed"}
REPORT = {"reportHash", "id", "agreement", "commitment", "organisation", "progress", "evidence"}
PROMISE = {"agreement", "commitment", "id", "promisedBy", "text", "due", "overdue", "reports"}
Foodvalley = Callable[..., Any]


@pytest.fixture
def agreement(foodvalley: Foodvalley, region: Region, desk: Desk, tmp_path: Path) -> str:
    """An agreement of Renswoude and Veenendaal in which each promises something; T1 had to be done yesterday."""
    today = region.now()
    promised = [
        {
            "id": "T1",
            "organisation": "gm0339",
            "text": "Renswoude neemt een besluit.",
            "due": f"{day_of(today, later=-1)}",
        },
        {
            "id": "T2",
            "organisation": "gm0345",
            "text": "Veenendaal maakt een plan.",
            "due": f"{day_of(today, later=9)}",
        },
        {"id": "T3", "organisation": "gm0345", "text": "Veenendaal belt [terug]."},
    ]
    act = desk.draft("renswoude", "veenendaal", extra={"commitments": promised}, notice_days=30)
    desk.agree(act)
    # The store of the desk is that of the command.
    (tmp_path / "home").mkdir(exist_ok=True)
    (tmp_path / "home" / "dossiers").symlink_to(desk.service.store.folder)
    return "0x" + hash_act(act).hex()


def promises(foodvalley: Foodvalley, *words: str) -> dict[str, dict[str, Any]]:
    found: list[dict[str, Any]] = foodvalley("commitment", "list", *words, "--json").json["commitments"]
    return {one["id"]: one for one in found}


def test_a_report_and_its_confirmation(foodvalley: Foodvalley, agreement: str, tmp_path: Path) -> None:
    before = promises(foodvalley)
    assert all(set(one) == PROMISE for one in before.values())
    assert [(one["id"], one["overdue"], one["reports"]) for one in before.values()] == [
        ("T1", True, []),
        ("T2", False, []),
        ("T3", False, []),
    ]
    evidence = tmp_path / "besluit.pdf"
    evidence.write_bytes(b"besluit")
    words = ("T1", "fulfilled", "--evidence", evidence, "--dev", "renswoude")
    made = foodvalley("commitment", "report", agreement[:12], *words, "--json").json
    assert set(made) == REPORT | SENT | {"asOf"}
    assert made["organisation"] == {"id": "gm0339", "name": "gemeente Renswoude"}
    assert (made["id"], made["progress"]) == ("T1", "fulfilled")
    assert made["evidence"] == "0x" + sha256(b"besluit").hexdigest()
    confirmed = foodvalley(
        "commitment", "confirm", agreement, "T1", "--of", "Renswoude", "--dev", "veenendaal", "--json"
    )
    assert set(confirmed.json) == REPORT | SENT | {"asOf", "confirmedBy"}
    assert confirmed.json["reportHash"] == made["reportHash"]
    after = promises(foodvalley, agreement)["T1"]
    assert after["overdue"] is False
    assert after["promisedBy"]["id"] == "gm0339"
    (report,) = after["reports"]
    assert [one["organisation"]["id"] for one in report["confirmedBy"]] == ["gm0345"]
    events = foodvalley("history", agreement, "--json").json["events"]
    assert [one["event"] for one in events] == ["Recorded", "ProgressReported", "ProgressConfirmed"]


def test_reports_in_words(foodvalley: Foodvalley, agreement: str) -> None:
    said(foodvalley("commitment", "list"), 0, "T1 gemeente Renswoude, uiterlijk", ": te laat", "gemeld nog niets")
    made = foodvalley("commitment", "report", agreement, "T2", "belemmerd", "--dev", "veenendaal")
    said(made, 0, "Gemeld door gemeente Veenendaal: T2 belemmerd", "Veenendaal maakt een plan.")
    said(made, 0, "melding 0x", "vingerafdruk 0x")
    # another party may say what it sees, and is told whose promise it is
    other = foodvalley("commitment", "report", agreement, "T2", "started", "--dev", "renswoude")
    said(other, 0, "gemeente Veenendaal promised this", "Gemeld door gemeente Renswoude: T2 begonnen")
    confirmed = foodvalley("commitment", "confirm", agreement, "T2", "--of", "gm0345", "--dev", "renswoude")
    said(confirmed, 0, "Bevestigd door gemeente Renswoude: T2 belemmerd, gemeld door gemeente Veenendaal")
    listed = foodvalley("commitment", "list", agreement)
    said(listed, 0, "gemeld belemmerd,", "bevestigd door gemeente Renswoude", "gemeld gemeente Renswoude: begonnen")
    said(listed, 0, "Veenendaal belt [terug].")
    said(foodvalley("history", agreement), 0, f"toezegging T2 van {agreement[:12]} belemmerd", "bevestigt melding 0x")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("report", "T9", "started", "--dev", "renswoude"), 1, "its commitments: T1, T2, T3"),
        (("report", "T1", "klaar", "--dev", "renswoude"), 2, "write started, fulfilled, blocked, cancelled"),
        (("report", "T1", "--dev", "renswoude"), 2, "Missing argument"),
        (("report", "T1", "started", "--dev", "ede"), 1, "gemeente Ede is no party of this agreement"),
        (("report", "T1", "started", "--dev", "stranger"), 1, "signatory of no organisation"),
        (("report", "T1", "started", "--for", "Ede", "--dev", "ede"), 1, "gemeente Ede is no party"),
        (
            ("report", "T1", "started", "--for", "Veenendaal", "--dev", "renswoude"),
            1,
            "is no signatory of gemeente Veen",
        ),
        (("report", "T1", "started", "--evidence", "weg.pdf", "--dev", "renswoude"), 2, "there is no file weg.pdf"),
        (("report", "T1", "started", "--evidence", "0x12", "--dev", "renswoude"), 2, "is not a digest"),
        (("confirm", "T1", "--of", "Renswoude", "--dev", "veenendaal"), 1, "has reported nothing"),
        (("confirm", "T1", "--of", "Renswoud", "--dev", "veenendaal"), 1, "did you mean gm0339"),
        (("confirm", "T1", "--dev", "veenendaal"), 2, "Missing option"),
    ],
)
def test_what_cannot_be_reported_says_why(
    foodvalley: Foodvalley, agreement: str, words: tuple[str, ...], code: int, message: str
) -> None:
    refused = foodvalley("commitment", words[0], agreement, *words[1:])
    assert (refused.code, refused.out) == (code, ""), refused.text
    assert message in refused.text


def test_a_confirmation_is_asked_for_and_given_once(
    foodvalley: Foodvalley, agreement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert foodvalley("commitment", "report", agreement, "T1", "started", "--dev", "renswoude", "--json").code == 0
    words = ("commitment", "confirm", agreement, "T1", "--of", "Renswoude")
    said(foodvalley(*words, "--dev", "renswoude"), 1, "cannot confirm a report of its own")
    said(foodvalley(*words, "--key", "x"), 2, "nobody to ask", "--yes")
    asked: list[str] = []
    monkeypatch.setattr("registry.cli.asking.typer.confirm", lambda question, **_: asked.append(question))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    said(foodvalley(*words, "--dev", "veenendaal"), 0, "U bevestigt wat gemeente Renswoude meldt:", "gemeld begonnen")
    assert asked == ["Akkoord?"]
    said(foodvalley(*words, "--dev", "veenendaal", "--yes"), 1, "confirmed report 0x")


def test_nothing_is_reported_on_what_is_not_in_force(
    foodvalley: Foodvalley, region: Region, desk: Desk, agreement: str
) -> None:
    by_notice = ("leave", agreement, "--on", day_of(region.now(), later=32), "--dev", "renswoude", "--json")
    assert foodvalley(*by_notice).code == 0
    region.travel(40 * DAY)
    said(foodvalley("commitment", "report", agreement, "T2", "started", "--dev", "veenendaal"), 1, "is not in force")
    said(foodvalley("commitment", "list"), 0, "Er is geen overeenkomst van kracht.")
    assert len(promises(foodvalley, agreement)) == 3


def test_without_the_dossier_nothing_can_be_named(foodvalley: Foodvalley, agreement: str, tmp_path: Path) -> None:
    assert foodvalley("commitment", "report", agreement, "T1", "started", "--dev", "renswoude", "--json").code == 0
    (tmp_path / "home" / "dossiers").unlink()
    refused = foodvalley("commitment", "report", agreement, "T2", "fulfilled", "--dev", "veenendaal")
    said(refused, 1, "no commitment 'T2' that is at hand here", "foodvalley dossier add FOLDER")
    # what was reported on before is known by its hash, whoever has the dossier
    again = foodvalley("commitment", "report", agreement, "T1", "fulfilled", "--dev", "renswoude")
    said(again, 0, "Gemeld door gemeente Renswoude: T1 nagekomen")
    said(foodvalley("commitment", "list"), 0, "(dossier niet bij de hand)", "gemeente Renswoude: nagekomen")
    (tmp_path / "home" / "dossiers").symlink_to(tmp_path / "desk" / "dossiers")


def test_an_unknown_agreement(foodvalley: Foodvalley) -> None:
    said(foodvalley("commitment", "list", "0x1234"), 1, "0x1234 is the hash of no agreement")
    said(foodvalley("commitment", "report", "0x1234", "T1", "started", "--dev", "ede"), 1, "is the hash of no")
    said(foodvalley("commitment", "list"), 0, "Er is geen overeenkomst van kracht.")


@pytest.fixture
def succeeded(region: Region, agreement: str) -> str:
    """The agreement, after Rhenen took the place of Renswoude."""
    motion = Motion(Action.SUCCEED, "gm0339", region.now() + DAY, successor="gm0340")
    voters = ("gm0203", "gm0228", "gm0267", "gm0279", "gm0289", "gm0339")
    for one in voters:
        region.register.vote(hash_motion(motion), region.signer(one))
    approvals = [Approval(account(one)) for one in voters]
    region.register.decide(motion, voters, approvals, region.signer("carrier"))
    return agreement


def test_a_successor_reports_in_the_stead_of_a_party(foodvalley: Foodvalley, succeeded: str) -> None:
    old = foodvalley("commitment", "report", succeeded, "T1", "started", "--dev", "renswoude")
    said(old, 1, "the mandate of", "until")
    made = foodvalley("commitment", "report", succeeded, "T1", "fulfilled", "--dev", "rhenen")
    said(made, 0, "Gemeld door gemeente Renswoude: T1 nagekomen")
    words = ("T1", "--of", "Renswoude", "--for", "Renswoude", "--dev", "rhenen")
    said(foodvalley("commitment", "confirm", succeeded, *words), 1, "cannot confirm a report of its own")


def test_a_successor_leaves_in_the_stead_of_a_party(foodvalley: Foodvalley, region: Region, succeeded: str) -> None:
    day = day_of(region.now(), later=32)
    words = ("leave", succeeded, "--on", day)
    said(foodvalley(*words, "--for", "Veenendaal", "--dev", "rhenen"), 1, "have not approved")
    left = foodvalley(*words, "--for", "Renswoude", "--dev", "rhenen")
    said(left, 0, "Vastgelegd", "uittreding", "namens gemeente Renswoude (nu gemeente Rhenen) door")


def test_a_successor_signs_and_declines_in_the_stead_of_a_party(
    foodvalley: Foodvalley, region: Region, desk: Desk, succeeded: str
) -> None:
    follows = next(iter(desk.view.ledger.agreements.values())).head.act
    first = desk.draft("renswoude", "veenendaal", follows=follows, text="een wijziging")
    desk.service.propose(first, region.signer("veenendaal"))
    act = "0x" + hash_act(first).hex()
    assert [one["id"] for one in foodvalley("show", act, "--json").json["missing"]] == ["gm0339"]
    said(foodvalley("sign", act, "--dev", "rhenen"), 0, "akkoord gemeente Renswoude en gemeente Veenendaal")
    said(foodvalley("record", act, "--dev", "carrier"), 0, "namens gemeente Renswoude (nu gemeente Rhenen) door")
    second = desk.draft("renswoude", "veenendaal", follows=first, text="nog een wijziging")
    desk.service.propose(second, region.signer("veenendaal"))
    declined = foodvalley("decline", "0x" + hash_act(second).hex(), "--dev", "rhenen")
    said(declined, 0, "kan nooit meer worden vastgelegd")


def test_only_a_successor_appoints_the_keys_of_whom_it_succeeded(foodvalley: Foodvalley, succeeded: str) -> None:
    key = account("renswoude")
    said(foodvalley("appoint", key, "--for", "Ede", "--dev", "ede:admin"), 1, "is a key of gemeente Renswoude")
    said(foodvalley("appoint", key, "--for", "Rhenen", "--dev", "rhenen:admin"), 0, "tekent voor gemeente Rhenen")
    said(foodvalley("dismiss", key, "--for", "Rhenen", "--dev", "rhenen:admin"), 0, "Mandaat ingetrokken")
    said(foodvalley("appoint", key, "--for", "Renswoude", "--dev", "renswoude:admin"), 1, "is not the administrator")
