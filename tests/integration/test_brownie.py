"""Brownie in its own environment: it works, keeps to itself, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
# All of them load, and at first clean up, one folder with what brownie compiled.
pytestmark = [pytest.mark.long, pytest.mark.xdist_group("brownie")]

WRAPPER = [sys.executable, str(ROOT / "scripts" / "brownie_env.py")]
SCRIPT = str(Path(__file__).with_name("brownie_script.py"))
RUN = ["--", "brownie", "run", SCRIPT, "--network", "ganache"]
FIRST_CONTRACT = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
PATIENCE = 180  # the first run compiles


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(autouse=True)
def homes() -> Iterator[None]:
    """A run removes its home; those of runs that go on elsewhere at the same time are not ours to judge."""
    before = folders()
    yield
    assert not [path for path in folders() - before if not in_use(path)]


def folders() -> set[Path]:
    return set((ROOT / ".cache").glob("brownie-home-*"))


def in_use(home: Path) -> bool:
    for process in psutil.process_iter():
        try:
            if process.environ().get("HOME") == str(home):
                return True
        except psutil.Error:
            continue
    return False


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def run(*arguments: str, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **({"HOME": str(home)} if home else {})}
    return subprocess.run(
        [*WRAPPER, *arguments], capture_output=True, text=True, timeout=PATIENCE, cwd=ROOT, env=environment
    )


def test_brownie_compiles() -> None:
    done = run("--", "brownie", "compile")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "compiled" in done.stdout


def test_brownie_runs_a_script_on_ganache_and_ends_it(port: int, tmp_path: Path) -> None:
    done = run("--port", str(port), *RUN, home=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"REGISTER {FIRST_CONTRACT} CHAIN 1337 ACCOUNTS 40" in done.stdout
    assert not listens(port)
    assert list(tmp_path.iterdir()) == [], "the caller's own home is left alone"


def test_two_runs_do_not_meet() -> None:
    both = [subprocess.Popen([*WRAPPER, *RUN], stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(2)]
    outputs = [process.communicate(timeout=PATIENCE)[0] for process in both]

    assert [process.returncode for process in both] == [0, 0], outputs
    assert all(FIRST_CONTRACT in output for output in outputs)


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_no_chain(port: int, signum: signal.Signals) -> None:
    environment = {**os.environ, "BROWNIE_SCRIPT_SLEEP": "120"}
    process = subprocess.Popen(
        [*WRAPPER, "--port", str(port), *RUN], stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    )
    assert process.stdout is not None
    assert any(line.startswith("REGISTER") for line in process.stdout)
    assert listens(port)

    process.send_signal(signum)
    process.communicate(timeout=30)

    assert process.returncode != 0
    deadline = time.monotonic() + 5
    while listens(port) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not listens(port)


def test_the_exit_code_is_that_of_the_command() -> None:
    assert run("--", "sh", "-c", "exit 7").returncode == 7


def test_the_tools_of_the_project_come_first() -> None:
    done = run("--", "sh", "-c", 'command -v ganache; echo "$SOLCX_BINARY_PATH"; echo "$HOME"')

    ganache, compiler, home = done.stdout.splitlines()
    assert Path(ganache) == ROOT / "node_modules" / ".bin" / "ganache"
    assert Path(compiler) == ROOT / "scripts" / "solc"
    assert Path(home).parent == ROOT / ".cache"


def test_the_network_is_installed_once_beside_those_of_the_user(tmp_path: Path) -> None:
    assert run("--install", home=tmp_path).returncode == 0
    path = tmp_path / ".brownie" / "network-config.yaml"
    known = yaml.safe_load(path.read_text(encoding="utf-8"))
    known["development"].append({"id": "mine", "name": "Mine", "cmd": "anvil", "host": "http://127.0.0.1"})
    path.write_text(yaml.safe_dump(known), encoding="utf-8")

    assert run("--install", "--port", "8700", home=tmp_path).returncode == 0
    changed = path.read_text(encoding="utf-8")
    assert run("--install", "--port", "8700", home=tmp_path).returncode == 0

    assert path.read_text(encoding="utf-8") == changed
    networks = [network["id"] for network in yaml.safe_load(changed)["development"]]
    assert networks.count("ganache") == 1
    assert networks == [network["id"] for network in known["development"]]
    assert "port: 8700" in changed


@pytest.mark.parametrize("arguments", [[], ["--install", "--", "true"]])
def test_a_command_or_the_installation_not_both_nor_neither(arguments: list[str]) -> None:
    assert run(*arguments).returncode == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("deploy", ["Register opgericht", "deelnemers   10, met 20 ondertekenaars"]),
        ("query", ["Vastgelegd", "van kracht"]),
        ("verify", ["Vastgelegd", "Klopt."]),
        (
            "council",
            ["Aangenomen en uitgevoerd: toelating van provincie Flevoland", "provincie Flevoland (pv24), te gast"],
        ),
        (
            "organisation",
            ["Benoemd", "Voorgedragen", "Overgenomen", "https://register.rhenen.example (niet gecontroleerd)"],
        ),
        ("commitment", ["Gemeld door gemeente Renswoude", "bevestigd    door gemeente Veenendaal"]),
        ("council main motion expel Rhenen --network ganache -- --dev ede", ["Motie ingediend: uitsluiting van"]),
    ],
)
def test_the_scripts_of_the_project_run_on_ganache(words: str, says: list[str]) -> None:
    named = [] if "--network" in words else ["--network", "ganache"]
    done = run("--", "brownie", "run", *words.split(), *named)

    assert done.returncode == 0, done.stdout + done.stderr
    for sentence in says:
        assert sentence in done.stdout
