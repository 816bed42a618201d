"""Declining: any signatory of an organisation that an act needs stops it for good."""

from __future__ import annotations

import clock
import pytest
from acts import ZERO, digest_of
from clock import DAY, START
from recorded import events, plain
from refusals import reverts

REASON = digest_of("why not")
DECLINED = (1).to_bytes(32, "big")


@pytest.fixture
def act(draft, renswoude, veenendaal):
    return draft(renswoude, veenendaal)


def test_decline_is_recorded(register, act, veenendaal):
    tx = veenendaal.first.decline(act, reason=REASON)

    assert plain(register.head(act.hash)) == DECLINED
    assert events(tx) == [
        (
            "Declined",
            {
                "actHash": act.hash,
                "organisation": veenendaal.id,
                "signatory": veenendaal.first.address,
                "reason": REASON,
            },
        )
    ]


def test_decline_kills_signatures_given_before(record, act, renswoude, veenendaal):
    approvals = [renswoude.first.sign(act), veenendaal.first.sign(act)]
    renswoude.first.decline(act)

    with reverts("ActDeclined", act.hash):
        record(act, [], approvals)


def test_decline_kills_approvals_on_chain(register, record, act, renswoude, veenendaal):
    renswoude.first.propose(act)
    veenendaal.first.approve(act)
    renswoude.first.decline(act)

    with reverts("ActDeclined", act.hash):
        record(act, [], [renswoude.first.on_chain, veenendaal.first.on_chain])
    with reverts("ActDeclined", act.hash):
        register.requiredFor(act, [])


def test_decline_leaves_the_same_terms_open_to_a_new_act(register, agree, act, renswoude, veenendaal):
    veenendaal.first.decline(act)
    anew = act._replace(deadline=START + DAY)

    agree(anew, renswoude, veenendaal)

    assert plain(register.head(anew.hash)) == anew.hash


def test_decline_happens_once(act, renswoude, veenendaal):
    veenendaal.first.decline(act)

    for organisation in (renswoude, veenendaal):
        with reverts("ActDeclined", act.hash):
            organisation.first.decline(act)


def test_decline_is_for_signatories(register, act, stranger, veenendaal):
    with reverts("NoMandate", stranger.address):
        stranger.decline(act)
    with reverts("NoMandate", veenendaal.administrator.address):
        register.decline(act, [], ZERO, {"from": veenendaal.administrator})


def test_decline_is_for_organisations_that_the_act_needs(act, ede, utrecht):
    for organisation in (ede, utrecht):
        with reverts("ApprovalNotRequired", organisation.id, organisation.first.address):
            organisation.first.decline(act)


def test_one_pair_of_eyes_is_enough_to_decline(register, act, veenendaal):
    lower, _ = veenendaal.four_eyes()

    lower.decline(act)

    assert plain(register.head(act.hash)) == DECLINED


def test_what_is_recorded_cannot_be_declined(concluded, veenendaal):
    with reverts("AlreadyRecorded", concluded.hash):
        veenendaal.first.decline(concluded)


def test_a_recorded_amendment_cannot_be_declined(agree, concluded, renswoude, veenendaal):
    amendment = concluded.then(dossier=digest_of("amended"))
    agree(amendment, renswoude, veenendaal, history=[concluded])

    with reverts("AlreadyRecorded", amendment.hash):
        veenendaal.first.decline(amendment, concluded)


def test_an_amendment_can_be_declined(register, agree, concluded, renswoude, veenendaal):
    amendment = concluded.then(dossier=digest_of("amended"))

    veenendaal.first.decline(amendment, concluded)

    assert plain(register.head(amendment.hash)) == DECLINED
    assert plain(register.head(concluded.hash)) == concluded.hash
    with reverts("ActDeclined", amendment.hash):
        agree(amendment, renswoude, veenendaal, history=[concluded])


def test_a_newcomer_can_decline_its_accession(register, concluded, utrecht):
    accession = concluded.then(parties=(*concluded.parties, utrecht.id))

    utrecht.first.decline(accession, concluded)

    assert plain(register.head(accession.hash)) == DECLINED


def test_a_party_that_an_act_takes_out_can_decline_it(register, draft, agree, renswoude, veenendaal, utrecht):
    everybody = renswoude, veenendaal, utrecht
    act = draft(*everybody)
    agree(act, *everybody)
    without = act.then(parties=(renswoude.id, veenendaal.id))

    utrecht.first.decline(without, act)

    assert plain(register.head(without.hash)) == DECLINED


def test_an_amendment_that_is_stale_need_not_be_declined(agree, concluded, renswoude, veenendaal):
    one, other = (concluded.then(dossier=digest_of(text)) for text in ("one", "other"))
    agree(one, renswoude, veenendaal, history=[concluded])

    with reverts("WrongPredecessor", one.hash, concluded.hash):
        veenendaal.first.decline(other, concluded)


def test_decline_refuses_an_act_that_is_impossible_anyway(act, renswoude, veenendaal):
    signatory = veenendaal.first
    for changes, error in [
        ({"parties": (veenendaal.id,)}, ("TooFewParties", 1)),
        ({"parties": (veenendaal.id, renswoude.id)}, ("PartiesNotAscending", renswoude.id)),
        ({"dossier": ZERO}, ("NoDossier",)),
        ({"agreement": REASON}, ("NotConcluding",)),
        ({"valid_until": START}, ("InvalidPeriod", START, START)),
        ({"previous": REASON}, ("WrongPredecessor", ZERO, REASON)),
    ]:
        with reverts(*error):
            signatory.decline(act._replace(**changes))


def test_decline_is_possible_up_to_and_including_the_deadline(register, act, renswoude, veenendaal):
    act = act._replace(deadline=START + DAY)
    with clock.at(START + DAY + 1), reverts("DeadlinePassed", START + DAY):
        veenendaal.first.decline(act)
    with clock.at(START + DAY):
        veenendaal.first.decline(act)

    assert plain(register.head(act.hash)) == DECLINED
