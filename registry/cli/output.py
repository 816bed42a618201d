"""What a command prints: one JSON document for machines, or text and tables for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from registry.errors import RegistryError

Json = Mapping[str, object] | Sequence[object]


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


def table(*columns: str, title: str | None = None) -> Table:
    """A table in the house style."""
    made = Table(title=title, title_justify="left", title_style="bold", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return str(value)


def escaped(text: str) -> str:
    """The text as rich prints it to the letter: brackets in names and titles are no markup."""
    return escape(text)
