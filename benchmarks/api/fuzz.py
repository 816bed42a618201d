"""Asks a service on a real chain all that its description allows, and more: Schemathesis with all its checks.

Rounds with other seeds until the service has answered so many requests, as it counts them itself. Nothing may be
answered with a status above 499, with a status or a body that the description does not tell of, or without its headers;
what the description forbids must be refused. How it is asked stands in ``openapi/schemathesis.toml`` and ``hooks.py``.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.api.history import add_samples
from benchmarks.api.process import service
from benchmarks.index.generator import chain_with
from benchmarks.targets import Target, at_least, at_most, exit_code
from registry import keys
from registry.chain import Register
from registry.client import Client
from registry.dossier import Store

_OPENAPI = Path(__file__).resolve().parents[2] / "openapi"
_FUZZER = _OPENAPI / ".venv" / "bin" / "schemathesis"
_EVENTS = 400
_ANSWERED = (200, 201, 202, 204, 206, 304)
_COUNTED = re.compile(r'^foodvalley_requests_total\{.*status="(\d+)"\} ([0-9.e+]+)$', re.MULTILINE)


def main() -> int:
    """Runs it; 0 if every target holds."""
    parser = argparse.ArgumentParser(prog="fuzz-api", description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000, help="how many at least")
    parser.add_argument("--seed", type=int, default=None, help="the same questions again; default: others each time")
    parser.add_argument("--fuzzer", type=Path, default=_FUZZER, help="the program schemathesis")
    parser.add_argument("--report", type=Path, default=None, help="keep the reports of all rounds in this folder")
    given = parser.parse_args()
    seed = random.SystemRandom().randrange(2**31) if given.seed is None else given.seed
    print(f"seed {seed}; a chain with {_EVENTS} events and the sample agreements is made first")
    with (
        tempfile.TemporaryDirectory(prefix="foodvalley-fuzz-") as scratch,
        chain_with(_EVENTS, 1, print) as (url, register),
    ):
        folder = given.report or Path(scratch) / "reports"
        folder.mkdir(parents=True, exist_ok=True)
        store = Store(Path(scratch) / "home" / "dossiers")
        add_samples(register, url, store)
        told = {"node": url, "register": register.address, "organisation": "gm0345", "carrier_key": "dev:carrier"}
        with service(Path(scratch) / "home", **told) as (address, _):
            asker = _Asker(given.fuzzer, address, register, url, folder)
            failures = asker.ask(given.requests, seed)
            counts = _counted(address)
        log = (Path(scratch) / "home" / "service.log").read_text("utf-8")
    for failure, count in sorted(failures.items()):
        print(f"failure, {count} times: {failure}")
    if failures and not given.report:
        print("once more with --report FOLDER and the same --seed to see each of them")
    targets = _targets(given.requests, counts, failures, log)
    print("\n".join(one.line for one in targets))
    return exit_code(targets)


def _targets(requests: int, counts: Counter[int], failures: Counter[str], log: str) -> list[Target]:
    unforeseen = sum(json.loads(line)["action"] == "unforeseen" for line in log.splitlines() if line.startswith("{"))
    return [
        at_least("requests answered", counts.total(), requests),
        at_least("of these with an answer", sum(counts[one] for one in _ANSWERED), requests * 0.05),
        at_most("answers above 499", sum(count for status, count in counts.items() if status >= 500), 0),
        at_most("errors that nobody foresaw, in the log", unforeseen, 0),
        at_most("failures of checks", failures.total(), 0),
    ]


@dataclass
class _Asker:
    """Asks one service in rounds, signed in every other time."""

    fuzzer: Path
    address: str
    register: Register
    node: str
    folder: Path

    def ask(self, requests: int, seed: int) -> Counter[str]:
        """Asks until there were so many requests, once at least signed in and once not; the failures by name."""
        found: Counter[str] = Counter()
        number = 0
        while number < 2 or _counted(self.address).total() < requests:
            left = requests - _counted(self.address).total()
            found.update(self._round(number, seed, 100 if left > 3000 else 10))
            print(f"round {number}: {_counted(self.address).total():,} requests so far, {found.total()} failures")
            number += 1
        return found

    def _round(self, number: int, seed: int, examples: int) -> Counter[str]:
        report, told = (self.folder / f"round-{number}.{kind}" for kind in ("ndjson", "txt"))
        command = [str(self.fuzzer), "--config-file", str(_OPENAPI / "schemathesis.toml"), "run"]
        command += [f"{self.address}/v1/openapi.json", "--url", f"{self.address}/v1", "--no-color"]
        command += ["--seed", str(seed + number), "--max-examples", str(examples)]
        command += ["--report", "ndjson", "--report-ndjson-path", str(report)]
        if number % 2:
            command += ["--header", f"Authorization: Bearer {self._token()}"]
        environ = {**os.environ, "FUZZED_SERVICE": self.address, "SCHEMATHESIS_HOOKS": "hooks"}
        environ["PYTHONPATH"] = str(_OPENAPI)
        with told.open("wb") as output:
            ran = subprocess.run(command, cwd=self.folder, env=environ, stdout=output, stderr=output, check=False)
        failures = _failures(told)
        if ran.returncode and not failures:
            failures[f"the fuzzer ended with code {ran.returncode}: see {told.name}"] += 1
        return failures

    def _token(self) -> str:
        """A session of the organisation whose service this is."""
        chain = self.register.chain
        signer = keys.development_signer("veenendaal", chain.client_version, self.node, chain.chain_id)
        with Client(self.address) as client:
            client.sign_in(signer, chain.chain_id, self.register.address)
            return client.http.token or ""


def _failures(told: Path) -> Counter[str]:
    """The failures that a round lists, by operation and name."""
    found: Counter[str] = Counter()
    operation = ""
    for line in told.read_text("utf-8", "replace").splitlines():
        if match := re.match(r"_{3,} (.+?) _{3,}$", line.strip()):
            operation = match[1]
        elif match := re.match(r"- (ST[0-9]+ .+)$", line.strip()):
            found[f"{operation}: {match[1]}"] += 1
    return found


def _counted(address: str) -> Counter[int]:
    """How many requests the service answered, by status, without those that ask it how it is."""
    with httpx.Client(trust_env=False) as client:
        told = client.get(f"{address}/metrics").text
    found: Counter[int] = Counter()
    for line in told.splitlines():
        match = _COUNTED.match(line)
        if match and 'route="/health' not in line and 'route="/metrics"' not in line:
            found[int(match[1])] += int(float(match[2]))
    return found


if __name__ == "__main__":
    sys.exit(main())
