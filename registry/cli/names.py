"""Titles and names as they fit in a line or a column."""

from __future__ import annotations

from collections.abc import Sequence

from registry import dutch
from registry.cli import output
from registry.dossier import Manifest
from registry.organisations import Directory


def title(manifest: Manifest | None) -> str:
    """What people call an agreement, ready to be printed."""
    return output.escaped(dutch.title(manifest)) if manifest else "(dossier niet bij de hand)"


def brief(organisations: Sequence[str], directory: Directory) -> str:
    """Names short enough for a column: provinces and others keep their kind."""
    return ", ".join(directory.name(one).removeprefix("gemeente ") for one in organisations)
