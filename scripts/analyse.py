"""Static analysis of the contracts with Slither, over a forge build: `make contracts-analyse`.

    python scripts/analyse.py               every detector; exit 1 if a finding of medium or higher is left
    python scripts/analyse.py --selfcheck   first plant faults in a copy, which must be found

It also asks which functions can write what decides who signs for whom, and compares that with the list below, on which
the proofs rest.

A finding that is none is switched off in the contract, `// slither-disable-next-line detector`, with the reason in the
comment above it. Without a reason it counts.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foundry import ROOT, build, environment

IMPACTS = ("High", "Medium", "Low", "Informational", "Optimization")
SERIOUS = ("High", "Medium")
DISABLED = re.compile(r"//\s*slither-disable-(?:next-line|start)\s+(?P<detectors>[\w,-]+)")

# Which functions write it. Nothing else does: a new one must be added to the proofs of OrganisationsProof, or of
# StandingProof, and here.
WRITERS = {
    "_members": {"takeOver", "decide", "enact"},
    "_mandates": {"appoint", "dismiss", "decide", "enact"},
    "nomineeOf": {"handOver", "takeOver", "decide", "enact"},
    "successorOf": {"decide", "enact"},
    "pendingOf": {"decide", "enact", "veto"},
    "isDecided": {"decide"},
    "head": {"record", "decline"},
    "approvalOf": {"approve", "approveFor", "propose", "proposeFor", "vote", "voteFor", "move", "moveFor"},
}
# What Slither does not follow to the variable behind it, a pointer into storage, counts as writing mandates.
THROUGH_POINTERS = "_mandates"

# Each function has one fault that Slither must find; a name that starts with "found" says by which detector.
PLANTED = """// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

interface IOther {
    function answer() external returns (uint256);
}

contract Planted {
    mapping(address holder => uint256 amount) public balanceOf;

    function deposit() external payable {
        balanceOf[msg.sender] += msg.value;
    }

    // reentrancy-eth: the balance is written after the money has left.
    function withdraw() external {
        (bool done,) = msg.sender.call{value: balanceOf[msg.sender]}("");
        if (done) balanceOf[msg.sender] = 0;
    }

    // unused-return: the answer is ignored.
    function ask(IOther other) external {
        other.answer();
    }

    // tx-origin: whoever makes the owner call anything takes its place.
    function onlyFor(address owner) external view returns (bool) {
        require(tx.origin == owner, "no");
        return true;
    }
}
"""
PLANTED_DETECTORS = {"reentrancy-eth", "unused-return", "tx-origin"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding in our own code."""

    impact: str
    detector: str
    place: str
    text: str


def slither(folder: Path) -> list[Finding]:
    """What Slither finds in our own code; of what we build on, the library's own users take care."""
    command = ["slither", ".", "--ignore-compile", "--foundry-ignore-compile", "--json", "-"]
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except json.JSONDecodeError:
        raise SystemExit(f"Slither did not finish:\n{done.stdout}{done.stderr}".rstrip()) from None
    if not answer["success"]:
        raise SystemExit(f"Slither did not finish: {answer['error']}")
    found = []
    for result in answer["results"].get("detectors", []):
        own = [e["source_mapping"] for e in result["elements"] if not e["source_mapping"]["is_dependency"]]
        # What has no place (a pragma) is about files; it is ours if one of those is.
        if own:
            lines = own[0]["lines"]
            place = f"{own[0]['filename_relative']}:{lines[0] if lines else 0}"
            text = " ".join(result["description"].split())
            found.append(Finding(result["impact"], result["check"], place, text))
    order = {impact: rank for rank, impact in enumerate(IMPACTS)}
    return sorted(set(found), key=lambda f: (order[f.impact], f.detector, f.place))


def written(folder: Path) -> dict[str, set[str]]:
    """Which functions of the Register that anybody can call write each variable."""
    program: Any = importlib.import_module("slither").Slither(
        str(folder), ignore_compile=True, foundry_ignore_compile=True
    )
    (register,) = (contract for contract in program.contracts if contract.name == "Register")
    by: dict[str, set[str]] = {}
    for function in register.functions_entry_points:
        if function.view or function.pure or function.is_constructor:
            continue
        names = {variable.name for variable in function.all_state_variables_written()}
        if _holds_pointers(function):
            names.add(THROUGH_POINTERS)
        for name in names:
            by.setdefault(name, set()).add(function.name)
    return by


def _holds_pointers(function: Any) -> bool:
    reached: set[Any] = set()
    waiting = [function]
    while waiting:
        one = waiting.pop()
        if one in reached or not hasattr(one, "internal_calls") or one.view or one.pure:
            continue
        reached.add(one)
        waiting += [getattr(call, "function", call) for call in one.internal_calls]
    return any(
        variable.location == "storage" for one in reached for variable in [*one.parameters, *one.local_variables]
    )


def count_other_writers(folder: Path) -> int:
    """Prints who writes what; returns how many functions write something that the list does not say."""
    by = written(folder)
    others = 0
    for name, expected in WRITERS.items():
        found = by.get(name, set())
        others += len(found ^ expected)
        print(f"  written only by {', '.join(sorted(found))}: {name}")
        if found != expected:
            print(f"    FAILED: listed are {', '.join(sorted(expected))}")
    if any("sstore" in path.read_text(encoding="utf-8") for path in (ROOT / "contracts").rglob("*.sol")):
        print("    FAILED: assembly writes storage, which this cannot see")
        others += 1
    return others


def explained() -> tuple[list[str], list[str]]:
    """Where a detector is switched off in the contracts: with a reason in the comment above, and without one."""
    good: list[str] = []
    bad: list[str] = []
    for source in sorted((ROOT / "contracts").rglob("*.sol")):
        lines = source.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            if found := DISABLED.search(line):
                place = f"{source.relative_to(ROOT).as_posix()}:{number + 1}: {found['detectors']}"
                above = lines[number - 1].strip() if number else ""
                reason = above.removeprefix("//").strip() if above.startswith("//") else ""
                (good if reason and not DISABLED.search(above) else bad).append(place)
    return good, bad


def selfcheck() -> bool:
    """Whether planted faults are found."""
    folder = ROOT / "build" / "analysis-selfcheck"
    build(folder, extra={"contracts/Planted.sol": PLANTED})
    found = {f.detector for f in slither(folder) if f.place.startswith("contracts/Planted.sol") and f.impact in SERIOUS}
    for detector in sorted(PLANTED_DETECTORS):
        print(f"planted {detector}: {'found' if detector in found else 'NOT FOUND'}")
    return found >= PLANTED_DETECTORS


def main() -> int:
    """Analyses, reports and returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--selfcheck", action="store_true", help="plant faults in a copy first, which must be found")
    arguments = parser.parse_args()
    os.environ |= environment()
    if arguments.selfcheck and not selfcheck():
        print("the analysis does not find what it must", file=sys.stderr)
        return 1
    folder = ROOT / "build" / "analysis"
    build(folder)
    findings = slither(folder)
    counts = Counter(finding.impact for finding in findings)
    print("findings in our own code: " + ", ".join(f"{impact.lower()} {counts[impact]}" for impact in IMPACTS))
    for finding in findings:
        if finding.impact in SERIOUS:
            print(f"  {finding.impact.lower()} {finding.detector} {finding.place}\n    {finding.text}")
    left = Counter((f.impact, f.detector) for f in findings if f.impact not in SERIOUS)
    for (impact, detector), count in left.items():
        places = ", ".join(f.place for f in findings if f.detector == detector)
        print(f"  {impact.lower()} {detector} {count}: {places}")
    good, bad = explained()
    for place in good:
        print(f"  explained in place: {place}")
    for place in bad:
        print(f"  switched off without a reason in the comment above: {place}")
    serious = sum(counts[impact] for impact in SERIOUS) + len(bad)
    others = count_other_writers(folder)
    print(f"writers that are not listed: {others} (target 0) {'ok' if not others else 'FAILED'}")
    print(f"findings of medium or higher: {serious} (target 0) {'ok' if not serious else 'FAILED'}")
    return 1 if serious or others else 0


if __name__ == "__main__":
    sys.exit(main())
