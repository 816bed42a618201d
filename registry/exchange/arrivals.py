"""A dossier that arrives leaf by leaf, from a partner's service or from whoever sends it here.

It is put together in a folder of its own beside its place in the store: ``.arriving-ROOT``. Each document is hashed
while it is written, and stays only if it is what its leaf says; so what a broken transfer leaves behind is worth
something, and the next one goes on from there. The dossier gets its place once all of it was found right, at once.

Names of files come from the manifest and are held against its rules before anything is written: none leads outside the
folder. Nothing is ever unpacked: documents travel one by one and archives among them are bytes like others.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from registry.dossier import Dossier, Leaf, Store, check, read_canonical, tree_root
from registry.dossier.erasing import gone_from, require_not_erased, without_erased
from registry.dossier.leaves import LEAVES, MANIFEST, read_leaves, write_leaves
from registry.dossier.manifest import Manifest
from registry.dossier.reading import MAX_BYTES as LARGEST_MANIFEST
from registry.dossier.rules import same_file
from registry.dossier.streams import storage_errors, sync_folder, write_file
from registry.errors import DossierError, ManifestError, StorageError, UnavailableError
from registry.exchange.limits import LIMITS, Limits

_PREFIX = ".arriving-"
_ABANDONED_AFTER = 7 * 24 * 3600


class MismatchError(DossierError):
    """What arrived is not what the root says."""


@dataclass
class Arriving:
    """A dossier on its way in; made by :func:`arriving`, which lets nobody else write to it meanwhile."""

    store: Store
    root: bytes
    home: Path
    limits: Limits
    leaves: tuple[Leaf, ...] = ()
    manifest: Manifest | None = None
    withheld: tuple[str, ...] = ()
    """The paths whose documents the sender has erased, and we have not."""
    _done: set[int] = field(default_factory=set)
    _size: int = 0

    @property
    def folder(self) -> Path:
        """Where it is put together."""
        return self.home / "dossier"

    @property
    def missing(self) -> tuple[int, ...]:
        """The leaves whose documents have not arrived, in order; those that were erased there are not waited for."""
        return tuple(index for index, leaf in enumerate(self.leaves) if not leaf.is_erased and index not in self._done)

    def begin(self, content: bytes) -> None:
        """Takes in the leaves; MismatchError if they are not those of the root.

        What arrived before stays if it was under the same leaves.
        """
        told = _checked_leaves(content, self.root)
        # What was erased here from a copy that is gone does not come back with another.
        self.leaves = without_erased(self.store, self.root, told)
        gone_here = gone_from(self.store, self.root)
        self.withheld = tuple(one.path for i, one in enumerate(told) if one.is_erased and i not in gone_here)
        content = content if self.leaves == told else write_leaves(self.leaves)
        place = self.folder / LEAVES
        known = place.read_bytes() if place.is_file() else None
        if known is not None and known != content:
            self._take_over(content)
        elif known is None:
            with storage_errors(self.folder, "write"):
                self.folder.mkdir(parents=True, exist_ok=True)
            write_file(place, content)
        self._look()

    def resume(self) -> bool:
        """Goes on where an earlier transfer stopped; whether there was one."""
        place = self.folder / LEAVES
        if not place.is_file():
            return False
        self.leaves = _checked_leaves(place.read_bytes(), self.root)
        self._look()
        return True

    def size_so_far(self, index: int) -> int:
        """How many bytes of a document are here already, as yet unchecked."""
        part = self._part(index)
        return part.stat().st_size if part.is_file() else 0

    def write(self, index: int, start: int, pieces: Iterable[bytes]) -> None:
        """Takes in a document from a byte on; what came before it must be here.

        MismatchError if it is not the document of that leaf: nothing of it stays. What was written when the pieces
        break off stays for the next time.
        """
        leaf = self._wanted(index)
        part = self._part(index)
        digest, size = sha256(), 0
        most = min(self.limits.file_bytes, self.limits.dossier_bytes - self._size)
        if index == 0:
            most = min(most, LARGEST_MANIFEST)
        with storage_errors(part, "write"):
            part.parent.mkdir(parents=True, exist_ok=True)
            with part.open("r+b" if start else "wb") as stream:
                stream.truncate(start)
                while size < start and (known := stream.read(min(1 << 20, start - size))):
                    digest.update(known)
                    size += len(known)
                if size < start:
                    raise MismatchError(f"the first {start} bytes of {leaf.path} are not here")
                for piece in pieces:
                    size += len(piece)
                    if size > most:
                        stream.close()
                        part.unlink()
                        raise MismatchError(f"{leaf.path} is larger than the {most} bytes that are taken in")
                    self._require_room(len(piece))
                    stream.write(piece)
                    digest.update(piece)
                stream.flush()
                os.fsync(stream.fileno())
        if not leaf.matches(digest.digest()):
            part.unlink(missing_ok=True)
            raise MismatchError(f"{leaf.path} is not what its leaf 0x{leaf.leaf.hex()} says: its content differs")
        self._settle(index, part)

    def finish(self) -> Dossier:
        """Gives the dossier its place in the store, once all of it is here and was checked anew, to the last byte.

        DossierError if it is not whole, or was erased here before.
        """
        if self.missing:
            raise DossierError(f"{len(self.missing)} documents of the dossier 0x{self.root.hex()} have not arrived")
        require_not_erased(self.store, self.root)
        check(self.folder, self.root)
        if self.store.place(self.root).exists():
            return self.store.get(self.root)
        kept = self.store.keep(self.folder, self.root)
        shutil.rmtree(self.home, ignore_errors=True)
        return kept

    def _wanted(self, index: int) -> Leaf:
        if not 0 <= index < len(self.leaves):
            raise DossierError(f"the dossier has no leaf {index}", hint=f"it has leaves 0 to {len(self.leaves) - 1}")
        if self.leaves[index].is_erased:
            raise DossierError(f"{self.leaves[index].path} is marked as erased, so it is not taken in")
        if index and self.manifest is None:
            raise DossierError(f"{MANIFEST} comes first: leaf 0")
        return self.leaves[index]

    def _settle(self, index: int, part: Path) -> None:
        leaf = self.leaves[index]
        if index == 0:
            self.manifest = self._manifest(part)
        place = self.folder / leaf.path
        with storage_errors(place, "write"):
            place.parent.mkdir(parents=True, exist_ok=True)
            self._size += part.stat().st_size
            part.rename(place)
            sync_folder(place.parent)
        self._done.add(index)

    def _manifest(self, part: Path) -> Manifest:
        try:
            manifest = read_canonical(part.read_bytes(), MANIFEST)
        except ManifestError as error:
            part.unlink(missing_ok=True)
            raise MismatchError(f"the manifest cannot be used: {error.message}") from error
        if [one.path for one in self.leaves[1:]] != [one.path for one in manifest.files]:
            part.unlink(missing_ok=True)
            raise MismatchError(f"the paths in {LEAVES} are not the files of {MANIFEST}, in that order")
        return manifest

    def _take_over(self, content: bytes) -> None:
        """Other leaves with the same root: another salt cannot be, so one of them has something erased."""
        place = self.folder / LEAVES
        with storage_errors(place, "write"):
            for index, leaf in enumerate(self.leaves):
                if leaf.is_erased:
                    (self.folder / leaf.path).unlink(missing_ok=True)
                    self._part(index).unlink(missing_ok=True)
            place.unlink()
        write_file(place, content)

    def _look(self) -> None:
        self._done, self.manifest = set(), None
        self._size = sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())
        for index, leaf in enumerate(self.leaves):
            if (self.folder / leaf.path).is_file() and not leaf.is_erased:
                self._done.add(index)
        if 0 in self._done:
            self.manifest = self._manifest(self.folder / MANIFEST)

    def _part(self, index: int) -> Path:
        return self.home / "parts" / str(index)

    def _require_room(self, count: int) -> None:
        if shutil.disk_usage(self.store.folder).free - count < self.limits.free_bytes:
            raise StorageError(
                f"{self.store.folder}: too little is free on the disk to take in a dossier",
                hint="free some space, or set another folder for dossiers",
            )


def _checked_leaves(content: bytes, root: bytes) -> tuple[Leaf, ...]:
    try:
        recorded, leaves = read_leaves(content, LEAVES)
    except DossierError as error:
        raise MismatchError(error.message) from error
    found = tree_root([one.leaf for one in leaves])
    if found != root or recorded != root:
        raise MismatchError(f"the leaves give the root 0x{found.hex()}, not 0x{root.hex()}")
    names = [same_file(one.path) for one in leaves]
    taken = {*names, same_file(LEAVES)}
    folders = {"/".join(one.split("/")[:count]) for one in names for count in range(1, one.count("/") + 1)}
    if len(taken) != len(names) + 1 or taken & folders:
        raise MismatchError("two documents of the dossier would have the same place")
    return leaves


@contextmanager
def arriving(store: Store, root: bytes, limits: Limits = LIMITS) -> Iterator[Arriving]:
    """A dossier on its way in, for this process and thread alone; what has arrived stays, unless it is finished.

    UnavailableError if another is at it, DossierError if it was erased here, StorageError when a disk fails.
    """
    require_not_erased(store, root)
    home = store.folder / f"{_PREFIX}{root.hex()}"
    with storage_errors(store.folder, "write"):
        store.folder.mkdir(parents=True, exist_ok=True)
        home.mkdir(exist_ok=True)
        lock = os.open(store.folder / f"{home.name}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UnavailableError(
                f"the dossier 0x{root.hex()} is arriving already", hint="wait until that is done, or has failed"
            ) from error
        yield Arriving(store, root, home, limits)
    finally:
        os.close(lock)


def sweep(store: Store) -> None:
    """Removes what arrived in part and was not gone on with for a week."""
    for path in store.folder.glob(f"{_PREFIX}*"):
        try:
            if time.time() - path.stat().st_mtime > _ABANDONED_AFTER:
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        except OSError:
            continue
