"""What counts as a signature: EIP-712 for this register on this chain, compact, low s."""

from __future__ import annotations

import actors
import pytest
from actors import CHAIN_ID, SECP256K1_N
from acts import ZERO, approval, digest_of
from eth_keys.exceptions import BadSignature
from recorded import plain
from refusals import reverts

DECISION = digest_of("collegebesluit")
PARITY = 1 << 255


@pytest.fixture
def act(draft, renswoude, veenendaal):
    return draft(renswoude, veenendaal)


def recovered(register, act, signature, decision=ZERO):
    return actors.recovered(approval(act, decision, register.address, CHAIN_ID), signature)


def other_parity(signature):
    r, vs = signature
    return r, (int.from_bytes(vs, "big") ^ PARITY).to_bytes(32, "big")


def test_a_signature_for_another_chain_is_refused(register, record, act, renswoude, veenendaal):
    signature = renswoude.first.sign(act, chain_id=1)
    with reverts("NoMandate", recovered(register, act, signature)):
        record(act, [], [signature, veenendaal.first.sign(act)])


def test_a_signature_for_another_register_is_refused(register, record, act, renswoude, veenendaal, carrier):
    signature = renswoude.first.sign(act, contract=carrier.address)
    with reverts("NoMandate", recovered(register, act, signature)):
        record(act, [], [signature, veenendaal.first.sign(act)])


@pytest.mark.parametrize(
    "change",
    [
        {"agreement": digest_of("x")},
        {"previous": digest_of("x")},
        {"dossier": digest_of("x")},
        {"parties": ()},
        {"valid_from": 1},
        {"valid_until": 2**40 - 1},
        {"notice": 1},
        {"deadline": 2**40 - 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_signature_for_another_act_is_refused(register, record, act, renswoude, veenendaal, change):
    signature = renswoude.first.sign(act._replace(**change))
    with reverts("NoMandate", recovered(register, act, signature)):
        record(act, [], [signature, veenendaal.first.sign(act)])


@pytest.mark.parametrize(
    ("signed", "cited"),
    [(DECISION, digest_of("another")), (DECISION, ZERO), (ZERO, DECISION)],
    ids=["another", "none cited", "none given"],
)
def test_a_signature_with_another_decision_is_refused(register, record, act, renswoude, veenendaal, signed, cited):
    signature = renswoude.first.sign(act, signed)
    with reverts("NoMandate", recovered(register, act, signature, cited)):
        record(act, [], [signature, veenendaal.first.sign(act)], [cited, ZERO])


def test_a_signature_with_a_decision_needs_that_decision_in_the_record(register, record, act, renswoude, veenendaal):
    signature = renswoude.first.sign(act, DECISION)
    with reverts("NoMandate", recovered(register, act, signature)):
        record(act, [], [signature, veenendaal.first.sign(act)])


def test_swapped_decisions_are_refused(register, record, act, renswoude, veenendaal):
    other = digest_of("another")
    signature = renswoude.first.sign(act, DECISION)
    with reverts("NoMandate", recovered(register, act, signature, other)):
        record(act, [], [signature, veenendaal.first.sign(act, other)], [other, DECISION])


def test_signatures_do_not_carry_over_to_the_next_act(register, record, concluded, renswoude, veenendaal):
    approvals = [renswoude.first.sign(concluded), veenendaal.first.sign(concluded)]
    amendment = concluded.then(dossier=digest_of("amended"))

    with reverts("NoMandate", recovered(register, amendment, approvals[0])):
        record(amendment, [concluded], approvals)


def test_signatures_on_the_last_act_do_not_bring_it_back(record, agree, concluded, renswoude, veenendaal):
    first = concluded.then(dossier=digest_of("first amendment"))
    approvals = [renswoude.first.sign(first), veenendaal.first.sign(first)]
    record(first, [concluded], approvals)
    with reverts("AlreadyRecorded", first.hash):
        record(first, [concluded], approvals)

    second = first.then(dossier=digest_of("second amendment"))
    agree(second, renswoude, veenendaal, history=[first])
    with reverts("WrongPredecessor", second.hash, concluded.hash):
        record(first, [concluded], approvals)


def test_the_other_parity_is_somebody_else(register, record, act, renswoude, veenendaal):
    signature = other_parity(renswoude.first.sign(act))
    with reverts("NoMandate", recovered(register, act, signature)):
        record(act, [], [signature, veenendaal.first.sign(act)])


def test_the_smallest_high_s_is_refused(record, act, renswoude, veenendaal):
    r, _ = renswoude.first.sign(act)
    high = (SECP256K1_N // 2 + 1).to_bytes(32, "big")
    with reverts("InvalidSignature", r, high):
        record(act, [], [(r, high), veenendaal.first.sign(act)])


def test_the_largest_low_s_is_somebody_else(register, record, act, renswoude, veenendaal):
    r, _ = renswoude.first.sign(act)
    signature = r, (SECP256K1_N // 2).to_bytes(32, "big")
    with reverts("NoMandate", recovered(register, act, signature)):
        record(act, [], [signature, veenendaal.first.sign(act)])


@pytest.mark.parametrize(
    ("r", "vs"),
    [
        (5, 1),  # no point of the curve has this x
        (SECP256K1_N, 1),
        (2**256 - 1, 2**256 - 1),
        (1, 0),
        (1, PARITY),
    ],
)
def test_garbage_recovers_to_nobody(register, record, act, veenendaal, r, vs):
    garbage = r.to_bytes(32, "big"), vs.to_bytes(32, "big")
    with pytest.raises((BadSignature, ValueError)):
        recovered(register, act, garbage)
    with reverts("InvalidSignature", *garbage):
        record(act, [], [garbage, veenendaal.first.sign(act)])


def test_garbage_at_the_end_is_refused(record, act, renswoude, veenendaal):
    garbage = (5).to_bytes(32, "big"), (1).to_bytes(32, "big")
    with reverts("InvalidSignature", *garbage):
        record(act, [], [renswoude.first.sign(act), veenendaal.first.sign(act), garbage])


def sixty_five(signed, v=None, s=None):
    s = signed.s if s is None else s
    return signed.r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([signed.v if v is None else v])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda signed: sixty_five(signed, v=signed.v - 27),
        lambda signed: sixty_five(signed, v=27 + 28 - signed.v, s=SECP256K1_N - signed.s),
        lambda signed: sixty_five(signed, v=27 + 28 - signed.v),
        lambda signed: sixty_five(signed, v=CHAIN_ID % 100 + 35),
        lambda signed: sixty_five(signed)[:64],
        lambda signed: signed.r.to_bytes(32, "big") + (signed.s | (signed.v - 27) << 255).to_bytes(32, "big"),
        lambda signed: sixty_five(signed) + b"\0",
        lambda signed: bytes(65),
        lambda signed: b"",
    ],
    ids=[
        "v 0 or 1",
        "malleable",
        "other parity",
        "v of EIP-155",
        "no v",
        "compact",
        "too long",
        "zeros",
        "empty",
    ],
)
def test_approve_for_takes_65_bytes_with_v_27_or_28_and_low_s(register, act, veenendaal, carrier, spoil):
    spoilt = spoil(veenendaal.first.signature(act))
    with reverts("NotSignedBy", veenendaal.first.address):
        register.approveFor(veenendaal.first.address, act.hash, ZERO, spoilt, {"from": carrier})


@pytest.mark.parametrize("part", ["act", "decision", "chain", "register"])
def test_approve_for_refuses_a_signature_for_something_else(register, act, veenendaal, carrier, part):
    signed = {
        "act": lambda: veenendaal.first.signature(act._replace(notice=1)),
        "decision": lambda: veenendaal.first.signature(act, DECISION),
        "chain": lambda: veenendaal.first.signature(act, chain_id=1),
        "register": lambda: veenendaal.first.signature(act, contract=carrier.address),
    }[part]()
    with reverts("NotSignedBy", veenendaal.first.address):
        register.approveFor(veenendaal.first.address, act.hash, ZERO, signed.signature, {"from": carrier})


def test_both_parities_of_v_occur_and_count(register, agree, draft, renswoude, veenendaal):
    seen = set()
    for number in range(8):
        act = draft(renswoude, veenendaal, dossier=digest_of(f"dossier {number}"))
        seen.add(veenendaal.first.signature(act).v)
        agree(act, renswoude, veenendaal)
        assert plain(register.head(act.hash)) == act.hash
    assert seen == {27, 28}
