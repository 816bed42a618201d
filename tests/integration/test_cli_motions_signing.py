"""Members vote for a motion, and see what it means before they do."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
import typer
from council_motions import STRANGER, Foodvalley, moved
from said import said
from world import Region, account


def test_a_vote_that_could_not_count_is_refused(foodvalley: Foodvalley, region: Region) -> None:
    motion = moved(region, "expel", "gm0340")
    said(foodvalley("motion", "sign", motion, "--dev", "utrecht"), 1, "provincie Utrecht (pv26) has no vote")
    said(foodvalley("motion", "sign", motion, "--dev", "stranger"), 1, "has no mandate in force")
    said(foodvalley("motion", "sign", "0x1234", "--dev", "ede"), 1, "0x1234 is the hash of no motion", "motion list")
    said(foodvalley("motion", "sign", "hallo", "--dev", "ede"), 2, "is not the hash of a motion")


def test_four_eyes_count_for_a_vote_too(foodvalley: Foodvalley, region: Region) -> None:
    motion = moved(region, "expel", "gm0340")
    half = foodvalley("motion", "sign", motion, "--dev", "nijkerk:2", "--json").json
    assert [one["id"] for one in half["inFavour"]] == ["gm0228"]


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A person at a terminal, who says yes once and then no; gives the questions that were asked."""
    questions: list[str] = []

    def answer(question: str, **_: object) -> None:
        questions.append(question)
        if len(questions) > 1:
            raise typer.Abort

    monkeypatch.setattr("registry.cli.asking.typer.confirm", answer)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    return questions


def test_a_person_sees_what_is_signed_and_what_it_means(
    foodvalley: Foodvalley, region: Region, person: list[str]
) -> None:
    motion = moved(region, "recover", "gm0340", administrator=STRANGER)
    signed = foodvalley("motion", "sign", motion, "--dev", "nijkerk")
    assert signed.code == 0
    assert person == ["Akkoord?"]
    for words in (
        "herstel van de beheerder van gemeente Rhenen",
        motion,
        "wie de oude heeft, kan niets meer",
        "14 dagen nadat de raad beslist",
        "één veto van gemeente Rhenen",
        STRANGER,
        account("rhenen:admin"),
        "kan niet worden teruggenomen",
    ):
        assert words in signed.text


def test_whoever_gives_away_the_own_veto_is_asked_twice(
    foodvalley: Foodvalley, region: Region, person: list[str]
) -> None:
    motion = moved(region, "succeed", "gm0340", successor="gm0345")
    stopped = foodvalley("motion", "sign", motion, "--dev", "rhenen")
    assert stopped.code == 1
    assert person == ["Akkoord?", "U tekent namens gemeente Rhenen zelf: dan is er geen vetotermijn. Doorgaan?"]
    shown = foodvalley("motion", "show", motion, "--json").json
    assert (shown["organisationConsents"], [one["id"] for one in shown["inFavour"]]) == (False, ["gm0228"])


def test_without_anybody_to_ask_a_vote_wants_to_be_sure(foodvalley: Foodvalley, region: Region) -> None:
    motion = moved(region, "expel", "gm0340")
    for words in (("sign", motion), ("expel", "Rhenen", "--deadline", "2099-01-01"), ("veto", motion)):
        refused = foodvalley("motion", *words, "--key", "ede")
        if words[0] == "veto":
            said(refused, 1, "does not wait (open)")
        else:
            said(refused, 2, "nobody to ask", "--yes")
