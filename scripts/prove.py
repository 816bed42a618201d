"""Proves the main rules of the contracts for all inputs up to stated bounds: `make contracts-prove`.

    python scripts/prove.py               all proofs; exit 1 if one fails or is not complete
    python scripts/prove.py --only NAME   those whose name has NAME in it
    python scripts/prove.py --open        the ones that were never brought to their end yet, and no others
    python scripts/prove.py --selfcheck   plant a fault for each proof in a copy, which must make it fail
    python scripts/prove.py --jobs N      so many at a time; else one on each core

Halmos runs the compiled contracts on unknown values and asks a solver whether any of them breaks an assertion of
proofs/*.proof.sol. A path that it did not follow to the end, a loop it did not unroll or a question the solver did not
answer counts as a failure.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foundry import PROOFS, ROOT, build, environment, is_deployed_code
from proof_list import ALL, APPROVALS, OPEN, Proof

# How often a loop may turn on a condition that is unknown. Where it would turn more often, the proof fails.
TURNS = 8
# Seconds for one question to the solver, and for one proof.
QUESTION_SECONDS = 600
PROOF_SECONDS = 3600
PASSED, COUNTEREXAMPLE = 0, 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one proof."""

    code: int
    paths: int
    complaint: str
    seconds: float


TAKEN_APART = {"DecisionsProof", "RecordsProof", "TurnProof"}
CHECK = re.compile(
    r"    function _requireApproved\((?P<parameters>[^)]*)\) (?P<returns>internal view returns [^\n]*) {\n"
    r"(?P<before>.*?)(?:        //[^\n]*\n)+"
    r"        uint256 met = 0;\n        uint256 given = 0;\n        uint256 needed = 1;\n"
    r"        for \(uint256 i = 0; i < approvals.length; \+\+i\) {\n(?P<turn>.*?)\n        }\n"
    r"        if \(met != required.length\) revert ApprovalsMissing\(required\[met\], given, needed\);\n    }\n",
    flags=re.DOTALL,
)


def taken_apart(approvals: str) -> str:
    """The source of Approvals.sol with its check of approvals taken apart as proofs/Apart.sol says."""

    def parts(check: re.Match[str]) -> str:
        return f"""    function _requireApproved({check["parameters"]}) {check["returns"]} {{
        bool all = true;
        for (uint256 i = 0; i < required.length; ++i) {{
            bool known = false;
            for (uint256 j = 0; j < bound.length; ++j) {{
                bool same = bound[j] == required[i];
                assembly {{
                    known := or(known, same)
                }}
            }}
            bool one = binds[typehash][subject][required[i]][known];
            assembly {{
                all := and(all, one)
            }}
        }}
        require(all);
        signatories = new address[](approvals.length);
        for (uint256 i = 0; i < approvals.length; ++i) signatories[i] = address(uint160(uint256(approvals[i].vs)));
        decisions;
    }}

    function turn({check["parameters"].rstrip()}, uint256 met, uint256 given, uint256 needed, address last)
        external
        view
        returns (uint256, uint256, uint256, address)
    {{
        address[] memory signatories;
{check["before"]}
        uint256 i = approvals.length - 1;
        signatories[i - 1] = last;
        {{
{check["turn"]}
        }}
        return (met, given, needed, signatories[i]);
    }}

    mapping(bytes32 => mapping(bytes32 => mapping(bytes32 => mapping(bool => bool)))) public binds;
"""

    apart, found = CHECK.subn(parts, approvals)
    if found != 1:
        raise SystemExit(f"the check of approvals in {APPROVALS} does not look as `CHECK` in scripts/prove.py says")
    return apart


def halmos(folder: Path, proof: Proof, *, early: bool = False) -> Outcome:
    """Runs one proof."""
    report = folder / f"{proof.contract}.{proof.function}.json"
    report.unlink(missing_ok=True)
    command = [sys.executable, str(PROOFS / "prover.py"), "--no-status", "--loop", str(TURNS)]
    command += ["--contract", proof.contract, "--match-test", f"^check_{proof.function}\\("]
    command += ["--solver-timeout-assertion", f"{QUESTION_SECONDS}s", "--solver-timeout-branching", "20ms"]
    command += ["--solver-command", f"{sys.executable} {PROOFS / 'solver.py'}"]
    command += ["--solver-threads", "1", "--json-output", str(report), *(["--early-exit"] if early else [])]
    started = time.monotonic()
    # In a group of its own, so that its solvers end with it.
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as running:
        try:
            said, _ = running.communicate(timeout=PROOF_SECONDS)
        except BaseException as error:
            os.killpg(running.pid, signal.SIGKILL)
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            return Outcome(-1, 0, f"not done after {PROOF_SECONDS} seconds", time.monotonic() - started)
    seconds = time.monotonic() - started
    results = [result for tests in _results(report).values() for result in tests]
    if len(results) != 1:
        return Outcome(-1, 0, f"Halmos ran {len(results)} proofs of that name\n{said}", seconds)
    result: dict[str, Any] = results[0]
    # None where Halmos broke off.
    paths, finished, stuck = result["num_paths"] or (0, 0, 0)
    complaints = re.findall(r"^(?:WARNING|ERROR)\b.*", said, flags=re.MULTILINE)
    if result["exitcode"] == COUNTEREXAMPLE:
        return Outcome(COUNTEREXAMPLE, paths, said, seconds)
    complete = result["exitcode"] == PASSED and finished > 0 and stuck == 0 and result["num_bounded_loops"] == 0
    if not complete or complaints:
        return Outcome(-1, paths, said, seconds)
    return Outcome(PASSED, paths, "", seconds)


def _results(report: Path) -> dict[str, list[dict[str, Any]]]:
    if not report.exists():
        return {}
    results: dict[str, list[dict[str, Any]]] = json.loads(report.read_text(encoding="utf-8"))["test_results"]
    return results


def require_complete() -> None:
    """Stops if a function of proofs/*.proof.sol is not in the list above, or the other way round."""
    written = set()
    for source in PROOFS.glob("*.proof.sol"):
        text = source.read_text(encoding="utf-8")
        contract = re.findall(r"^contract (\w+)", text, flags=re.MULTILINE)[0]
        written |= {(contract, function) for function in re.findall(r"function check_(\w+)\(", text)}
    listed = {(proof.contract, proof.function) for proof in ALL}
    if written != listed:
        raise SystemExit(f"listed and written proofs differ: {sorted(written ^ listed)}")
    if unknown := OPEN - {proof.function for proof in ALL}:
        raise SystemExit(f"no proofs, but said to be open: {sorted(unknown)}")


def prove(proofs: list[Proof], jobs: int) -> int:
    """Runs the proofs, so many at a time; returns how many failed."""
    folder, copy = ROOT / "build" / "proofs", ROOT / "build" / "proofs-apart"
    build(folder, proofs=True)
    if not is_deployed_code(folder):
        print("the code proven is not the code in registry/artifacts; run: make compile", file=sys.stderr)
        return len(proofs)
    print("the code proven is byte for byte the code in registry/artifacts")
    apart = taken_apart((ROOT / APPROVALS).read_text(encoding="utf-8"))
    build(copy, extra={APPROVALS: apart}, proofs=True, base=folder)

    def one(proof: Proof) -> bool:
        outcome = halmos(copy if proof.contract in TAKEN_APART else folder, proof)
        if outcome.code == PASSED:
            print(
                f"{proof.name}: proven for {proof.bounds} ({outcome.paths} paths, {outcome.seconds:.0f} s)", flush=True
            )
            return True
        word = "COUNTEREXAMPLE" if outcome.code == COUNTEREXAMPLE else "NOT PROVEN"
        print(f"{proof.name}: {word} ({outcome.paths} paths, {outcome.seconds:.0f} s)\n{outcome.complaint}", flush=True)
        return False

    with ThreadPoolExecutor(max_workers=jobs) as pool:
        return sum(not passed for passed in pool.map(one, proofs))


def selfcheck(proofs: list[Proof], jobs: int) -> int:
    """Plants the fault of each proof in a copy; returns how many proofs did not see theirs."""
    base = ROOT / "build" / "proofs"
    build(base, proofs=True)
    # Proofs with the same fault share a copy: to compile it takes longer than most proofs take to fail.
    copies: dict[tuple[bool, tuple[str, str, str]], list[Proof]] = {}
    for proof in proofs:
        copies.setdefault((proof.contract in TAKEN_APART, proof.fault), []).append(proof)

    def each(copy: tuple[tuple[bool, tuple[str, str, str]], list[Proof]]) -> int:
        (apart, (name, old, new)), seeing = copy
        text = (ROOT / name).read_text(encoding="utf-8")
        names = ", ".join(proof.name for proof in seeing)
        if text.count(old) != 1:
            print(f"{names}: the place for the fault is not in {name} just once", flush=True)
            return len(seeing)
        extra = {APPROVALS: (ROOT / APPROVALS).read_text(encoding="utf-8")} | {name: text.replace(old, new)}
        if apart:
            extra[APPROVALS] = taken_apart(extra[APPROVALS])
        folder = ROOT / "build" / "proofs-selfcheck" / f"{seeing[0].contract}-{seeing[0].function}"
        # Only these proofs: the others would be compiled anew too.
        used = {f"{proof.contract.removesuffix('Proof')}.proof.sol" for proof in seeing}
        without = [f"proofs/{source.name}" for source in PROOFS.glob("*.proof.sol") if source.name not in used]
        build(folder, extra=extra, proofs=True, without=without, base=base)
        return sum(not sees(folder, proof) for proof in seeing)

    def sees(folder: Path, proof: Proof) -> bool:
        outcome = halmos(folder, proof, early=True)
        seen = outcome.code == COUNTEREXAMPLE
        print(f"{proof.name}: planted fault {'found' if seen else 'NOT FOUND'} ({outcome.seconds:.0f} s)", flush=True)
        if not seen:
            print(outcome.complaint)
        return seen

    with ThreadPoolExecutor(max_workers=jobs) as pool:
        return sum(pool.map(each, copies.items()))


def main() -> int:
    """Proves, reports and returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="proofs whose name has this in it")
    parser.add_argument("--open", action="store_true", help="those that were never brought to their end yet")
    parser.add_argument("--selfcheck", action="store_true", help="plant a fault for each proof, which must be found")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many at a time; else one on each core")
    arguments = parser.parse_args()
    require_complete()
    proofs = [proof for proof in ALL if arguments.only in proof.name and (proof.function in OPEN) == arguments.open]
    if arguments.selfcheck:
        failed = selfcheck(proofs, arguments.jobs)
        print(f"planted faults found: {len(proofs) - failed} of {len(proofs)} {'FAILED' if failed else 'ok'}")
    else:
        failed = prove(proofs, arguments.jobs)
        print(f"proven: {len(proofs) - failed} of {len(proofs)} {'FAILED' if failed else 'ok'}")
        if not arguments.open:
            print(f"written, and open: {len(OPEN)}, see docs/contract-assurance.md; ARGS=--open tries them")
    return 1 if failed or not proofs else 0


if __name__ == "__main__":
    sys.exit(main())
