"""The index of a session's register: where it is, and brought up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from registry.cli import output
from registry.cli.session import Session
from registry.index import Identity, Index


@contextmanager
def caught_up(session: Session, to_block: int | None = None) -> Iterator[Index]:
    """The index, made if there is none, once all events up to a block are in it; up to the latest unless given."""
    register = session.service.register
    identity = Identity(register.chain.chain_id, register.address, register.from_block)
    file = session.settings.home / "index" / f"{identity.chain_id}-{identity.register}.sqlite"
    with Index.open(f"sqlite:///{file}", identity) as index:
        with blocks("Het register wordt gelezen") as progress:
            index.catch_up(register, session.store, to_block=to_block, progress=progress)
        yield index


@contextmanager
def blocks(text: str) -> Iterator[Callable[[int, int, int], None]]:
    """A bar over blocks (first, done, last), on standard error and only where somebody watches."""
    target = output.errors()
    if not target.is_terminal:
        yield lambda first, done, last: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=target, transient=True) as bar:
        task = bar.add_task(text, total=None)
        yield lambda first, done, last: bar.update(task, completed=done - first + 1, total=max(last - first + 1, 1))
