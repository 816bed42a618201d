"""``foodvalley dossier new`` and ``build``: what people and machines read, and what cannot be built."""

import json

import pytest
from dossiers import MANIFEST, fact, kept, write_manifest
from world import SAMPLES


def test_new_writes_a_manifest_and_says_what_comes_next(ask, tmp_path):
    (tmp_path / "convenant.pdf").write_bytes(b"%PDF-1.7")
    answer = ask("new", ".")
    assert answer.code == 0
    assert (tmp_path / "manifest.yaml").exists()
    assert "Manifest gemaakt" in answer.out
    assert "convenant.pdf" in answer.out
    assert "foodvalley dossier build ." in answer.out


def test_new_answers_machines(ask, source):
    (source / "manifest.yaml").unlink()
    document = ask("new", source, "--json").json()
    assert document == {"manifest": str(source / "manifest.yaml"), "files": ["convenant.pdf", "kaart.txt"]}


def test_new_never_overwrites_a_manifest(ask, source):
    before = (source / "manifest.yaml").read_bytes()
    answer = ask("new", source)
    assert answer.code == 2
    assert "already exists" in answer.err
    assert (source / "manifest.yaml").read_bytes() == before


def test_new_needs_a_folder(ask):
    assert ask("new", "nergens").code == 2


def test_build_prints_the_root_the_leaves_the_parties_and_the_dates(ask, home, source):
    answer = ask("build", source)
    assert answer.code == 0
    (root,) = kept(home)
    lines = answer.out.splitlines()
    assert lines[0] == "Dossier gebouwd: Convenant [fietsroutes] (voorbeeld)"
    assert fact(answer, "dossier") == f"0x{root}"
    assert fact(answer, "partijen") == "gemeente Veenendaal (college) en gemeente Ede (raad)"
    assert fact(answer, "geldig") == "vanaf 1 januari 2026 tot en met 31 december 2026"
    assert fact(answer, "opzeggen") == "door één partij met 90 dagen opzegtermijn"
    assert fact(answer, "akkoord") == "uiterlijk 1 maart 2026"
    leaves = json.loads((home / "dossiers" / root / "leaves.json").read_text())["leaves"]
    for leaf in leaves:
        assert f"     blad 0x{leaf['leaf']}" in lines
    assert fact(answer, "verder met") == f"foodvalley propose 0x{root[:10]} --key NAAM"
    assert answer.err == ""


@pytest.mark.parametrize("columns", ["80", "120"])
def test_hashes_stay_on_one_line_and_lines_end_where_the_text_ends(ask, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    answer = ask("build", SAMPLES / "mobiliteitsconvenant")
    lines = answer.out.splitlines()
    assert len([line for line in lines if "0x" in line and len(line.partition("0x")[2].split()[0]) == 64]) == 4
    assert all(len(line) <= int(columns) for line in lines if not line.strip().startswith("map "))
    assert all(line == line.rstrip() for line in lines)


def test_build_answers_machines(ask, source):
    document = ask("build", source, "--json").json()
    assert set(document) == {
        *("root", "folder", "title", "kind", "example", "parties", "validFrom", "validUntil"),
        *("noticeDays", "deadline", "manifest", "files", "unlisted"),
    }
    assert document["root"].startswith("0x")
    assert len(document["root"]) == 66
    assert document["parties"][0] == {"id": "gm0345", "name": "gemeente Veenendaal", "organ": "college"}
    assert document["validFrom"] == 1767222000  # 1 January 2026 in the Netherlands
    assert document["validUntil"] == 1798758000
    assert [one["path"] for one in document["files"]] == ["manifest.json", "convenant.pdf", "kaart.txt"]
    assert document["files"][2]["size"] == 5
    assert document["files"][0]["leaf"].startswith("0x")
    assert "salt" not in json.dumps(document)


def test_build_warns_of_files_that_the_manifest_does_not_list(ask, source):
    (source / "vergeten.pdf").write_bytes(b"%PDF-1.7")
    answer = ask("build", source)
    assert answer.code == 0
    assert "Warning" in answer.err
    assert "vergeten.pdf" in answer.err
    assert ask("build", source, "--json").json()["unlisted"] == ["vergeten.pdf"]


def test_a_file_name_cannot_steer_the_terminal(ask, source):
    (source / "\x1b[31mrood[bold].pdf").write_bytes(b"%PDF-1.7")
    answer = ask("build", source)
    assert "\x1b" not in answer.err
    assert "�[31mrood[bold].pdf" in answer.err


def test_an_act_that_ends_the_agreement_is_proposed_as_a_follow_up(ask, source):
    write_manifest(source, parties=[], validUntil=None, noticeDays=0, commitments=[])
    answer = ask("build", source)
    assert answer.code == 0
    assert "deze handeling beëindigt de overeenkomst" in answer.out
    assert "met ingang van 1 januari 2026" in answer.out
    assert "--follows OVEREENKOMST" in answer.out


def test_build_refuses_what_is_no_pdf_what_is_empty_and_what_is_missing_all_at_once(ask, home, source):
    (source / "convenant.pdf").write_text("dit is geen pdf")
    (source / "kaart.txt").write_bytes(b"")
    files = [*MANIFEST["files"], {"path": "weg.pdf", "role": "bijlage"}]
    write_manifest(source, files=files)
    answer = ask("build", source)
    assert answer.code == 2
    assert "convenant.pdf is not a PDF" in answer.err
    assert "kaart.txt is empty" in answer.err
    assert "weg.pdf is not in the folder" in answer.err
    assert kept(home) == []


def test_build_names_an_unknown_organisation_with_its_line(ask, source):
    parties = [{"organisation": "Veenendal", "organ": "college"}, {"organisation": "Ede", "organ": "raad"}]
    write_manifest(source, parties=parties)
    line = (source / "manifest.yaml").read_text().splitlines().index("- organisation: Veenendal") + 1
    answer = ask("build", source)
    assert answer.code == 2
    assert f"manifest.yaml:{line}: parties[0].organisation: unknown organisation 'Veenendal'" in answer.err
    assert "did you mean gm0345 (gemeente Veenendaal)?" in answer.err


def test_build_refuses_dates_in_the_wrong_order(ask, source):
    write_manifest(source, validFrom="2026-01-01", validUntil="2025-12-31")
    answer = ask("build", source)
    assert answer.code == 2
    assert "manifest.yaml" in answer.err
    assert "validUntil" in answer.err
