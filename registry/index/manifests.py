"""What the manifests at hand say, joined to the acts: titles, kinds, words to find them by, commitments.

A manifest may come before its act or after; it leaves with its dossier. Only what changed since the last look is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select, update

from registry.dossier import Dossier, Manifest, Store
from registry.dossier.streams import file_digest
from registry.dossier.terms import start_of_next_day
from registry.errors import StorageError
from registry.index.buffer import chunks, insert
from registry.index.schema import JOINED, acts, commitments, documents, dossiers, terms
from registry.index.words import words
from registry.statements import commitment_id

WHOLE, DAMAGED = "whole", "damaged"


def take_in(connection: Connection, store: Store) -> None:
    """Brings the rows in line with the dossiers in the store."""
    here = set(store.roots())
    known = {row.root: row.state for row in connection.execute(select(dossiers.c.root, dossiers.c.state))}
    gone = [root for root in known if root not in here]
    # One that was damaged may have been replaced since.
    arrived = sorted(root for root in here if known.get(root) != WHOLE)
    for chunk in chunks([*gone, *(root for root in arrived if root in known)]):
        _forget(connection, chunk)
    for chunk in chunks(arrived, 100):
        _learn(connection, store, chunk)
    _join_new_acts(connection, store)


def _forget(connection: Connection, roots: Sequence[bytes]) -> None:
    mine = select(acts.c.act_hash).where(acts.c.dossier.in_(roots))
    for table in (commitments, terms):
        connection.execute(delete(table).where(table.c.act_hash.in_(mine)))
    nothing = {column.name: None for column in JOINED}
    connection.execute(update(acts).where(acts.c.dossier.in_(roots)).values(nothing))
    connection.execute(delete(documents).where(documents.c.root.in_(roots)))
    connection.execute(delete(dossiers).where(dossiers.c.root.in_(roots)))


def _learn(connection: Connection, store: Store, roots: Sequence[bytes]) -> None:
    for root in roots:
        dossier = store.find(root)
        manifest = dossier.manifest if dossier else None
        state = DAMAGED if manifest is None else WHOLE
        told = None if manifest is None else manifest.canonical().decode()
        insert(connection, dossiers, [[root, state, told]])
        if dossier is not None:
            insert(connection, documents, [[digest, root, leaf] for leaf, digest in _digests(dossier)])
        if manifest is not None:
            _join(connection, manifest, connection.execute(select(acts).where(acts.c.dossier == root)).all())


def _join_new_acts(connection: Connection, store: Store) -> None:
    """Joins what was recorded after its dossier came."""
    query = select(acts).join(dossiers, dossiers.c.root == acts.c.dossier)
    query = query.where((dossiers.c.state == WHOLE) & acts.c.title.is_(None))
    for row in connection.execute(query).all():
        manifest = store.manifest(row.dossier)
        if manifest is not None:
            _join(connection, manifest, [row])


def forget(connection: Connection, root: bytes) -> None:
    """Takes out all that stands here of a dossier; the next look takes in what is left of it in the store."""
    _forget(connection, [root])


def _digests(dossier: Dossier) -> Iterable[tuple[int, bytes]]:
    """The documents that are there and are what their leaves say, by leaf."""
    for number, leaf in enumerate(dossier.leaves):
        try:
            digest = None if leaf.is_erased else file_digest(dossier.path(number))
        except StorageError:
            continue
        if digest is not None and leaf.matches(digest):
            yield number, digest


def _join(connection: Connection, manifest: Manifest, rows: Iterable[Any]) -> None:
    told = {
        "title": manifest.title,
        "summary": manifest.summary,
        "kind": manifest.kind.value,
        "policy_area": manifest.policy_area,
    }
    found = words(manifest.title, manifest.summary)
    for act in rows:
        connection.execute(update(acts).where(acts.c.act_hash == act.act_hash).values(told))
        insert(connection, terms, [[word, act.agreement_number, act.act_hash, act.block] for word in found])
        promised = [_commitment(act, one) for one in manifest.commitments]
        if promised:
            insert(connection, commitments, promised)


def _commitment(act: Any, one: Any) -> list[Any]:
    names = (act.act_hash, one.id, act.agreement, act.agreement_number, commitment_id(act.agreement, one.id))
    due = start_of_next_day(one.due) if one.due else None
    return [*names, one.organisation, one.text, due, act.block]
