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
import hashlib
import json
import os
import queue
import random
import subprocess
import sys
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import sandbox
from mutants import Mutant, by_file, mutants_of
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from schema import BREAK, NOTHING, RECORD, build_schema, printed
from source import ROOT, BuildError, Source, all_sources, compile_sources, errors_of, read_sources

WORK = ROOT / "build" / "mutation"
SURVIVORS = Path(__file__).with_name("survivors.toml")
WORKER = Path(__file__).with_name("worker.py")
TARGET = 90.0

# A test may take so many times as long as it took without a mutant, and at least so many seconds.
PATIENCE, LEAST_SECONDS = 8.0, 20.0
# So many tests that are likely to fail run first, and then so many of each file.
FIRST_TESTS, FEW_TESTS = 5, 3
# A file that takes so long to set up comes last.
LONG_SECONDS = 10.0
# A mutant that would need more seconds of tests than this is compiled first.
COMPILE_AFTER_SECONDS = 25.0
# A test that has passed within so many seconds need not be seen to pass again.
FRESH_SECONDS = 300.0
TRIES = 3

KILLED, SURVIVED, EQUIVALENT, FAILED = "killed", "survived", "equivalent", "failed"


class MutationError(Exception):
    """The mutants cannot be counted; the message says why."""


@dataclass(frozen=True)
class Result:
    """What became of a mutant."""

    key: str
    verdict: str
    test: str = ""
    why: str = ""
    ran: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Baseline:
    """What a test does without any mutant: how long it takes and where it comes by.

    What the tests of a file share is set up by whichever runs first, in so many seconds more.
    """

    seconds: float
    shared_seconds: float
    places: frozenset[int]


class Worker:
    """A process that runs tests, with a node of its own."""

    def __init__(self, number: int, project: Path, tests: Sequence[str], node: str) -> None:
        self.number = number
        self.node = node
        self.project = project
        self.files = tests
        self.passed: dict[str, float] = {}
        self.tests: list[str] = []
        self.stack = ExitStack()
        self.process: subprocess.Popen[bytes] | None = None
        self.answers: Any = None

    def start(self) -> None:
        """Start the process and wait until it has collected its tests. Raises MutationError if it does not."""
        log = WORK / f"worker-{self.number}.log"
        node_log = WORK / f"worker-{self.number}.node"
        variables = self.stack.enter_context(sandbox.brownie_environment(node_log, self.node))
        variables["CONTRACT_TOOLS_NODE"] = self.node
        reading, writing = os.pipe()
        self.answers = os.fdopen(reading, "r")
        # -P: what lies next to the program must not be taken for a library.
        command = [sys.executable, "-P", str(WORKER), str(writing), *self.files]
        self.process = sandbox.start(command, self.project, variables, log, keep=writing)
        os.close(writing)
        self.tests = self.heard().get("tests", [])
        if not self.tests:
            raise MutationError(f"the tests do not start; see {_short(log)}")

    def heard(self) -> dict[str, Any]:
        """The next answer; `broken` if there is none to come."""
        line = self.answers.readline()
        if not line:
            return {"outcome": "broken", "why": "the worker died"}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def run(self, chosen: int, limits: Mapping[str, float], record: bool = False) -> dict[str, Any]:
        """Run these tests in this order with that mutant chosen; see worker.py for the answer."""
        if self.process is None or self.process.stdin is None:
            raise MutationError("the worker was not started")
        order = {"chosen": chosen, "tests": dict(limits), "record": record}
        try:
            self.process.stdin.write(json.dumps(order).encode() + b"\n")
            self.process.stdin.flush()
            answer = self.heard()
        except BrokenPipeError:
            answer = {"outcome": "broken", "why": "the worker died"}
        if self.process.poll() is not None:
            self.stop()
            self.start()
        return answer

    def stop(self) -> None:
        """End the process and everything that it started."""
        if self.process is not None:
            sandbox.end(self.process)
            self.answers.close()
            self.process = None
        self.stack.close()
        for path in WORK.glob(f"worker-{self.number}.node.*"):
            path.unlink()


@dataclass
class Judge:
    """Decides what becomes of each mutant."""

    mutants: Mapping[int, Mutant]
    places: Mapping[int, set[int]]
    baseline: Mapping[str, Baseline]
    is_equivalent: Callable[[Mutant], bool]
    last_killers: Mapping[str, str]
    kills: dict[str, Counter[str]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def limits(self, tests: Iterable[str]) -> dict[str, float]:
        """How long each of these tests may take."""
        known = self.baseline
        return {
            test: max(LEAST_SECONDS, PATIENCE * (known[test].seconds + known[test].shared_seconds)) for test in tests
        }

    def order(self, number: int) -> list[str]:
        """The tests that come by a mutant, those first that are likely to notice it."""
        mutant, places = self.mutants[number], self.places[number]
        coming = [test for test, known in self.baseline.items() if known.places & places]
        last = self.last_killers.get(mutant.key)
        with self.lock:
            near = self.kills.get(mutant.function, Counter()).copy()
            far = self.kills.get("", Counter()).copy()

        def worth(test: str) -> tuple[bool, float]:
            seconds = max(self.baseline[test].seconds + self.baseline[test].shared_seconds, 0.05)
            # A test that comes by few other places is likely to be about this one.
            about = 20.0 / (1 + len(self.baseline[test].places))
            return test == last, (4.0 * near[test] + far[test] + about) / seconds

        ranked = sorted(coming, key=worth, reverse=True)
        first, rest = ranked[:FIRST_TESTS], ranked[FIRST_TESTS:]
        # File by file, because what the tests of a file share is set up once; first a few of each, because most
        # files are about one thing.
        files: dict[str, list[str]] = {}
        for test in rest:
            files.setdefault(_file(test), []).append(test)
        quick = {file: own for file, own in files.items() if self.baseline[own[0]].shared_seconds < LONG_SECONDS}
        few = [test for own in quick.values() for test in own[:FEW_TESTS]]
        others = [test for own in quick.values() for test in own[FEW_TESTS:]]
        return first + few + others + [test for file, own in files.items() if file not in quick for test in own]

    def judge(self, number: int, worker: Worker) -> Result:
        """Try one mutant, again if the machinery breaks down."""
        mutant, started = self.mutants[number], time.monotonic()
        result = Result(mutant.key, FAILED)
        for _try in range(TRIES):
            result = self.tried(number, worker)
            if result.verdict != FAILED:
                break
        if result.verdict == KILLED:
            with self.lock:
                for scope in (mutant.function, ""):
                    self.kills.setdefault(scope, Counter())[result.test] += 1
        return Result(**{**asdict(result), "seconds": round(time.monotonic() - started, 1)})

    def tried(self, number: int, worker: Worker) -> Result:
        """Try one mutant once; the verdict is FAILED if the machinery breaks down."""
        mutant, waiting = self.mutants[number], self.order(number)
        if not waiting:
            return Result(mutant.key, SURVIVED, why="no test comes by")
        asked, ran = False, 0
        while waiting:
            now = waiting if asked or self.seconds(waiting) <= COMPILE_AFTER_SECONDS else self.within(waiting)
            answer = worker.run(number, self.limits(now))
            ran += answer.get("ran", 0)
            outcome, test = answer["outcome"], answer.get("test", "")
            if outcome == "passed":
                waiting = waiting[len(now) :]
                self.fresh(worker, now)
                if not asked and self.is_equivalent(mutant):
                    return Result(mutant.key, EQUIVALENT, ran=ran)
                asked = True
                continue
            if outcome == "broken" or not test:
                return Result(mutant.key, FAILED, why=answer.get("why", ""), ran=ran)
            again = worker.run(number, self.limits([test]))
            if outcome == "timeout":
                worker.passed.pop(
                    test, None
                )  # that it passed earlier does not say that the machine has time for it now
            if again["outcome"] == "broken" or not self.passes_without(test, worker):
                return Result(mutant.key, FAILED, test=test, why=again.get("why", ""), ran=ran)
            if again["outcome"] == "passed":
                # Chance, not the mutant. What ran before it has passed; it has now, too.
                waiting = waiting[waiting.index(test) + 1 :]
                continue
            return Result(mutant.key, KILLED, test=test, why=f"{outcome}: {answer['why'][-200:]}", ran=ran)
        return Result(mutant.key, SURVIVED, ran=ran)

    def seconds(self, tests: Collection[str]) -> float:
        """How long these take without a mutant."""
        shared = {_file(test): self.baseline[test].shared_seconds for test in tests}
        return sum(self.baseline[test].seconds for test in tests) + sum(shared.values())

    def within(self, tests: Sequence[str]) -> list[str]:
        """As many of these as take so long that compiling is not the larger effort."""
        chosen: list[str] = []
        for test in tests:
            chosen.append(test)
            if self.seconds(chosen) > COMPILE_AFTER_SECONDS / 2:
                break
        return chosen

    def fresh(self, worker: Worker, tests: Iterable[str]) -> None:
        """Note that these tests have passed just now."""
        worker.passed.update(dict.fromkeys(tests, time.monotonic()))

    def passes_without(self, test: str, worker: Worker) -> bool:
        """Whether a test passes with no mutant chosen, there and now."""
        if time.monotonic() - worker.passed.get(test, -FRESH_SECONDS) < FRESH_SECONDS:
            return True
        passed: bool = worker.run(NOTHING, self.limits([test]))["outcome"] == "passed"
        if passed:
            self.fresh(worker, [test])
        return passed


class Equivalence:
    """Whether the bytecode of a mutant is that of the original."""

    def __init__(self, texts: Mapping[str, bytes], sources: Sequence[Source], store: Path) -> None:
        self.texts = dict(texts)
        self.store = store
        self.lock = threading.Lock()
        self.known: dict[str, str] = json.loads(store.read_text()) if store.exists() else {}
        self.selection = {
            source.path: {
                node["name"]: ["evm.bytecode.object"]
                for node in source.tree["nodes"]
                if node["nodeType"] == "ContractDefinition"
                and node["contractKind"] == "contract"
                and not node.get("abstract")
            }
            for source in sources
        }
        self.selection = {path: names for path, names in self.selection.items() if names}

    def __call__(self, mutant: Mutant) -> bool:
        """Compile it and compare."""
        changed = self.texts | {mutant.path: mutant.apply(self.texts[mutant.path])}
        return self.bytecode(changed) == self.bytecode(self.texts)

    def bytecode(self, texts: dict[str, bytes]) -> str:
        """A hash of the bytecode of all contracts that can be deployed; of the errors if it does not compile."""
        name = digest(texts, {"selection": json.dumps(self.selection)})
        if name not in self.known:
            answer = compile_sources(ROOT, texts, self.selection)
            problems = errors_of(answer)
            if problems:
                raise BuildError("a mutant does not compile by itself:\n" + str(problems[0]["formattedMessage"]))
            codes = [
                answer["contracts"][path][contract]["evm"]["bytecode"]["object"]
                for path, names in sorted(self.selection.items())
                for contract in sorted(names)
            ]
            with self.lock:
                self.known[name] = hashlib.sha256("\n".join(codes).encode()).hexdigest()
                self.store.write_text(json.dumps(self.known))
        return self.known[name]


def digest(*texts: Mapping[str, Any]) -> str:
    """A hash over files and their names."""
    whole = hashlib.sha256()
    for files in texts:
        for name, text in sorted(files.items()):
            content: bytes = text.encode() if isinstance(text, str) else text
            whole.update(f"{name}\n{len(content)}\n".encode() + content)
    return whole.hexdigest()


def known_survivors(path: Path) -> dict[str, str]:
    """Why mutants survive, by their names."""
    if not path.exists():
        return {}
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("survivor", [])
    return {str(one["mutant"]): str(one["reason"]) for one in entries}


def limits_for_record(tests: Iterable[str]) -> dict[str, float]:
    """No test may take forever, but nothing is known about them yet."""
    return dict.fromkeys(tests, 1800.0)


def record_baseline(workers: Sequence[Worker], say: Callable[[str], None]) -> dict[str, Baseline]:
    """Run all tests without a mutant. Raises MutationError unless all pass and the switch works."""
    tests = workers[0].tests
    files = list(dict.fromkeys(_file(test) for test in tests))
    shares = [
        [test for test in tests if files.index(_file(test)) % len(workers) == worker.number] for worker in workers
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
        places.setdefault(_file(test), set()).update(printed(one["setUp"].encode()))
        set_up.setdefault(_file(test), []).append(one["setUpSeconds"])
    known = {}
    for test, one in recorded.items():
        least, most = min(set_up[_file(test)]), max(set_up[_file(test)])
        seconds = one["seconds"] - one["setUpSeconds"] + least
        known[test] = Baseline(seconds, most - least, frozenset(printed(one["came"].encode()) | places[_file(test)]))
    return known


def check_switch(worker: Worker, tests: Sequence[str]) -> None:
    """A mutant that changes nothing must survive, and one that breaks everything must not."""
    nothing = worker.run(NOTHING, limits_for_record(tests))
    everything = worker.run(BREAK, limits_for_record(tests[:1]))
    if nothing["outcome"] != "passed":
        raise MutationError(f"a mutant that changes nothing is killed: {nothing.get('why', '')}")
    if everything["outcome"] != "failed":
        raise MutationError("a mutant that breaks everything is not killed")


def side_by_side(workers: Sequence[Worker], work: Callable[[Worker], None]) -> None:
    """Have each worker do something, all at once; an error of one is raised when all have stopped."""
    errors: list[BaseException] = []

    def one(worker: Worker) -> None:
        try:
            work(worker)
        except BaseException as error:  # noqa: BLE001 - raised below, in the thread that can handle it
            errors.append(error)

    threads = [threading.Thread(target=one, args=(worker,), daemon=True) for worker in workers]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        for thread in threads:
            # Short waits, so that Ctrl-C is heard.
            thread.join(0.2)
        if errors:
            raise errors[0]
    if errors:
        raise errors[0]


def score(results: Iterable[Result]) -> tuple[int, int]:
    """How many were killed, of how many that count."""
    counted = [one.verdict for one in results if one.verdict in {KILLED, SURVIVED}]
    return counted.count(KILLED), len(counted)


def percent(killed: int, counted: int) -> float:
    """100 where there is nothing to kill."""
    return 100.0 * killed / counted if counted else 100.0


def verdict_line(killed: int, counted: int) -> str:
    """The last line of the report. Rounded down, so that the target is not met by rounding."""
    reached = percent(killed, counted)
    shown = int(reached * 10) / 10
    word = "ok" if reached >= TARGET else "short"
    return f"mutants killed: {shown:.1f} % of {counted} (target ≥ {TARGET:g} %) {word}"


@dataclass
class Report:
    """What is to be said at the end."""

    mutants: dict[str, Mutant]
    results: dict[str, Result]
    reasons: dict[str, str]
    left_out: list[Mutant]
    complete: bool

    def verdicts(self, verdict: str) -> list[Mutant]:
        """The mutants of which that became."""
        return [self.mutants[key] for key, one in self.results.items() if one.verdict == verdict]

    def lines(self, names: bool) -> list[str]:
        """For people."""
        files = by_file(self.mutants.values())
        width = max((len(path) for path in files), default=5)
        rows = [f"{'':{width}}  mutants  killed  survived  equivalent"]
        for name, own in [*files.items(), ("total", list(self.mutants.values()))]:
            count = Counter(self.results[one.key].verdict for one in own if one.key in self.results)
            share = percent(count[KILLED], count[KILLED] + count[SURVIVED])
            cells = f"{count.total():>7}  {count[KILLED]:>6}  {count[SURVIVED]:>8}  {count[EQUIVALENT]:>10}"
            rows.append(f"{name:{width}}  {cells}  {int(share * 10) / 10:5.1f} %")
        survivors = self.verdicts(SURVIVED)
        unexplained = [one for one in survivors if one.key not in self.reasons]
        rows += self.listed("survivors nobody has explained:", unexplained, names)
        rows += self.listed("known survivors:", [one for one in survivors if one.key in self.reasons], names)
        rows += self.listed("could not be tried:", self.verdicts(FAILED), names)
        rows += self.listed("left out, because they do not compile next to the original:", self.left_out, names)
        gone = [key for key in self.reasons if key not in self.mutants]
        killed = [one.key for one in self.verdicts(KILLED) if one.key in self.reasons]
        if self.complete and gone:
            rows += ["", "in survivors.toml, but there is no such mutant:", *(f"  {key}" for key in gone)]
        if killed:
            rows += ["", "in survivors.toml, but killed:", *(f"  {key}" for key in killed)]
        return [*rows, "", verdict_line(*score(self.results.values()))]

    def listed(self, title: str, mutants: Sequence[Mutant], names: bool) -> list[str]:
        """These mutants under a title; nothing if there are none."""
        if not mutants:
            return []
        rows = ["", title]
        for one in sorted(mutants, key=lambda mutant: (mutant.path, mutant.line, mutant.start)):
            result = self.results.get(one.key)
            why = self.reasons.get(one.key) or (result.why if result else "")
            rows.append(f"  {one.path}:{one.line}  {one.function}: {one.original} → {one.mutated}")
            rows += [f"      {one.key}"] if names else []
            rows += [f"      {why}"] if why else []
        return rows

    def document(self) -> dict[str, Any]:
        """For programs."""
        killed, counted = score(self.results.values())
        return {
            "ok": percent(killed, counted) >= TARGET and not self.verdicts(FAILED),
            "complete": self.complete,
            "killed": killed,
            "counted": counted,
            "percent": round(percent(killed, counted), 2),
            "target": TARGET,
            "mutants": [
                {
                    "name": key,
                    "path": self.mutants[key].path,
                    "line": self.mutants[key].line,
                    "original": self.mutants[key].original,
                    "mutated": self.mutants[key].mutated,
                    "verdict": one.verdict,
                    "test": one.test or None,
                    "known": self.reasons.get(key),
                    "seconds": one.seconds,
                }
                for key, one in self.results.items()
            ],
            "leftOut": [one.key for one in self.left_out],
        }


class Store:
    """Results on disk, one a line, written as they come."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = threading.Lock()

    def read(self) -> dict[str, Result]:
        """What was found so far; a line cut short by an interruption is not there."""
        found = {}
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                try:
                    one = Result(**json.loads(line))
                except (ValueError, TypeError):
                    continue
                if one.verdict != FAILED:
                    found[one.key] = one
        return found

    def add(self, result: Result) -> None:
        """Keep one more."""
        with self.lock, self.path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")


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


def _file(test: str) -> str:
    return test.partition("::")[0]


def _short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


if __name__ == "__main__":
    sys.exit(main())
