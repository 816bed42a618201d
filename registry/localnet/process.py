"""Start, find and stop the local chain, and leave no process behind that nobody knows of.

The state directory of a chain holds what it needs to come back, and who it is while it runs::

    chain.json    the running process: pid, when it was created, port; written before the chain is ready,
                  so that whatever interrupts ``up``, the next command finds the process
    chain.lock    held by whoever starts or stops; two at once do not start two
    chain.log     what the program printed since the last start; chain.previous.log the time before
    port          the port of last time, taken again if it is free
    ganache/      Ganache's database
    anvil.json, anvil.next.json, anvil.genesis   Anvil's state as read, as written, time of its first block

Both programs write everything to disk on SIGTERM and exit by themselves within a second. Ganache also
survives a kill with every block; Anvil with those older than its last periodic dump.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from registry.errors import LocalChainError, UsageError
from registry.localnet.accounts import CHAIN_IDS
from registry.localnet.alive import end, find, is_alive, keep
from registry.localnet.engines import HOST, Engine, check_engine, find_engine, launch_command, settle_anvil_state
from registry.localnet.interrupts import interrupts_held, terminable
from registry.localnet.ports import PORT_HINT, PortTakenError, choose_port, listens
from registry.localnet.record import (
    LocalChain,
    Record,
    forget,
    locked,
    make_folder,
    port_file,
    record_file,
    write_record,
)

START_SECONDS = 60.0
STOP_SECONDS = 30.0
_POLL_SECONDS = 0.05
_PORT_ATTEMPTS = 5
_LOG_TAIL_LINES = 15


def up(
    state_dir: Path,
    engine: str = "ganache",
    port: int | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    start: Path | None = None,
    timeout_seconds: float = START_SECONDS,
) -> LocalChain:
    """The local chain of ``state_dir``, started if it does not run yet; it outlives this process.

    Without ``port`` the one of last time is taken if it is free, else any free one. ``start`` is where the
    search for ``node_modules`` begins (default: the working directory).

    Raises LocalChainError when another engine or port is asked for than runs now, when a program is
    missing, or when the chain does not come up; then nothing is left running.
    """
    with terminable():
        chain, _ = _up(
            state_dir,
            engine,
            port,
            environ=environ,
            start=start,
            timeout_seconds=timeout_seconds,
            persist=True,
        )
    return chain


def down(state_dir: Path, *, timeout_seconds: float = STOP_SECONDS) -> LocalChain | None:
    """Stop the chain of ``state_dir`` with its state on disk; None if none was running.

    Only a process that ``up`` started is ended: pid and creation time must agree with the record.
    """
    state_dir = state_dir.resolve()
    if not record_file(state_dir).exists():
        return None
    with locked(state_dir, timeout_seconds=START_SECONDS):
        record, process = find(state_dir)
        if record is not None and process is not None:
            end(process, timeout_seconds)
        forget(state_dir)
        return record.chain(state_dir) if record is not None and process is not None else None


def status(state_dir: Path) -> LocalChain | None:
    """The chain of ``state_dir`` if it runs and answers questions since; a stale record is removed."""
    state_dir = state_dir.resolve()
    if not record_file(state_dir).exists():
        return None
    record, process = find(state_dir)
    if record is not None and process is not None:
        return record.chain(state_dir) if record.ready else None
    # Removing needs the lock: somebody may be writing a new record at this moment. Then it is theirs.
    with suppress(BlockingIOError), locked(state_dir, wait=False):
        if find(state_dir)[1] is None:
            forget(state_dir)
    return None


@contextmanager
def running(
    engine: str = "ganache",
    port: int | None = None,
    *,
    state_dir: Path | None = None,
    environ: Mapping[str, str] | None = None,
    start: Path | None = None,
    timeout_seconds: float = START_SECONDS,
    options: Sequence[str] = (),
) -> Iterator[LocalChain]:
    """A chain for the time of the block, stopped whatever happens in it (also on Ctrl-C and SIGTERM).

    Without ``state_dir`` the chain is a fresh one, and nothing of it is kept. A chain that runs already in
    ``state_dir`` is refused: stopping it at the end would take it from somebody else. The program gets ``options``
    after those that every chain has.
    """
    with tempfile.TemporaryDirectory(prefix="foodvalley-chain-", ignore_cleanup_errors=True) as scratch:
        folder = state_dir if state_dir is not None else Path(scratch)
        with terminable():
            ours = state_dir is None
            try:
                chain, started = _up(
                    folder,
                    engine,
                    port,
                    environ=environ,
                    start=start,
                    timeout_seconds=timeout_seconds,
                    persist=state_dir is not None,
                    options=options,
                )
                ours = ours or started
                if not ours:
                    raise LocalChainError(
                        f"a local chain is running already at {chain.url}",
                        hint="stop it first, or use another state directory",
                    )
                yield chain
            finally:
                if ours:
                    down(folder)


def _up(
    state_dir: Path,
    engine: str,
    port: int | None,
    *,
    environ: Mapping[str, str] | None,
    start: Path | None,
    timeout_seconds: float,
    persist: bool,
    options: Sequence[str] = (),
) -> tuple[LocalChain, bool]:
    """The chain, and whether it was started here."""
    wanted = check_engine(engine)
    if port is not None and not 1 <= port <= 65535:
        raise UsageError(f"{port} is not a port", hint="1 to 65535; leave it out for a free one")
    environ = os.environ if environ is None else environ
    state_dir = state_dir.resolve()
    make_folder(state_dir)
    with locked(state_dir, timeout_seconds=timeout_seconds + STOP_SECONDS):
        record, process = find(state_dir)
        if record is not None and process is not None:
            _refuse_another(record, wanted, port)
            if not record.ready:  # whoever started it was killed while waiting
                _finish(state_dir, record, process, timeout_seconds)
            return record.chain(state_dir), False
        forget(state_dir)
        program = find_engine(wanted, environ, start or Path.cwd())
        if wanted == "anvil":
            settle_anvil_state(state_dir)
        for attempt in range(_PORT_ATTEMPTS):
            chosen = choose_port(state_dir, port, reuse=attempt == 0)
            command = [*launch_command(wanted, program, chosen, state_dir, persist), *options]
            try:
                record = _start(state_dir, wanted, chosen, command, environ, timeout_seconds)
            except PortTakenError:
                if port is not None or attempt == _PORT_ATTEMPTS - 1:
                    raise
            else:
                return record.chain(state_dir), True
        raise AssertionError("unreachable: the last attempt returns or raises")


def _refuse_another(record: Record, engine: Engine, port: int | None) -> None:
    hint = "stop it first: foodvalley chain down"
    if record.engine != engine:
        raise LocalChainError(
            f"the local chain that is running is {record.engine} (port {record.port}), not {engine}",
            hint=hint,
        )
    if port is not None and record.port != port:
        raise LocalChainError(f"the local chain is running on port {record.port}, not {port}", hint=hint)


def _start(
    state_dir: Path,
    engine: Engine,
    port: int,
    command: Sequence[str],
    environ: Mapping[str, str],
    timeout_seconds: float,
) -> Record:
    """Start the program and wait until it answers; on any failure it is ended and forgotten."""
    child: subprocess.Popen[bytes] | None = None
    try:
        # A Ctrl-C between the birth of the process and its record would leave one that nobody knows.
        with interrupts_held():
            child = _spawn(state_dir, command, environ)
            process = psutil.Process(child.pid)
            record = Record(engine, port, child.pid, process.create_time(), tuple(command), ready=False)
            write_record(state_dir, record)
    except BaseException:
        # One that was held comes out at the end of that block: what was born in it ends too.
        if child is not None:
            with interrupts_held():
                child.kill()
                child.wait()
                forget(state_dir)
        raise
    _finish(state_dir, record, process, timeout_seconds)
    with suppress(OSError):  # a convenience for next time
        port_file(state_dir).write_text(f"{port}\n", encoding="ascii")
    return replace(record, ready=True)


def _spawn(state_dir: Path, command: Sequence[str], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    log = state_dir / "chain.log"
    # The chain runs for days and has no business with passwords.
    visible = {name: value for name, value in environ.items() if not name.startswith("FOODVALLEY_")}
    try:
        if log.exists():
            log.replace(state_dir / "chain.previous.log")
        with log.open("wb") as output:
            child = subprocess.Popen(  # noqa: S603 - the program was looked up, the arguments are ours
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=state_dir,  # else it holds the user's folder, and Anvil reads the .env in there
                env=visible,
                start_new_session=True,  # neither Ctrl-C nor closing the terminal reaches it
            )
    except OSError as error:
        raise LocalChainError(f"cannot start {command[0]}: {error}", hint=f"see {log}") from error
    keep(child)
    return child


def _finish(state_dir: Path, record: Record, process: psutil.Process, timeout_seconds: float) -> None:
    """Wait until the chain answers and say so in the record; on any failure end and forget it."""
    try:
        _await_answer(state_dir, record, process, timeout_seconds)
        _settle_clock(record.engine, record.port)
        write_record(state_dir, replace(record, ready=True))
    except BaseException:
        with interrupts_held():
            end(process, 5)
            forget(state_dir)
        raise


def _await_answer(state_dir: Path, record: Record, process: psutil.Process, timeout_seconds: float) -> None:
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        if not is_alive(process):
            tail = _log_tail(state_dir)
            if re.search(r"EADDRINUSE|address already in use", tail, re.IGNORECASE):
                raise PortTakenError(f"port {record.port} is in use by another program", hint=PORT_HINT)
            raise LocalChainError(
                f"{record.engine} stopped while starting; it said:\n{tail}",
                hint=f"{_log_hint(state_dir)}; {_fresh_start_hint(state_dir, record.engine)}",
            )
        with suppress(OSError, http.client.HTTPException, ValueError):
            answer = _ask(record.port, "eth_chainId")
            # The port may be answered by another chain while ours is still failing to get it.
            if answer == hex(CHAIN_IDS[record.engine]) and listens(process, record.port):
                return
        time.sleep(_POLL_SECONDS)
    raise LocalChainError(
        f"{record.engine} did not answer within {timeout_seconds:g} seconds; it said:\n{_log_tail(state_dir)}",
        hint=_log_hint(state_dir),
    )


def _settle_clock(engine: Engine, port: int) -> None:
    """Set the chain's clock to now, or to its newest block if that is later.

    Neither program remembers over a restart that its clock was moved ahead (``evm_increaseTime``), and the
    next block would be older than its parent: impossible on a real chain, and nonsense in a register.
    """
    try:
        newest = int(_ask(port, "eth_getBlockByNumber", "latest", False)["timestamp"], 16)
        now = int(time.time())
        if engine == "anvil":  # whose clock starts at the time of the first block
            _ask(port, "evm_setTime", max(newest, now))
        elif newest > now:
            _ask(port, "evm_increaseTime", newest - now)
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
        raise LocalChainError(f"the local chain on port {port} does not tell its time") from error


def _ask(port: int, method: str, *params: object) -> Any:
    """The result of one JSON-RPC call."""
    # http.client, because it does not listen to proxy variables in the environment.
    question = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("POST", "/", question, {"Content-Type": "application/json"})
        return json.loads(connection.getresponse().read())["result"]
    except (KeyError, TypeError) as error:
        raise ValueError(f"{method} was not answered") from error
    finally:
        connection.close()


def _log_tail(state_dir: Path) -> str:
    try:
        lines = (state_dir / "chain.log").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return "(nothing)"
    # Both programs greet with the keys of their accounts. Public ones, but nothing to put in an error.
    shown = [line for line in lines if line.strip() and not re.search(r"^\(\d+\) 0x|mnemonic", line, re.IGNORECASE)]
    return "\n".join(shown[-_LOG_TAIL_LINES:]) or "(nothing)"


def _log_hint(state_dir: Path) -> str:
    return f"the whole log is {state_dir / 'chain.log'}"


def _fresh_start_hint(state_dir: Path, engine: Engine) -> str:
    data = "ganache" if engine == "ganache" else "anvil.json"
    return f"if its data is damaged, move {state_dir / data} away to begin with an empty chain"
