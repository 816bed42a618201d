"""How much a partner may cost: bytes and seconds, whatever it sends."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one transfer of a dossier may take, and the least that must stay free on the disk."""

    file_bytes: int = 256 << 20
    dossier_bytes: int = 1 << 30
    free_bytes: int = 1 << 30
    connect_seconds: float = 10.0
    read_seconds: float = 20.0
    answer_seconds: float = 60.0
    """For a whole answer other than a file: a nonce, a session, leaves.json."""
    transfer_seconds: float = 1800.0
    """For all files of a dossier together; what is complete by then is kept for the next time."""


LIMITS = Limits()
