"""The processes that run tests, each with a node of its own (scripts/contracts/worker.py is what they run)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import sandbox
from source import ROOT

WORK = ROOT / "build" / "mutation"
WORKER = Path(__file__).with_name("worker.py")


class MutationError(Exception):
    """The mutants cannot be counted; the message says why."""


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


def _short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
