"""What a manifest says about time in the units of the chain: Dutch calendar days as unix seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = "Europe/Amsterdam"
SECONDS_PER_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Terms:
    """The parts of an act that follow from its manifest; times are unix seconds, as in the struct ``Act``.

    ``parties`` ascends and is empty when the agreement ends. ``valid_until`` is the first second after the
    last day and 0 when open-ended; ``notice`` is a duration in seconds; ``deadline`` is the last second in
    which an approval counts and 0 when there is none.
    """

    parties: tuple[str, ...]
    valid_from: int
    valid_until: int
    notice: int
    deadline: int


def day_of(timestamp: int) -> date:
    """The day, in the Netherlands, of a unix second."""
    return datetime.fromtimestamp(timestamp, ZoneInfo(ZONE)).date()


def start_of_day(day: date) -> int:
    """The unix second in which this day begins in the Netherlands."""
    return int(datetime.combine(day, time.min, ZoneInfo(ZONE)).timestamp())


def start_of_next_day(day: date) -> int:
    """The unix second in which the day after begins: the exclusive end of "tot en met" this day."""
    return start_of_day(day + timedelta(days=1))


def last_second_of_day(day: date) -> int:
    """The unix second 23:59:59 of this day in the Netherlands."""
    return start_of_next_day(day) - 1
