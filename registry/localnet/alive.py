"""The process of the local chain: told from others, asked whether it is still alive, ended."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from registry.errors import LocalChainError
from registry.localnet.record import Record, read_record

_POLL_SECONDS = 0.01

# A process is recognised by pid and creation time, which the system tells in hundredths.
_CREATION_TOLERANCE_SECONDS = 0.02

# Children are meant to outlive this Python process. Kept here, Popen does not warn about that, and one
# that dies earlier is reaped.
_spawned: dict[int, subprocess.Popen[bytes]] = {}


def keep(child: subprocess.Popen[bytes]) -> None:
    """Keeps a child that was just born."""
    _spawned[child.pid] = child


def find(state_dir: Path) -> tuple[Record | None, psutil.Process | None]:
    """The record, and the process it means if that is still alive."""
    record = read_record(state_dir)
    if record is None:
        return None, None
    try:
        process = psutil.Process(record.pid)
        alive = is_alive(process)
        same_age = abs(process.create_time() - record.created_at) <= _CREATION_TOLERANCE_SECONDS
        # Where the clock was set (by NTP, a laptop that slept) Linux tells another creation time for the
        # same process. The command line names this state directory and port: nobody else's has that.
        same = same_age or tuple(process.cmdline()) == record.command
    except psutil.Error:
        return record, None
    return record, process if alive and same else None


def is_alive(process: psutil.Process) -> bool:
    """Whether it still runs; one that ended is reaped, if it is a child of this process."""
    child = _spawned.get(process.pid)
    if child is not None:
        # Asking reaps it. A child whose first thread is a zombie and whose others still end is not gone yet.
        if child.poll() is None:
            return True
        del _spawned[process.pid]
        return False
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end(process: psutil.Process, grace_seconds: float) -> None:
    """Ask the process to stop, give it time to write its state, then end what is left, children too."""
    try:
        family = [process, *process.children(recursive=True)]
        process.terminate()
    except psutil.NoSuchProcess:
        is_alive(process)
        return
    _await_end([process], grace_seconds)
    for member in family:
        with suppress(psutil.NoSuchProcess):
            if is_alive(member):
                member.kill()
    if not _await_end(family, 5):
        raise LocalChainError(f"the local chain (process {process.pid}) does not stop", hint=f"kill -9 {process.pid}")


def _await_end(processes: Sequence[psutil.Process], seconds: float) -> bool:
    # Not psutil's wait: a process that ended but whose parent is another busy Python counts as ended here.
    deadline = time.monotonic() + seconds
    while any(is_alive(process) for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
