"""Parts put together to be written: enough at once, never for long, and what came before an error is not lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from registry.errors import ChainError
from registry.index import fetching
from registry.index.fetching import Part, gathered
from registry.index.records import Header, Told
from registry.model import Approved, Place

ENOUGH = 10


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "EVENTS_TO_WRITE", ENOUGH)
    monkeypatch.setattr(fetching, "SECONDS_TO_WRITE", 1000.0)


def part(block: int, events: int) -> Part:
    place = Place(block, 0, b"t" * 32, b"b" * 32, block)
    told = [Told(Approved(place, b"a" * 32, "gm0345", "0x00", b""), f"{block}.{one}", None) for one in range(events)]
    header = Header(block, b"b" * 32, block)
    return Part(told, {block: header} if events else {}, header)


def texts(parts: Iterable[Part]) -> list[list[str]]:
    return [[one.text for one in found.events] for found in parts]


def test_parts_are_put_together_until_they_are_worth_a_transaction() -> None:
    found = list(gathered(part(block, 4) for block in range(1, 9)))
    assert [len(one.events) for one in found] == [12, 12, 8]
    assert [text for group in texts(found) for text in group] == [f"{b}.{n}" for b in range(1, 9) for n in range(4)]
    assert [one.end.number for one in found] == [3, 6, 8]
    assert [sorted(one.headers) for one in found] == [[1, 2, 3], [4, 5, 6], [7, 8]]


def test_empty_parts_move_the_end() -> None:
    [found] = gathered(iter([part(1, 2), part(5, 0), part(9, 0)]))
    assert (len(found.events), found.end.number, sorted(found.headers)) == (2, 9, [1])
    assert list(gathered(iter([]))) == []


def test_node_that_gives_little_at_a_time_keeps_nothing_from_being_written(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(100))
    monkeypatch.setattr(fetching.time, "monotonic", lambda: float(next(now)))
    monkeypatch.setattr(fetching, "SECONDS_TO_WRITE", 3.0)
    # The clock is looked at once when a group begins and once for each part.
    assert [len(one.events) for one in gathered(part(block, 1) for block in range(8))] == [3, 3, 2]


def test_what_came_before_an_error_is_given_before_it() -> None:
    def failing() -> Iterator[Part]:
        yield part(1, 4)
        yield part(2, 4)
        raise ChainError("no node answers")

    found = gathered(failing())
    assert texts([next(found)]) == [[f"{block}.{one}" for block in (1, 2) for one in range(4)]]
    with pytest.raises(ChainError, match="no node answers"):
        next(found)
