"""How every fault in a manifest is told: field, line and remedy."""

import os
from functools import partial

import pytest
from manifests import TOML, YAML, read_text

from registry.dossier import find_manifest, read_manifest
from registry.errors import ManifestError, StorageError, UsageError
from registry.organisations import DIRECTORY


@pytest.fixture
def read(tmp_path):
    """Reads a text as a manifest file of this name."""
    return partial(read_text, tmp_path)


@pytest.fixture
def faults(read):
    """The faults of a text as (field, line, message)."""

    def read_faults(text, name="manifest.yaml"):
        with pytest.raises(ManifestError) as caught:
            read(text, name)
        assert caught.value.source.endswith(name)
        return [(one.field, one.line, one.message) for one in caught.value.problems]

    return read_faults


@pytest.mark.parametrize(
    ("old", "new", "field", "line", "message"),
    [
        ("manifest: 1", "manifest: 2", "manifest", 1, "'2' is not possible here: write 1"),
        ("title: Convenant Fietsroutes", "", "title", 1, "is missing: what people call the agreement"),
        ("title: Convenant Fietsroutes", "title: 2026", "title", 2, "must be text: put it between quotes"),
        ("title: Convenant Fietsroutes", "title: ''", "title", 2, "is empty: fill it in"),
        ("kind: convenant", "kind: convenent", "kind", 4, "did you mean convenant?"),
        (
            "noticeDays:",
            "noticedays:",
            "noticedays",
            13,
            "unknown field 'noticedays': did you mean noticeDays?",
        ),
        ("policyArea: mobiliteit", "policyArea: [a]", "policyArea", 5, "must be text"),
        (
            "Veenendaal\n    organ: college",
            "gm0346\n    organ: college",
            "parties[0].organisation",
            7,
            "gm0345",
        ),
        (
            "organ: raad",
            "organ: rad",
            "parties[1].organ",
            10,
            "'rad' is not possible here: did you mean raad?",
        ),
        ("    organ: raad\n", "", "parties[1].organ", 9, "is missing: the organ that decides for this party"),
        ("gm0228", "Veenendaal", "parties[1].organisation", 9, "gm0345 is already parties[0]"),
        ("2026-01-01", "1 januari 2026", "validFrom", 11, "is not a date: write it as 2026-12-31"),
        ("2026-01-01", "2026-02-30", "validFrom", 11, "2026-02-30 is not a day of the calendar"),
        ("2026-01-01", "1969-12-31", "validFrom", 11, "the register knows 1970-01-02 to 9998-12-31"),
        ("2029-12-31", "2025-12-31", "validUntil", 12, "2025-12-31 is before validFrom 2026-01-01"),
        ("noticeDays: 90", "noticeDays: '90'", "noticeDays", 13, "must be a whole number without quotes"),
        ("noticeDays: 90", "noticeDays: -1", "noticeDays", 13, "must be 0 or more"),
        ("noticeDays: 90", "noticeDays: 49711", "noticeDays", 13, "must be 49710 or less"),
        ("noticeDays: 90", "noticeDays: true", "noticeDays", 13, "must be a whole number without quotes"),
        ("noticeDays: 90", "example: yes", "example", 13, "must be true or false"),
        ("noticeDays: 90", "language: Nederlands", "language", 13, "as a code (BCP 47), such as nl or fy"),
        ("id: T1", "id: T 1", "commitments[0].id", 16, "'T 1' has not the right form: short and unique"),
        ("gemeente Veenendaal", "Utrecht", "commitments[0].organisation", 17, "pv26 is not a party"),
        (
            "due: 2027-06-30",
            "when: 2027",
            "commitments[0].when",
            19,
            "known here are id, organisation, text, due",
        ),
        (
            "path: convenant.pdf",
            "path: /convenant.pdf",
            "files[0].path",
            21,
            "must be relative to the folder",
        ),
        ("path: convenant.pdf", "path: C:\\a.pdf", "files[0].path", 21, "has a backslash"),
        ("path: convenant.pdf", "path: ../a.pdf", "files[0].path", 21, "leads outside the folder"),
        ("path: convenant.pdf", "path: ./a.pdf", "files[0].path", 21, "is not a plain path"),
        ("path: convenant.pdf", 'path: "a\\nb.pdf"', "files[0].path", 21, "has invisible characters"),
        ("path: convenant.pdf", "path: Manifest.YAML", "files[0].path", 21, "the register uses itself"),
        ("path: convenant.pdf", "path: leaves.json", "files[0].path", 21, "the register uses itself"),
        ("bijlagen/besluit.pdf", "Convenant.pdf", "files[1].path", 23, "Convenant.pdf is already files[0]"),
        ("role: besluit", "role: bijlage", "files[1].organisation", 25, "a file with role besluit only"),
    ],
)
def test_a_fault_is_told_with_its_field_its_line_and_its_remedy(faults, old, new, field, line, message):
    text = YAML.replace(old, new, 1)
    assert text != YAML
    found = faults(text)
    assert (field, line) == found[0][:2]
    assert message in found[0][2]
    assert len(found) == 1


def test_an_unknown_organisation_is_told_with_the_nearest_one(faults):
    text = YAML.replace("organisation: Veenendaal", "organisation: gm0346").split("commitments:")[0]
    assert faults(text + "files: [{path: a, role: bijlage}]\n") == [
        (
            "parties[0].organisation",
            7,
            "unknown organisation 'gm0346': did you mean gm0345 (gemeente Veenendaal)?",
        )
    ]


def test_every_fault_is_told_at_once_in_the_order_of_the_lines(faults):
    text = (YAML.replace("kind: convenant", "kind: ?").replace("gm0228", "Veenendaal").replace("90", "many")).replace(
        "path: convenant.pdf", "path: bijlagen/besluit.pdf"
    )
    assert [one[:2] for one in faults(text.replace("kind: ?", "kind: zzz"))] == [
        ("kind", 4),
        ("parties[1].organisation", 9),
        ("noticeDays", 13),
        ("files[1].path", 23),
    ]


def test_the_message_of_the_error_names_file_line_and_field_like_a_compiler(read, tmp_path):
    with pytest.raises(ManifestError) as caught:
        read(YAML.replace("kind: convenant", "kind: zzz"))
    assert str(caught.value).startswith(f"{tmp_path / 'manifest.yaml'}:4: kind: 'zzz' is not possible here")


def test_one_party_is_never_enough(faults):
    text = YAML.replace("  - organisation: gm0228\n    organ: raad\n", "")
    assert faults(text)[0][:2] == ("parties", 6)
    assert "one party cannot agree with itself" in faults(text)[0][2]


def test_two_commitments_cannot_have_one_id(faults):
    again = "  - id: T1\n    organisation: Ede\n    text: Ede ook.\nfiles:"
    assert faults(YAML.replace("files:", again)) == [
        ("commitments[1].id", 20, "T1 is already commitments[0]: choose another id")
    ]


def test_a_list_of_files_is_neither_empty_nor_endless(faults):
    head = YAML.split("files:")[0]
    assert faults(head + "files: []\n") == [("files", 20, "needs 1 or more")]
    many = "".join(f"  - {{path: f{number}, role: bijlage}}\n" for number in range(1001))
    assert faults(head + "files:\n" + many) == [("files", 20, "has too many: at most 1000")]


@pytest.mark.parametrize(
    ("old", "new", "field", "line", "message"),
    [
        ('kind = "convenant"', 'kind = "convenent"', "kind", 4, "did you mean convenant?"),
        ("validFrom = 2026-01-01", "validFrom = 2026-01-01T00:00:00", "validFrom", 6, "without a time"),
        ("validFrom = 2026-01-01", "validfrom = 2026-01-01", "validFrom", 1, "is missing: the first day"),
        ("noticeDays = 90", "noticeDays = 9.5", "noticeDays", 8, "must be a whole number"),
        ('organisation = "gm0228"', 'organisation = "gm0229"', "parties[1].organisation", 16, "did you mean"),
        ('organ = "raad"', "", "parties[1].organ", 15, "is missing"),
        ('role = "besluit"', 'role = "besluiten"', "files[1].role", 31, "did you mean besluit?"),
    ],
)
def test_a_fault_in_toml_has_its_line_too(faults, old, new, field, line, message):
    found = faults(TOML.replace(old, new, 1), "manifest.toml")
    assert (field, line) == found[0][:2]
    assert message in found[0][2]


def test_toml_written_inline_has_its_lines_and_strings_do_not_count_as_keys(faults):
    text = (
        "manifest = 1\n"
        'title = "x"\n'
        'summary = """\n'
        "kind = 5\n"
        '[[parties]]"""\n'
        'kind = "zzz"\n'
        "policyArea = 'p' # kind = 1\n"
        "validFrom = '2026-01-01'\n"
        "parties = [\n"
        '  { organisation = "Ede", organ = "raad" },\n'
        '  { organisation = "Edde", organ = "raad" },\n'
        "]\n"
        "files = [{ path = 'a.txt', role = 'zzz' }]\n"
    )
    assert [one[:2] for one in faults(text, "manifest.toml")] == [
        ("kind", 6),
        ("parties[1].organisation", 11),
        ("files[0].role", 13),
    ]


@pytest.mark.parametrize(
    ("name", "text", "line", "message"),
    [
        ("manifest.yaml", "manifest: 1\ntitle: 'open\n", 3, "not valid YAML: found unexpected end of stream"),
        ("manifest.yaml", "manifest: 1\n\ttitle: x\n", 2, "indent with spaces, not with tabs"),
        (
            "manifest.yaml",
            "manifest: 1\ntitle: a: b\n",
            2,
            "not valid YAML: mapping values are not allowed here",
        ),
        ("manifest.yaml", "manifest: 1\n---\nmanifest: 1\n", 2, "not valid YAML"),
        ("manifest.yaml", "manifest: 1\ntitle: \x07\n", 2, "has a character that YAML does not allow"),
        ("manifest.yaml", "manifest: 1\ntitle: &a x\nsummary: *a\n", 3, "aliases (*) are not allowed"),
        ("manifest.yaml", "manifest: 1\ntitle: " + "[" * 5000, 2, "nested too deeply"),
        (
            "manifest.yaml",
            "manifest: 1\ntitle: x\ntitle: y\n",
            3,
            "is written twice, first on line 2: keep one",
        ),
        ("manifest.yaml", "title: !!python/name:os.system x\n", 1, "is not allowed: leave it out"),
        ("manifest.yaml", "- a\n- b\n", 1, "must be a list of fields"),
        ("manifest.yaml", "", 1, "is empty"),
        ("manifest.yaml", "# nothing\n", 1, "is empty"),
        ("manifest.yaml", b"manifest: 1\ntitle: caf\xe9\n", 2, "is not UTF-8: save the file as UTF-8"),
        ("manifest.yaml", "# " + "x" * (1 << 20), None, "is larger than 1048576 bytes"),
        ("manifest.toml", "manifest = 1\ntitle = x\n", 2, "not valid TOML: Invalid value"),
        ("manifest.toml", "manifest = 1\nmanifest = 2\n", 2, "not valid TOML: Cannot overwrite a value"),
        ("manifest.toml", 'manifest = 1\ntitle = """x\n', 3, "not valid TOML"),
        ("manifest.toml", "title = " + "[" * 5000, None, "nested too deeply"),
        ("manifest.toml", "", 1, "is empty"),
    ],
)
def test_a_file_that_cannot_be_read_as_a_manifest_is_told_with_its_line(faults, name, text, line, message):
    (field, found_line, found) = faults(text, name)[0]
    assert message in found
    assert found_line == line
    assert field in ("", "title")


def test_a_manifest_that_is_not_there_or_not_readable_is_a_storage_error(tmp_path):
    with pytest.raises(StorageError, match=r"cannot read .*manifest\.yaml: it is not there"):
        read_manifest(tmp_path / "manifest.yaml", DIRECTORY)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_manifest_without_permission_is_a_storage_error(tmp_path):
    (tmp_path / "manifest.yaml").write_text(YAML)
    (tmp_path / "manifest.yaml").chmod(0)
    with pytest.raises(StorageError, match="permission denied"):
        read_manifest(tmp_path / "manifest.yaml", DIRECTORY)


def test_a_folder_without_a_manifest_says_what_to_do(tmp_path):
    with pytest.raises(UsageError, match="is not a folder"):
        find_manifest(tmp_path / "nowhere")
    with pytest.raises(ManifestError, match=r"has no manifest\.yaml or manifest\.toml") as caught:
        find_manifest(tmp_path)
    assert "template" in str(caught.value.hint)
    (tmp_path / "leaves.json").touch()
    with pytest.raises(ManifestError) as caught:
        find_manifest(tmp_path)
    assert "built before" in str(caught.value.hint)


def test_two_manifests_cannot_both_count(tmp_path):
    (tmp_path / "manifest.yaml").write_text(YAML)
    (tmp_path / "manifest.toml").write_text(TOML)
    with pytest.raises(ManifestError, match=r"manifest\.yaml and manifest\.toml are both here"):
        find_manifest(tmp_path)
