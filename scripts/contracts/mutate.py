"""How many small mistakes in the contracts the contract tests would notice.

    make contracts-mutate
    python scripts/contracts/mutate.py [options]

Every mutant is a copy of the contracts with one mistake in it (scripts/contracts/mutants.py). All of them are compiled
into one build, in which a switch on the chain chooses (scripts/contracts/schema.py). The tests first run with no mutant
chosen: they must pass, and it is noted which test comes by which place. Then each mutant meets the tests that come by
it, those first that noticed mutants near it, until one fails.

A mutant is killed if a test fails on it, fails on it again, and passes without it. A node or process that breaks down
says nothing; the mutant is tried again. A mutant that every test passes is compiled by itself: if the bytecode is that
of the original, there was no mistake, and it does not count. The others are the survivors. What is known about some of
them stands in scripts/contracts/survivors.toml, by the name that is shown here with --names. Those are taken to survive
without being tried, which saves half the time and can only lower the score; --known tries them too.

What was found is kept in build/mutation, for exactly these contracts and tests: an interrupted run goes on where it
was.

Exit code 0: enough are killed. 1: too few. 2: could not be measured.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import random
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import sandbox
from baseline import cached_baseline
from equivalence import Equivalence, digest
from judging import Judge
from mutant import Mutant
from mutants import mutants_of
from processes import WORK, MutationError, Worker, side_by_side
from reporting import TARGET, Report
from results import FAILED, KILLED, SURVIVED, SURVIVORS, Result, Store, known_survivors, percent, score
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from schema import build_schema
from source import ROOT, BuildError, all_sources, read_sources


def main() -> int:
    """Try mutants, report, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", default=[], metavar="FILE", help="mutants of this source only")
    parser.add_argument("--sample", type=int, metavar="N", help="only so many mutants, chosen at random")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="which sample, in which order (default: 1)")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="mutants at once (default: 2)")
    parser.add_argument("--tests", nargs="+", default=[], metavar="FILE", help=f"instead of all in {sandbox.TESTS}")
    parser.add_argument(
        "--leave-out",
        action="append",
        metavar="NAME",
        help=f"test file that cannot pass on other code than the project's (default: {', '.join(sandbox.LEFT_OUT)})",
    )
    parser.add_argument(
        "--node",
        choices=["anvil", "ganache"],
        default="anvil",
        help="anvil is quicker; ganache is what the tests are written for (default: anvil)",
    )
    parser.add_argument("--list", action="store_true", help="list the mutants and try none")
    parser.add_argument("--names", action="store_true", help="show survivors also by the name survivors.toml needs")
    parser.add_argument("--known", action="store_true", help="try the known survivors too")
    parser.add_argument("--again", action="store_true", help="forget what was found for these contracts and tests")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of the report")
    options = parser.parse_args()
    sandbox.interruptible()
    try:
        return mutate(options)
    except (BuildError, MutationError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        sandbox.end_children()
        print("interrupted; what was found is kept, and nothing is left running", file=sys.stderr)
        return 130


def mutate(options: argparse.Namespace) -> int:
    """Do what the command line asks."""
    console = Console(stderr=True, highlight=False)
    texts = all_sources(ROOT)
    sources = read_sources(ROOT, texts)
    mutants = dict(enumerate(mutants_of(sources), 1))
    chosen = choose(mutants, options.only, options.sample, options.seed)
    if options.list:
        for number in sorted(chosen):
            print(f"{mutants[number].path}:{mutants[number].line}  {mutants[number].key}")
        return 0
    tests = sandbox.test_files(ROOT, options.tests, options.leave_out or sandbox.LEFT_OUT)
    WORK.mkdir(parents=True, exist_ok=True)
    schema = build_schema(ROOT, texts, sources, mutants)
    project = WORK / "project"
    sandbox.copy_project(project, texts | schema.texts, optimise_for_size=True)
    copied = {path: (project / path).read_bytes() for path in sandbox.test_sources(project)}
    name = digest(texts | schema.texts, copied, {"tests": " ".join(tests), "node": options.node})[:16]
    store = Store(WORK / f"results-{name}.jsonl")
    if options.again:
        store.path.unlink(missing_ok=True)
    results = store.read()
    left_out = {one.key for one in schema.left_out}
    reasons = known_survivors(SURVIVORS)
    if not options.known:
        known = [mutants[number].key for number in chosen if mutants[number].key in reasons]
        results = {key: Result(key, SURVIVED) for key in known} | results
    waiting = [n for n in chosen if mutants[n].key not in results and mutants[n].key not in left_out]
    if waiting:
        with ExitStack() as stack:
            workers = [
                Worker(number, project, tests, options.node) for number in range(min(options.jobs, len(waiting)))
            ]
            for worker in workers:
                stack.callback(worker.stop)
            console.print(f"{len(waiting)} of {len(mutants)} mutants to try; compiling them, in a minute or two")
            for worker in workers:
                worker.start()
            baseline = cached_baseline(WORK / f"baseline-{name}.json", workers, console)
            killers = WORK / "killers.json"
            last = json.loads(killers.read_text(encoding="utf-8")) if killers.exists() else {}
            equivalence = Equivalence(texts, sources, WORK / "bytecode.json")
            judge = Judge(mutants, schema.places, baseline, equivalence, last)
            try:
                results |= try_all(waiting, judge, workers, store, console)
            finally:
                last |= {one.key: one.test for one in store.read().values() if one.verdict == KILLED}
                killers.write_text(json.dumps(last, ensure_ascii=False), encoding="utf-8")
    shown = {mutants[number].key: mutants[number] for number in sorted(chosen) if mutants[number].key in results}
    report = Report(
        mutants=shown,
        results={key: results[key] for key in shown},
        reasons=reasons,
        left_out=[one for one in schema.left_out if one in [mutants[number] for number in chosen]],
        complete=len(chosen) == len(mutants),
    )
    if options.json:
        print(json.dumps(report.document(), indent=2, ensure_ascii=False))
    else:
        print("\n".join(report.lines(options.names)))
    if report.verdicts(FAILED):
        return 2
    return 0 if percent(*score(report.results.values())) >= TARGET else 1


def try_all(
    waiting: Sequence[int], judge: Judge, workers: Sequence[Worker], store: Store, console: Console
) -> dict[str, Result]:
    """Try mutants until none is left, and keep each result at once."""
    results: dict[str, Result] = {}
    line: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in waiting:
        line.put(number)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, speed_estimate_period=600) as progress:
        task = progress.add_task("mutants", total=len(waiting))

        def work(worker: Worker) -> None:
            while True:
                try:
                    number = line.get_nowait()
                except queue.Empty:
                    return
                result = judge.judge(number, worker)
                store.add(result)
                results[result.key] = result
                killed, counted = score(list(results.values()))
                progress.update(task, advance=1, description=f"killed {killed} of {counted}")

        side_by_side(workers, work)
    return results


def choose(mutants: Mapping[int, Mutant], only: Sequence[str], sample: int | None, seed: int) -> list[int]:
    """The numbers of the mutants to try, in the order in which to try them: any, so that a start says much."""
    wanted = [
        number
        for number, one in mutants.items()
        if not only or any(one.path == path or Path(one.path).name == path for path in only)
    ]
    if only and not wanted:
        raise MutationError(f"no mutants in {', '.join(only)}")
    shuffled = random.Random(seed).sample(wanted, len(wanted))  # noqa: S311 - nothing secret
    return shuffled if sample is None else shuffled[:sample]


if __name__ == "__main__":
    sys.exit(main())
