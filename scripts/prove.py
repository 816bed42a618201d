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
ENDLESS = "any state and time, acts without deadline or end"
ONE = "1 organisation in favour, 1 approval"
UNSUCCEEDED = "any state, time, subject and kind of approval, none succeeded"
PLAIN = "signatures under open-ended mandates"
ACT = "any state, time and act of that many parties"
FOLLOWING = "any state, time and act that follows an act of that many parties"
APART = "the check of approvals taken apart"
TURN = "any state, time, subject, kind of approval, and approvals before this one"
SOONER = f"{FOLLOWING}, without deadline"
WITHOUT = f"{FOLLOWING}, without deadline or end"
CODELESS = ", signatures of 65 bytes by keys that are no wallets"
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
            ("succeed_1_1", ONE, ("(action == SUCCEED || action == RECOVER) &&", "(action == RECOVER) &&")),
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
        )
    ),
    *(
        Proof("StandingProof", name, f"{ANY}{bounds}", fault)
        for name, bounds, fault in (
            (
                "approve",
                "",
                (
                    APPROVALS,
                    "approvalOf[subject][msg.sender] = _approvalHash(typehash",
                    "approvalOf[subject][tx.origin] = _approvalHash(typehash",
                ),
            ),
            (
                "vote",
                "",
                (
                    COUNCIL,
                    "emit Voted(motionHash, _approve(VOTE_TYPEHASH, motionHash, decision), msg.sender, decision);",
                    "emit Voted(motionHash, _approve(VOTE_TYPEHASH, decision, motionHash), msg.sender, decision);",
                ),
            ),
            (
                "approveFor",
                CODELESS,
                (
                    APPROVALS,
                    "if (approvalOf[subject][signatory] != 0) revert AlreadyApproved(signatory);",
                    "",
                ),
            ),
            (
                "voteFor",
                CODELESS,
                (
                    APPROVALS,
                    "if (!SignatureChecker.isValidSignatureNow(signatory, ",
                    "if (!SignatureChecker.isValidSignatureNow(msg.sender, ",
                ),
            ),
        )
    ),
    *(
        Proof("DecisionsProof", f"{name}_by_{number}", f"{LISTED}, {number} in favour, {APART}", (COUNCIL, *fault))
        for name, fault in (
            ("admit", ("if (same || member.administrator != motion.administrator)", "if (same)")),
            ("expel", ("_mark(organisation, true);", "_retire(motion.dossier, 0);")),
            ("succeed", ("(action == SUCCEED || action == RECOVER) && !consents", "action == RECOVER && !consents")),
            ("recover", ("if (organisation == concerned) consents = true;", "consents = true;")),
        )
        for number in (1, 2, 3)
        if (name, number) != ("admit", 3)
    ),
    Proof(
        "DecisionsProof",
        "anythingElse",
        f"{ANY}, actions of 7 bytes, 2 in favour, {APART}",
        (COUNCIL, "revert UnknownAction(motion.action);", ""),
    ),
    *(
        Proof("QuorumProof", name, bounds, (APPROVALS, *fault))
        for name, bounds, fault in (
            ("of_1_by_1", UNSUCCEEDED, ("if (organisation != expected || expelled) {", "if (organisation == 0) {")),
            ("of_1_by_2", UNSUCCEEDED, ("if (++given >= needed) {", "if (++given >= 1) {")),
            ("of_2_by_2", UNSUCCEEDED, ("(met != required.length)", "(met == 0)")),
            (
                "of_1_by_3_signatures",
                f"{UNSUCCEEDED}, {PLAIN}",
                ("if (together < needed) needed = together;", "needed = 2;"),
            ),
        )
    ),
    *(
        Proof("TurnProof", name, bounds, (APPROVALS, *fault))
        for name, bounds, fault in (
            ("counts", f"{TURN}, none succeeded", ("if (++given >= needed) {", "if (++given >= 1) {")),
            (
                "counts_citing",
                f"{TURN}, none succeeded, a decision with each approval",
                ("approvalHash = _approvalHash(typehash, subject, decisions[i]);", ""),
            ),
            (
                "counts_of_succeeded",
                f"{TURN}, one succession",
                ("if (!_contains(bound, expected)) revert EntersNothingNew(expected);", ""),
            ),
            (
                "counts_of_twice_succeeded",
                f"{TURN}, two successions in a row",
                ("if (signatory <= signatories[i - 1]) revert ApprovalsNotAscending(signatory);", ""),
            ),
            ("none_to_spare", TURN, ("met == required.length ? NONE :", "met == required.length ? bytes32(0) :")),
        )
    ),
    *(
        Proof("ActsProof", name, bounds, (AGREEMENTS, *fault))
        for name, bounds, fault in (
            ("required_of_2", ACT, ("if (party <= previous) revert PartiesNotAscending(party);", "")),
            ("required_of_3", ACT, ("if (party <= previous) revert PartiesNotAscending(party);", "")),
            ("required_from_2_to_2", FOLLOWING, ("required = _union(bound, parties);", "required = parties;")),
            ("required_from_2_to_3", FOLLOWING, ("required = _union(bound, parties);", "required = bound;")),
            ("required_from_3_to_2", SOONER, ("\n            && _except(bound, parties).length == 1;", ";")),
            ("required_from_2_to_1", FOLLOWING, ("if (act.validFrom < earliest || act.validFrom", "if (act.validFrom")),
            ("required_from_2_to_0", FOLLOWING, ("required = _union(bound, parties);", "required = parties;")),
            (
                "required_from_2_after_2_to_2",
                f"{WITHOUT}, that has not begun, after another",
                ("bound = _union(bound, Words.copy(history[i].parties));", ""),
            ),
        )
    ),
    Proof(
        "ActsProof",
        "conclude_2_parties_2_signatures",
        f"{ENDLESS}, no party succeeded, {PLAIN}",
        (APPROVALS, "if (++given >= needed) {", "if (++given >= 1) {"),
    ),
    Proof(
        "ActsProof",
        "declined",
        f"{FOLLOWING}, 2 parties before and after, 2 approvals",
        (AGREEMENTS, "        if (own == DECLINED) revert ActDeclined(actHash);\n", ""),
    ),
    Proof(
        "ActsProof",
        "ended",
        f"{FOLLOWING}, 1 party before and 2 after, 2 approvals",
        (AGREEMENTS, "        if (history[0].parties.length < 2) revert AgreementEnded(act.agreement);\n", ""),
    ),
    *(
        Proof("RecordsProof", name, f"{bounds}, {APART}", (AGREEMENTS, *fault))
        for name, bounds, fault in (
            ("of_2", ACT, ("            if (own != 0) revert AlreadyRecorded(actHash);\n", "")),
            ("of_3", ACT, ("if (history.length == 0) return (parties,", "if (history.length == 0) return (bound,")),
            ("from_2_to_2", WITHOUT, ("required = _union(bound, parties);", "required = parties;")),
            ("from_2_to_3", WITHOUT, ("required = _union(bound, parties);", "required = bound;")),
            ("from_3_to_2", SOONER, ("\n            && _except(bound, parties).length == 1;", ";")),
            ("from_2_to_1", SOONER, ("if (act.validFrom < earliest || act.validFrom", "if (act.validFrom")),
            ("from_2_to_0", SOONER, ("(current == 0 || act.previous != current)", "(current == 0)")),
            (
                "from_2_after_2_to_2",
                f"{WITHOUT}, that has not begun, after another",
                ("bound = _union(bound, Words.copy(history[i].parties));", ""),
            ),
        )
    ),
)

# These were not brought to their end yet: they have the most paths.
OPEN = {
    "decide_recover_1_2",
    "decide_recover_2_2",
    "required_from_3_to_2",
    "required_from_2_after_2_to_2",
    "from_3_to_2",
    "from_2_after_2_to_2",
}

# The proofs of these run on the copy that `taken_apart` makes.
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
