"""Leaving by notice: one party goes by itself, in time, and leaves the others exactly what they had."""

from __future__ import annotations

import clock
import pytest
from acts import digest_of
from clock import DAY, START, YEAR
from recorded import events, plain
from refusals import reverts

NOTICE = YEAR
LEAVES = START + 2 * YEAR


@pytest.fixture
def agreement(draft, agree, renswoude, veenendaal, utrecht):
    act = draft(renswoude, veenendaal, utrecht, notice=NOTICE)
    agree(act, renswoude, veenendaal, utrecht)
    return act


@pytest.fixture
def leaving(agreement, renswoude, utrecht):
    """Veenendaal out, two years from now."""
    return agreement.then(parties=(renswoude.id, utrecht.id), valid_from=LEAVES)


def test_leave_by_notice_needs_only_who_leaves(register, agree, agreement, leaving, veenendaal):
    assert plain(register.requiredFor(leaving, [agreement])) == (veenendaal.id,)

    tx = agree(leaving, veenendaal, history=[agreement])

    assert plain(register.head(agreement.hash)) == leaving.hash
    assert events(tx) == [
        (
            "Recorded",
            {
                "agreement": agreement.hash,
                "actHash": leaving.hash,
                "act": leaving,
                "signatories": (veenendaal.first.address,),
                "decisions": (),
            },
        )
    ]


def test_leave_by_notice_is_in_time_to_the_second(register, agree, agreement, leaving, veenendaal):
    with clock.at(LEAVES - NOTICE):
        agree(leaving, veenendaal, history=[agreement])

    assert plain(register.head(agreement.hash)) == leaving.hash


def test_leave_by_notice_one_second_too_late_needs_everybody(register, agree, agreement, leaving, region):
    renswoude, veenendaal, utrecht = region["renswoude"], region["veenendaal"], region["utrecht"]

    with clock.at(LEAVES - NOTICE + 1), reverts("ApprovalsMissing", renswoude.id, 0, 1):
        agree(leaving, veenendaal, history=[agreement])
    assert plain(register.requiredFor(leaving, [agreement])) == (renswoude.id, veenendaal.id, utrecht.id)
    agree(leaving, renswoude, veenendaal, utrecht, history=[agreement])

    assert plain(register.head(agreement.hash)) == leaving.hash


def test_leave_by_notice_wants_no_approval_of_who_stays(agree, agreement, leaving, renswoude, veenendaal, utrecht):
    with reverts("ApprovalNotRequired", renswoude.id, renswoude.first.address):
        agree(leaving, renswoude, veenendaal, history=[agreement])
    with reverts("ApprovalNotRequired", utrecht.id, utrecht.first.address):
        agree(leaving, veenendaal, utrecht, history=[agreement])


def test_nobody_gives_notice_for_another(agree, agreement, leaving, renswoude, utrecht, veenendaal, stranger, record):
    with reverts("ApprovalNotRequired", renswoude.id, renswoude.first.address):
        agree(leaving, renswoude, history=[agreement])
    with reverts("ApprovalsMissing", veenendaal.id, 0, 1):
        agree(leaving, utrecht, history=[agreement])
    with reverts("NoMandate", stranger.address):
        record(leaving, [agreement], [stranger.sign(leaving)])


def test_leave_by_notice_needs_the_eyes_that_the_mandate_asks_for(record, agreement, leaving, veenendaal):
    lower, higher = veenendaal.four_eyes()

    with reverts("ApprovalsMissing", veenendaal.id, 1, 2):
        record(leaving, [agreement], [lower.sign(leaving)])
    record(leaving, [agreement], [lower.sign(leaving), higher.sign(leaving)])


def test_the_last_but_one_to_leave_ends_the_agreement(register, agree, concluded, renswoude, veenendaal):
    leaving = concluded.then(parties=(renswoude.id,), valid_from=LEAVES)

    agree(leaving, veenendaal, history=[concluded])

    assert not register.isInForce(concluded.hash, [leaving], LEAVES)
    with reverts("AgreementEnded", concluded.hash):
        agree(leaving.then(parties=concluded.parties), renswoude, veenendaal, history=[leaving])


def test_each_party_can_be_the_one_that_leaves(register, agreement, region):
    for name in ("renswoude", "veenendaal", "utrecht"):
        rest = tuple(party for party in agreement.parties if party != region[name].id)
        leaving = agreement.then(parties=rest, valid_from=LEAVES)
        assert plain(register.requiredFor(leaving, [agreement])) == (region[name].id,)


def test_a_notice_may_set_a_deadline_of_its_own(register, agreement, leaving, veenendaal):
    act = leaving._replace(deadline=START + DAY)

    assert plain(register.requiredFor(act, [agreement])) == (veenendaal.id,)


@pytest.mark.parametrize(
    "change",
    [
        {"dossier": digest_of("amended")},
        {"notice": NOTICE - 1},
        {"notice": 0},
        {"notice": NOTICE + 1},
        {"valid_until": LEAVES + 10 * YEAR},
    ],
    ids=["dossier", "shorter notice", "no notice", "longer notice", "end"],
)
def test_who_leaves_by_notice_changes_nothing_else(register, agree, agreement, leaving, region, change):
    act = leaving._replace(**change)

    assert plain(register.requiredFor(act, [agreement])) == agreement.parties
    with reverts("ApprovalsMissing", region["renswoude"].id, 0, 1):
        agree(act, region["veenendaal"], history=[agreement])


@pytest.mark.parametrize(
    "stay",
    [
        ["renswoude"],
        [],
        ["renswoude", "rhenen"],
        ["renswoude", "rhenen", "utrecht"],
        ["renswoude", "veenendaal", "utrecht"],
    ],
    ids=["two go", "all go", "two go and one comes", "one goes and one comes", "nobody goes"],
)
def test_notice_takes_out_one_party_and_no_other_change(register, agreement, region, stay):
    parties = tuple(sorted(region[name].id for name in stay))
    act = agreement.then(parties=parties, valid_from=LEAVES)

    everybody = tuple(sorted({*agreement.parties, *parties}))
    assert plain(register.requiredFor(act, [agreement])) == everybody


def test_two_cannot_leave_by_one_notice(agree, agreement, renswoude, veenendaal, utrecht):
    act = agreement.then(parties=(renswoude.id,), valid_from=LEAVES)

    with reverts("ApprovalsMissing", renswoude.id, 0, 1):
        agree(act, veenendaal, utrecht, history=[agreement])


def test_an_agreement_without_notice_is_left_together(register, agree, draft, renswoude, veenendaal, utrecht):
    act = draft(renswoude, veenendaal, utrecht, notice=0)
    agree(act, renswoude, veenendaal, utrecht)
    leaving = act.then(parties=(renswoude.id, utrecht.id), valid_from=START + 100 * YEAR)

    assert plain(register.requiredFor(leaving, [act])) == act.parties
    with reverts("ApprovalsMissing", renswoude.id, 0, 1):
        agree(leaving, veenendaal, history=[act])


def test_notice_cannot_take_effect_before_the_agreement_does(register, agree, draft, renswoude, veenendaal, utrecht):
    act = draft(renswoude, veenendaal, utrecht, notice=NOTICE, valid_from=LEAVES)
    agree(act, renswoude, veenendaal, utrecht)
    rest = renswoude.id, utrecht.id

    early = act.then(parties=rest, valid_from=LEAVES - 1)
    assert plain(register.requiredFor(early, [act])) == act.parties
    in_time = act.then(parties=rest, valid_from=LEAVES)
    assert plain(register.requiredFor(in_time, [act])) == (veenendaal.id,)


def test_notice_cannot_overtake_an_amendment_that_lies_ahead(register, agree, agreement, region):
    three = region["renswoude"], region["veenendaal"], region["utrecht"]
    amendment = agreement.then(dossier=digest_of("amended"), valid_from=LEAVES + YEAR)
    agree(amendment, *three, history=[agreement])
    leaving = amendment.then(parties=(three[0].id, three[2].id), dossier=agreement.dossier, valid_from=LEAVES)

    assert plain(register.requiredFor(leaving, [amendment, agreement])) == agreement.parties


def test_two_parties_leave_one_after_the_other(register, agree, agreement, leaving, renswoude, veenendaal, utrecht):
    agree(leaving, veenendaal, history=[agreement])
    second = leaving.then(parties=(renswoude.id,), valid_from=LEAVES + 1)
    agree(second, utrecht, history=[leaving])

    assert plain(register.head(agreement.hash)) == second.hash


def test_the_second_to_leave_does_not_go_before_the_first_by_notice(
    register, agree, agreement, leaving, renswoude, veenendaal, utrecht
):
    agree(leaving, veenendaal, history=[agreement])
    overtaking = leaving.then(parties=(renswoude.id,), valid_from=LEAVES - 1)

    assert plain(register.requiredFor(overtaking, [leaving, agreement])) == agreement.parties


def test_only_who_leaves_can_withdraw_its_notice(register, agree, agreement, leaving, renswoude, veenendaal):
    with reverts("ApprovalNotRequired", renswoude.id, renswoude.first.address):
        renswoude.first.decline(leaving, agreement)

    veenendaal.first.decline(leaving, agreement)

    with reverts("ActDeclined", leaving.hash):
        agree(leaving, veenendaal, history=[agreement])


def test_the_longest_notice_does_not_overflow(register, draft, agree, renswoude, veenendaal):
    act = draft(renswoude, veenendaal, notice=2**32 - 1)
    agree(act, renswoude, veenendaal)
    leaving = act.then(parties=(renswoude.id,), valid_from=START + 2**32 - 1 + YEAR)

    assert plain(register.requiredFor(leaving, [act])) == (veenendaal.id,)


def test_leave_by_notice_at_most_366_days_beyond_it(register, agree, agreement, leaving, region):
    renswoude, veenendaal, utrecht = region["renswoude"], region["veenendaal"], region["utrecht"]
    far = leaving._replace(valid_from=START + NOTICE + 366 * DAY + 1000)

    with clock.at(START + 999), reverts("ApprovalsMissing", renswoude.id, 0, 1):
        agree(far, veenendaal, history=[agreement])
    assert plain(register.requiredFor(far, [agreement])) == (renswoude.id, veenendaal.id, utrecht.id)
    with clock.at(START + 1000):
        agree(far, veenendaal, history=[agreement])

    assert plain(register.head(agreement.hash)) == far.hash
