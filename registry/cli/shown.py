"""A dossier as a document for machines, and what its lists on the screen are made of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from registry import dossier as dossiers
from registry.documents import Document, organisation
from registry.dossier import Dossier, ListedFile, Manifest
from registry.dossier.streams import storage_errors
from registry.dossier.terms import SECONDS_PER_DAY
from registry.organisations import Directory


def leaves_of(found: Dossier) -> Iterator[tuple[dossiers.Leaf, ListedFile | None]]:
    """Each leaf with what the manifest says of it: nothing of the manifest itself."""
    return zip(found.leaves, (None, *found.manifest.files), strict=True)


def size_of(path: Path) -> int | None:
    """The size of a document; None if it is missing, which is for 'check' to complain about."""
    with storage_errors(path, "read"):
        return path.stat().st_size if path.is_file() else None


def document(found: Dossier, directory: Directory) -> Document:
    """A dossier for machines; the salts stay where they are."""
    files = [
        {
            "index": index,
            "path": leaf.path,
            "role": listed.role.value if listed else None,
            "title": listed.title if listed else None,
            "size": size_of(found.path(index)),
            "leaf": leaf.leaf,
            "erased": leaf.is_erased,
        }
        for index, (leaf, listed) in enumerate(leaves_of(found))
    ]
    return {"root": found.root, "folder": str(found.folder)} | about(found.manifest, directory) | {"files": files}


def about(manifest: Manifest, directory: Directory) -> Document:
    """What a manifest says, in short and whole."""
    terms = manifest.terms()
    return {
        "title": manifest.title,
        "kind": manifest.kind.value,
        "example": manifest.example,
        "parties": [organisation(one.organisation, directory) | {"organ": one.organ.value} for one in manifest.parties],
        "validFrom": terms.valid_from,
        "validUntil": terms.valid_until or None,
        "noticeDays": terms.notice // SECONDS_PER_DAY,
        "deadline": terms.deadline or None,
        "manifest": json.loads(manifest.canonical()),
    }
