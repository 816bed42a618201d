"""Which node is meant where none is named: the local chain that runs."""

from __future__ import annotations

from pathlib import Path

from registry.errors import ChainError
from registry.localnet.process import status


def node_url(told: str | None, folder: Path) -> str:
    """The address that was told, or else that of the local chain of this folder; ChainError if none runs there."""
    if told:
        return told
    running = status(folder)
    if running is None:
        raise ChainError(
            "no node is named and no local chain is running",
            hint="start one (foodvalley chain up), or name a node (--node URL, FOODVALLEY_NODE)",
        )
    return running.url
