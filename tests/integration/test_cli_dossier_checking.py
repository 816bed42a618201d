"""``foodvalley dossier check`` and ``add``: whatever is not what was agreed is named."""

import pytest
from dossiers import build, fact, kept


def test_check_of_a_source_says_that_it_can_be_built_and_builds_nothing(ask, home, source):
    answer = ask("check", source)
    assert answer.code == 0
    assert "zou kunnen worden gebouwd" in answer.out
    assert kept(home) == []
    document = ask("check", source, "--json").json()
    assert (document["built"], document["sound"], document["unlisted"]) == (False, True, [])


def test_check_of_a_source_has_no_root_to_compare(ask, source):
    answer = ask("check", source, "--root", "0x" + "00" * 32)
    assert answer.code == 2
    assert "not built yet" in answer.err


def test_check_recomputes_a_dossier_of_the_store_or_of_a_folder(ask, home, source):
    root = build(ask, source)
    for what in (root, root[:8], root[2:9], home / "dossiers" / root[2:]):
        answer = ask("check", what, "--root", root)
        assert answer.code == 0
        assert "Klopt" in answer.out
        assert fact(answer, "dossier") == root
    assert "zegt het register" in ask("check", root).out
    assert ask("check", root, "--json").json()["built"] is True


def test_check_names_a_changed_byte(ask, home, source):
    root = build(ask, source)
    (home / "dossiers" / root[2:] / "convenant.pdf").write_bytes(b"%PDF-1.7\nconvenanT")
    answer = ask("check", root)
    assert answer.code == 1
    assert "convenant.pdf: expected leaf" in answer.err


def test_check_refuses_a_sound_dossier_with_another_root(ask, source):
    root = build(ask, source)
    other = "0x" + "ab" * 32
    answer = ask("check", root, "--root", other)
    assert answer.code == 1
    assert "ab" * 32 in answer.err


def test_check_refuses_a_dossier_that_stands_under_another_root(ask, home, source):
    root = build(ask, source)
    other = "ab" * 32
    (home / "dossiers" / root[2:]).rename(home / "dossiers" / other)
    assert ask("check", "0xabab").code == 1


@pytest.mark.parametrize("root", ["0x12", "veenendaal", "0x" + "g" * 64])
def test_a_root_to_compare_is_written_in_full(ask, source, root):
    assert ask("check", source, "--root", root).code == 2


def test_add_takes_in_a_dossier_from_elsewhere_once(ask, home, source, tmp_path):
    root = build(ask, source)
    received = tmp_path / "ontvangen"
    (home / "dossiers" / root[2:]).rename(received)
    answer = ask("add", received, "--root", root)
    assert answer.code == 0
    assert "Dossier toegevoegd: Convenant [fietsroutes] (voorbeeld)" in answer.out
    assert kept(home) == [root[2:]]
    assert "Dossier was er al" in ask("add", received).out
    document = ask("add", received, "--json").json()
    assert (document["new"], document["root"]) == (False, root)


def test_add_refuses_another_dossier_than_was_agreed(ask, home, source, tmp_path):
    root = build(ask, source)
    received = tmp_path / "ontvangen"
    (home / "dossiers" / root[2:]).rename(received)
    assert ask("add", received, "--root", "0x" + "cd" * 32).code == 1
    (received / "kaart.txt").write_text("andere kaart")
    assert ask("add", received).code == 1
    assert kept(home) == []
