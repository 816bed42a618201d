"""Reasons for saying no: the text stays with whoever gives it, its salted digest goes on the chain."""

from __future__ import annotations

import json
from pathlib import Path

from registry.cli.session import Session
from registry.errors import StorageError
from registry.model import NO_HASH
from registry.service import reason_digest


def keep(session: Session, subject: bytes, reason: str) -> tuple[bytes, Path | None]:
    """The digest of a reason for the act or motion of this hash, and the file that now holds its text and salt.

    Before the digest goes on chain: a digest whose text is lost proves nothing. Without a reason: no digest, no file.
    """
    if not reason:
        return NO_HASH, None
    digest, salt = reason_digest(reason)
    # Named by the salt as well: an attempt that the contract refuses must not overwrite the reason that counted.
    path = session.settings.proposals / f"{subject.hex()}.{salt.hex()[:8]}.reason.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps({"reason": reason, "salt": salt.hex()}, ensure_ascii=False) + "\n", "utf-8")
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}") from error
    return digest, path
