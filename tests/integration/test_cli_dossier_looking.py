"""``foodvalley dossier list`` and ``show``: what the store holds, also when something in it is damaged."""

import json

from dossiers import build, fact
from world import SAMPLES


def test_list_shows_the_store_with_parties_by_name(ask, source):
    assert "nog geen dossiers" in ask("list").out
    root = build(ask, source)
    answer = ask("list")
    assert answer.code == 0
    assert root[:12] in answer.out
    assert "(voorbeeld)" in answer.out
    assert "Veenendaal, Ede" in answer.out
    (row,) = ask("list", "--json").json()["dossiers"]
    assert row["root"] == root
    assert row["kind"] == "convenant"


def test_list_at_80_columns_cuts_nothing_off(ask):
    for sample in sorted(SAMPLES.iterdir()):
        if sample.is_dir():
            assert ask("build", sample).code == 0
    lines = ask("list").out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert lines[1].split() == ["dossier", "titel", "en", "soort", "partijen", "stukken"]
    assert any(line.split() and line.split()[-1] == "2" for line in lines)


def test_list_shows_the_others_when_one_is_damaged(ask, home, source):
    sound, broken = build(ask, source), build(ask, source)
    (home / "dossiers" / broken[2:] / "manifest.json").write_text("{}")
    answer = ask("list")
    assert answer.code == 0
    assert sound[:12] in answer.out
    assert broken in answer.err
    assert [one["root"] for one in ask("list", "--json").json()["damaged"]] == [broken]


def test_show_tells_all_that_the_manifest_says(ask, source):
    root = build(ask, source)
    answer = ask("show", root[:10])
    assert answer.code == 0
    for text in ("Convenant [fietsroutes] (voorbeeld)", "leggen samen fietsroutes aan", "Ede telt fietsers."):
        assert text in answer.out
    assert "30 juni 2026" in answer.out
    assert ask("show", root, "--json").json()["manifest"]["commitments"][0]["id"] == "T1"


def test_an_erased_file_is_shown_as_erased(ask, home, source):
    root = build(ask, source)
    folder = home / "dossiers" / root[2:]
    leaves = json.loads((folder / "leaves.json").read_text())
    leaves["leaves"][2]["salt"] = None
    (folder / "leaves.json").write_text(json.dumps(leaves))
    (folder / "kaart.txt").unlink()
    assert "kaart.txt (bijlage, gewist)" in ask("show", root).out
    checked = ask("check", root)
    assert checked.code == 0
    assert fact(checked, "gewist") == "kaart.txt"
    file = ask("show", root, "--json").json()["files"][2]
    assert (file["erased"], file["size"]) == (True, None)
