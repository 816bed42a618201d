"""A successor approves in the stead of the organisations whose place it took, each in its own turn."""

from __future__ import annotations

import pytest
from acts import ZERO, digest_of
from clock import START, YEAR
from motions import admit, expel, succeed
from recorded import events, plain
from refusals import reverts

AMENDED = digest_of("amended")
REASON = digest_of("why not")


@pytest.fixture
def barneveld(region):
    return region["barneveld"]


@pytest.fixture
def succeeded(carry, majority, concluded, ede, renswoude):
    """Renswoude, bound to Veenendaal by `concluded`; Ede took its place."""
    carry(succeed(renswoude, ede), *majority, renswoude)
    return renswoude


@pytest.fixture
def signed(record):
    """Record an act with one signature of each organisation's first signatory, in the order given."""

    def send(act, history, *organisations, decisions=()):
        cited = decisions or [ZERO] * len(organisations)
        approvals = [one.first.sign(act, decision) for one, decision in zip(organisations, cited, strict=True)]
        return record(act, history, approvals, decisions)

    return send


def signatories(tx):
    ((_, recorded),) = events(tx)
    return recorded["signatories"]


def addresses(*organisations):
    return tuple(organisation.first.address for organisation in organisations)


@pytest.mark.parametrize(
    "terms",
    [{"dossier": AMENDED}, {"parties": (), "dossier": ZERO}, {"valid_until": START + YEAR}],
    ids=["amend", "end", "period"],
)
def test_the_successor_approves_in_its_stead(register, signed, concluded, succeeded, ede, veenendaal, terms):
    act = concluded.then(**terms)

    assert plain(register.requiredFor(act, [concluded])) == (succeeded.id, veenendaal.id)
    tx = signed(act, [concluded], ede, veenendaal)

    assert signatories(tx) == addresses(ede, veenendaal)
    assert plain(register.head(concluded.hash)) == act.hash


def test_nobody_else_does(signed, concluded, succeeded, barneveld, veenendaal, utrecht):
    act = concluded.then(dossier=AMENDED)

    with reverts("ApprovalsMissing", succeeded.id, 0, 1):
        signed(act, [concluded], veenendaal)
    with reverts("ApprovalsMissing", succeeded.id, 0, 1):
        signed(act, [concluded], utrecht, veenendaal)
    with reverts("ApprovalNotRequired", barneveld.id, barneveld.first.address):
        signed(act, [concluded], barneveld, veenendaal)


def test_the_successor_comes_in_the_turn_of_the_one_that_is_gone(signed, concluded, succeeded, ede, veenendaal):
    act = concluded.then(dossier=AMENDED)

    with reverts("ApprovalsMissing", succeeded.id, 0, 1):
        signed(act, [concluded], veenendaal, ede)
    with reverts("ApprovalNotRequired", ede.id, ede.first.address):
        signed(act, [concluded], ede, ede, veenendaal)


def test_a_successor_later_in_the_alphabet_comes_in_that_turn_too(
    signed, carry, majority, draft, agree, ede, renswoude, veenendaal
):
    act = draft(ede, renswoude)
    agree(act, ede, renswoude)
    carry(succeed(ede, veenendaal), *majority)
    following = act.then(dossier=AMENDED)

    tx = signed(following, [act], veenendaal, renswoude)

    assert signatories(tx) == addresses(veenendaal, renswoude)


def test_four_eyes_of_the_successor_bind_together(record, concluded, succeeded, ede, veenendaal):
    lower, higher = ede.four_eyes()
    act = concluded.then(dossier=AMENDED)
    last = veenendaal.first.sign(act)

    with reverts("ApprovalsMissing", succeeded.id, 1, 2):
        record(act, [concluded], [lower.sign(act), last])
    with reverts("ApprovalsNotAscending", lower.address):
        record(act, [concluded], [higher.sign(act), lower.sign(act), last])
    tx = record(act, [concluded], [lower.sign(act), higher.sign(act), last])

    assert signatories(tx) == (lower.address, higher.address, veenendaal.first.address)


def test_the_successor_leaves_by_notice_in_its_stead(register, signed, concluded, succeeded, ede, veenendaal):
    leaving = concluded.then(parties=(veenendaal.id,), valid_from=START + 2 * YEAR)

    tx = signed(leaving, [concluded], ede)

    assert signatories(tx) == addresses(ede)
    assert plain(register.head(concluded.hash)) == leaving.hash


def test_the_successor_declines_in_its_stead(register, concluded, succeeded, ede, utrecht):
    act = concluded.then(dossier=AMENDED)
    with reverts("ApprovalNotRequired", utrecht.id, utrecht.first.address):
        utrecht.first.decline(act, concluded)

    tx = ede.first.decline(act, concluded, reason=REASON)

    values = {"actHash": act.hash, "organisation": ede.id, "signatory": ede.first.address, "reason": REASON}
    assert events(tx) == [("Declined", values)]


def test_an_approval_on_chain_of_the_successor_counts(record, concluded, succeeded, ede, veenendaal):
    act = concluded.then(dossier=AMENDED)
    ede.first.propose(act)

    tx = record(act, [concluded], [ede.first.on_chain, veenendaal.first.sign(act)])

    assert signatories(tx) == addresses(ede, veenendaal)


def test_the_successor_takes_its_place_in_the_agreement(register, signed, concluded, succeeded, ede, veenendaal):
    act = concluded.then(parties=(ede.id, veenendaal.id))

    assert plain(register.requiredFor(act, [concluded])) == (ede.id, succeeded.id, veenendaal.id)
    tx = signed(act, [concluded], ede, ede, veenendaal)

    assert signatories(tx) == addresses(ede, ede, veenendaal)
    after = act.then(dossier=AMENDED)
    assert plain(register.requiredFor(after, [act])) == (ede.id, veenendaal.id)


@pytest.fixture
def both(carry, agree, draft, majority, ede, renswoude, veenendaal):
    """An agreement of Ede, Renswoude and Veenendaal; Ede took the place of Renswoude afterwards."""
    three = ede, renswoude, veenendaal
    act = draft(*three, notice=YEAR)
    agree(act, *three)
    carry(succeed(renswoude, ede), *majority, renswoude)
    return act


def test_a_successor_that_is_a_party_itself_gives_its_signature_twice(
    register, signed, both, ede, renswoude, veenendaal
):
    act = both.then(dossier=AMENDED)

    with reverts("ApprovalsMissing", renswoude.id, 0, 1):
        signed(act, [both], ede, veenendaal)
    with reverts("ApprovalNotRequired", ede.id, ede.first.address):
        signed(act, [both], ede, ede, ede, veenendaal)
    tx = signed(act, [both], ede, ede, veenendaal)

    assert signatories(tx) == addresses(ede, ede, veenendaal)


def test_a_successor_cites_a_decision_in_each_turn(signed, both, ede, veenendaal):
    act = both.then(dossier=AMENDED)
    decisions = [digest_of("besluit Ede"), digest_of("besluit Ede voor Renswoude"), ZERO]

    ((_, recorded),) = events(signed(act, [both], ede, ede, veenendaal, decisions=decisions))

    assert recorded["decisions"] == tuple(decisions)


def test_one_approval_on_chain_counts_in_both_turns(record, both, ede, veenendaal):
    act = both.then(dossier=AMENDED)
    ede.first.approve(act)

    tx = record(act, [both], [ede.first.on_chain, ede.first.on_chain, veenendaal.first.sign(act)])

    assert signatories(tx) == addresses(ede, ede, veenendaal)


def test_a_successor_may_have_another_signatory_in_each_turn(record, both, ede, veenendaal):
    ede.appoint(ede.second)
    act = both.then(dossier=AMENDED)
    higher, lower = ede.both()[::-1]

    tx = record(act, [both], [higher.sign(act), lower.sign(act), veenendaal.first.sign(act)])

    assert signatories(tx) == (higher.address, lower.address, veenendaal.first.address)


def test_a_successor_leaves_twice_by_notice(register, signed, both, ede, renswoude, veenendaal):
    first = both.then(parties=(ede.id, veenendaal.id), valid_from=START + 2 * YEAR)
    second = first.then(parties=(veenendaal.id,))

    signed(first, [both], ede)
    signed(second, [first], ede)

    assert plain(register.head(both.hash)) == second.hash


def test_the_last_of_two_successors_approves(
    register, carry, signed, majority, concluded, succeeded, barneveld, ede, veenendaal
):
    carry(succeed(ede, barneveld), *majority)  # Ede is one of them
    act = concluded.then(dossier=AMENDED)

    with reverts("MandateNotInForce", ede.first.address, 0, register.mandateOf(ede.first.address)[2]):
        signed(act, [concluded], ede, veenendaal)
    tx = signed(act, [concluded], barneveld, veenendaal)

    assert signatories(tx) == addresses(barneveld, veenendaal)


def test_two_merge_into_a_new_one(register, carry, signed, majority, concluded, region, newcomer):
    renswoude, veenendaal = region["renswoude"], region["veenendaal"]
    carry(admit(newcomer), *majority)
    newcomer.appoint(newcomer.first)
    for one in (renswoude, veenendaal):
        carry(succeed(one, newcomer), *majority, one)
    amendment = concluded.then(dossier=AMENDED)
    end = amendment.then(parties=(), dossier=ZERO)

    assert register.voters() == 7
    with reverts("ApprovalsMissing", veenendaal.id, 0, 1):
        signed(amendment, [concluded], newcomer)
    assert signatories(signed(amendment, [concluded], newcomer, newcomer)) == addresses(newcomer, newcomer)
    signed(end, [amendment], newcomer, newcomer)

    assert plain(register.head(concluded.hash)) == end.hash


def test_a_party_by_succession_can_be_left_out_by_nobody_either(signed, concluded, succeeded, veenendaal, utrecht):
    without = concluded.then(parties=(veenendaal.id, utrecht.id))

    with reverts("ApprovalsMissing", succeeded.id, 0, 1):
        signed(without, [concluded], veenendaal, utrecht)


def test_the_expulsion_of_another_party_changes_nothing_for_the_successor(
    carry, signed, majority, concluded, succeeded, ede, veenendaal
):
    carry(expel(veenendaal), *majority)
    act = concluded.then(dossier=AMENDED)

    assert signatories(signed(act, [concluded], ede, veenendaal)) == addresses(ede, veenendaal)
