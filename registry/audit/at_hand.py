"""What an index says of the dossiers at hand themselves, against those dossiers: manifests, and documents by digest.

An index that has not seen a dossier yet, or saw it when it was damaged, is right to say less; what it says must be so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from registry.audit.findings import Findings
from registry.audit.report import Check
from registry.audit.told import NO_DOSSIER, NO_DOSSIERS
from registry.dossier import Dossier, Store
from registry.dossier.streams import file_digest
from registry.errors import StorageError


class Rows(Protocol):
    """What can be asked of an index."""

    def rows(self, table: str) -> Iterator[Mapping[str, Any]]:
        """The rows of a table, in the order of its primary key."""
        ...


def compare_dossiers(index: Rows, store: Store | None, findings: Findings) -> dict[str, int]:
    """Compares the tables ``dossiers`` and ``documents``; how many rows each has."""
    untold = NO_DOSSIERS if store is None else NO_DOSSIER
    named: dict[object, str] = {}
    here: dict[object, Dossier] = {}
    for row in index.rows("dossiers"):
        root, state = row["root"], row["state"]
        named[root] = state
        dossier = store.find(root) if store else None
        if dossier is None:
            findings.miss(Check.INDEX, untold)
            continue
        here[root] = dossier
        told = {"whole": dossier.manifest.canonical().decode(), "damaged": None}
        so = state in told and told[state] == row["manifest"]
        message = f"tabel dossiers, rij {_shown(root)}: zegt iets anders dan het manifest van dat dossier"
        findings.expect(Check.INDEX, so, "row-changed", message)
    seen: set[tuple[object, object]] = set()
    count = 0
    for row in index.rows("documents"):
        count += 1
        root, number = row["root"], row["leaf"]
        dossier = here.get(root)
        if root in named and (dossier is None or _is_erased(dossier, number)):
            findings.miss(Check.INDEX, untold)
            continue
        leaf = dossier.leaves[number] if dossier is not None and 0 <= number < len(dossier.leaves) else None
        so = leaf is not None and leaf.matches(row["digest"])
        place = ", ".join(map(_shown, (row["digest"], root, number)))
        message = f"tabel documents heeft een rij die nergens uit volgt: {place}"
        if findings.expect(Check.INDEX, so, "row-added", message):
            seen.add((root, number))
    for root, dossier in here.items():
        for number in range(len(dossier.leaves)):
            if named[root] == "whole" and (root, number) not in seen and _is_there(dossier, number):
                message = f"tabel documents mist een rij: stuk {number} van {_shown(root)}"
                findings.deviate(Check.INDEX, "row-missing", message)
    return {"dossiers": len(named), "documents": count}


def _is_erased(dossier: Dossier, number: int) -> bool:
    return 0 <= number < len(dossier.leaves) and dossier.leaves[number].is_erased


def _is_there(dossier: Dossier, number: int) -> bool:
    """Whether a document can be read and is what its leaf says."""
    leaf = dossier.leaves[number]
    try:
        return not leaf.is_erased and leaf.matches(file_digest(dossier.path(number)))
    except StorageError:
        return False


def _shown(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
