"""The register as JSON: names, kinds of value, and nothing that JSON cannot hold."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ledgers import (
    BOTH,
    DAY,
    DEADLINE,
    START,
    Case,
    Story,
    admission,
    after,
    concluding,
    digest_of,
    expulsion,
    key_of,
    recovery,
    reporting,
    succession,
)

from registry import documents, model
from registry.chain import Sent
from registry.dossier import Commitment
from registry.governing import Tally
from registry.model import NO_HASH, Act, Motion, Stage
from registry.organisations import DIRECTORY
from registry.progress import Progress
from registry.promises import Promise
from registry.service import View
from registry.statements import commitment_id, hash_act, hash_motion, hash_report

HASH = re.compile(r"0x[0-9a-f]{64}")


def names_in(document: Any) -> set[str]:
    """Every key at any depth."""
    if isinstance(document, dict):
        return set(document).union(*(names_in(value) for value in document.values()))
    if isinstance(document, list):
        return set().union(*(names_in(value) for value in document))
    return set()


def checked(document: Any) -> Any:
    """The document, if JSON can hold it as it is and its keys are camelCase."""
    assert json.loads(json.dumps(document)) == document
    assert {name for name in names_in(document) if not re.fullmatch(r"[a-z][a-zA-Z0-9]*", name)} == set()
    return document


@pytest.fixture
def story() -> Story:
    told = Story().admit("gm0228", *BOTH, "pv26")
    for one in BOTH:
        told.appoint(one)
    return told


def view_of(story: Story) -> View:
    return View(story.ledger, 9, story.now, story.now)


def test_organisation_comes_with_its_name() -> None:
    assert documents.organisation("gm0345", DIRECTORY) == {"id": "gm0345", "name": "gemeente Veenendaal"}
    assert documents.organisation("ws0636", DIRECTORY)["name"] == "ws0636"


def test_answer_says_as_of_which_block(story: Story) -> None:
    document = checked(documents.as_of(view_of(story)))
    assert document == {"block": 9, "time": story.now, "fingerprint": "0x" + story.ledger.fingerprint.hex()}


def test_transaction_has_hash_block_and_gas() -> None:
    document = checked(documents.sent(Sent(b"\1" * 32, 7, 21_000)))
    assert document == {"transaction": "0x" + "01" * 32, "block": 7, "gasUsed": 21_000}


def test_open_ends_and_absent_decisions_are_null(story: Story) -> None:
    document = checked(documents.mandate(story.ledger.mandates[key_of("gm0345")], DIRECTORY))
    assert document["validUntil"] is None
    assert document["decision"] is None
    assert document["together"] == 1
    limited = story.appoint("gm0345", valid_until=START + DAY, decision=digest_of("besluit"))
    document = documents.mandate(limited, DIRECTORY)
    assert document["validUntil"] == START + DAY
    assert HASH.fullmatch(str(document["decision"]))


def test_recorded_act_has_an_approval_for_each_mandate(story: Story) -> None:
    act = concluding(*BOTH)
    recorded = story.record(act, *BOTH, decisions=(digest_of("besluit"), NO_HASH))
    document = checked(documents.recorded_act(recorded, DIRECTORY, None))
    assert document["actHash"] == "0x" + hash_act(act).hex()
    assert document["verb"] == "conclude"
    assert document["title"] is None
    assert [one["citedDecision"] for one in document["approvals"]] == ["0x" + digest_of("besluit").hex(), None]
    assert [one["organisation"]["id"] for one in document["approvals"]] == list(BOTH)
    assert document["recorded"]["at"].endswith("+00:00")


def test_agreement_row_is_about_what_holds_now(story: Story) -> None:
    first = concluding(*BOTH, valid_until=START + DAY)
    story.record(first, *BOTH)
    story.record(after(first, parties=("gm0228", *BOTH), valid_from=START + 10, valid_until=0), *BOTH)
    document = checked(documents.agreement(story.agreement(first), DIRECTORY, view_of(story), None))
    assert document["status"] == "in force"
    assert document["acts"] == 2
    assert document["agreement"] != document["head"]
    assert (document["title"], document["kind"], document["example"]) == (None, None, None)
    if story.now >= START + 10:
        assert [one["id"] for one in document["parties"]] == ["gm0228", *BOTH]
        assert document["validUntil"] is None


def test_pending_agreement_shows_what_will_hold(story: Story) -> None:
    act = concluding(*BOTH, since=START + 365 * DAY)
    story.record(act, *BOTH)
    document = documents.agreement(story.agreement(act), DIRECTORY, view_of(story), None)
    assert (document["status"], document["validFrom"]) == ("pending", START + 365 * DAY)


def test_proposal_says_who_is_missing(story: Story) -> None:
    story.propose(concluding(*BOTH), "gm0345")
    (proposal,) = story.ledger.open_proposals(story.now)
    progress = Progress(BOTH, ("gm0345",), ())
    document = checked(documents.proposal(proposal, DIRECTORY, progress, None))
    assert [one["id"] for one in document["approved"]] == ["gm0345"]
    assert [one["id"] for one in document["missing"]] == ["gm0339"]
    assert document["proposedBy"] == key_of("gm0345")
    assert document["declined"] is False
    assert documents.proposal(proposal, DIRECTORY, None, None)["missing"] == []


def test_council_lists_members_with_their_signatories(story: Story) -> None:
    document = checked(documents.council(story.ledger, DIRECTORY))
    assert [one["organisation"]["id"] for one in document] == ["gm0228", *BOTH, "pv26"]
    assert [len(one["signatories"]) for one in document] == [0, 1, 1, 0]
    assert [one["votes"] for one in document] == [True, True, True, False]


def test_member_shows_what_became_of_it(story: Story) -> None:
    story.nominate("gm0339", "new")
    story.announce("gm0339", b"https://renswoude.example")
    story.expel("pv26")
    story.succeed("gm0228", "gm0345")
    found = {one["organisation"]["id"]: one for one in checked(documents.council(story.ledger, DIRECTORY))}
    gone = found["gm0228"]
    assert gone["successor"] == {"id": "gm0345", "name": "gemeente Veenendaal"}
    assert (gone["administrator"], gone["nominee"], gone["votes"], gone["expelled"]) == (None, None, False, False)
    assert (found["pv26"]["expelled"], found["pv26"]["successor"]) == (True, None)
    assert found["pv26"]["administrator"] == key_of("pv26:admin")
    assert found["gm0339"]["nominee"] == key_of("new")
    assert [found[one]["service"] for one in ("gm0339", "gm0345")] == ["https://renswoude.example", None]


def test_council_shows_the_motion_that_waits_for_a_member(story: Story) -> None:
    motion = recovery("gm0228", "new")
    story.decide(motion)
    waiting = {"gm0228": story.ledger.membership.motions[hash_motion(motion)]}
    ede, renswoude, *_ = checked(documents.council(story.ledger, DIRECTORY, waiting))
    assert ede["waiting"] == {
        "motionHash": "0x" + hash_motion(motion).hex(),
        "action": "recover",
        "effectFrom": story.now + 14 * DAY,
        "lapsesAt": story.now + 42 * DAY,
    }
    assert renswoude["waiting"] is None


def test_approval_of_a_successor_says_on_whose_behalf(story: Story) -> None:
    first = concluding("gm0228", *BOTH)
    story.appoint("gm0228")
    story.record(first, "gm0228", *BOTH)
    story.succeed("gm0228", "gm0345")
    recorded = story.record(after(first, dossier="anders"), "gm0345", *BOTH)
    approvals = checked(documents.recorded_act(recorded, DIRECTORY, None))["approvals"]
    assert [one["onBehalfOf"]["id"] for one in approvals] == ["gm0228", *BOTH]
    assert [one["organisation"]["id"] for one in approvals] == ["gm0345", *BOTH]


def motion_document(story: Story, motion: Motion, now: int | None = None, tally: Tally | None = None) -> Any:
    record = story.ledger.membership.motions[hash_motion(motion)]
    return checked(documents.motion(record, DIRECTORY, now or story.now, tally))


def test_open_motion_comes_with_its_tally(story: Story) -> None:
    motion = admission("gm0279")
    story.move(motion, "gm0345")
    tally = Tally(("gm0345",), 3, False, ("gm0345",), ())
    document = motion_document(story, motion, tally=tally)
    assert (document["motionHash"], document["status"]) == ("0x" + hash_motion(motion).hex(), "open")
    assert document["organisation"]["name"] == "gemeente Scherpenzeel"
    assert document["motion"]["administrator"] == key_of("gm0279:admin")
    assert document["movedBy"] == key_of("gm0345")
    assert [document[one] for one in ("effectFrom", "lapsesAt", "decided", "vetoed", "enacted")] == [None] * 5
    assert [one["id"] for one in document["inFavour"]] == ["gm0345"]
    assert (document["voters"], document["needed"], document["carried"]) == (3, 2, False)
    assert document["organisationConsents"] is False
    assert "voters" not in motion_document(story, motion)
    assert motion_document(story, motion, DEADLINE + 1)["status"] == "expired"


def test_decided_motion_says_from_when_and_until_when(story: Story) -> None:
    waiting, done = recovery("gm0228", "new"), expulsion("pv26")
    story.decide(waiting)
    decided = story.now
    document = motion_document(story, waiting)
    assert (document["effectFrom"], document["lapsesAt"]) == (decided + 14 * DAY, decided + 42 * DAY)
    assert (document["movedBy"], document["decided"]["time"]) == (None, decided)
    story.veto(waiting, "gm0228")
    assert motion_document(story, waiting)["vetoed"]["time"] == story.now
    story.decide(done)
    document = motion_document(story, done)
    assert (document["status"], document["lapsesAt"]) == ("enacted", None)
    assert document["enacted"]["time"] == document["decided"]["time"] == story.now


def test_commitment_has_the_latest_reports_and_who_confirmed_them(story: Story) -> None:
    act = concluding(*BOTH)
    story.record(act, *BOTH)
    report = reporting(act, "gm0345", Stage.BLOCKED, evidence=digest_of("brief"))
    story.report(report, "gm0345")
    story.confirm(report, "gm0339", "gm0339")
    key = commitment_id(hash_act(act), "T1")
    stated = Commitment.model_validate({"id": "T1", "organisation": "gm0345", "text": "Een pad.", "due": "2027-03-01"})
    reports = tuple(story.ledger.reports.on(hash_act(act), key))
    document = checked(documents.promise(Promise(hash_act(act), key, stated, reports), DIRECTORY, date(2027, 3, 2)))
    assert (document["id"], document["due"], document["overdue"]) == ("T1", "2027-03-01", True)
    assert (document["commitment"], document["promisedBy"]["id"]) == ("0x" + key.hex(), "gm0345")
    (found,) = document["reports"]
    assert (found["reportHash"], found["progress"]) == ("0x" + hash_report(report).hex(), "blocked")
    assert (found["signatory"], found["evidence"]) == (key_of("gm0345"), "0x" + digest_of("brief").hex())
    assert [one["organisation"]["id"] for one in found["confirmedBy"]] == ["gm0339"]
    bare = checked(documents.promise(Promise(hash_act(act), key, None, ()), DIRECTORY, date(2027, 3, 2)))
    assert [bare[one] for one in ("id", "promisedBy", "text", "due", "overdue")] == [None, None, None, None, False]


def everything(story: Story) -> Act:
    """At least one event of every kind."""
    act, other = concluding(*BOTH), concluding(*BOTH, dossier="anders")
    story.nominate("gm0228", "new")
    story.nominate("gm0228", None)
    story.announce("gm0228", b"\x1b[31mcaf\xe9")
    story.move(admission("gm0279"), "gm0345")
    vetoed = recovery("gm0228", "thief")
    story.decide(vetoed)
    story.veto(vetoed, "gm0228:admin", digest_of("reden"))
    story.decide(recovery("gm0228", "new"), consents=True)
    story.expel("pv26")
    story.propose(act, "gm0345")
    story.record(act, *BOTH)
    story.decline(other, "gm0339")
    report = reporting(act, "gm0345")
    story.report(report, "gm0345")
    story.confirm(report, "gm0339", "gm0339")
    story.succeed("gm0228", "gm0345")
    story.dismiss("gm0345")
    return act


def test_history_names_every_kind_of_event(story: Story) -> None:
    everything(story)
    document = checked(documents.history(story.ledger.events[::-1], DIRECTORY))
    kinds = {one.__name__ for one in model.Event.__args__}
    assert {one["event"] for one in document} == kinds
    places = [(one["recorded"]["block"], one["recorded"]["logIndex"]) for one in document]
    assert places == sorted(places)
    assert all(HASH.fullmatch(one["recorded"]["transaction"]) for one in document)


def test_each_event_says_what_it_is_about(story: Story) -> None:
    act = everything(story)
    found = {one["event"]: one for one in checked(documents.history(story.ledger.events, DIRECTORY))}
    for name, one in found.items():
        if name not in ("Proposed", "Recorded", "Moved", "MotionDecided"):
            assert one["organisation"]["name"] != one["organisation"]["id"], name
    assert found["Declined"]["reason"] is None
    assert found["Declined"]["organisation"]["name"] == "gemeente Renswoude"
    assert found["AdministratorNominated"]["nominee"] is None, "taken back"
    assert found["AdministratorReplaced"]["administrator"] == key_of("new")
    assert found["ServiceAnnounced"]["service"] == "\x1b[31mcaf\ufffd"
    assert found["MemberSucceeded"]["successor"]["id"] == "gm0345"
    assert found["MemberExpelled"]["organisation"]["id"] == "pv26"
    assert found["Moved"]["motion"]["organisation"] == "gm0279"
    assert (found["Voted"]["signatory"], found["Voted"]["decision"]) == (key_of("gm0345"), None)
    assert found["MotionDecided"]["motion"]["successor"] == "gm0345"
    assert found["MotionDecided"]["effectFrom"] == found["MotionDecided"]["recorded"]["time"]
    assert found["MotionEnacted"]["motionHash"] == found["MotionDecided"]["motionHash"]
    assert found["MotionVetoed"]["reason"] == "0x" + digest_of("reden").hex()
    assert found["MotionVetoed"]["sender"] == key_of("gm0228:admin")
    assert found["ProgressReported"]["agreement"] == "0x" + hash_act(act).hex()
    assert (found["ProgressReported"]["progress"], found["ProgressReported"]["evidence"]) == ("started", None)
    assert found["ProgressConfirmed"]["reportHash"] == found["ProgressReported"]["reportHash"]
    assert found["ProgressConfirmed"]["signatory"] == key_of("gm0339")


def test_verification_has_the_act_only_if_one_was_found(tmp_path: Path) -> None:
    case = Case(tmp_path)
    case.conclude()
    found = checked(documents.verification(case.ask(case.file("eerste")), DIRECTORY, "zin"))
    assert (found["accepted"], found["outcome"], found["sentence"]) == (True, "in force", "zin")
    assert (found["document"], found["leaf"], found["successor"]) == ("overeenkomst.pdf", 1, None)
    assert found["act"]["title"] == "eerste"
    assert re.fullmatch(r"[0-9a-f]{64}", found["sha256"])
    stranger = tmp_path / "vreemd.pdf"
    stranger.write_bytes(b"vreemd")
    missing = checked(documents.verification(case.ask(stranger), DIRECTORY, "zin"))
    assert (missing["accepted"], missing["outcome"]) == (False, "unknown")
    assert "act" not in missing


def test_moments_beyond_the_calendar_do_not_break_a_document(story: Story) -> None:
    story.appoint("gm0345", valid_until=2**40 - 1)
    act = concluding(*BOTH, since=2**40 - 2)
    story.record(act, *BOTH)
    motion = succession("gm0228", "gm0345", deadline=2**40 - 1)
    story.decide(motion)
    motion_document(story, motion, 2**40 - 1)
    checked(documents.council(story.ledger, DIRECTORY))
    checked(documents.history(story.ledger.events, DIRECTORY))
    checked(documents.agreement(story.agreement(act), DIRECTORY, view_of(story), None))
