"""Doing the next thing while this one is worked on: a thread that is never more than a few items ahead."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterator
from typing import TypeVar

T = TypeVar("T")

_LOOK_EVERY_SECONDS = 0.1


def ahead(make: Callable[[threading.Event], Iterator[T]], most: int) -> Generator[T, None, None]:
    """The items of ``make``, made in a thread of their own, at most so many of them waiting.

    What it raises is raised here, in its place. ``make`` is told by its event when nobody wants more; the thread has
    ended when this generator has, also if it is closed before its end.
    """
    waiting: queue.Queue[tuple[T | None, BaseException | None]] = queue.Queue(most)
    stop = threading.Event()

    def put(item: T | None, error: BaseException | None) -> None:
        while not stop.is_set():
            try:
                waiting.put((item, error), timeout=_LOOK_EVERY_SECONDS)
            except queue.Full:
                continue
            return

    def work() -> None:
        try:
            for item in make(stop):
                put(item, None)
                if stop.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - raised again by who waits for the items
            put(None, error)
        else:
            put(None, None)

    thread = threading.Thread(target=work, name="index-ahead", daemon=True)
    thread.start()
    try:
        while True:
            item, error = waiting.get()
            if error is not None:
                raise error
            if item is None:
                return
            yield item
    finally:
        stop.set()
        thread.join()
