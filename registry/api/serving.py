"""The service as a process: uvicorn with one worker, stopped gracefully by SIGTERM and Ctrl-C."""

from __future__ import annotations

import gc
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from registry import journal
from registry.api import logs
from registry.api.app import create_app
from registry.api.context import opened
from registry.api.edges.protocol import Bounded
from registry.errors import UnavailableError
from registry.settings import Settings

GRACEFUL_SECONDS = 10
KEEP_ALIVE_SECONDS = 30


def serve(settings: Settings, tell: Callable[[str], None] = lambda _: None) -> None:
    """Serves until it is told to stop, and finishes then what it was answering; ``tell`` gets the address.

    UnavailableError and its kin if it cannot listen where the settings say, or the register is not to be had.
    """
    with logs.shown(), _listening(settings.listen) as listener, opened(settings) as context:
        app = create_app(settings)
        app.state.context = context
        host, port = listener.getsockname()[:2]
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        tell(address)
        journal.note("serve", context.service.register.address, "begun", origin=address)
        with _signals_kept():
            run(app, listener)
        journal.note("serve", context.service.register.address, "done", origin=address)


def run(app: FastAPI, listener: socket.socket) -> None:
    """Serves an application until it is told to stop; for a process that does nothing else."""
    # What is there by now stays: to look through all of it for cycles again and again makes everybody wait.
    gc.collect()
    gc.freeze()
    uvicorn.Server(configured(app)).run(sockets=[listener])


def configured(app: FastAPI) -> uvicorn.Config:
    """How the service is served."""
    return uvicorn.Config(
        app,
        loop="auto",
        http=Bounded,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )


@contextmanager
def _listening(where: tuple[str, int]) -> Iterator[socket.socket]:
    host, port = where
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        listener = socket.create_server(address[:2], family=family, backlog=2048)
    except OSError as error:
        raise UnavailableError(
            f"cannot listen at {host}:{port}: {error.strerror or error}",
            hint="is another program there already? name another place: --listen HOST:PORT, FOODVALLEY_LISTEN",
        ) from error
    with listener:
        yield listener


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Lets the signals that stop the server do nothing more: it sends them on to the process once it is done."""
    stops = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(one, lambda *_: None) for one in stops]
    try:
        yield
    finally:
        for one, handler in zip(stops, before, strict=True):
            signal.signal(one, handler)
