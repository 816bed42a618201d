"""A first manifest for a folder of documents, in Dutch, for a person to fill in."""

from __future__ import annotations

import json
from pathlib import Path

from registry.dossier.listing import visible_files
from registry.dossier.manifest import Kind, Organ, Role
from registry.dossier.reading import NAMES
from registry.dossier.rules import RESERVED
from registry.dossier.streams import storage_errors, write_file
from registry.errors import UsageError

_TEXT = """\
# Manifest van een dossier: waar gaat de overeenkomst over en welke bestanden horen erbij.
# Vul in wat leeg is. Wat achter een # staat is uitleg.
# Zet een tekst met een dubbele punt erin tussen "aanhalingstekens".

# Versie van dit formaat.
manifest: 1

# Hoe heet de overeenkomst?
title:

# Wat is er afgesproken, in gewone taal? Geen namen van personen.
summary: >-

# Soort: {kinds}.
kind:

# Beleidsterrein, bijvoorbeeld mobiliteit.
policyArea:

# Taal van de stukken.
language: nl

# Wie mag het dossier lezen: parties (alleen de partijen) of public (iedereen).
visibility: parties

# Zet op true als dit een voorbeeld is zonder rechtsgevolg.
example: false

# Wie zijn partij (twee of meer) en welk orgaan beslist voor elke partij?
# organisation: naam of code, bijvoorbeeld Veenendaal of gm0345.
# organ: {organs}.
# Eindigt de overeenkomst met deze handeling, schrijf dan: parties: []
parties:
  - organisation:
    organ:
  - organisation:
    organ:

# Eerste dag waarop de overeenkomst geldt, als 2026-01-01.
validFrom:

# Laatste dag (tot en met). Leeg: voor onbepaalde tijd.
validUntil:

# Opzegtermijn in dagen waarna een partij alleen mag uittreden. 0: alleen samen.
noticeDays: 0

# Laatste dag waarop akkoorden meetellen. Leeg: geen uiterste dag.
deadline:

# Toezeggingen: wie doet wat, voor wanneer? Haal de # weg om er een op te nemen.
commitments: []
#  - id: T1
#    organisation: Veenendaal
#    text: Wat er wordt toegezegd.
#    due: 2026-12-31

# De bestanden, in de volgorde waarin ze worden bewezen.
# role: {roles}. Optioneel: title, en bij een besluit organisation (wie het nam).
"""


def new(folder: Path) -> Path:
    """Writes manifest.yaml in a folder of documents, listing what is there, PDFs first; never overwrites.

    UsageError when the folder is not there or has a manifest.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder", hint="make the folder and put the documents in it first")
    present = [name for name in NAMES if (folder / name).exists()]
    if present:
        raise UsageError(f"{folder / present[0]} already exists", hint="edit that file, or move it away")
    target = folder / NAMES[0]
    text = _TEXT.format(kinds=", ".join(Kind), organs=", ".join(Organ), roles=", ".join(Role))
    try:
        write_file(target, (text + _files(folder)).encode())
    except BaseException:
        with storage_errors(target, "write"):
            target.unlink(missing_ok=True)
        raise
    return target


def _files(folder: Path) -> str:
    """The list of files as YAML; a name with characters that cannot be written is left out."""
    names = [name for name in visible_files(folder) if name not in RESERVED and name.isprintable()]
    names.sort(key=lambda name: (not name.lower().endswith(".pdf"), name))
    if not names:
        return "files:\n  - path:\n    role: overeenkomst\n"
    roles = ["overeenkomst", *["bijlage"] * (len(names) - 1)]
    entries = (
        f"  - path: {json.dumps(name, ensure_ascii=False)}\n    role: {role}\n"
        for name, role in zip(names, roles, strict=True)
    )
    return "files:\n" + "".join(entries)
