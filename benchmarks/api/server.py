"""The two applications that are measured: the service on an index that was filled, and one with an empty route.

Each in a process of its own, under uvicorn as ``foodvalley serve`` sets it. The service follows a real chain as always;
what it is asked is answered from the index that was filled, whose register is on no chain.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import socket
import time
from contextlib import ExitStack
from pathlib import Path

from fastapi import FastAPI

from registry.api.app import create_app
from registry.api.context import opened
from registry.api.ready import Ready
from registry.api.serving import run
from registry.index import Identity, Index
from registry.index.watching import Watch
from registry.looking import Looking
from registry.settings import load_settings

IDENTITY = Identity(31337, "0x" + "11" * 20, 0)
"""Of the register that the index was filled with."""


def main() -> None:
    """Serves one of them on a free port, which is printed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--index", type=Path, help="serve the service, with this index; without, the empty route")
    given = parser.parse_args()
    with ExitStack() as stack:
        app = _empty() if given.index is None else _service(stack, given.index)
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=2048))
        print(listener.getsockname()[1], flush=True)
        run(app, listener)


def _empty() -> FastAPI:
    app = FastAPI()

    @app.get("/")
    async def empty() -> dict[str, str]:
        return {}

    return app


def _service(stack: ExitStack, file: Path) -> FastAPI:
    """The service of the settings in the environment, with the filled index in the place of that of its chain."""
    settings = load_settings(os.environ, Path.cwd())
    context = stack.enter_context(opened(settings))
    index = stack.enter_context(Index.open(f"sqlite:///{file}", IDENTITY))
    ready = Ready()
    ready.see(Watch(index).look(int(time.time())))
    app = create_app(settings)
    app.state.context = dataclasses.replace(context, index=index, looking=Looking(context.service, index), ready=ready)
    return app


if __name__ == "__main__":
    main()
