"""Runs contract tests against one mutant after the other, without ever starting anew.

It is to brownie what `brownie test` is, up to the point where the tests begin. From there it takes orders on its
standard input, one JSON document a line, and answers on the file descriptor that is its first argument. For each order
it puts the chain back to its first block, sets the switch that chooses the mutant, and splits off a process that runs
the tests asked for and stops at the first that fails. So no test and no mutant can leave anything behind.

    {"chosen": 17, "tests": {"tests/contracts/test_x.py::test_y": 20.0}, "record": false}

The number with a test is how many seconds it may take. The answer says what happened:

    {"outcome": "passed" | "failed" | "timeout" | "broken", "test": …, "why": …, "ran": 12, "seconds": 3.4}

`broken` is a chain or a process that does not do its work, which says nothing about the mutant.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
import traceback
import urllib.request
from pathlib import Path
from typing import IO, Any

import pytest
from web3.types import RPCEndpoint

# Started with -P, so that nothing that lies here is taken for a library.
sys.path.append(str(Path(__file__).parent))
try:
    from likeness import alike
finally:
    sys.path.pop()

NODE = os.environ["CONTRACT_TOOLS_NODE"]
NODE_LOG = os.environ["CONTRACT_TOOLS_NODE_LOG"]
NODE_SECONDS = 20.0
# A node keeps something of every run, so from time to time it makes place for a new one.
NODE_RUNS = 150


class NodeError(Exception):
    """The node does not answer, or not as it should."""


def ask(url: str, method: str, *params: Any) -> Any:
    """Ask the node something, without what brownie keeps of earlier questions."""

    def post(method: str, params: Any) -> Any:
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - loopback
        try:
            with urllib.request.urlopen(request, timeout=NODE_SECONDS) as response:  # noqa: S310
                return json.load(response)
        except (OSError, ValueError) as error:
            raise NodeError(f"{method}: {error}") from error

    answer = (alike(post) if NODE == "anvil" else post)(method, list(params))
    if "error" in answer:
        raise NodeError(f"{method}: {answer['error']}")
    return answer["result"]


def take_anvil_for_ganache() -> None:
    """Have whatever this process asks its node through web3 answered in Ganache's way."""
    from web3 import HTTPProvider

    plain = HTTPProvider.make_request
    answers: dict[HTTPProvider, Any] = {}

    def make_request(provider: HTTPProvider, method: Any, params: Any) -> Any:
        if provider not in answers:
            answers[provider] = alike(lambda name, given: plain(provider, RPCEndpoint(name), given))
        return answers[provider](method, params)

    HTTPProvider.make_request = make_request  # type: ignore[method-assign]


class Server:
    """Takes the place of pytest's loop over the tests."""

    def __init__(self, answers: int) -> None:
        # A copy, because pytest shuts the standard input off.
        self.orders = os.fdopen(os.dup(0), encoding="utf-8")
        self.answers: IO[str] = os.fdopen(answers, "w", buffering=1, encoding="utf-8")
        self.items: dict[str, pytest.Item] = {}
        self.base = ""
        self.runs = 0
        self.failed = ""
        self.record = False
        self.set_up: dict[str, Any] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Serve until there is nobody left to serve."""
        if session.testsfailed:
            self.answer(outcome="broken", why="the tests cannot be collected")
            return True
        self.items = {item.nodeid: item for item in session.items}
        self.base = ask(self.url, "evm_snapshot")
        self.answer(tests=list(self.items))
        for line in self.orders:
            order = json.loads(line)
            started = time.monotonic()
            try:
                answer = self.run(order)
            except NodeError as error:
                answer = {"outcome": "broken", "why": str(error)}
            if answer["outcome"] in {"broken", "timeout"} or self.runs >= NODE_RUNS:
                self.restart()
            self.answer(**answer, seconds=round(time.monotonic() - started, 3))
        return True

    def answer(self, **document: Any) -> None:
        """One line for whoever gave the order."""
        self.answers.write(json.dumps(document) + "\n")

    @property
    def url(self) -> str:
        """Where the node of this process listens."""
        import brownie

        provider: Any = brownie.web3.provider
        return str(provider.endpoint_uri)

    def restart(self) -> None:
        """Another node in the place of this one, whatever state that is in."""
        import brownie
        from brownie._config import CONFIG
        from brownie.network.main import connect, rpc

        rpc.kill(False)
        brownie.web3.disconnect()
        CONFIG.clear_active()
        connect("ganache")
        self.base = ask(self.url, "evm_snapshot")
        self.runs = 0

    def run(self, order: dict[str, Any]) -> dict[str, Any]:
        """Run some tests against one mutant, in a process that is not needed afterwards."""
        if not ask(self.url, "evm_revert", self.base):
            raise NodeError("the chain cannot be put back")
        self.base = ask(self.url, "evm_snapshot")
        self.runs += 1
        os.truncate(self.log, 0)
        ask(self.url, "miner_setEtherbase", f"{order['chosen']:#042x}")
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            self.split_off(writing, order)
        os.close(writing)
        try:
            answer = self.watch(reading, order["tests"])
        finally:
            os.close(reading)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        if answer["outcome"] == "failed":
            # A test that fails because the node is gone says nothing.
            ask(self.url, "eth_chainId")
        return answer

    @property
    def log(self) -> str:
        """What the node prints."""
        from brownie.network.main import rpc

        return f"{NODE_LOG}.{rpc.process.pid}"

    def watch(self, reading: int, limits: dict[str, float]) -> dict[str, Any]:
        """Listen to the process that runs the tests until it is done, or has to be taken for hanging."""
        recorded: dict[str, Any] = {}
        test, ran, limit, text = "", 0, max([*limits.values(), 10.0]), b""
        deadline = time.monotonic() + limit
        while True:
            if not select.select([reading], [], [], max(0.0, deadline - time.monotonic()))[0]:
                return {"outcome": "timeout", "test": test, "why": f"over {limit:.0f} seconds", "ran": ran}
            piece = os.read(reading, 1 << 16)
            if not piece:
                return {"outcome": "broken", "test": test, "why": "the process that ran the tests died", "ran": ran}
            *lines, text = (text + piece).split(b"\n")
            for line in lines:
                news = json.loads(line)
                if "outcome" in news:
                    return {**news, "ran": ran, **({"recorded": recorded} if recorded else {})}
                if "start" in news:
                    test, ran, limit = news["start"], ran + 1, limits[news["start"]]
                    deadline = time.monotonic() + limit
                else:
                    recorded[news.pop("test")] = news

    def split_off(self, writing: int, order: dict[str, Any]) -> None:
        """What the process does that was split off. Does not return."""
        outcome: dict[str, Any] = {"outcome": "broken", "why": "nothing was run"}
        news = os.fdopen(writing, "w", buffering=1)
        try:
            self.record = bool(order.get("record"))
            self.connect_again()
            outcome = self.run_tests(list(order["tests"]), news)
        except BaseException:  # noqa: BLE001 - whatever it is, this process ends here and somebody must be told
            outcome = {"outcome": "broken", "why": traceback.format_exc()}
        finally:
            news.write(json.dumps(outcome) + "\n")
            news.flush()
            os._exit(0)

    def connect_again(self) -> None:
        """A connection of its own, and a chain that begins where it is now."""
        import brownie

        brownie.web3.connect(self.url, 120)
        brownie.chain._network_connected()

    def run_tests(self, names: list[str], news: IO[str]) -> dict[str, Any]:
        """Run these tests in this order, up to the first that fails."""
        items = [self.items[name] for name in names]
        for place, item in enumerate(items):
            news.write(json.dumps({"start": item.nodeid}) + "\n")
            started = time.monotonic()
            following = items[place + 1] if place + 1 < len(items) else None
            self.failed = ""
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                return {"outcome": "failed", "test": item.nodeid, "why": self.failed}
            if self.record:
                document = {"test": item.nodeid, "seconds": time.monotonic() - started}
                news.write(json.dumps(document | self.set_up | {"came": self.printed()}) + "\n")
        return {"outcome": "passed"}

    def printed(self) -> str:
        """The numbers that the contracts printed since this was asked last, each once."""
        lines = {line.strip() for line in Path(self.log).read_bytes().split(b"\n")}
        os.truncate(self.log, 0)
        return b"\n".join(sorted(line for line in lines if line[:1].isdigit())).decode()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Notice what fails, and what the fixtures do before the test itself."""
        if report.failed and not self.failed:
            self.failed = f"{report.when}: {report.longrepr}"[-600:]
        if report.when == "setup" and self.record:
            self.set_up = {"setUp": self.printed(), "setUpSeconds": report.duration}


def main() -> None:
    """Collect the tests and serve."""
    from brownie import project

    if NODE == "anvil":
        take_anvil_for_ganache()
    answers, *tests = sys.argv[1:]
    folder = Path.cwd()
    sys.argv = ["brownie", "test"]
    project.main._add_to_sys_path(folder)
    words = [*tests, "--network", "ganache", "-q", "--failfast", "--hypothesis-seed=0", "-p", "no:cacheprovider"]
    pytest.main(words, ["pytest-brownie", Server(int(answers))])


if __name__ == "__main__":
    main()
