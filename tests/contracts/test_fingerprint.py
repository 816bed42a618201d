"""The fingerprint, recomputed in Python from nothing but the logs and the times of their blocks."""

from __future__ import annotations

import clock
import pytest
from acts import ZERO, digest_of
from brownie import web3
from clock import DAY, START, YEAR
from eth_abi import decode, encode
from eth_utils import keccak
from recorded import plain

ACT = "(bytes32,bytes32,bytes32,bytes32[],uint40,uint40,uint32,uint40)"


def topic(signature):
    return keccak(text=signature)


def words(values):
    return keccak(b"".join(value.rjust(32, b"\0") for value in values))


def address(value):
    return bytes.fromhex(value[2:])


def admitted(topics, data):
    return ["bytes32", "address", "bool"], [topics[1], *decode(["address", "bool"], data)]


def appointed(topics, data):
    terms = ["uint40", "uint40", "uint16", "bytes32"]
    return ["bytes32", "bytes32", *terms], [topics[1], topics[2], *decode(terms, data)]


def dismissed(topics, data):
    return ["bytes32"] * 3, [topics[1], topics[2], data]


def recorded(topics, data):
    _, signatories, decisions = decode([ACT, "address[]", "bytes32[]"], data)
    hashes = [words(map(address, signatories)), words(decisions)]
    return ["bytes32"] * 4, [topics[1], topics[2], *hashes]


def declined(topics, data):
    return ["bytes32"] * 4, [topics[1], topics[2], topics[3], data]


FOLDED = {
    topic("MemberAdmitted(bytes32,address,bool)"): admitted,
    topic("SignatoryAppointed(bytes32,address,uint40,uint40,uint16,bytes32)"): appointed,
    topic("SignatoryDismissed(bytes32,address,bytes32)"): dismissed,
    topic(f"Recorded(bytes32,bytes32,{ACT},address[],bytes32[])"): recorded,
    topic("Declined(bytes32,bytes32,address,bytes32)"): declined,
}
NOT_FOLDED = {
    topic(f"Proposed(bytes32,bytes32,address,{ACT})"),
    topic("Approved(bytes32,bytes32,address,bytes32)"),
}


def replay(register):
    """The fingerprint and the number of events it was made of."""
    fingerprint, count = ZERO, 0
    for log in web3.eth.get_logs({"address": register.address, "fromBlock": 0}):
        topics = [bytes(each) for each in log["topics"]]
        if topics[0] in NOT_FOLDED:
            continue
        types, values = FOLDED[topics[0]](topics, bytes(log["data"]))
        timestamp = web3.eth.get_block(log["blockNumber"])["timestamp"]
        folded = encode(["bytes32", "uint256", *types], [topics[0], timestamp, *values])
        fingerprint = keccak(fingerprint + keccak(folded))
        count += 1
    return fingerprint, count


def test_the_founding_and_the_appointments_make_the_first_fingerprint(register):
    assert replay(register) == (plain(register.fingerprint()), 20)


def test_the_logs_of_a_long_history_replay_to_the_fingerprint(
    register, record, agree, draft, region, renswoude, veenendaal, utrecht, gelderland, stranger
):
    decision = digest_of("collegebesluit")
    lower, higher = veenendaal.four_eyes()
    act = draft(renswoude, veenendaal, utrecht, notice=YEAR)
    renswoude.first.propose(act, decision)
    approvals = [renswoude.first.on_chain, lower.sign(act), higher.sign(act, decision), utrecht.first.sign(act)]
    record(act, [], approvals, [decision, ZERO, decision, ZERO])

    clock.set_time(START + 10 * DAY)
    veenendaal.dismiss(veenendaal.second, decision)
    veenendaal.appoint(veenendaal.first, START, START + 10 * YEAR, 1, decision)
    refused = act.then(dossier=digest_of("refused"))
    utrecht.first.decline(refused, act, reason=digest_of("too dear"))

    clock.set_time(START + 20 * DAY)
    joined = act.then(parties=tuple(party.id for party in (renswoude, veenendaal, gelderland, utrecht)))
    agree(joined, renswoude, veenendaal, gelderland, utrecht, history=[act])
    left = joined.then(parties=(renswoude.id, gelderland.id, utrecht.id), valid_from=START + 2 * YEAR)
    agree(left, veenendaal, history=[joined])
    ended = left.then(parties=(), dossier=ZERO, valid_from=START + 4 * YEAR)
    agree(ended, renswoude, gelderland, utrecht, history=[left])
    everybody = draft(*region.values(), dossier=digest_of("mobility"))
    veenendaal.first.approve(everybody)
    agree(everybody, *region.values())

    assert replay(register) == (plain(register.fingerprint()), 20 + 2 + 1 + 2 + 1 + 3 + 1)


@pytest.mark.parametrize("action", ["propose", "approve", "approve for"])
def test_what_is_not_decided_yet_leaves_the_fingerprint_alone(register, draft, renswoude, veenendaal, carrier, action):
    act = draft(renswoude, veenendaal)
    before = plain(register.fingerprint())
    if action == "propose":
        veenendaal.first.propose(act)
    elif action == "approve":
        veenendaal.first.approve(act)
    else:
        signature = veenendaal.first.signature(act).signature
        register.approveFor(veenendaal.first.address, act.hash, ZERO, signature, {"from": carrier})

    assert plain(register.fingerprint()) == before


def test_the_same_event_twice_gives_two_fingerprints(register, veenendaal):
    seen = set()
    for _ in range(3):
        with clock.at(START + DAY):
            veenendaal.appoint(veenendaal.first)
        seen.add(plain(register.fingerprint()))

    assert len(seen) == 3
    assert replay(register) == (plain(register.fingerprint()), 23)
