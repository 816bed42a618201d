"""Motions travel as files, and what was done to a file on its way is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from council_motions import STRANGER, Foodvalley, member, moved
from said import said
from world import Region, account, day_of, write_source


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
