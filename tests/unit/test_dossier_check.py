"""A dossier that was tampered with, damaged or partly erased."""

import json
import os
import shutil

import pytest

from registry.dossier import Store, build, check, document_digest, load, verify_inclusion
from registry.errors import DossierError, StorageError, UsageError

MANIFEST = """\
manifest: 1
title: Convenant
summary: Samen.
kind: convenant
policyArea: mobiliteit
parties: [{organisation: Ede, organ: raad}, {organisation: Rhenen, organ: raad}]
validFrom: 2026-01-01
files:
  - {path: convenant.pdf, role: overeenkomst}
  - {path: bijlagen/kaart.txt, role: bijlage}
"""


@pytest.fixture
def dossier(tmp_path):
    """A dossier of three leaves, carried away from its store."""
    source = tmp_path / "source"
    (source / "bijlagen").mkdir(parents=True)
    (source / "manifest.yaml").write_text(MANIFEST)
    (source / "convenant.pdf").write_bytes(b"%PDF-1.7")
    (source / "bijlagen" / "kaart.txt").write_text("kaart")
    built = build(source, Store(tmp_path / "store"))
    return check(shutil.copytree(built.folder, tmp_path / "stick" / "dossier"))


def deviations(dossier, root=None):
    with pytest.raises(DossierError) as caught:
        check(dossier.folder, root)
    head, *lines = caught.value.message.split("\n")
    assert head == f"{dossier.folder} is not the dossier that was agreed:"
    assert caught.value.hint
    return [line.removeprefix("- ") for line in lines]


def change_leaves(dossier, change):
    path = dossier.folder / "leaves.json"
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))


def test_an_untouched_dossier_passes_under_any_folder_name_and_with_its_root(dossier):
    assert check(dossier.folder, dossier.root).root == dossier.root


def test_another_root_than_was_agreed_is_named(dossier):
    assert deviations(dossier, bytes(32)) == [
        f"expected root {'0' * 64}, found the dossier with root {dossier.root.hex()}"
    ]


def test_a_changed_file_is_named_with_expected_and_found_leaf(dossier):
    (dossier.folder / "convenant.pdf").write_bytes(b"%PDF-1.8")
    (line,) = deviations(dossier)
    assert line.startswith(f"convenant.pdf: expected leaf {dossier.leaves[1].leaf.hex()}, found ")
    assert line.endswith(": its content differs")


def test_every_deviation_is_named(dossier):
    (dossier.folder / "convenant.pdf").unlink()
    (dossier.folder / "bijlagen" / "kaart.txt").write_text("kaarT")
    (dossier.folder / "bijlagen" / "extra.txt").write_text("x")
    (dossier.folder / "boven.txt").write_text("x")
    found = deviations(dossier, bytes(32))
    assert found[0].startswith("expected root 000")
    assert found[1] == f"convenant.pdf: missing; expected leaf {dossier.leaves[1].leaf.hex()}"
    assert found[2].startswith("bijlagen/kaart.txt: expected leaf ")
    assert sorted(found[3:]) == [
        "bijlagen/extra.txt: is not part of the dossier: remove it",
        "boven.txt: is not part of the dossier: remove it",
    ]


def test_what_file_browsers_leave_behind_is_no_deviation(dossier):
    for name in (".DS_Store", "Thumbs.db", "._convenant.pdf"):
        (dossier.folder / name).write_text("x")
    assert check(dossier.folder, dossier.root).root == dossier.root


def test_a_folder_or_a_link_instead_of_a_file_is_named(dossier, tmp_path):
    (dossier.folder / "convenant.pdf").unlink()
    (dossier.folder / "convenant.pdf").mkdir()
    (tmp_path / "kaart.txt").write_text("kaart")
    (dossier.folder / "bijlagen" / "kaart.txt").unlink()
    (dossier.folder / "bijlagen" / "kaart.txt").symlink_to(tmp_path / "kaart.txt")
    assert deviations(dossier) == [
        "convenant.pdf: is not a file",
        "bijlagen/kaart.txt: is a link to a place outside the folder",
    ]


def test_a_link_to_a_folder_is_not_part_of_a_dossier(dossier, tmp_path):
    (dossier.folder / "link").symlink_to(tmp_path)
    assert deviations(dossier) == ["link: is not part of the dossier: remove it"]


def test_a_changed_manifest_is_named(dossier):
    path = dossier.folder / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b"Samen.", b"Alleen."))
    assert deviations(dossier)[0].startswith("manifest.json: expected leaf ")


def test_a_manifest_that_cannot_be_read_is_named(dossier):
    (dossier.folder / "manifest.json").write_text("{}")
    found = deviations(dossier)
    assert found[0].startswith("manifest.json: expected leaf ")
    assert "is empty" in found[1]


def test_a_leaf_or_root_that_was_rewritten_does_not_hide_a_change(dossier):
    def swap(data):
        data["leaves"][1]["leaf"] = "00" * 32

    change_leaves(dossier, swap)
    found = deviations(dossier)
    assert any(line.startswith("leaves.json: its root is ") for line in found)
    assert any(line.startswith(f"convenant.pdf: expected leaf {'00' * 32}") for line in found)


def test_files_in_another_order_are_not_the_same_dossier(dossier):
    def swap(data):
        data["leaves"][1], data["leaves"][2] = data["leaves"][2], data["leaves"][1]

    change_leaves(dossier, swap)
    assert "leaves.json: its paths are not the files of manifest.json, in that order" in deviations(dossier)


def erase(dossier, index):
    dossier.path(index).unlink()
    change_leaves(dossier, lambda data: data["leaves"][index].update(salt=None))


def test_an_erased_file_is_accepted_and_said_and_the_others_stay_provable(dossier):
    erase(dossier, 2)
    left = check(dossier.folder, dossier.root)
    assert left.erased == ("bijlagen/kaart.txt",)
    assert left.leaves[2].salt is None
    assert left.root == dossier.root
    for index in range(3):
        leaf = left.leaves[index].leaf
        assert verify_inclusion(leaf, index, 3, left.proof(index), dossier.root)


def test_a_file_that_is_still_there_is_not_erased(dossier):
    change_leaves(dossier, lambda data: data["leaves"][2].update(salt=None))
    assert deviations(dossier) == ["bijlagen/kaart.txt: is marked as erased, yet the file is still there"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda data: data["leaves"][0].update(salt=None),
            "the first leaf must be manifest.json with its salt",
        ),
        (
            lambda data: data["leaves"][1].update(path="../x"),
            "leaves[1].path: '../x' leads outside the folder",
        ),
        (lambda data: data["leaves"][1].update(path="/etc/passwd"), "must be relative to the folder"),
        (
            lambda data: data["leaves"][1].update(salt="zz"),
            "leaves[1].salt: must be 64 small hexadecimal digits",
        ),
        (lambda data: data["leaves"][1].pop("leaf"), "leaves[1].leaf: Field required"),
        (lambda data: data.update(format=2), "format: Input should be 1"),
        (lambda data: data.update(leaves=[]), "leaves: List should have at least 2 items"),
    ],
)
def test_leaves_that_are_malformed_are_refused_with_the_field(dossier, change, message):
    change_leaves(dossier, change)
    with pytest.raises(DossierError) as caught:
        check(dossier.folder)
    assert message in caught.value.message
    assert "leaves.json" in caught.value.message


@pytest.mark.parametrize("name", ["leaves.json", "manifest.json"])
def test_a_folder_without_manifest_or_leaves_is_no_dossier(dossier, name):
    (dossier.folder / name).unlink()
    with pytest.raises(DossierError, match=f"{name} is missing"):
        check(dossier.folder)


def test_what_is_no_folder_is_no_dossier(tmp_path):
    with pytest.raises(DossierError, match="nowhere is not a folder"):
        check(tmp_path / "nowhere")


def test_loading_reads_no_files_but_checks_the_rest(dossier):
    (dossier.folder / "convenant.pdf").write_bytes(b"%PDF-1.8")
    assert load(dossier.folder, dossier.root).root == dossier.root
    (dossier.folder / "manifest.json").write_text("{}")
    with pytest.raises(DossierError, match=r"manifest\.json: expected leaf"):
        load(dossier.folder)


def test_there_is_no_proof_of_a_leaf_that_is_not_there(dossier):
    with pytest.raises(IndexError):
        dossier.proof(3)


def test_the_digest_of_a_document_is_what_sha256sum_gives(tmp_path):
    (tmp_path / "abc").write_text("abc")
    assert document_digest(tmp_path / "abc").hex() == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def test_a_document_that_is_not_there_not_a_file_or_empty_has_no_digest(tmp_path):
    with pytest.raises(UsageError, match=r"there is no file .*gone\.pdf"):
        document_digest(tmp_path / "gone.pdf")
    with pytest.raises(UsageError, match="is not a file"):
        document_digest(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="is not a file"):
        document_digest(tmp_path / "pipe")
    (tmp_path / "empty.pdf").touch()
    with pytest.raises(DossierError, match=r"empty\.pdf is empty"):
        document_digest(tmp_path / "empty.pdf")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_document_without_permission_is_a_storage_error(tmp_path):
    (tmp_path / "closed.pdf").write_text("x")
    (tmp_path / "closed.pdf").chmod(0)
    with pytest.raises(StorageError, match="permission denied"):
        document_digest(tmp_path / "closed.pdf")
