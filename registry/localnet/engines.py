"""The programs that can be the local chain: where they are, and with which options they start."""

from __future__ import annotations

import json
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from registry.errors import LocalChainError, StorageError, UsageError
from registry.localnet.accounts import ACCOUNT_COUNT, BALANCE_ETHER, CHAIN_IDS, MNEMONIC

Engine = Literal["ganache", "anvil"]

HOST = "127.0.0.1"
HARDFORK = "shanghai"  # the newest that Ganache knows; contracts are compiled for it
BLOCK_GAS_LIMIT = 30_000_000
OLDEST_NODE = 18

# Anvil writes its state on a clean stop, and every so many seconds for when the stop is not clean.
ANVIL_DUMP_SECONDS = 5

_ENGINES: Mapping[str, Engine] = MappingProxyType({"ganache": "ganache", "anvil": "anvil"})
_PACKAGES: Mapping[str, str] = MappingProxyType({"ganache": "ganache@7.9.2", "anvil": "@foundry-rs/anvil@1.7.1"})


def check_engine(engine: str) -> Engine:
    """``engine`` as one of the engines there are; UsageError for anything else."""
    known = _ENGINES.get(engine)
    if known is not None:
        return known
    raise UsageError(f"unknown engine {engine!r}", hint=f"choose one of: {', '.join(_ENGINES)}")


def find_engine(engine: Engine, environ: Mapping[str, str], start: Path) -> list[str]:
    """The first words of the command that runs ``engine``, as one process without a wrapper.

    Looked for in ``FOODVALLEY_NODE_MODULES``, ``node_modules`` in ``start`` and above, beside this
    package's checkout, and at last on PATH. Raises LocalChainError that says what to install.
    """
    named = environ.get("FOODVALLEY_NODE_MODULES")
    if named:
        # Naming a folder is an instruction: falling through to another one would hide that it is wrong.
        program = _program(engine, Path(named).expanduser())
        if program is None:
            raise LocalChainError(
                f"FOODVALLEY_NODE_MODULES is {named}, and {engine} is not in there",
                hint=f"unset it, or install there: npm install {_PACKAGES[engine]}",
            )
        return _runnable(program, environ)
    for folder in _node_modules(start):
        program = _program(engine, folder)
        if program is not None:
            return _runnable(program, environ)
    command = shutil.which(engine, path=environ.get("PATH", ""))
    if command is not None:
        # What npm puts on PATH is a link to a script that starts a second process; use what is behind it.
        behind = Path(command).resolve()
        within = next((folder for folder in behind.parents if folder.name == "node_modules"), None)
        return _runnable((within and _program(engine, within)) or behind, environ)
    raise LocalChainError(
        f"{engine} is not installed: no node_modules with it from {start} upwards, and not on PATH",
        hint=f"run `npm install` in the project, or `npm install {_PACKAGES[engine]}`",
    )


def launch_command(engine: Engine, program: list[str], port: int, state_dir: Path, persist: bool) -> list[str]:
    """The whole command; without ``persist`` nothing is written that only a restart would need."""
    if engine == "ganache":
        return [
            *program,
            *("--server.host", HOST, "--server.port", str(port)),
            *("--chain.chainId", str(CHAIN_IDS[engine]), "--chain.networkId", str(CHAIN_IDS[engine])),
            *("--chain.hardfork", HARDFORK),
            *("--miner.blockGasLimit", str(BLOCK_GAS_LIMIT), "--miner.instamine", "eager"),
            *("--wallet.mnemonic", MNEMONIC, "--wallet.totalAccounts", str(ACCOUNT_COUNT)),
            *("--wallet.defaultBalance", str(BALANCE_ETHER)),
            *("--database.dbPath", str(state_dir / "ganache")),
        ]
    command = [
        *program,
        *("--host", HOST, "--port", str(port)),
        *("--chain-id", str(CHAIN_IDS[engine]), "--hardfork", HARDFORK),
        *("--gas-limit", str(BLOCK_GAS_LIMIT)),
        *("--mnemonic", MNEMONIC, "--accounts", str(ACCOUNT_COUNT), "--balance", str(BALANCE_ETHER)),
        *("--cache-path", str(state_dir / "anvil-cache")),
    ]
    if persist:
        # Old states too, as Ganache keeps them: a proof for an older block must survive a restart.
        dump = ("--dump-state", str(_anvil_dump(state_dir)), "--state-interval", str(ANVIL_DUMP_SECONDS))
        command += [*dump, "--preserve-historical-states"]
        command += ["--timestamp", _anvil_genesis(state_dir).read_text(encoding="ascii").strip()]
        if _anvil_state(state_dir).exists():
            command += ["--load-state", str(_anvil_state(state_dir))]
    return command


def settle_anvil_state(state_dir: Path) -> None:
    """Take over what Anvil wrote last time, if it is whole, and settle the time of its first block.

    Anvil overwrites its dump in place, and refuses to start from half a file: a crash while writing
    would cost the whole chain. So it reads one file and writes another, and the second replaces the
    first only here, between two runs. A dump cut short costs what happened since the last start.

    At every start Anvil also makes a new first block, and keeps it beside the loaded one: after a few
    restarts chance decides which of them is block 0. Told the same time, it makes the same block.
    """
    dump, state, genesis = _anvil_dump(state_dir), _anvil_state(state_dir), _anvil_genesis(state_dir)
    try:
        if dump.exists():
            try:
                json.loads(dump.read_bytes())
            except ValueError:
                dump.unlink()
            else:
                dump.replace(state)
        if not (state.exists() and genesis.exists()):
            genesis.write_text(f"{int(time.time())}\n", encoding="ascii")
    except OSError as error:
        raise StorageError(f"{dump}: {error.strerror}") from error


def _anvil_state(state_dir: Path) -> Path:
    return state_dir / "anvil.json"


def _anvil_genesis(state_dir: Path) -> Path:
    return state_dir / "anvil.genesis"


def _anvil_dump(state_dir: Path) -> Path:
    return state_dir / "anvil.next.json"


def _node_modules(start: Path) -> Iterator[Path]:
    start = start.resolve()
    for folder in (start, *start.parents):
        yield folder / "node_modules"
    yield Path(__file__).resolve().parents[2] / "node_modules"


def _program(engine: Engine, node_modules: Path) -> Path | None:
    """The script (Ganache) or the native program (Anvil) inside a ``node_modules`` folder."""
    if engine == "ganache":
        program = node_modules / "ganache" / "dist" / "node" / "cli.js"
    else:
        machine = platform.machine().lower()
        architecture = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
        program = node_modules / "@foundry-rs" / f"anvil-{sys.platform}-{architecture}" / "bin" / "anvil"
    return program.resolve() if program.is_file() else None


def _runnable(program: Path, environ: Mapping[str, str]) -> list[str]:
    return [_node(environ), str(program)] if program.suffix == ".js" else [str(program)]


def _node(environ: Mapping[str, str]) -> str:
    install = (
        f"install Node.js {OLDEST_NODE} or newer (Debian, Ubuntu: sudo apt install nodejs npm; "
        "macOS: brew install node), or use the engine anvil"
    )
    node = shutil.which("node", path=environ.get("PATH", ""))
    if node is None:
        raise LocalChainError("Node.js is not installed: there is no `node` on PATH", hint=install)
    try:
        answer = subprocess.run(  # noqa: S603 - the `node` of the user's own PATH
            [node, "--version"], capture_output=True, text=True, timeout=20, check=True, env=dict(environ)
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise LocalChainError(f"{node} does not run", hint=install) from error
    version = re.match(r"v(\d+)\.", answer)
    if version is None:
        raise LocalChainError(f"{node} does not say its version", hint=install)
    if int(version[1]) < OLDEST_NODE:
        raise LocalChainError(f"Node.js {answer.strip()} is too old for Ganache", hint=install)
    return node
