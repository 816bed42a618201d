"""Members put motions to the council: each kind, with reasons, and what cannot be put."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from council_motions import MOTION, SENT, STRANGER, TALLY, VOTERS, Foodvalley, member, voted
from said import said
from world import DAY, Region, account, day_of, write_source


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
