"""A manifest as people write one, in both notations, and reading it."""

from __future__ import annotations

from pathlib import Path

from registry.dossier import Manifest, read_manifest
from registry.organisations import DIRECTORY

YAML = """\
manifest: 1
title: Convenant Fietsroutes
summary: De gemeenten leggen samen fietsroutes aan.
kind: convenant
policyArea: mobiliteit
parties:
  - organisation: Veenendaal
    organ: college
  - organisation: gm0228
    organ: raad
validFrom: 2026-01-01
validUntil: 2029-12-31
noticeDays: 90
deadline: 2025-12-15
commitments:
  - id: T1
    organisation: gemeente Veenendaal
    text: Veenendaal legt de brug aan.
    due: 2027-06-30
files:
  - path: convenant.pdf
    role: overeenkomst
  - path: bijlagen/besluit.pdf
    role: besluit
    organisation: Ede
"""

TOML = """\
manifest = 1
title = "Convenant Fietsroutes"
summary = "De gemeenten leggen samen fietsroutes aan."
kind = "convenant"
policyArea = "mobiliteit"
validFrom = 2026-01-01
validUntil = 2029-12-31
noticeDays = 90
deadline = 2025-12-15

[[parties]]
organisation = "Veenendaal"
organ = "college"

[[parties]]
organisation = "gm0228"
organ = "raad"

[[commitments]]
id = "T1"
organisation = "gemeente Veenendaal"
text = "Veenendaal legt de brug aan."
due = 2027-06-30

[[files]]
path = "convenant.pdf"
role = "overeenkomst"

[[files]]
path = "bijlagen/besluit.pdf"
role = "besluit"
organisation = "Ede"
"""


def read_text(folder: Path, text: str | bytes, name: str = "manifest.yaml") -> Manifest:
    """A text, read as a manifest file of this name."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_manifest(path, DIRECTORY)[0]
