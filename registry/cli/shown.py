"""A dossier as a document for machines, and what its lists on the screen are made of."""

from __future__ import annotations

import json

from registry.documents import Document, organisation
from registry.dossier import Dossier, Manifest
from registry.dossier.terms import SECONDS_PER_DAY
from registry.organisations import Directory


def document(found: Dossier, directory: Directory) -> Document:
    """A dossier for machines; the salts stay where they are."""
    files = [
        {
            "index": index,
            "path": leaf.path,
            "role": listed.role.value if listed else None,
            "title": listed.title if listed else None,
            "size": found.size(index),
            "leaf": leaf.leaf,
            "erased": leaf.is_erased,
        }
        for index, (leaf, listed) in enumerate(found.listed())
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
