"""The register in Dutch sentences."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ledgers import (
    BOTH,
    DAY,
    START,
    Case,
    Story,
    admission,
    after,
    concluding,
    expulsion,
    key_of,
    recovery,
    succession,
)
from world import write_source

from registry import dutch
from registry.dossier import Store, build
from registry.model import Act, Mandate, Motion, Status, Verb
from registry.organisations import DIRECTORY
from registry.statements import hash_motion
from registry.verification import Outcome

MIDNIGHT = int(datetime(2026, 7, 1, tzinfo=ZoneInfo("Europe/Amsterdam")).timestamp())


def test_day_is_the_day_in_the_netherlands() -> None:
    assert dutch.day(MIDNIGHT) == "1 juli 2026"
    assert dutch.day(MIDNIGHT - 1) == "30 juni 2026"
    assert dutch.last_day(MIDNIGHT) == "30 juni 2026"
    assert dutch.moment(MIDNIGHT + 9 * 3600 + 60 * 5) == "1 juli 2026 om 09:05 uur"


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_has_its_name(month: int) -> None:
    names = [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ]
    noon = int(datetime(2026, month, 15, 12, tzinfo=ZoneInfo("Europe/Amsterdam")).timestamp())
    assert dutch.day(noon) == f"15 {names[month - 1]} 2026"


def test_moments_that_no_calendar_knows_are_said_in_words() -> None:
    for moment in (2**40 - 1, 253_402_300_800):
        assert dutch.day(moment) == dutch.moment(moment) == "een dag na het jaar 9998"
    assert dutch.day(0) == "1 januari 1970"


def test_lists_read_as_in_a_sentence() -> None:
    assert dutch.listed(["a"]) == "a"
    assert dutch.listed(["a", "b"]) == "a en b"
    assert dutch.listed(["a", "b", "c"]) == "a, b en c"
    assert dutch.names(BOTH, DIRECTORY) == "gemeente Renswoude en gemeente Veenendaal"
    assert dutch.names((), DIRECTORY) == "niemand"
    assert dutch.names(("ws0636",), DIRECTORY) == "ws0636"


def test_short_hash_keeps_the_prefix_that_commands_take() -> None:
    assert dutch.short(b"\xab" * 32) == "0xababababab"
    assert dutch.short("0x" + "cd" * 20) == "0xcdcdcdcdcd"


@pytest.mark.parametrize(
    ("mandate", "text"),
    [
        (Mandate("0x", "gm0345", 0), "zelfstandig bevoegd"),
        (Mandate("0x", "gm0345", MIDNIGHT), "zelfstandig bevoegd sinds 1 juli 2026"),
        (Mandate("0x", "gm0345", MIDNIGHT, 0, 2), "gezamenlijk bevoegd, 2 samen sinds 1 juli 2026"),
        (Mandate("0x", "gm0345", 0, MIDNIGHT), "zelfstandig bevoegd tot en met 30 juni 2026"),
    ],
)
def test_mandate_says_how_far_it_reaches(mandate: Mandate, text: str) -> None:
    assert dutch.authority(mandate) == text


def test_period_has_a_last_day_or_is_open() -> None:
    act = concluding(*BOTH, since=MIDNIGHT)
    assert dutch.period(act) == "vanaf 1 juli 2026"
    ending = concluding(*BOTH, since=MIDNIGHT, valid_until=MIDNIGHT + 31 * DAY)
    assert dutch.period(ending) == "vanaf 1 juli 2026 tot en met 31 juli 2026"


def test_every_verb_and_status_has_a_word() -> None:
    assert {dutch.verb(one) for one in Verb} == {"totstandkoming", "wijziging", "toetreding", "uittreding", "opheffing"}
    assert len({one.dutch for one in Status}) == 4


@pytest.mark.parametrize(
    ("motion", "text"),
    [
        (admission("gm0279"), "toelating van gemeente Scherpenzeel, met stem"),
        (admission("pv25", votes=False), "toelating van provincie Gelderland, zonder stem"),
        (expulsion("gm0279"), "uitsluiting van gemeente Scherpenzeel"),
        (succession("gm0279", "gm0203"), "opvolging van gemeente Scherpenzeel door gemeente Barneveld"),
        (recovery("ws0636", "new"), f"herstel van de beheerder van ws0636: {key_of('new')}"),
    ],
)
def test_motion_says_what_it_asks(motion: Motion, text: str) -> None:
    assert dutch.motion(motion, DIRECTORY) == text


def test_outcome_of_a_motion_says_until_or_since_when() -> None:
    story = Story().admit("gm0228", *BOTH)
    opened, vetoed, lapsed = (recovery("gm0228", "new", deadline=START + days * DAY) for days in (90, 91, 92))

    def said(motion: Motion, now: int = 0) -> str:
        return dutch.outcome(story.ledger.membership.motions[hash_motion(motion)], now or story.now)

    story.move(opened, "gm0345")
    assert said(opened) == "ligt voor tot en met 15 april 2027 om 10:00 uur"
    assert (
        said(opened, START + 90 * DAY + 1)
        == "vervallen: niet op tijd aangenomen (tot en met 15 april 2027 om 10:00 uur)"
    )
    story.decide(vetoed)
    assert said(vetoed) == "aangenomen, vetotermijn loopt"
    assert said(vetoed, story.now + 14 * DAY) == "aangenomen, kan worden uitgevoerd"
    story.veto(vetoed, "gm0228:admin")
    assert said(vetoed) == "tegengehouden met een veto op 15 januari 2027 om 09:00 uur"
    story.decide(lapsed)
    assert (
        said(lapsed, story.now + 42 * DAY) == "vervallen: niet op tijd uitgevoerd (tot 26 februari 2027 om 09:00 uur)"
    )
    story.decide(expulsion("gm0228"))
    assert said(expulsion("gm0228")) == "uitgevoerd op 15 januari 2027 om 09:00 uur"


def test_meaning_of_a_motion_tells_whom_it_is_about_and_what_they_lose() -> None:
    story = Story().admit("gm0228", *BOTH)
    ede = story.ledger.members["gm0228"]
    motions = [admission("gm0228"), admission("gm0228", votes=False), expulsion("gm0228"), recovery("gm0228", "new")]
    motions.append(succession("gm0228", "gm0345"))
    sentences = [dutch.meaning(one, DIRECTORY) for one in motions]
    sentences += [dutch.meaning(one, DIRECTORY, ede) for one in motions[:2]]
    assert len(set(sentences)) == 7
    assert all("gemeente Ede" in one for one in sentences)
    assert sentences[4].startswith("gemeente Veenendaal neemt de plaats van gemeente Ede in")
    assert "een stem" in sentences[5]


def test_signature_of_a_successor_says_for_whom_it_stands(case: Case) -> None:
    first = case.conclude()
    assert "(nu " not in dutch.signed(case.story.agreement(first).head, DIRECTORY)
    case.story.succeed("gm0339", "gm0345")
    second = after(first, dossier="anders")
    text = dutch.signed(case.story.record(second, "gm0345", "gm0345"), DIRECTORY)
    key = key_of("gm0345")[:12]
    assert text.startswith(f"namens gemeente Renswoude (nu gemeente Veenendaal) door {key} (zelfstandig bevoegd sinds ")
    assert f" en namens gemeente Veenendaal door {key} (zelfstandig" in text


def test_status_says_since_or_until_when() -> None:
    story = Story(MIDNIGHT)
    story.admit(*BOTH)
    for one in BOTH:
        story.appoint(one)
    first = concluding(*BOTH, since=MIDNIGHT, valid_until=MIDNIGHT + 31 * DAY)
    story.record(first, *BOTH)
    agreement = story.agreement(first)
    assert dutch.status(agreement, MIDNIGHT - 1).startswith("nog niet in werking (pas vanaf 1 juli 2026")
    assert dutch.status(agreement, MIDNIGHT) == "van kracht (vanaf 1 juli 2026 tot en met 31 juli 2026)"
    assert dutch.status(agreement, MIDNIGHT + 31 * DAY) == "verlopen (gold tot en met 31 juli 2026)"
    end = after(first, parties=(), valid_from=MIDNIGHT + 5 * DAY, valid_until=0)
    story.record(end, *BOTH)
    assert dutch.status(story.agreement(end), MIDNIGHT + 5 * DAY) == "beëindigd (met ingang van 6 juli 2026)"


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def said(case: Case, name: str, now: int, path: str = "overeenkomst.pdf") -> str:
    return dutch.verification(case.ask(case.file(name, path), now), DIRECTORY)


def test_sentence_says_what_between_whom_signed_by_whom_recorded_when(case: Case) -> None:
    case.conclude()
    sentence = said(case, "eerste", START)
    assert sentence.startswith(
        "Dit is “eerste” (totstandkoming), overeengekomen tussen gemeente Renswoude en gemeente "
    )
    for one in BOTH:
        assert f"namens {DIRECTORY.name(one)} door {key_of(one)[:12]} (zelfstandig bevoegd sinds " in sentence
    assert "vastgelegd op 15 januari 2027 om 09:00 uur in blok 5" in sentence
    assert sentence.endswith("vandaag van kracht, vanaf 15 januari 2027.")


def test_sentence_names_an_attachment_and_the_manifest(case: Case) -> None:
    case.conclude()
    assert said(case, "eerste", START, "bijlage.txt").startswith("Dit is “Bijlage 1: kaart” bij “eerste”")
    answer = case.ask(case.dossiers["eerste"].folder / "manifest.json", START)
    assert dutch.verification(answer, DIRECTORY).startswith("Dit is de beschrijving (manifest) van “eerste”")


def test_sentence_says_where_the_text_stands_in_time(case: Case) -> None:
    first = case.conclude(valid_until=START + 50 * DAY)
    second = case.follow(first, "tweede", valid_from=START + 10 * DAY)
    case.follow(second, "einde", parties=(), valid_from=START + 20 * DAY, valid_until=0)
    assert "nog niet van kracht, pas vanaf 25 januari 2027" in said(case, "tweede", START)
    replaced = said(case, "eerste", START + 10 * DAY)
    assert "niet meer van kracht: met ingang van 25 januari 2027 vervangen door de wijziging 0x" in replaced
    ended = said(case, "tweede", START + 20 * DAY)
    assert "niet meer van kracht: de overeenkomst is met ingang van 4 februari 2027 beëindigd" in ended
    own = said(case, "einde", START + 20 * DAY)
    assert "overeengekomen tussen gemeente Renswoude en gemeente Veenendaal" in own
    assert own.endswith("hiermee is de overeenkomst beëindigd met ingang van 4 februari 2027.")


def test_sentence_of_an_expired_text_names_its_last_day(case: Case) -> None:
    case.conclude(valid_until=START + 10 * DAY)
    assert said(case, "eerste", START + 10 * DAY).endswith("het gold tot en met 25 januari 2027.")


def test_sentence_of_a_proposal_says_that_nobody_is_bound(case: Case) -> None:
    case.story.propose(Act(dossier=case.dossier("plan").root, parties=BOTH, valid_from=START), "gm0345")
    sentence = said(case, "plan", START)
    assert sentence.startswith(
        "overeenkomst.pdf is voorgesteld als “plan”, maar niet vastgelegd: gemeente Renswoude en"
    )


def test_sentence_of_an_unknown_file_names_lookalikes_and_what_is_not_at_hand(case: Case, tmp_path: Path) -> None:
    case.conclude()
    case.story.record(concluding(*BOTH, dossier="elders"), *BOTH)
    file = tmp_path / "overeenkomst.pdf"
    file.write_bytes(b"anders")
    sentence = dutch.verification(case.ask(file), DIRECTORY)
    assert sentence.startswith("overeenkomst.pdf is niet wat is overeengekomen")
    assert "een bestand met die naam hoort wel bij “eerste”, maar met een andere inhoud" in sentence
    assert sentence.endswith("van 1 vastgelegde dossiers is de inhoud hier niet bij de hand.")


@pytest.mark.parametrize("now", [START - DAY, START, START + 10 * DAY, START + 20 * DAY, START + 30 * DAY])
def test_every_document_has_a_sentence_on_every_day(case: Case, now: int) -> None:
    first = case.conclude(notice=DAY, valid_until=START + 25 * DAY)
    second = case.follow(first, "tweede", valid_from=START + 10 * DAY)
    case.follow(second, parties=BOTH[:1], valid_from=START + 15 * DAY)
    for name in ("eerste", "tweede"):
        answer = case.ask(case.file(name), now)
        assert answer.outcome in Outcome
        assert dutch.verification(answer, DIRECTORY).endswith(".")


def test_titles_with_brackets_stay_as_they_are(tmp_path: Path) -> None:
    case: Any = Case(tmp_path)
    source = write_source(tmp_path / "x", BOTH, date(2026, 1, 1), title="Zorg [/] jeugd [red]")
    case.story.record(Act(dossier=build(source, Store(tmp_path / "store")).root, parties=BOTH, valid_from=START), *BOTH)
    assert "“Zorg [/] jeugd [red]”" in dutch.verification(case.ask(source / "overeenkomst.pdf"), DIRECTORY)
