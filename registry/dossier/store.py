"""The folder in which an organisation keeps its dossiers: one folder per dossier, named by its root.

A dossier appears whole or not at all: it is put together in a temporary folder beside its place, written
through to the disk, and renamed.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from registry.dossier.checking import check, load
from registry.dossier.erasing import require_not_erased, without_erased
from registry.dossier.leaves import LEAVES, Leaf, write_leaves
from registry.dossier.manifest import Manifest
from registry.dossier.record import Dossier
from registry.dossier.streams import copy_file, file_digest, storage_errors, sync_folder, write_file
from registry.errors import DossierError, NotFoundError

_ROOT = re.compile(r"[0-9a-f]{64}")
_STAGING = ".staging-"
_ABANDONED_AFTER = 24 * 3600


@dataclass(frozen=True, slots=True)
class DocumentMatch:
    """A dossier that holds a document: as leaf ``index``, under ``path``."""

    dossier: Dossier
    index: int
    path: str


@dataclass(frozen=True, slots=True)
class Store:
    """The dossiers in one folder, which is made when the first one arrives; only its owner can read them."""

    folder: Path

    def place(self, root: bytes) -> Path:
        """Where the dossier with this root is or would be."""
        return self.folder / root.hex()

    def roots(self) -> tuple[bytes, ...]:
        """The roots of all dossiers here, ascending; nothing is read or checked."""
        with storage_errors(self.folder, "read"):
            if not self.folder.exists():
                return ()
            names = sorted(path.name for path in self.folder.iterdir() if _ROOT.fullmatch(path.name))
        return tuple(bytes.fromhex(name) for name in names)

    def get(self, root: bytes) -> Dossier:
        """The dossier with this root, its manifest and leaves checked; its files only ``check`` reads.

        NotFoundError when it is not here, DossierError when it is damaged.
        """
        if not self.place(root).is_dir():
            raise NotFoundError(
                f"there is no dossier {root.hex()} in {self.folder}",
                hint="ask a party of the agreement for the dossier and add it",
            )
        return load(self.place(root), root)

    def find(self, root: bytes) -> Dossier | None:
        """The dossier with this root as ``get`` has it; None when it is not here or damaged."""
        try:
            return self.get(root)
        except (NotFoundError, DossierError):
            return None

    def manifest(self, root: bytes) -> Manifest | None:
        """What the manifest of a dossier says, if it is here and sound."""
        dossier = self.find(root)
        return dossier.manifest if dossier else None

    def all(self) -> tuple[Dossier, ...]:
        """Every dossier here, ascending by root; DossierError at the first that is damaged."""
        return tuple(self.get(root) for root in self.roots())

    def sound(self) -> Iterator[Dossier]:
        """Every dossier here that is not damaged: one that is says nothing against the others."""
        return (one for one in map(self.find, self.roots()) if one is not None)

    def find_document(self, digest: bytes) -> list[DocumentMatch]:
        """Where the document with this SHA-256 occurs; what was erased can no longer be found."""
        return [
            DocumentMatch(dossier, index, leaf.path)
            for dossier in self.sound()
            for index, leaf in enumerate(dossier.leaves)
            if leaf.matches(digest)
        ]

    def same_as(self, source: Path, manifest: Manifest) -> Dossier | None:
        """A dossier here that was built from just this manifest and these files, if there is one.

        Building anew would give other salts, and so another root for the same text.
        """
        alike = [one for one in self.sound() if one.manifest == manifest and not one.erased]
        if not alike:
            return None
        digests = [file_digest(source / listed.path) for listed in manifest.files]
        fitting = (one for one in alike if all(map(Leaf.matches, one.leaves[1:], digests)))
        return next(fitting, None)

    def add(self, folder: Path, root: bytes | None = None) -> Dossier:
        """Takes in a dossier that was built elsewhere, once all of it is checked; ``root`` as in ``check``.

        Of a dossier that is already here the copy that is here stays, with what was erased from it.
        """
        arrived = check(folder, root)
        if self.place(arrived.root).exists():
            return self._checked_copy(arrived.root)
        leaves = without_erased(self, arrived.root, arrived.leaves)
        with self.staging() as staging:
            write_file(staging / LEAVES, write_leaves(leaves))
            for leaf in leaves:
                if not leaf.is_erased:
                    copy_file(folder / leaf.path, staging / leaf.path, lambda _: None)
            check(staging, arrived.root)
            return self.keep(staging, arrived.root)

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A temporary folder in the store that is gone afterwards, however the block ends, unless kept."""
        with storage_errors(self.folder, "write"):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._sweep()
            staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=self.folder))
        try:
            yield staging
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    def keep(self, staging: Path, root: bytes) -> Dossier:
        """Gives a complete dossier its place, all at once; RefusedError if it was erased here before."""
        require_not_erased(self, root)
        for place, _, _ in os.walk(staging, topdown=False):
            sync_folder(Path(place))
        with storage_errors(self.place(root), "write"):
            staging.rename(self.place(root))
        sync_folder(self.folder)
        return self.get(root)

    def _checked_copy(self, root: bytes) -> Dossier:
        try:
            return check(self.place(root), root)
        except DossierError as error:
            raise DossierError(
                error.message, hint=f"the copy here is damaged: move {self.place(root)} away and add again"
            ) from error

    def _sweep(self) -> None:
        """Removes what a process that was killed left behind; one that still runs is never a day old."""
        for path in self.folder.glob(f"{_STAGING}*"):
            if time.time() - path.stat().st_mtime > _ABANDONED_AFTER:
                shutil.rmtree(path, ignore_errors=True)
