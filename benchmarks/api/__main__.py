"""How many requests a second the service answers, and how late the slowest: list, show and verify under wrk.

Beside an empty FastAPI route on the same machine in the same run, in turns. The index is filled through its own writer.
``show`` is asked of any agreement, each as likely, and measured twice: when nobody asked for any of them before, and
once somebody asked for each of them, which a service that nobody restarts comes to by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.api.filling import filled
from benchmarks.api.load import CONNECTIONS, Load, load, require_wrk
from benchmarks.api.process import environment
from benchmarks.connection import AnswerError, Connection, run
from benchmarks.index.generator import chain_with
from benchmarks.queries.generate import ORGANISATIONS
from benchmarks.targets import Target, at_least, at_most, exit_code
from registry.errors import RegistryError, UnavailableError

SHOW_TARGET = 0.5
ROUNDS = 3
_EVENTS = 100


def main() -> int:
    """Runs it; 0 if every target holds."""
    parser = argparse.ArgumentParser(prog="bench-api", description=__doc__)
    parser.add_argument("--agreements", type=int, default=100_000, help="how many at least")
    parser.add_argument("--seconds", type=int, default=10, help="of each measurement; each is made three times")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep what was filled here, and use it again")
    parser.add_argument("--json", action="store_true", help="one document for machines")
    given = parser.parse_args()
    try:
        require_wrk()
        measured, count = _measured(given.agreements, given.seconds, given.keep)
    except RegistryError as error:
        print(f"bench-api: {error.message}" + (f"; {error.hint}" if error.hint else ""), file=sys.stderr)
        return error.exit_code
    targets = _targets(measured, given.agreements, count)
    if given.json:
        print(json.dumps({"measured": _shown(measured), "targets": [one.to_json() for one in targets]}, indent=2))
    else:
        for name, one in _shown(measured).items():
            told = f"{one['perSecond']:>10,.0f} a second, p99 {one['p99'] * 1000:8.1f} ms, {one['ratio']:.2f} of empty"
            print(f"{name:<28}{told}")
        print("\n".join(one.line for one in targets))
    return exit_code(targets)


def _measured(agreements: int, seconds: int, keep: Path | None) -> tuple[dict[str, list[Load]], int]:
    chance = random.Random(agreements)
    with tempfile.TemporaryDirectory(prefix="foodvalley-bench-") as scratch:
        home = Path(scratch)
        register = filled((keep or home).resolve(), agreements, _say)
        hashes, digests = register.agreements, register.digests
        chance.shuffle(hashes)
        show = [f"/v1/agreements/{one}" for one in hashes]
        verify = [f"/v1/documents/{one}" for one in digests]
        verify += [f"/v1/documents/{chance.randbytes(32).hex()}" for _ in digests]
        told = {"dossiers": register.dossiers}
        with (
            chain_with(_EVENTS, 1, lambda _: None) as (node, other),
            _application(home, "service", register.index, node=node, register=other.address, **told) as service,
            _application(home, "empty") as empty,
        ):
            found: dict[str, list[Load]] = {}

            def measure(name: str, address: str, paths: Sequence[str], *, in_turn: bool = False) -> None:
                found.setdefault(name, []).append(load(address, paths, seconds, home, in_turn=in_turn))
                _say(f"{name}: {found[name][-1].per_second:,.0f} a second")

            measure("empty route", empty, ["/"])
            measure("show, never asked before", service, show, in_turn=True)
            run(_ask_all(service.removeprefix("http://"), show))
            for _ in range(ROUNDS):
                measure("empty route", empty, ["/"])
                measure("show", service, show)
                measure("list", service, _lists())
                measure("verify", service, verify)
        return found, len(hashes)


async def _ask_all(host: str, paths: Sequence[str]) -> None:
    """Asks for each path once, over as many connections as are measured with; AnswerError if one is not answered."""
    left = iter(enumerate(paths, 1))

    async def ask(connection: Connection) -> None:
        for number, path in left:
            status, found = await connection.get(path)
            if status != 200:
                raise AnswerError(f"{path}: {status} {found[:300]!r}")
            if number % 10_000 == 0:
                _say(f"{number:,} agreements asked for")

    async with asyncio.TaskGroup() as tasks:
        for _ in range(CONNECTIONS):
            tasks.create_task(ask(await Connection.to(host)))


def _say(told: str) -> None:
    print(told, file=sys.stderr)


def _lists() -> list[str]:
    """Lists as they are asked for: all, of an organisation, of a state or a kind, or found by a word."""
    found = ["/v1/agreements", "/v1/agreements?limit=20"]
    found += [f"/v1/agreements?organisation={one}&limit=20" for one in ORGANISATIONS[:30]]
    found += [f"/v1/agreements?status={one}&limit=20" for one in ("in%20force", "ended", "expired", "pending")]
    found += [f"/v1/agreements?kind={one}&limit=20" for one in ("convenant", "besluit")]
    return found


def _shown(measured: Mapping[str, list[Load]]) -> dict[str, dict[str, float]]:
    """The median of each, and its ratio to the median of the empty route."""
    empty = statistics.median(one.per_second for one in measured["empty route"])
    return {
        name: {
            "perSecond": statistics.median(one.per_second for one in loads),
            "p99": statistics.median(one.p99 for one in loads),
            "ratio": statistics.median(one.per_second for one in loads) / empty,
            "failed": sum(one.failed for one in loads),
        }
        for name, loads in measured.items()
    }


def _targets(measured: Mapping[str, list[Load]], wanted: int, agreements: int) -> list[Target]:
    shown = _shown(measured)
    return [
        at_least("agreements", agreements, wanted),
        at_least("show, of an empty route", shown["show"]["ratio"], SHOW_TARGET, digits=2),
        at_most("requests that failed", sum(one["failed"] for one in shown.values()), 0),
    ]


@contextmanager
def _application(home: Path, name: str, index: Path | None = None, **settings: object) -> Iterator[str]:
    """The address of one of the applications, in a process of its own: the service with an index, or the empty one."""
    command = [sys.executable, "-m", "benchmarks.api.server", *(["--index", str(index)] if index else [])]
    root = Path(__file__).resolve().parents[2]
    environ = environment(home=home, requests_per_minute=0, **settings)
    with (
        (home / f"{name}.log").open("wb") as log,
        subprocess.Popen(command, cwd=root, env=environ, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout is not None
        try:
            port = process.stdout.readline().strip()
            if not port:
                told = (home / f"{name}.log").read_text("utf-8")[-2000:]
                raise UnavailableError(f"the application {name} did not start: {told}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=30)


if __name__ == "__main__":
    sys.exit(main())
