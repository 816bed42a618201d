"""Who the local chain is while it runs: its record in the state directory, and the lock of who starts or stops it."""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from registry.errors import LocalChainError, StorageError, UsageError
from registry.localnet.accounts import CHAIN_IDS
from registry.localnet.engines import HOST, Engine, check_engine

_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class LocalChain:
    """A chain that runs on this machine."""

    engine: Engine
    url: str
    port: int
    chain_id: int
    pid: int
    state_dir: Path

    @property
    def log(self) -> Path:
        """What the chain's program printed."""
        return self.state_dir / "chain.log"


@dataclass(frozen=True, slots=True)
class Record:
    """What ``chain.json`` says: the process that was started here last."""

    engine: Engine
    port: int
    pid: int
    created_at: float  # epoch seconds, as psutil tells
    command: tuple[str, ...]
    ready: bool

    def chain(self, state_dir: Path) -> LocalChain:
        """The chain that it is of."""
        url = f"http://{HOST}:{self.port}"
        return LocalChain(self.engine, url, self.port, CHAIN_IDS[self.engine], self.pid, state_dir)


def record_file(state_dir: Path) -> Path:
    """Where it stands."""
    return state_dir / "chain.json"


def port_file(state_dir: Path) -> Path:
    """Where the port of last time stands."""
    return state_dir / "port"


def read_record(state_dir: Path) -> Record | None:
    """The record; None if there is none, or none of this version. StorageError if it cannot be read."""
    try:
        data = json.loads(record_file(state_dir).read_bytes())
        return Record(
            engine=check_engine(data["engine"]),
            port=int(data["port"]),
            pid=_positive(data["pid"]),
            created_at=float(data["createTime"]),
            command=tuple(data["command"]),
            ready=bool(data["ready"]),
        )
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"{record_file(state_dir)}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, UsageError):
        return None  # not written by this version; as good as stale


def _positive(value: object) -> int:
    # Zero and negative numbers mean groups of processes to the system.
    if not isinstance(value, int) or value <= 0:
        raise ValueError(value)
    return value


def write_record(state_dir: Path, record: Record) -> None:
    """Writes it whole or not at all; the lock is held. StorageError if that fails."""
    chain = record.chain(state_dir)
    data = {
        "engine": record.engine,
        "url": chain.url,
        "port": record.port,
        "chainId": chain.chain_id,
        "pid": record.pid,
        "createTime": record.created_at,
        "ready": record.ready,
        "command": record.command,
    }
    target = record_file(state_dir)
    draft = target.with_suffix(".draft")  # one writer at a time: the lock is held
    try:
        draft.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
        draft.replace(target)
    except OSError as error:
        raise StorageError(f"{target}: {error.strerror}") from error


def forget(state_dir: Path) -> None:
    """Removes it. StorageError if that fails."""
    try:
        record_file(state_dir).unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"{record_file(state_dir)}: {error.strerror}") from error


def make_folder(state_dir: Path) -> None:
    """Makes the state directory. StorageError if that fails."""
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{state_dir}: cannot be made: {error.strerror}") from error


@contextmanager
def locked(state_dir: Path, *, wait: bool = True, timeout_seconds: float = 0) -> Iterator[None]:
    """Hold ``chain.lock``, which falls when its holder dies; BlockingIOError if taken and not to ``wait``."""
    try:
        handle = (state_dir / "chain.lock").open("ab")
    except OSError as error:
        raise StorageError(f"{state_dir / 'chain.lock'}: {error.strerror}") from error
    deadline = time.monotonic() + timeout_seconds
    with handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if not wait:
                    raise
                if time.monotonic() > deadline:
                    raise LocalChainError(
                        "somebody else is still starting or stopping the local chain", hint="try again later"
                    ) from error
            time.sleep(_POLL_SECONDS)
        yield
