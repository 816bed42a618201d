"""The port of the local chain: which one it gets, and who listens on it."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path

import psutil

from registry.errors import LocalChainError
from registry.localnet.engines import HOST
from registry.localnet.record import port_file

PORT_HINT = "stop that program, choose another port, or leave the port out for a free one"


class PortTakenError(LocalChainError):
    """Somebody else took the port between choosing it and listening on it."""


def choose_port(state_dir: Path, told: int | None, *, reuse: bool) -> int:
    """The port that was told; else that of last time, if it is to be used again and is free; else any free one.

    LocalChainError if the one that was told cannot be used.
    """
    if told is not None:
        problem = _cannot_listen(told)
        if problem is not None:
            raise LocalChainError(f"port {told} cannot be used: {problem}", hint=PORT_HINT)
        return told
    if reuse:
        with suppress(OSError, ValueError):
            previous = int(port_file(state_dir).read_text(encoding="ascii"))
            if 0 < previous <= 65535 and _cannot_listen(previous) is None:
                return previous
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _cannot_listen(port: int) -> str | None:
    with socket.socket() as probe:
        # As both programs do; else the connections of a chain that just stopped make its port seem taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError as error:
            return error.strerror or str(error)
    return None


def listens(process: psutil.Process, port: int) -> bool:
    """Whether the process is the one that listens on the port; True where the system does not tell."""
    connections = getattr(process, "net_connections", None) or process.connections  # renamed in psutil 6
    try:
        return any(
            connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
            for connection in connections(kind="tcp")
        )
    except psutil.AccessDenied:
        return True
    except psutil.Error:
        return False
