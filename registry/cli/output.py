"""What a command prints: one JSON document for machines, or text and tables for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from textwrap import wrap
from unicodedata import category

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from registry.errors import RegistryError

Json = Mapping[str, object] | Sequence[object]

_LABEL_WIDTH = 13  # with one space before it, 66 columns of the usual 80 are left: a hash fits on the line
_LONG_WORD = len("dienstverleningsovereenkomst")
_DIRECTIONS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def console() -> Console:
    """Where answers go; highlighting is off because hashes are not numbers."""
    return Console(highlight=False, soft_wrap=False)


def errors() -> Console:
    """Where complaints and progress go."""
    return Console(stderr=True, highlight=False)


def print_json(data: Json) -> None:
    """One document, two spaces of indent, UTF-8."""
    sys.stdout.write(json.dumps(data, indent=2, ensure_ascii=False, default=_plain) + "\n")


def print_error(error: RegistryError, *, as_json: bool) -> None:
    """What is wrong, and what to do about it; to standard error."""
    if as_json:
        sys.stderr.write(json.dumps(error.to_json(), ensure_ascii=False) + "\n")
        return
    target = errors()
    target.print(f"[bold red]Error:[/] {escaped(error.message)}", soft_wrap=True)
    if error.hint:
        target.print(f"[bold]What to do:[/] {escaped(error.hint)}", soft_wrap=True)


def print_warning(message: str) -> None:
    """What is no error and yet deserves a look; to standard error."""
    errors().print(f"[bold yellow]Warning:[/] {escaped(message)}", soft_wrap=True)


def print_alarm(text: str, command: str) -> None:
    """What nobody may miss, and the command that answers it; part of the answer, so not to standard error."""
    label = "LET OP  "
    lines = wrap(text, max(console().width - len(label), 20), break_on_hyphens=False)
    indent = "\n" + " " * len(label)
    console().print(f"[bold red]{label}{escaped(indent.join([*lines, command]))}[/]\n", soft_wrap=True)


def print_fact(label: str, value: str, *, whole: bool = False) -> None:
    """One labelled line of an answer, wrapped under itself; ``whole`` keeps a hash or path fit to be copied."""
    if whole:
        console().print(f" {label:<{_LABEL_WIDTH}}{escaped(value)}", soft_wrap=True)
        return
    indent = "\n" + " " * (_LABEL_WIDTH + 1)
    lines = wrap(value, max(console().width - _LABEL_WIDTH - 1, 20), break_on_hyphens=False)
    console().print(f" {label:<{_LABEL_WIDTH}}{escaped(indent.join(lines))}", soft_wrap=True)


@contextmanager
def progress(text: str) -> Iterator[Callable[[int, int], None]]:
    """A bar for work counted in bytes (done, total), on standard error and only where somebody watches."""
    target = errors()
    if not target.is_terminal:
        yield lambda done, total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=target, transient=True) as bar:
        task = bar.add_task(text, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def counting(text: str) -> Iterator[Callable[[int, int], None]]:
    """A bar for work counted in steps (done, total), on standard error and only where somebody watches.

    It appears with the second step that is told: what is done at once shows nothing.
    """
    target = errors()
    if not target.is_terminal:
        yield lambda done, total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=target, transient=True) as bar:
        task = bar.add_task(text, total=None, visible=False)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, visible=done < total)

        yield tell


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """A sign of life for work that cannot be counted, on standard error and only where somebody watches."""
    target = errors()
    if not target.is_terminal:
        yield
        return
    with target.status(text):
        yield


def table(*columns: str, title: str | None = None, wide: str | None = None) -> Table:
    """A table in the house style; the column ``wide`` keeps long Dutch words whole, at the cost of the others."""
    made = Table(title=title, title_justify="left", title_style="bold", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold", min_width=_LONG_WORD if column == wide else None)
    return made


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return str(value)


def escaped(text: str) -> str:
    """The text as rich prints it to the letter: brackets in names and titles are no markup.

    Titles and file names come from others: characters that steer a terminal or turn text around are shown as �.
    """
    return escape("".join("�" if _steers(one) else one for one in text))


def _steers(character: str) -> bool:
    return character in _DIRECTIONS or (category(character) == "Cc" and character not in "\n\t")
