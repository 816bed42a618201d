"""Proves the main rules of the contracts for all inputs up to stated bounds: `make contracts-prove`.

    python scripts/prove.py               all proofs; exit 1 if one fails or is not complete
    python scripts/prove.py --only NAME   those whose name has NAME in it
    python scripts/prove.py --open        the ones that were never brought to their end yet, and no others
    python scripts/prove.py --selfcheck   plant a fault for each proof in a copy, which must make it fail

Halmos runs the compiled contracts on unknown values and asks a solver whether any of them breaks an assertion of
proofs/*.proof.sol. A path that it did not follow to the end, a loop it did not unroll or a question the solver did not
answer counts as a failure.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foundry import PROOFS, ROOT, build, environment, is_deployed_code

# How often a loop may turn on a condition that is unknown. Where it would turn more often, the proof fails.
TURNS = 8
# Seconds for one question to the solver, and for one proof.
QUESTION_SECONDS = 600
PROOF_SECONDS = 3600
PASSED, COUNTEREXAMPLE = 0, 1


@dataclass(frozen=True, slots=True)
class Proof:
    """One function of proofs/*.proof.sol."""

    contract: str
    function: str
    bounds: str
    # A fault that makes it fail: the file, what stands there, what stands there instead.
    fault: tuple[str, str, str]

    @property
    def name(self) -> str:
        """As it is printed."""
        return f"{self.contract.removesuffix('Proof').lower()}: {self.function.replace('_', ' ')}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one proof."""

    code: int
    paths: int
    complaint: str
    seconds: float


MANDATES, APPROVALS = "contracts/Mandates.sol", "contracts/Approvals.sol"
COUNCIL, AGREEMENTS, WORDS = "contracts/Council.sol", "contracts/Agreements.sol", "contracts/Words.sol"
ANY = "any state, time, sender and arguments"
LISTED = f"{ANY}, up to 2 signatories on the list of the organisation concerned"
ENDLESS = "any state and time, acts without deadline or end, no party succeeded"
UNSUCCEEDED = "any state, time, subject and kind of approval, none succeeded"
ONE = "1 organisation in favour, 1 approval"
PLAIN = "signatures under open-ended mandates"
ACT = "any state, time and act of that many parties"
FOLLOWING = "any state, time and act that follows an act of that many parties"
HASHED = "abi.encode(typehash, subject, decision)"

ALL = (
    Proof("WordsProof", "copy", "0 to 4 words", (WORDS, "mstore(copied, words.length)", "mstore(copied, 1)")),
    Proof(
        "WordsProof", "at", "1 to 4 words", (WORDS, "word := mload(add(words, mul(add(index, 1), 32)))", "word := 0")
    ),
    Proof(
        "WordsProof",
        "put",
        "1 to 4 words",
        (
            WORDS,
            "mstore(add(words, mul(add(index, 1), 32)), word)",
            "mstore(add(words, mul(add(index, 2), 32)), word)",
        ),
    ),
    Proof("WordsProof", "truncate", "0 to 4 words", (WORDS, "mstore(words, length)", "mstore(words, add(length, 1))")),
    Proof(
        "WordsProof",
        "hash",
        "0 to 4 words",
        (
            WORDS,
            "function hash(address[] memory words) internal pure returns (bytes32 hash_) {\n"
            '        assembly ("memory-safe") {\n'
            "            hash_ := keccak256(add(words, 32), mul(mload(words), 32))",
            "function hash(address[] memory words) internal pure returns (bytes32 hash_) {\n"
            '        assembly ("memory-safe") {\n'
            "            hash_ := keccak256(add(words, 32), mload(words))",
        ),
    ),
    Proof(
        "WordsProof", "recover", "any digest and signature", (WORDS, "add(shr(255, vs), 27)", "add(shr(254, vs), 27)")
    ),
    Proof(
        "WordsProof",
        "logRecorded",
        "0 to 3 parties, 0 to 4 signatories, with and without decisions",
        (
            WORDS,
            "log3(data, sub(end, data), topic, agreement, actHash)",
            "log3(data, sub(end, data), topic, actHash, agreement)",
        ),
    ),
    Proof(
        "DigestsProof",
        "digest",
        "any act, decision and chain",
        (APPROVALS, 'EIP712("Food Valley Register", "1")', 'EIP712("Food Valley Register", "2")'),
    ),
    Proof(
        "DigestsProof",
        "digestsDiffer",
        "any two acts, decisions and chains, two registers",
        (APPROVALS, HASHED, "abi.encode(typehash, subject, subject)"),
    ),
    Proof(
        "DigestsProof",
        "kindsDiffer",
        "any act, motion, report and confirmation",
        (APPROVALS, HASHED, "abi.encode(subject, decision)"),
    ),
    Proof(
        "DigestsProof",
        "actHash",
        "any two acts of 0 to 3 parties",
        (AGREEMENTS, "act.notice,\n                act.deadline\n", "act.deadline,\n                act.deadline\n"),
    ),
    Proof(
        "DigestsProof",
        "motionHash",
        "any two motions with actions of 7 bytes",
        (
            COUNCIL,
            "motion.dossier,\n                motion.deadline\n",
            "motion.deadline,\n                motion.deadline\n",
        ),
    ),
    Proof(
        "OrganisationsProof",
        "appoint",
        f"{ANY}, one succession in a row",
        (
            MANDATES,
            "if (mandate.organisation != 0 && _heirOf(mandate.organisation) != organisation) {",
            "if (mandate.organisation == bytes16(uint128(1))) {",
        ),
    ),
    Proof(
        "OrganisationsProof",
        "dismiss",
        ANY,
        (MANDATES, "if (_mandates[signatory].organisation != organisation || place == 0) {", "if (place == 0) {"),
    ),
    Proof(
        "OrganisationsProof",
        "takeOver",
        ANY,
        (MANDATES, "if (nomineeOf[organisation] != msg.sender)", "if (nomineeOf[organisation] == address(0))"),
    ),
    Proof(
        "OrganisationsProof",
        "handOver",
        ANY,
        (
            MANDATES,
            "function handOver(bytes32 organisation, address nominee) external {\n"
            "        _requireAdministrator(organisation);\n",
            "function handOver(bytes32 organisation, address nominee) external {\n",
        ),
    ),
    *(
        Proof("OrganisationsProof", f"enact_{name}", LISTED, (COUNCIL, *fault))
        for name, fault in (
            ("admit", ("        if (pending.motionHash != motionHash) revert NotPending(motionHash);\n", "")),
            ("expel", ("_mark(organisation, true);", "_retire(motion.dossier, 0);")),
            ("recover", ("if (block.timestamp < pending.effectFrom) revert VetoPeriod(pending.effectFrom);", "")),
            ("anythingElse", ("revert UnknownAction(motion.action);", "")),
        )
    ),
    *(
        Proof(
            "OrganisationsProof",
            f"enact_succeed_{listed}_listed",
            f"{ANY}, {listed} signatories on the list of the organisation concerned",
            (COUNCIL, "_retire(organisation, motion.successor);", "_retire(motion.successor, organisation);"),
        )
        for listed in (0, 1, 2)
    ),
    Proof(
        "OrganisationsProof",
        "veto",
        ANY,
        (COUNCIL, "if (signsFor != organisation) revert NotConcerned", "if (signsFor == 0) revert NotConcerned"),
    ),
    Proof(
        "OrganisationsProof",
        "vetoWorks",
        "any state, time and reason",
        (COUNCIL, "if (_members[organisation].administrator != msg.sender) {", "if (msg.sender != address(this)) {"),
    ),
    *(
        Proof("OrganisationsProof", f"decide_{name}", f"{LISTED}, {bounds}, {PLAIN}", (COUNCIL, *fault))
        for name, bounds, fault in (
            ("admit_1_1", ONE, ("if (same || member.administrator != motion.administrator)", "if (same)")),
            ("expel_1_1", ONE, ("_mark(organisation, true);", "_retire(motion.dossier, 0);")),
            ("succeed_1_1", ONE, ("(action == SUCCEED || action == RECOVER)", "(action == RECOVER)")),
            ("recover_1_1", ONE, ("            effectFrom += VETO_PERIOD;\n", "")),
            (
                "recover_1_2",
                "1 organisation in favour, 2 approvals",
                ("(action == SUCCEED || action == RECOVER) && !consents", "action == SUCCEED && !consents"),
            ),
            (
                "recover_2_2",
                "2 organisations in favour, 2 approvals",
                ("if (organisation == concerned) consents = true;", "consents = true;"),
            ),
            ("anythingElse_1_1", ONE, ("revert UnknownAction(motion.action);", "")),
        )
    ),
    *(
        Proof("QuorumProof", name, bounds, (APPROVALS, *fault))
        for name, bounds, fault in (
            ("of_1_by_1", UNSUCCEEDED, ("if (organisation != expected || expelled) {", "if (organisation == 0) {")),
            ("of_1_by_2", UNSUCCEEDED, ("if (++given >= needed) {", "if (++given >= 1) {")),
            ("of_2_by_2", UNSUCCEEDED, ("if (met != required.length)", "if (met + 1 < required.length)")),
            ("of_2_by_2_signatures", f"{UNSUCCEEDED}, {PLAIN}", ("(met != required.length)", "(met == 0)")),
            (
                "of_2_by_2_citing",
                f"{UNSUCCEEDED}, a decision with each approval",
                ("approvalHash = _approvalHash(typehash, subject, decisions[i]);", ""),
            ),
            (
                "of_1_by_3_signatures",
                f"{UNSUCCEEDED}, {PLAIN}",
                ("if (together < needed) needed = together;", "needed = 2;"),
            ),
            (
                "of_2_by_3_signatures",
                f"{UNSUCCEEDED}, {PLAIN}",
                ("if (signatory <= signatories[i - 1]) revert ApprovalsNotAscending(signatory);", ""),
            ),
            ("of_3_by_3_signatures", f"{UNSUCCEEDED}, {PLAIN}", ("++met;", "met += 2;")),
        )
    ),
    *(
        Proof("ActsProof", name, bounds, (AGREEMENTS, *fault))
        for name, bounds, fault in (
            ("required_of_2", ACT, ("if (party <= previous) revert PartiesNotAscending(party);", "")),
            ("required_of_3", ACT, ("if (party <= previous) revert PartiesNotAscending(party);", "")),
            ("required_from_2_to_2", FOLLOWING, ("required = _union(bound, parties);", "required = parties;")),
            ("required_from_2_to_3", FOLLOWING, ("required = _union(bound, parties);", "required = bound;")),
            ("required_from_3_to_2", FOLLOWING, ("\n            && _except(bound, parties).length == 1;", ";")),
            ("required_from_2_to_1", FOLLOWING, ("if (act.validFrom < earliest || act.validFrom", "if (act.validFrom")),
            ("required_from_2_to_0", FOLLOWING, ("current.notice == 0 || parties.length + 1 != bound.length", "false")),
            (
                "required_from_2_after_2_to_2",
                f"{FOLLOWING} that has not begun, after another",
                ("bound = _union(bound, Words.copy(history[i].parties));", ""),
            ),
        )
    ),
    Proof(
        "ActsProof",
        "conclude_2_parties_2_signatures",
        f"{ENDLESS}, {PLAIN}",
        (APPROVALS, "if (++given >= needed) {", "if (++given >= 1) {"),
    ),
    Proof(
        "ActsProof",
        "follow_2_to_2_parties_2_signatures",
        f"{ENDLESS}, {PLAIN}",
        (AGREEMENTS, "required = _union(bound, parties);", "required = parties;"),
    ),
    Proof(
        "ActsProof",
        "follow_2_to_1_parties_1_signature",
        f"{ENDLESS}, {PLAIN}",
        (AGREEMENTS, "if (act.validFrom < earliest || act.validFrom", "if (act.validFrom"),
    ),
    Proof(
        "ActsProof",
        "follow_2_to_0_parties_2_signatures",
        f"{ENDLESS}, {PLAIN}",
        (AGREEMENTS, "if (current == 0 || act.previous != current) revert", "if (current == 0) revert"),
    ),
    Proof(
        "ActsProof",
        "declined",
        f"{ENDLESS}, 2 parties before and after, 2 approvals",
        (AGREEMENTS, "        if (own == DECLINED) revert ActDeclined(actHash);\n", ""),
    ),
    Proof(
        "ActsProof",
        "ended",
        f"{ENDLESS}, 1 party before and 2 after, 2 approvals",
        (AGREEMENTS, "        if (history[0].parties.length < 2) revert AgreementEnded(act.agreement);\n", ""),
    ),
)

# Halmos was not seen to bring these to an end: too many paths, or a question that no solver answers in time.
OPEN = {
    "of_2_by_2",
    "of_2_by_2_citing",
    "of_1_by_3_signatures",
    "of_2_by_3_signatures",
    "of_3_by_3_signatures",
    "required_from_3_to_2",
    "required_from_2_after_2_to_2",
    "conclude_2_parties_2_signatures",
    "follow_2_to_2_parties_2_signatures",
    "follow_2_to_1_parties_1_signature",
    "follow_2_to_0_parties_2_signatures",
}


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
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=PROOF_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return Outcome(-1, 0, f"not done after {PROOF_SECONDS} seconds", time.monotonic() - started)
    seconds = time.monotonic() - started
    said = done.stdout + done.stderr
    results = [result for tests in _results(report).values() for result in tests]
    if len(results) != 1:
        return Outcome(-1, 0, f"Halmos ran {len(results)} proofs of that name\n{said}", seconds)
    result: dict[str, Any] = results[0]
    paths, finished, stuck = result["num_paths"]
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


def prove(proofs: list[Proof]) -> int:
    """Runs the proofs, two at a time; returns how many failed."""
    folder = ROOT / "build" / "proofs"
    build(folder, proofs=True)
    if not is_deployed_code(folder):
        print("the code proven is not the code in registry/artifacts; run: make compile", file=sys.stderr)
        return len(proofs)
    print("the code proven is byte for byte the code in registry/artifacts")

    def one(proof: Proof) -> bool:
        outcome = halmos(folder, proof)
        if outcome.code == PASSED:
            print(
                f"{proof.name}: proven for {proof.bounds} ({outcome.paths} paths, {outcome.seconds:.0f} s)", flush=True
            )
            return True
        word = "COUNTEREXAMPLE" if outcome.code == COUNTEREXAMPLE else "NOT PROVEN"
        print(f"{proof.name}: {word} ({outcome.paths} paths, {outcome.seconds:.0f} s)\n{outcome.complaint}", flush=True)
        return False

    return _failures(one, proofs)


def selfcheck(proofs: list[Proof]) -> int:
    """Plants the fault of each proof in a copy; returns how many proofs did not see theirs."""
    base = ROOT / "build" / "proofs"
    build(base, proofs=True)

    def one(proof: Proof) -> bool:
        name, old, new = proof.fault
        text = (ROOT / name).read_text(encoding="utf-8")
        if text.count(old) != 1:
            print(f"{proof.name}: the place for its fault is not in {name} just once", flush=True)
            return False
        folder = ROOT / "build" / "proofs-selfcheck" / f"{proof.contract}-{proof.function}"
        build(folder, extra={name: text.replace(old, new)}, proofs=True, base=base)
        outcome = halmos(folder, proof, early=True)
        seen = outcome.code == COUNTEREXAMPLE
        print(f"{proof.name}: planted fault {'found' if seen else 'NOT FOUND'} ({outcome.seconds:.0f} s)", flush=True)
        if not seen:
            print(outcome.complaint)
        return seen

    return _failures(one, proofs)


def _failures(one: Callable[[Proof], bool], proofs: list[Proof]) -> int:
    with ThreadPoolExecutor(max_workers=2) as pool:
        return sum(not passed for passed in pool.map(one, proofs))


def main() -> int:
    """Proves, reports and returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="proofs whose name has this in it")
    parser.add_argument("--open", action="store_true", help="those that were never brought to their end yet")
    parser.add_argument("--selfcheck", action="store_true", help="plant a fault for each proof, which must be found")
    arguments = parser.parse_args()
    require_complete()
    proofs = [proof for proof in ALL if arguments.only in proof.name and (proof.function in OPEN) == arguments.open]
    if arguments.selfcheck:
        failed = selfcheck(proofs)
        print(f"planted faults found: {len(proofs) - failed} of {len(proofs)} {'FAILED' if failed else 'ok'}")
    else:
        failed = prove(proofs)
        print(f"proven: {len(proofs) - failed} of {len(proofs)} {'FAILED' if failed else 'ok'}")
        if not arguments.open:
            print(f"written, and open: {len(OPEN)}, see docs/contract-assurance.md; ARGS=--open tries them")
    return 1 if failed or not proofs else 0


if __name__ == "__main__":
    sys.exit(main())
