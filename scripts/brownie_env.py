#!/usr/bin/env python3
"""Brownie in an environment of its own: its network `ganache`, the project's compiler and tools, a free port.

    python scripts/brownie_env.py -- brownie test tests/contracts --network ganache
    python scripts/brownie_env.py --install      # the network into your own ~/.brownie, once

With a command, nothing of the developer's own brownie is read or written: HOME is a folder that exists for this
command alone, so checkouts, and runs within one, do not meet. When the command ends, however it ends, so does every
process it left.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
TOOLS = ROOT / "node_modules" / ".bin"
NETWORK = "ganache"
PORT = 8645
MNEMONIC = "test test test test test test test test test test test junk"


def network(port: int, command: str) -> dict[str, Any]:
    """What brownie must know of the chain it starts: the one the gas snapshot and the vectors were made on."""
    return {
        "name": "Ganache of the Food Valley register",
        "id": NETWORK,
        "cmd": command,
        "host": "http://127.0.0.1",
        "timeout": 60,
        "cmd_settings": {
            "port": port,
            "evm_version": "shanghai",
            "gas_limit": 30_000_000,
            "accounts": 40,
            "chain_id": 1337,
            "mnemonic": MNEMONIC,
        },
    }


def install(home: Path, entry: Mapping[str, Any]) -> Path:
    """Put the network into brownie's list under that home, or replace it there; other networks stay as they are."""
    path = home / ".brownie" / "network-config.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    source = path if path.exists() else brownie_data() / "network-config.yaml"
    before = source.read_text(encoding="utf-8")
    known = yaml.safe_load(before)
    networks = known["development"]
    places = [place for place, other in enumerate(networks) if other["id"] == entry["id"]]
    if places:
        networks[places[0]] = dict(entry)
    else:
        networks.append(dict(entry))
    if not path.exists() or known != yaml.safe_load(before):
        written = path.with_suffix(".new")
        written.write_text(yaml.safe_dump(known, sort_keys=False), encoding="utf-8")
        written.replace(path)
    return path


def brownie_data() -> Path:
    """Brownie's own data, found without importing it: importing writes to HOME."""
    spec = importlib.util.find_spec("brownie")
    if spec is None or spec.origin is None:
        sys.exit("brownie_env: brownie is not installed in this Python; use the project's .venv")
    return Path(spec.origin).parent / "data"


def free_port() -> int:
    """A port of the loopback interface that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(home: Path) -> dict[str, str]:
    """The caller's environment, with the tools of this checkout in front."""
    folders = [str(Path(sys.executable).parent), str(TOOLS), os.environ.get("PATH", os.defpath)]
    return {
        **os.environ,
        "HOME": str(home),
        "PATH": os.pathsep.join(folders),
        "SOLCX_BINARY_PATH": str(ROOT / "scripts" / "solc"),
    }


def run(command: list[str], port: int) -> int:
    """Run a command to its end in a home of its own and return its exit code."""
    CACHE.mkdir(exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="brownie-home-", dir=CACHE))
    try:
        # By name: brownie tells the engine from the first word, and splits the command at spaces.
        install(home, network(port, "ganache"))
        # A session of its own, so that its processes can be ended as one group.
        child = subprocess.Popen(command, cwd=ROOT, env=environment(home), start_new_session=True)

        def forward(signum: int, _frame: FrameType | None) -> None:
            child.send_signal(signum)

        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, forward)
        try:
            code = child.wait()
        finally:
            end_group(child.pid)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return code if code >= 0 else 128 - code


def end_group(leader: int) -> None:
    """End whatever a command left of its process group; most leave nothing."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def main() -> int:
    """Read the command line and do what it asks."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="%(prog)s [options] [-- COMMAND ...]",
    )
    parser.add_argument("--install", action="store_true", help="add or update the network in your own ~/.brownie")
    parser.add_argument(
        "--port",
        type=int,
        default=os.environ.get("BROWNIE_PORT"),
        help=f"port of the chain (default: BROWNIE_PORT, else a free one; with --install {PORT})",
    )
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND")
    options = parser.parse_args()
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if bool(command) == options.install:
        parser.error("give either a command or --install")
    if not (TOOLS / "ganache").exists():
        sys.exit("brownie_env: Ganache is missing; run `npm install` in the project's folder")
    if options.install:
        path = install(Path.home(), network(options.port or PORT, str(TOOLS / "ganache")))
        print(f"network {NETWORK} is in {path}")
        return 0
    return run(command, options.port or free_port())


if __name__ == "__main__":
    sys.exit(main())
