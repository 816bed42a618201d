"""A council on a local chain, and services of its members as processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.api.process import environment, free_port
from registry import keys, localnet
from registry.chain import Chain, Register, connect, find_deployment
from registry.client import Client
from registry.dossier import Dossier, Store, build
from registry.errors import RefusedError, UnavailableError
from registry.governing import Governing
from registry.service import Service

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-c", "from registry.cli import main; main()"]


def until(what: Callable[[], Any], seconds: float, why: str) -> Any:
    """What is found as soon as it is something; SystemExit if it never is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.1)
    raise SystemExit(f"not within {seconds:.0f} seconds: {why}")


@dataclass
class Valley:
    """The register of the development council on a local chain."""

    url: str
    folder: Path
    chain: Chain = field(init=False)
    register: Register = field(init=False)

    def __post_init__(self) -> None:
        told = environment(home=self.folder / "founding", node=self.url, deployments=self.folder / "deployments")
        subprocess.run([*COMMAND, "deploy", "--dev-council", "--json"], env=told, cwd=ROOT, check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
        self.chain = connect(self.url, 60)
        self.register = find_deployment(self.chain, self.folder / "deployments", None).register(self.chain)

    def signer(self, role: str) -> keys.Signer:
        """A development account."""
        return keys.development_signer(role, self.chain.client_version, self.url, self.chain.chain_id)


@dataclass
class Municipality:
    """A member with its own store, index, key and service; ``name`` is that of its development account."""

    valley: Valley
    organisation: str
    name: str
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    largest: int = 0
    _made: int = 0

    def __post_init__(self) -> None:
        self.port = free_port()
        self.home.mkdir(parents=True)
        self.service = Service(self.valley.register, self.store)

    @property
    def home(self) -> Path:
        """Where all that it has stands."""
        return self.valley.folder / self.name

    @property
    def store(self) -> Store:
        """Its dossiers."""
        return Store(self.home / "dossiers")

    @property
    def url(self) -> str:
        """Where its service is."""
        return f"http://127.0.0.1:{self.port}"

    def announce(self, url: str | None = None) -> None:
        """Says on the chain where its service is."""
        signer = self.valley.signer(f"{self.organisation}:admin")
        Governing(self.service).announce(self.service.view(), self.organisation, url or self.url, signer)

    def start(self) -> None:
        """Starts its service."""
        told = environment(
            home=self.home,
            node=self.valley.url,
            deployments=self.valley.folder / "deployments",
            listen=f"127.0.0.1:{self.port}",
            organisation=self.organisation,
            public_url=self.url,
            carrier_key=f"dev:{self.name}",
            private_partners="true",
            requests_per_minute=0,
        )
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen([*COMMAND, "serve"], env=told, cwd=ROOT, stdout=log, stderr=log)

    def look(self) -> None:
        """Notes how much memory it has, and whether it died by itself; if so it is started again."""
        if self.process is None:
            return
        if self.process.poll() is not None:
            self.deaths += 1
            self.start()
        with suppress(OSError, ValueError, IndexError):
            status = Path(f"/proc/{self.process.pid}/status").read_text()
            self.largest = max(self.largest, int(status.split("VmHWM:")[1].split()[0]))

    def kill(self) -> None:
        """Kills its service at once and starts it again."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.start()

    def stop(self) -> None:
        """Stops its service, gently."""
        if self.process is not None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=20)
            self.process.kill()
            self.process.wait()

    @contextmanager
    def signed_in(self) -> Iterator[Client]:
        """A client of its service, signed in as its own signatory."""
        with Client(self.url) as client:
            client.sign_in(self.valley.signer(self.name), self.valley.chain.chain_id, self.valley.register.address)
            yield client

    def asked(self, path: str, **params: object) -> Any:
        """The answer of its service; None while there is none."""
        try:
            with Client(self.url) as client:
                return client.http.get(path, **params)
        except (UnavailableError, RefusedError):
            return None

    def has(self, root: bytes) -> bool:
        """Whether its service has this dossier, and gives it to its own signatory."""
        if not self.store.place(root).is_dir():
            return False
        try:
            with self.signed_in() as client:
                return bool(client.dossiers.describe(root))
        except (UnavailableError, RefusedError):
            return False

    def draft(self, parties: list[str], *, public: bool, size: int) -> Dossier:
        """A dossier of its own in its store, with a document of so many bytes."""
        self._made += 1
        source = self.home / f"source-{self._made}"
        source.mkdir()
        manifest = {
            "manifest": 1,
            "title": f"Overeenkomst {self._made} van {self.name}",
            "summary": "De partijen spreken af dat zij het volhouden.",
            "kind": "convenant",
            "policyArea": "mobiliteit",
            "visibility": "public" if public else "parties",
            "parties": [{"organisation": one, "organ": "college"} for one in parties],
            "validFrom": date(2026, 1, 1).isoformat(),
            "files": [{"path": "overeenkomst.pdf", "role": "overeenkomst"}, {"path": "b.bin", "role": "bijlage"}],
        }
        (source / "manifest.yaml").write_text(json.dumps(manifest))
        (source / "overeenkomst.pdf").write_bytes(b"%PDF-1.7\n" + os.urandom(200))
        (source / "b.bin").write_bytes(os.urandom(size))
        return build(source, self.store)


@contextmanager
def valley(folder: Path) -> Iterator[Valley]:
    """A fresh chain with the council on it."""
    with localnet.running("anvil", start=ROOT, environ=os.environ) as chain:
        yield Valley(chain.url, folder)
