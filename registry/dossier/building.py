"""From a folder with a manifest and files to a dossier in the store."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from registry.dossier.leaves import LEAVES, MANIFEST, Leaf, new_leaf, write_leaves
from registry.dossier.listing import Listing, list_files, look_at, problem_at
from registry.dossier.located import Located
from registry.dossier.manifest import Manifest
from registry.dossier.merkle import tree_root
from registry.dossier.reading import find_manifest, read_manifest
from registry.dossier.record import Dossier
from registry.dossier.store import Store
from registry.dossier.streams import copy_file, write_file
from registry.errors import ManifestError
from registry.organisations import DIRECTORY, Directory

Progress = Callable[[int, int], None]
"""Called with the bytes done and the bytes in total."""


def prepare(source: Path, directory: Directory = DIRECTORY) -> Manifest:
    """The manifest in this folder after every check that ``build`` does before it copies; writes nothing."""
    manifest, located = read_manifest(find_manifest(source), directory)
    list_files(source, manifest, located)
    return manifest


def build(source: Path, store: Store, directory: Directory = DIRECTORY, progress: Progress | None = None) -> Dossier:
    """Copies the files of a manifest into the store, each with a fresh salt, and names them by one root.

    Every file is read once, in pieces. Building the same folder twice gives two roots, as salts differ.
    ManifestError names every fault in the manifest and its files; StorageError when a disk fails. Then, as
    after an interruption, nothing is left in the store.
    """
    manifest, located = read_manifest(find_manifest(source), directory)
    listings = list_files(source, manifest, located)
    with store.staging() as staging:
        canonical = manifest.canonical()
        write_file(staging / MANIFEST, canonical)
        files = _copy(listings, staging, manifest, located, progress or _silent)
        leaves = (new_leaf(MANIFEST, sha256(canonical).digest()), *files)
        write_file(staging / LEAVES, write_leaves(leaves))
        return store.keep(staging, tree_root([leaf.leaf for leaf in leaves]))


def _copy(
    listings: tuple[Listing, ...], staging: Path, manifest: Manifest, located: Located, progress: Progress
) -> list[Leaf]:
    total = sum(listing.size for listing in listings)
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        progress(done, total)

    leaves = []
    for index, (file, listing) in enumerate(zip(manifest.files, listings, strict=True)):
        copied = copy_file(listing.path, staging / file.path, advance)
        if copied.size != listing.size or look_at(listing.path) != listing:
            message = f"{file.path} changed while it was read: close it in other programs and build again"
            raise ManifestError(located.source, [problem_at(located, ("files", index, "path"), message)])
        leaves.append(new_leaf(file.path, copied.digest))
    return leaves


def _silent(done: int, total: int) -> None:
    """Progress that nobody watches."""
