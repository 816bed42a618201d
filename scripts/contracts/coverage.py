"""Which lines and branches of the contracts the contract tests reach.

    make contracts-coverage
    python scripts/contracts/coverage.py [options] [TEST FILE ...]

The contracts are compiled with probes in them, which print a number on the console of the node whenever they come by,
also in calls and in transactions that revert. Then the project's own tests run against that build.

A line counts if every statement that begins on it has run; an assembly block counts as one statement. A branch is one
outcome, true or false, of a condition: of if, while, for, ?:, require and assert, and where a condition is built with
&& and || of each operand instead of the whole.

Exit code 0: all lines, enough branches, all tests passed. 1: not so. 2: could not be measured.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sandbox
from probes import Probe, instrument, lines_of, printed
from source import ROOT, BuildError, all_sources, read_sources

WORK = ROOT / "build" / "coverage"
REPORTS = ROOT / "build" / "reports"
LINES_TARGET = 100.0
BRANCHES_TARGET = 95.0


@dataclass(frozen=True)
class Measure:
    """How many of how many."""

    reached: int
    there_are: int

    @property
    def percent(self) -> float:
        """100 where there is nothing to reach."""
        return 100.0 * self.reached / self.there_are if self.there_are else 100.0

    def meets(self, target: float) -> bool:
        """Whether it is enough, before any rounding."""
        return self.percent >= target

    def __add__(self, other: Measure) -> Measure:
        return Measure(self.reached + other.reached, self.there_are + other.there_are)


@dataclass(frozen=True)
class FileCoverage:
    """What was reached of one source, and what was not."""

    path: str
    lines: Measure
    branches: Measure
    missed: tuple[Probe, ...]

    @property
    def shown(self) -> list[str]:
        """What was missed, without what stands in a function that was never called at all."""
        uncalled = {probe.function for probe in self.missed if probe.is_function}
        return [
            f"{probe.path}:{probe.line}  {probe}"
            for probe in self.missed
            if probe.is_function or probe.function not in uncalled
        ]


def evaluate(probes: Sequence[Probe], seen: set[int]) -> list[FileCoverage]:
    """The coverage of each file, given the numbers of the probes that came by."""
    files = []
    for path in sorted({probe.path for probe in probes}):
        own = [(number, probe) for number, probe in enumerate(probes) if probe.path == path]
        lines = lines_of(own, seen)
        branches = [number for number, probe in own if probe.is_branch]
        missed = sorted((probe for number, probe in own if number not in seen), key=lambda probe: probe.line)
        files.append(
            FileCoverage(
                path,
                Measure(sum(lines.values()), len(lines)),
                Measure(sum(number in seen for number in branches), len(branches)),
                tuple(missed),
            )
        )
    return files


def run_tests(project: Path, tests: Sequence[str], jobs: int, quiet: bool) -> tuple[int, set[int]]:
    """Run the tests on the instrumented build: their exit code, and the probes that came by."""
    log = WORK / "node.log"
    for old in WORK.glob("node.log.*"):
        old.unlink()
    words = ["brownie", "test", *tests, "--network", "ganache", "-q", "--failfast", "--hypothesis-seed=0"]
    words += ["-n", str(jobs)] if jobs > 1 else []
    seen: set[int] = set()
    with sandbox.brownie_environment(log) as variables:
        stream = WORK / "tests.log"
        # First, and once: brownie's workers would each compile, into the same folder.
        compiling = sandbox.start(["brownie", "compile"], project, variables, stream)
        try:
            if code := compiling.wait():
                return code, seen
        finally:
            sandbox.end(compiling)
        process = sandbox.start(words, project, variables, stream)
        try:
            code = process.wait() if quiet else _follow(process, stream)
        finally:
            sandbox.end(process)
    for path in WORK.glob("node.log.*"):
        seen |= printed(path.read_bytes())
        path.unlink()
    return code, seen


def _follow(process: subprocess.Popen[bytes], stream: Path) -> int:
    """Show what the tests print until they end."""
    with stream.open("rb") as output:
        while True:
            ended = process.poll()
            sys.stdout.write(output.read().decode("utf-8", "replace"))
            sys.stdout.flush()
            if ended is not None:
                return ended
            time.sleep(0.5)


def table(files: Sequence[FileCoverage]) -> list[str]:
    """The coverage of each file and in total, and what was missed, for people."""
    width = max(len(one.path) for one in files) if files else 5
    rows = [f"{'':{width}}  {'lines':>18}  {'branches':>18}"]
    total = (sum((one.lines for one in files), Measure(0, 0)), sum((one.branches for one in files), Measure(0, 0)))
    named = [(one.path, one.lines, one.branches) for one in files] + [("total", *total)]
    for name, *measures in named:
        cells = [f"{measure.reached:>4} of {measure.there_are:<4} {measure.percent:5.1f} %" for measure in measures]
        rows.append(f"{name:{width}}  {cells[0]:>18}  {cells[1]:>18}")
    missed = [line for one in files for line in one.shown]
    if missed:
        rows += ["", "not reached:", *(f"  {line}" for line in missed)]
    return rows


def verdict(name: str, measure: Measure, target: float, sign: str) -> str:
    """The line that says whether a target is met. Rounded down, so that 100.0 % means all."""
    shown = int(measure.percent * 10) / 10
    return f"{name}: {shown:.1f} % (target {sign}{target:g} %) {'ok' if measure.meets(target) else 'short'}"


def document(files: Sequence[FileCoverage], code: int, ok: bool) -> dict[str, Any]:
    """The same for programs."""

    def plain(measure: Measure) -> dict[str, Any]:
        return {"reached": measure.reached, "of": measure.there_are, "percent": round(measure.percent, 2)}

    lines = sum((one.lines for one in files), Measure(0, 0))
    branches = sum((one.branches for one in files), Measure(0, 0))
    return {
        "ok": ok,
        "testsPassed": code == 0,
        "lines": plain(lines),
        "branches": plain(branches),
        "files": [
            {
                "path": one.path,
                "lines": plain(one.lines),
                "branches": plain(one.branches),
                "missed": [{"line": probe.line, "what": probe.what, "never": probe.outcome} for probe in one.missed],
            }
            for one in files
        ],
    }


def main() -> int:
    """Measure, report, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tests", nargs="*", metavar="TEST FILE", help=f"instead of all in {sandbox.TESTS}")
    parser.add_argument(
        "--leave-out",
        action="append",
        metavar="NAME",
        help=f"test file that cannot pass on other code than the project's (default: {', '.join(sandbox.LEFT_OUT)})",
    )
    parser.add_argument("--jobs", type=int, default=1, help="tests at once (default: 1)")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of the report")
    options = parser.parse_args()
    sandbox.interruptible()
    try:
        return measure(options)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        sandbox.end_children()
        print("interrupted; nothing is left running", file=sys.stderr)
        return 130


def measure(options: argparse.Namespace) -> int:
    """Do what the command line asks."""
    tests = sandbox.test_files(ROOT, options.tests, options.leave_out or sandbox.LEFT_OUT)
    texts = all_sources(ROOT)
    instrumented = instrument(read_sources(ROOT, texts))
    project = WORK / "project"
    sandbox.copy_project(project, texts | instrumented.texts)
    if not options.json:
        print(f"{len(instrumented.probes)} probes; compiling, then {len(tests)} files of tests", flush=True)
    code, seen = run_tests(project, tests, options.jobs, options.json)
    if not seen or code not in {0, 1}:
        log = _short(WORK / "tests.log")
        print(
            f"the contracts were not compiled, or the tests not run to their end ({code}); see {log}", file=sys.stderr
        )
        return 2
    files = evaluate(instrumented.probes, seen)
    lines = sum((one.lines for one in files), Measure(0, 0))
    branches = sum((one.branches for one in files), Measure(0, 0))
    ok = code == 0 and lines.meets(LINES_TARGET) and branches.meets(BRANCHES_TARGET)
    report = table(files)
    verdicts = [
        verdict("lines", lines, LINES_TARGET, ""),
        verdict("branches", branches, BRANCHES_TARGET, "≥ "),
    ]
    if code != 0:
        verdicts.insert(0, f"tests: failed; see {_short(WORK / 'tests.log')}")
    REPORTS.mkdir(parents=True, exist_ok=True)
    text = "\n".join([*report, "", *verdicts])
    (REPORTS / "contracts-coverage.txt").write_text(text + "\n", encoding="utf-8")
    print(json.dumps(document(files, code, ok), indent=2) if options.json else text)
    return 0 if ok else 1


def _short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


if __name__ == "__main__":
    sys.exit(main())
