"""What an index says of acts besides the chain: titles and commitments, against the dossiers at hand.

A dossier is bound to its act by the root that stands in it, so whoever has the dossier can check this part too.
"""

from __future__ import annotations

from typing import Any
from unicodedata import combining, normalize

from registry.audit.findings import Findings
from registry.audit.report import Check
from registry.audit.rows import Row
from registry.dossier import Manifest, Store
from registry.dossier.terms import start_of_next_day
from registry.statements import commitment_id

NO_DOSSIER = "titel en toezeggingen van een handeling waarvan het dossier niet bij de hand is"
NO_DOSSIERS = "titels en toezeggingen komen uit dossiers, en die zijn niet vergeleken"


class Told:
    """The manifests at hand, by root; None stands for none at hand."""

    def __init__(self, store: Store | None) -> None:
        self._store = store
        self._found: dict[bytes, Manifest | None] = {}

    def manifest(self, root: bytes) -> Manifest | None:
        """The manifest of a dossier, if it is at hand and sound."""
        if root not in self._found:
            self._found[root] = self._store.manifest(root) if self._store else None
        return self._found[root]

    def of_act(self, row: Any, wanted: Row, findings: Findings) -> Row:
        """The columns of a row of ``acts`` that come from its manifest; none where that cannot be told.

        A row without a title is right: the index may not have seen the dossier.
        """
        if row.get("title") is None:
            return dict.fromkeys(("summary", "kind", "policy_area"))
        manifest = self.manifest(wanted["dossier"])
        if manifest is None:
            findings.miss(Check.INDEX, NO_DOSSIERS if self._store is None else NO_DOSSIER)
            return {}
        return {
            "title": manifest.title,
            "summary": manifest.summary,
            "kind": manifest.kind.value,
            "policy_area": manifest.policy_area,
        }

    def words(self, act_hash: bytes, wanted: Row) -> dict[tuple[str, int, bytes], Row]:
        """The rows of ``terms`` that an act with a title has: the words of title and summary."""
        manifest = self.manifest(wanted["dossier"])
        if manifest is None:
            return {}
        number = wanted["agreement_number"]
        found = _words(f"{manifest.title} {manifest.summary}")
        return {(word, number, act_hash): {"block": wanted["block"]} for word in found}

    def commitments(self, act_hash: bytes, wanted: Row) -> dict[tuple[bytes, str], Row]:
        """The rows of ``commitments`` that an act with a title has."""
        manifest = self.manifest(wanted["dossier"])
        if manifest is None:
            return {}
        agreement = wanted["agreement"]
        return {
            (act_hash, one.id): {
                "agreement": agreement,
                "agreement_number": wanted["agreement_number"],
                "id": commitment_id(agreement, one.id),
                "organisation": one.organisation,
                "what": one.text,
                "due": start_of_next_day(one.due) if one.due else None,
                "block": wanted["block"],
            }
            for one in manifest.commitments
        }


def _words(text: str) -> set[str]:
    """What a text is to be found by: letters, digits and underscores in a row, at most 64, without case and accents."""
    bare = (one for one in normalize("NFKD", text.casefold()) if not combining(one))
    return {word[:64] for word in "".join(one if one.isalnum() or one == "_" else " " for one in bare).split()}
