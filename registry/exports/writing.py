"""Files that appear whole or not at all, under the name that was asked for."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from registry.errors import StorageError, UsageError

STANDARD_OUTPUT = Path("-")
"""The name that means standard output."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written: its length in bytes and its SHA-256."""

    path: Path
    size: int
    sha256: bytes


def require_free(path: Path, *, force: bool) -> None:
    """UsageError unless something can be written there: nothing stands there, or a file that may be replaced.

    To be asked before the work begins; :func:`new_file` asks again at its end.
    """
    if path == STANDARD_OUTPUT:
        return
    if path.is_dir():
        raise UsageError(f"{path} is a folder", hint="name a file in it")
    if path.exists() and not path.is_file():
        raise UsageError(f"{path} is not an ordinary file", hint="name another, or - for standard output")
    if not force and (path.exists() or path.is_symlink()):
        raise UsageError(f"{path} exists already", hint="name another file, or replace it with --force")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}", hint="make it first, or name a file somewhere else")


@contextmanager
def new_file(path: Path, *, force: bool = False) -> Iterator[BinaryIO]:
    """A file to write, which gets its name when the block ends without an error, and is gone if it does not.

    It is written beside its place, through to the disk. The path ``-`` is standard output, where nothing can be taken
    back. UsageError as :func:`require_free`; StorageError if the disk is full or the folder cannot be written.
    """
    if path == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    require_free(path, force=force)
    place = path.resolve()  # a link keeps pointing to what is replaced
    partial = place.with_name(f".{place.name[:200]}.{secrets.token_hex(4)}.part")
    with _told(path):
        try:
            with partial.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            require_free(path, force=force)
            partial.replace(place)
        except BaseException:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise


def described(path: Path) -> Written:
    """The length and digest of a file that was written."""
    with _told(path), path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
        return Written(path, os.fstat(file.fileno()).st_size, digest)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            hint = "make room, or name a file on another disk; nothing was left behind"
        else:
            hint = "name a file in a folder that you can write in"
        raise StorageError(f"cannot write {path}: {why}", hint=hint) from error
