"""A source to build a dossier of, and reading what the commands of dossiers answered and kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

MANIFEST = {
    "manifest": 1,
    "title": "Convenant [fietsroutes]",
    "summary": "De gemeenten leggen samen fietsroutes aan.",
    "kind": "convenant",
    "policyArea": "mobiliteit",
    "example": True,
    "parties": [
        {"organisation": "Veenendaal", "organ": "college"},
        {"organisation": "Ede", "organ": "raad"},
    ],
    "validFrom": "2026-01-01",
    "validUntil": "2026-12-31",
    "noticeDays": 90,
    "deadline": "2026-03-01",
    "commitments": [{"id": "T1", "organisation": "Ede", "text": "Ede telt fietsers.", "due": "2026-06-30"}],
    "files": [{"path": "convenant.pdf", "role": "overeenkomst"}, {"path": "kaart.txt", "role": "bijlage"}],
}


def write_manifest(folder: Path, **changes: Any) -> None:
    manifest = {**MANIFEST, **changes}
    (folder / "manifest.yaml").write_text(yaml.safe_dump(manifest, sort_keys=False), encoding="utf-8")


def build(ask: Callable[..., Any], folder: Path) -> str:
    """Builds what is in the folder; gives its root."""
    root: str = ask("build", folder, "--json").json()["root"]
    return root


def kept(home: Path) -> list[str]:
    """What is in the store."""
    store = home / "dossiers"
    return sorted(path.name for path in store.iterdir()) if store.exists() else []


def fact(answer: Any, label: str) -> str:
    """The value of a labelled line, however wide the label stands."""
    return next(line.split(label, 1)[1].strip() for line in answer.out.splitlines() if line.strip().startswith(label))
