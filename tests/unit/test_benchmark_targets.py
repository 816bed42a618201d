"""The last lines of a benchmark, and the exit code that goes with them."""

from __future__ import annotations

import json
from itertools import islice

import pytest
from eth_account import Account
from eth_utils.crypto import keccak

from benchmarks.gas.bench import Cost
from benchmarks.gas.many import Many
from benchmarks.gas.report import Report
from benchmarks.gas.throwaway import throwaway_keys
from benchmarks.targets import at_least, at_most, exit_code
from registry.statements import compact


@pytest.mark.parametrize(
    ("target", "line"),
    [
        (at_most("agreement, n=2", 77_030, 80_000), "agreement, n=2: 77,030 (target ≤ 80,000) ok"),
        (at_most("agreement, n=2", 80_000, 80_000), "agreement, n=2: 80,000 (target ≤ 80,000) ok"),
        (at_most("agreement, n=8", 124_358, 120_000), "agreement, n=8: 124,358 (target ≤ 120,000) short"),
        (at_least("over ours", 9.678, 8, digits=2, unit="×"), "over ours: 9.67× (target ≥ 8.00×) ok"),
        (at_least("over ours", 8, 8, digits=2, unit="×"), "over ours: 8.00× (target ≥ 8.00×) ok"),
        (at_least("over ours", 2.5, 8, digits=2, unit="×"), "over ours: 2.50× (target ≥ 8.00×) short"),
    ],
)
def test_a_line_says_what_was_measured_and_whether_it_holds(target, line) -> None:
    assert target.line == line


def test_a_number_is_not_rounded_over_its_bound() -> None:
    assert at_least("over ours", 7.9999, 8, digits=2).line == "over ours: 7.99 (target ≥ 8.00) short"
    assert at_most("time", 1.0001, 1, digits=1).line == "time: 1.1 (target ≤ 1.0) short"
    assert at_most("time", 7.1, 8, digits=1).line == "time: 7.1 (target ≤ 8.0) ok"


def test_what_could_not_be_measured_falls_short() -> None:
    target = at_most("agreement, n=342", float("inf"), 30_000_000)
    assert target.line == "agreement, n=342: not measured (target ≤ 30,000,000) short"
    assert at_least("over ours", float("nan"), 8).line.endswith("short")
    assert json.loads(json.dumps(target.to_json()))["value"] is None


def test_the_exit_code_is_zero_only_if_all_hold() -> None:
    ok, short = at_most("a", 1, 2), at_most("b", 3, 2)
    assert exit_code([ok, ok]) == 0
    assert exit_code([ok, short]) == 1
    with pytest.raises(ValueError, match="proves nothing"):
        exit_code([])


def report(**eas: tuple[int, int, bool]) -> Report:
    ours = Cost("record", "the register", {2: 50_000, 8: 100_000}, quorum=True)
    routes = [Cost(f"eas-{key}", key, {2: two, 8: eight}, quorum=checked) for key, (two, eight, checked) in eas.items()]
    steps = [
        Cost("amend", "amend", {2: 70_000}),
        Cost("end", "end", {2: 60_000}),
        Cost("accede", "accede", {2: 90_000}),
    ]
    return Report("a chain", [ours, *routes], steps, Many(3_000_000, 3_600, 29_990_000, {342: 3_000_000}))


def test_the_gas_targets_take_the_cheapest_route_that_checks_the_quorum() -> None:
    found = report(
        proposal=(900_000, 900_000, True),
        each=(500_000, 700_000, True),
        unchecked=(100, 100, False),
        front=(200, 200, True),  # a contract of one's own, in which no party attests
    )
    assert [(target.value, target.holds) for target in found.targets()] == [
        (50_000, True),
        (100_000, True),
        (70_000, True),  # the accession, which three approve, is outside
        (10.0, True),
        (7.0, False),
        (3_000_000, True),
    ]


def test_a_gas_report_is_also_for_machines() -> None:
    found = json.loads(json.dumps(report(each=(500_000, 700_000, True)).to_json()))
    assert found["agreements"][1]["gas"] == {"2": 500_000, "8": 700_000}
    assert [one["holds"] for one in found["targets"]] == [True, True, True, True, False, True]


def test_throwaway_keys_sign_as_others_do() -> None:
    digest = keccak(text="what is signed")
    for key in islice(throwaway_keys(), 4):
        account = Account.from_key(key.number)
        r, vs = key.sign(digest)
        v = vs[0] >> 7
        s = bytes([vs[0] & 0x7F]) + vs[1:]
        assert key.address == account.address
        assert compact(r + s + bytes([27 + v])) == (r, vs)
        recovered = Account._recover_hash(digest, vrs=(27 + v, int.from_bytes(r), int.from_bytes(s)))
        assert recovered == account.address
