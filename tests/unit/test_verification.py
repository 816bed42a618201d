"""Is this file what was agreed? Every answer there is, over a store on disk and a register of hand-made events."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from ledgers import BOTH, DAY, START, Case, concluding

from registry.dossier import Dossier
from registry.model import Act
from registry.verification import Outcome


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


@pytest.mark.parametrize("path", ["overeenkomst.pdf", "bijlage.txt"])
def test_agreed_document_is_in_force_whichever_of_the_files_it_is(case: Case, path: str) -> None:
    act = case.conclude()
    answer = case.ask(case.file("eerste", path))
    assert answer.outcome is Outcome.IN_FORCE
    assert answer.outcome.accepted
    assert answer.finding is not None
    assert answer.finding.recorded.act == act
    assert answer.finding.match.path == path
    assert answer.finding.successor is None


def test_manifest_itself_is_part_of_what_was_agreed(case: Case) -> None:
    case.conclude()
    answer = case.ask(case.dossiers["eerste"].folder / "manifest.json")
    assert answer.outcome is Outcome.IN_FORCE
    assert answer.finding is not None
    assert answer.finding.match.index == 0


def test_before_it_begins_it_is_pending(case: Case) -> None:
    case.conclude(valid_from=START + DAY)
    assert case.ask(case.file("eerste"), START + DAY - 1).outcome is Outcome.PENDING
    assert case.ask(case.file("eerste"), START + DAY).outcome is Outcome.IN_FORCE


def test_after_its_last_day_it_is_expired(case: Case) -> None:
    case.conclude(valid_until=START + DAY)
    assert case.ask(case.file("eerste"), START + DAY - 1).outcome is Outcome.IN_FORCE
    assert case.ask(case.file("eerste"), START + DAY).outcome is Outcome.EXPIRED


def test_amended_text_is_superseded_from_the_day_of_the_amendment(case: Case) -> None:
    first = case.conclude()
    second = case.follow(first, "tweede", valid_from=START + 10 * DAY)
    assert case.ask(case.file("eerste"), START + 10 * DAY - 1).outcome is Outcome.IN_FORCE
    assert case.ask(case.file("tweede"), START + 10 * DAY - 1).outcome is Outcome.PENDING
    answer = case.ask(case.file("eerste"), START + 10 * DAY)
    assert answer.outcome is Outcome.SUPERSEDED
    assert answer.outcome.accepted
    assert answer.finding is not None
    assert answer.finding.successor is not None
    assert answer.finding.successor.act == second
    assert case.ask(case.file("tweede"), START + 10 * DAY).outcome is Outcome.IN_FORCE


def test_future_text_that_will_hold_for_a_while_is_pending(case: Case) -> None:
    first = case.conclude()
    summer = case.follow(first, "zomer", valid_from=START + 10 * DAY)
    case.follow(summer, "herfst", valid_from=START + 20 * DAY)
    now = START + DAY
    outcomes = [case.ask(case.file(name), now).outcome for name in ("eerste", "zomer", "herfst")]
    assert outcomes == [Outcome.IN_FORCE, Outcome.PENDING, Outcome.PENDING]


def test_future_text_that_was_replaced_before_it_began_is_superseded_by_what_replaced_it(case: Case) -> None:
    first = case.conclude()
    mistaken = case.follow(first, "vergissing", valid_from=START + 10 * DAY)
    mended = case.follow(mistaken, "hersteld", valid_from=START + 10 * DAY)
    for now in (START + DAY, START + 10 * DAY):
        answer = case.ask(case.file("vergissing"), now)
        assert answer.outcome is Outcome.SUPERSEDED
        assert answer.finding is not None
        assert answer.finding.successor is not None
        assert answer.finding.successor.act == mended
    assert case.ask(case.file("hersteld"), START + DAY).outcome is Outcome.PENDING


def test_text_of_an_agreement_that_never_began_and_was_replaced_is_superseded(case: Case) -> None:
    first = case.conclude(valid_from=START + 10 * DAY)
    case.follow(first, "tweede", valid_from=START + 5 * DAY)
    assert case.ask(case.file("eerste"), START + DAY).outcome is Outcome.SUPERSEDED
    assert case.ask(case.file("tweede"), START + DAY).outcome is Outcome.PENDING


def test_ended_agreement_is_superseded_by_its_end_whose_own_document_says_ended(case: Case) -> None:
    first = case.conclude()
    end = case.follow(first, "einde", parties=(), valid_from=START + DAY)
    answer = case.ask(case.file("eerste"), START + DAY)
    assert answer.outcome is Outcome.SUPERSEDED
    assert answer.finding is not None
    assert answer.finding.successor is not None
    assert answer.finding.successor.act == end
    assert case.ask(case.file("einde"), START + DAY).outcome is Outcome.ENDED
    assert case.ask(case.file("eerste"), START + DAY - 1).outcome is Outcome.IN_FORCE


def test_party_that_leaves_by_notice_leaves_the_text_in_force(case: Case) -> None:
    case.story.admit("gm0228")
    case.story.appoint("gm0228")
    parties = ("gm0228", *BOTH)
    act = Act(dossier=case.dossier("eerste", parties=parties).root, parties=parties, valid_from=START, notice=DAY)
    case.story.record(act, *parties)
    case.follow(act, parties=BOTH, valid_from=START + 10 * DAY)
    answer = case.ask(case.file("eerste"), START + 10 * DAY)
    assert answer.outcome is Outcome.IN_FORCE
    assert answer.finding is not None
    assert answer.finding.recorded.act == act, "who signed the text is who brought it in"
    assert answer.finding.successor is not None
    assert answer.finding.successor.act.parties == BOTH


def test_text_taken_by_others_for_an_act_of_their_own_proves_nothing_of_theirs(case: Case) -> None:
    first = case.conclude(valid_until=START + DAY)
    others = ("gm0203", "gm0228")
    case.story.admit(*others)
    for one in others:
        case.story.appoint(one)
    case.story.record(Act(dossier=first.dossier, parties=others, valid_from=START), *others)
    answer = case.ask(case.file("eerste"), START + 2 * DAY)
    assert answer.outcome is Outcome.EXPIRED
    assert answer.finding is not None
    assert answer.finding.recorded.act == first


def test_erased_document_is_not_said_to_be_another(case: Case) -> None:
    case.conclude()
    dossier = case.dossiers["eerste"]
    record = dossier.folder / "leaves.json"
    data = json.loads(record.read_text())
    data["leaves"][1]["salt"] = None
    record.write_text(json.dumps(data, indent=2) + "\n")
    (dossier.folder / "overeenkomst.pdf").unlink()
    answer = case.ask(case.file("eerste"))
    assert answer.outcome is Outcome.UNKNOWN
    assert answer.lookalikes == ()
    assert answer.acts_without_dossier == 1


def test_agreement_that_one_of_two_left_is_ended(case: Case) -> None:
    first = case.conclude(notice=DAY)
    case.follow(first, parties=BOTH[:1], valid_from=START + 10 * DAY)
    assert case.ask(case.file("eerste"), START + 10 * DAY).outcome is Outcome.ENDED


def test_proposed_text_is_not_accepted(case: Case) -> None:
    act = Act(dossier=case.dossier("voorstel").root, parties=BOTH, valid_from=START)
    case.story.propose(act, "gm0345")
    answer = case.ask(case.file("voorstel"))
    assert answer.outcome is Outcome.PROPOSED
    assert not answer.outcome.accepted
    assert answer.proposal is not None
    assert answer.proposal.act == act
    assert answer.manifest is not None
    assert answer.manifest.title == "voorstel"
    case.story.decline(act, "gm0339")
    assert case.ask(case.file("voorstel")).outcome is Outcome.UNKNOWN


def test_dossier_at_hand_that_nobody_recorded_says_nothing(case: Case) -> None:
    case.conclude()
    case.dossier("alleen hier")
    assert case.ask(case.file("alleen hier")).outcome is Outcome.UNKNOWN


def test_one_changed_byte_is_unknown_and_the_lookalike_is_named(case: Case, tmp_path: Path) -> None:
    case.conclude()
    case.dossier("niet vastgelegd")
    file = tmp_path / "overeenkomst.pdf"
    file.write_bytes(case.file("eerste").read_bytes() + b"\n")
    answer = case.ask(file)
    assert answer.outcome is Outcome.UNKNOWN
    assert answer.finding is None
    assert [one.dossier.manifest.title for one in answer.lookalikes] == ["eerste"]
    assert answer.acts_without_dossier == 0


def test_recorded_acts_whose_dossier_is_not_at_hand_are_counted(case: Case, tmp_path: Path) -> None:
    case.conclude()
    case.story.record(concluding(*BOTH, dossier="elders"), *BOTH)
    case.story.record(concluding(*BOTH, dossier="ook elders"), *BOTH)
    file = tmp_path / "iets.pdf"
    file.write_bytes(b"iets")
    answer = case.ask(file)
    assert answer.outcome is Outcome.UNKNOWN
    assert answer.acts_without_dossier == 2


def test_in_force_is_preferred_over_other_acts_with_the_same_document(case: Case) -> None:
    first = case.conclude()
    case.dossier("tweede", text="eerste")  # an attachment is often the same in the next version
    case.follow(first, "tweede", valid_from=START + DAY)
    before, later = (case.ask(case.file("eerste"), START + offset) for offset in (0, DAY))
    assert before.finding is not None
    assert later.finding is not None
    assert (before.outcome, before.finding.match.dossier.root) == (Outcome.IN_FORCE, case.dossiers["eerste"].root)
    assert (later.outcome, later.finding.match.dossier.root) == (Outcome.IN_FORCE, case.dossiers["tweede"].root)


def erase(dossier: Dossier, path: str) -> None:
    """As a party does on request: the file and its salt go, the leaf stays."""
    record = dossier.folder / "leaves.json"
    data = json.loads(record.read_text())
    for leaf in data["leaves"]:
        if leaf["path"] == path:
            leaf["salt"] = None
    record.write_text(json.dumps(data))
    (dossier.folder / path).unlink()


def test_erased_document_is_recognised_no_more_and_the_others_still_are(case: Case) -> None:
    case.conclude()
    erase(case.dossiers["eerste"], "bijlage.txt")
    assert case.ask(case.file("eerste", "bijlage.txt")).outcome is Outcome.UNKNOWN
    assert case.ask(case.file("eerste")).outcome is Outcome.IN_FORCE


def test_store_is_not_taken_at_its_word(case: Case, tmp_path: Path) -> None:
    """A leaf slipped in for another document would lead to another root."""
    case.conclude()
    dossier = case.dossiers["eerste"]
    forged = tmp_path / "vervalst.pdf"
    forged.write_bytes(b"%PDF-1.7 vervalst")
    record = dossier.folder / "leaves.json"
    data = json.loads(record.read_text())
    salt = bytes.fromhex(data["leaves"][1]["salt"])
    content = sha256(forged.read_bytes()).digest()
    data["leaves"][1]["leaf"] = sha256(b"\0" + salt + content).hexdigest()
    record.write_text(json.dumps(data))
    answer = case.ask(forged)
    assert answer.outcome is Outcome.UNKNOWN
    assert answer.acts_without_dossier == 1


def test_changed_manifest_in_the_store_is_noticed(case: Case) -> None:
    case.conclude()
    manifest = case.dossiers["eerste"].folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace("fietsroutes", "autowegen"))
    answer = case.ask(case.file("eerste"))
    assert answer.outcome is Outcome.UNKNOWN
    assert answer.acts_without_dossier == 1
