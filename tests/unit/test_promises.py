"""What was promised, what came of it and what is overdue, without a chain."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ledgers import BOTH, DAY, START, Case, Story, after, digest_of, key_of, reporting

from registry.errors import NotFoundError, RefusedError
from registry.model import Act, Stage
from registry.promises import Promise, Promises
from registry.service import Service, View
from registry.statements import commitment_id, hash_act, hash_report

VEENENDAAL, RENSWOUDE, EDE = "gm0345", "gm0339", "gm0228"
NOTHING: Any = None
DUE = date(2027, 3, 1)
COMMITMENTS = [
    {"id": "T1", "organisation": VEENENDAAL, "text": "Veenendaal legt het pad aan.", "due": DUE.isoformat()},
    {"id": "T2", "organisation": RENSWOUDE, "text": "Renswoude onderhoudt het pad."},
]


@pytest.fixture
def case(tmp_path: Path) -> Case:
    made = Case(tmp_path)
    made.dossier("eerste", commitments=COMMITMENTS)
    return made


@pytest.fixture
def act(case: Case) -> Act:
    return case.conclude()


def view_of(story: Story, now: int | None = None) -> View:
    return View(story.ledger, 9, story.now if now is None else now, story.now)


def promises(case: Case, act: Act) -> list[Promise]:
    found = Promises(Service(NOTHING, case.store))
    return found.of(view_of(case.story), case.story.agreement(act))


def promise(case: Case, act: Act, label: str = "T1") -> Promise:
    found = Promises(Service(NOTHING, case.store))
    return found.find(view_of(case.story), case.story.agreement(act), label)


# Finding


def test_commitments_come_as_the_manifest_states_them(case: Case, act: Act) -> None:
    found = promises(case, act)
    assert [one.stated.id for one in found if one.stated] == ["T1", "T2"]
    assert [one.id for one in found] == [commitment_id(hash_act(act), label) for label in ("T1", "T2")]
    assert {one.agreement for one in found} == {hash_act(act)}
    assert [one.reports for one in found] == [(), ()]
    assert promise(case, act, "T2").stated == found[1].stated


def test_latest_dossier_at_hand_says_what_is_promised(case: Case, act: Act) -> None:
    later = [{**COMMITMENTS[0], "text": "Veenendaal legt een breder pad aan.", "due": "2027-06-01"}]
    case.dossier("tweede", commitments=later)
    case.follow(act, "tweede")
    found = promise(case, act)
    assert found.stated is not None
    assert (found.stated.text, found.stated.due) == ("Veenendaal legt een breder pad aan.", date(2027, 6, 1))
    assert len(promises(case, act)) == 2, "what an earlier act promised is not forgotten"


def test_report_on_what_no_dossier_at_hand_states_is_shown_without_words(case: Case, act: Act) -> None:
    case.story.report(reporting(act, RENSWOUDE, label="T9"), RENSWOUDE)
    unknown = promises(case, act)[-1]
    assert (unknown.stated, unknown.own_report) == (None, None)
    assert [one.report.organisation for one in unknown.reports] == [RENSWOUDE]
    assert not unknown.overdue(date(2100, 1, 1))


def test_agreement_without_a_dossier_at_hand_has_only_what_was_reported(case: Case) -> None:
    elsewhere = Act(dossier=digest_of("elders"), parties=BOTH, valid_from=START)
    case.story.record(elsewhere, *BOTH)
    assert promises(case, elsewhere) == []
    with pytest.raises(NotFoundError) as caught:
        promise(case, elsewhere)
    assert "foodvalley dossier add" in (caught.value.hint or "")


def test_unknown_commitment_is_not_found_and_the_known_are_named(case: Case, act: Act) -> None:
    with pytest.raises(NotFoundError, match="the agreement has no commitment 'T7'") as caught:
        promise(case, act, "T7")
    assert caught.value.hint == "its commitments: T1, T2"


def test_reports_of_another_agreement_do_not_count(case: Case, act: Act) -> None:
    other = Act(dossier=act.dossier, parties=BOTH, valid_from=START + 1)
    case.story.record(other, *BOTH)
    case.story.report(reporting(other, VEENENDAAL), VEENENDAAL)
    assert promise(case, act).reports == ()
    assert len(promise(case, other).reports) == 1


# Overdue


def test_commitment_is_overdue_from_the_day_after_its_last(case: Case, act: Act) -> None:
    found = promise(case, act)
    assert not found.overdue(DUE)
    assert found.overdue(date(2027, 3, 2))
    assert not promise(case, act, "T2").overdue(date(2100, 1, 1)), "it has no last day"


@pytest.mark.parametrize(
    ("stage", "overdue"),
    [(Stage.STARTED, True), (Stage.BLOCKED, True), (Stage.FULFILLED, False), (Stage.CANCELLED, False)],
)
def test_only_what_its_own_party_reported_as_done_is_not_overdue(
    case: Case, act: Act, stage: Stage, overdue: bool
) -> None:
    case.story.report(reporting(act, RENSWOUDE, Stage.FULFILLED), RENSWOUDE)
    assert promise(case, act).own_report is None
    assert promise(case, act).overdue(date(2027, 3, 2)), "another party says so"
    case.story.report(reporting(act, VEENENDAAL, stage), VEENENDAAL)
    assert promise(case, act).overdue(date(2027, 3, 2)) is overdue


def test_latest_report_of_a_party_counts(case: Case, act: Act) -> None:
    first = reporting(act, VEENENDAAL, Stage.FULFILLED)
    case.story.report(first, VEENENDAAL)
    case.story.report(reporting(act, VEENENDAAL, Stage.BLOCKED, previous=hash_report(first)), VEENENDAAL)
    assert promise(case, act).overdue(date(2027, 3, 2))


def test_successor_reports_in_the_place_of_who_promised(case: Case, act: Act) -> None:
    case.story.admit(EDE).appoint(EDE)
    case.story.succeed(VEENENDAAL, EDE)
    case.story.report(reporting(act, VEENENDAAL, Stage.FULFILLED), EDE)
    own = promise(case, act).own_report
    assert own is not None
    assert own.event.signatory == key_of(EDE)
    assert not promise(case, act).overdue(date(2027, 3, 2))


# For whom a key reports


def party(case: Case, act: Act, role: str, now: int | None = None) -> str:
    found = Promises(Service(NOTHING, case.store))
    return found.party_of(view_of(case.story, now), case.story.agreement(act), key_of(role))


def test_key_reports_for_its_own_organisation(case: Case, act: Act) -> None:
    assert [party(case, act, role) for role in BOTH] == list(BOTH)
    with pytest.raises(RefusedError, match=r"0x\w{40} is a signatory of no organisation"):
        party(case, act, "stranger")
    case.story.admit(EDE).appoint(EDE)
    with pytest.raises(RefusedError, match="gemeente Ede is no party of this agreement now"):
        party(case, act, EDE)


def test_key_of_a_successor_reports_for_whom_it_succeeded(case: Case, act: Act) -> None:
    case.story.admit(EDE).appoint(EDE)
    case.story.succeed(RENSWOUDE, EDE)
    assert party(case, act, EDE) == RENSWOUDE
    case.story.succeed(EDE, VEENENDAAL)
    assert party(case, act, VEENENDAAL) == VEENENDAAL, "its own place goes first"


def test_who_is_no_party_any_more_cannot_report(case: Case, act: Act) -> None:
    case.story.admit(EDE).appoint(EDE)
    case.follow(act, parties=(EDE, RENSWOUDE), valid_from=START + 10 * DAY)
    assert party(case, act, VEENENDAAL, START + 10 * DAY - 1) == VEENENDAAL
    with pytest.raises(RefusedError, match="gemeente Veenendaal is no party"):
        party(case, act, VEENENDAAL, START + 10 * DAY)
    assert party(case, act, EDE, START + 10 * DAY) == EDE


@pytest.mark.parametrize(
    ("terms", "status"),
    [
        ({"valid_from": START + 10 * DAY}, "pending"),
        ({"valid_until": START + 1}, "expired"),
    ],
)
def test_nothing_is_reported_on_what_is_not_in_force(case: Case, terms: dict[str, int], status: str) -> None:
    act = case.conclude(**terms)
    work = Promises(Service(NOTHING, case.store))
    found = promise(case, act)
    for attempt in (
        lambda: work.report(view_of(case.story), found, VEENENDAAL, Stage.STARTED, NOTHING),
        lambda: work.confirm(view_of(case.story), found, VEENENDAAL, RENSWOUDE, NOTHING),
    ):
        with pytest.raises(RefusedError, match=rf"the agreement is not in force \({status}\)"):
            attempt()


def test_nothing_is_reported_on_what_was_ended(case: Case, act: Act) -> None:
    end = after(act, parties=())
    case.story.record(end, *BOTH)
    work = Promises(Service(NOTHING, case.store))
    with pytest.raises(RefusedError, match=r"the agreement is not in force \(ended\)"):
        work.report(view_of(case.story), promise(case, act), VEENENDAAL, Stage.STARTED, NOTHING)


def test_only_a_party_reports_and_only_a_report_is_confirmed(case: Case, act: Act) -> None:
    work, found = Promises(Service(NOTHING, case.store)), promise(case, act)
    with pytest.raises(RefusedError, match="gemeente Ede is no party of this agreement now"):
        work.report(view_of(case.story), found, EDE, Stage.STARTED, NOTHING)
    with pytest.raises(NotFoundError, match="gemeente Veenendaal has reported nothing on this commitment"):
        work.confirm(view_of(case.story), found, VEENENDAAL, RENSWOUDE, NOTHING)
