"""A service in a process of its own, as ``foodvalley serve`` starts it, and what such a process needs."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

from registry.errors import UnavailableError

_START_SECONDS = 120


class Running(NamedTuple):
    """A service that is ready: where it is, and its process."""

    address: str
    process: subprocess.Popen[str]


def environment(**told: object) -> dict[str, str]:
    """That of this process without its settings, and these, by their names in small letters."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FOODVALLEY_")}
    return clean | {f"FOODVALLEY_{name.upper()}": str(value) for name, value in told.items()}


def free_port() -> int:
    """A port of this machine at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def service(home: Path, **settings: object) -> Iterator[Running]:
    """A service with these settings, once it is ready; its log is ``service.log``. UnavailableError if it is not."""
    environ = environment(home=home, requests_per_minute=0, **settings)
    root = Path(__file__).resolve().parents[2]
    command = [
        sys.executable,
        "-c",
        f"import sys; sys.path.insert(0, {str(root)!r}); from registry.cli import main; main()",
    ]
    # A port of which the service knows from the beginning: messages to sign in name it.
    command += ["serve", "--listen", f"127.0.0.1:{free_port()}", "--json"]
    home.mkdir(parents=True, exist_ok=True)
    with (
        (home / "service.log").open("wb") as log,
        subprocess.Popen(command, cwd=home, env=environ, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        try:
            yield Running(_ready(process, home / "service.log"), process)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _ready(process: subprocess.Popen[str], log: Path) -> str:
    assert process.stdout is not None
    told = ""
    while not told.rstrip().endswith("}"):
        line = process.stdout.readline()
        if not line:
            raise UnavailableError(f"the service did not start: {log.read_text('utf-8')[-2000:]}")
        told += line
    address: str = json.loads(told)["address"]
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        with httpx.Client(trust_env=False) as client:
            if client.get(f"{address}/health/ready").status_code == 200:
                return address
        time.sleep(0.2)
    raise UnavailableError("the service did not get up to the chain in time")
