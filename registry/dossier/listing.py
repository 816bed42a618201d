"""The files that a manifest lists, looked at before anything is copied, so that all faults come at once."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from registry.dossier.checking import escapes
from registry.dossier.located import Located, Place, dotted
from registry.dossier.manifest import Manifest
from registry.dossier.rules import RESERVED, same_file
from registry.dossier.streams import storage_errors
from registry.errors import ManifestError, Problem


@dataclass(frozen=True, slots=True)
class Listing:
    """A file as it was found: where, how large in bytes, and when it was last written in nanoseconds."""

    path: Path
    size: int
    written_at_ns: int


def list_files(folder: Path, manifest: Manifest, located: Located) -> tuple[Listing, ...]:
    """The listed files in order; ManifestError names every one that cannot be taken up."""
    listings, problems = [], []
    for index, file in enumerate(manifest.files):
        fault = _fault(folder, file.path)
        if fault:
            problems.append(problem_at(located, ("files", index, "path"), fault))
        else:
            listings.append(look_at(folder / file.path))
    if problems:
        raise ManifestError(located.source, problems)
    return tuple(listings)


def look_at(path: Path) -> Listing:
    """The file as it is now."""
    with storage_errors(path, "read"):
        found = path.stat()
    return Listing(path, found.st_size, found.st_mtime_ns)


def problem_at(located: Located, place: Place, message: str) -> Problem:
    """A fault in the manifest at this place."""
    return Problem(dotted(place), located.line(place), message)


def unlisted_files(folder: Path, manifest: Manifest) -> tuple[str, ...]:
    """The files in the folder that the manifest does not list, perhaps forgotten; not hidden ones."""
    listed = {same_file(file.path) for file in manifest.files}
    found = (path for path in visible_files(folder) if path not in RESERVED)
    return tuple(path for path in found if same_file(path) not in listed)


def visible_files(folder: Path) -> list[str]:
    """All files below the folder as relative paths, ascending, without hidden files and folders."""
    found: list[str] = []
    with storage_errors(folder, "read"):
        for place, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if not name.startswith(".")]
            relative = Path(place).relative_to(folder)
            found += [(relative / name).as_posix() for name in names if not name.startswith(".")]
    return sorted(found)


def _fault(folder: Path, name: str) -> str | None:
    """Why this file cannot be taken up, or None."""
    path = folder / name
    with storage_errors(path, "read"):
        if not os.path.lexists(path):
            return f"{name} is not in the folder{_nearest(folder, name)}"
        if escapes(folder, name):
            return f"{name} is a link to a place outside the folder: copy the file itself"
        if not path.exists():
            return f"{name} is a link to a file that is not there"
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            return f"{name} is a folder: list the files in it one by one"
        if not stat.S_ISREG(found.st_mode):
            return f"{name} is not a file"
        if found.st_size == 0:
            return f"{name} is empty: was it copied before it was complete?"
        if path.suffix.lower() == ".pdf" and not _starts_as_pdf(path):
            return f"{name} is not a PDF, as it does not start with %PDF-: export it again, or rename it"
    return None


def _starts_as_pdf(path: Path) -> bool:
    with path.open("rb", buffering=0) as stream:
        return stream.read(5) == b"%PDF-"


def _nearest(folder: Path, name: str) -> str:
    matches = get_close_matches(name, visible_files(folder), n=1)
    return f": did you mean {matches[0]}?" if matches else ": add it, or take it out of the list"
