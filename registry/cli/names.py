"""Titles and names as they fit in a line or a column."""

from __future__ import annotations

from collections.abc import Sequence

from registry import dutch
from registry.cli import output
from registry.dossier import Manifest
from registry.organisations import Directory

NOT_AT_HAND = "(dossier niet bij de hand)"


def title(manifest: Manifest | None) -> str:
    """What people call an agreement, ready to be printed."""
    return output.escaped(dutch.title(manifest)) if manifest else NOT_AT_HAND


def told(title: str | None, example: bool | None) -> str:
    """The same of what the index knows; None while the dossier is not at hand."""
    return NOT_AT_HAND if title is None else output.escaped(dutch.titled(title, example))


def brief(organisations: Sequence[str], directory: Directory) -> str:
    """Names short enough for a column: provinces and others keep their kind."""
    return ", ".join(directory.name(one).removeprefix("gemeente ") for one in organisations)
