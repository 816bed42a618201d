"""A manifest as JSON: the one form that it has in a dossier, and the published schema."""

import json
from functools import partial
from pathlib import Path

import pytest
from manifests import YAML, read_text
from pydantic import ValidationError

from registry.dossier import Manifest, manifest_schema, read_canonical
from registry.errors import ManifestError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def read(tmp_path):
    """Reads a text as a manifest file of this name."""
    return partial(read_text, tmp_path)


def test_canonical_json_is_sorted_indented_utf8_and_reads_back_equal(read):
    manifest = read(YAML.replace("Fietsroutes", "Fryslân"))
    content = manifest.canonical()
    data = json.loads(content)
    assert content == (json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()
    assert "Fryslân".encode() in content
    assert data["visibility"] == "parties"
    assert read_canonical(content, "manifest.json") == manifest


def test_canonical_json_holds_no_digest_and_no_name_of_an_organisation(read):
    data = json.loads(read(YAML).canonical())
    assert data["files"][1] == {"path": "bijlagen/besluit.pdf", "role": "besluit", "organisation": "gm0228"}
    assert set(data["files"][0]) == {"path", "role"}


@pytest.mark.parametrize(
    "change",
    [lambda c: c.replace(b"  ", b" "), lambda c: c[:-1], lambda c: c.replace(b"{", b'{"kind":"x",', 1)],
)
def test_json_that_says_the_same_in_another_way_is_not_canonical(read, change):
    with pytest.raises(ManifestError, match="is not in canonical form"):
        read_canonical(change(read(YAML).canonical()), "manifest.json")


def test_canonical_json_may_name_an_organisation_that_is_not_in_the_directory(read):
    content = read(YAML).canonical().replace(b"gm0228", b"ws0662")
    assert read_canonical(content, "manifest.json").parties[1].organisation == "ws0662"


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 100_000, b"\xff"])
def test_what_is_not_json_is_refused(content):
    with pytest.raises(ManifestError, match=r"not valid JSON|is not UTF-8"):
        read_canonical(content, "manifest.json")


def test_the_model_itself_keeps_the_rules_between_fields(read):
    data = json.loads(read(YAML).canonical())
    data["parties"] = data["parties"][:1]
    with pytest.raises(ValidationError, match="one party cannot agree with itself"):
        Manifest.model_validate(data)


@pytest.mark.parametrize("place", ["docs/manifest.schema.json", "registry/dossier/manifest.schema.json"])
def test_the_published_schema_is_that_of_the_model(place):
    assert json.loads((ROOT / place).read_text("utf-8")) == manifest_schema()
