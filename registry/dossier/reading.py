"""From the text of a manifest to the model, with every fault named by field and line."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from registry.dossier.located import Located, dotted
from registry.dossier.manifest import Manifest
from registry.dossier.streams import storage_errors
from registry.dossier.toml_source import read_toml
from registry.dossier.yaml_source import read_yaml
from registry.errors import ManifestError, Problem, UsageError
from registry.organisations import Directory

NAMES = ("manifest.yaml", "manifest.yml", "manifest.toml")
MAX_BYTES = 1 << 20


def find_manifest(folder: Path) -> Path:
    """The one manifest in the folder; UsageError without folder, ManifestError with none or several."""
    with storage_errors(folder, "read"):
        if not folder.is_dir():
            raise UsageError(f"{folder} is not a folder", hint="name the folder that holds the manifest and its files")
        found = [folder / name for name in NAMES if (folder / name).is_file()]
    if len(found) == 1:
        return found[0]
    if found:
        names = " and ".join(path.name for path in found)
        message = f"{names} are both here and only one can count: remove the others"
        raise ManifestError(str(folder), [Problem("", None, message)])
    hint = "start one with a template, or rename the file if it has another name"
    if (folder / "leaves.json").is_file():
        hint = "this folder is a dossier that was built before: check it or add it instead"
    raise ManifestError(str(folder), [Problem("", None, "has no manifest.yaml or manifest.toml")], hint=hint)


def read_manifest(path: Path, directory: Directory) -> tuple[Manifest, Located]:
    """The manifest in this file, with the lines it came from; ManifestError with every fault."""
    with storage_errors(path, "read"), path.open("rb") as stream:
        text = _decoded(stream.read(MAX_BYTES + 1), str(path))
    located = (read_toml if path.suffix == ".toml" else read_yaml)(text, str(path))
    return parse_manifest(located, directory), located


def parse_manifest(located: Located, directory: Directory | None) -> Manifest:
    """The model of the data; without a directory organisations must be identifiers, known or not."""
    if located.data is None or located.data == {}:
        raise ManifestError(located.source, [Problem("", 1, "is empty: a manifest starts with manifest: 1")])
    if not isinstance(located.data, dict):
        raise ManifestError(
            located.source, [Problem("", 1, "must be a list of fields, such as title: Convenant Fietsroutes")]
        )
    try:
        return Manifest.model_validate(located.data, context={"directory": directory})
    except ValidationError as error:
        problems = [Problem(dotted(fault["loc"]), located.line(fault["loc"]), fault["msg"]) for fault in error.errors()]
        raise ManifestError(located.source, sorted(problems, key=lambda one: (one.line or 0, one.field))) from error


def read_canonical(content: bytes, source: str) -> Manifest:
    """The manifest in the bytes of a manifest.json, which must be exactly what ``canonical`` gives.

    Bytes that say the same in another way are refused: two programs could read them differently, for
    example when a key is written twice.
    """
    try:
        data = json.loads(_decoded(content, source))
    except (json.JSONDecodeError, RecursionError) as error:
        raise ManifestError(source, [Problem("", None, f"not valid JSON: {error}")]) from error
    lines: dict[tuple[str | int, ...], int] = {}
    manifest = parse_manifest(Located(source, data, lines), None)
    if manifest.canonical() != content:
        raise ManifestError(source, [Problem("", None, "is not in canonical form: it was written by hand")])
    return manifest


def _decoded(content: bytes, source: str) -> str:
    if len(content) > MAX_BYTES:
        raise ManifestError(source, [Problem("", None, f"is larger than {MAX_BYTES} bytes: move text to a file")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ManifestError(source, [Problem("", line, "is not UTF-8: save the file as UTF-8")]) from error
