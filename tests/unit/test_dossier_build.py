"""From a folder with a manifest to a dossier in the store, on real disks."""

import json
import os
import subprocess
import sys
import textwrap
from hashlib import sha256
from pathlib import Path

import pytest

from registry.dossier import Store, build, check, prepare, unlisted_files, verify_inclusion
from registry.errors import ManifestError, StorageError, UsageError
from registry.organisations import DIRECTORY

ROOT = Path(__file__).parents[2]

HEAD = """\
manifest: 1
title: Convenant Fietsroutes
summary: De gemeenten leggen samen fietsroutes aan.
kind: convenant
policyArea: mobiliteit
parties:
  - {organisation: Veenendaal, organ: college}
  - {organisation: Ede, organ: college}
validFrom: 2026-01-01
files:
"""
FILES = """\
  - path: convenant.pdf
    role: overeenkomst
  - path: bijlagen/kaart.txt
    role: bijlage
"""


@pytest.fixture
def source(tmp_path):
    """A folder with a manifest (files from line 11) and its two documents."""
    folder = tmp_path / "source"
    (folder / "bijlagen").mkdir(parents=True)
    (folder / "manifest.yaml").write_text(HEAD + FILES)
    (folder / "convenant.pdf").write_bytes(b"%PDF-1.7\nconvenant")
    (folder / "bijlagen" / "kaart.txt").write_text("kaart")
    return folder


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "deep" / "store")


def content_of(store):
    return sorted(path.name for path in store.folder.iterdir()) if store.folder.exists() else []


def faults_of(source, store):
    with pytest.raises(ManifestError) as caught:
        build(source, store)
    assert content_of(store) == []
    return [(one.field, one.line, one.message) for one in caught.value.problems]


def test_a_built_dossier_lies_under_its_root_with_all_its_files(source, store):
    dossier = build(source, store)
    assert dossier.folder == store.folder / dossier.root.hex()
    assert content_of(store) == [dossier.root.hex()]
    assert (dossier.folder / "convenant.pdf").read_bytes() == (source / "convenant.pdf").read_bytes()
    assert (dossier.folder / "bijlagen/kaart.txt").read_text() == "kaart"
    assert (dossier.folder / "manifest.json").read_bytes() == dossier.manifest.canonical()
    assert check(dossier.folder, dossier.root) == dossier


def test_leaf_zero_is_the_manifest_and_the_others_follow_the_order_of_the_files(source, store):
    dossier = build(source, store)
    assert [leaf.path for leaf in dossier.leaves] == ["manifest.json", "convenant.pdf", "bijlagen/kaart.txt"]
    assert dossier.path(2) == dossier.folder / "bijlagen/kaart.txt"


def test_every_leaf_is_the_salted_digest_of_its_file_and_provable(source, store):
    dossier = build(source, store)
    for index, leaf in enumerate(dossier.leaves):
        digest = sha256(dossier.path(index).read_bytes()).digest()
        assert leaf.leaf == sha256(b"\x00" + leaf.salt + digest).digest()
        assert verify_inclusion(leaf.leaf, index, 3, dossier.proof(index), dossier.root)
    assert len({leaf.salt for leaf in dossier.leaves}) == 3
    assert all(len(leaf.salt) == 32 for leaf in dossier.leaves)


def test_nothing_written_beside_the_salts_holds_a_bare_digest_of_a_file(source, store):
    dossier = build(source, store)
    written = (dossier.folder / "leaves.json").read_text() + (dossier.folder / "manifest.json").read_text()
    assert sha256(b"kaart").hexdigest() not in written
    assert set(json.loads((dossier.folder / "leaves.json").read_text())) == {"format", "root", "leaves"}


def test_building_twice_gives_two_roots_as_salts_are_fresh(source, store):
    assert build(source, store).root != build(source, store).root
    assert len(store.roots()) == 2


def test_only_the_owner_can_look_into_a_dossier(source, store):
    assert build(source, store).folder.stat().st_mode & 0o077 == 0


def test_progress_ends_at_the_total_of_all_files(source, store):
    (source / "bijlagen" / "kaart.txt").write_bytes(b"x" * (5 << 19))
    steps = []
    build(source, store, DIRECTORY, lambda done, total: steps.append((done, total)))
    total = (5 << 19) + 18
    assert [done for done, _ in steps] == [18, 18 + (1 << 20), 18 + (2 << 20), total]
    assert {one for _, one in steps} == {total}


def test_a_toml_manifest_builds_as_well(source, store):
    (source / "manifest.yaml").unlink()
    (source / "manifest.toml").write_text(
        'manifest = 1\ntitle = "T"\nsummary = "S"\nkind = "overig"\npolicyArea = "p"\nparties = []\n'
        'validFrom = 2026-01-01\n[[files]]\npath = "convenant.pdf"\nrole = "besluit"\n'
    )
    assert build(source, store).manifest.files[0].path == "convenant.pdf"


def test_preparing_checks_the_same_and_writes_nothing(source, store):
    assert prepare(source).title == "Convenant Fietsroutes"
    (source / "convenant.pdf").unlink()
    with pytest.raises(ManifestError, match=r"convenant\.pdf is not in the folder"):
        prepare(source)


def test_files_that_are_not_listed_can_be_pointed_out(source):
    (source / "vergeten.pdf").write_bytes(b"%PDF-")
    (source / ".DS_Store").touch()
    assert unlisted_files(source, prepare(source)) == ("vergeten.pdf",)


def test_a_missing_file_is_told_with_the_nearest_name(source, store):
    (source / "convenant.pdf").rename(source / "Convenant-2.pdf")
    assert faults_of(source, store) == [
        ("files[0].path", 11, "convenant.pdf is not in the folder: did you mean Convenant-2.pdf?")
    ]


def test_every_faulty_file_is_told_at_once(source, store):
    (source / "convenant.pdf").write_bytes(b"PK\x03\x04")
    (source / "bijlagen" / "kaart.txt").write_bytes(b"")
    assert faults_of(source, store) == [
        (
            "files[0].path",
            11,
            "convenant.pdf is not a PDF, as it does not start with %PDF-: export it again, or rename it",
        ),
        ("files[1].path", 13, "bijlagen/kaart.txt is empty: was it copied before it was complete?"),
    ]


def test_a_folder_or_a_pipe_instead_of_a_file_is_refused(source, store):
    (source / "convenant.pdf").unlink()
    (source / "convenant.pdf").mkdir()
    (source / "bijlagen" / "kaart.txt").unlink()
    os.mkfifo(source / "bijlagen" / "kaart.txt")
    assert [one[2] for one in faults_of(source, store)] == [
        "convenant.pdf is a folder: list the files in it one by one",
        "bijlagen/kaart.txt is not a file",
    ]


def test_a_link_out_of_the_folder_is_refused_also_when_a_folder_is_the_link(source, store, tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kaart.txt").write_text("secret")
    (source / "convenant.pdf").unlink()
    (source / "convenant.pdf").symlink_to(tmp_path / "secret.txt")
    (source / "bijlagen" / "kaart.txt").unlink()
    (source / "bijlagen").rmdir()
    (source / "bijlagen").symlink_to(tmp_path / "elsewhere")
    found = faults_of(source, store)
    assert [one[1] for one in found] == [11, 13]
    assert all("is a link to a place outside the folder: copy the file itself" in one[2] for one in found)


def test_a_link_within_the_folder_is_copied_as_a_file_and_a_broken_one_is_refused(source, store):
    (source / "bijlagen" / "kaart.txt").unlink()
    (source / "bijlagen" / "kaart.txt").symlink_to("../convenant.pdf")
    dossier = build(source, store)
    assert not dossier.path(2).is_symlink()
    (source / "bijlagen" / "kaart.txt").unlink()
    (source / "bijlagen" / "kaart.txt").symlink_to("kaart.txt")
    with pytest.raises(ManifestError, match="is a link to a file that is not there"):
        build(source, store)


@pytest.mark.parametrize("same_size", [False, True])
def test_a_file_that_changes_while_it_is_read_is_refused_and_nothing_is_left(source, store, same_size):
    kaart = source / "bijlagen" / "kaart.txt"
    kaart.write_bytes(b"x" * (2 << 20))

    def disturb(done, total):
        if done == 18 + (1 << 20):
            with kaart.open("r+b" if same_size else "ab") as stream:
                stream.write(b"y")
            os.utime(kaart, ns=(1, 1))

    with pytest.raises(ManifestError) as caught:
        build(source, store, DIRECTORY, disturb)
    (problem,) = caught.value.problems
    assert (problem.field, problem.line) == ("files[1].path", 13)
    assert "changed while it was read: close it in other programs" in problem.message
    assert content_of(store) == []


def test_an_interruption_leaves_nothing_behind(source, store):
    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(source, store, DIRECTORY, interrupt)
    assert content_of(store) == []


def test_what_a_killed_process_left_is_swept_after_a_day_and_not_earlier(source, store):
    old, fresh = store.folder / ".staging-old", store.folder / ".staging-fresh"
    for folder in (old, fresh):
        folder.mkdir(parents=True)
        (folder / "half.pdf").write_text("half")
    os.utime(old, (0, 0))
    build(source, store)
    assert not old.exists()
    assert fresh.exists()
    assert len(store.roots()) == 1


def test_a_process_that_is_killed_leaves_no_dossier(source, store):
    program = """
        import os, signal, sys
        from pathlib import Path
        from registry.dossier import Store, build
        die = lambda done, total: os.kill(os.getpid(), signal.SIGKILL)
        build(Path(sys.argv[1]), Store(Path(sys.argv[2])), progress=die)
    """
    subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), source, store.folder],
        cwd=ROOT,
        check=False,
        timeout=60,
    )
    assert len(content_of(store)) == 1
    assert store.roots() == ()


@pytest.fixture
def tiny_disk(tmp_path):
    """A disk of 256 KiB."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a tiny disk takes the superuser on Linux")
    place = tmp_path / "tiny"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", place],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"mounting is not possible here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_disk_is_told_with_its_remedy_and_nothing_is_left(source, tiny_disk):
    (source / "bijlagen" / "kaart.txt").write_bytes(b"x" * (1 << 20))
    store = Store(tiny_disk / "store")
    with pytest.raises(StorageError, match=r"cannot write .*kaart\.txt: the disk is full") as caught:
        build(source, store)
    assert caught.value.hint == "free some space, or set another folder for dossiers"
    assert isinstance(caught.value.__cause__, OSError)
    assert content_of(store) == []


def test_after_a_full_disk_a_smaller_dossier_still_fits(source, tiny_disk):
    store = Store(tiny_disk / "store")
    (source / "bijlagen" / "kaart.txt").write_bytes(b"x" * (1 << 20))
    with pytest.raises(StorageError):
        build(source, store)
    (source / "bijlagen" / "kaart.txt").write_bytes(b"x" * 1000)
    assert check(build(source, store).folder).erased == ()


def test_a_store_that_is_a_file_is_a_storage_error(source, tmp_path):
    (tmp_path / "store").write_text("not a folder")
    with pytest.raises(StorageError, match=r"cannot write .*store"):
        build(source, Store(tmp_path / "store"))


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read and write everything")
def test_no_permission_is_told_with_the_path(source, store, tmp_path):
    (source / "convenant.pdf").chmod(0)
    with pytest.raises(StorageError, match=r"cannot read .*convenant\.pdf: permission denied"):
        build(source, store)
    (source / "convenant.pdf").chmod(0o600)
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(StorageError, match=r"cannot write .*closed.*: permission denied"):
        build(source, Store(tmp_path / "closed" / "store"))


def test_a_source_that_is_no_folder_is_a_usage_error(store, tmp_path):
    with pytest.raises(UsageError, match="nowhere is not a folder"):
        build(tmp_path / "nowhere", store)


def test_a_file_of_200_megabytes_takes_less_than_100_megabytes_of_memory(source, store):
    with (source / "bijlagen" / "kaart.txt").open("wb") as stream:
        stream.truncate(200 << 20)
    program = """
        import re, resource, sys
        from pathlib import Path
        from registry.dossier import Store, build
        build(Path(sys.argv[1]), Store(Path(sys.argv[2])))
        # On Linux ru_maxrss still holds what the process that started this one had used.
        status = Path("/proc/self/status")
        if status.exists():
            print(int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read_text())[1]) // 1024)
        else:
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 * 1024))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), source, store.folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert int(done.stdout) < 100
