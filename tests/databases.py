"""A PostgreSQL of one's own for the tests, from the packages of the system."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class NoPostgresError(Exception):
    """PostgreSQL is not installed here, or cannot be started."""


def _program(name: str) -> str:
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda one: int(one.parts[4]), reverse=True)
    found = str(places[0]) if places else shutil.which(name)
    if found is None:
        raise NoPostgresError(f"PostgreSQL is not installed: no {name} in /usr/lib/postgresql or on the PATH")
    return found


def _user() -> list[str]:
    """What to put before a command: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        raise NoPostgresError("PostgreSQL refuses to run as root, and there is no setpriv to run it as nobody")
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


@contextmanager
def postgresql(kept: Path | None = None) -> Iterator[str]:
    """The address of a server that listens on a socket in a folder of its own only; NoPostgresError if there is none.

    Durability is off: what a power failure does to PostgreSQL is not what is tested. What it holds lies in the folder
    ``kept``, and is there again the next time; without, it is gone afterwards.
    """
    initdb, server, user = _program("initdb"), _program("postgres"), _user()
    folder = Path(tempfile.mkdtemp(prefix="foodvalley-pg-"))
    process: subprocess.Popen[bytes] | None = None
    try:
        data = kept or folder / "data"
        data.mkdir(exist_ok=True)
        if user:
            for one in (folder, data):
                shutil.chown(one, "nobody", "nogroup")
        if not (data / "PG_VERSION").exists():
            made = subprocess.run(
                [*user, initdb, "-D", str(data), "-U", "foodvalley", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
                capture_output=True,
                text=True,
                cwd=folder,
                check=False,
            )
            if made.returncode:
                raise NoPostgresError(f"initdb failed: {made.stderr.strip()}")
        options = [f"unix_socket_directories={folder}", "listen_addresses=", "fsync=off", "max_connections=40"]
        told = [word for option in options for word in ("-c", option)]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen([*user, server, "-D", str(data), *told], stdout=log, stderr=log, cwd=folder)
        _wait(process, folder)
        yield f"postgresql://foodvalley@/postgres?host={folder}"
    finally:
        if process is not None:
            process.terminate()
            process.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(process: subprocess.Popen[bytes], folder: Path) -> None:
    import psycopg

    for _ in range(300):
        try:
            psycopg.connect(host=str(folder), user="foodvalley", dbname="postgres").close()
        except psycopg.OperationalError:
            if process.poll() is not None:
                break
            try:
                process.wait(timeout=0.1)
            except subprocess.TimeoutExpired:
                continue
        else:
            return
    raise NoPostgresError(f"PostgreSQL does not start: {(folder / 'log').read_text(errors='replace')[-500:]}")


def database(server: str, name: str) -> str:
    """The address of a schema of this name on the server, which is to a connection as a database."""
    return f"{server}&options=-csearch_path%3D{name}"


def new_database(server: str, name: str) -> str:
    """An empty one of this name; its address."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP SCHEMA IF EXISTS "{name}" CASCADE')
        connection.execute(f'CREATE SCHEMA "{name}"')
    return database(server, name)
