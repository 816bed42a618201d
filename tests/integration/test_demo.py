"""The demonstration: the whole job, and nothing left of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from world import ROOT

OUTCOMES = [("in force", 0), ("unknown", 1), ("superseded", 0), ("superseded", 0)]


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FOODVALLEY_")}
    environ |= {
        "PYTHONPATH": str(ROOT),
        "TMPDIR": str(folder),
        "FOODVALLEY_HOME": str(folder / "home"),
        "COLUMNS": "110",
    }
    code = "from registry.cli import main; main()"
    words = ("demo", "--samples", str(ROOT / "samples"), *words)
    return subprocess.run(
        [sys.executable, "-c", code, *words], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )


def nothing_left(folder: Path) -> None:
    for one in psutil.process_iter():
        try:
            assert not any(str(folder) in word for word in one.cmdline()), one
        except psutil.Error:
            continue
    assert list(folder.iterdir()) == []


def test_demo_as_a_document_tells_the_whole_story(tmp_path: Path) -> None:
    done = run(tmp_path, "--json")  # on Ganache
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert set(document) == {"steps", "fingerprint", "acts"}
    assert document["acts"] == 5
    checks = [step for step in document["steps"] if "verify" in step]
    assert [(one["outcome"], one["exitCode"]) for one in checks] == OUTCOMES
    deeds = [step for step in document["steps"] if "fingerprint" in step]
    assert all(set(one) == {"who", "did", "gasUsed", "fingerprint"} for one in deeds)
    recorded = [one["fingerprint"] for one in deeds if "legt" in one["did"] and one["gasUsed"]]
    assert len(recorded) == len(set(recorded)) == 5
    assert len({one["fingerprint"] for one in deeds}) == 7, "the founding, the mandates and five acts"
    assert deeds[-1]["fingerprint"] == document["fingerprint"]
    nothing_left(tmp_path)


def test_demo_as_text_shows_each_answer(tmp_path: Path) -> None:
    done = run(tmp_path, "--engine", "anvil")
    assert (done.returncode, done.stderr) == (0, "")
    text = " ".join(done.stdout.split())
    assert text.count("✔ Klopt") == 3
    assert text.count("✘ Klopt niet.") == 1
    assert "(exit 0)" in text
    assert "(exit 1)" in text
    assert "de vingerafdruk, uit alle gebeurtenissen nagerekend" in text.lower()
    assert "Traceback" not in text
    assert all(len(line) <= 110 for line in done.stdout.splitlines())
    nothing_left(tmp_path)


def test_demo_without_samples_says_where_to_find_them(command: Callable[..., Any], tmp_path: Path) -> None:
    refused = command("demo", "--samples", tmp_path / "weg")
    assert (refused.code, refused.out) == (2, "")
    assert "there are no sample dossiers" in refused.text
