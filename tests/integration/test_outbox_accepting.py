"""What an outbox accepts, what it refuses and why, and what it makes of each kind of thing that is handed in."""

from __future__ import annotations

import threading
from concurrent.futures import wait
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from outboxes import (
    QUICK,
    a_proposal,
    a_record,
    a_report,
    an_act,
    an_approval,
    approved,
    by_hand,
    decline_first,
    outbox,
    spent,
    sqlite,
    times_on_chain,
    until,
    voted,
    witness,
)
from world import DAY, Desk, Region, account, refusal

from registry.errors import ContractError, QueueFullError, RefusedError, UnavailableError, UsageError
from registry.model import Action, Approval, Motion, Stage
from registry.outbox import (
    ActApproval,
    Confirming,
    Deciding,
    Enacting,
    Handed,
    Moving,
    Outbox,
    Pace,
    Recording,
    State,
    Vote,
    accepting,
    identity,
)
from registry.statements import confirmation_data, hash_act, hash_motion


def carried(box: Outbox, content: Handed) -> None:
    """Is accepted, and stands on the chain."""
    assert not until(box, box.submit(content).id).by_other


def motion_to(region: Region, action: Action = Action.EXPEL, organisation: str = "gm0203", **terms: Any) -> Motion:
    return Motion(action, organisation, region.now() + 60 * DAY, **terms)


def test_everything_that_can_be_handed_in_comes_on_the_chain_once(region: Region, outbox_url: str) -> None:
    act, before = an_act(region), spent(region)
    motion = motion_to(region, Action.RECOVER, administrator=account("stranger"))
    voters = ("gm0228", "gm0267", "gm0279", "gm0289", "gm0339")
    with outbox(region, outbox_url) as box:
        report = a_report(region, act, "gm0345")
        signature = region.signer("gm0203").sign_typed_data(
            confirmation_data(region.register.domain, report.report, "gm0203")
        )
        contents: list[Handed] = [
            a_proposal(region, "gm0345", act),
            an_approval(region, "gm0203", act),
            Recording(act, ()),
            report,
            Confirming(
                approval=Approval(account("gm0203"), signature=signature), report=report.report, organisation="gm0203"
            ),
            Moving(approval=voted(region, motion, voters[0]), motion=motion),
            Vote(approval=voted(region, motion, voters[1]), subject=hash_motion(motion)),
            Deciding(motion, tuple(voted(region, motion, one) for one in voters[2:])),
        ]
        for content in contents:
            carried(box, content)
        with refusal("VetoPeriod"):
            box.submit(Enacting(motion))
        region.travel(15 * DAY)
        contents.append(Enacting(motion))
        carried(box, contents[-1])
        assert box.counts()[State.REFUSED] == 0
    assert [times_on_chain(region, one) for one in contents] == len(contents) * [1]
    assert spent(region) - before == len(contents)


def test_either_engine_takes_it(either_region: Region, tmp_path: Path) -> None:
    region = either_region
    act, before = an_act(region), spent(region)
    with outbox(region, sqlite(tmp_path)) as box:
        carried(box, a_proposal(region, "gm0345", act))
        report = a_report(region, act, "gm0345")
        with pytest.raises(RefusedError, match="not in this register"):
            box.submit(report)
        carried(box, a_record(region, act, "gm0203"))
        carried(box, report)
        with refusal("WrongReport"):
            box.submit(a_report(region, act, "gm0345", stage=Stage.FULFILLED))
        many = [box.hand_in(an_approval(region)) for _ in range(5)]
        for one in many:
            until(box, one.result().id)
        for _ in range(QUICK.confirmations):
            region.ask("evm_mine")
        for one in many:
            until(box, one.result().id, State.FINAL)
    assert spent(region) - before == 8


def test_the_same_again_is_the_same_submission(region: Region, tmp_path: Path) -> None:
    content = an_approval(region)
    with outbox(region, sqlite(tmp_path)) as box:
        answers = [box.hand_in(one) for one in (content, content, replace(content))]
        wait(answers)
        found = {one.result().id for one in answers}
        assert len(found) == 1
        until(box, found.pop())
        assert box.submit(content).state in (State.MINED, State.FINAL)
    assert times_on_chain(region, content) == 1


def test_another_signature_under_the_same_is_the_same_submission(region: Region, tmp_path: Path) -> None:
    content = an_approval(region)
    signature = content.approval.signature or b""
    unusual = replace(
        content, approval=replace(content.approval, signature=signature[:64] + bytes([signature[64] - 27]))
    )
    with outbox(region, sqlite(tmp_path)) as box:
        first = box.submit(unusual)
        assert box.submit(content).id == first.id
        until(box, first.id)


def test_signature_of_somebody_else_is_refused(region: Region, tmp_path: Path) -> None:
    content, act = an_approval(region), an_act(region)
    others = replace(content, approval=replace(content.approval, signatory=account("gm0203")))
    record = a_record(region, act)
    wrong = Recording(act, (replace(record.approvals[0], decision=b"\7" * 32), record.approvals[1]))
    with outbox(region, sqlite(tmp_path)) as box:
        for one in (others, wrong):
            with pytest.raises(RefusedError, match="is not theirs"):
                box.submit(one)
        with pytest.raises(UsageError, match="4096 bytes"):
            box.submit(replace(content, approval=replace(content.approval, signature=bytes(5000))))
        assert sum(box.counts().values()) == 0


def test_key_without_a_mandate_is_refused(region: Region, tmp_path: Path) -> None:
    act, key = an_act(region), Account.create()
    from registry.statements import approval_data

    signed = key.sign_typed_data(full_message=approval_data(region.register.domain, act)).signature
    content = ActApproval(approval=Approval(key.address, signature=bytes(signed)), subject=hash_act(act))
    with outbox(region, sqlite(tmp_path)) as box:
        with pytest.raises(RefusedError, match="signatory of no organisation"):
            box.submit(content)
        # One that is told apart is not remembered: it may be appointed.
        region.appoint("gm0345", key.address)
        carried(box, content)


def test_what_the_contract_would_refuse_is_refused_with_its_reason(region: Region, tmp_path: Path) -> None:
    act = an_act(region)
    declined = a_record(region, act)
    region.register.decline(act, [], region.signer("gm0345"))
    with outbox(region, sqlite(tmp_path)) as box, refusal("ActDeclined", hash_act(act).hex()):
        box.submit(declined)


def test_who_is_missing_is_named(region: Region, tmp_path: Path) -> None:
    act = an_act(region)
    with outbox(region, sqlite(tmp_path)) as box:
        with pytest.raises(RefusedError, match="gemeente Barneveld") as caught:
            box.submit(a_record(region, act, "gm0345"))
        assert "Veenendaal" not in caught.value.message
        # One that may only sign with another does not bind by itself.
        with pytest.raises(RefusedError, match="gemeente Barneveld"):
            box.submit(a_record(region, act, "gm0345", "gm0203:2"))
        # One too many is left out.
        carried(box, a_record(region, act, "gm0345", "gm0203", "gm0203:2"))


def test_successor_signs_in_the_stead_of_whom_it_succeeded(region: Region, tmp_path: Path) -> None:
    first = an_act(region, "gm0203", "gm0339")
    motion = motion_to(region, Action.SUCCEED, "gm0339", successor="gm0345")
    voters = ("gm0203", "gm0228", "gm0267", "gm0279", "gm0339")
    with outbox(region, sqlite(tmp_path)) as box:
        carried(box, a_record(region, first))
        carried(box, Deciding(motion, tuple(voted(region, motion, one) for one in voters)))
        second = replace(an_act(region, *first.parties), agreement=hash_act(first), previous=hash_act(first))
        with pytest.raises(RefusedError, match="gemeente Renswoude"):
            box.submit(a_record(region, second, "gm0203"))
        carried(box, a_record(region, second, "gm0203", "gm0345"))


def test_majority_is_made_of_votes_on_the_chain_and_with_it(region: Region, tmp_path: Path) -> None:
    motion = motion_to(region)
    with outbox(region, sqlite(tmp_path)) as box:
        for role in ("gm0228", "gm0267"):
            carried(box, Vote(approval=voted(region, motion, role), subject=hash_motion(motion)))
        few = tuple(voted(region, motion, one) for one in ("gm0279", "gm0289"))
        with refusal("NoMajority"):
            box.submit(Deciding(motion, few))
        # A guest has no vote; what it signed is left out.
        carried(box, Deciding(motion, (*few, voted(region, motion, "gm0339"), voted(region, motion, "pv25"))))


def test_follow_up_brings_its_history(region: Region, tmp_path: Path) -> None:
    first = an_act(region)
    with outbox(region, sqlite(tmp_path)) as box:
        carried(box, a_record(region, first))
        second = replace(an_act(region), agreement=hash_act(first), previous=hash_act(first))
        carried(box, a_record(region, second))
        with refusal("WrongPredecessor"):
            third = replace(an_act(region), agreement=hash_act(first), previous=hash_act(first))
            box.submit(a_record(region, third))


def test_refusal_after_acceptance_is_the_answer_and_can_be_handed_in_again(region: Region, tmp_path: Path) -> None:
    act, url = an_act(region), sqlite(tmp_path)
    content = a_record(region, act)
    pace = Pace(confirmations=1, resend=0.3, doubt=0.3, fresh=0.0)
    with outbox(region, url, start=False) as box:
        box._accepting.start()  # type: ignore[union-attr]
        accepted = box.submit(content)
    snapshot = region.ask("evm_snapshot")
    region.register.decline(act, [], region.signer("gm0345"))
    with outbox(region, url, pace=pace) as box:
        found = until(box, accepted.id, State.REFUSED)
        assert found.error is not None
        assert found.error["contractError"] == "ActDeclined"
        with pytest.raises(ContractError):
            box.submit(content)
        region.ask("evm_revert", snapshot)
        assert until(box, box.submit(content).id, State.FINAL).error is None


def test_failure_on_the_chain_is_the_answer(region: Region, tmp_path: Path) -> None:
    act, before = an_act(region), spent(region)
    with by_hand(region) as mine, outbox(region, sqlite(tmp_path)) as box:
        accepted = until(box, box.submit(a_record(region, act)).id, State.SENT)
        decline_first(region, act)
        mine()
        found = until(box, accepted.id, State.REFUSED)
        assert found.error is not None
        assert found.error["contractError"] == "ActDeclined"
    assert spent(region) - before == 1


def test_full_queue_refuses_and_loses_nothing(region: Region, tmp_path: Path) -> None:
    contents = [an_approval(region) for _ in range(6)]
    with by_hand(region) as mine, outbox(region, sqlite(tmp_path), limit=4) as box:
        answers = [box.hand_in(one) for one in contents]
        wait(answers)
        accepted = [one.result() for one in answers if one.exception() is None]
        full = [one.exception() for one in answers if one.exception() is not None]
        assert len(accepted) == 4
        assert [type(one) for one in full] == 2 * [QueueFullError]
        assert all(isinstance(one, QueueFullError) and 1 <= one.retry_after <= 60 for one in full)
        # The same again takes no room.
        assert box.submit(contents[0]).id == accepted[0].id
        for one in accepted:
            until(box, one.id, State.SENT)
        mine()
        for one in accepted:
            until(box, one.id)
        last = [box.submit(one) for one in contents[4:]]
        for one in last:
            until(box, one.id, State.SENT)
        mine()
        for one in last:
            until(box, one.id)
    assert [times_on_chain(region, one) for one in contents] == 6 * [1]


def test_what_nobody_has_looked_at_yet_has_a_limit_too(
    region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accepting, "_MOST_WAITING", 2)
    with outbox(region, sqlite(tmp_path), start=False) as box:
        answers = [box.hand_in(an_approval(region)) for _ in range(3)]
        with pytest.raises(QueueFullError, match="wait to be looked at"):
            answers[2].result(timeout=5)
        box.start()
        for one in answers[:2]:
            until(box, one.result().id)


def test_what_goes_wrong_with_one_says_nothing_against_the_others(region: Region, tmp_path: Path) -> None:
    def broken(agreement: bytes, moment: int) -> Any:
        raise ZeroDivisionError

    register, act = region.register, an_act(region)
    with Outbox.open(sqlite(tmp_path), register, region.signer("carrier"), broken, pace=QUICK) as box:
        carried(box, a_record(region, act))
    box = Outbox.open(sqlite(tmp_path), register, region.signer("carrier"), broken, pace=QUICK)
    answers = [box.hand_in(one) for one in (a_report(region, act, "gm0345"), an_approval(region))]
    with box:
        with pytest.raises(ZeroDivisionError):
            answers[0].result()
        until(box, answers[1].result().id)


def test_what_comes_in_while_the_outbox_closes_is_answered(
    region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with outbox(region, sqlite(tmp_path)) as box:

        def closing(*told: Any) -> bytes:
            box._accepting.close()  # type: ignore[union-attr]
            return identity(*told)

        monkeypatch.setattr(accepting, "identity", closing)
        with pytest.raises(UnavailableError, match="stopping"):
            box.hand_in(an_approval(region)).result(timeout=5)


def test_an_outbox_that_is_closed_between_two_looks_ends_at_once(region: Region, tmp_path: Path) -> None:
    class Closed(threading.Event):
        """Closes the outbox at the worst moment: just before it forgets that somebody woke it."""

        def clear(self) -> None:
            box._stop.set()
            super().clear()

    with outbox(region, sqlite(tmp_path), start=False) as box:
        box._wake = Closed()
        box.start()
        box._thread.join(timeout=5)
        assert not box._thread.is_alive()


def test_many_at_once_are_all_carried_in_order(region: Region, outbox_url: str) -> None:
    contents = [an_approval(region) for _ in range(40)]
    before = spent(region)
    with outbox(region, outbox_url, pace=replace(QUICK, under_way=7)) as box:
        found = [until(box, one.result().id) for one in [box.hand_in(content) for content in contents]]
    assert [one.number for one in found] == list(range(1, 41))
    assert spent(region) - before == 40


def test_restart_goes_on_with_what_is_in_each_state(region: Region, tmp_path: Path) -> None:
    url = sqlite(tmp_path)
    contents = [an_approval(region) for _ in range(5)]
    with by_hand(region) as mine:
        with outbox(region, url) as box:
            mined = box.submit(contents[0])
            until(box, mined.id, State.SENT)
            mine()
            until(box, mined.id)
            sent = [box.submit(one) for one in contents[1:3]]
            for one in sent:
                until(box, one.id, State.SENT)
        with outbox(region, url, start=False) as box:
            box._accepting.start()  # type: ignore[union-attr]
            accepted = [box.submit(one) for one in contents[3:]]
        with outbox(region, url) as box:
            assert box.submission(mined.id).state is State.MINED
            for one in accepted:
                until(box, one.id, State.SENT)
            for _ in range(QUICK.confirmations):
                mine()
            for one in (mined, *sent, *accepted):
                until(box, one.id, State.FINAL)
    assert [times_on_chain(region, one) for one in contents] == 5 * [1]


def test_service_without_a_key_accepts_nothing(region: Region, tmp_path: Path) -> None:
    box = Outbox.open(sqlite(tmp_path), region.register, None, witness(region))
    with box, pytest.raises(UnavailableError, match="carries nothing"):
        box.submit(an_approval(region))


def test_approvals_from_the_desk_are_those_that_the_service_takes(region: Region, desk: Desk, tmp_path: Path) -> None:
    act = desk.draft("gm0203", "gm0345")
    approvals = tuple(desk.sign(act, "gm0203", "gm0345"))
    with outbox(region, sqlite(tmp_path)) as box:
        carried(box, Recording(act, approvals))
    assert desk.view.ledger.agreements[hash_act(act)].head.act == act
    assert approved(region, act, "gm0203").signature == approvals[0].signature
