"""The register as JSON: names, kinds of value, and nothing that JSON cannot hold."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from ledgers import BOTH, DAY, START, Case, Story, after, concluding, digest_of, key_of

from registry import documents, model
from registry.chain import Sent
from registry.model import NO_HASH
from registry.organisations import DIRECTORY
from registry.service import Progress, View
from registry.statements import hash_act

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


def test_history_names_every_kind_of_event(story: Story) -> None:
    act, other = concluding(*BOTH), concluding(*BOTH, dossier="anders")
    story.propose(act, "gm0345")
    story.record(act, *BOTH)
    story.decline(other, "gm0339")
    story.dismiss("gm0345")
    document = checked(documents.history(story.ledger.events[::-1], DIRECTORY))
    kinds = {one.__name__ for one in model.Event.__args__}
    assert {one["event"] for one in document} == kinds
    places = [(one["recorded"]["block"], one["recorded"]["logIndex"]) for one in document]
    assert places == sorted(places)
    assert all(HASH.fullmatch(one["recorded"]["transaction"]) for one in document)
    declined = next(one for one in document if one["event"] == "Declined")
    assert declined["reason"] is None
    assert declined["organisation"]["name"] == "gemeente Renswoude"


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
    checked(documents.council(story.ledger, DIRECTORY))
    checked(documents.history(story.ledger.events, DIRECTORY))
    checked(documents.agreement(story.agreement(act), DIRECTORY, view_of(story), None))
