"""Services under test: a real uvicorn on a loopback port, in a thread of this process, on the region's register."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from world import Region

from registry.api.app import create_app
from registry.api.context import Context
from registry.api.serving import configured
from registry.settings import Settings, load_settings


def settings_of(region: Region, home: Path, **more: Any) -> Settings:
    """The settings of a service on this register, with everything of its own in a folder."""
    told = load_settings({"FOODVALLEY_HOME": str(home)}, home.parent)
    chosen = {"node_url": region.url, "deployments": region.folder, "requests_per_minute": 0, "private_partners": True}
    return replace(told, **{**chosen, **more})


@dataclass
class Served:
    """A service that runs, and somebody who asks it."""

    url: str
    app: FastAPI
    client: httpx.Client

    @property
    def context(self) -> Context:
        found: Context = self.app.state.context
        return found

    def get(self, path: str, **parameters: Any) -> httpx.Response:
        """Asks, below ``/v1``, once the index is up to the chain."""
        self.context.follower.catch_up()
        return self.client.get(f"{self.url}/v1{path}", params=parameters)

    def ask(self, path: str, **parameters: Any) -> Any:
        """The answer to a question that has one."""
        found = self.get(path, **parameters)
        assert found.status_code == 200, found.text
        return found.json()

    def problem(self, status: int, path: str, **parameters: Any) -> Any:
        """The problem to a question that has none."""
        found = self.get(path, **parameters)
        assert found.status_code == status, found.text
        assert found.headers["content-type"] == "application/problem+json"
        return found.json()


@contextmanager
def served(settings: Settings) -> Iterator[Served]:
    """A service with these settings, for the time of the block."""
    app = create_app(settings)
    with answering(app) as port, httpx.Client(timeout=20, trust_env=False) as client:
        yield Served(f"http://127.0.0.1:{port}", app, client)


@contextmanager
def answering(app: FastAPI, port: int = 0) -> Iterator[int]:
    """Serves an application as the service is served, at this port or any; ends it with the block."""
    listener = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(configured(app))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while not server.started and thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert server.started, "the service did not start"
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        listener.close()
