"""``foodvalley dossier``: what people and machines read, and what they hear when something is wrong."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from registry.cli.app import run
from registry.cli.commands import dossier as commands

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "samples" / "mobiliteitsconvenant"

MANIFEST = {
    "manifest": 1,
    "title": "Convenant [fietsroutes]",
    "summary": "De gemeenten leggen samen fietsroutes aan.",
    "kind": "convenant",
    "policyArea": "mobiliteit",
    "example": True,
    "parties": [
        {"organisation": "Veenendaal", "organ": "college"},
        {"organisation": "Ede", "organ": "raad"},
    ],
    "validFrom": "2026-01-01",
    "validUntil": "2026-12-31",
    "noticeDays": 90,
    "deadline": "2026-03-01",
    "commitments": [{"id": "T1", "organisation": "Ede", "text": "Ede telt fietsers.", "due": "2026-06-30"}],
    "files": [{"path": "convenant.pdf", "role": "overeenkomst"}, {"path": "kaart.txt", "role": "bijlage"}],
}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A place of this test's own: no settings from outside, 80 columns, working in ``tmp_path``."""
    for variable in [name for name in os.environ if name.startswith("FOODVALLEY_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("FOODVALLEY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.fixture
def ask(capsys):
    """Runs a command in this process; gives its exit code and what it printed, which is never a traceback."""

    def asked(*words):
        code = run(["dossier", *map(str, words)])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return SimpleNamespace(code=code, out=out, err=err, json=lambda: json.loads(out))

    return asked


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "bron"
    folder.mkdir()
    write_manifest(folder)
    (folder / "convenant.pdf").write_bytes(b"%PDF-1.7\nconvenant")
    (folder / "kaart.txt").write_text("kaart")
    return folder


def fact(answer, label):
    """The value of a labelled line, however wide the label stands."""
    return next(line.split(label, 1)[1].strip() for line in answer.out.splitlines() if line.strip().startswith(label))


def write_manifest(folder, **changes):
    manifest = {**MANIFEST, **changes}
    (folder / "manifest.yaml").write_text(yaml.safe_dump(manifest, sort_keys=False), encoding="utf-8")


def kept(home):
    store = home / "dossiers"
    return sorted(path.name for path in store.iterdir()) if store.exists() else []


def build(ask, folder):
    return ask("build", folder, "--json").json()["root"]


COMMANDS = {"new", "build", "check", "add", "list", "show", "fetch", "erase", "erasures"}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help_gives_a_reason_and_an_example(ask, name):
    answer = ask(name, "--help")
    assert answer.code == 0
    assert f"Example: foodvalley dossier {name}" in answer.out
    assert "--json" in answer.out


def test_every_command_is_tested_for_its_help():
    names = {one.name or one.callback.__name__ for one in commands.app.registered_commands}
    assert names == COMMANDS


def test_new_writes_a_manifest_and_says_what_comes_next(ask, tmp_path):
    (tmp_path / "convenant.pdf").write_bytes(b"%PDF-1.7")
    answer = ask("new", ".")
    assert answer.code == 0
    assert (tmp_path / "manifest.yaml").exists()
    assert "Manifest gemaakt" in answer.out
    assert "convenant.pdf" in answer.out
    assert "foodvalley dossier build ." in answer.out


def test_new_answers_machines(ask, source):
    (source / "manifest.yaml").unlink()
    document = ask("new", source, "--json").json()
    assert document == {"manifest": str(source / "manifest.yaml"), "files": ["convenant.pdf", "kaart.txt"]}


def test_new_never_overwrites_a_manifest(ask, source):
    before = (source / "manifest.yaml").read_bytes()
    answer = ask("new", source)
    assert answer.code == 2
    assert "already exists" in answer.err
    assert (source / "manifest.yaml").read_bytes() == before


def test_new_needs_a_folder(ask):
    assert ask("new", "nergens").code == 2


def test_build_prints_the_root_the_leaves_the_parties_and_the_dates(ask, home, source):
    answer = ask("build", source)
    assert answer.code == 0
    (root,) = kept(home)
    lines = answer.out.splitlines()
    assert lines[0] == "Dossier gebouwd: Convenant [fietsroutes] (voorbeeld)"
    assert fact(answer, "dossier") == f"0x{root}"
    assert fact(answer, "partijen") == "gemeente Veenendaal (college) en gemeente Ede (raad)"
    assert fact(answer, "geldig") == "vanaf 1 januari 2026 tot en met 31 december 2026"
    assert fact(answer, "opzeggen") == "door één partij met 90 dagen opzegtermijn"
    assert fact(answer, "akkoord") == "uiterlijk 1 maart 2026"
    leaves = json.loads((home / "dossiers" / root / "leaves.json").read_text())["leaves"]
    for leaf in leaves:
        assert f"     blad 0x{leaf['leaf']}" in lines
    assert fact(answer, "verder met") == f"foodvalley propose 0x{root[:10]} --key NAAM"
    assert answer.err == ""


@pytest.mark.parametrize("columns", ["80", "120"])
def test_hashes_stay_on_one_line_and_lines_end_where_the_text_ends(ask, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    answer = ask("build", SAMPLE)
    lines = answer.out.splitlines()
    assert len([line for line in lines if "0x" in line and len(line.partition("0x")[2].split()[0]) == 64]) == 4
    assert all(len(line) <= int(columns) for line in lines if not line.strip().startswith("map "))
    assert all(line == line.rstrip() for line in lines)


def test_build_answers_machines(ask, source):
    document = ask("build", source, "--json").json()
    assert set(document) == {
        *("root", "folder", "title", "kind", "example", "parties", "validFrom", "validUntil"),
        *("noticeDays", "deadline", "manifest", "files", "unlisted"),
    }
    assert document["root"].startswith("0x")
    assert len(document["root"]) == 66
    assert document["parties"][0] == {"id": "gm0345", "name": "gemeente Veenendaal", "organ": "college"}
    assert document["validFrom"] == 1767222000  # 1 January 2026 in the Netherlands
    assert document["validUntil"] == 1798758000
    assert [one["path"] for one in document["files"]] == ["manifest.json", "convenant.pdf", "kaart.txt"]
    assert document["files"][2]["size"] == 5
    assert document["files"][0]["leaf"].startswith("0x")
    assert "salt" not in json.dumps(document)


def test_build_warns_of_files_that_the_manifest_does_not_list(ask, source):
    (source / "vergeten.pdf").write_bytes(b"%PDF-1.7")
    answer = ask("build", source)
    assert answer.code == 0
    assert "Warning" in answer.err
    assert "vergeten.pdf" in answer.err
    assert ask("build", source, "--json").json()["unlisted"] == ["vergeten.pdf"]


def test_a_file_name_cannot_steer_the_terminal(ask, source):
    (source / "\x1b[31mrood[bold].pdf").write_bytes(b"%PDF-1.7")
    answer = ask("build", source)
    assert "\x1b" not in answer.err
    assert "�[31mrood[bold].pdf" in answer.err


def test_an_act_that_ends_the_agreement_is_proposed_as_a_follow_up(ask, source):
    write_manifest(source, parties=[], validUntil=None, noticeDays=0, commitments=[])
    answer = ask("build", source)
    assert answer.code == 0
    assert "deze handeling beëindigt de overeenkomst" in answer.out
    assert "met ingang van 1 januari 2026" in answer.out
    assert "--follows OVEREENKOMST" in answer.out


def test_build_refuses_what_is_no_pdf_what_is_empty_and_what_is_missing_all_at_once(ask, home, source):
    (source / "convenant.pdf").write_text("dit is geen pdf")
    (source / "kaart.txt").write_bytes(b"")
    files = [*MANIFEST["files"], {"path": "weg.pdf", "role": "bijlage"}]
    write_manifest(source, files=files)
    answer = ask("build", source)
    assert answer.code == 2
    assert "convenant.pdf is not a PDF" in answer.err
    assert "kaart.txt is empty" in answer.err
    assert "weg.pdf is not in the folder" in answer.err
    assert kept(home) == []


def test_build_names_an_unknown_organisation_with_its_line(ask, source):
    parties = [{"organisation": "Veenendal", "organ": "college"}, {"organisation": "Ede", "organ": "raad"}]
    write_manifest(source, parties=parties)
    line = (source / "manifest.yaml").read_text().splitlines().index("- organisation: Veenendal") + 1
    answer = ask("build", source)
    assert answer.code == 2
    assert f"manifest.yaml:{line}: parties[0].organisation: unknown organisation 'Veenendal'" in answer.err
    assert "did you mean gm0345 (gemeente Veenendaal)?" in answer.err


def test_build_refuses_dates_in_the_wrong_order(ask, source):
    write_manifest(source, validFrom="2026-01-01", validUntil="2025-12-31")
    answer = ask("build", source)
    assert answer.code == 2
    assert "manifest.yaml" in answer.err
    assert "validUntil" in answer.err


def test_errors_for_machines_are_json_with_every_problem(ask, source):
    write_manifest(source, kind="convenent", validFrom="gisteren")
    answer = ask("build", source, "--json")
    assert answer.code == 2
    assert answer.out == ""
    error = json.loads(answer.err)
    assert error["error"] == "Manifest"
    assert {one["field"] for one in error["problems"]} == {"kind", "validFrom"}
    assert all(one["line"] for one in error["problems"])


def test_check_of_a_source_says_that_it_can_be_built_and_builds_nothing(ask, home, source):
    answer = ask("check", source)
    assert answer.code == 0
    assert "zou kunnen worden gebouwd" in answer.out
    assert kept(home) == []
    document = ask("check", source, "--json").json()
    assert (document["built"], document["sound"], document["unlisted"]) == (False, True, [])


def test_check_of_a_source_has_no_root_to_compare(ask, source):
    answer = ask("check", source, "--root", "0x" + "00" * 32)
    assert answer.code == 2
    assert "not built yet" in answer.err


def test_check_recomputes_a_dossier_of_the_store_or_of_a_folder(ask, home, source):
    root = build(ask, source)
    for what in (root, root[:8], root[2:9], home / "dossiers" / root[2:]):
        answer = ask("check", what, "--root", root)
        assert answer.code == 0
        assert "Klopt" in answer.out
        assert fact(answer, "dossier") == root
    assert "zegt het register" in ask("check", root).out
    assert ask("check", root, "--json").json()["built"] is True


def test_check_names_a_changed_byte(ask, home, source):
    root = build(ask, source)
    (home / "dossiers" / root[2:] / "convenant.pdf").write_bytes(b"%PDF-1.7\nconvenanT")
    answer = ask("check", root)
    assert answer.code == 1
    assert "convenant.pdf: expected leaf" in answer.err


def test_check_refuses_a_sound_dossier_with_another_root(ask, source):
    root = build(ask, source)
    other = "0x" + "ab" * 32
    answer = ask("check", root, "--root", other)
    assert answer.code == 1
    assert "ab" * 32 in answer.err


def test_check_refuses_a_dossier_that_stands_under_another_root(ask, home, source):
    root = build(ask, source)
    other = "ab" * 32
    (home / "dossiers" / root[2:]).rename(home / "dossiers" / other)
    assert ask("check", "0xabab").code == 1


@pytest.mark.parametrize("root", ["0x12", "veenendaal", "0x" + "g" * 64])
def test_a_root_to_compare_is_written_in_full(ask, source, root):
    assert ask("check", source, "--root", root).code == 2


def test_what_is_not_there_is_named_with_what_to_do(ask, source, tmp_path):
    unknown = ask("show", "0xabcdef")
    assert unknown.code == 1
    assert "foodvalley dossier list" in unknown.err
    assert ask("check", "nergens").code == 2
    assert ask("check", source / "kaart.txt").code == 2
    assert ask("build", "nergens").code == 2
    assert ask("check", "x" * 300).code == 3  # too long a name for any disk
    for command in ("show", "add"):
        unbuilt = ask(command, source)
        assert unbuilt.code == 2
        assert "foodvalley dossier build" in unbuilt.err


def test_a_prefix_that_fits_two_dossiers_is_refused(ask, home, source):
    for _ in range(17):  # of 17 roots, two begin with the same digit
        build(ask, source)
    digits = [name[0] for name in kept(home)]
    twice = next(digit for digit in digits if digits.count(digit) > 1)
    answer = ask("show", twice)
    assert answer.code == 2
    assert "write more digits" in answer.err


def test_add_takes_in_a_dossier_from_elsewhere_once(ask, home, source, tmp_path):
    root = build(ask, source)
    received = tmp_path / "ontvangen"
    (home / "dossiers" / root[2:]).rename(received)
    answer = ask("add", received, "--root", root)
    assert answer.code == 0
    assert "Dossier toegevoegd: Convenant [fietsroutes] (voorbeeld)" in answer.out
    assert kept(home) == [root[2:]]
    assert "Dossier was er al" in ask("add", received).out
    document = ask("add", received, "--json").json()
    assert (document["new"], document["root"]) == (False, root)


def test_add_refuses_another_dossier_than_was_agreed(ask, home, source, tmp_path):
    root = build(ask, source)
    received = tmp_path / "ontvangen"
    (home / "dossiers" / root[2:]).rename(received)
    assert ask("add", received, "--root", "0x" + "cd" * 32).code == 1
    (received / "kaart.txt").write_text("andere kaart")
    assert ask("add", received).code == 1
    assert kept(home) == []


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
    for sample in sorted((ROOT / "samples").iterdir()):
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


def test_a_full_disk_is_said_and_leaves_nothing(ask, home, source, tmp_path, monkeypatch):
    disk = tmp_path / "schijf"
    disk.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("needs root, for a small disk of its own")
    if subprocess.run([mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        (source / "kaart.txt").write_bytes(os.urandom(3 << 20))
        monkeypatch.setenv("FOODVALLEY_DOSSIERS", str(disk))
        answer = ask("build", source)
        assert answer.code == 3
        assert "the disk is full" in answer.err
        assert "What to do" in answer.err
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", disk], check=True)


def test_ctrl_c_while_building_leaves_nothing(home, source):
    with (source / "kaart.txt").open("wb") as file:
        file.truncate(16 << 30)  # sparse: takes no room here, and long enough to be interrupted
    command = [sys.executable, "-c", "from registry.cli import main; main()", "dossier", "build", str(source)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        await_copying(home, process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "Nothing is half-written" in err
    assert out == ""
    assert kept(home) == []


def await_copying(home, process):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        if any(path.stat().st_size for path in (home / "dossiers").glob(".staging-*/kaart.txt")):
            return
        time.sleep(0.02)
    raise AssertionError("the copying did not begin")
