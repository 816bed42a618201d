#!/usr/bin/env python3
"""Random histories for as long as one likes, on a local chain of their own; `make contracts-soak` calls it.

    python tests/contracts/stateful_soak.py --steps 20000 --seed 1

Each history has a register of its own and a seed of its own, counted up from the one given. The first difference
between contract and model, or the first property that is broken, ends the run and is told, with how to see it again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from rich.console import Console  # noqa: E402
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: E402
from stateful_chain import Chain, Codec  # noqa: E402
from stateful_history import Artifacts, DisagreementError, History, fresh  # noqa: E402
from stateful_properties import PROPERTIES  # noqa: E402
from stateful_tally import KINDS, OUT_OF_REACH, Tally, missing, reachable, write_report  # noqa: E402

HISTORY_STEPS = 700
REPORT = ROOT / "build" / "reports" / "soak.txt"
SHARE = 0.5


def artifacts(contracts: Path | None) -> Artifacts:
    """The register as the package has it, or compiled from another folder of contracts; and the wallet of the tests."""
    shipped = json.loads((ROOT / "registry" / "artifacts" / "Register.json").read_text(encoding="utf-8"))
    wallet = compiled(ROOT / "contracts", "test/Wallet.sol", "Wallet")
    if contracts is None:
        return Artifacts(shipped["abi"], shipped["bytecode"], wallet["evm"]["bytecode"]["object"])
    register = compiled(contracts, "Register.sol", "Register")
    return Artifacts(register["abi"], register["evm"]["bytecode"]["object"], wallet["evm"]["bytecode"]["object"])


def compiled(contracts: Path, file: str, name: str) -> Any:
    """ABI and creation code of one contract."""
    import solcx
    from compile import SETTINGS, SOLC_VERSION, prepare_compiler

    prepare_compiler()
    paths = [contracts / file] if file.startswith("test/") else [*contracts.glob("*.sol"), *contracts.glob("*/I*.sol")]
    sources = {
        f"contracts/{path.relative_to(contracts).as_posix()}": {"content": path.read_text(encoding="utf-8")}
        for path in sorted(paths)
    }
    wanted = {"outputSelection": {"*": {"*": ["abi", "evm.bytecode.object"]}}}
    request = {"language": "Solidity", "sources": sources, "settings": SETTINGS | wanted}
    output = solcx.compile_standard(request, solc_version=SOLC_VERSION, base_path=str(ROOT))
    return output["contracts"][f"contracts/{file}"][name]


def histories(steps: int, seed: int) -> Iterator[tuple[int, int]]:
    """Seed and steps of each history."""
    while steps > 0:
        yield seed, min(steps, HISTORY_STEPS)
        seed, steps = seed + 1, steps - HISTORY_STEPS


def soak(chain: Chain, built: Artifacts, steps: int, seed: int, console: Console) -> tuple[Tally, str]:
    """Runs them all; returns what was seen, and what went wrong if anything did."""
    total = Tally()
    columns = (TextColumn("history {task.fields[seed]}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, refresh_per_second=2) as progress:
        task = progress.add_task("", total=steps, seed=seed)
        for own_seed, own_steps in histories(steps, seed):
            with fresh(chain):
                history = History(chain, built, own_seed)
                try:
                    for _ in range(own_steps):
                        history.step()
                        progress.update(task, advance=1, seed=own_seed)
                        if history.held.broken:
                            raise DisagreementError("\n".join(["a property is broken; the last steps:", *history.told]))
                except DisagreementError as problem:
                    total.add(history.tally)
                    again = f"SEED={own_seed} STEPS={history.tally.steps + 1}"
                    return total, f"{problem}\nsee it again with: make contracts-soak {again}"
                total.add(history.tally)
    return total, ""


def verdicts(total: Tally, codec: Codec, steps: int, problem: str) -> list[tuple[str, bool]]:
    """The lines at the end, and whether each is as it has to be."""
    absent = missing(total, codec)
    lines = [
        (f"steps: {total.steps} (target {steps})", total.steps >= steps),
        (f"differences: {'1' if problem else '0'} (target 0)", not problem),
    ]
    for name, every, target in (
        ("actions", codec.mutators, "all"),
        ("kinds of acts and motions", KINDS, "all"),
        ("errors", [name for name, _ in codec.errors.values()], str(len(reachable(codec)))),
        ("properties", list(PROPERTIES), "all"),
    ):
        left = absent[name.split()[0]]
        out = len(OUT_OF_REACH) if name == "errors" else 0
        seen = f"{name} seen: {len(every) - out - len(left)} of {len(every)} (target {target})"
        lines.append((seen + (f"; missing: {', '.join(left)}" if left else ""), not left))
    share = f"steps accepted: {total.share_accepted:.0%} (target {SHARE:.0%})"
    return [*lines, (share, total.share_accepted >= SHARE)]


def main() -> int:
    """Reads the command line, runs, tells; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=20_000, help="how many steps in all (default: 20000)")
    parser.add_argument(
        "--seed", type=int, default=int(time.time()), help="seed of the first history (default: the time)"
    )
    parser.add_argument("--engine", choices=["anvil", "ganache"], default="anvil", help="the chain (default: anvil)")
    parser.add_argument("--contracts", type=Path, help="compile the register from this folder instead")
    options = parser.parse_args()
    from registry.localnet import running

    console = Console()
    built = artifacts(options.contracts)
    console.print(f"seed {options.seed}, {options.steps} steps on {options.engine}")
    with running(options.engine, start=ROOT, environ=os.environ) as local:
        total, problem = soak(Chain(local.url, options.engine), built, options.steps, options.seed, console)
    write_report(REPORT, total, f"seed {options.seed}")
    if problem:
        print(problem)
    results = verdicts(total, Codec(built.abi), options.steps, problem)
    for name, reason in OUT_OF_REACH.items():
        print(f"out of reach: {name}, {reason}")
    for text, good in results:
        print(f"{text} {'ok' if good else 'short'}")
    print(f"the figures are in {REPORT.relative_to(ROOT)}")
    return 0 if all(good for _, good in results) else 1


if __name__ == "__main__":
    sys.exit(main())
