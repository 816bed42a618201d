"""The fingerprint, recomputed in Python from nothing but the logs and the times of their blocks."""

from __future__ import annotations

import brownie
import clock
import pytest
from acts import ZERO, digest_of
from brownie import web3
from clock import DAY, START, YEAR
from eth_abi import decode, encode
from eth_utils import keccak
from motions import VETO_PERIOD, admit, expel, recover, succeed
from recorded import plain
from reports import report_on

ACT = "(bytes32,bytes32,bytes32,bytes32[],uint40,uint40,uint32,uint40)"
MOTION = "(string,bytes32,address,bytes32,bool,bytes32,uint40)"
REPORT = "(bytes32,bytes32,bytes32,bytes32,string,bytes32)"


def topic(signature):
    return keccak(text=signature)


def words(values):
    return keccak(b"".join(value.rjust(32, b"\0") for value in values))


def address(value):
    return bytes.fromhex(value[2:])


def announced(topics, data):
    (service,) = decode(["string"], data)
    return ["bytes32"] * 2, [topics[1], keccak(text=service)]


def decided(topics, data):
    _, signatories, decisions, effect_from = decode([MOTION, "address[]", "bytes32[]", "uint40"], data)
    hashes = [words(map(address, signatories)), words(decisions)]
    return ["bytes32", "bytes32", "bytes32", "uint40"], [topics[1], *hashes, effect_from]


def enacted(topics, data):
    return ["bytes32"], [topics[1]]


def reported(topics, data):
    signatory, _ = decode(["address", REPORT], data)
    return ["bytes32", "address"], [topics[3], signatory]


def as_it_stands(topics, data):
    """All topics and then the data, each a word, as it is."""
    return ["bytes32"] * (len(topics) - 1 + len(data) // 32), [*topics[1:], *words_of(data)]


def words_of(data):
    return [data[start : start + 32] for start in range(0, len(data), 32)]


def recorded(topics, data):
    _, signatories, decisions = decode([ACT, "address[]", "bytes32[]"], data)
    hashes = [words(map(address, signatories)), words(decisions)]
    return ["bytes32"] * 4, [topics[1], topics[2], *hashes]


FOLDED = {
    topic("MemberAdmitted(bytes32,address,bool)"): as_it_stands,
    topic("AdministratorReplaced(bytes32,address)"): as_it_stands,
    topic("AdministratorNominated(bytes32,address)"): as_it_stands,
    topic("SignatoryAppointed(bytes32,address,uint40,uint40,uint16,bytes32)"): as_it_stands,
    topic("SignatoryDismissed(bytes32,address,bytes32)"): as_it_stands,
    topic("ServiceAnnounced(bytes32,string)"): announced,
    topic(f"MotionDecided(bytes32,bytes32,{MOTION},address[],bytes32[],uint40)"): decided,
    topic("MotionVetoed(bytes32,bytes32,address,bytes32)"): as_it_stands,
    topic("MotionEnacted(bytes32,bytes32)"): enacted,
    topic("MemberExpelled(bytes32)"): as_it_stands,
    topic("MemberSucceeded(bytes32,bytes32)"): as_it_stands,
    topic(f"Recorded(bytes32,bytes32,{ACT},address[],bytes32[])"): recorded,
    topic("Declined(bytes32,bytes32,address,bytes32)"): as_it_stands,
    topic(f"ProgressReported(bytes32,bytes32,bytes32,address,{REPORT})"): reported,
    topic("ProgressConfirmed(bytes32,bytes32,address)"): as_it_stands,
}
NOT_FOLDED = {
    topic(f"Proposed(bytes32,bytes32,address,{ACT})"),
    topic("Approved(bytes32,bytes32,address,bytes32)"),
    topic(f"Moved(bytes32,bytes32,address,{MOTION})"),
    topic("Voted(bytes32,bytes32,address,bytes32)"),
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


def test_the_logs_of_a_council_and_its_reports_replay_to_the_fingerprint(
    register, agree, carry, decide, draft, concluded, region, majority, carrier, newcomer, spare
):
    ede, renswoude, rhenen, veenendaal = (region[name] for name in ("ede", "renswoude", "rhenen", "veenendaal"))
    decision = digest_of("collegebesluit")
    veenendaal.hand_over(spare.address)
    veenendaal.take_over(spare)
    veenendaal.announce("https://register.veenendaal.example/ë", sender=spare)

    joining = admit(newcomer, dossier=digest_of("why"))
    majority[0].first.move(joining, decision)
    approvals = [majority[0].first.on_chain, *(one.first.sign(joining, decision) for one in majority[1:])]
    decide(joining, majority, approvals, [decision] * 5)
    carry(expel(rhenen), *majority)
    carry(recover(renswoude, spare), *majority)
    renswoude.veto(recover(renswoude, spare), reason=digest_of("why not"))
    merger = succeed(renswoude, ede)
    carry(merger, *majority)
    clock.set_time(START + VETO_PERIOD + DAY)
    register.enact(merger, {"from": carrier})
    carry(recover(ede, spare), *majority)

    report = report_on(concluded, renswoude, evidence=digest_of("evidence"))
    register.report(report, [concluded], ede.first.sign_report(report), {"from": carrier})
    signature = veenendaal.first.sign_confirmation(report, veenendaal)
    register.confirm(report, veenendaal.id, [concluded], signature, {"from": carrier})

    counted = 20 + 1 + 3 + 3 + 3 + 2 + 3 + 3 + 2
    assert replay(register) == (plain(register.fingerprint()), counted)


def test_every_event_of_the_register_is_folded_or_left_out():
    known = {bytes.fromhex(hashed[2:]) for hashed in brownie.Register.topics.values()}

    assert known - {topic("EIP712DomainChanged()")} == FOLDED.keys() | NOT_FOLDED


def test_what_a_contract_does_itself_replays_to_the_fingerprint(
    register, carrier, draft, carry, majority, renswoude, veenendaal, spare
):
    wallet = carrier.deploy(brownie.Wallet, 0, ZERO, b"")
    veenendaal.appoint(wallet.address)
    motion = recover(veenendaal, spare)
    carry(motion, *majority)
    act = draft(renswoude, veenendaal)

    for call in (
        register.decline.encode_input(act, [], digest_of("no")),
        register.veto.encode_input(veenendaal.id, motion.hash, digest_of("neither")),
    ):
        wallet.execute(register.address, call, {"from": carrier})

    # The appointment, the decision, the refusal, the veto.
    assert replay(register) == (plain(register.fingerprint()), 20 + 4)


@pytest.mark.parametrize("action", ["propose", "approve", "approve for", "move", "vote", "vote for"])
def test_what_is_not_decided_yet_leaves_the_fingerprint_alone(
    register, draft, renswoude, veenendaal, newcomer, carrier, action
):
    act, motion, first = draft(renswoude, veenendaal), admit(newcomer), veenendaal.first
    carried = ZERO, first.signature(act if action == "approve for" else motion).signature, {"from": carrier}
    before = plain(register.fingerprint())
    {
        "propose": lambda: first.propose(act),
        "approve": lambda: first.approve(act),
        "approve for": lambda: register.approveFor(first.address, act.hash, *carried),
        "move": lambda: first.move(motion),
        "vote": lambda: first.vote(motion),
        "vote for": lambda: register.voteFor(first.address, motion.hash, *carried),
    }[action]()

    assert plain(register.fingerprint()) == before


def test_the_same_event_twice_gives_two_fingerprints(register, veenendaal):
    seen = set()
    for _ in range(3):
        with clock.at(START + DAY):
            veenendaal.appoint(veenendaal.first)
        seen.add(plain(register.fingerprint()))

    assert len(seen) == 3
    assert replay(register) == (plain(register.fingerprint()), 23)
