"""``make bench-index``: catching up, against merely fetching the same, and against the usual way; memory besides."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from bisect import bisect_left
from pathlib import Path
from typing import Any

from benchmarks.index.generator import chain_with
from benchmarks.targets import Target, at_least, at_most, exit_code
from registry.chain import Register
from registry.chain.raw import Raw

_FEW = 10_000
_SAMPLE = 1_500


class Measured:
    """One chain, and what is done with it in processes of their own."""

    def __init__(self, url: str, register: Register, folder: Path) -> None:
        self._url = url
        self._register = register
        self._folder = folder
        self._runs = 0

    def run(self, what: str, first: int, last: int, database: str = "") -> dict[str, Any]:
        """Seconds, and the peak of memory in KiB, of one of the things in ``child``."""
        self._runs += 1
        if what == "index" and not database:
            database = f"sqlite:///{self._folder / f'{self._runs}.sqlite'}"
        words = ["-m", "benchmarks.index.child", what, self._url, self._register.address, str(first), str(last)]
        done = subprocess.run([sys.executable, *words, database], stdout=subprocess.PIPE, text=True, check=True)
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found


def say(text: str) -> None:
    """For the person who waits."""
    print(text, file=sys.stderr, flush=True)


def measure(events: int, seed: int, rounds: int, *, crowded: bool = False) -> tuple[list[Target], dict[str, Any]]:
    """Fills a chain and measures; the targets, and the numbers behind them."""
    with (
        chain_with(events, seed, say, crowded=crowded, old_states=False) as (url, register),
        tempfile.TemporaryDirectory() as folder,
    ):
        first, last = register.from_block, register.chain.latest()[0]
        places = [one.block for one in _all_logs(register, first, last)]
        measured = Measured(url, register, Path(folder))
        raw_runs, log_runs, index_runs = [], [], []
        for number in range(rounds):
            say(f"round {number + 1} of {rounds}")
            raw_runs.append(measured.run("raw", first, last))
            log_runs.append(measured.run("logs", first, last))
            index_runs.append(measured.run("index", first, last))
        few = min(_FEW, len(places)) - 1
        few_runs = [measured.run("index", first, places[few]) for _ in range(rounds)]
        middle = places[len(places) // 2]
        until = places[min(len(places) - 1, bisect_left(places, middle) + _SAMPLE)]
        say(f"the usual way, on a sample of {_SAMPLE:,} events")
        usual = measured.run("usual", middle, until)
    count = len(places)
    fetching = statistics.median(one["seconds"] for one in raw_runs)
    catching = statistics.median(one["seconds"] for one in index_runs)
    ratio = statistics.median(
        one["seconds"] / other["seconds"] for one, other in zip(index_runs, raw_runs, strict=True)
    )
    each_usual = usual["seconds"] / usual["events"]
    peak = statistics.median(one["peak"] for one in index_runs)
    peak_few = statistics.median(one["peak"] for one in few_runs)
    numbers = {
        "events": count,
        "blocks": raw_runs[0]["blocks"],
        "fetchingSeconds": fetching,
        "fetchingLogsAloneSeconds": statistics.median(one["seconds"] for one in log_runs),
        "catchingUpSeconds": catching,
        "usualSecondsPerEvent": each_usual,
        "peakMiB": peak / 1024,
        "peakMiBAtFew": peak_few / 1024,
    }
    targets = [
        at_least("events per second", count / catching, 1, digits=0),
        at_most("catching up / merely fetching", ratio, 1.5, digits=2, unit="x"),
        at_least("the usual way / catching up", each_usual * count / catching, 10, digits=1, unit="x"),
        at_most(f"peak memory at {count:,} / at {few + 1:,} events", peak / peak_few, 1.2, digits=2, unit="x"),
    ]
    return targets, numbers


def _all_logs(register: Register, first: int, last: int) -> list[Any]:
    raw = Raw(register.chain, register.address)
    return [log for start in range(first, last + 1, 100) for log in raw.logs(start, min(start + 99, last))]


def main() -> int:
    """Measures and prints; 0 if every target holds."""
    parser = argparse.ArgumentParser(prog="make bench-index")
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--crowded", action="store_true", help="some twenty transactions in a block, not one")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    targets, numbers = measure(given.events, given.seed, given.rounds, crowded=given.crowded)
    if given.json:
        print(json.dumps({**numbers, "targets": [one.to_json() for one in targets]}, indent=2))
        return exit_code(targets)
    print(f"{numbers['events']:,} events in {numbers['blocks']:,} blocks, on Anvil and SQLite, {given.rounds} rounds")
    print(f"merely fetching {numbers['fetchingSeconds']:.2f} s, catching up {numbers['catchingUpSeconds']:.2f} s")
    print(f"merely fetching the logs, without their blocks, {numbers['fetchingLogsAloneSeconds']:.2f} s")
    print(f"the usual way {numbers['usualSecondsPerEvent'] * 1000:.2f} ms an event (sampled; all of it extrapolated)")
    print(f"peak memory {numbers['peakMiB']:.0f} MiB, {numbers['peakMiBAtFew']:.0f} MiB at the fewer events")
    for target in targets:
        print(target.line)
    return exit_code(targets)


if __name__ == "__main__":
    sys.exit(main())
