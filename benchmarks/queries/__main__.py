"""Measure how quickly the index answers: p50 and p99 of each shape of question, in SQLite and in PostgreSQL.

The index is filled with so many acts through its own writer, and with 10,000 for comparison. The last lines are the
targets; the exit code is 0 if all hold, 1 if one falls short, 3 if something that is needed is not there.
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.queries.fill import Say, copy, fill, join_manifests, recall
from benchmarks.queries.generate import Register, manifest_of
from benchmarks.queries.shapes import PAGE, SHAPES, Arguments
from benchmarks.targets import Target, at_most, exit_code
from registry.cli.output import console, errors, print_error, print_json, table
from registry.errors import RegistryError
from registry.index import Identity, Index
from registry.index.answers import Page

SMALL = 10_000
IDENTITY = Identity(31337, "0x" + "11" * 20, 0)
WARM_UP = 20


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of one shape of question in one database; ``rows`` is how many an answer holds on average."""

    database: str
    acts: int
    shape: str
    p50: float
    p99: float
    rows: float


def measured(index: Index, database: str, register: Register, rounds: int, say: Say) -> list[Times]:
    """Asks every shape so many times, each in a transaction of its own."""
    found = []
    for shape, question in SHAPES.items():
        say(f"{database}, {register.acts:,} acts: {shape}")
        given = Arguments(register, random.Random(shape))
        taken, rows = [], 0
        for number in range(WARM_UP + rounds):
            begun = time.perf_counter()
            with index.queries() as queries:
                answer = question(queries, given)
            if number >= WARM_UP:
                taken.append((time.perf_counter() - begun) * 1000)
                rows += rows_of(answer)
        taken.sort()
        p50, p99 = taken[rounds // 2], taken[min(rounds * 99 // 100, rounds - 1)]
        found.append(Times(database, register.acts, shape, p50, p99, rows / rounds))
    return found


def rows_of(answer: object) -> int:
    """How many rows an answer holds: those of its page, one if it is no listing."""
    parts = answer if isinstance(answer, tuple) else (answer,)
    pages = [len(one.rows) for one in parts if isinstance(one, Page)]
    return sum(pages) if pages else int(answer is not None)


def at_rest(files: Iterable[Path]) -> None:
    """As in a service that has run for a while: the files are in memory, and no garbage of making this up."""
    gc.collect()
    gc.freeze()
    for file in files:
        if file.is_file():
            with file.open("rb", buffering=0) as opened:
                while opened.read(1 << 24):
                    pass


def run(sizes: list[int], rounds: int, databases: list[str], keep: Path | None, say: Say) -> list[Times]:
    """Fills and measures, smallest first; what is kept in a folder from before is not filled again."""
    found: list[Times] = []
    data = keep.resolve() / "postgresql" if keep else None
    with _folder(keep) as folder, _server("postgresql" in databases, data) as server:
        for acts in sizes:
            register = Register(acts)
            file = folder / f"{acts}.sqlite"
            with Index.open(f"sqlite:///{file}", IDENTITY) as index:
                _fill(index, register, folder / f"{acts}.filled", say)
                if "sqlite" in databases:
                    at_rest([file])
                    found += measured(index, "SQLite", register, rounds, say)
                if server is not None:
                    with _copied(index, server, folder / f"{acts}.copied", acts, say) as other:
                        at_rest(data.rglob("*") if data else ())
                        found += measured(other, "PostgreSQL", register, rounds, say)
    return found


def _fill(index: Index, register: Register, done: Path, say: Say) -> None:
    if done.exists():
        say(f"looking what the register of {register.acts:,} acts holds")
        recall(index, register)
        return
    begun = time.perf_counter()
    events = fill(index, register, say)
    seconds = time.perf_counter() - begun
    errors().print(f"{events:,} events written in {seconds:,.0f} s, {events / seconds:,.0f} a second")
    join_manifests(index, manifest_of, say)
    done.touch()


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """The folder to keep, or one that is gone afterwards."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="foodvalley-queries-") as folder:
            yield Path(folder)
        return
    keep.mkdir(parents=True, exist_ok=True)
    yield keep.resolve()


def targets(found: list[Times]) -> list[Target]:
    """That the largest register answers in 10 ms, and in twice the time of the small one at most."""
    largest = max(one.acts for one in found)
    small = {(one.database, one.shape): one.p99 for one in found if one.acts == SMALL}
    made = []
    for one in found:
        if one.acts != largest:
            continue
        name = f"{one.database}, {one.shape}"
        made.append(at_most(f"{name}, p99 of {one.acts:,} acts", one.p99, 10, digits=1, unit=" ms"))
        if largest != SMALL and (one.database, one.shape) in small:
            ratio = one.p99 / small[one.database, one.shape]
            made.append(at_most(f"{name}, times the p99 of {SMALL:,} acts", ratio, 2, digits=2))
    return made


@contextmanager
def _server(wanted: bool, data: Path | None) -> Iterator[str | None]:
    """A PostgreSQL as the tests start it, which keeps its data in this folder."""
    if not wanted:
        yield None
        return
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
    from databases import postgresql  # type: ignore[import-not-found,unused-ignore]

    with postgresql(data) as server:
        yield server


@contextmanager
def _copied(index: Index, server: str, done: Path, acts: int, say: Say) -> Iterator[Index]:
    """The same rows in PostgreSQL, copied unless they were before."""
    from databases import database, new_database  # type: ignore[import-not-found,unused-ignore]

    name = f"acts_{acts}"
    with Index.open((database if done.exists() else new_database)(server, name), IDENTITY) as other:
        if not done.exists():
            copy(index, other, say)
            done.touch()
        yield other


@contextmanager
def progress() -> Iterator[Say]:
    """A line on standard error that says what is being done; where nobody watches, one for each kind of work."""
    target = errors()
    if not target.is_terminal:
        last = ""

        def say(text: str) -> None:
            nonlocal last
            kind = text.lstrip("0123456789,")
            if kind != last:
                target.print(text)
            last = kind

        yield say
        return
    with target.status("") as status:
        yield status.update


def show(found: list[Times]) -> None:
    """A table of all that was measured."""
    made = table("database", "acts", "question", "p50 ms", "p99 ms", "rows", title=f"Pages of {PAGE}")
    for one in found:
        made.add_row(one.database, f"{one.acts:,}", one.shape, f"{one.p50:.1f}", f"{one.p99:.1f}", f"{one.rows:.0f}")
    console().print(made)


def main() -> int:
    """Measures and prints; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.queries", description=__doc__)
    parser.add_argument("--acts", type=int, default=1_000_000, help="how many acts the large register has")
    parser.add_argument("--rounds", type=int, default=1000, help="how often each shape is asked")
    parser.add_argument("--database", action="append", choices=["sqlite", "postgresql"], help="only this one")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep what was filled here, and use it again")
    parser.add_argument("--json", action="store_true", help="print one JSON document, targets included")
    arguments = parser.parse_args()
    sizes = sorted({min(SMALL, arguments.acts), arguments.acts})
    try:
        with progress() as say:
            databases = arguments.database or ["sqlite", "postgresql"]
            found = run(sizes, arguments.rounds, databases, arguments.keep, say)
    except RegistryError as error:
        print_error(error, as_json=arguments.json)
        return error.exit_code
    made = targets(found)
    if arguments.json:
        rows = [{"database": one.database, "acts": one.acts, "shape": one.shape, "p50": one.p50, "p99": one.p99,
                 "rows": one.rows}
                for one in found]  # fmt: skip
        print_json({"times": rows, "targets": [one.to_json() for one in made]})
    else:
        show(found)
        for target in made:
            print(target.line)
    return exit_code(made)


if __name__ == "__main__":
    sys.exit(main())
