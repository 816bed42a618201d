"""What parties reported and confirmed, from events alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ledgers import BOTH, Story, concluding, digest_of, key_of, reporting

from registry.commitments import ReportRecord
from registry.model import NO_HASH, Report, Stage
from registry.statements import commitment_id, hash_act, hash_report

VEENENDAAL, RENSWOUDE = "gm0345", "gm0339"
ACT = concluding(*BOTH)
AGREEMENT = hash_act(ACT)
T1, T2 = (commitment_id(AGREEMENT, label) for label in ("T1", "T2"))
STARTED = reporting(ACT, VEENENDAAL)
FULFILLED = reporting(ACT, VEENENDAAL, Stage.FULFILLED, previous=hash_report(STARTED), evidence=digest_of("foto"))


@pytest.fixture
def story() -> Story:
    told = Story().admit(*BOTH)
    for one in BOTH:
        told.appoint(one)
    told.record(ACT, *BOTH)
    return told


def latest(story: Story, key: bytes = T1) -> list[Report]:
    return [one.report for one in story.ledger.reports.on(AGREEMENT, key)]


def record(story: Story, report: Report) -> ReportRecord:
    return story.ledger.reports.by_hash[hash_report(report)]


def test_first_report_follows_nothing_and_each_next_one_the_latest(story: Story) -> None:
    def expected() -> bytes:
        return story.ledger.reports.latest_hash(AGREEMENT, T1, VEENENDAAL)

    assert expected() == NO_HASH
    story.report(STARTED, VEENENDAAL)
    assert expected() == hash_report(STARTED)
    story.report(FULFILLED, VEENENDAAL)
    assert expected() == hash_report(FULFILLED)
    assert latest(story) == [FULFILLED]


def test_each_party_has_a_latest_report_of_its_own(story: Story) -> None:
    theirs = reporting(ACT, RENSWOUDE, Stage.BLOCKED)
    story.report(STARTED, VEENENDAAL)
    story.report(theirs, RENSWOUDE)
    assert latest(story) == [theirs, STARTED], "by organisation, whoever came first"
    assert story.ledger.reports.latest_hash(AGREEMENT, T1, RENSWOUDE) == hash_report(theirs)


def test_reports_on_other_commitments_and_agreements_stand_apart(story: Story) -> None:
    other = concluding(*BOTH, dossier="anders")
    story.record(other, *BOTH)
    second = reporting(ACT, VEENENDAAL, label="T2")
    elsewhere = reporting(other, VEENENDAAL)
    for one in (STARTED, second, elsewhere, FULFILLED):
        story.report(one, VEENENDAAL)
    assert latest(story) == [FULFILLED]
    assert latest(story, T2) == [second]
    assert [one.report for one in story.ledger.reports.of(AGREEMENT)] == [STARTED, second, FULFILLED]
    assert [one.report for one in story.ledger.reports.of(hash_act(other))] == [elsewhere]
    assert story.ledger.reports.of(digest_of("iets anders")) == []
    assert story.ledger.reports.on(AGREEMENT, digest_of("iets anders")) == []


def test_confirmations_stay_with_the_report_they_are_for(story: Story) -> None:
    story.report(STARTED, VEENENDAAL)
    story.confirm(STARTED, RENSWOUDE, "gm0339:2")
    story.report(FULFILLED, VEENENDAAL)
    (confirmed,) = record(story, STARTED).confirmed.values()
    assert (confirmed.organisation, confirmed.signatory) == (RENSWOUDE, key_of("gm0339:2"))
    assert record(story, FULFILLED).confirmed == {}
    (now,) = story.ledger.reports.on(AGREEMENT, T1)
    assert now == record(story, FULFILLED)


def test_report_is_kept_as_it_was_signed(story: Story) -> None:
    story.report(STARTED, VEENENDAAL)
    story.report(FULFILLED, "gm0345:2")
    found = record(story, FULFILLED)
    assert found.report == FULFILLED
    assert found.event.signatory == key_of("gm0345:2")
    assert hash_report(replace(FULFILLED, evidence=NO_HASH)) not in story.ledger.reports.by_hash


def test_every_stage_has_a_word_of_its_own() -> None:
    assert len({one.dutch for one in Stage}) == len(Stage) == 4
