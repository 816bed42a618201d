"""Where an index is kept."""

from __future__ import annotations

from registry.index.records import Identity
from registry.settings import Settings


def url_of(settings: Settings, identity: Identity) -> str:
    """The database of the index of a register: the setting, or a file for each register in the folder ``index``."""
    name = f"{identity.chain_id}-{identity.register}.sqlite"
    return settings.index or f"sqlite:///{settings.home / 'index' / name}"
