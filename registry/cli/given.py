"""What people write on the command line, as values: digests, days, files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from registry.dossier import document_digest
from registry.dossier.fields import FIRST_DAY, LAST_DAY
from registry.dossier.terms import last_second_of_day, start_of_day
from registry.errors import UsageError
from registry.model import NO_HASH


def digest(text: str | None) -> bytes:
    """The digest of a cited decision or of evidence: of a file (its SHA-256), or given in 64 hexadecimal digits."""
    if text is None:
        return NO_HASH
    digits = text.removeprefix("0x")
    if len(digits) == 64 and set(digits.lower()) <= set("0123456789abcdef"):
        return bytes.fromhex(digits)
    if text.startswith("0x"):
        raise UsageError(f"{text} is not a digest", hint="write 0x and 64 hexadecimal digits, or name a file")
    return document_digest(Path(text))


def first_second(text: str) -> int:
    """The first second of a day, in the Netherlands."""
    return start_of_day(_day(text))


def last_second(text: str) -> int:
    """The last second of a day, in the Netherlands."""
    return last_second_of_day(_day(text))


def is_file(text: str) -> bool:
    """Whether a person means a file rather than a hash: it has a dot or a slash, or it is there."""
    return "." in text or "/" in text or (not text.startswith("0x") and Path(text).is_file())


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a day", hint="write it as 2026-12-31") from error
    if not FIRST_DAY <= day <= LAST_DAY:
        raise UsageError(f"{day} is out of range", hint=f"the register knows {FIRST_DAY} to {LAST_DAY}")
    return day
