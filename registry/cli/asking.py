"""Asking a person before what cannot be undone."""

from __future__ import annotations

import sys

import typer

from registry.errors import UsageError


def is_sure(yes: bool, as_json: bool, dev: str | None) -> bool:
    """Whether nobody need be asked: they said so, or a script plays with development accounts."""
    return yes or (dev is not None and (as_json or not sys.stdin.isatty()))


def ask(question: str, *, sure: bool) -> None:
    """Lets a person think again before what cannot be undone; UsageError where nobody can answer."""
    if sure:
        return
    if not sys.stdin.isatty():
        raise UsageError("this cannot be undone, and there is nobody to ask", hint="say that you are sure with --yes")
    typer.confirm(question, abort=True, err=True)
