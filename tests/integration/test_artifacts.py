"""The compiled contract in the package is what the contracts compile to, and what a chain gets."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
ARTIFACT = ROOT / "registry" / "artifacts" / "Register.json"
COMPILE = [sys.executable, str(ROOT / "scripts" / "compile.py")]


def test_a_fresh_compile_gives_the_shipped_artifact_byte_for_byte() -> None:
    done = subprocess.run([*COMPILE, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "exactly what the contracts compile to" in done.stdout


def test_a_changed_artifact_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import compile as compiling

    changed = tmp_path / "Register.json"
    artifact = json.loads(ARTIFACT.read_text("utf-8"))
    artifact["bytecode"] = artifact["bytecode"][:-2] + "00"
    changed.write_text(json.dumps(artifact, indent=1, sort_keys=True) + "\n", "utf-8")
    monkeypatch.setattr(compiling, "ARTIFACTS", tmp_path)
    monkeypatch.setattr(sys, "argv", ["compile.py", "--check"])
    assert compiling.main() == 1


def test_the_contract_fits_the_size_limit_of_eip_170() -> None:
    runtime = json.loads(ARTIFACT.read_text("utf-8"))["deployedBytecode"]
    assert len(runtime) // 2 - 1 <= 24_576
