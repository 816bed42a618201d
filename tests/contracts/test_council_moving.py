"""Moving and voting on chain: by a signatory, or by its signature that somebody else carries."""

from __future__ import annotations

import brownie
import pytest
from actors import on_chain
from acts import ZERO, digest_of
from eth_abi import encode
from eth_utils import keccak
from motions import admit, vote_hash
from recorded import events, plain
from refusals import reverts

DECISION = digest_of("collegebesluit")
OTHER = digest_of("another besluit")
SIGNATURE = b"what the owners of this wallet agreed on"


@pytest.fixture
def motion(newcomer):
    return admit(newcomer)


def moved(motion, signatory):
    values = {"organisation": motion.organisation, "signatory": signatory.address, "motion": motion}
    return ("Moved", {"motionHash": motion.hash, **values})


def voted(motion, organisation, decision):
    values = {"organisation": organisation.id, "signatory": organisation.first.address, "decision": decision}
    return ("Voted", {"motionHash": motion.hash, **values})


def vote_of(register, motion, signatory):
    return plain(register.approvalOf(motion.hash, signatory.address))


def carried(register, signatory, motion, decision, signature, sender, move=False):
    call, subject = (register.moveFor, motion) if move else (register.voteFor, motion.hash)
    return call(signatory.address, subject, decision, signature, {"from": sender})


def test_move_shows_the_motion_and_approves_it(register, motion, veenendaal):
    tx = veenendaal.first.move(motion, DECISION)

    assert events(tx) == [moved(motion, veenendaal.first), voted(motion, veenendaal, DECISION)]
    assert vote_of(register, motion, veenendaal.first) == vote_hash(motion, DECISION)


def test_move_for_does_so_by_a_signature(register, motion, veenendaal, carrier):
    signature = veenendaal.first.signature(motion, DECISION).signature

    tx = carried(register, veenendaal.first, motion, DECISION, signature, carrier, move=True)

    assert events(tx) == [moved(motion, veenendaal.first), voted(motion, veenendaal, DECISION)]
    assert vote_of(register, motion, veenendaal.first) == vote_hash(motion, DECISION)


def test_moving_returns_the_hash_of_the_motion(register, motion, veenendaal, carrier):
    first = veenendaal.first
    signature = first.signature(motion).signature

    assert plain(register.move.call(motion, ZERO, {"from": first.account})) == motion.hash
    assert plain(register.moveFor.call(first.address, motion, ZERO, signature, {"from": carrier})) == motion.hash


def test_vote_stands_on_chain(register, motion, veenendaal):
    tx = veenendaal.first.vote(motion, DECISION)

    assert events(tx) == [voted(motion, veenendaal, DECISION)]
    assert vote_of(register, motion, veenendaal.first) == vote_hash(motion, DECISION)


def test_vote_for_carries_a_signature(register, motion, veenendaal, stranger):
    signature = veenendaal.first.signature(motion, DECISION).signature

    tx = carried(register, veenendaal.first, motion, DECISION, signature, stranger.account)

    assert events(tx) == [voted(motion, veenendaal, DECISION)]
    assert vote_of(register, motion, veenendaal.first) == vote_hash(motion, DECISION)


def test_moving_and_voting_are_for_signatories(register, motion, stranger, veenendaal, carrier):
    signature = stranger.signature(motion).signature
    for action in (
        lambda: stranger.move(motion),
        lambda: stranger.vote(motion),
        lambda: carried(register, stranger, motion, ZERO, signature, carrier),
        lambda: carried(register, stranger, motion, ZERO, signature, carrier, move=True),
    ):
        with reverts("NoMandate", stranger.address):
            action()
    with reverts("NoMandate", veenendaal.administrator.address):
        register.vote(motion.hash, ZERO, {"from": veenendaal.administrator})


def test_a_guest_may_move_and_vote_though_it_does_not_count(register, motion, utrecht):
    assert events(utrecht.first.move(motion)) == [moved(motion, utrecht.first), voted(motion, utrecht, ZERO)]


def test_the_latest_decision_counts(register, motion, veenendaal):
    veenendaal.first.move(motion, DECISION)
    veenendaal.first.vote(motion, OTHER)

    assert vote_of(register, motion, veenendaal.first) == vote_hash(motion, OTHER)


@pytest.mark.parametrize("move", [False, True], ids=["voteFor", "moveFor"])
def test_a_carried_vote_does_not_replace_one_that_stands(register, motion, veenendaal, stranger, move):
    earlier = veenendaal.first.signature(motion, DECISION).signature
    veenendaal.first.vote(motion, OTHER)

    with reverts("AlreadyApproved", veenendaal.first.address):
        carried(register, veenendaal.first, motion, DECISION, earlier, stranger.account, move)
    assert vote_of(register, motion, veenendaal.first) == vote_hash(motion, OTHER)


@pytest.mark.parametrize("move", [False, True], ids=["voteFor", "moveFor"])
@pytest.mark.parametrize("part", ["motion", "decision", "chain", "register", "signatory"])
def test_a_signature_for_something_else_is_refused(register, motion, veenendaal, renswoude, carrier, part, move):
    signed = {
        "motion": lambda: veenendaal.first.signature(motion._replace(deadline=1)),
        "decision": lambda: veenendaal.first.signature(motion, DECISION),
        "chain": lambda: veenendaal.first.signature(motion, chain_id=1),
        "register": lambda: veenendaal.first.signature(motion, contract=carrier.address),
        "signatory": lambda: renswoude.first.signature(motion),
    }[part]()

    with reverts("NotSignedBy", veenendaal.first.address):
        carried(register, veenendaal.first, motion, ZERO, signed.signature, carrier, move)


def test_a_vote_is_no_approval_of_an_act(register, record, draft, renswoude, veenendaal):
    act = draft(renswoude, veenendaal)
    register.vote(act.hash, ZERO, {"from": renswoude.first.account})

    with reverts("NotApproved", renswoude.first.address):
        record(act, [], [renswoude.first.on_chain, veenendaal.first.sign(act)])


def test_an_approval_of_an_act_is_no_vote(register, decide, motion, majority):
    first = majority[0].first
    register.approve(motion.hash, ZERO, {"from": first.account})

    assert vote_of(register, motion, first) != vote_hash(motion)
    with reverts("NotApproved", first.address):
        decide(motion, majority, [first.on_chain, *(one.first.sign(motion) for one in majority[1:])])


@pytest.fixture
def wallet(register, carrier, motion, majority):
    """A signatory of Barneveld that accepts one signature, for this motion with this decision."""
    digest = register.hashVote(motion.hash, DECISION)
    deployed = carrier.deploy(brownie.Wallet, 0, digest, SIGNATURE)
    majority[0].appoint(deployed.address)
    return deployed


@pytest.mark.parametrize("move", [False, True], ids=["voteFor", "moveFor"])
def test_a_wallet_votes_for_what_it_accepts(register, decide, carrier, wallet, motion, majority, move):
    tx = carried(register, wallet, motion, DECISION, SIGNATURE, carrier, move)

    assert events(tx)[-1][1]["signatory"] == wallet.address
    approvals = [on_chain(wallet.address), *(one.first.sign(motion, DECISION) for one in majority[1:])]
    decided = events(decide(motion, majority, approvals, [DECISION] * 5))[0][1]
    assert decided["signatories"][0] == wallet.address


def test_a_wallet_refuses_what_it_does_not_know(register, carrier, wallet, motion):
    for decision, signature in [(ZERO, SIGNATURE), (DECISION, b"")]:
        with reverts("NotSignedBy", wallet.address):
            carried(register, wallet, motion, decision, signature, carrier)


def test_a_wallet_votes_by_its_own_transaction(register, carrier, wallet, motion):
    tx = wallet.execute(register.address, register.vote.encode_input(motion.hash, DECISION), {"from": carrier})

    assert events(tx)[0][1]["signatory"] == wallet.address
    assert vote_of(register, motion, wallet) == vote_hash(motion, DECISION)


def test_a_wallet_without_mandate_cannot_vote(register, carrier, motion):
    unknown = carrier.deploy(brownie.Wallet, 0, ZERO, b"")
    reason = keccak(text="NoMandate(address)")[:4] + encode(["address"], [unknown.address])

    with reverts("CallFailed", reason):
        unknown.execute(register.address, register.vote.encode_input(motion.hash, ZERO), {"from": carrier})
