"""How a listing that is longer than a page goes on."""

from __future__ import annotations

from registry.cli import output


def show_next(cursor: str | None) -> None:
    """Says how to see the rest, if there is any."""
    if cursor is not None:
        output.console().print(f"Er is meer. Herhaal de opdracht met: --after {cursor}", soft_wrap=True)
