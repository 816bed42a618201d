"""Contract wallets (EIP-1271) as signatories: through approveFor, or by transactions of their own."""

from __future__ import annotations

import brownie
import pytest
from actors import on_chain
from acts import ZERO, digest_of
from eth_abi import encode
from eth_utils import keccak
from motions import recover
from recorded import events, plain
from refusals import reverts

ACCEPT, REFUSE, REVERT, GARBAGE, NOTHING = range(5)
SIGNATURE = b"what the owners of this wallet agreed on"
DECISION = digest_of("collegebesluit")


@pytest.fixture
def act(draft, renswoude, veenendaal):
    return draft(renswoude, veenendaal)


@pytest.fixture
def wallet(register, carrier, act, veenendaal):
    """A signatory of Veenendaal that accepts one signature, for this act with this decision."""
    deployed = carrier.deploy(brownie.Wallet, ACCEPT, register.hashApproval(act.hash, DECISION), SIGNATURE)
    veenendaal.appoint(deployed.address)
    return deployed


def approve_for(register, carrier, wallet, act, decision=DECISION, signature=SIGNATURE):
    return register.approveFor(wallet.address, act.hash, decision, signature, {"from": carrier})


def test_a_wallet_approves_what_it_accepts(register, record, carrier, wallet, act, renswoude, veenendaal):
    tx = approve_for(register, carrier, wallet, act)

    assert events(tx) == [
        (
            "Approved",
            {
                "actHash": act.hash,
                "organisation": veenendaal.id,
                "signatory": wallet.address,
                "decision": DECISION,
            },
        )
    ]
    approvals = [renswoude.first.sign(act, DECISION), on_chain(wallet.address)]
    ((_, recorded),) = events(record(act, [], approvals, [DECISION, DECISION]))
    assert recorded["signatories"] == (renswoude.first.address, wallet.address)


@pytest.mark.parametrize("answer", [REFUSE, REVERT, GARBAGE, NOTHING])
def test_a_wallet_that_does_not_say_yes_says_no(register, carrier, veenendaal, act, answer):
    digest = register.hashApproval(act.hash, DECISION)
    unwilling = carrier.deploy(brownie.Wallet, answer, digest, SIGNATURE)
    veenendaal.appoint(unwilling.address)

    with reverts("NotSignedBy", unwilling.address):
        approve_for(register, carrier, unwilling, act)


def test_a_wallet_refuses_another_signature_act_or_decision(register, carrier, wallet, act):
    with reverts("NotSignedBy", wallet.address):
        approve_for(register, carrier, wallet, act, signature=b"")
    with reverts("NotSignedBy", wallet.address):
        approve_for(register, carrier, wallet, act._replace(notice=1))
    with reverts("NotSignedBy", wallet.address):
        approve_for(register, carrier, wallet, act, decision=ZERO)


def test_a_contract_that_is_no_wallet_says_no(register, carrier, veenendaal, act):
    veenendaal.appoint(register.address)

    with reverts("NotSignedBy", register.address):
        approve_for(register, carrier, register, act)


def test_a_wallet_without_mandate_cannot_approve(register, carrier, act):
    digest = register.hashApproval(act.hash, DECISION)
    unknown = carrier.deploy(brownie.Wallet, ACCEPT, digest, SIGNATURE)

    with reverts("NoMandate", unknown.address):
        approve_for(register, carrier, unknown, act)


def execute(wallet, sender, register, call):
    return wallet.execute(register.address, call, {"from": sender})


def test_a_wallet_acts_by_its_own_transactions(register, record, carrier, wallet, act, renswoude, veenendaal):
    proposed = execute(wallet, carrier, register, register.propose.encode_input(act, ZERO))
    tx = execute(wallet, carrier, register, register.approve.encode_input(act.hash, ZERO))

    assert [values["signatory"] for _, values in events(proposed)] == [wallet.address] * 2
    assert events(tx)[0][1]["signatory"] == wallet.address
    record(act, [], [renswoude.first.sign(act), on_chain(wallet.address)])
    assert plain(register.head(act.hash)) == act.hash


def test_a_wallet_declines_by_its_own_transaction(register, record, carrier, wallet, act, renswoude, veenendaal):
    execute(wallet, carrier, register, register.decline.encode_input(act, [], ZERO))

    with reverts("ActDeclined", act.hash):
        record(act, [], [renswoude.first.sign(act), veenendaal.first.sign(act)])


def test_a_wallet_without_mandate_cannot_act(register, carrier, act):
    unknown = carrier.deploy(brownie.Wallet, ACCEPT, ZERO, b"")
    reason = keccak(text="NoMandate(address)")[:4] + encode(["address"], [unknown.address])

    with reverts("CallFailed", reason):
        execute(unknown, carrier, register, register.approve.encode_input(act.hash, ZERO))


def test_an_approval_of_a_wallet_does_not_spare_the_others(register, record, carrier, wallet, act, renswoude):
    approve_for(register, carrier, wallet, act)

    with reverts("ApprovalsMissing", renswoude.id, 0, 1):
        record(act, [], [on_chain(wallet.address)], [DECISION])


def test_a_wallet_administers_only_what_is_its_own(register, carrier, veenendaal):
    unknown = carrier.deploy(brownie.Wallet, ACCEPT, ZERO, b"")
    call = register.dismiss.encode_input(veenendaal.id, veenendaal.first.address, ZERO)
    reason = keccak(text="NotAdministrator(bytes32,address)")[:4]
    reason += encode(["bytes32", "address"], [veenendaal.id, unknown.address])

    with reverts("CallFailed", reason):
        execute(unknown, carrier, register, call)


def test_a_wallet_that_is_not_concerned_is_refused_by_name(register, carrier, wallet, draft, renswoude, utrecht):
    act = draft(renswoude, utrecht)
    mandate = plain(register.mandateOf(wallet.address))[0].ljust(32, b"\0")
    not_required = keccak(text="ApprovalNotRequired(bytes32,address)")[:4]
    not_required += encode(["bytes32", "address"], [mandate, wallet.address])

    with reverts("CallFailed", not_required):
        execute(wallet, carrier, register, register.decline.encode_input(act, [], ZERO))


def test_a_wallet_vetoes_only_for_its_own(register, carrier, wallet, renswoude, majority, carry, spare):
    motion = recover(renswoude, spare)
    carry(motion, *majority)
    not_concerned = keccak(text="NotConcerned(bytes32,address)")[:4]
    not_concerned += encode(["bytes32", "address"], [renswoude.id, wallet.address])

    with reverts("CallFailed", not_concerned):
        execute(wallet, carrier, register, register.veto.encode_input(renswoude.id, motion.hash, ZERO))


def test_a_wallet_moves_and_votes(register, carrier, wallet, renswoude, veenendaal, spare):
    motion = recover(renswoude, spare)

    tx = execute(wallet, carrier, register, register.move.encode_input(motion, DECISION))

    signed = {"motionHash": motion.hash, "signatory": wallet.address}
    assert events(tx) == [
        ("Moved", signed | {"organisation": renswoude.id, "motion": motion}),
        ("Voted", signed | {"organisation": veenendaal.id, "decision": DECISION}),
    ]


def test_a_wallet_takes_over_and_administers(register, carrier, wallet, veenendaal):
    veenendaal.hand_over(wallet.address)

    tx = execute(wallet, carrier, register, register.takeOver.encode_input(veenendaal.id))

    assert events(tx) == [("AdministratorReplaced", {"organisation": veenendaal.id, "administrator": wallet.address})]
    assert plain(register.memberOf(veenendaal.id))[0] == wallet.address
    call = register.dismiss.encode_input(veenendaal.id, veenendaal.first.address, ZERO)
    ((name, values),) = events(execute(wallet, carrier, register, call))
    assert (name, values["signatory"]) == ("SignatoryDismissed", veenendaal.first.address)


def test_who_calls_through_a_wallet_takes_nothing_over_by_it(register, wallet, veenendaal, spare):
    veenendaal.hand_over(spare.address)
    not_nominated = keccak(text="NotNominated(bytes32,address)")[:4]
    not_nominated += encode(["bytes32", "address"], [veenendaal.id, wallet.address])

    with reverts("CallFailed", not_nominated):
        execute(wallet, spare, register, register.takeOver.encode_input(veenendaal.id))


@pytest.mark.parametrize("role", ["signatory", "administrator"])
def test_a_wallet_vetoes_what_waits_for_its_own(register, carrier, wallet, veenendaal, majority, carry, spare, role):
    if role == "administrator":
        veenendaal.dismiss(wallet)
        veenendaal.hand_over(wallet.address)
        execute(wallet, carrier, register, register.takeOver.encode_input(veenendaal.id))
    motion = recover(veenendaal, spare)
    carry(motion, *majority)

    tx = execute(wallet, carrier, register, register.veto.encode_input(veenendaal.id, motion.hash, DECISION))

    values = {"motionHash": motion.hash, "organisation": veenendaal.id, "sender": wallet.address, "reason": DECISION}
    assert events(tx) == [("MotionVetoed", values)]
