"""The motions of the council, as its members put, sign, decide, veto and enact them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from world import DAY, Region, account, day_of, write_source

from registry import localnet
from registry.keys import import_key
from registry.model import Action, Motion
from registry.statements import hash_motion

STRANGER = account("stranger")
VOTERS = ("barneveld", "ede", "nijkerk", "scherpenzeel", "wageningen")  # five of the eight
SENT = {"transaction", "block", "gasUsed"}
MOTION = {"motionHash", "motion", "organisation", "status", "movedBy", "effectFrom", "lapsesAt"}
MOTION |= {"decided", "vetoed", "enacted"}
TALLY = {"inFavour", "voters", "needed", "carried", "missing", "organisationConsents"}
Foodvalley = Callable[..., Any]


def said(ran: Any, code: int, *words: str) -> None:
    assert ran.code == code, ran.text
    for one in words:
        assert one in ran.text, ran.text


def moved(region: Region, action: str, organisation: str, days: int = 30, **named: Any) -> str:
    """A motion that Ede put on chain; without a command, as most tests are about what comes after."""
    one = Motion(Action(action), organisation, region.now() + days * DAY, **named)
    region.register.move(one, region.signer("ede"))
    return "0x" + hash_motion(one).hex()


def voted(region: Region, motion: str, *roles: str) -> None:
    for role in roles:
        region.register.vote(bytes.fromhex(motion[2:]), region.signer(role))


def decided(foodvalley: Foodvalley, region: Region, *words: str, **named: Any) -> str:
    """The same, which four others voted for, decided."""
    motion = moved(region, *words, **named)
    voted(region, motion, *(one for one in VOTERS if one != "ede"))
    assert foodvalley("motion", "decide", motion, "--dev", "carrier", "--json").code == 0
    return motion


def recovery(foodvalley: Foodvalley, region: Region) -> str:
    """A decided motion that waits for Rhenen."""
    return decided(foodvalley, region, "recover", "gm0340", administrator=STRANGER)


def member(foodvalley: Foodvalley, organisation: str) -> dict[str, Any]:
    members: list[dict[str, Any]] = foodvalley("council", "--json").json["members"]
    return next(one for one in members if one["organisation"]["id"] == organisation)


# Moving


def test_admitting_a_guest_from_move_to_effect(foodvalley: Foodvalley, region: Region) -> None:
    words = ("admit", "Flevoland", "--guest", "--administrator", STRANGER)
    put = foodvalley("motion", *words, "--dev", "ede", "--json").json
    assert set(put) == MOTION | TALLY | SENT | {"asOf"}
    assert put["motion"]["action"] == "admit"
    assert put["organisation"] == {"id": "pv24", "name": "provincie Flevoland"}
    assert [one["id"] for one in put["inFavour"]] == ["gm0228"]
    assert (put["voters"], put["needed"], put["carried"], len(put["missing"])) == (8, 5, False, 7)

    for role in VOTERS:
        if role != "ede":
            signed = foodvalley("motion", "sign", put["motionHash"][:12], "--dev", role, "--json").json
    assert set(signed) == MOTION | TALLY | SENT | {"asOf"}
    assert signed["carried"] is True

    done = foodvalley("motion", "decide", put["motionHash"], "--dev", "carrier", "--json").json
    assert set(done) == MOTION | SENT | {"asOf"}
    assert done["status"] == "enacted"
    admitted = member(foodvalley, "pv24")
    assert (admitted["administrator"], admitted["votes"]) == (STRANGER, False)


def test_moving_in_words(foodvalley: Foodvalley) -> None:
    put = foodvalley("motion", "recover", "Rhenen", "--administrator", STRANGER, "--dev", "ede")
    said(put, 0, "Motie ingediend: herstel van de beheerder van gemeente Rhenen", STRANGER)
    said(put, 0, "Ede: 1 van de 8 stemmen, 5 nodig", "nog niet Barneveld,", "foodvalley motion sign 0x")


def test_a_motion_can_be_decided_up_to_thirty_days_from_now(foodvalley: Foodvalley, region: Region) -> None:
    put = foodvalley("motion", "expel", "Rhenen", "--dev", "ede", "--json").json
    by = put["motion"]["deadline"]
    assert day_of(by) == day_of(region.now(), later=30)
    assert day_of(by + 1) == day_of(region.now(), later=31)
    day = day_of(region.now(), later=3)
    other = foodvalley("motion", "expel", "Rhenen", "--deadline", day, "--dev", "ede", "--json").json
    assert day_of(other["motion"]["deadline"]) == day
    assert day_of(other["motion"]["deadline"] + 1) != day
    region.travel(4 * DAY)
    said(foodvalley("motion", "sign", other["motionHash"], "--dev", "rhenen"), 1, "had to be decided by")
    said(foodvalley("motion", "decide", other["motionHash"], "--dev", "carrier"), 1, "later --deadline")
    assert "expired" in {one["status"] for one in foodvalley("motion", "list", "--json").json["motions"]}
    said(foodvalley("motion", "list"), 0, "vervallen: niet op tijd aangenomen")


def test_reasons_and_decision_go_along_as_digests(foodvalley: Foodvalley, region: Region, tmp_path: Path) -> None:
    source = write_source(tmp_path / "redenen", ("rhenen", "ede"), day_of(region.now()), title="Redenen (voorbeeld)")
    decision = tmp_path / "besluit.pdf"
    decision.write_bytes(b"besluit")
    words = ("expel", "Rhenen", "--dossier", source, "--decision", decision)
    put = foodvalley("motion", *words, "--dev", "ede", "--json").json
    assert int(put["motion"]["dossier"], 16)
    said(foodvalley("motion", "show", put["motionHash"]), 0, "redenen Redenen (voorbeeld)")
    events = foodvalley("history", "--json").json["events"]
    assert events[-1]["event"] == "Voted"
    assert events[-1]["decision"] == "0x" + sha256(b"besluit").hexdigest()
    # whoever does not have the reasons is told
    root = put["motion"]["dossier"][2:]
    (tmp_path / "home" / "dossiers" / root).rename(tmp_path / "weg")
    said(foodvalley("motion", "show", put["motionHash"]), 0, "niet bij de hand")
    signed = foodvalley("motion", "sign", put["motionHash"], "--dev", "rhenen", "--json")
    assert signed.code == 0
    assert "are not at hand" in signed.err


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("admit", "Edde", "--administrator", STRANGER), 1, "did you mean gm0228"),
        (("admit", "Flevoland", "--administrator", "0x12"), 2, "is not an address"),
        (("admit", "Flevoland", "--administrator", "0x" + 40 * "0"), 1, "has an administrator"),
        (("admit", "Flevoland"), 2, "Missing option"),
        (("admit", "Rhenen", "--administrator", account("rhenen:admin")), 1, "takes part already, with this vote"),
        (("admit", "Rhenen", "--administrator", STRANGER), 1, "foodvalley motion recover"),
        (("expel", "Flevoland"), 1, "does not take part"),
        (("expel", "Rhenen", "--deadline", "2020-01-01"), 2, "2020-01-01 has passed"),
        (("expel", "Rhenen", "--deadline", "morgen"), 2, "is not a day"),
        (("expel", "Rhenen", "--dossier", "0x12"), 1, "there is no dossier 0x12"),
        (("expel", "Rhenen", "--decision", "weg.pdf"), 2, "there is no file weg.pdf"),
        (("succeed", "Rhenen", "--by", "Flevoland"), 1, "does not take part"),
        (("succeed", "Rhenen", "--by", "Rhenen"), 1, "cannot take that place"),
        (("recover", "Rhenen", "--administrator", account("rhenen:admin")), 1, "is the administrator already"),
        (("recover", "Flevoland", "--administrator", STRANGER), 1, "does not take part"),
    ],
)
def test_a_motion_that_cannot_be_is_refused_before_anybody_signs(
    foodvalley: Foodvalley, words: tuple[str, ...], code: int, message: str
) -> None:
    refused = foodvalley("motion", *words, "--dev", "ede")
    assert (refused.code, refused.out) == (code, ""), refused.text
    assert message in refused.text


def test_who_may_not_move_is_told(foodvalley: Foodvalley) -> None:
    said(foodvalley("motion", "expel", "Rhenen", "--dev", "stranger"), 1, "is a signatory of no organisation")
    said(foodvalley("motion", "expel", "Rhenen", "--yes"), 2, "no key is named")


def test_the_same_motion_again_needs_another_deadline(foodvalley: Foodvalley, region: Region) -> None:
    again = ("motion", "recover", "Rhenen", "--administrator", STRANGER, "--dev", "ede")
    motion = foodvalley(*again, "--json").json["motionHash"]
    voted(region, motion, "barneveld", "nijkerk", "wageningen", "scherpenzeel")
    assert foodvalley("motion", "decide", motion, "--dev", "carrier", "--json").code == 0
    assert foodvalley("motion", "veto", motion, "--dev", "rhenen", "--json").code == 0
    said(foodvalley(*again), 1, "was decided already (vetoed)", "another --deadline")
    said(foodvalley(*again, "--deadline", day_of(region.now(), later=40)), 0, "Motie ingediend")


# Signing


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


# Files


def test_a_motion_travels_as_a_file_and_costs_one_transaction(
    foodvalley: Foodvalley, region: Region, tmp_path: Path
) -> None:
    file, copy = tmp_path / "motie.json", tmp_path / "kopie.json"
    words = ("motion", "admit", "Flevoland", "--administrator", STRANGER)
    put = foodvalley(*words, "--offline", file, "--dev", "ede", "--json").json
    assert {"motionHash", "motion", "approvals", "chainId", "register", "file"} <= set(put)
    copy.write_text(file.read_text())
    before = region.chain.latest()[0]
    for role in ("barneveld", "nijkerk"):
        assert foodvalley("motion", "sign", file, "--offline", file, "--dev", role, "--json").code == 0
    for role in ("rhenen", "wageningen"):
        signed = foodvalley("motion", "sign", copy, "--offline", copy, "--dev", role)
        said(signed, 0, "Ondertekend in", "toelating van provincie Flevoland, met stem", STRANGER, "motion decide")
    assert region.chain.latest()[0] == before
    said(foodvalley("motion", "show", file), 0, "3 van de 8 stemmen", "toelating van provincie Flevoland, met stem")
    said(foodvalley("motion", "decide", file, "--dev", "carrier"), 1, "3 of the 8 voting members approve", "5 are")
    done = foodvalley("motion", "decide", file, copy, "--dev", "carrier")
    said(done, 0, "Aangenomen en uitgevoerd", "door Barneveld, Ede, Nijkerk, Wageningen, Rhenen")
    assert member(foodvalley, "pv24")["votes"] is True
    said(foodvalley("motion", "decide", file, copy, "--dev", "carrier"), 1, "was decided already (enacted)")


@pytest.fixture
def file(foodvalley: Foodvalley, tmp_path: Path) -> Path:
    path = tmp_path / "motie.json"
    assert foodvalley("motion", "expel", "Rhenen", "--offline", path, "--dev", "ede", "--json").code == 0
    return path


def altered(path: Path, alter: Callable[[dict[str, Any]], object]) -> Path:
    data = json.loads(path.read_text())
    alter(data)
    path.write_text(json.dumps(data))
    return path


@pytest.mark.parametrize("verb", ["sign", "decide"])
@pytest.mark.parametrize("content", [b"", bytes(range(256)), b'{"format": 1, "motion": {}}'])
def test_what_is_no_motion_file_is_refused(foodvalley: Foodvalley, file: Path, verb: str, content: bytes) -> None:
    file.write_bytes(content)
    said(foodvalley("motion", verb, file, "--dev", "ede"), 2, "is not a proposal file")


def test_a_motion_file_that_was_changed_is_refused(foodvalley: Foodvalley, file: Path) -> None:
    altered(file, lambda data: data["motion"].update(organisation="gm0345"))
    said(foodvalley("motion", "sign", file, "--dev", "nijkerk"), 1, "the motion is not the one its hash names")


def test_a_forged_vote_is_refused(foodvalley: Foodvalley, file: Path) -> None:
    altered(file, lambda data: data["approvals"][0].update(signatory=account("nijkerk")))
    said(foodvalley("motion", "decide", file, "--dev", "carrier"), 1, "is not theirs")


def test_a_motion_file_for_another_register_is_refused(foodvalley: Foodvalley, file: Path) -> None:
    altered(file, lambda data: data.update(approvals=[], chainId=5))
    said(foodvalley("motion", "decide", file, "--dev", "carrier"), 1, "on chain 5, not for")
    elsewhere = ("--register", account("ede"))
    said(foodvalley("motion", "sign", file, "--offline", file, *elsewhere, "--dev", "ede"), 1, "do not sign")


def test_acts_and_motions_do_not_mix(foodvalley: Foodvalley, file: Path, region: Region, tmp_path: Path) -> None:
    said(foodvalley("sign", file, "--dev", "ede"), 2, "holds a motion, not an act", "foodvalley motion")
    source = write_source(tmp_path / "bron", ("renswoude", "veenendaal"), day_of(region.now()))
    proposal = tmp_path / "voorstel.json"
    assert foodvalley("propose", source, "--offline", proposal, "--dev", "veenendaal", "--json").code == 0
    said(foodvalley("motion", "sign", proposal, "--dev", "ede"), 2, "holds an act, not a motion")
    said(foodvalley("motion", "sign", file, "--offline", proposal, "--dev", "ede"), 2, "holds another act or motion")
    other = moved(region, "expel", "gm0267")
    said(foodvalley("motion", "decide", file, other, "--dev", "carrier"), 2, "these are different motions")


# Deciding, waiting, vetoing


def test_without_a_majority_nothing_is_decided(foodvalley: Foodvalley, region: Region) -> None:
    motion = moved(region, "expel", "gm0340")
    voted(region, motion, "barneveld", "nijkerk", "wageningen", "utrecht")  # a guest does not count
    refused = foodvalley("motion", "decide", motion, "--dev", "carrier")
    said(refused, 1, "4 of the 8 voting members approve", "5 are needed", "gemeente Ede (gm0228)", "motion sign")
    assert foodvalley("motion", "decide", motion, "--dev", "carrier", "--json").error["error"] == "Refused"


def test_a_recovered_key_waits_for_a_veto_and_is_enacted(foodvalley: Foodvalley, region: Region) -> None:
    motion = moved(region, "recover", "gm0340", administrator=STRANGER)
    voted(region, motion, *(one for one in VOTERS if one != "ede"))
    done = foodvalley("motion", "decide", motion, "--dev", "carrier")
    said(done, 0, "Aangenomen, en wacht op een veto", "veto door gemeente Rhenen, tot", "foodvalley motion enact")
    waits = member(foodvalley, "gm0340")["waiting"]
    assert set(waits) == {"motionHash", "action", "effectFrom", "lapsesAt"}
    assert waits["motionHash"] == motion
    assert waits["lapsesAt"] - waits["effectFrom"] == 28 * DAY
    early = foodvalley("motion", "enact", motion, "--dev", "carrier")
    said(early, 1, "the organisation can veto the motion until")
    region.travel(14 * DAY)
    shown = foodvalley("motion", "show", motion, "--json").json
    assert set(shown) == MOTION | {"asOf"}
    assert shown["status"] == "enactable"
    said(foodvalley("motion", "list"), 0, "kan worden uitgevoerd", "dat kan nu elk moment")
    enacted = foodvalley("motion", "enact", motion, "--dev", "stranger", "--json").json
    assert set(enacted) == MOTION | SENT | {"asOf"}
    assert enacted["status"] == "enacted"
    assert member(foodvalley, "gm0340")["administrator"] == STRANGER
    said(foodvalley("appoint", account("carrier"), "--for", "Rhenen", "--dev", "stranger"), 0, "Benoemd")
    said(foodvalley("motion", "enact", motion, "--dev", "carrier"), 1, "does not wait (enacted)")
    said(foodvalley("motion", "show", motion), 0, "uitgevoerd op", "ingediend namens gemeente Ede")


def test_what_nobody_enacts_lapses(foodvalley: Foodvalley, region: Region) -> None:
    motion = recovery(foodvalley, region)
    region.travel(42 * DAY)
    assert foodvalley("motion", "show", motion, "--json").json["status"] == "lapsed"
    said(foodvalley("motion", "enact", motion, "--dev", "carrier"), 1, "nobody enacted the motion before")
    said(foodvalley("motion", "list"), 0, "vervallen: niet op tijd uitgevoerd")
    assert member(foodvalley, "gm0340")["waiting"] is None


@pytest.mark.parametrize("role", ["rhenen:admin", "rhenen:2"])
def test_one_key_of_the_organisation_stops_it(foodvalley: Foodvalley, region: Region, role: str) -> None:
    motion = recovery(foodvalley, region)
    words = ("motion", "veto", motion[:12], "--reason", "onze sleutel is niet verloren", "--dev", role)
    done = foodvalley(*words, "--json").json
    assert set(done) == {"motionHash", "reasonKept"} | SENT
    kept = json.loads(Path(done["reasonKept"]).read_text())
    digest = sha256(bytes.fromhex(kept["salt"]) + kept["reason"].encode()).hexdigest()
    event = foodvalley("history", "--json").json["events"][-1]
    assert (event["event"], event["reason"]) == ("MotionVetoed", "0x" + digest)
    said(foodvalley(*words), 1, "does not wait (vetoed)")
    region.travel(14 * DAY)
    said(foodvalley("motion", "enact", motion, "--dev", "carrier"), 1, "does not wait (vetoed)")
    said(foodvalley("motion", "show", motion), 0, "tegengehouden met een veto op")
    assert member(foodvalley, "gm0340")["administrator"] == account("rhenen:admin")


def test_a_veto_in_words_and_by_others(foodvalley: Foodvalley, region: Region) -> None:
    motion = recovery(foodvalley, region)
    said(foodvalley("motion", "veto", motion, "--dev", "ede"), 1, "neither the administrator nor a signatory")
    said(foodvalley("motion", "veto", motion, "--dev", "stranger"), 1, "neither the administrator nor a signatory")
    said(foodvalley("motion", "veto", moved(region, "expel", "gm0267"), "--dev", "nijkerk"), 1, "does not wait")
    said(foodvalley("motion", "veto", "0x1234", "--dev", "ede"), 1, "is the hash of no motion")
    said(foodvalley("motion", "veto", motion, "--reason", "nee", "--dev", "rhenen"), 0, "Tegengehouden", "bewaar dat")


def test_one_motion_at_a_time_waits_for_an_organisation(foodvalley: Foodvalley, region: Region) -> None:
    first = recovery(foodvalley, region)
    second = moved(region, "succeed", "gm0340", successor="gm0345")
    voted(region, second, *(one for one in VOTERS if one != "ede"))
    refused = foodvalley("motion", "decide", second, "--dev", "carrier")
    said(refused, 1, f"motion {first} waits for this organisation", "enact it")


def test_with_its_own_vote_there_is_nothing_to_wait_for(foodvalley: Foodvalley, region: Region) -> None:
    motion = moved(region, "succeed", "gm0340", successor="gm0345")
    voted(region, motion, "barneveld", "nijkerk", "wageningen", "rhenen")
    shown = foodvalley("motion", "show", motion, "--json").json
    assert shown["organisationConsents"] is True
    assert shown["possible"] is True
    said(foodvalley("motion", "decide", motion, "--dev", "carrier"), 0, "Aangenomen en uitgevoerd: opvolging van")
    assert member(foodvalley, "gm0340")["successor"] == {"id": "gm0345", "name": "gemeente Veenendaal"}
    said(foodvalley("council"), 0, "gemeente Rhenen (gm0340), opgevolgd door gemeente Veenendaal (gm0345)", "7 stemmen")
    said(foodvalley("motion", "expel", "Rhenen", "--dev", "ede"), 1, "took the place of gemeente Rhenen")


def test_a_motion_that_was_overtaken_says_so(foodvalley: Foodvalley, region: Region) -> None:
    waiting = moved(region, "expel", "gm0340", days=50)
    decided(foodvalley, region, "expel", "gm0340")
    said(foodvalley("motion", "show", waiting), 0, "kan deze motie niet worden aangenomen")
    assert foodvalley("motion", "show", waiting, "--json").json["possible"] is False
    said(foodvalley("motion", "sign", waiting, "--dev", "nijkerk"), 1, "was expelled already")


# Looking


def test_an_empty_list_says_what_there_can_be(foodvalley: Foodvalley) -> None:
    said(foodvalley("motion", "list"), 0, "Er is nog geen motie ingediend")
    assert foodvalley("motion", "list", "--json").json["motions"] == []


def test_the_list_shows_open_waiting_and_decided(foodvalley: Foodvalley, region: Region) -> None:
    waits = recovery(foodvalley, region)
    open_one = moved(region, "admit", "pv24", administrator=STRANGER)
    settled = decided(foodvalley, region, "expel", "gm0345")
    document = foodvalley("motion", "list", "--json").json
    assert set(document) == {"motions", "asOf"}
    by_hash = {one["motionHash"]: one for one in document["motions"]}
    assert {one: by_hash[one]["status"] for one in (waits, open_one, settled)} == {
        waits: "veto period",
        open_one: "open",
        settled: "enacted",
    }
    assert set(by_hash[open_one]) == MOTION | TALLY | {"possible"}
    listed = foodvalley("motion", "list")
    for words in (waits[:12], "vetotermijn loopt", "ligt voor tot en met", "Afgedaan", "uitsluiting van gemeente"):
        assert words in listed.text
    assert foodvalley("status", "--json").json["openMotions"] == 2
    said(foodvalley("status"), 0, "2 moties")


def test_history_tells_of_the_council(foodvalley: Foodvalley, region: Region) -> None:
    motion = recovery(foodvalley, region)
    foodvalley("motion", "veto", motion, "--dev", "rhenen", "--json")
    decided(foodvalley, region, "expel", "gm0340")
    told = foodvalley("history")
    said(told, 0, f"dient motie {motion[:12]} in: herstel van de beheerder van gemeente Rhenen: {STRANGER}")
    for words in ("stemt voor motie", "aangenomen:", "uitvoerbaar vanaf", "tegen met een veto", "uitgesloten:"):
        assert words in told.text
    kinds = {one["event"] for one in foodvalley("history", "--json").json["events"]}
    assert {"Moved", "Voted", "MotionDecided", "MotionVetoed", "MotionEnacted", "MemberExpelled"} <= kinds


def test_a_loud_line_for_whoever_can_still_veto(foodvalley: Foodvalley, region: Region, tmp_path: Path) -> None:
    motion = recovery(foodvalley, region)
    alarm = "LET OP Er loopt een motie tegen"
    said(foodvalley("council"), 0, f"{alarm} gemeente Rhenen", f"foodvalley motion veto {motion[:12]}")
    assert alarm not in foodvalley("status").text
    # now as somebody who has a key of Rhenen
    keys = tmp_path / "home" / "keys"
    keys.mkdir(parents=True, exist_ok=True)
    private_key = localnet.development_account(localnet.development_role("rhenen:2")).key.hex()
    import_key(keys, "rhenen", private_key, "geen echt wachtwoord", kdf="pbkdf2", iterations=1)
    for words in (("list",), ("status",), ("council",), ("motion", "list")):
        said(foodvalley(*words), 0, f"{alarm} uw organisatie, gemeente Rhenen")
    (keys / "stuk.json").write_text("{")
    assert foodvalley("status").code == 0, "a broken key file keeps nobody from looking"
