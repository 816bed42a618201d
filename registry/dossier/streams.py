"""Reading and writing files in pieces, with what the disk says turned into a sentence."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from registry.errors import DossierError, StorageError, UsageError

CHUNK = 1 << 20
"""Bytes held in memory at a time, whatever the size of a file."""

_REMEDIES = {
    errno.ENOSPC: ("the disk is full", "free some space, or set another folder for dossiers"),
    errno.EDQUOT: ("the disk quota is used up", "free some space, or set another folder for dossiers"),
    errno.EACCES: ("permission denied", "ask for access, or set another folder for dossiers"),
    errno.EPERM: ("not permitted", "ask for access, or set another folder for dossiers"),
    errno.EROFS: ("the disk is read-only", "set another folder for dossiers"),
    errno.ENOENT: ("it is not there", "check the name, and that the disk or network folder is connected"),
    errno.EIO: ("the disk reports an error", "copy the files to another disk and try again"),
}


@dataclass(frozen=True, slots=True)
class Copied:
    """What was read while copying: the SHA-256 of the content and its size in bytes."""

    digest: bytes
    size: int


@contextmanager
def storage_errors(path: Path, verb: str) -> Iterator[None]:
    """Turns an OSError into a StorageError that names the path: "cannot read …: permission denied"."""
    try:
        yield
    except OSError as error:
        reason, hint = _REMEDIES.get(error.errno or 0, (error.strerror or str(error), None))
        raise StorageError(f"cannot {verb} {error.filename or path}: {reason}", hint=hint) from error


def chunks(path: Path) -> Iterator[bytes]:
    """The content of a file in pieces of at most 1 MiB; StorageError when it cannot be read."""
    with storage_errors(path, "read"), path.open("rb", buffering=0) as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def file_digest(path: Path) -> bytes:
    """The SHA-256 of a file, in constant memory."""
    digest = sha256()
    for chunk in chunks(path):
        digest.update(chunk)
    return digest.digest()


def document_digest(path: Path) -> bytes:
    """The SHA-256 of a document in someone's hands, to look it up.

    UsageError when there is no such file, DossierError when it is empty, StorageError when unreadable.
    """
    with storage_errors(path, "read"):
        if not path.exists():
            raise UsageError(f"there is no file {path}", hint="check the name and the folder")
        if not path.is_file():
            raise UsageError(f"{path} is not a file", hint="name one document, not a folder")
        size = path.stat().st_size
    if size == 0:
        raise DossierError(f"{path} is empty", hint="it may have been copied before it was complete")
    return file_digest(path)


def copy_file(source: Path, target: Path, advance: Callable[[int], None]) -> Copied:
    """Copies a file onto the disk while hashing it: one read, constant memory; ``target`` must be new."""
    digest, size = sha256(), 0
    with storage_errors(target, "write"):
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb", buffering=0) as stream:
            for chunk in chunks(source):
                _write_all(stream.fileno(), chunk)
                digest.update(chunk)
                size += len(chunk)
                advance(len(chunk))
            os.fsync(stream.fileno())
    return Copied(digest.digest(), size)


def write_file(target: Path, content: bytes) -> None:
    """Writes a new file onto the disk."""
    with storage_errors(target, "write"), target.open("xb", buffering=0) as stream:
        _write_all(stream.fileno(), content)
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Puts the names in a folder on the disk, so that they outlive a power cut."""
    with storage_errors(folder, "write"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _write_all(descriptor: int, content: bytes) -> None:
    """A single write may take only part of the bytes, as happens just before a disk is full."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
