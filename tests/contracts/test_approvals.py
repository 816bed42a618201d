"""Approvals on chain: proposing, approving, and having an approval carried."""

from __future__ import annotations

import pytest
from acts import ZERO, approval_hash, digest_of
from recorded import events, plain
from refusals import reverts

DECISION = digest_of("collegebesluit")
OTHER = digest_of("another besluit")


@pytest.fixture
def act(draft, renswoude, veenendaal):
    return draft(renswoude, veenendaal)


def approved(organisation, act, decision):
    return (
        "Approved",
        {
            "actHash": act.hash,
            "organisation": organisation.id,
            "signatory": organisation.first.address,
            "decision": decision,
        },
    )


def proposed(organisation, act, agreement):
    return (
        "Proposed",
        {"agreement": agreement, "actHash": act.hash, "signatory": organisation.first.address, "act": act},
    )


def test_propose_shows_the_act_and_approves_it(register, act, veenendaal):
    tx = veenendaal.first.propose(act, DECISION)

    assert events(tx) == [proposed(veenendaal, act, act.hash), approved(veenendaal, act, DECISION)]
    assert plain(register.approvalOf(act.hash, veenendaal.first.address)) == approval_hash(act, DECISION)


def test_propose_returns_the_hash_of_the_act(register, act, veenendaal):
    sender = {"from": veenendaal.first.account}
    assert plain(register.propose.call(act, ZERO, sender)) == act.hash


def test_propose_names_the_agreement_that_a_later_act_belongs_to(concluded, veenendaal):
    act = concluded.then(dossier=digest_of("amended"))

    tx = veenendaal.first.propose(act)

    assert events(tx) == [proposed(veenendaal, act, concluded.hash), approved(veenendaal, act, ZERO)]


def test_propose_is_for_signatories(act, stranger, veenendaal):
    with reverts("NoMandate", stranger.address):
        stranger.propose(act)
    with reverts("NoMandate", veenendaal.administrator.address):
        veenendaal.register.propose(act, ZERO, {"from": veenendaal.administrator})


def test_propose_and_approve_can_be_repeated_and_the_latest_decision_counts(register, act, veenendaal):
    veenendaal.first.propose(act, DECISION)
    veenendaal.first.propose(act, DECISION)
    veenendaal.first.approve(act, OTHER)

    assert plain(register.approvalOf(act.hash, veenendaal.first.address)) == approval_hash(act, OTHER)


def test_approve_stands_on_chain(register, act, veenendaal):
    tx = veenendaal.first.approve(act, DECISION)

    assert events(tx) == [approved(veenendaal, act, DECISION)]
    assert plain(register.approvalOf(act.hash, veenendaal.first.address)) == approval_hash(act, DECISION)


def test_approve_is_for_signatories(act, stranger, veenendaal):
    with reverts("NoMandate", stranger.address):
        stranger.approve(act)
    with reverts("NoMandate", veenendaal.administrator.address):
        veenendaal.register.approve(act.hash, ZERO, {"from": veenendaal.administrator})


def test_approve_for_carries_a_signature(register, act, veenendaal, stranger):
    signature = veenendaal.first.signature(act, DECISION).signature

    tx = register.approveFor(veenendaal.first.address, act.hash, DECISION, signature, {"from": stranger.account})

    assert events(tx) == [approved(veenendaal, act, DECISION)]
    assert plain(register.approvalOf(act.hash, veenendaal.first.address)) == approval_hash(act, DECISION)


def test_approve_for_is_about_signatories(register, act, stranger, carrier):
    signature = stranger.signature(act).signature
    with reverts("NoMandate", stranger.address):
        register.approveFor(stranger.address, act.hash, ZERO, signature, {"from": carrier})


def test_nobody_approves_for_another_with_his_own_signature(register, act, renswoude, veenendaal):
    signature = renswoude.first.signature(act).signature
    with reverts("NotSignedBy", veenendaal.first.address):
        register.approveFor(veenendaal.first.address, act.hash, ZERO, signature, {"from": renswoude.first.account})


def test_an_approval_on_chain_needs_no_signature_to_be_recorded(register, record, act, renswoude, veenendaal):
    renswoude.first.propose(act)
    veenendaal.first.approve(act)

    tx = record(act, [], [renswoude.first.on_chain, veenendaal.first.on_chain])

    ((_, recorded),) = events(tx)
    assert recorded["signatories"] == (renswoude.first.address, veenendaal.first.address)
    assert plain(register.head(act.hash)) == act.hash


@pytest.mark.parametrize("signing", ["renswoude", "veenendaal"])
def test_approvals_on_chain_and_signatures_mix(region, register, record, act, signing):
    parties = [region["renswoude"], region["veenendaal"]]
    approvals = []
    for party in parties:
        if party is region[signing]:
            approvals.append(party.first.sign(act, DECISION))
        else:
            party.first.approve(act, OTHER)
            approvals.append(party.first.on_chain)
    decisions = [DECISION if party is region[signing] else OTHER for party in parties]

    ((_, recorded),) = events(record(act, [], approvals, decisions))

    assert recorded["decisions"] == tuple(decisions)
    assert plain(register.head(act.hash)) == act.hash


def test_a_carried_approval_does_not_replace_one_that_stands(register, act, veenendaal, stranger):
    earlier = veenendaal.first.signature(act, DECISION).signature
    veenendaal.first.approve(act, OTHER)

    with reverts("AlreadyApproved", veenendaal.first.address):
        register.approveFor(veenendaal.first.address, act.hash, DECISION, earlier, {"from": stranger.account})
    assert plain(register.approvalOf(act.hash, veenendaal.first.address)) == approval_hash(act, OTHER)


def test_an_approval_on_chain_is_written_in_one_way_only(record, act, renswoude, veenendaal):
    renswoude.first.approve(act)
    r, vs = renswoude.first.on_chain
    dirty = b"\x01" + vs[1:]

    with reverts("InvalidSignature", r, dirty):
        record(act, [], [(r, dirty), veenendaal.first.sign(act)])


def test_an_approval_that_does_not_stand_on_chain_is_refused(record, act, renswoude, veenendaal):
    with reverts("NotApproved", renswoude.first.address):
        record(act, [], [renswoude.first.on_chain, veenendaal.first.sign(act)])


def test_an_approval_on_chain_of_another_act_is_refused(record, draft, act, renswoude, veenendaal):
    renswoude.first.approve(draft(renswoude, veenendaal, dossier=digest_of("another")))

    with reverts("NotApproved", renswoude.first.address):
        record(act, [], [renswoude.first.on_chain, veenendaal.first.sign(act)])


@pytest.mark.parametrize(
    ("given", "cited"),
    [(DECISION, OTHER), (DECISION, ZERO), (ZERO, DECISION)],
    ids=["another", "none cited", "none given"],
)
def test_an_approval_on_chain_with_another_decision_is_refused(record, act, renswoude, veenendaal, given, cited):
    renswoude.first.approve(act, given)

    with reverts("NotApproved", renswoude.first.address):
        record(act, [], [renswoude.first.on_chain, veenendaal.first.sign(act, OTHER)], [cited, OTHER])


def test_an_approval_on_chain_with_a_decision_needs_that_decision_in_the_record(record, act, renswoude, veenendaal):
    renswoude.first.approve(act, DECISION)

    with reverts("NotApproved", renswoude.first.address):
        record(act, [], [renswoude.first.on_chain, veenendaal.first.sign(act)])


def test_the_account_zero_never_approved(record, act, veenendaal):
    with reverts("NotApproved", "0x" + "00" * 20):
        record(act, [], [(ZERO, ZERO), veenendaal.first.sign(act)])
