"""Dossiers: the documents of an act, named together by one root.

``prepare`` checks a folder with a manifest, ``build`` puts it in a ``Store``, ``check`` recomputes a built
dossier, ``new`` starts a manifest. The format is described in docs/dossier.md.
"""

from registry.dossier.building import Progress, build, prepare
from registry.dossier.checking import check, load
from registry.dossier.leaves import Leaf, document_leaf
from registry.dossier.listing import unlisted_files
from registry.dossier.manifest import (
    Commitment,
    Kind,
    ListedFile,
    Manifest,
    Organ,
    Party,
    Role,
    Visibility,
    manifest_schema,
)
from registry.dossier.merkle import inclusion_proof, tree_root, verify_inclusion
from registry.dossier.reading import find_manifest, read_canonical, read_manifest
from registry.dossier.record import Dossier
from registry.dossier.store import DocumentMatch, Store
from registry.dossier.streams import document_digest
from registry.dossier.template import new
from registry.dossier.terms import SECONDS_PER_DAY, Terms, day_of

__all__ = [
    "SECONDS_PER_DAY",
    "Commitment",
    "DocumentMatch",
    "Dossier",
    "Kind",
    "Leaf",
    "ListedFile",
    "Manifest",
    "Organ",
    "Party",
    "Progress",
    "Role",
    "Store",
    "Terms",
    "Visibility",
    "build",
    "check",
    "day_of",
    "document_digest",
    "document_leaf",
    "find_manifest",
    "inclusion_proof",
    "load",
    "manifest_schema",
    "new",
    "prepare",
    "read_canonical",
    "read_manifest",
    "tree_root",
    "unlisted_files",
    "verify_inclusion",
]
