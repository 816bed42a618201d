"""A copy of the project in which other contracts stand, and brownie with its chains in an environment of its own."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import psutil
import yaml
from source import ROOT

from registry.localnet.engines import find_engine

sys.path.insert(0, str(ROOT / "scripts"))
try:
    import brownie_env
finally:
    sys.path.remove(str(ROOT / "scripts"))

TESTS = "tests/contracts"
# They compare the compiled code itself, or what it costs, with what was kept; or start a chain that does not take
# contracts as large as these become.
LEFT_OUT = ("test_artifact.py", "test_gas.py", "test_stateful.py")
NODE_LOG = "CONTRACT_TOOLS_NODE_LOG"
# Probes and mutants make everything dearer and the contract larger than a real chain takes.
GAS_LIMIT = 200_000_000
CODE_LIMIT = 1_000_000

_COPIED = ("tests/conftest.py", TESTS, "tests/vectors", "pyproject.toml", "brownie-config.yaml")
_LIBRARIES = "node_modules/@openzeppelin/contracts"
_STOP_SECONDS = 10.0

# brownie starts its node by the name `ganache` and never reads what it prints, so this stands in front of the node.
_GANACHE = """#!/bin/sh
case "$1" in
--version) exec '{program}' --version ;;
esac
set -- "$@" --chain.allowUnlimitedContractSize --chain.allowUnlimitedInitCodeSize
exec '{program}' "$@" >> "${log}.$$" 2>&1
"""
# The options are Ganache's; of those that differ from one chain to the next there is one.
_ANVIL = """#!/bin/sh
case "$1" in
--version) echo 'ganache v7.9.2'; exit ;;
esac
while [ "$1" != --server.port ]; do shift; done
exec '{program}' --host 127.0.0.1 --port "$2" {options} >> "${log}.$$" 2>&1
"""


def test_files(root: Path, chosen: Sequence[str], left_out: Sequence[str]) -> list[str]:
    """The files of contract tests to run, by path from the root, without those that are left out."""
    if chosen:
        paths = [Path(one) for one in chosen]
        missing = [path for path in paths if not (root / path).is_file()]
        if missing:
            raise SystemExit(f"there is no {missing[0]}")
    else:
        paths = [path.relative_to(root) for path in sorted((root / TESTS).glob("test_*.py"))]
    return [path.as_posix() for path in paths if path.name not in left_out]


def test_sources(root: Path) -> list[str]:
    """What the contract tests consist of, by path from the root."""
    found = []
    for name in _COPIED:
        paths = [root / name] if (root / name).is_file() else sorted((root / name).rglob("*"))
        found += [path for path in paths if path.is_file() and "__pycache__" not in path.parts]
    return [path.relative_to(root).as_posix() for path in found]


def copy_project(
    target: Path, texts: Mapping[str, bytes], *, root: Path = ROOT, optimise_for_size: bool = False
) -> None:
    """Make `target` a project with these contracts.

    A file that would stay as it is is not touched, and brownie's build is kept, so what did not change is not
    compiled again.
    """
    wanted = dict(texts) | {name: (root / name).read_bytes() for name in test_sources(root)}
    if optimise_for_size:
        config = yaml.safe_load(wanted["brownie-config.yaml"])
        config["compiler"]["solc"]["optimizer"]["runs"] = 1
        wanted["brownie-config.yaml"] = yaml.safe_dump(config, sort_keys=False).encode()
    # Not a link to them: a compiler may refuse what lies outside of the project.
    for path in (root / _LIBRARIES).rglob("*.sol"):
        wanted[path.relative_to(root).as_posix()] = path.read_bytes()
    for folder in ("contracts", "tests"):
        for path in sorted((target / folder).rglob("*")):
            if path.is_file() and path.relative_to(target).as_posix() not in wanted:
                path.unlink()
    for name, content in wanted.items():
        path = target / name
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


@contextmanager
def brownie_environment(log: Path, node: str = "ganache") -> Iterator[dict[str, str]]:
    """Variables for a process that runs brownie; its nodes print to files whose names begin with `log`.

    With Anvil as the node, that process has to see to it that brownie takes it for Ganache (likeness.py).
    """
    cache = ROOT / ".cache"
    cache.mkdir(exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="brownie-home-", dir=cache))
    try:
        entry = brownie_env.network(brownie_env.free_port(), "ganache")
        settings = entry["cmd_settings"]
        settings["gas_limit"] = GAS_LIMIT
        brownie_env.install(home, entry)
        if node == "ganache":
            script = _GANACHE.format(program=brownie_env.TOOLS / "ganache", log=NODE_LOG)
        else:
            options = ["--hardfork", settings["evm_version"], "--chain-id", settings["chain_id"], "--balance", 1000]
            options += ["--accounts", settings["accounts"], "--mnemonic", settings["mnemonic"]]
            options += ["--gas-limit", GAS_LIMIT, "--code-size-limit", CODE_LIMIT]
            (program,) = find_engine("anvil", os.environ, ROOT)
            script = _ANVIL.format(program=program, log=NODE_LOG, options=shlex.join(map(str, options)))
        started = home / "bin" / "ganache"
        started.parent.mkdir()
        started.write_text(script, encoding="utf-8")
        started.chmod(0o700)
        variables = brownie_env.environment(home)
        variables["PATH"] = os.pathsep.join([str(started.parent), variables["PATH"]])
        variables["PYTHONHASHSEED"] = "0"
        variables[NODE_LOG] = str(log)
        yield variables
    finally:
        shutil.rmtree(home, ignore_errors=True)


def start(
    command: Sequence[str], folder: Path, variables: Mapping[str, str], output: Path, *, keep: int | None = None
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, so that it can be ended with all that it starts.

    It prints to `output`, and has the file descriptor `keep` as it is here.
    """
    with output.open("wb") as stream:
        return subprocess.Popen(
            list(command),
            cwd=folder,
            env=dict(variables),
            stdin=subprocess.PIPE,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=() if keep is None else (keep,),
        )


def end(process: subprocess.Popen[bytes]) -> None:
    """End a program that was started here, and every process that it started and left."""
    with suppress(psutil.NoSuchProcess):
        for one in psutil.Process(process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                one.kill()
    brownie_env.end_group(process.pid)
    process.wait(timeout=_STOP_SECONDS)


def end_children() -> None:
    """End every process that this one started; an interrupted thread may have left its compiler."""
    for one in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            one.kill()


def interruptible() -> None:
    """Have SIGTERM and SIGHUP, and Ctrl-C also where a shell has it ignored, end this process in an orderly way."""

    def stop(_signum: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, stop)
