"""A motion is decided, waits for a veto, and is enacted or stopped."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from council_motions import MOTION, SENT, STRANGER, VOTERS, Foodvalley, decided, member, moved, recovery, voted
from said import said
from world import DAY, Region, account


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
