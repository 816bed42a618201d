"""Fixtures for the tests of local chains, and for those of the commands of dossiers."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from dossiers import write_manifest
from localnets import processes_of

from registry.localnet import down


@pytest.fixture
def state_dir(tmp_path: Path) -> Iterator[Path]:
    """A state directory of this test alone; whatever runs in it afterwards is ended, and is a failure."""
    folder = tmp_path / "chain"
    yield folder
    down(folder)
    left = processes_of(folder)
    for survivor in left:
        survivor.kill()
    assert left == []


@pytest.fixture
def silent_modules(tmp_path: Path) -> Path:
    """A node_modules whose Ganache starts, never answers, and ignores a polite request to stop."""
    script = tmp_path / "silent" / "node_modules" / "ganache" / "dist" / "node" / "cli.js"
    script.parent.mkdir(parents=True)
    script.write_text(
        "process.on('SIGTERM', () => console.log('no'));\n"
        "console.log('(0) 0x' + 'ab'.repeat(32) + '\\nwaiting for nothing');\n"
        "setInterval(() => {}, 1000);\n"
    )
    return tmp_path / "silent" / "node_modules"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place of this test's own: no settings from outside, 80 columns, working in ``tmp_path``."""
    for variable in [name for name in os.environ if name.startswith("FOODVALLEY_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("FOODVALLEY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.fixture
def ask(home: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., SimpleNamespace]:
    """Runs a command of dossiers in this process; gives its code and what it printed, which is never a traceback."""
    from registry.cli.app import run

    def asked(*words: object) -> SimpleNamespace:
        code = run(["dossier", *map(str, words)])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return SimpleNamespace(code=code, out=out, err=err, json=lambda: json.loads(out))

    return asked


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """What a dossier can be built of."""
    folder = tmp_path / "bron"
    folder.mkdir()
    write_manifest(folder)
    (folder / "convenant.pdf").write_bytes(b"%PDF-1.7\nconvenant")
    (folder / "kaart.txt").write_text("kaart")
    return folder
