"""Measure how many acts a second a service carries to the chain, beside the same transactions pushed raw.

Over 32 connections acts are handed in, each with the signatures of its two parties, to a service as `foodvalley serve`
starts it; it checks and simulates each, keeps it, signs its transaction and sends it. Then the chain is set back, and
the very same transactions, byte for byte as the service signed them, are pushed straight to the node over as many
connections. Both are timed until the node has mined the last one.

That comes in whole blocks, so it matters when between two blocks one begins: both begin equally long after a block, in
each round at another moment, and the ratio is that of the time of all rounds together. The last line is the target;
exit code 0 if it holds, 1 if it falls short, 3 if something that is needed is not there.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import psutil

from benchmarks.api.process import service as service_at_work
from benchmarks.gas.throwaway import throwaway_keys
from benchmarks.service.acts import SINCE, bodies
from benchmarks.targets import Target, at_least, exit_code
from registry.audit import Node
from registry.chain import connect, deploy
from registry.cli.output import print_error, print_json
from registry.errors import ChainError, RegistryError
from registry.keys import development_signer
from registry.localnet import development_account, development_role, running
from registry.model import Founder, Mandate
from registry.organisations import FOOD_VALLEY

TARGET = 0.8
CONNECTIONS = 32
WARM_UP = 24


@dataclass(frozen=True, slots=True)
class Round:
    """The same transactions twice, in seconds; ``processor`` is the time of the service's own process."""

    acts: int
    service: float
    raw: float
    processor: float

    @property
    def ratio(self) -> float:
        """Acts per second through the service, as a share of those pushed raw."""
        return self.raw / self.service


def main() -> int:
    """Measures and prints; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service", description=__doc__)
    parser.add_argument("--acts", type=int, default=1_000, help="how many acts in a round (1000)")
    parser.add_argument("--rounds", type=int, default=3, help="how many rounds; together they count (3)")
    parser.add_argument(
        "--block-seconds", type=int, default=1, help="how often the node makes a block; 0 = for each transaction (1)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document, targets included")
    arguments = parser.parse_args()
    try:
        rounds = measured(arguments.acts, arguments.rounds, arguments.block_seconds)
    except RegistryError as error:
        print_error(error, as_json=arguments.json)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    ratio = sum(one.raw for one in rounds) / sum(one.service for one in rounds)
    pace = f"a block each {arguments.block_seconds} s" if arguments.block_seconds else "a block for each"
    name = f"acts through one service, as a share of raw ({pace})"
    targets: list[Target] = [at_least(name, ratio, TARGET, digits=2)]
    if arguments.json:
        numbers = [
            {"acts": one.acts, "service": one.service, "raw": one.raw, "ratio": one.ratio, "processor": one.processor}
            for one in rounds
        ]
        print_json({"rounds": numbers, "coincurve": _fast(), "targets": [one.to_json() for one in targets]})
    else:
        print(f"signatures: {'coincurve' if _fast() else 'Python alone'}; {os.cpu_count()} processors for all of it")
        for one in rounds:
            print(
                f"{one.acts:,} acts: {one.acts / one.service:,.0f} a second through the service, "
                f"{one.acts / one.raw:,.0f} pushed raw, ratio {one.ratio:.2f}; "
                f"{1000 * one.processor / one.acts:.1f} ms of its processor for each"
            )
        for target in targets:
            print(target.line)
    return exit_code(targets)


def measured(acts: int, rounds: int, block_seconds: int) -> list[Round]:
    """So many rounds on one chain of their own."""
    with running("anvil", start=Path.cwd(), environ=os.environ) as local, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        chain = connect(local.url, 60)
        founders = [Founder(one, _account(f"{one}:admin")) for one in FOOD_VALLEY]

        def signer(role: str) -> Any:
            return development_signer(role, chain.client_version, local.url, chain.chain_id)

        deployment, _ = deploy(chain, founders, signer("carrier"), folder / "deployments")
        register = deployment.register(chain)
        keys = dict(zip(FOOD_VALLEY, islice(throwaway_keys(), len(FOOD_VALLEY)), strict=True))
        for organisation, key in keys.items():
            register.appoint(Mandate(key.address, organisation, SINCE), signer(f"{organisation}:admin"))
        node = Node(local.url)
        if block_seconds:
            node.ask("evm_setIntervalMining", block_seconds)
        found = []
        for number in range(rounds):
            warm, given = (
                [one.decode() for one in bodies(count, register.domain, keys, 2 * number + which)]
                for which, count in enumerate((WARM_UP, acts))
            )
            after = (number + 0.5) / rounds * block_seconds if block_seconds else None
            found.append(_round(node, local.url, folder, warm, given, after))
        node.close()
        return found


def _round(node: Node, url: str, folder: Path, warm: list[str], given: list[str], after: float | None) -> Round:
    """One round; ``after`` is how long after a block both begin, in seconds, None for at once."""
    told: dict[str, Any] = {"node": url.removeprefix("http://"), "carrier": _account("carrier")}
    told |= {"connections": CONNECTIONS, "path": "/v1/records", "status": 202, "after": after}
    settings = {"node": url, "deployments": folder / "deployments", "carrier_key": "dev:carrier"}
    with service_at_work(folder / "home", **settings) as (address, process):
        host, service_process = address.removeprefix("http://"), psutil.Process(process.pid)
        _pushed({**told, "host": host, "bodies": warm, "until": _nonce(node) + len(warm)})
        before, snapshot = _nonce(node), node.ask("evm_snapshot")
        told["until"] = before + len(given)
        used = service_process.cpu_times()
        service = _pushed({**told, "host": host, "bodies": given})
        now = service_process.cpu_times()
        processor = now.user + now.system - used.user - used.system
    raws = _signed(folder, before)
    if len(raws) != len(given):
        raise ChainError(f"the service signed {len(raws)} transactions for {len(given)} acts")
    # Only now that the service has ended: it would carry again what the chain forgot.
    node.ask("evm_revert", snapshot)
    calls = [
        json.dumps({"jsonrpc": "2.0", "id": 1, "method": "eth_sendRawTransaction", "params": ["0x" + one.hex()]})
        for one in raws
    ]
    raw = _pushed({**told, "host": told["node"], "path": "/", "bodies": calls, "status": 200})
    return Round(len(given), service, raw, processor)


def _nonce(node: Node) -> int:
    return int(str(node.ask("eth_getTransactionCount", _account("carrier"), "latest")), 16)


def _pushed(told: dict[str, Any]) -> float:
    command = [sys.executable, "-m", "benchmarks.service.pushing"]
    done = subprocess.run(command, input=json.dumps(told), capture_output=True, text=True, check=False)
    if done.returncode:
        raise ChainError(f"pushing failed: {done.stderr[-500:]}")
    answer = json.loads(done.stdout)
    if answer["failure"]:
        raise ChainError(f"pushing failed: {answer['failure']}")
    return float(answer["seconds"])


def _signed(folder: Path, first: int) -> list[bytes]:
    """The transactions of the service from a nonce on, as it signed them."""
    with sqlite3.connect(folder / "home" / "outbox.sqlite") as connection:
        rows = connection.execute("SELECT raw FROM transactions WHERE nonce >= ? ORDER BY nonce, signed_at", (first,))
        return [bytes(row[0]) for row in rows]


def _account(role: str) -> str:
    return str(development_account(development_role(role)).address)


def _fast() -> bool:
    return find_spec("coincurve") is not None


if __name__ == "__main__":
    sys.exit(main())
