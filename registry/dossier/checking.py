"""Is this folder the dossier that it says it is: every hash recomputed, every deviation named."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from registry.dossier.leaves import LEAVES, MANIFEST, Leaf, document_leaf
from registry.dossier.manifest import Manifest
from registry.dossier.merkle import tree_root
from registry.dossier.reading import read_canonical
from registry.dossier.record import Dossier, read_parts
from registry.dossier.streams import file_digest, storage_errors
from registry.errors import DossierError, ManifestError

_DESKTOP_LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
"""Left behind by file browsers; no one takes them for a document."""


def check(folder: Path, root: bytes | None = None) -> Dossier:
    """The dossier in this folder after recomputing all of it; ``root`` is the one that was agreed, if known.

    DossierError names every deviation. An erased leaf is taken as recorded and listed in ``erased``.
    """
    recorded, leaves, content = read_parts(folder)
    manifest, deviations = _manifest(folder, leaves, content)
    deviations += _roots(recorded, leaves, root)
    deviations += _files(folder, leaves)
    deviations += _extra(folder, leaves)
    return _settled(folder, recorded, manifest, leaves, deviations)


def load(folder: Path, root: bytes | None = None) -> Dossier:
    """The dossier in this folder, its manifest, leaves and root checked, its files not read."""
    recorded, leaves, content = read_parts(folder)
    manifest, deviations = _manifest(folder, leaves, content)
    deviations += _roots(recorded, leaves, root)
    return _settled(folder, recorded, manifest, leaves, deviations)


def escapes(folder: Path, path: str) -> bool:
    """Whether the path leads, over a link, to a place outside the folder."""
    home, place = os.path.realpath(folder), os.path.realpath(folder / path)
    return not Path(place).is_relative_to(home)


def _settled(
    folder: Path, root: bytes, manifest: Manifest | None, leaves: tuple[Leaf, ...], deviations: list[str]
) -> Dossier:
    if deviations or manifest is None:
        lines = "\n".join(f"- {one}" for one in deviations)
        raise DossierError(
            f"{folder} is not the dossier that was agreed:\n{lines}",
            hint="ask another party for its copy of the dossier",
        )
    return Dossier(root, manifest, leaves, folder)


def _manifest(folder: Path, leaves: tuple[Leaf, ...], content: bytes) -> tuple[Manifest | None, list[str]]:
    deviations = list(_mismatch(leaves[0], sha256(content).digest()))
    try:
        manifest = read_canonical(content, str(folder / MANIFEST))
    except ManifestError as error:
        return None, [*deviations, error.message]
    listed = [MANIFEST, *(file.path for file in manifest.files)]
    if [leaf.path for leaf in leaves] != listed:
        deviations.append(f"{LEAVES}: its paths are not the files of {MANIFEST}, in that order")
    return manifest, deviations


def _roots(recorded: bytes, leaves: tuple[Leaf, ...], expected: bytes | None) -> Iterator[str]:
    found = tree_root([leaf.leaf for leaf in leaves])
    if found != recorded:
        yield f"{LEAVES}: its root is {recorded.hex()}, its leaves give {found.hex()}"
    if expected is not None and expected != recorded:
        yield f"expected root {expected.hex()}, found the dossier with root {recorded.hex()}"


def _files(folder: Path, leaves: tuple[Leaf, ...]) -> Iterator[str]:
    for leaf in leaves[1:]:
        path = folder / leaf.path
        with storage_errors(path, "read"):
            present = os.path.lexists(path)
            outside = present and escapes(folder, leaf.path)
            regular = present and path.is_file()
        if leaf.is_erased:
            if present:
                yield f"{leaf.path}: is marked as erased, yet the file is still there"
        elif not present:
            yield f"{leaf.path}: missing; expected leaf {leaf.leaf.hex()}"
        elif outside:
            yield f"{leaf.path}: is a link to a place outside the folder"
        elif not regular:
            yield f"{leaf.path}: is not a file"
        else:
            yield from _mismatch(leaf, file_digest(path))


def _mismatch(leaf: Leaf, digest: bytes) -> Iterator[str]:
    if leaf.salt is not None and not leaf.matches(digest):
        found = document_leaf(leaf.salt, digest)
        yield f"{leaf.path}: expected leaf {leaf.leaf.hex()}, found {found.hex()}: its content differs"


def _extra(folder: Path, leaves: tuple[Leaf, ...]) -> Iterator[str]:
    known = {LEAVES, *(leaf.path for leaf in leaves)}
    with storage_errors(folder, "read"):
        for place, folders, files in os.walk(folder, onerror=_raise):
            links = [name for name in folders if (Path(place) / name).is_symlink()]
            for name in sorted(files + links):
                path = (Path(place) / name).relative_to(folder).as_posix()
                if path not in known and name not in _DESKTOP_LITTER and not name.startswith("._"):
                    yield f"{path}: is not part of the dossier: remove it"


def _raise(error: OSError) -> None:
    raise error
