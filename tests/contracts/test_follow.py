"""Amending, acceding, leaving together and ending: everybody bound before or after has a say."""

from __future__ import annotations

import pytest
from acts import ZERO, digest_of
from clock import DAY, START
from recorded import events, plain
from refusals import reverts

AMENDED = digest_of("amended")


def ids(*organisations):
    return tuple(organisation.id for organisation in organisations)


def test_amend_records_the_new_act(register, agree, concluded, renswoude, veenendaal):
    amendment = concluded.then(dossier=AMENDED)

    tx = agree(amendment, renswoude, veenendaal, history=[concluded])

    assert plain(register.head(concluded.hash)) == amendment.hash
    assert plain(register.head(amendment.hash)) == ZERO
    assert events(tx) == [
        (
            "Recorded",
            {
                "agreement": concluded.hash,
                "actHash": amendment.hash,
                "act": amendment,
                "signatories": (renswoude.first.address, veenendaal.first.address),
                "decisions": (),
            },
        )
    ]


def test_amendments_follow_one_another(register, agree, concluded, renswoude, veenendaal):
    latest = concluded
    for number in range(3):
        following = latest.then(dossier=digest_of(f"amendment {number}"))
        assert following.agreement == concluded.hash
        agree(following, renswoude, veenendaal, history=[latest])
        latest = following

    assert plain(register.head(concluded.hash)) == latest.hash


def test_amend_needs_every_party(register, agree, concluded, renswoude, veenendaal):
    amendment = concluded.then(dossier=AMENDED)

    assert plain(register.requiredFor(amendment, [concluded])) == ids(renswoude, veenendaal)
    with reverts("ApprovalsMissing", veenendaal.id, 0, 1):
        agree(amendment, renswoude, history=[concluded])
    with reverts("ApprovalsMissing", renswoude.id, 0, 1):
        agree(amendment, veenendaal, history=[concluded])


def test_accede_needs_the_parties_and_the_newcomer(register, agree, concluded, renswoude, veenendaal, utrecht):
    accession = concluded.then(parties=ids(renswoude, veenendaal, utrecht))

    assert plain(register.requiredFor(accession, [concluded])) == ids(renswoude, veenendaal, utrecht)
    with reverts("ApprovalsMissing", utrecht.id, 0, 1):
        agree(accession, renswoude, veenendaal, history=[concluded])
    with reverts("ApprovalsMissing", veenendaal.id, 0, 1):
        agree(accession, renswoude, utrecht, history=[concluded])
    agree(accession, renswoude, veenendaal, utrecht, history=[concluded])

    assert plain(register.head(concluded.hash)) == accession.hash


def test_accede_may_put_a_newcomer_before_the_parties(register, agree, concluded, ede, renswoude, veenendaal):
    accession = concluded.then(parties=ids(ede, renswoude, veenendaal))

    agree(accession, ede, renswoude, veenendaal, history=[concluded])

    assert plain(register.head(concluded.hash)) == accession.hash


def test_leaving_together_needs_who_leaves_and_who_stays(register, agree, draft, renswoude, veenendaal, utrecht):
    everybody = renswoude, veenendaal, utrecht
    act = draft(*everybody)
    agree(act, *everybody)
    without = act.then(parties=ids(renswoude, utrecht))

    assert plain(register.requiredFor(without, [act])) == ids(*everybody)
    with reverts("ApprovalsMissing", veenendaal.id, 0, 1):
        agree(without, renswoude, utrecht, history=[act])
    agree(without, *everybody, history=[act])

    after = without.then(dossier=AMENDED)
    assert plain(register.requiredFor(after, [without])) == ids(renswoude, utrecht)


def test_replacing_every_party_needs_both_sets(register, agree, concluded, ede, renswoude, veenendaal, utrecht):
    handover = concluded.then(parties=ids(ede, utrecht))

    assert plain(register.requiredFor(handover, [concluded])) == ids(ede, renswoude, veenendaal, utrecht)
    agree(handover, ede, renswoude, veenendaal, utrecht, history=[concluded])

    assert plain(register.head(concluded.hash)) == handover.hash


def test_end_needs_every_party(register, agree, concluded, renswoude, veenendaal):
    end = concluded.then(parties=(), dossier=ZERO)

    with reverts("ApprovalsMissing", veenendaal.id, 0, 1):
        agree(end, renswoude, history=[concluded])
    agree(end, renswoude, veenendaal, history=[concluded])

    assert plain(register.head(concluded.hash)) == end.hash


def test_end_may_cite_a_dossier(register, agree, concluded, renswoude, veenendaal):
    end = concluded.then(parties=(), dossier=digest_of("why we end"))

    agree(end, renswoude, veenendaal, history=[concluded])

    assert plain(register.head(concluded.hash)) == end.hash


@pytest.mark.parametrize("left", [0, 1])
def test_nothing_follows_the_end(register, agree, concluded, renswoude, veenendaal, left):
    end = concluded.then(parties=ids(renswoude)[:left])
    agree(end, renswoude, veenendaal, history=[concluded])

    for act, history in [
        (end.then(parties=concluded.parties), [end]),
        (end.then(parties=concluded.parties, valid_from=START - DAY), [end, concluded]),
    ]:
        with reverts("AgreementEnded", concluded.hash):
            agree(act, renswoude, veenendaal, history=history)
        with reverts("AgreementEnded", concluded.hash):
            register.requiredFor(act, history)


def test_nothing_follows_an_end_that_lies_ahead(agree, concluded, renswoude, veenendaal):
    end = concluded.then(parties=(), valid_from=START + 100 * DAY)
    agree(end, renswoude, veenendaal, history=[concluded])
    act = end.then(parties=concluded.parties, valid_from=START + DAY)

    with reverts("AgreementEnded", concluded.hash):
        agree(act, renswoude, veenendaal, history=[end, concluded])


@pytest.mark.parametrize(
    ("terms", "error"),
    [
        ({"dossier": ZERO}, ("NoDossier",)),
        ({"valid_until": START}, ("InvalidPeriod", START, START)),
        ({"deadline": START - 1}, ("DeadlinePassed", START - 1)),
    ],
    ids=["no dossier", "no period", "too late"],
)
def test_a_following_act_must_make_sense_too(agree, concluded, renswoude, veenendaal, terms, error):
    with reverts(*error):
        agree(concluded.then(**terms), renswoude, veenendaal, history=[concluded])


def test_a_following_act_lists_its_parties_in_order(agree, concluded, renswoude, veenendaal):
    act = concluded.then(parties=ids(veenendaal, renswoude), dossier=AMENDED)

    with reverts("PartiesNotAscending", renswoude.id):
        agree(act, renswoude, veenendaal, history=[concluded])


def test_an_act_cannot_leave_one_party_without_a_dossier(agree, concluded, renswoude, veenendaal):
    with reverts("NoDossier"):
        agree(concluded.then(parties=ids(renswoude), dossier=ZERO), renswoude, veenendaal, history=[concluded])


def test_of_two_amendments_signed_at_once_the_second_is_stale(record, concluded, renswoude, veenendaal):
    both = renswoude.first, veenendaal.first
    one, other = (concluded.then(dossier=digest_of(text)) for text in ("one", "other"))
    signed = {act: [signatory.sign(act) for signatory in both] for act in (one, other)}
    record(one, [concluded], signed[one])

    with reverts("WrongPredecessor", one.hash, concluded.hash):
        record(other, [concluded], signed[other])
    with reverts("AlreadyRecorded", one.hash):
        record(one, [concluded], signed[one])
