"""Every test that docs/properties.md names exists, and every property that is checked stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "properties.md").read_text("utf-8")
TESTS = ROOT / "tests" / "contracts"
NAMED = sorted(set(re.findall(r"`(\w+\.py)::(\w+)`", PAGE)))


def defined_in(file: str) -> set[str]:
    return set(re.findall(r"^def (test_\w+)\(", (TESTS / file).read_text("utf-8"), re.MULTILINE))


def test_the_page_names_tests() -> None:
    assert len(NAMED) > 30


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_named_test_exists(file: str, name: str) -> None:
    assert name in defined_in(file)


def test_every_row_names_a_test_that_runs_after_every_step() -> None:
    rows = re.findall(r"^\| \*\*(\d+)\. .*$", PAGE, re.MULTILINE)
    held = re.findall(r"^\| \*\*\d+\. [^|]*\| `test_stateful\.py::\w+` \|", PAGE, re.MULTILINE)
    assert [int(number) for number in rows] == list(range(1, len(rows) + 1))
    assert len(held) == len(rows)


def test_every_property_that_is_checked_has_a_row() -> None:
    source = (TESTS / "test_stateful.py").read_text("utf-8")
    holding = re.findall(r"^def (test_\w+)\(told: Told\) -> None:\n    told\.holds\(", source, re.MULTILINE)
    assert holding
    assert {name for file, name in NAMED if file == "test_stateful.py"} == set(holding)
