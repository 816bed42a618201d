"""The sample dossiers: complete, marked as examples, without personal data, and equal to their sources."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

pypdf = pytest.importorskip("pypdf")
pytest.importorskip("typst")

ROOT = Path(__file__).parent.parent.parent
SAMPLES = ROOT / "samples"
LARGEST = 150_000

# Every PDF of the samples with its number of pages at least.
PAGES = {
    "dienstverlening-veenendaal-renswoude/overeenkomst.pdf": 3,
    "dienstverlening-veenendaal-renswoude/bijlage-dienstencatalogus.pdf": 2,
    "dienstverlening-veenendaal-renswoude-wijziging-1/overeenkomst.pdf": 3,
    "dienstverlening-veenendaal-renswoude-wijziging-1/wijzigingsovereenkomst.pdf": 2,
    "dienstverlening-veenendaal-renswoude-wijziging-1/bijlage-dienstencatalogus.pdf": 2,
    "dienstverlening-veenendaal-renswoude-opheffing/beeindigingsovereenkomst.pdf": 1,
    "samenwerking-blockchain/overeenkomst.pdf": 4,
    "samenwerking-blockchain/bijlage-knooppunten.pdf": 1,
    "mobiliteitsconvenant/convenant.pdf": 4,
    "mobiliteitsconvenant/toelichting.pdf": 1,
}
FOLDERS = sorted({name.split("/")[0] for name in PAGES})
# The document in which each dossier's commitments stand.
MAIN = {
    "dienstverlening-veenendaal-renswoude": "overeenkomst.pdf",
    "dienstverlening-veenendaal-renswoude-wijziging-1": "overeenkomst.pdf",
    "dienstverlening-veenendaal-renswoude-opheffing": "beeindigingsovereenkomst.pdf",
    "samenwerking-blockchain": "overeenkomst.pdf",
    "mobiliteitsconvenant": "convenant.pdf",
}

E_MAIL = re.compile(r"\S@\S+\.\w")
PHONE = re.compile(r"(?<!\d)(?:\+31|0031|0)[\s().-]*[1-9](?:[\s().-]*\d){7,8}(?!\d)")


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_samples", ROOT / "scripts" / "make_samples.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _texts(path: Path) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(path).pages]


def _plain(folder: str) -> dict[str, Any]:
    """The manifest as its author wrote it, read without the register."""
    path = next((SAMPLES / folder).glob("manifest.*"))
    return tomllib.loads(path.read_text()) if path.suffix == ".toml" else yaml.safe_load(path.read_text())


def _squeezed(text: str) -> str:
    return "".join(text.split())


def test_every_pdf_is_expected_and_has_a_source() -> None:
    made = {pdf.relative_to(SAMPLES).as_posix() for _, pdf in _script().documents()}
    found = {pdf.relative_to(SAMPLES).as_posix() for pdf in SAMPLES.rglob("*.pdf")}

    assert made == found == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_pdf_is_marked_on_every_page_and_holds_no_contact_details(name: str) -> None:
    texts = _texts(SAMPLES / name)

    assert len(texts) >= PAGES[name]
    for number, text in enumerate(texts, start=1):
        assert "VOORBEELD" in text
        assert f"pagina {number} van {len(texts)}" in text
        assert not E_MAIL.search(text)
        assert not PHONE.search(text)


@pytest.mark.parametrize("name", PAGES)
def test_pdf_is_small_tagged_and_says_its_title_and_language(name: str) -> None:
    path = SAMPLES / name
    reader = pypdf.PdfReader(path)
    catalogue = reader.trailer["/Root"]
    title = next(f["title"] for f in _plain(path.parent.name)["files"] if f["path"] == path.name)

    assert path.stat().st_size < LARGEST
    assert reader.metadata.title == f"{title} (VOORBEELD)"
    assert catalogue["/Lang"].casefold() in {"nl", "nl-nl"}
    assert catalogue["/MarkInfo"]["/Marked"]


def test_rendering_again_gives_the_same_bytes() -> None:
    script = _script()

    for source, pdf in script.documents():
        assert script.render(source) == pdf.read_bytes(), f"{pdf.name}: run python scripts/make_samples.py"


def test_check_reports_a_pdf_that_differs_and_leaves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = _script()
    source = tmp_path / "proef" / ".source" / "stuk.typ"
    source.parent.mkdir(parents=True)
    source.write_text('#set document(title: "Proef")\n#set text(lang: "nl")\n#title()\nEerste tekst.')
    monkeypatch.setattr(script, "SAMPLES", tmp_path)
    monkeypatch.setattr(script.documents, "__defaults__", (tmp_path,))
    monkeypatch.setattr(script.render, "__defaults__", (tmp_path,))
    pdf = tmp_path / "proef" / "stuk.pdf"

    assert script.main(["--check"]) == 1
    assert "MISSING" in capsys.readouterr().out
    assert not pdf.exists()

    assert script.main([]) == 0
    assert script.main(["--check"]) == 0
    before = pdf.read_bytes()

    source.write_text(source.read_text().replace("Eerste", "Tweede"))
    assert script.main(["--check"]) == 1
    assert "DIFFERS" in capsys.readouterr().out
    assert pdf.read_bytes() == before


@pytest.mark.parametrize("folder", FOLDERS)
def test_commitments_of_the_manifest_stand_in_the_document(folder: str) -> None:
    text = _squeezed("".join(_texts(SAMPLES / folder / MAIN[folder])))

    for commitment in _plain(folder)["commitments"]:
        assert _squeezed(commitment["text"]) in text


@pytest.mark.parametrize("folder", FOLDERS)
def test_manifest_loads_and_lists_everything(folder: str) -> None:
    dossier = pytest.importorskip("registry.dossier")
    manifest = dossier.prepare(SAMPLES / folder)

    assert manifest.example
    assert manifest.language == "nl"
    assert dossier.unlisted_files(SAMPLES / folder, manifest) == ()
    assert manifest.kind.value in {"convenant", "samenwerkingsovereenkomst", "dienstverleningsovereenkomst"}
    if manifest.parties:
        assert {party.organisation for party in manifest.parties} == {
            commitment.organisation for commitment in manifest.commitments
        }


def test_the_chain_of_the_service_agreement_is_conclude_amend_end() -> None:
    dossier = pytest.importorskip("registry.dossier")
    base = "dienstverlening-veenendaal-renswoude"
    conclude, amend, end = (
        dossier.prepare(SAMPLES / name) for name in (base, f"{base}-wijziging-1", f"{base}-opheffing")
    )

    assert conclude.terms().parties == amend.terms().parties == ("gm0339", "gm0345")
    assert end.terms().parties == ()
    assert conclude.valid_from < amend.valid_from < end.valid_from
    assert conclude.notice_days == amend.notice_days == 180
    assert set(conclude.commitments) < set(amend.commitments)
