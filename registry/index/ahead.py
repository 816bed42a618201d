"""Doing the next thing while this one is worked on: a thread that is never more than a few items ahead."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterator
from typing import TypeVar

T = TypeVar("T")

_LOOK_EVERY_SECONDS = 0.1


def ahead(make: Callable[[threading.Event], Iterator[T]], most: int) -> Generator[T, None, None]:
    """The items of ``make``, made in a thread of their own, at most so many of them ahead: made, or in the making.

    What it raises is raised here, in its place. ``make`` is told by its event when nobody wants more; the thread has
    ended when this generator has, also if it is closed before its end.
    """
    made: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()
    room = threading.Semaphore(most)
    stop = threading.Event()

    def is_room() -> bool:
        while not stop.is_set():
            if room.acquire(timeout=_LOOK_EVERY_SECONDS):
                return True
        return False

    def work() -> None:
        try:
            items = make(stop)
            while is_room():
                item = next(items, None)
                made.put((item, None))
                if item is None:
                    return
        except BaseException as error:  # noqa: BLE001 - raised again by who waits for the items
            made.put((None, error))

    thread = threading.Thread(target=work, name="index-ahead", daemon=True)
    thread.start()
    try:
        while True:
            item, error = made.get()
            if error is not None:
                raise error
            if item is None:
                return
            room.release()
            yield item
    finally:
        stop.set()
        thread.join()
