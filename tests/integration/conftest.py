"""Fixtures for the tests of local chains."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
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
