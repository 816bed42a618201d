"""``make soak-index``: an index that is killed at random moments while it catches up, and is whole every time.

The process gets SIGKILL, so nothing in it can tidy up. It is started again until it is done; then its rows must be
those of an index that nobody disturbed. With that the next index begins.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from benchmarks.index.generator import chain_with
from benchmarks.targets import Target, at_least, at_most, exit_code
from registry.chain import Register
from registry.index import Identity, Index
from registry.index.lookup_keys import missing
from registry.index.schema import metadata


def digests(database: str, identity: Identity) -> dict[str, str]:
    """One digest for each table: over every row of it, in order; and which keys are missing."""
    with Index.open(database, identity, create=False) as index:
        with index.reading() as connection:
            found = {"missing keys": " ".join(str(one.name) for one in missing(connection))}
        for table in metadata.tables:
            hashed = sha256()
            for row in index.rows(table):
                hashed.update(repr(sorted(row.items())).encode())
            found[table] = hashed.hexdigest()
    return found


@contextmanager
def _process(url: str, register: Register, last: int, database: str) -> Iterator[subprocess.Popen[str]]:
    words = ["-m", "benchmarks.index.child", "index", url, register.address, str(register.from_block), str(last)]
    with subprocess.Popen([sys.executable, *words, database], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it has begun
        try:
            yield process
        finally:
            process.kill()


def soak(
    kills: int, events: int, seed: int, databases: Callable[[int], str], say: Callable[[str], None]
) -> list[Target]:
    """So many kills on a chain with so many events; ``databases`` gives the address of each new index."""
    chance = random.Random(seed)
    with chain_with(events, seed, say, old_states=False) as (url, register):
        last = register.chain.latest()[0]
        identity = Identity(register.chain.chain_id, register.address, register.from_block)
        number = done = finished = different = 0
        with _process(url, register, last, databases(number)) as process:
            started = time.monotonic()
            if process.wait():
                raise SystemExit("catching up failed without being disturbed")
            usual = time.monotonic() - started
        expected = digests(databases(number), identity)
        if expected["missing keys"]:
            raise SystemExit(f"undisturbed it leaves keys out: {expected['missing keys']}")
        say(f"undisturbed it takes {usual:.2f} s")
        in_the_middle = 0
        number = 1
        while done < kills:
            with _process(url, register, last, databases(number)) as process:
                try:
                    code = process.wait(timeout=chance.uniform(0, usual))
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                    done += 1
                    in_the_middle += _is_begun(databases(number), identity)
                    if done % 20 == 0:
                        say(f"{done} of {kills} kills")
                    continue
            if code:
                raise SystemExit(f"after {done} kills catching up failed with exit code {code}")
            finished += 1
            different += digests(databases(number), identity) != expected
            number += 1
        with _process(url, register, last, databases(number)) as process:
            if process.wait():
                raise SystemExit(f"after {done} kills catching up failed")
        finished += 1
        different += digests(databases(number), identity) != expected
    return [
        at_least("kills", done, kills),
        at_least("of which after something was written", in_the_middle, 1),
        at_least("indexes that were finished all the same", finished, 1),
        at_most("of them, different from one built afresh", different, 0),
    ]


def _is_begun(database: str, identity: Identity) -> bool:
    """Whether what the dead process left behind can be read, and holds something."""
    with Index.open(database, identity) as index:
        return index.as_of is not None


def main() -> int:
    """Soaks and prints; 0 if every target holds."""
    parser = argparse.ArgumentParser(prog="make soak-index")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--events", type=int, default=15_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    print(f"seed {given.seed}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:

        def databases(number: int) -> str:
            return f"sqlite:///{Path(folder) / f'{number}.sqlite'}"

        def say(text: str) -> None:
            print(text, file=sys.stderr, flush=True)

        targets = soak(given.kills, given.events, given.seed, databases, say)
    for target in targets:
        print(target.line)
    return exit_code(targets)


if __name__ == "__main__":
    sys.exit(main())
