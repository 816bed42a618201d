"""Which engine a local chain runs, on which port, and what is said when one is missing."""

from __future__ import annotations

import os
import shutil
import socket
import stat
from pathlib import Path

import psutil
import pytest
from localnets import ENGINES, ROOT, processes_of

from registry.errors import LocalChainError, UsageError
from registry.localnet import (
    engines,
    process,
    up,
)

pytestmark = pytest.mark.long


@pytest.fixture
def nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder from which no node_modules can be found, the package's own included."""
    monkeypatch.setattr(engines, "__file__", str(tmp_path / "a" / "b" / "c.py"))
    return tmp_path


@pytest.mark.parametrize("engine", ENGINES)
def test_occupied_port_is_refused_when_told_and_avoided_when_not(state_dir: Path, engine: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(LocalChainError, match=f"port {port} cannot be used: Address already in use"):
            up(state_dir, engine, port)
        assert processes_of(state_dir) == []
        (state_dir / "port").write_text(f"{port}\n")  # had it last time
        assert up(state_dir, engine).port != port


@pytest.mark.parametrize("engine", ENGINES)
def test_port_lost_in_a_race_is_replaced(state_dir: Path, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        lost = other.getsockname()[1]
        choose, chosen = process.choose_port, []

        def choose_late(folder: Path, told: int | None, *, reuse: bool) -> int:
            chosen.append(choose(folder, told, reuse=reuse) if chosen else lost)
            return chosen[-1]

        monkeypatch.setattr(process, "choose_port", choose_late)
        chain = up(state_dir, engine)
        assert chosen == [lost, chain.port]
        assert [node.pid for node in processes_of(state_dir)] == [chain.pid]


def test_chosen_port_is_used(state_dir: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert up(state_dir, "anvil", port).port == port


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_impossible_port_is_a_usage_error(state_dir: Path, port: int) -> None:
    with pytest.raises(UsageError, match="is not a port"):
        up(state_dir, "anvil", port)


def test_unknown_engine_is_a_usage_error(state_dir: Path) -> None:
    with pytest.raises(UsageError, match="unknown engine 'hardhat'"):
        up(state_dir, "hardhat")


def test_missing_node_says_what_to_install(state_dir: Path) -> None:
    with pytest.raises(LocalChainError, match=r"Node\.js is not installed") as missing:
        up(state_dir, environ={"PATH": ""})
    assert missing.value.hint is not None
    assert "Node.js 18 or newer" in missing.value.hint


def test_anvil_needs_no_node(state_dir: Path) -> None:
    assert up(state_dir, "anvil", environ={"PATH": ""}).engine == "anvil"


def test_old_node_is_refused(state_dir: Path, tmp_path: Path) -> None:
    node = tmp_path / "bin" / "node"
    node.parent.mkdir()
    node.write_text("#!/bin/sh\necho v16.20.2\n")
    node.chmod(node.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(LocalChainError, match=r"Node\.js v16\.20\.2 is too old"):
        up(state_dir, environ={"PATH": str(node.parent)})


@pytest.mark.parametrize("engine", ENGINES)
def test_missing_packages_say_what_to_run(state_dir: Path, nothing_installed: Path, engine: str) -> None:
    with pytest.raises(LocalChainError, match=f"{engine} is not installed") as missing:
        up(state_dir, engine, environ={"PATH": ""}, start=nothing_installed)
    assert missing.value.hint is not None
    assert "npm install" in missing.value.hint
    assert {"ganache": "ganache@7.9.2", "anvil": "@foundry-rs/anvil@1.7.1"}[engine] in missing.value.hint


def test_named_node_modules_without_the_engine_is_an_error(state_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(LocalChainError, match=r"FOODVALLEY_NODE_MODULES is .*, and anvil is not in there"):
        up(state_dir, "anvil", environ={**os.environ, "FOODVALLEY_NODE_MODULES": str(tmp_path)})


@pytest.mark.parametrize("engine", ENGINES)
def test_engine_on_the_path_is_started_without_its_wrapper(
    state_dir: Path, nothing_installed: Path, engine: str
) -> None:
    node = shutil.which("node")
    assert node is not None
    path = os.pathsep.join([str(ROOT / "node_modules" / ".bin"), str(Path(node).parent)])
    chain = up(state_dir, engine, environ={"PATH": path}, start=nothing_installed)
    assert psutil.Process(chain.pid).children() == []
