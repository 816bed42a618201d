"""Running one's own organisation: handing it over, taking it over, saying where its service is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from said import said
from world import Region, account

STRANGER = account("stranger")
SENT = {"transaction", "block", "gasUsed"}
RHENEN = {"id": "gm0340", "name": "gemeente Rhenen"}
Foodvalley = Callable[..., Any]


def rhenen(foodvalley: Foodvalley) -> dict[str, Any]:
    members: list[dict[str, Any]] = foodvalley("council", "--json").json["members"]
    return next(one for one in members if one["organisation"] == RHENEN)


def test_an_administrator_hands_over_and_the_other_takes_over(foodvalley: Foodvalley) -> None:
    put = foodvalley("handover", "Rhenen", STRANGER, "--dev", "rhenen:admin", "--json").json
    assert put == put | {"organisation": RHENEN, "nominee": STRANGER}
    assert set(put) == {"organisation", "nominee"} | SENT
    found = rhenen(foodvalley)
    assert (found["administrator"], found["nominee"]) == (account("rhenen:admin"), STRANGER)
    said(foodvalley("council"), 0, f"voorgedragen {STRANGER}, kan het beheer overnemen")
    taken = foodvalley("takeover", "Rhenen", "--dev", "stranger", "--json").json
    assert set(taken) == {"organisation", "administrator"} | SENT
    found = rhenen(foodvalley)
    assert (found["administrator"], found["nominee"]) == (STRANGER, None)
    late = foodvalley("handover", "Rhenen", account("carrier"), "--dev", "rhenen:admin")
    said(late, 1, "is not the administrator of gemeente Rhenen")
    told = foodvalley("history")
    said(told, 0, f"draagt {STRANGER} voor als beheerder", f"beheerder is voortaan {STRANGER}")


def test_a_handover_in_words_and_taken_back(foodvalley: Foodvalley) -> None:
    put = foodvalley("handover", "Rhenen", STRANGER, "--dev", "rhenen:admin")
    said(put, 0, "Voorgedragen als beheerder van gemeente Rhenen; er verandert nog niets", "foodvalley takeover gm0340")
    back = foodvalley("handover", "Rhenen", "--take-back", "--dev", "rhenen:admin")
    said(back, 0, "Teruggenomen: niemand kan het beheer van gemeente Rhenen nog overnemen.")
    said(foodvalley("takeover", "Rhenen", "--dev", "stranger"), 1, "was not put forward", "foodvalley handover")
    again = foodvalley("handover", "Rhenen", "--take-back", "--dev", "rhenen:admin", "--json")
    assert again.error["message"] == "nobody was put forward as administrator of gemeente Rhenen (gm0340)"


def test_taking_over_in_words(foodvalley: Foodvalley, region: Region) -> None:
    region.register.hand_over("gm0340", STRANGER, region.signer("rhenen:admin"))
    said(foodvalley("takeover", "Rhenen", "--dev", "ede:admin"), 1, "was not put forward as administrator")
    taken = foodvalley("takeover", "Rhenen", "--dev", "stranger")
    said(taken, 0, "Overgenomen: het beheer van gemeente Rhenen", f"beheerder {STRANGER}")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("Rhenen", STRANGER, "--dev", "rhenen"), 1, "is not the administrator of gemeente Rhenen"),
        (("Rhenen", account("rhenen:admin"), "--dev", "rhenen:admin"), 1, "is the administrator already"),
        (("Rhenen", "0x12", "--dev", "rhenen:admin"), 2, "is not an address"),
        (("Rhenen", "0x" + 40 * "0", "--dev", "rhenen:admin"), 2, "--take-back"),
        (("Rhenen", STRANGER, "--take-back", "--dev", "rhenen:admin"), 2, "or give --take-back"),
        (("Rhenen", "--dev", "rhenen:admin"), 2, "or give --take-back"),
        (("Flevoland", STRANGER, "--dev", "rhenen:admin"), 1, "does not take part"),
        (("Renen", STRANGER, "--dev", "rhenen:admin"), 1, "did you mean gm0340"),
        (("Rhenen", STRANGER), 2, "no key is named"),
    ],
)
def test_a_handover_that_cannot_be_says_why(
    foodvalley: Foodvalley, words: tuple[str, ...], code: int, message: str
) -> None:
    refused = foodvalley("handover", *words)
    assert (refused.code, refused.out) == (code, "")
    assert message in refused.text


def test_announcing_and_withdrawing_a_service(foodvalley: Foodvalley) -> None:
    url = "https://register.rhenen.example"
    put = foodvalley("announce", "Rhenen", url, "--dev", "rhenen:admin", "--json")
    assert set(put.json) == {"organisation", "service"} | SENT
    assert (put.json["service"], put.err) == (url, "")
    assert rhenen(foodvalley)["service"] == url
    said(foodvalley("council"), 0, f"dienst {url} (niet gecontroleerd)")
    gone = foodvalley("announce", "Rhenen", "--none", "--dev", "rhenen:admin")
    said(gone, 0, "Afgemeld: gemeente Rhenen heeft geen dienst meer.")
    assert rhenen(foodvalley)["service"] is None
    said(foodvalley("history"), 0, f"dienst op {url}", "dienst afgemeld")


@pytest.mark.parametrize("url", ["http://rhenen.example", "rhenen.example", "ftp://rhenen.example", "https://"])
def test_anything_but_https_is_warned_about(foodvalley: Foodvalley, url: str) -> None:
    put = foodvalley("announce", "Rhenen", url, "--dev", "rhenen:admin")
    said(put, 0, "Warning:", "is not an https address", "Bekendgemaakt", "anderen vertrouwen dit adres niet")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("https://rhenen:geheim@rhenen.example",), 1, "everybody would read it"),
        (("https://rhenen.example/\x1b[2J",), 2, "characters that cannot be seen"),
        (("https://rhenen .example",), 2, "holds spaces"),
        (("https://[::1",), 2, "is not a web address"),
        (("https://rhenen.example/" + 250 * "x",), 1, "has 273 bytes; at most 255 fit"),
        (("https://rhenen.example", "--none"), 2, "or --none"),
        ((), 2, "or --none"),
    ],
)
def test_a_service_that_may_not_stand_in_public_is_refused(
    foodvalley: Foodvalley, words: tuple[str, ...], code: int, message: str
) -> None:
    refused = foodvalley("announce", "Rhenen", *words, "--dev", "rhenen:admin")
    said(refused, code, message)
    assert "geheim" not in refused.text


def test_only_the_administrator_announces(foodvalley: Foodvalley) -> None:
    refused = foodvalley("announce", "Rhenen", "https://rhenen.example", "--dev", "ede:admin")
    said(refused, 1, "is not the administrator of gemeente Rhenen")


def test_a_hostile_service_cannot_steer_a_terminal(foodvalley: Foodvalley, region: Region) -> None:
    region.register.announce("gm0340", "https://x\x1b[2J[bold]‮", region.signer("rhenen:admin"))
    for words in (("council",), ("history",)):
        shown = foodvalley(*words)
        assert shown.code == 0
        assert "\x1b" not in shown.out
        assert "‮" not in shown.out
        assert "[bold]" in shown.out
