"""Five kills of a process that catches up, as ``make soak-index`` does two hundred times; and a small benchmark."""

from __future__ import annotations

from pathlib import Path

import pytest
from databases import new_database

from benchmarks.index import __main__ as bench
from benchmarks.index.soak import soak
from benchmarks.targets import Target

pytestmark = pytest.mark.long


def failures(targets: list[Target]) -> list[str]:
    return [one.line for one in targets if not one.holds]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_killed_index_is_whole(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    made: dict[int, str] = {}

    def databases(number: int) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path / f'{number}.sqlite'}"
        if number not in made:
            made[number] = new_database(request.getfixturevalue("postgresql_server"), f"soak_{number}")
        return made[number]

    targets = soak(5, 2_500, 4, databases, lambda text: None)
    assert [one for one in failures(targets) if "of which" not in one] == []


def test_benchmark_measures_what_it_says() -> None:
    targets, numbers = bench.measure(events=1_200, seed=2, rounds=1)
    assert numbers["events"] >= 1_200
    assert {one.name.partition(" at ")[0] for one in targets} == {
        "events per second",
        "catching up / merely fetching",
        "the usual way / catching up",
        "peak memory",
    }
    assert all(one.value > 0 for one in targets)
