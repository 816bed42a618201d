"""What becomes of each mutant: which tests it meets, in which order, and what counts as noticing it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from baseline import Baseline, file_of
from mutant import Mutant
from processes import Worker
from results import EQUIVALENT, FAILED, KILLED, SURVIVED, Result
from schema import NOTHING

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
            files.setdefault(file_of(test), []).append(test)
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
        shared = {file_of(test): self.baseline[test].shared_seconds for test in tests}
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
