"""Services of municipalities side by side on one chain: real uvicorn on loopback ports, each with all of its own."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from services import answering
from world import Desk, Region

from registry.api.app import create_app
from registry.api.context import Context
from registry.client import Client
from registry.settings import Settings


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def until(what: Callable[[], Any], seconds: float = 60) -> Any:
    """What is found as soon as it is something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} seconds: {what}")


@dataclass
class Neighbour:
    """The service of one organisation, and the desk of its people."""

    region: Region
    organisation: str
    home: Path
    key: str | None = None
    private: bool = True
    port: int = field(default_factory=free_port)
    context: Context = field(init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> Settings:
        return Settings(
            home=self.home,
            node_url=self.region.url,
            register=self.region.register.address,
            deployments=self.region.folder,
            dossiers=self.home / "desk" / "dossiers",
            proposals=self.home / "proposals",
            keys=self.home / "keys",
            listen=("127.0.0.1", self.port),
            organisation=self.organisation,
            public_url=self.url,
            carrier_key=f"dev:{self.key}" if self.key else None,
            private_partners=self.private,
            requests_per_minute=0,
        )

    @cached_property
    def desk(self) -> Desk:
        return Desk(self.region, self.home / "desk")

    @property
    def store(self) -> Any:
        return self.desk.service.store

    def announce(self, url: str | None = None) -> None:
        admin = self.region.signer(f"{self.organisation}:admin")
        self.desk.governing.announce(self.desk.view, self.organisation, self.url if url is None else url, admin)

    def client(self, role: str | None = None) -> Client:
        """A client of this service, signed in if a role is named."""
        made = Client(self.url)
        if role is not None:
            made.sign_in(self.region.signer(role), self.region.chain.chain_id, self.region.register.address)
        return made

    def follow(self) -> None:
        self.context.follower.catch_up()

    @contextmanager
    def serving(self) -> Iterator[Neighbour]:
        """The service at work, in threads of this process."""
        app = create_app(self.settings)
        with answering(app, self.port):
            self.context = app.state.context
            yield self
