"""The commands of the index, against a real register."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from world import Desk, Region


def test_index_is_made_looked_at_and_made_anew(foodvalley: Callable[..., Any], region: Region, desk: Desk) -> None:
    empty = foodvalley("index", "status")
    assert (empty.code, "no index" in empty.text) == (1, True)
    made = foodvalley("index", "update", "--json").json
    assert made["updated"] is True
    assert made["asOf"]["block"] == region.chain.latest()[0]
    assert made["asOf"]["fingerprint"] == "0x" + region.register.fingerprint().hex()
    assert made["counts"]["events"] == len(region.register.events())
    assert Path(made["index"]).is_file()
    assert foodvalley("index", "update", "--json").json["updated"] is False
    desk.concluded("veenendaal", "renswoude")
    behind = foodvalley("index", "status", "--json").json
    assert behind["latestBlock"] > behind["asOf"]["block"]
    assert foodvalley("index", "update", "--json").json["counts"]["agreements"] == 1
    anew = foodvalley("index", "rebuild", "--json").json
    assert (anew["asOf"]["block"], anew["counts"]["acts"]) == (region.chain.latest()[0], 1)
    shown = foodvalley("index", "status")
    assert "1 overeenkomst, 1 handeling" in shown.text
    assert "vingerafdruk" in shown.text


def test_index_can_be_put_elsewhere(
    foodvalley: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, index_url: str, tmp_path: Path
) -> None:
    monkeypatch.setenv("FOODVALLEY_INDEX", index_url)
    made = foodvalley("index", "update", "--json")
    assert made.json["counts"]["events"] > 0
    assert foodvalley("index", "rebuild", "--json").json["counts"] == made.json["counts"]
    monkeypatch.setenv("FOODVALLEY_INDEX", "sqlite:///hier.sqlite")
    foodvalley("index", "update")
    assert Path("hier.sqlite").is_file()


def test_database_of_something_else_is_left_alone(
    foodvalley: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import sqlite3

    path = tmp_path / "boekhouding.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE events (bedrag)")
        other.execute("INSERT INTO events VALUES (1)")
    monkeypatch.setenv("FOODVALLEY_INDEX", f"sqlite:///{path}")
    for word in ("update", "rebuild"):
        refused = foodvalley("index", word, "--json")
        assert refused.code == 3
        assert "something else" in refused.error["message"]
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT * FROM events").fetchall() == [(1,)]


@pytest.mark.parametrize("wrong", ["index.sqlite", "mysql://ik:geheim@host/x", "sqlite", "://"])
def test_wrong_address_is_told_without_repeating_it(
    foodvalley: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv("FOODVALLEY_INDEX", wrong)
    refused = foodvalley("index", "update", "--json")
    assert refused.code == 2
    assert "FOODVALLEY_INDEX" in refused.error["message"]
    assert "geheim" not in refused.err
