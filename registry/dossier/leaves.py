"""The leaves of a dossier and the file that keeps them, ``leaves.json``.

A leaf is SHA-256(0x00 || salt || SHA-256(content)): the salt, 32 random bytes per file, keeps a guessable
document from being recognised by its hash. Whoever removes a file and its salt leaves nothing that points to
it, while the leaf still proves the other files (GDPR art. 17; EDPB guidelines 02/2025).
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from registry.dossier.fields import Digest, RelativePath
from registry.dossier.located import dotted
from registry.dossier.manifest import MAX_FILES
from registry.dossier.merkle import leaf_hash, tree_root
from registry.errors import DossierError

LEAVES = "leaves.json"
MANIFEST = "manifest.json"
MAX_BYTES = 4 << 20
_SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Leaf:
    """One document in the tree: its path, its salt (None once erased) and its leaf hash, 32 bytes each."""

    path: str
    salt: bytes | None
    leaf: bytes

    @property
    def is_erased(self) -> bool:
        """Whether the file and its salt were removed, so that only the hash is left."""
        return self.salt is None

    def matches(self, digest: bytes) -> bool:
        """Whether this leaf stands for the document with this SHA-256; never so when erased."""
        return self.salt is not None and document_leaf(self.salt, digest) == self.leaf


def document_leaf(salt: bytes, digest: bytes) -> bytes:
    """The leaf hash of a document from its salt (32 bytes) and the SHA-256 of its content."""
    return leaf_hash(salt + digest)


def new_leaf(path: str, digest: bytes) -> Leaf:
    """A leaf with a fresh salt."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return Leaf(path, salt, document_leaf(salt, digest))


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid")

    path: RelativePath
    salt: Digest | None
    leaf: Digest


class _Leaves(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: Literal[1]
    root: Digest
    leaves: list[_Record] = Field(min_length=2, max_length=MAX_FILES + 1)


def write_leaves(leaves: tuple[Leaf, ...]) -> bytes:
    """The bytes of leaves.json; leaf 0 is the manifest, leaf i the i-th file of the manifest."""
    records = [
        {"path": one.path, "salt": one.salt.hex() if one.salt else None, "leaf": one.leaf.hex()} for one in leaves
    ]
    root = tree_root([one.leaf for one in leaves])
    data = {"format": 1, "root": root.hex(), "leaves": records}
    return (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode()


def read_leaves(content: bytes, source: str) -> tuple[bytes, tuple[Leaf, ...]]:
    """The recorded root and the leaves, as yet unchecked against each other; DossierError if malformed."""
    if len(content) > MAX_BYTES:
        raise DossierError(f"{source} is larger than {MAX_BYTES} bytes", hint="fetch the dossier anew")
    try:
        record = _Leaves.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise DossierError(
            f"{source}: {dotted(first['loc'])}: {first['msg']}", hint="fetch the dossier anew"
        ) from error
    leaves = tuple(Leaf(one.path, one.salt, one.leaf) for one in record.leaves)
    if leaves[0].path != MANIFEST or leaves[0].is_erased:
        raise DossierError(f"{source}: the first leaf must be {MANIFEST} with its salt")
    return record.root, leaves
