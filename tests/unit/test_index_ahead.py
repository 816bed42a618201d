"""Items made ahead in a thread: never more than a few, errors in their place, and no thread left behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from registry.index.ahead import ahead


def running() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "index-ahead"]


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_than_so_many_are_made_ahead(most: int) -> None:
    begun: list[int] = []

    def make(stop: threading.Event) -> Iterator[int]:
        for number in range(1, 9):
            begun.append(number)
            yield number

    taken = []
    with closing(ahead(make, most)) as items:
        for item in items:
            taken.append(item)
            deadline = time.monotonic() + 10
            while len(begun) < min(8, item + most) and time.monotonic() < deadline:
                time.sleep(0.001)
            time.sleep(0.02)  # one that takes no heed would go on now
            assert len(begun) == min(8, item + most)
    assert taken == list(range(1, 9))
    assert not running()


def test_error_comes_in_its_place() -> None:
    def make(stop: threading.Event) -> Iterator[str]:
        yield "first"
        raise ZeroDivisionError

    items = ahead(make, 2)
    assert next(items) == "first"
    with pytest.raises(ZeroDivisionError):
        next(items)
    assert not running()


def test_closed_before_its_end_it_leaves_no_thread() -> None:
    told: list[threading.Event] = []

    def make(stop: threading.Event) -> Iterator[int]:
        told.append(stop)
        yield from range(1000)

    items = ahead(make, 1)
    assert next(items) == 0
    items.close()
    assert told[0].is_set()
    assert not running()
