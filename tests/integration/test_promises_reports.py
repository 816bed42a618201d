"""Reports on what was promised, and who confirms them, on a real chain."""

from __future__ import annotations

from pathlib import Path

import pytest
from ledgers import digest_of
from world import DAY, Desk, Region, account, day_of, refusal

from registry.errors import NotFoundError, RefusedError
from registry.model import NO_HASH, Act, Action, Approval, Report, Stage
from registry.promises import Promise
from registry.service import View
from registry.statements import commitment_id, confirmation_data, hash_act, hash_report, report_data

VEENENDAAL, RENSWOUDE, EDE = "gm0345", "gm0339", "gm0228"
EVIDENCE = digest_of("proces-verbaal van oplevering")


def promised(desk: Desk, *parties: str, due: int = 20, **terms: int) -> Act:
    """An agreement in which Veenendaal promises one thing within so many days, and Renswoude another."""
    last_day = day_of(desk.region.now(), later=due).isoformat()
    commitments = [
        {"id": "T1", "organisation": VEENENDAAL, "text": "Veenendaal legt het pad aan.", "due": last_day},
        {"id": "T2", "organisation": RENSWOUDE, "text": "Renswoude onderhoudt het."},
    ]
    return desk.concluded(*(parties or ("veenendaal", "renswoude")), extra={"commitments": commitments}, **terms)


def find(desk: Desk, act: Act, label: str = "T1") -> tuple[View, Promise]:
    view = desk.view
    return view, desk.promises.find(view, view.ledger.agreement_of(hash_act(act)), label)


def report(desk: Desk, act: Act, organisation: str, stage: Stage, role: str = "", evidence: bytes = NO_HASH) -> Report:
    """Has an organisation report, and finds the contract and the ledger of one mind about it."""
    view, promise = find(desk, act)
    signer = desk.region.signer(role or organisation)
    _, made = desk.promises.report(view, promise, organisation, stage, signer, evidence)
    latest = desk.region.register.latest_report(hash_act(act), promise.id, organisation)
    assert latest == hash_report(made) == desk.view.ledger.reports.latest_hash(hash_act(act), promise.id, organisation)
    return made


def confirm(desk: Desk, act: Act, of: str, organisation: str, role: str = "") -> Report:
    view, promise = find(desk, act)
    return desk.promises.confirm(view, promise, of, organisation, desk.region.signer(role or organisation))[1]


def test_party_reports_and_another_confirms(either_region: Region, tmp_path: Path) -> None:
    desk, region = Desk(either_region, tmp_path), either_region
    act = promised(desk)
    started = report(desk, act, VEENENDAAL, Stage.STARTED)
    assert started == Report(hash_act(act), commitment_id(hash_act(act), "T1"), VEENENDAAL, Stage.STARTED)
    assert confirm(desk, act, VEENENDAAL, RENSWOUDE, "gm0339:2") == started, "one of four eyes is enough"
    done = report(desk, act, VEENENDAAL, Stage.FULFILLED, evidence=EVIDENCE)
    assert (done.previous, done.evidence) == (hash_report(started), EVIDENCE)
    _, promise = find(desk, act)
    assert promise.own_report is not None
    assert (promise.own_report.report, promise.own_report.confirmed) == (done, {})
    confirm(desk, act, VEENENDAAL, RENSWOUDE)
    view, promise = find(desk, act)
    assert promise.own_report is not None
    (confirmed,) = promise.own_report.confirmed.values()
    assert (confirmed.organisation, confirmed.signatory) == (RENSWOUDE, account(RENSWOUDE))
    assert [one.report for one in view.ledger.reports.of(hash_act(act))] == [started, done]
    assert view.ledger.fingerprint == region.register.fingerprint()


def test_every_stage_can_be_reported_by_each_party(desk: Desk) -> None:
    act = promised(desk)
    for stage in Stage:
        report(desk, act, VEENENDAAL, stage)
    report(desk, act, RENSWOUDE, Stage.BLOCKED)
    _, promise = find(desk, act)
    assert [one.report.organisation for one in promise.reports] == [RENSWOUDE, VEENENDAAL]
    assert find(desk, act, "T2")[1].reports == ()


def test_what_is_not_reported_in_time_is_overdue(desk: Desk, region: Region) -> None:
    act = promised(desk, due=20)
    _, promise = find(desk, act)
    assert not promise.overdue(day_of(region.now(), later=20))
    region.travel(21 * DAY)
    today = day_of(region.now())
    assert promise.overdue(today)
    report(desk, act, VEENENDAAL, Stage.BLOCKED)
    assert find(desk, act)[1].overdue(today)
    report(desk, act, VEENENDAAL, Stage.FULFILLED)
    assert not find(desk, act)[1].overdue(today)


def test_successor_reports_and_confirms_in_the_stead_of_the_other(desk: Desk, region: Region) -> None:
    act = promised(desk, "veenendaal", "renswoude", "ede")
    before = report(desk, act, VEENENDAAL, Stage.STARTED)
    desk.decided(desk.motion(Action.SUCCEED, VEENENDAAL, successor=EDE), VEENENDAAL)
    view, _ = find(desk, act)
    agreement = view.ledger.agreement_of(hash_act(act))
    assert desk.promises.party_of(view, agreement, account(EDE)) == EDE, "its own place goes first"
    with refusal("MandateNotInForce"):
        report(desk, act, VEENENDAAL, Stage.FULFILLED)
    after = report(desk, act, VEENENDAAL, Stage.FULFILLED, EDE)
    assert after.previous == hash_report(before)
    own = find(desk, act)[1].own_report
    assert own is not None
    assert own.event.signatory == account(EDE)
    with refusal("OwnReport"):
        confirm(desk, act, VEENENDAAL, EDE)
    report(desk, act, RENSWOUDE, Stage.STARTED)
    confirm(desk, act, RENSWOUDE, VEENENDAAL, EDE)
    assert set(find(desk, act)[1].reports[0].confirmed) == {VEENENDAAL}


def test_expelled_party_still_reports(desk: Desk) -> None:
    act = promised(desk)
    desk.decided(desk.motion(Action.EXPEL, VEENENDAAL))
    report(desk, act, VEENENDAAL, Stage.FULFILLED)
    confirm(desk, act, VEENENDAAL, RENSWOUDE)


def test_nobody_confirms_its_own_report_or_twice(desk: Desk) -> None:
    act = promised(desk)
    with pytest.raises(NotFoundError, match="gemeente Veenendaal has reported nothing"):
        confirm(desk, act, VEENENDAAL, RENSWOUDE)
    report(desk, act, VEENENDAAL, Stage.STARTED)
    with refusal("OwnReport"):
        confirm(desk, act, VEENENDAAL, VEENENDAAL)
    with refusal("NotSignatory"):
        confirm(desk, act, VEENENDAAL, RENSWOUDE, EDE)
    confirm(desk, act, VEENENDAAL, RENSWOUDE)
    with refusal("AlreadyConfirmed"):
        confirm(desk, act, VEENENDAAL, RENSWOUDE, "gm0339:2")


def test_of_two_reports_at_once_the_second_must_be_made_anew(desk: Desk, region: Region) -> None:
    act = promised(desk)
    view, promise = find(desk, act)
    report(desk, act, VEENENDAAL, Stage.STARTED)
    with refusal("WrongReport"):
        desk.promises.report(view, promise, VEENENDAAL, Stage.BLOCKED, region.signer("gm0345:2"))
    seen, stale = find(desk, act)
    report(desk, act, VEENENDAAL, Stage.FULFILLED)
    with refusal("WrongReport"):
        desk.promises.confirm(seen, stale, VEENENDAAL, RENSWOUDE, region.signer(RENSWOUDE))


def test_only_signatories_of_a_party_report_while_the_agreement_holds(desk: Desk, region: Region) -> None:
    act = promised(desk, until=10)
    with pytest.raises(RefusedError, match="gemeente Ede is no party"):
        report(desk, act, EDE, Stage.STARTED)
    for role, name in [(EDE, "NotSignatory"), ("gm0345:admin", "NoMandate")]:
        with refusal(name):
            report(desk, act, VEENENDAAL, Stage.STARTED, role)
    region.travel(12 * DAY)
    with pytest.raises(RefusedError, match=r"the agreement is not in force \(expired\)"):
        report(desk, act, VEENENDAAL, Stage.STARTED)


def test_history_reaches_back_to_the_act_that_holds_now(desk: Desk, region: Region) -> None:
    act = promised(desk)
    desk.agree(desk.draft("veenendaal", "renswoude", "ede", follows=act, since=10))
    with pytest.raises(RefusedError, match="gemeente Ede is no party"):
        report(desk, act, EDE, Stage.STARTED)
    report(desk, act, VEENENDAAL, Stage.STARTED)
    region.travel(11 * DAY)
    confirm(desk, act, VEENENDAAL, EDE)


def test_signed_report_and_confirmation_are_carried_by_anybody(desk: Desk, region: Region) -> None:
    act = promised(desk)
    register, carrier = region.register, region.signer("carrier")
    made = Report(hash_act(act), commitment_id(hash_act(act), "T1"), VEENENDAAL, Stage.FULFILLED, EVIDENCE)
    by_veenendaal, by_renswoude = region.signer(VEENENDAAL), region.signer(RENSWOUDE)
    signature = by_veenendaal.sign_typed_data(report_data(register.domain, made))
    signed = Approval(by_veenendaal.address, signature=signature)
    register.report(made, [act], signed, carrier)
    document = confirmation_data(register.domain, made, RENSWOUDE)
    confirmed = Approval(by_renswoude.address, signature=by_renswoude.sign_typed_data(document))
    register.confirm(made, RENSWOUDE, [act], confirmed, carrier)
    _, promise = find(desk, act)
    assert promise.own_report is not None
    assert promise.own_report.event.signatory == by_veenendaal.address
    assert set(promise.own_report.confirmed) == {RENSWOUDE}
    with refusal("WrongReport"):
        register.report(made, [act], signed, carrier)
