"""Is this file what was agreed? Asked of a real register, as time goes by."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from world import DAY, SAMPLES, Desk, Region

from registry import dutch
from registry.dossier import build, document_digest
from registry.errors import DossierError, UsageError
from registry.organisations import DIRECTORY
from registry.verification import Outcome


def outcome(desk: Desk, file: Path) -> Outcome:
    answer = desk.service.verify(file)
    sentence = dutch.verification(answer, DIRECTORY)
    assert sentence.endswith(".")
    assert "  " not in sentence
    return answer.outcome


def test_text_goes_through_every_state(either_region: Region, tmp_path: Path) -> None:
    desk, region = Desk(either_region, tmp_path), either_region
    draft = desk.draft("veenendaal", "renswoude", since=10, until=40)
    file = shutil.copy(desk.document(draft), tmp_path / "in mijn hand.pdf")
    assert outcome(desk, file) is Outcome.UNKNOWN
    desk.service.propose(draft, region.signer("veenendaal"))
    assert outcome(desk, file) is Outcome.PROPOSED
    desk.agree(draft)
    assert outcome(desk, file) is Outcome.PENDING
    region.travel(12 * DAY)
    assert outcome(desk, file) is Outcome.IN_FORCE
    region.travel(40 * DAY)
    assert outcome(desk, file) is Outcome.EXPIRED
    second = desk.agree(desk.draft("veenendaal", "renswoude", since=-5, follows=draft))
    assert outcome(desk, file) is Outcome.SUPERSEDED
    assert outcome(desk, desk.document(second)) is Outcome.IN_FORCE
    end = desk.agree(desk.draft(since=-1, follows=second), "renswoude", "veenendaal")
    assert outcome(desk, desk.document(end)) is Outcome.ENDED
    assert outcome(desk, desk.document(second)) is Outcome.SUPERSEDED


def test_attachment_and_manifest_are_part_of_it(desk: Desk) -> None:
    act = desk.concluded("veenendaal", "renswoude")
    for name in ("overeenkomst.pdf", "bijlage.txt", "manifest.json"):
        assert outcome(desk, desk.document(act, name)) is Outcome.IN_FORCE
    assert outcome(desk, desk.document(act, "leaves.json")) is Outcome.UNKNOWN


def test_one_byte_makes_another_file_of_a_known_name(desk: Desk, tmp_path: Path) -> None:
    act = desk.concluded("veenendaal", "renswoude")
    file = tmp_path / "overeenkomst.pdf"
    content = bytearray(desk.document(act).read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    answer = desk.service.verify(file)
    assert answer.outcome is Outcome.UNKNOWN
    assert [one.path for one in answer.lookalikes] == ["overeenkomst.pdf"]
    content[-1] ^= 1
    file.write_bytes(content)
    assert outcome(desk, file) is Outcome.IN_FORCE


def test_other_municipality_needs_the_dossier_and_hears_how_many_it_lacks(
    desk: Desk, region: Region, tmp_path: Path
) -> None:
    act = desk.concluded("veenendaal", "renswoude")
    other = Desk(region, tmp_path / "elders")
    answer = other.service.verify(desk.document(act))
    assert (answer.outcome, answer.acts_without_dossier) == (Outcome.UNKNOWN, 1)
    other.service.store.add(desk.service.store.place(act.dossier), act.dossier)
    assert outcome(other, desk.document(act)) is Outcome.IN_FORCE


def test_sample_dossiers_are_recognised(desk: Desk) -> None:
    act = desk.agree(
        desk.service.draft(desk.view, build(SAMPLES / "dienstverlening-veenendaal-renswoude", desk.service.store))
    )
    for name in ("overeenkomst.pdf", "bijlage-dienstencatalogus.pdf"):
        answer = desk.service.verify(SAMPLES / "dienstverlening-veenendaal-renswoude" / name)
        assert answer.outcome.accepted
        assert answer.finding is not None
        assert answer.finding.recorded.act == act
    amended = SAMPLES / "dienstverlening-veenendaal-renswoude-wijziging-1" / "overeenkomst.pdf"
    assert desk.service.verify(amended).outcome is Outcome.UNKNOWN


def test_answer_holds_as_of_the_block_it_was_asked_at(desk: Desk, region: Region) -> None:
    act = desk.concluded("veenendaal", "renswoude")
    view = desk.view
    desk.agree(desk.draft("veenendaal", "renswoude", since=-1, follows=act))
    assert desk.service.verify(desk.document(act), view).outcome is Outcome.IN_FORCE
    answer = desk.service.verify(desk.document(act))
    assert answer.outcome is Outcome.SUPERSEDED
    assert answer.block == region.chain.latest()[0]
    assert answer.digest == document_digest(desk.document(act))


def test_what_is_no_document_is_refused(desk: Desk, tmp_path: Path) -> None:
    empty = tmp_path / "leeg.pdf"
    empty.touch()
    with pytest.raises(DossierError, match="is empty"):
        desk.service.verify(empty)
    for path in (tmp_path, tmp_path / "weg.pdf"):
        with pytest.raises(UsageError):
            desk.service.verify(path)


def test_damaged_store_is_no_answer(desk: Desk) -> None:
    act = desk.concluded("veenendaal", "renswoude")
    leaves = desk.document(act, "leaves.json")
    leaves.write_text(leaves.read_text().replace('"leaf": "', '"leaf": "00', 1))
    answer = desk.service.verify(desk.document(act))
    assert answer.outcome is Outcome.UNKNOWN
    assert answer.acts_without_dossier == 1
