"""What the list of motions, the history and the council tell of motions, and whom they warn."""

from __future__ import annotations

from pathlib import Path

from council_motions import MOTION, STRANGER, TALLY, Foodvalley, decided, moved, recovery
from said import said
from world import Region

from registry import localnet
from registry.keys import import_key


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
