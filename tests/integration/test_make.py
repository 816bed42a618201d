"""What make says where a tool is missing, and what it offers."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHELL = shutil.which("sh") or "/bin/sh"


def check_tools(path: Path, python: str = "python3") -> subprocess.CompletedProcess[str]:
    command = [SHELL, str(ROOT / "scripts" / "check_tools.sh"), python]
    return subprocess.run(command, env={"PATH": str(path)}, capture_output=True, text=True, check=False)


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A PATH with just what the project needs."""
    for name in ("node", "npm", "python3"):
        found = shutil.which(name)
        assert found is not None
        (tmp_path / name).symlink_to(found)
    return tmp_path


def replace(tools: Path, name: str, script: str) -> None:
    (tools / name).unlink()
    (tools / name).write_text(f"#!{SHELL}\n{script}\n")
    (tools / name).chmod(0o755)


def test_nothing_is_said_where_nothing_is_missing() -> None:
    done = check_tools(Path(os.environ["PATH"]))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("name", "says"), [("node", "Node.js 18 or newer"), ("npm", "npm"), ("python3", "Python 3.11 or newer")]
)
def test_a_missing_tool_is_named_with_how_to_get_it(tools: Path, name: str, says: str) -> None:
    (tools / name).unlink()
    done = check_tools(tools)
    assert done.returncode == 1
    assert f"Missing: {says}" in done.stderr
    assert "apt-get install" in done.stderr


@pytest.mark.parametrize(
    ("name", "script", "says"),
    [
        ("node", 'case "$1" in --version) echo v16.20.0;; *) exit 1;; esac', "v16.20.0"),
        ("python3", 'case "$1" in --version) echo Python 3.9.2;; *) exit 1;; esac', "Python 3.9.2"),
    ],
)
def test_a_tool_that_is_too_old_is_named_with_its_version(tools: Path, name: str, script: str, says: str) -> None:
    replace(tools, name, script)
    done = check_tools(tools)
    assert done.returncode == 1
    assert says in done.stderr


def test_make_alone_lists_the_targets() -> None:
    done = subprocess.run(["make", "-C", str(ROOT), "help"], capture_output=True, text=True, check=True)
    for target in ("demo", "test", "lint", "format", "clean", "gas-snapshot"):
        assert f"make {target}" in done.stdout
