"""The register in files: written from a real chain with a real history, and read back."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from exporting import SERVICE, filled
from world import DAY, Desk

from registry.exports import flat
from registry.fingerprint import fingerprint_of

pytestmark = pytest.mark.long

Foodvalley = Callable[..., Any]


@pytest.fixture
def history(foodvalley: Foodvalley, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("FOODVALLEY_DOSSIERS", str(desk.service.store.folder))
    return filled(desk)


def rows_of(path: Path) -> list[dict[str, str]]:
    text = path.read_bytes().decode("utf-8")
    assert text.endswith("\r\n")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def documents_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]


# CSV


def test_csv_has_a_row_for_each_event(foodvalley: Foodvalley, history: Desk) -> None:
    ran = foodvalley("export", "csv", "--output", "uit.csv")
    assert ran.code == 0, ran.text
    events = history.view.ledger.events
    rows = rows_of(Path("uit.csv"))
    assert list(rows[0]) == list(flat.COLUMNS)
    assert [(int(one["block"]), int(one["logIndex"]), one["event"]) for one in rows] == [
        (one.place.block, one.place.log_index, type(one).__name__) for one in events
    ]
    assert f"{len(events)} gebeurtenissen" in ran.text
    assert f"0x{history.view.ledger.fingerprint.hex()}" in ran.text
    # one line each, whatever others wrote
    assert Path("uit.csv").read_bytes().count(b"\n") == len(events) + 1


def test_csv_says_what_the_events_say(foodvalley: Foodvalley, history: Desk) -> None:
    assert foodvalley("export", "csv", "-o", "uit.csv").code == 0
    rows = rows_of(Path("uit.csv"))
    ledger = history.view.ledger
    act = next(iter(ledger.agreements.values())).acts[0]
    found = next(one for one in rows if one["event"] == "Recorded" and one["actHash"] == "0x" + act.act_hash.hex())
    assert found["agreement"] == found["actHash"]
    assert found["previous"] == ""
    assert found["parties"] == "gm0339 gm0345"
    assert found["dossier"] == "0x" + act.act.dossier.hex()
    assert datetime.fromisoformat(found["validFrom"]).timestamp() == act.act.valid_from
    assert datetime.fromisoformat(found["validFrom"]).utcoffset() in (timedelta(hours=1), timedelta(hours=2))
    assert found["validUntil"] == ""
    assert found["notice"] == str(30 * DAY)
    assert found["signatories"].split() == list(act.event.signatories)
    approved = next(one for one in rows if one["event"] == "Approved")
    assert approved["decision"] == "0x" + "07" * 32
    assert approved["organisationName"] == "gemeente Wageningen"
    reported = next(one for one in rows if one["event"] == "ProgressReported")
    assert (reported["progress"], reported["evidence"]) == ("started", "0x" + "05" * 32)


def test_csv_keeps_every_cell_from_being_a_formula(foodvalley: Foodvalley, history: Desk) -> None:
    assert foodvalley("export", "csv", "-o", "uit.csv").code == 0
    rows = rows_of(Path("uit.csv"))
    (announced,) = [one["service"] for one in rows if one["event"] == "ServiceAnnounced"]
    assert announced == "'" + SERVICE.replace("\x1b", "\ufffd")
    cells = [cell for one in rows for cell in one.values()]
    assert not [one for one in cells if one.lstrip().startswith(("=", "+", "-", "@", "\t"))]


# JSON Lines


def test_json_lines_are_the_documents_of_history(foodvalley: Foodvalley, history: Desk) -> None:
    ran = foodvalley("export", "jsonl", "--output", "uit.jsonl", "--json")
    assert ran.code == 0, ran.text
    lines = documents_of(Path("uit.jsonl"))
    assert lines == foodvalley("history", "--json").json["events"]
    assert ran.json["rows"] == {"events": len(lines)}
    assert ran.json["asOf"]["fingerprint"] == "0x" + history.view.ledger.fingerprint.hex()
    raw = Path("uit.jsonl").read_bytes()
    assert ran.json["bytes"] == len(raw)
    first = raw.split(b"\n")[0].decode()
    assert first == json.dumps(json.loads(first), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    # nothing in it steers a terminal or breaks a line, and the service reads back as it was written
    assert not {"\x1b", "\u202e"} & set(raw.decode())
    assert [one["service"] for one in lines if one["event"] == "ServiceAnnounced"] == [SERVICE]


def test_the_fingerprint_follows_from_the_lines(foodvalley: Foodvalley, history: Desk) -> None:
    """The file holds all that the fingerprint covers: leave out a line and it is another."""
    assert foodvalley("export", "jsonl", "-o", "uit.jsonl").code == 0
    events = history.view.ledger.events
    lines = documents_of(Path("uit.jsonl"))
    times = [replace(one.place, timestamp=line["recorded"]["time"]) for one, line in zip(events, lines, strict=True)]
    read = [replace(one, place=place) for one, place in zip(events, times, strict=True)]
    assert fingerprint_of(read) == history.region.register.fingerprint()


# Standard output


def test_standard_output_has_the_file_and_nothing_else(foodvalley: Foodvalley, history: Desk) -> None:
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    words = [sys.executable, "-c", "from registry.cli import main; main()", "export"]
    made = subprocess.run([*words, "csv", "-o", "-"], env=environ, capture_output=True, check=True)
    assert foodvalley("export", "csv", "-o", "uit.csv").code == 0
    assert made.stdout == Path("uit.csv").read_bytes()
    assert made.stderr == b""
    # a reader that has seen enough is no error worth a complaint
    shell = subprocess.run(
        ["sh", "-c", '"$@" jsonl -o - | head -n 1', "sh", *words],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(shell.stdout)["event"] == "MemberAdmitted"
    assert "Traceback" not in shell.stderr


def test_two_answers_cannot_share_standard_output(foodvalley: Foodvalley) -> None:
    refused = foodvalley("export", "jsonl", "-o", "-", "--json")
    assert refused.code == 2
    assert refused.out == ""


# Files that are not overwritten, and not half-written


@pytest.mark.parametrize("kind", ["csv", "jsonl", "xlsx", "pdf"])
def test_a_file_that_exists_stays(foodvalley: Foodvalley, kind: str) -> None:
    Path("uit").write_text("van mij")
    refused = foodvalley("export", kind, "-o", "uit")
    assert (refused.code, refused.out) == (2, "")
    assert "uit exists already" in refused.text
    assert "--force" in refused.text
    assert Path("uit").read_text() == "van mij"


def test_force_replaces_a_file(foodvalley: Foodvalley, history: Desk) -> None:
    Path("uit").write_text("van mij")
    Path("wijst").symlink_to("uit")
    assert foodvalley("export", "csv", "-o", "wijst", "--force").code == 0
    assert Path("wijst").is_symlink()
    assert Path("uit").read_text().startswith("block,")
    assert sorted(one.name for one in Path().iterdir()) == ["uit", "wijst"]


@pytest.mark.parametrize(
    ("name", "message"),
    [("map", "map is a folder"), ("weg/uit.csv", "there is no folder weg"), ("pijp", "pijp is not an ordinary file")],
)
def test_what_cannot_be_a_file(foodvalley: Foodvalley, name: str, message: str) -> None:
    Path("map").mkdir()
    os.mkfifo("pijp")
    refused = foodvalley("export", "csv", "-o", name, "--force")
    assert refused.code == 2
    assert message in refused.text


def test_a_disk_that_is_full(clean_environment: Path) -> None:
    """A real limit of the system, put on the process that writes: half a file does not stay."""
    code = (
        "import resource, signal; from pathlib import Path; from registry.exports import new_file\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "with new_file(Path('uit.csv')) as file:\n"
        "    while True: file.write(b'x' * 1000)"
    )
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False)
    assert f"StorageError: cannot write uit.csv: {os.strerror(errno.EFBIG)}" in ran.stderr
    assert list(Path().iterdir()) == []


def test_a_folder_that_cannot_be_written(foodvalley: Foodvalley, history: Desk) -> None:
    place = Path("/proc/self/uit.csv") if os.geteuid() == 0 else Path("dicht/uit.csv")
    if os.geteuid() != 0:
        place.parent.mkdir(mode=0o500)
    refused = foodvalley("export", "csv", "-o", place)
    assert refused.code == 3
    assert f"cannot write {place}" in refused.text
    assert "name a file in a folder that you can write in" in refused.text


def test_an_earlier_block(foodvalley: Foodvalley, history: Desk) -> None:
    events = history.view.ledger.events
    block = events[len(events) // 2].place.block
    ran = foodvalley("export", "jsonl", "-o", "toen.jsonl", "--at-block", block, "--json")
    assert ran.json["asOf"]["block"] == block
    lines = documents_of(Path("toen.jsonl"))
    assert len(lines) == len([one for one in events if one.place.block <= block])
    assert ran.json["asOf"]["fingerprint"] == "0x" + history.region.register.fingerprint(block).hex()
    later = foodvalley("export", "csv", "-o", "straks.csv", "--at-block", 10**9)
    assert later.code == 2
    assert "there is no block 1000000000" in later.text


def test_an_index_that_somebody_changed_is_said_to_be(foodvalley: Foodvalley, history: Desk, tmp_path: Path) -> None:
    assert foodvalley("export", "csv", "-o", "een.csv").code == 0
    (file,) = (tmp_path / "home" / "index").glob("*.sqlite")
    with sqlite3.connect(file) as database:
        database.execute("UPDATE events SET data = '{}' WHERE name = 'Recorded'")
    refused = foodvalley("export", "csv", "-o", "twee.csv")
    assert refused.code == 3
    assert "in the index cannot be read: somebody changed it" in refused.text
    assert not Path("twee.csv").exists()


def test_the_same_register_gives_the_same_bytes(foodvalley: Foodvalley, history: Desk) -> None:
    made = []
    for name in ("een", "twee"):
        for kind in ("csv", "jsonl", "xlsx"):
            assert foodvalley("export", kind, "-o", f"{name}.{kind}").code == 0
        made.append([Path(f"{name}.{kind}").read_bytes() for kind in ("csv", "jsonl", "xlsx")])
    assert made[0] == made[1]


def test_an_empty_register_makes_files_too(foodvalley: Foodvalley) -> None:
    for kind in ("csv", "jsonl", "xlsx"):
        assert foodvalley("export", kind, "-o", f"leeg.{kind}").code == 0
    assert len(zipfile.ZipFile("leeg.xlsx").namelist()) > 5
