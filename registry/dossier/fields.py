"""The kinds of value that a manifest holds: text, day, path, organisation, digest.

Every refusal is a sentence that says what to write instead, because it is shown to the person who wrote it.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, StringConstraints, ValidationInfo
from pydantic_core import PydanticCustomError

from registry.errors import NotFoundError
from registry.organisations import Directory, is_identifier

FIRST_DAY = date(1970, 1, 2)
"""The first day that begins, in the Netherlands, after the second from which the chain counts."""
LAST_DAY = date(9998, 12, 31)
LONGEST_NOTICE = (2**32 - 1) // 86_400
"""In days: the chain counts notice as seconds in 32 bits."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def refusal(message: str) -> PydanticCustomError:
    """A fault in one value, in words for the person who wrote it."""
    return PydanticCustomError("refused", "{reason}", {"reason": message})


def read_day(value: object) -> date:
    """A day from YYYY-MM-DD or a TOML date, never from a moment, which would need a zone."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise refusal(f"{value} is not a day of the calendar") from None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise refusal(f"{str(value)!r} is not a date: write it as 2026-12-31, without a time")
    if not FIRST_DAY <= value <= LAST_DAY:
        raise refusal(f"{value} is out of range: the register knows {FIRST_DAY} to {LAST_DAY}")
    return value


def read_organisation(value: object, directory: Directory | None) -> str:
    """The identifier that is meant; without a directory only an identifier will do, known or not."""
    if not isinstance(value, str):
        raise refusal("must be an organisation: an identifier such as gm0345, or a name between quotes")
    if directory is not None:
        try:
            return directory.find(value).id
        except NotFoundError as error:
            raise refusal(f"{error.message}: {error.hint}") from error
    if not is_identifier(value):
        raise refusal(f"{value!r} is not an organisation identifier such as gm0345")
    return value


def directory_of(info: ValidationInfo) -> Directory | None:
    """The directory given as validation context ``{"directory": …}``."""
    context: dict[str, Any] = info.context or {}
    directory = context.get("directory")
    return directory if isinstance(directory, Directory) else None


def _organisation(value: object, info: ValidationInfo) -> str:
    return read_organisation(value, directory_of(info))


def _relative_path(value: str) -> str:
    """A path that means the same file inside the folder on every system, and never one outside it."""
    if "\\" in value:
        raise refusal(f"{value!r} has a backslash: write folders with /, as in bijlagen/kaart.pdf")
    if value.startswith("/") or re.match(r"[A-Za-z]:", value):
        raise refusal(f"{value!r} must be relative to the folder of the manifest, as in bijlagen/kaart.pdf")
    if ".." in value.split("/"):
        raise refusal(f"{value!r} leads outside the folder: copy the file into it")
    if str(PurePosixPath(value)) != value or value == ".":
        raise refusal(f"{value!r} is not a plain path: leave out //, ./ and a / at the end")
    if not value.isprintable():
        raise refusal(f"{value!r} has invisible characters: rename the file")
    if any(len(part.encode()) > 255 for part in value.split("/")):
        raise refusal("has a name longer than 255 bytes: rename the file")
    return value


def _readable(value: str) -> str:
    if any(ord(character) < 32 and character not in "\n\t" for character in value):
        raise refusal("has control characters: type the text anew instead of pasting it")
    return value


def _one_line(value: str) -> str:
    if "\n" in value:
        raise refusal("must fit on one line")
    return _readable(value)


def _digest(value: object) -> bytes:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{64}", value):
        raise refusal("must be 64 small hexadecimal digits")
    return bytes.fromhex(value)


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), AfterValidator(_one_line)]
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000), AfterValidator(_readable)
]
Label = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,30}$")]
"""Short enough to fit in 32 bytes on the chain."""
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Day = Annotated[date, BeforeValidator(read_day)]
OrganisationId = Annotated[str, BeforeValidator(_organisation)]
RelativePath = Annotated[str, StringConstraints(min_length=1, max_length=400), AfterValidator(_relative_path)]
Digest = Annotated[bytes, BeforeValidator(_digest), PlainSerializer(bytes.hex, return_type=str)]
"""32 bytes, in files as 64 small hexadecimal digits without prefix, as ``sha256sum`` writes them."""
