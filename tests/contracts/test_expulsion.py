"""Expulsion: the vote and new agreements are gone, the say in what binds already is kept."""

from __future__ import annotations

import clock
import pytest
from acts import ZERO, digest_of
from clock import DAY, START, YEAR
from motions import VETO_PERIOD, admit, expel, recover
from recorded import events, plain
from refusals import reverts
from reports import report_on

AMENDED = digest_of("amended")


@pytest.fixture
def expulsion(renswoude):
    return expel(renswoude)


@pytest.fixture
def expelled(carry, majority, concluded, expulsion, renswoude):
    """Renswoude, bound to Veenendaal by `concluded`."""
    carry(expulsion, *majority)
    return renswoude


def ids(*organisations):
    return tuple(organisation.id for organisation in organisations)


def flagged(register, *signatories):
    return [register.mandateOf(signatory.address)[5] for signatory in signatories]


def test_an_expulsion_takes_the_vote_and_nothing_else(register, carry, majority, renswoude, expulsion):
    tx = carry(expulsion, *majority)

    assert events(tx)[1:] == [
        ("MotionEnacted", {"motionHash": expulsion.hash, "organisation": renswoude.id}),
        ("MemberExpelled", {"organisation": renswoude.id}),
    ]
    assert plain(register.memberOf(renswoude.id)) == (renswoude.administrator.address, False, True)
    assert plain(register.signatoriesOf(renswoude.id)) == (renswoude.first.address,)
    assert flagged(register, renswoude.first) == [True]
    assert register.voters() == 7


def test_a_guest_can_be_expelled_and_no_vote_is_lost(register, carry, majority, utrecht):
    carry(expel(utrecht), *majority)

    assert plain(register.memberOf(utrecht.id)) == (utrecht.administrator.address, False, True)
    assert register.voters() == 8


def test_an_expelled_organisation_has_no_vote(carry, majority, expelled, newcomer):
    with reverts("NotVoting", expelled.id):
        carry(admit(newcomer), *majority, expelled)


def test_an_expelled_organisation_concludes_nothing(agree, draft, expelled, veenendaal):
    act = draft(expelled, veenendaal, dossier=digest_of("new"))

    with reverts("EntersNothingNew", expelled.id):
        agree(act, expelled, veenendaal)


def test_an_approval_on_chain_from_before_does_not_help(record, carry, draft, majority, renswoude, veenendaal):
    act = draft(renswoude, veenendaal)
    renswoude.first.approve(act)
    carry(expel(renswoude), *majority)

    with reverts("EntersNothingNew", renswoude.id):
        record(act, [], [renswoude.first.on_chain, veenendaal.first.sign(act)])


def test_an_expelled_organisation_accedes_to_nothing(agree, draft, expelled, veenendaal, utrecht):
    act = draft(veenendaal, utrecht)
    agree(act, veenendaal, utrecht)
    accession = act.then(parties=ids(expelled, veenendaal, utrecht))

    with reverts("EntersNothingNew", expelled.id):
        agree(accession, expelled, veenendaal, utrecht, history=[act])


def test_an_expelled_organisation_can_decline_what_it_cannot_enter(register, draft, expelled, veenendaal):
    act = draft(expelled, veenendaal, dossier=digest_of("new"))

    expelled.first.decline(act)

    assert int.from_bytes(plain(register.head(act.hash)), "big") == 1


@pytest.mark.parametrize(
    "terms",
    [{"dossier": AMENDED}, {"valid_until": START + YEAR}, {"parties": (), "dossier": ZERO}],
    ids=["amend", "period", "end"],
)
def test_an_expelled_organisation_keeps_its_say(register, agree, expelled, concluded, veenendaal, terms):
    act = concluded.then(**terms)

    assert plain(register.requiredFor(act, [concluded])) == ids(expelled, veenendaal)
    with reverts("ApprovalsMissing", expelled.id, 0, 1):
        agree(act, veenendaal, history=[concluded])
    agree(act, expelled, veenendaal, history=[concluded])

    assert plain(register.head(concluded.hash)) == act.hash


def test_an_expelled_organisation_cannot_be_left_out(register, agree, expelled, concluded, veenendaal, utrecht):
    without = concluded.then(parties=ids(veenendaal, utrecht))

    with reverts("ApprovalsMissing", expelled.id, 0, 1):
        agree(without, veenendaal, utrecht, history=[concluded])
    agree(without, expelled, veenendaal, utrecht, history=[concluded])

    assert plain(register.head(concluded.hash)) == without.hash


def test_an_expelled_organisation_leaves_by_notice(register, agree, expelled, concluded, veenendaal):
    leaving = concluded.then(parties=ids(veenendaal), valid_from=START + 2 * YEAR)

    agree(leaving, expelled, history=[concluded])

    assert plain(register.head(concluded.hash)) == leaving.hash


def test_an_expelled_organisation_declines_what_needs_it(register, expelled, concluded):
    act = concluded.then(dossier=AMENDED)

    expelled.first.decline(act, concluded)

    assert int.from_bytes(plain(register.head(act.hash)), "big") == 1


@pytest.mark.parametrize("from_its_time", [True, False])
def test_who_left_comes_back_only_into_its_own_time(
    register, agree, carry, draft, majority, region, utrecht, from_its_time
):
    renswoude, veenendaal = region["renswoude"], region["veenendaal"]
    three = renswoude, veenendaal, utrecht
    act = draft(*three)
    agree(act, *three)
    without = act.then(parties=ids(veenendaal, utrecht), valid_from=START + 10 * DAY)
    agree(without, *three, history=[act])
    carry(expel(renswoude), *majority)

    if from_its_time:
        back = without.then(parties=ids(*three), valid_from=START + 9 * DAY)
        agree(back, *three, history=[without, act])
        assert plain(register.head(act.hash)) == back.hash
    else:
        back = without.then(parties=ids(*three), valid_from=START + 10 * DAY)
        with reverts("EntersNothingNew", renswoude.id):
            agree(back, *three, history=[without])


def test_signatories_appointed_after_the_expulsion_are_expelled_too(register, record, draft, expelled, veenendaal):
    expelled.appoint(expelled.first, together=2)
    expelled.appoint(expelled.second, together=2)
    act = draft(expelled, veenendaal, dossier=digest_of("new"))

    assert flagged(register, expelled.first, expelled.second) == [True, True]
    with reverts("EntersNothingNew", expelled.id):
        record(act, [], [one.sign(act) for one in (*expelled.both(), veenendaal.first)])


def test_four_eyes_of_an_expelled_organisation_still_bind_it_together(record, expelled, concluded, veenendaal):
    lower, higher = expelled.four_eyes()
    act = concluded.then(dossier=AMENDED)

    with reverts("ApprovalsMissing", expelled.id, 1, 2):
        record(act, [concluded], [lower.sign(act), veenendaal.first.sign(act)])
    record(act, [concluded], [lower.sign(act), higher.sign(act), veenendaal.first.sign(act)])


@pytest.mark.parametrize("votes", [True, False], ids=["with its vote", "as a guest"])
def test_who_is_admitted_again_has_all_it_had(register, agree, carry, draft, majority, expelled, veenendaal, votes):
    expelled.appoint(expelled.second)

    tx = carry(admit(expelled, votes), *majority)

    administrator = expelled.administrator.address
    assert events(tx)[2:] == [
        ("MemberAdmitted", {"organisation": expelled.id, "administrator": administrator, "votes": votes})
    ]
    assert plain(register.memberOf(expelled.id)) == (administrator, votes, False)
    assert flagged(register, expelled.first, expelled.second) == [False, False]
    assert register.voters() == 7 + votes
    act = draft(expelled, veenendaal, dossier=digest_of("new"))
    agree(act, expelled, veenendaal)
    assert plain(register.head(act.hash)) == act.hash


def test_one_who_was_dismissed_before_counts_again_when_appointed_after(
    register, agree, carry, draft, majority, expelled, veenendaal
):
    expelled.dismiss(expelled.first)
    carry(admit(expelled), *majority)
    expelled.appoint(expelled.first)
    act = draft(expelled, veenendaal, dossier=digest_of("new"))

    agree(act, expelled, veenendaal)

    assert flagged(register, expelled.first) == [False]


def test_an_expelled_organisation_still_runs_itself(register, expelled, spare):
    expelled.announce("https://register.renswoude.example")
    expelled.hand_over(spare.address)
    expelled.take_over(spare)

    assert plain(register.memberOf(expelled.id)) == (spare.address, False, True)


def test_an_expelled_organisation_vetoes(register, carry, carrier, majority, expelled, spare):
    motion = recover(expelled, spare)
    with clock.at(START + DAY):
        carry(motion, *majority[:4])  # of the seven that are left

    expelled.veto(motion, expelled.first.account)

    with clock.at(START + DAY + VETO_PERIOD), reverts("NotPending", motion.hash):
        register.enact(motion, {"from": carrier})


def test_an_expelled_organisation_consents(register, carry, majority, expelled, spare):
    carry(recover(expelled, spare), *majority[:4], expelled)

    assert plain(register.memberOf(expelled.id)) == (spare.address, False, True)


def test_an_expelled_organisation_reports_and_confirms(register, carrier, expelled, concluded, veenendaal):
    own, other = report_on(concluded, expelled), report_on(concluded, veenendaal)

    register.report(own, [concluded], expelled.first.sign_report(own), {"from": carrier})
    register.report(other, [concluded], veenendaal.first.sign_report(other), {"from": carrier})
    signature = expelled.first.sign_confirmation(other, expelled)
    register.confirm(other, expelled.id, [concluded], signature, {"from": carrier})

    assert plain(register.latestReport(concluded.hash, own.commitment, expelled.id)) == own.hash
    assert register.isConfirmed(other.hash, expelled.id)
