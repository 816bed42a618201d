"""Which approvals an act is recorded with: one set per organisation, in order, none missing and none to spare."""

from __future__ import annotations

import pytest
from acts import ZERO, digest_of
from recorded import events, plain
from refusals import reverts

DECISIONS = [digest_of("besluit Renswoude"), digest_of("besluit Veenendaal")]


@pytest.fixture
def act(draft, renswoude, veenendaal):
    return draft(renswoude, veenendaal)


def test_no_approvals_at_all_are_refused(record, act, renswoude):
    with reverts("ApprovalsMissing", renswoude.id, 0, 1):
        record(act, [], [])


def test_the_missing_organisation_is_named(record, act, renswoude, veenendaal):
    with reverts("ApprovalsMissing", veenendaal.id, 0, 1):
        record(act, [], [renswoude.first.sign(act)])
    with reverts("ApprovalsMissing", renswoude.id, 0, 1):
        record(act, [], [veenendaal.first.sign(act)])


def test_organisations_come_in_ascending_order(record, act, renswoude, veenendaal):
    with reverts("ApprovalsMissing", renswoude.id, 0, 1):
        record(act, [], [veenendaal.first.sign(act), renswoude.first.sign(act)])


@pytest.mark.parametrize(("extra", "place"), [("ede", 0), ("rhenen", 1), ("utrecht", 2)])
def test_an_organisation_that_is_no_party_is_refused(record, act, region, renswoude, veenendaal, extra, place):
    approvals = [renswoude.first.sign(act), veenendaal.first.sign(act)]
    approvals.insert(place, region[extra].first.sign(act))

    with reverts("ApprovalNotRequired", region[extra].id, region[extra].first.address):
        record(act, [], approvals)


def test_an_organisation_that_is_no_party_cannot_stand_in_for_one(record, act, renswoude, veenendaal, utrecht):
    with reverts("ApprovalsMissing", veenendaal.id, 0, 1):
        record(act, [], [renswoude.first.sign(act), utrecht.first.sign(act)])


def test_a_second_approval_of_one_organisation_is_refused(record, act, renswoude, veenendaal):
    veenendaal.appoint(veenendaal.second)
    lower, higher = veenendaal.both()

    with reverts("ApprovalNotRequired", veenendaal.id, higher.address):
        record(act, [], [renswoude.first.sign(act), lower.sign(act), higher.sign(act)])


def test_the_same_approval_twice_is_refused(record, act, renswoude, veenendaal):
    approval = renswoude.first.sign(act)
    with reverts("ApprovalNotRequired", renswoude.id, renswoude.first.address):
        record(act, [], [approval, approval, veenendaal.first.sign(act)])
    approval = veenendaal.first.sign(act)
    with reverts("ApprovalNotRequired", veenendaal.id, veenendaal.first.address):
        record(act, [], [renswoude.first.sign(act), approval, approval])


def test_a_stranger_beside_those_who_suffice_is_refused(record, act, renswoude, veenendaal, stranger):
    with reverts("NoMandate", stranger.address):
        record(act, [], [renswoude.first.sign(act), veenendaal.first.sign(act), stranger.sign(act)])


def test_an_administrator_does_not_sign(record, act, renswoude, veenendaal):
    from actors import FIRST_ADMINISTRATOR, Signatory, key

    index = FIRST_ADMINISTRATOR + 7
    administrator = Signatory(veenendaal.register, veenendaal.administrator, key(index))
    with reverts("NoMandate", veenendaal.administrator.address):
        record(act, [], [renswoude.first.sign(act), administrator.sign(act)])


def test_decisions_are_recorded_as_cited(record, act, renswoude, veenendaal):
    signatories = [renswoude.first, veenendaal.first]
    approvals = [one.sign(act, decision) for one, decision in zip(signatories, DECISIONS, strict=True)]

    ((_, recorded),) = events(record(act, [], approvals, DECISIONS))

    assert recorded["decisions"] == tuple(DECISIONS)


def test_one_organisation_may_cite_a_decision_and_another_none(record, act, renswoude, veenendaal):
    approvals = [renswoude.first.sign(act), veenendaal.first.sign(act, DECISIONS[1])]

    ((_, recorded),) = events(record(act, [], approvals, [ZERO, DECISIONS[1]]))

    assert recorded["decisions"] == (ZERO, DECISIONS[1])


def test_citing_zero_is_citing_none(register, record, act, renswoude, veenendaal):
    approvals = [renswoude.first.sign(act), veenendaal.first.sign(act)]

    ((_, recorded),) = events(record(act, [], approvals, [ZERO, ZERO]))

    assert recorded["decisions"] == (ZERO, ZERO)
    assert plain(register.head(act.hash)) == act.hash


@pytest.mark.parametrize("decisions", [1, 3])
def test_decisions_are_none_or_one_for_each_approval(record, act, renswoude, veenendaal, decisions):
    approvals = [renswoude.first.sign(act), veenendaal.first.sign(act)]
    with reverts("DecisionsMismatch", 2, decisions):
        record(act, [], approvals, [ZERO] * decisions)


def test_decisions_without_approvals_are_refused(record, act):
    with reverts("DecisionsMismatch", 0, 1):
        record(act, [], [], [ZERO])
