"""What the tests do without any mutant: how long each takes, and by which places it comes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processes import MutationError, Worker, side_by_side
from rich.console import Console
from schema import BREAK, NOTHING, RECORD, printed


@dataclass(frozen=True)
class Baseline:
    """What a test does without any mutant: how long it takes and where it comes by.

    What the tests of a file share is set up by whichever runs first, in so many seconds more.
    """

    seconds: float
    shared_seconds: float
    places: frozenset[int]


def cached_baseline(path: Path, workers: Sequence[Worker], console: Console) -> dict[str, Baseline]:
    """What the tests do without a mutant, as it was recorded for exactly this build, or recorded now."""
    if path.exists():
        kept = json.loads(path.read_text(encoding="utf-8"))
        baseline = {
            test: Baseline(one["seconds"], one["shared"], frozenset(one["places"])) for test, one in kept.items()
        }
        if set(baseline) == set(workers[0].tests):
            quickest = sorted(baseline, key=lambda test: (not baseline[test].places, baseline[test].seconds))[:5]
            for worker in workers:
                check_switch(worker, quickest)
            return baseline
    console.print(f"running {len(workers[0].tests)} tests without a mutant")
    baseline = record_baseline(workers, console.print)
    kept = {
        test: {"seconds": one.seconds, "shared": one.shared_seconds, "places": sorted(one.places)}
        for test, one in baseline.items()
    }
    path.write_text(json.dumps(kept), encoding="utf-8")
    return baseline


def record_baseline(workers: Sequence[Worker], say: Callable[[str], None]) -> dict[str, Baseline]:
    """Run all tests without a mutant. Raises MutationError unless all pass and the switch works."""
    tests = workers[0].tests
    files = list(dict.fromkeys(file_of(test) for test in tests))
    shares = [
        [test for test in tests if files.index(file_of(test)) % len(workers) == worker.number] for worker in workers
    ]
    recorded: dict[str, dict[str, Any]] = {}
    failed: list[str] = []

    def share(worker: Worker) -> None:
        waiting = shares[worker.number]
        while waiting and not failed:
            answer = worker.run(RECORD, limits_for_record(waiting), record=True)
            recorded.update(answer.get("recorded", {}))
            if answer["outcome"] == "passed":
                return
            test = answer.get("test", "")
            # Once more by itself: a machine under load can fail a test about time.
            if test and worker.run(RECORD, limits_for_record([test]))["outcome"] == "passed":
                waiting = waiting[waiting.index(test) :]
                continue
            failed.append(f"{test or 'the tests'}: {answer.get('why', '')[-300:]}")

    side_by_side(workers, share)
    if failed:
        raise MutationError(
            "the tests must pass before anything is counted, on the build with no mutant chosen; leave out those that "
            "cannot (--leave-out):\n" + "\n".join(failed)
        )
    baseline = known_from(recorded)
    if set(baseline) != set(tests) or not any(one.places for one in baseline.values()):
        raise MutationError("the tests were run, but not all was seen of them")
    quickest = sorted((test for test in tests if baseline[test].places), key=lambda test: baseline[test].seconds)[:5]
    for worker in workers:
        check_switch(worker, quickest)
    say(f"{len(tests)} tests pass without a mutant; the switch works")
    return baseline


def known_from(recorded: Mapping[str, dict[str, Any]]) -> dict[str, Baseline]:
    """What is known of each test from what was recorded of it."""
    places: dict[str, set[int]] = {}
    set_up: dict[str, list[float]] = {}
    for test, one in recorded.items():
        places.setdefault(file_of(test), set()).update(printed(one["setUp"].encode()))
        set_up.setdefault(file_of(test), []).append(one["setUpSeconds"])
    known = {}
    for test, one in recorded.items():
        least, most = min(set_up[file_of(test)]), max(set_up[file_of(test)])
        seconds = one["seconds"] - one["setUpSeconds"] + least
        known[test] = Baseline(seconds, most - least, frozenset(printed(one["came"].encode()) | places[file_of(test)]))
    return known


def check_switch(worker: Worker, tests: Sequence[str]) -> None:
    """A mutant that changes nothing must survive, and one that breaks everything must not."""
    nothing = worker.run(NOTHING, limits_for_record(tests))
    everything = worker.run(BREAK, limits_for_record(tests[:1]))
    if nothing["outcome"] != "passed":
        raise MutationError(f"a mutant that changes nothing is killed: {nothing.get('why', '')}")
    if everything["outcome"] != "failed":
        raise MutationError("a mutant that breaks everything is not killed")


def limits_for_record(tests: Iterable[str]) -> dict[str, float]:
    """No test may take forever, but nothing is known about them yet."""
    return dict.fromkeys(tests, 1800.0)


def file_of(test: str) -> str:
    """The file of a test."""
    return test.partition("::")[0]
