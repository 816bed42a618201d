"""The tools that measure the contract tests: what they make of a source, and how they count. No chain runs here."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "scripts" / "contracts"
MODULES = (
    "baseline",
    "coverage",
    "judging",
    "mutant",
    "mutants",
    "mutate",
    "probes",
    "processes",
    "reporting",
    "results",
    "sandbox",
    "schema",
    "source",
)
SAMPLE = "contracts/Sample.sol"

TEXT = """// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

contract Sample {
    event Added(address who, uint256 amount, uint256 total);

    error TooMuch(uint256 amount, uint256 most);

    uint40 private constant MOST = 14 days;
    bytes32 private constant ONE = bytes32(uint256(1));

    uint256 public total;
    mapping(uint256 => bytes32) public names;

    constructor() {}

    // Größer als gedacht: bytes and characters differ here.
    function add(uint256 amount, bool twice) external returns (uint256 left) {
        if (amount > MOST) revert TooMuch(amount, MOST);
        uint256 steps = twice ? 2 : 1;
        for (uint256 i = 0; i < steps; ++i) total += amount;
        names[total - 1] = ONE;
        emit Added(msg.sender, amount, total);
        return MOST * 2 - total;
    }

    function known(bytes32 name, uint256 at) external view returns (bool, bytes32) {
        if (name == 0 || !(at < total && names[at] == name)) return (false, name);
        else if (at == 7) { unchecked { at - 1; } }
        return (true, ONE);
    }

    function half(uint256 x) internal pure returns (uint256 y) {
        assembly ("memory-safe") {
            function shifted(by, z) -> w { w := shr(by, z) }
            if gt(x, 100) { revert(0, 0) }
            y := add(shifted(1, x), 0)
            mstore(0, y)
        }
    }
}
"""


@pytest.fixture(scope="module")
def tools() -> Iterator[Any]:
    """The modules of scripts/contracts, which are programs and not a package."""
    sys.path.insert(0, str(TOOLS))
    try:
        yield SimpleNamespace(**{name: __import__(name) for name in MODULES})
    finally:
        sys.path.remove(str(TOOLS))
        for name in MODULES:
            sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def sample(tools: Any) -> Any:
    (source,) = tools.source.read_sources(ROOT, {SAMPLE: TEXT.encode()})
    return source


@pytest.fixture(scope="module")
def mutants(tools: Any, sample: Any) -> list[Any]:
    return list(tools.mutants.mutants_of([sample]))


def compiles(tools: Any, texts: dict[str, bytes]) -> list[str]:
    """What the compiler has against these sources."""
    answer = tools.source.compile_sources(ROOT, texts, {"*": {"": ["ast"]}})
    return [problem["formattedMessage"] for problem in tools.source.errors_of(answer)]


def test_the_measured_sources_are_those_directly_in_contracts(tools: Any) -> None:
    texts = tools.source.all_sources(ROOT)
    measured = {path for path in texts if tools.source.is_measured(path)}
    assert measured == {f"contracts/{path.name}" for path in (ROOT / "contracts").glob("*.sol")}
    assert "contracts/test/Wallet.sol" in texts


def test_probes_change_nothing_but_themselves(tools: Any, sample: Any) -> None:
    instrumented = tools.probes.instrument([sample])
    assert compiles(tools, instrumented.texts) == []
    text = instrumented.texts[SAMPLE].decode()
    text = text.replace('\nimport {CoverageProbe} from "./CoverageProbe.sol";', "")
    text = re.sub(r"CoverageProbe\.at\(\d+\); ", "", text)
    while "CoverageProbe" in text:
        text = re.sub(r"CoverageProbe\.outcome\(\d+, ((?:[^()]|\([^()]*\))*)\)", r"\1", text)
    # Bodies without braces got some.
    assert re.sub(r"[{} ]", "", text) == re.sub(r"[{} ]", "", TEXT)


def test_there_is_a_probe_for_every_statement_and_outcome(tools: Any, sample: Any) -> None:
    probes = tools.probes.instrument([sample]).probes
    functions = [probe.what for probe in probes if probe.is_function]
    assert functions == ["constructor", "add", "known", "half"]
    conditions = {probe.what for probe in probes if probe.is_branch}
    assert conditions == {
        "amount > MOST",
        "twice",
        "i < steps",
        "name == 0",
        "at < total",
        "names[at] == name",
        "at == 7",
    }
    assert all(sum(one.what == what and one.is_branch for one in probes) == 2 for what in conditions)
    statements = {probe.what for probe in probes if not probe.is_branch and not probe.is_function}
    assert {"revert TooMuch(amount, MOST)", "total += amount", "at - 1"} <= statements
    assert sum(what.startswith("assembly") for what in statements) == 1


def test_what_the_nodes_print_is_understood(tools: Any) -> None:
    log = b"eth_call\n8800000003n\n  8800000004\nGas usage: 8800000005\n7700000003n\n"
    assert tools.probes.printed(log) == {3, 4}
    assert tools.schema.printed(log) == {3}


def test_a_line_counts_if_every_statement_on_it_has_run(tools: Any, sample: Any) -> None:
    probes = tools.probes.instrument([sample]).probes
    everything = set(range(len(probes)))
    (whole,) = tools.coverage.evaluate(probes, everything)
    assert (whole.lines.percent, whole.branches.percent, whole.missed) == (100.0, 100.0, ())

    revert = next(number for number, probe in enumerate(probes) if probe.what.startswith("revert TooMuch"))
    (short,) = tools.coverage.evaluate(probes, everything - {revert})
    assert short.lines.reached == whole.lines.reached - 1
    assert short.shown == [f"{SAMPLE}:19  revert TooMuch(amount, MOST)"]


def test_of_a_function_that_is_never_called_only_that_is_shown(tools: Any, sample: Any) -> None:
    probes = tools.probes.instrument([sample]).probes
    seen = {number for number, probe in enumerate(probes) if not probe.function.startswith("known")}
    (found,) = tools.coverage.evaluate(probes, seen)
    assert found.shown == [f"{SAMPLE}:27  known is never called"]


def test_a_target_is_not_met_by_rounding(tools: Any) -> None:
    measure = tools.coverage.Measure(9_999, 10_000)
    assert tools.coverage.verdict("lines", measure, 100.0, "") == "lines: 99.9 % (target 100 %) short"
    whole = tools.coverage.Measure(7, 7)
    assert tools.coverage.verdict("lines", whole, 100.0, "") == "lines: 100.0 % (target 100 %) ok"
    assert tools.reporting.verdict_line(8_999, 10_000) == "mutants killed: 89.9 % of 10000 (target ≥ 90 %) short"
    assert tools.reporting.verdict_line(9, 10) == "mutants killed: 90.0 % of 10 (target ≥ 90 %) ok"


@pytest.mark.parametrize(
    "change",
    [
        "amount > MOST → amount >= MOST",
        "amount > MOST → true",
        "amount > MOST → false",
        "total += amount; → (nothing)",
        "total += amount → total -= amount",
        "emit Added(msg.sender, amount, total); → (nothing)",
        "amount, total → total, amount",
        "at - 1 → at + 1",
        "++i → --i",
        "msg.sender → tx.origin",
        "MOST * 2 → (MOST + 2)",
        "MOST * 2 - total → MOST * 2 + total",
        "total - 1 → total + 1",
        "14 days → (14 days + 1)",
        "1 → 2",
        "2 → 1",
        "0 → bytes32(uint256(1))",
        "false → true",
        "name == 0 || !(at < total && names[at] == name) → name == 0",
        "at < total && names[at] == name → names[at] == name",
        "at < total → at <= total",
        "gt(x, 100) → lt(x, 100)",
        "gt(x, 100) → iszero(lt(x, 100))",
        "shr(by, z) → shl(by, z)",
        "mstore(0, y) → (nothing)",
        "100 → 101",
    ],
)
def test_the_mutants_are_the_mistakes_that_are_meant(mutants: list[Any], change: str) -> None:
    assert change in {f"{one.original} → {one.mutated}" for one in mutants}


def test_no_mutant_is_made_that_another_makes_superfluous(mutants: list[Any]) -> None:
    changes = {f"{one.original} → {one.mutated}" for one in mutants}
    assert "amount > MOST → amount <= MOST" not in changes
    assert not any(change.startswith("revert TooMuch") for change in changes)
    assert not any(change.startswith("++i → (nothing)") for change in changes)


def test_every_mutant_has_a_name_and_a_line_of_its_own(mutants: list[Any]) -> None:
    assert len({one.key for one in mutants}) == len(mutants)
    by_name = {one.key: one for one in mutants}
    assert by_name["Sample.sol Sample.add: amount > MOST → true"].line == 19
    assert {one.function for one in mutants} == {
        "Sample.MOST",
        "Sample.ONE",
        "Sample.add",
        "Sample.known",
        "Sample.half",
    }


def test_every_mutant_compiles_by_itself(tools: Any, mutants: list[Any]) -> None:
    texts = {f"contracts/{number}.sol": one.apply(TEXT.encode()) for number, one in enumerate(mutants)}
    assert len(set(texts.values())) == len(mutants)
    assert compiles(tools, texts) == []


def test_all_mutants_compile_together(tools: Any, sample: Any, mutants: list[Any]) -> None:
    numbered = dict(enumerate(mutants, 1))
    schema = tools.schema.build_schema(ROOT, {SAMPLE: TEXT.encode()}, [sample], numbered)
    assert schema.left_out == []
    text = schema.texts[SAMPLE].decode()
    for number, one in numbered.items():
        assert schema.places[number], one.key
        assert f"/*mutant {number}*/" in text, one.key
    everywhere = [number for places in schema.places.values() for number in places]
    assert all(f"at({tools.schema.FIRST + number})" in text for number in everywhere)
    # A constant is changed wherever it is read.
    longer = next(number for number, one in numbered.items() if one.mutated == "(14 days + 1)")
    assert text.count(f"/*mutant {longer}*/") == 3


def test_a_mutant_that_does_not_compile_is_left_out_and_named(tools: Any, sample: Any, mutants: list[Any]) -> None:
    good, model = mutants[0], next(one for one in mutants if one.mutated == "true")
    bad = tools.mutant.Mutant(**{**vars(model), "replacement": b"nonsense", "mutated": "nonsense"})
    schema = tools.schema.build_schema(ROOT, {SAMPLE: TEXT.encode()}, [sample], {1: good, 2: bad})
    assert schema.left_out == [bad]
    assert set(schema.places) == {1}


def test_an_error_that_no_mutant_made_is_not_blamed_on_one(tools: Any, sample: Any, mutants: list[Any]) -> None:
    broken = {SAMPLE: TEXT.encode(), "contracts/Other.sol": b"pragma solidity 0.8.30; nonsense"}
    with pytest.raises(tools.source.BuildError, match="nonsense"):
        tools.schema.build_schema(ROOT, broken, [sample], {1: mutants[0]})


class Chain:
    """A worker whose tests fail as told: on which mutant, how often, and with which outcome."""

    def __init__(self, nothing: int, outcomes: dict[str, list[str]], without: str = "passed") -> None:
        self.nothing = nothing
        self.outcomes = outcomes
        self.without = without
        self.passed: dict[str, float] = {}

    def run(self, chosen: int, limits: dict[str, float]) -> dict[str, Any]:
        if chosen == self.nothing:
            return {"outcome": self.without, "test": next(iter(limits)), "why": ""}
        for number, test in enumerate(limits):
            outcome = self.outcomes[test].pop(0) if self.outcomes.get(test) else "passed"
            if outcome != "passed":
                return {"outcome": outcome, "test": test, "why": "", "ran": number + 1}
        return {"outcome": "passed", "ran": len(limits)}


@pytest.fixture
def judged(tools: Any, mutants: list[Any]) -> Any:
    """What becomes of a mutant by which the tests x and y come, given how they fail."""

    def judge(outcomes: dict[str, list[str]], *, equivalent: bool = False, **chain: Any) -> Any:
        baseline = {
            "a.py::x": tools.baseline.Baseline(1.0, 0.5, frozenset({5, 6})),
            "a.py::y": tools.baseline.Baseline(2.0, 0.5, frozenset({5})),
            "a.py::elsewhere": tools.baseline.Baseline(1.0, 0.5, frozenset({7})),
        }
        judge = tools.judging.Judge({1: mutants[0]}, {1: {5}}, baseline, lambda _mutant: equivalent, {})
        return judge.judge(1, Chain(tools.schema.NOTHING, outcomes, **chain))

    return judge


def test_a_mutant_is_killed_by_a_test_that_fails_twice_and_passes_without_it(judged: Any) -> None:
    result = judged({"a.py::y": ["failed", "failed"]})
    assert (result.verdict, result.test) == ("killed", "a.py::y")


def test_a_test_that_hangs_kills(judged: Any) -> None:
    assert judged({"a.py::x": ["timeout", "timeout"]}).verdict == "killed"


def test_a_mutant_that_every_test_passes_survives(judged: Any) -> None:
    result = judged({"a.py::elsewhere": ["failed", "failed"]})
    assert (result.verdict, result.ran) == ("survived", 2)


def test_a_survivor_with_the_same_bytecode_does_not_count(tools: Any, judged: Any) -> None:
    result = judged({}, equivalent=True)
    assert result.verdict == "equivalent"
    assert tools.results.score([result]) == (0, 0)


def test_a_test_that_fails_once_by_chance_does_not_kill(judged: Any) -> None:
    assert judged({"a.py::x": ["failed"]}).verdict == "survived"
    result = judged({"a.py::x": ["failed"], "a.py::y": ["passed", "failed", "failed"]})
    assert (result.verdict, result.test) != ("killed", "a.py::x")


def test_a_chain_that_breaks_down_never_kills(tools: Any, judged: Any) -> None:
    result = judged({"a.py::x": ["broken"] * 9})
    assert result.verdict == "failed"
    assert tools.results.score([result]) == (0, 0)
    assert judged({"a.py::x": ["broken", "passed"]}).verdict == "survived"


def test_a_test_that_fails_without_the_mutant_too_does_not_kill(judged: Any) -> None:
    assert judged({"a.py::x": ["failed"] * 9}, without="failed").verdict == "failed"
    assert judged({"a.py::x": ["failed"] * 9}, without="broken").verdict == "failed"


def test_results_outlive_an_interruption(tools: Any, tmp_path: Path) -> None:
    store = tools.results.Store(tmp_path / "results")
    kept = tools.results.Result("one", "killed", "a.py::x", seconds=1.5)
    store.add(kept)
    store.add(tools.results.Result("two", "failed"))
    with store.path.open("a", encoding="utf-8") as stream:
        stream.write('{"key": "three", "verd')
    assert store.read() == {"one": kept}


def test_a_sample_is_the_same_for_the_same_seed(tools: Any, mutants: list[Any]) -> None:
    numbered = dict(enumerate(mutants, 1))
    first = tools.mutate.choose(numbered, [], 5, 1)
    assert first == tools.mutate.choose(numbered, [], 5, 1) != tools.mutate.choose(numbered, [], 5, 2)
    assert set(tools.mutate.choose(numbered, ["Sample.sol"], None, 1)) == set(numbered)
    with pytest.raises(tools.processes.MutationError):
        tools.mutate.choose(numbered, ["Other.sol"], None, 1)


def test_the_report_tells_known_survivors_from_others(tools: Any, mutants: list[Any]) -> None:
    killed, known, unknown = mutants[:3]
    results = {
        killed.key: tools.results.Result(killed.key, "killed", "a.py::x"),
        known.key: tools.results.Result(known.key, "survived"),
        unknown.key: tools.results.Result(unknown.key, "survived"),
    }
    reasons = {known.key: "does not matter, because", killed.key: "no longer true", "gone": "was once"}
    report = tools.reporting.Report({one.key: one for one in mutants[:3]}, results, reasons, [], True)
    text = "\n".join(report.lines(names=True))
    unexplained, explained = text.index("survivors nobody has explained:"), text.index("known survivors:")
    assert unexplained < text.index(unknown.key) < explained < text.index(known.key)
    assert "does not matter, because" in text
    assert text.index("there is no such mutant:") < text.index("  gone")
    assert text.index("but killed:") < text.rindex(killed.key)
    assert text.endswith("mutants killed: 33.3 % of 3 (target ≥ 90 %) short")
    assert report.document()["ok"] is False


def test_the_known_survivors_have_a_reason(tools: Any) -> None:
    assert all(reason.strip() for reason in tools.results.known_survivors(tools.results.SURVIVORS).values())


def test_tests_that_compare_code_or_gas_are_left_out(tools: Any) -> None:
    found = tools.sandbox.test_files(ROOT, [], tools.sandbox.LEFT_OUT)
    assert "tests/contracts/test_conclude.py" in found
    assert not {"tests/contracts/test_gas.py", "tests/contracts/test_artifact.py"} & set(found)
    with pytest.raises(SystemExit):
        tools.sandbox.test_files(ROOT, ["tests/contracts/test_nothing.py"], [])
