"""The folder of dossiers: what is in it, what comes in from elsewhere, what is found again."""

import json
import shutil
from hashlib import sha256

import pytest

from registry.dossier import Store, build, check, document_digest
from registry.errors import DossierError, NotFoundError

MANIFEST = """\
manifest: 1
title: {title}
summary: Samen.
kind: convenant
policyArea: mobiliteit
parties: [{{organisation: Ede, organ: raad}}, {{organisation: Rhenen, organ: raad}}]
validFrom: 2026-01-01
files:
  - {{path: convenant.pdf, role: overeenkomst}}
  - {{path: bijlagen/kaart.txt, role: bijlage}}
"""


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    (folder / "bijlagen").mkdir(parents=True)
    (folder / "manifest.yaml").write_text(MANIFEST.format(title="Fietsroutes"))
    (folder / "convenant.pdf").write_bytes(b"%PDF-1.7")
    (folder / "bijlagen" / "kaart.txt").write_text("kaart")
    return folder


@pytest.fixture
def veenendaal(tmp_path):
    return Store(tmp_path / "veenendaal")


@pytest.fixture
def ede(tmp_path):
    return Store(tmp_path / "ede")


@pytest.fixture
def dossier(source, veenendaal):
    return build(source, veenendaal)


def erase(dossier, index):
    dossier.path(index).unlink()
    path = dossier.folder / "leaves.json"
    data = json.loads(path.read_text())
    data["leaves"][index]["salt"] = None
    path.write_text(json.dumps(data))


def test_a_store_that_is_not_made_yet_is_empty(ede):
    assert ede.roots() == ()
    assert ede.all() == ()
    assert ede.find_document(bytes(32)) == []


def test_a_dossier_is_got_by_its_root(veenendaal, dossier):
    assert veenendaal.get(dossier.root) == dossier


def test_a_root_that_is_not_here_is_not_found(ede):
    with pytest.raises(NotFoundError, match=f"there is no dossier {'00' * 32} in .*ede") as caught:
        ede.get(bytes(32))
    assert "ask a party" in str(caught.value.hint)


def test_all_gives_every_dossier_by_root_and_nothing_else(source, veenendaal, dossier):
    other = build(source, veenendaal)
    (veenendaal.folder / ".staging-x").mkdir()
    (veenendaal.folder / "leesmij.txt").touch()
    assert veenendaal.all() == tuple(sorted((dossier, other), key=lambda one: one.root))


def test_a_dossier_under_another_root_than_its_own_is_refused(veenendaal, dossier):
    dossier.folder.rename(veenendaal.folder / ("ab" * 32))
    with pytest.raises(DossierError, match=f"expected root {'ab' * 32}"):
        veenendaal.get(bytes.fromhex("ab" * 32))


def test_a_dossier_from_elsewhere_is_taken_in_whole(ede, dossier):
    taken = ede.add(dossier.folder)
    assert taken.root == dossier.root
    assert taken.folder == ede.folder / dossier.root.hex()
    assert check(taken.folder, dossier.root) == taken
    assert [path.name for path in ede.folder.iterdir()] == [dossier.root.hex()]


def test_what_file_browsers_left_behind_does_not_come_along(ede, dossier):
    (dossier.folder / ".DS_Store").touch()
    assert not (ede.add(dossier.folder).folder / ".DS_Store").exists()


def test_a_damaged_dossier_from_elsewhere_stays_out(ede, dossier):
    (dossier.folder / "convenant.pdf").write_bytes(b"%PDF-1.8")
    with pytest.raises(DossierError, match=r"convenant\.pdf: expected leaf"):
        ede.add(dossier.folder)
    assert ede.roots() == ()


def test_another_dossier_than_was_asked_for_stays_out(ede, dossier):
    with pytest.raises(DossierError, match="expected root 00"):
        ede.add(dossier.folder, bytes(32))
    assert ede.roots() == ()


def test_adding_twice_keeps_what_is_here(ede, dossier):
    first = ede.add(dossier.folder)
    assert ede.add(dossier.folder, dossier.root) == first


def test_an_erased_file_does_not_come_back_from_elsewhere(ede, dossier):
    erase(ede.add(dossier.folder), 2)
    assert ede.add(dossier.folder).erased == ("bijlagen/kaart.txt",)


def test_a_dossier_with_an_erased_file_can_travel(ede, dossier):
    erase(dossier, 2)
    assert ede.add(dossier.folder).erased == ("bijlagen/kaart.txt",)


def test_a_damaged_copy_that_is_here_says_how_to_replace_it(ede, dossier):
    taken = ede.add(dossier.folder)
    (taken.folder / "convenant.pdf").write_bytes(b"%PDF-1.8")
    with pytest.raises(DossierError) as caught:
        ede.add(dossier.folder)
    assert caught.value.hint == f"the copy here is damaged: move {taken.folder} away and add again"
    shutil.rmtree(taken.folder)
    assert check(ede.add(dossier.folder).folder).root == dossier.root


def test_a_document_is_found_in_every_dossier_that_holds_it(source, veenendaal, dossier):
    (source / "convenant.pdf").write_bytes(b"%PDF-2.0")
    other = build(source, veenendaal)
    kaart = veenendaal.find_document(document_digest(source / "bijlagen" / "kaart.txt"))
    assert {(match.dossier.root, match.index, match.path) for match in kaart} == {
        (dossier.root, 2, "bijlagen/kaart.txt"),
        (other.root, 2, "bijlagen/kaart.txt"),
    }
    (convenant,) = veenendaal.find_document(sha256(b"%PDF-2.0").digest())
    assert (convenant.dossier, convenant.index) == (other, 1)


def test_a_manifest_is_a_document_too(veenendaal, dossier):
    (match,) = veenendaal.find_document(document_digest(dossier.folder / "manifest.json"))
    assert match.index == 0


def test_an_unknown_or_erased_document_is_not_found(source, veenendaal, dossier):
    assert veenendaal.find_document(bytes(32)) == []
    erase(dossier, 2)
    assert veenendaal.find_document(document_digest(source / "bijlagen" / "kaart.txt")) == []
