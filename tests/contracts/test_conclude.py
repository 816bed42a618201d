"""Concluding an agreement: what the act must say, and who must have approved it."""

from __future__ import annotations

import clock
import pytest
from acts import ZERO, digest_of
from clock import DAY, START
from eth_abi import encode
from hexbytes import HexBytes
from recorded import events, plain
from refusals import reverts


def test_conclude_records_the_act_and_says_who_approved(register, record, draft, renswoude, veenendaal):
    act = draft(renswoude, veenendaal)

    tx = record(act, [], [renswoude.first.sign(act), veenendaal.first.sign(act)])

    assert plain(register.head(act.hash)) == act.hash
    assert events(tx) == [
        (
            "Recorded",
            {
                "agreement": act.hash,
                "actHash": act.hash,
                "act": act,
                "signatories": (renswoude.first.address, veenendaal.first.address),
                "decisions": (),
            },
        )
    ]


@pytest.mark.parametrize("cited", [0, 2], ids=["no decision cited", "a decision each"])
def test_conclude_logs_what_the_abi_says_to_the_last_byte(record, draft, renswoude, veenendaal, cited):
    act = draft(renswoude, veenendaal)
    decisions = [digest_of(f"decision {number}") for number in range(cited)]
    given = zip((renswoude.first, veenendaal.first), decisions or [ZERO, ZERO], strict=True)

    tx = record(act, [], [one.sign(act, decision) for one, decision in given], decisions)

    signatories = [renswoude.first.address, veenendaal.first.address]
    act_type = "(bytes32,bytes32,bytes32,bytes32[],uint40,uint40,uint32,uint40)"
    expected = encode([act_type, "address[]", "bytes32[]"], [tuple(act), signatories, decisions])
    (log,) = tx.logs
    assert bytes(HexBytes(log["data"])) == expected


def test_conclude_returns_the_hash_of_the_act(register, draft, carrier, renswoude, veenendaal):
    act = draft(renswoude, veenendaal)
    approvals = [renswoude.first.sign(act), veenendaal.first.sign(act)]

    assert plain(register.record.call(act, [], approvals, [], {"from": carrier})) == act.hash


def test_conclude_binds_ten_organisations(register, agree, draft, region):
    act = draft(*region.values())

    ((_, recorded),) = events(agree(act, *region.values()))

    assert recorded["signatories"] == tuple(party.first.address for party in region.values())
    assert plain(register.requiredFor(act.then(), [act])) == act.parties


def test_conclude_can_be_carried_by_a_stranger(register, draft, stranger, renswoude, veenendaal):
    act = draft(renswoude, veenendaal)
    approvals = [renswoude.first.sign(act), veenendaal.first.sign(act)]

    register.record(act, [], approvals, [], {"from": stranger.account})

    assert plain(register.head(act.hash)) == act.hash


def test_conclude_needs_exactly_its_parties(register, draft, renswoude, veenendaal, utrecht):
    act = draft(renswoude, veenendaal, utrecht)

    assert plain(register.requiredFor(act, [])) == (renswoude.id, veenendaal.id, utrecht.id)


@pytest.mark.parametrize("parties", [0, 1])
def test_conclude_rejects_fewer_than_two_parties(register, agree, draft, region, parties):
    few = list(region.values())[:parties]
    act = draft(*few)

    with reverts("TooFewParties", parties):
        agree(act, *few)
    with reverts("TooFewParties", parties):
        register.requiredFor(act, [])


def test_conclude_rejects_a_party_twice(agree, draft, renswoude, veenendaal):
    act = draft(renswoude, veenendaal, veenendaal)

    with reverts("PartiesNotAscending", veenendaal.id):
        agree(act, renswoude, veenendaal)


def test_conclude_rejects_unsorted_parties(agree, draft, renswoude, veenendaal):
    act = draft(renswoude, veenendaal)._replace(parties=(veenendaal.id, renswoude.id))

    with reverts("PartiesNotAscending", renswoude.id):
        agree(act, renswoude, veenendaal)


def test_conclude_rejects_the_party_zero(agree, draft, renswoude, veenendaal):
    act = draft(renswoude, veenendaal)._replace(parties=(ZERO, veenendaal.id))

    with reverts("PartiesNotAscending", ZERO):
        agree(act, veenendaal)


def test_conclude_rejects_an_organisation_that_does_not_take_part(record, draft, veenendaal, stranger):
    elsewhere = b"gm9999".ljust(32, b"\0")
    act = draft(veenendaal)._replace(parties=(veenendaal.id, elsewhere))

    with reverts("ApprovalsMissing", elsewhere, 0, 1):
        record(act, [], [veenendaal.first.sign(act)])
    with reverts("NoMandate", stranger.address):
        record(act, [], [veenendaal.first.sign(act), stranger.sign(act)])


def test_conclude_rejects_an_act_without_dossier(agree, draft, renswoude, veenendaal):
    act = draft(renswoude, veenendaal, dossier=ZERO)

    with reverts("NoDossier"):
        agree(act, renswoude, veenendaal)


@pytest.mark.parametrize("length", [0, -1])
def test_conclude_rejects_a_period_that_ends_before_it_begins(agree, draft, renswoude, veenendaal, length):
    act = draft(renswoude, veenendaal, valid_until=START + length)

    with reverts("InvalidPeriod", START, START + length):
        agree(act, renswoude, veenendaal)


def test_conclude_takes_a_period_of_one_second(register, agree, draft, renswoude, veenendaal):
    act = draft(renswoude, veenendaal, valid_until=START + 1)

    agree(act, renswoude, veenendaal)

    assert plain(register.head(act.hash)) == act.hash


def test_conclude_rejects_an_act_that_names_an_agreement(agree, draft, renswoude, veenendaal):
    act = draft(renswoude, veenendaal, agreement=digest_of("another"))

    with reverts("NotConcluding"):
        agree(act, renswoude, veenendaal)


def test_conclude_rejects_a_history(agree, draft, concluded, renswoude, veenendaal):
    act = draft(renswoude, veenendaal, dossier=digest_of("another"))

    with reverts("NotConcluding"):
        agree(act, renswoude, veenendaal, history=[concluded])


def test_conclude_happens_once(register, agree, concluded, renswoude, veenendaal):
    with reverts("AlreadyRecorded", concluded.hash):
        agree(concluded, renswoude, veenendaal)
    with reverts("AlreadyRecorded", concluded.hash):
        register.requiredFor(concluded, [])


def test_conclude_happens_once_also_after_it_was_amended(agree, concluded, renswoude, veenendaal):
    agree(concluded.then(dossier=digest_of("amended")), renswoude, veenendaal, history=[concluded])

    with reverts("AlreadyRecorded", concluded.hash):
        agree(concluded, renswoude, veenendaal)


def test_conclude_is_possible_up_to_and_including_the_deadline(register, agree, draft, renswoude, veenendaal):
    act = draft(renswoude, veenendaal, deadline=START + DAY)

    with clock.at(START + DAY):
        agree(act, renswoude, veenendaal)

    assert plain(register.head(act.hash)) == act.hash


def test_conclude_is_too_late_one_second_after_the_deadline(register, agree, draft, renswoude, veenendaal):
    act = draft(renswoude, veenendaal, deadline=START + DAY)

    with clock.at(START + DAY + 1), reverts("DeadlinePassed", START + DAY):
        agree(act, renswoude, veenendaal)
    with reverts("DeadlinePassed", START + DAY):
        register.requiredFor(act, [])


def test_conclude_may_take_effect_in_the_past_or_the_future(register, agree, draft, renswoude, veenendaal):
    for valid_from in (0, START - 1000 * DAY, START + 1000 * DAY, 2**40 - 1):
        act = draft(renswoude, veenendaal, valid_from=valid_from)
        agree(act, renswoude, veenendaal)
        assert plain(register.head(act.hash)) == act.hash


def test_the_same_parties_may_conclude_two_agreements_alike_but_for_the_deadline(
    register, agree, concluded, renswoude, veenendaal
):
    twin = concluded._replace(deadline=START + DAY)

    agree(twin, renswoude, veenendaal)

    assert plain(register.head(twin.hash)) == twin.hash
    assert plain(register.head(concluded.hash)) == concluded.hash
