"""Days and moments as people write them."""

from __future__ import annotations

import pytest

from registry import moments
from registry.errors import UsageError

NOON = 1_777_629_600
"""The first of May 2026, noon in the Netherlands, where clocks are two hours ahead."""
DAY = 86_400


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("2026-05-01", NOON - DAY // 2),
        (" 2026-05-01 ", NOON - DAY // 2),
        ("2026-05-01T12:00", NOON),
        ("2026-05-01T10:00:00+00:00", NOON),
        ("2026-05-01T10:00:00Z", NOON),
        ("1815-06-18", 0),
        ("1969-12-31T23:00:00+00:00", 0),
    ],
)
def test_what_holds_on_a_day_is_asked_of_its_first_second(text: str, second: int) -> None:
    assert moments.valid_on(text) == second


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("2026-04-30", NOON - DAY // 2 - 1),
        ("2026-05-01", NOON + DAY // 2 - 1),  # today: the day is known when it has begun
        ("2026-05-01T12:00", NOON),
        ("2026-05-01T11:59:59+02:00", NOON - 1),
    ],
)
def test_what_was_known_on_a_day_is_asked_of_its_last_second(text: str, second: int) -> None:
    assert moments.known_at(text, NOON) == second


@pytest.mark.parametrize("text", ["2026-05-02", "2026-05-01T12:01", "9998-12-31"])
def test_nobody_knows_what_will_be_known(text: str) -> None:
    with pytest.raises(UsageError, match="lies ahead"):
        moments.known_at(text, NOON)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "morgen",
            "2026-13-01",
            "2026-02-29",
            "20260501",
            "2026-W18-5",
            "9999-01-01",
            "0001-01-01",
            "10000-01-01",
        ),
        *("2026-05-01T25:00", "9999-12-31T23:59", "1-1-2026", "2026-05-01T12:00+99:00", "\x00", "½026-05-01"),
    ],
)
def test_what_is_no_day_or_moment_is_said(text: str) -> None:
    for read in (moments.valid_on, lambda one: moments.known_at(one, NOON)):
        with pytest.raises(UsageError) as caught:
            read(text)
        assert caught.value.hint


def test_a_day_to_do_something_before_is_a_day() -> None:
    assert moments.first_second("2026-05-01", "--due-before") == NOON - DAY // 2
    with pytest.raises(UsageError, match="--due-before '2026-05-01T12:00' is no day"):
        moments.first_second("2026-05-01T12:00", "--due-before")
