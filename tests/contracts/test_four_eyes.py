"""Mandates that bind only together: the smallest number that one of those who approved so far asks for."""

from __future__ import annotations

import pytest
from recorded import events, plain
from refusals import reverts


@pytest.fixture
def act(draft, renswoude, veenendaal):
    return draft(renswoude, veenendaal)


def test_two_signatories_bind_an_organisation_together(record, act, renswoude, veenendaal):
    lower, higher = veenendaal.four_eyes()

    tx = record(act, [], [renswoude.first.sign(act), lower.sign(act), higher.sign(act)])

    ((_, recorded),) = events(tx)
    assert recorded["signatories"] == (renswoude.first.address, lower.address, higher.address)


def test_two_organisations_with_four_eyes_conclude(record, act, renswoude, veenendaal):
    signatories = [*renswoude.four_eyes(), *veenendaal.four_eyes()]

    tx = record(act, [], [signatory.sign(act) for signatory in signatories])

    ((_, recorded),) = events(tx)
    assert recorded["signatories"] == tuple(signatory.address for signatory in signatories)


def test_one_pair_of_eyes_is_not_enough(record, act, renswoude, veenendaal):
    lower, _ = veenendaal.four_eyes()

    with reverts("ApprovalsMissing", veenendaal.id, 1, 2):
        record(act, [], [renswoude.first.sign(act), lower.sign(act)])


def test_one_pair_of_eyes_is_not_enough_when_another_organisation_follows(record, act, renswoude, veenendaal):
    lower, _ = renswoude.four_eyes()

    with reverts("ApprovalsMissing", renswoude.id, 1, 2):
        record(act, [], [lower.sign(act), veenendaal.first.sign(act)])


def test_what_one_organisation_needs_is_not_asked_of_the_next(record, act, renswoude, veenendaal, stranger):
    signed = [one.sign(act) for one in renswoude.four_eyes()]

    with reverts("ApprovalsMissing", veenendaal.id, 0, 1):
        record(act, [], signed)
    with reverts("NoMandate", stranger.address):
        record(act, [], [*signed, stranger.sign(act)])


def test_the_same_pair_of_eyes_twice_is_not_enough(record, act, renswoude, veenendaal):
    lower, _ = veenendaal.four_eyes()

    with reverts("ApprovalsNotAscending", lower.address):
        record(act, [], [renswoude.first.sign(act), lower.sign(act), lower.sign(act)])


def test_the_same_signatory_by_signature_and_on_chain_is_not_enough(record, act, renswoude, veenendaal):
    lower, _ = veenendaal.four_eyes()
    lower.approve(act)

    with reverts("ApprovalsNotAscending", lower.address):
        record(act, [], [renswoude.first.sign(act), lower.sign(act), lower.on_chain])


def test_signatories_of_one_organisation_come_in_ascending_order(record, act, renswoude, veenendaal):
    lower, higher = veenendaal.four_eyes()

    with reverts("ApprovalsNotAscending", lower.address):
        record(act, [], [renswoude.first.sign(act), higher.sign(act), lower.sign(act)])


def test_who_signs_alone_needs_no_second(record, act, renswoude, veenendaal):
    lower, higher = veenendaal.both()
    veenendaal.appoint(lower, together=1)
    veenendaal.appoint(higher, together=2)

    with reverts("ApprovalNotRequired", veenendaal.id, higher.address):
        record(act, [], [renswoude.first.sign(act), lower.sign(act), higher.sign(act)])


def test_who_signs_alone_completes_what_another_began(register, record, act, renswoude, veenendaal):
    lower, higher = veenendaal.both()
    veenendaal.appoint(lower, together=3)
    veenendaal.appoint(higher, together=1)

    record(act, [], [renswoude.first.sign(act), lower.sign(act), higher.sign(act)])

    assert plain(register.head(act.hash)) == act.hash


@pytest.mark.parametrize(("first", "second"), [(2, 3), (3, 2)])
def test_the_smallest_number_counts(register, record, act, renswoude, veenendaal, first, second):
    lower, higher = veenendaal.both()
    veenendaal.appoint(lower, together=first)
    veenendaal.appoint(higher, together=second)

    record(act, [], [renswoude.first.sign(act), lower.sign(act), higher.sign(act)])

    assert plain(register.head(act.hash)) == act.hash


def test_six_eyes_need_three_signatories(record, act, renswoude, veenendaal):
    lower, higher = veenendaal.both()
    for signatory in (lower, higher):
        veenendaal.appoint(signatory, together=3)

    with reverts("ApprovalsMissing", veenendaal.id, 2, 3):
        record(act, [], [renswoude.first.sign(act), lower.sign(act), higher.sign(act)])


def test_a_third_signatory_beside_two_that_suffice_is_refused(record, act, renswoude, veenendaal, stranger):
    three = sorted([*veenendaal.four_eyes(), stranger], key=lambda one: int(one.address, 16))
    veenendaal.appoint(stranger, together=2)

    with reverts("ApprovalNotRequired", veenendaal.id, three[2].address):
        record(act, [], [renswoude.first.sign(act), *(one.sign(act) for one in three)])


def test_requirement_follows_the_mandate_at_the_moment_of_recording(register, record, act, renswoude, veenendaal):
    lower, _ = veenendaal.four_eyes()
    approvals = [renswoude.first.sign(act), lower.sign(act)]
    with reverts("ApprovalsMissing", veenendaal.id, 1, 2):
        record(act, [], approvals)

    veenendaal.appoint(lower, together=1)
    record(act, [], approvals)

    assert plain(register.head(act.hash)) == act.hash
