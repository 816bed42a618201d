"""A built dossier: a folder with manifest.json, leaves.json and the files, named by one root."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from registry.dossier.leaves import LEAVES, MANIFEST, MAX_BYTES, Leaf, read_leaves
from registry.dossier.manifest import ListedFile, Manifest
from registry.dossier.merkle import inclusion_proof
from registry.dossier.streams import storage_errors
from registry.errors import DossierError


@dataclass(frozen=True, slots=True)
class Dossier:
    """The documents of one act; ``root`` is 32 bytes, leaf 0 is the manifest, leaf i is file i-1."""

    root: bytes
    manifest: Manifest
    leaves: tuple[Leaf, ...]
    folder: Path

    @property
    def erased(self) -> tuple[str, ...]:
        """The paths whose file and salt were removed; their leaves are taken as recorded."""
        return tuple(leaf.path for leaf in self.leaves if leaf.is_erased)

    def path(self, index: int) -> Path:
        """Where the document of this leaf is on disk."""
        return self.folder / self.leaves[index].path

    def listed(self) -> Iterator[tuple[Leaf, ListedFile | None]]:
        """Each leaf with what the manifest says of it: nothing of the manifest itself."""
        return zip(self.leaves, (None, *self.manifest.files), strict=True)

    def size(self, index: int) -> int | None:
        """The size of the document of this leaf; None if it is missing, which is for ``check`` to complain about."""
        path = self.path(index)
        with storage_errors(path, "read"), suppress(FileNotFoundError):  # erased at this very moment
            return path.stat().st_size if path.is_file() else None
        return None

    def proof(self, index: int) -> tuple[bytes, ...]:
        """The hashes that lead from this leaf to the root; IndexError when there is no such leaf."""
        return inclusion_proof([leaf.leaf for leaf in self.leaves], index)


def read_parts(folder: Path) -> tuple[bytes, tuple[Leaf, ...], bytes]:
    """The recorded root, the leaves and the bytes of manifest.json, unchecked; DossierError if not there."""
    with storage_errors(folder, "read"):
        if not folder.is_dir():
            raise DossierError(f"{folder} is not a folder", hint="name the folder that holds manifest.json")
    root, leaves = read_leaves(_content(folder / LEAVES), str(folder / LEAVES))
    return root, leaves, _content(folder / MANIFEST)


def _content(path: Path) -> bytes:
    with storage_errors(path, "read"):
        if not path.is_file():
            raise DossierError(
                f"{path} is missing", hint="a dossier holds manifest.json, leaves.json and the files it lists"
            )
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
