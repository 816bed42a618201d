"""Where a document occurs: dossiers at hand by its SHA-256, and the acts that brought them in; and what may be told
of dossiers to everybody.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, select

from registry.index import schema
from registry.index.answers import At

_DOCUMENTS, _ACTS = schema.documents, schema.acts

_MOST = 50
"""How many places are looked at: the same file may lie in many dossiers, and one dossier in acts of strangers."""


def places_of(connection: Connection, digest: bytes) -> list[tuple[bytes, int]]:
    """The dossiers that hold the document with this SHA-256, by root, and as which leaf."""
    return [(row.root, row.leaf) for row in connection.execute(_PLACES, {"digest": digest, "most": _MOST})]


def agreements_with(connection: Connection, at: At, dossier: bytes) -> list[bytes]:
    """The agreements that have an act with this dossier, in the order in which it was recorded."""
    rows = connection.scalars(_AGREEMENTS, {"dossier": dossier, "block": at.known_block, "most": _MOST})
    return list(dict.fromkeys(rows))


def public_manifests(connection: Connection, roots: Iterable[bytes]) -> dict[bytes, dict[str, object]]:
    """The manifests at hand of those of these dossiers that are open to everybody, by root."""
    wanted = sorted(set(roots))
    if not wanted:
        return {}
    rows = connection.execute(_PUBLIC, {"roots": wanted})
    found = {row.root: json.loads(row.manifest) for row in rows}
    return {root: told for root, told in found.items() if told["visibility"] == "public"}


def public_commitments(connection: Connection, agreements: Iterable[bytes]) -> set[tuple[bytes, bytes]]:
    """The commitments of these agreements, by agreement and id, whose dossier is open to everybody."""
    wanted = sorted(set(agreements))
    if not wanted:
        return set()
    rows = connection.execute(_STATED, {"agreements": wanted}).all()
    public = public_manifests(connection, (row.dossier for row in rows))
    # The latest act that states one says what is told of it.
    latest = {(row.agreement, row.id): row.dossier for row in rows}
    return {key for key, dossier in latest.items() if dossier in public}


_PUBLIC = select(schema.dossiers.c.root, schema.dossiers.c.manifest).where(
    schema.dossiers.c.root.in_(bindparam("roots", expanding=True)), schema.dossiers.c.manifest.contains('"public"')
)
_STATED = (
    select(schema.commitments.c.agreement, schema.commitments.c.id, _ACTS.c.dossier)
    .select_from(schema.commitments.join(_ACTS, _ACTS.c.act_hash == schema.commitments.c.act_hash))
    .where(schema.commitments.c.agreement.in_(bindparam("agreements", expanding=True)))
    .order_by(schema.commitments.c.agreement, _ACTS.c.number)
)
_PLACES = (
    select(_DOCUMENTS.c.root, _DOCUMENTS.c.leaf)
    .where(_DOCUMENTS.c.digest == bindparam("digest"))
    .order_by(_DOCUMENTS.c.root, _DOCUMENTS.c.leaf)
    .limit(bindparam("most"))
)
_AGREEMENTS = (
    select(_ACTS.c.agreement)
    .where(_ACTS.c.dossier == bindparam("dossier"), _ACTS.c.block <= bindparam("block"))
    .order_by(_ACTS.c.block, _ACTS.c.log_index)
    .limit(bindparam("most"))
)
