"""Days and moments as people write them, as unix seconds. Pure."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from registry.dossier.terms import ZONE, last_second_of_day, start_of_day
from registry.errors import UsageError

_LAST_YEAR = 9998
"""Dutch time of a day is reckoned with the day after it, and Python's calendar ends with 9999."""


def valid_on(text: str) -> int:
    """The first second of a day in the Netherlands, "2026-05-01"; of a moment its second. Never before 1970.

    UsageError if it is neither. The chain counts from 1970, and what is asked of an earlier day has the same answer.
    """
    day = _day(text)
    return max(_moment(text, "--valid-on") if day is None else start_of_day(day), 0)


def known_at(text: str, now: int) -> int:
    """A moment, "2026-05-01T12:00" in the Netherlands or with an offset; of a day its last second, also of today.

    UsageError if it is neither, or lies ahead: what will be recorded, nobody knows.
    """
    day = _day(text)
    moment = _moment(text, "--known-at") if day is None else last_second_of_day(day)
    if (moment if day is None else start_of_day(day)) > now:
        raise UsageError(
            f"{text} lies ahead: nobody knows yet what will be recorded by then",
            hint="ask what holds on a later day, as known now, with --valid-on",
        )
    return moment


def first_second(text: str, option: str) -> int:
    """The first second of a day in the Netherlands; UsageError if the text is no day."""
    day = _day(text)
    if day is None:
        raise UsageError(f"{option} {text!r} is no day", hint="write it as 2026-12-31")
    return start_of_day(day)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    # Python reads 20260501 and 2026-W18-5 too; one form is enough to be sure of what somebody meant.
    if day.isoformat() != text.strip() or not 1 < day.year <= _LAST_YEAR:
        raise UsageError(f"{text!r} is no day that can be asked about", hint="write it as 2026-12-31")
    return day


def _moment(text: str, option: str) -> int:
    try:
        moment = datetime.fromisoformat(text.strip())
        if not 1 < moment.year <= _LAST_YEAR:
            raise ValueError(text)
        told = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(ZONE))
        return int(told.timestamp())
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{option} {text!r} is neither a day nor a moment",
            hint="write 2026-12-31, 2026-12-31T09:30 (Dutch time) or 2026-12-31T09:30:00+01:00",
        ) from error
