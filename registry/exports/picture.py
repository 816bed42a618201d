"""The agreements in the course of time, as the coordinates of a picture: which held when, as the block has it.

All agreements count in the columns per year; the first of them are drawn each with a bar of its own. Horizontal places
are fractions of the width, from 0 (the first year) to 1 (the end of the last).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from itertools import pairwise

from registry import dutch
from registry.dutch import ZONE
from registry.exports.source import Entry
from registry.model import Status
from registry.timeline import Agreement

DRAWN = 30
"""How many agreements get a bar: as many as fit on a page."""
_BACK, _AHEAD = 30, 12
_END_OF_TIME = 2**41
_MOST_TICKS = 12


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which an agreement holds, in unix seconds: from, up to and not including."""

    since: int
    until: int


@dataclass(slots=True)
class Drawn:
    """An agreement with a bar of its own: when it holds, when it changed, and what its row says."""

    number: int
    title: str
    parties: tuple[str, ...]
    status: Status
    id: bytes
    since: int
    stretches: list[Stretch]
    changes: list[int]


@dataclass(slots=True)
class Picture:
    """Collects agreements one by one, as of ``now`` (unix seconds)."""

    now: int
    drawn: list[Drawn] = field(default_factory=list)
    statuses: Counter[Status] = field(default_factory=Counter)
    left_out: Counter[Status] = field(default_factory=Counter)
    _per_year: Counter[int] = field(default_factory=Counter)
    _first: int = _END_OF_TIME
    _last: int = 0

    def add(self, entry: Entry) -> None:
        """Takes in the next agreement."""
        agreement = entry.agreement
        status = agreement.status(self.now)
        stretches = held(agreement)
        self.statuses[status] += 1
        self._count(stretches)
        self._first = min(self._first, *(one.act.valid_from for one in agreement.acts))
        ends = (moment for one in stretches for moment in (one.since, one.until) if moment < _END_OF_TIME)
        self._last = max(self._last, *ends, 0)
        if len(self.drawn) == DRAWN:
            self.left_out[status] += 1
            return
        one = agreement.governing(self.now) or agreement.first_to_govern()
        if one.act.ends:
            one = next(each for each in reversed(agreement.acts) if not each.act.ends)
        began = min(each.act.valid_from for each in agreement.acts)
        changes = sorted({each.act.valid_from for each in agreement.acts if not each.act.ends} - {began})
        title = entry.title(one.act_hash)
        self.drawn.append(Drawn(entry.number, title, one.act.parties, status, agreement.id, began, stretches, changes))

    @property
    def years(self) -> range:
        """The years of the picture: from the first agreement to the last end, within reason."""
        this = dutch.date_of(self.now).year
        first = this if self._first == _END_OF_TIME else _year(self._first, this)
        last = _year(self._last, this) if self._last else this
        # With so few agreements that one year would do, some more to see them in.
        return range(max(min(first, this - 1), this - _BACK), min(max(last, this + 2), this + _AHEAD) + 1)

    @property
    def per_year(self) -> list[tuple[int, int]]:
        """How many agreements hold at the end of each year, by year."""
        return [(year, self._per_year[year]) for year in self.years]

    def at(self, moment: int) -> float:
        """Where a moment stands, from 0 to 1; what lies outside the picture is at its edge."""
        start, end = new_year(self.years.start), new_year(self.years.stop)
        return round(min(max((moment - start) / (end - start), 0.0), 1.0), 5)

    def within(self, moment: int) -> bool:
        """Whether a moment lies within the years of the picture."""
        return new_year(self.years.start) <= moment < new_year(self.years.stop)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """The years along the axis, each where it begins: all of them, or as many as can be read."""
        step = next(one for one in (1, 2, 5, 10) if len(self.years) / one <= _MOST_TICKS)
        return [(self.at(new_year(year)), str(year)) for year in self.years if year % step == 0 or step == 1]

    def _count(self, stretches: Iterable[Stretch]) -> None:
        this = dutch.date_of(self.now).year
        for year in range(this - _BACK, this + _AHEAD + 1):
            evening = new_year(year + 1) - 1
            self._per_year[year] += any(one.since <= evening < one.until for one in stretches)


def held(agreement: Agreement) -> list[Stretch]:
    """When an agreement holds, as its acts say at the end; stretches that touch are one."""
    moments = {one.act.valid_from for one in agreement.acts}
    moments |= {one.act.valid_until for one in agreement.acts if one.act.valid_until}
    ordered = [*sorted(moments), _END_OF_TIME]
    found: list[Stretch] = []
    for since, until in pairwise(ordered):
        if agreement.status(since) is not Status.IN_FORCE:
            continue
        if found and found[-1].until == since:
            found[-1] = Stretch(found[-1].since, until)
        else:
            found.append(Stretch(since, until))
    return found


def _year(moment: int, this: int) -> int:
    """The year of a moment; far beyond the picture if it is."""
    return dutch.date_of(moment).year if moment < new_year(this + _AHEAD + 1) else this + _AHEAD


@cache
def new_year(year: int) -> int:
    """The first moment of a year in the Netherlands, unix seconds."""
    return int(datetime.combine(date(year, 1, 1), datetime.min.time(), ZONE).timestamp())
