"""Proposing by the signature of a signatory that somebody else carries: also for contract wallets."""

from __future__ import annotations

import brownie
import pytest
from acts import ZERO, approval_hash, digest_of
from recorded import events, plain
from refusals import reverts

DECISION = digest_of("collegebesluit")
SIGNATURE = b"what the owners of this wallet agreed on"


@pytest.fixture
def act(draft, renswoude, veenendaal):
    return draft(renswoude, veenendaal)


@pytest.fixture
def propose_for(register, carrier):
    def send(signatory, act, signature, decision=ZERO):
        return register.proposeFor(signatory.address, act, decision, signature, {"from": carrier})

    return send


def expected(act, agreement, organisation, signatory, decision):
    return [
        (
            "Proposed",
            {"agreement": agreement, "actHash": act.hash, "signatory": signatory.address, "act": act},
        ),
        (
            "Approved",
            {
                "actHash": act.hash,
                "organisation": organisation.id,
                "signatory": signatory.address,
                "decision": decision,
            },
        ),
    ]


def test_propose_for_shows_the_act_and_carries_the_approval(register, propose_for, act, veenendaal):
    signature = veenendaal.first.signature(act, DECISION).signature

    tx = propose_for(veenendaal.first, act, signature, DECISION)

    assert events(tx) == expected(act, act.hash, veenendaal, veenendaal.first, DECISION)
    assert plain(register.approvalOf(act.hash, veenendaal.first.address)) == approval_hash(act, DECISION)


def test_propose_for_names_the_agreement_that_a_later_act_belongs_to(propose_for, concluded, veenendaal):
    act = concluded.then(dossier=digest_of("amended"))

    tx = propose_for(veenendaal.first, act, veenendaal.first.signature(act).signature)

    assert events(tx) == expected(act, concluded.hash, veenendaal, veenendaal.first, ZERO)


def test_propose_for_returns_the_hash_of_the_act(register, act, veenendaal, carrier):
    first = veenendaal.first
    signature = first.signature(act).signature

    assert plain(register.proposeFor.call(first.address, act, ZERO, signature, {"from": carrier})) == act.hash


def test_what_was_proposed_for_a_signatory_can_be_recorded(register, propose_for, record, act, renswoude, veenendaal):
    propose_for(veenendaal.first, act, veenendaal.first.signature(act).signature)

    record(act, [], [renswoude.first.sign(act), veenendaal.first.on_chain])

    assert plain(register.head(act.hash)) == act.hash


@pytest.mark.parametrize("part", ["act", "decision", "chain", "register", "signatory"])
def test_propose_for_refuses_a_signature_for_something_else(propose_for, act, veenendaal, renswoude, carrier, part):
    signed = {
        "act": lambda: veenendaal.first.signature(act._replace(notice=1)),
        "decision": lambda: veenendaal.first.signature(act, DECISION),
        "chain": lambda: veenendaal.first.signature(act, chain_id=1),
        "register": lambda: veenendaal.first.signature(act, contract=carrier.address),
        "signatory": lambda: renswoude.first.signature(act),
    }[part]()

    with reverts("NotSignedBy", veenendaal.first.address):
        propose_for(veenendaal.first, act, signed.signature)


def test_propose_for_is_about_signatories(propose_for, act, stranger):
    with reverts("NoMandate", stranger.address):
        propose_for(stranger, act, stranger.signature(act).signature)


def test_propose_for_happens_once_for_each_signatory(propose_for, act, veenendaal, renswoude):
    signature = veenendaal.first.signature(act).signature
    propose_for(veenendaal.first, act, signature)

    with reverts("AlreadyApproved", veenendaal.first.address):
        propose_for(veenendaal.first, act, signature)
    propose_for(renswoude.first, act, renswoude.first.signature(act).signature)


def test_a_wallet_proposes_what_it_accepts(register, propose_for, carrier, act, veenendaal):
    wallet = carrier.deploy(brownie.Wallet, 0, register.hashApproval(act.hash, DECISION), SIGNATURE)
    veenendaal.appoint(wallet.address)

    with reverts("NotSignedBy", wallet.address):
        propose_for(wallet, act, SIGNATURE)
    tx = propose_for(wallet, act, SIGNATURE, DECISION)

    assert events(tx) == expected(act, act.hash, veenendaal, wallet, DECISION)
