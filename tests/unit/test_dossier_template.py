"""A first manifest in Dutch that only has to be filled in."""

import pytest

from registry.dossier import Kind, Organ, Role, Store, build, new, prepare
from registry.errors import ManifestError, UsageError


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "stukken"
    (place / "bijlagen").mkdir(parents=True)
    (place / "aantekening.txt").write_text("x")
    (place / "overeenkomst: deel 1.pdf").write_bytes(b"%PDF-1.7")
    (place / "bijlagen" / "kaart.pdf").write_bytes(b"%PDF-1.7")
    (place / ".DS_Store").touch()
    return place


def filled_in(text):
    for empty, value in (
        ("title:", "title: Fietsroutes"),
        ("summary: >-", "summary: >-\n  Samen fietsen."),
        ("kind:", "kind: convenant"),
        ("policyArea:", "policyArea: mobiliteit"),
        ("  - organisation:\n    organ:\n", "  - organisation: Ede\n    organ: raad\n"),
        ("  - organisation:\n    organ:\n", "  - organisation: gm0345\n    organ: college\n"),
        ("validFrom:", "validFrom: 2026-01-01"),
    ):
        text = text.replace(f"\n{empty}", f"\n{value}", 1)
    return text


def test_the_files_are_listed_pdfs_first(folder):
    text = new(folder).read_text("utf-8")
    assert text.endswith(
        "files:\n"
        '  - path: "bijlagen/kaart.pdf"\n    role: overeenkomst\n'
        '  - path: "overeenkomst: deel 1.pdf"\n    role: bijlage\n'
        '  - path: "aantekening.txt"\n    role: bijlage\n'
    )


def test_a_template_as_it_is_asks_for_exactly_what_must_be_filled_in(folder):
    new(folder)
    with pytest.raises(ManifestError) as caught:
        prepare(folder)
    assert [problem.field for problem in caught.value.problems] == [
        "title",
        "summary",
        "kind",
        "policyArea",
        "parties[0].organisation",
        "parties[0].organ",
        "parties[1].organisation",
        "parties[1].organ",
        "validFrom",
    ]


def test_a_template_that_is_filled_in_builds(folder, tmp_path):
    path = new(folder)
    path.write_text(filled_in(path.read_text("utf-8")), "utf-8")
    dossier = build(folder, Store(tmp_path / "store"))
    assert [file.path for file in dossier.manifest.files] == [
        "bijlagen/kaart.pdf",
        "overeenkomst: deel 1.pdf",
        "aantekening.txt",
    ]


def test_every_choice_is_explained_in_the_template(folder):
    text = new(folder).read_text("utf-8")
    for choice in (*Kind, *Organ, *Role):
        assert choice in text


def test_a_folder_without_documents_still_gets_a_template(tmp_path):
    assert new(tmp_path).read_text("utf-8").endswith("files:\n  - path:\n    role: overeenkomst\n")


@pytest.mark.parametrize("name", ["manifest.yaml", "manifest.yml", "manifest.toml"])
def test_a_manifest_that_is_there_is_never_overwritten(folder, name):
    (folder / name).write_text("mine")
    with pytest.raises(UsageError, match=f"{name} already exists"):
        new(folder)
    assert (folder / name).read_text() == "mine"


def test_a_folder_that_is_not_there_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="nowhere is not a folder"):
        new(tmp_path / "nowhere")
