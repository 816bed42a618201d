"""Is the file with this SHA-256 part of an act? Answered from the index, which knows the documents at hand by it."""

from __future__ import annotations

from dataclasses import dataclass

from registry.dossier import DocumentMatch, Store
from registry.index.answers import At
from registry.index.queries import Queries
from registry.verification import Finding, Outcome, acts_with, is_proven, outcome_of, rank


@dataclass(frozen=True, slots=True)
class Found:
    """What a file is, and everywhere that recorded acts hold it, that which counts first."""

    digest: bytes
    outcome: Outcome
    findings: tuple[tuple[Outcome, Finding], ...]


def find_document(queries: Queries, at: At, store: Store, digest: bytes) -> Found:
    """Looks a file up among the documents at hand; a damaged dossier counts as one that is not.

    What is found is proven anew: the leaf holds this content and leads to the root that the act names. Documents of
    proposals are not looked for here: they may not be told to everybody.
    """
    found: list[tuple[Outcome, Finding]] = []
    for root, leaf in queries.places_of(digest):
        match = _match(store, root, leaf)
        if match is None or not is_proven(match, digest):
            continue
        for agreement, act in acts_with(match, queries.agreements_with(at, root)):
            outcome, successor = outcome_of(agreement, act, at.valid_on)
            found.append((outcome, Finding(match, agreement, act, successor)))
    found.sort(key=lambda one: rank(*one))
    return Found(digest, found[0][0] if found else Outcome.UNKNOWN, tuple(found))


def _match(store: Store, root: bytes, leaf: int) -> DocumentMatch | None:
    dossier = store.find(root)
    if dossier is None or leaf >= len(dossier.leaves):
        return None
    return DocumentMatch(dossier, leaf, dossier.leaves[leaf].path)
