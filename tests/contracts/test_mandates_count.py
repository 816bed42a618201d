"""A mandate counts at the moment an act is recorded, not when it was signed."""

from __future__ import annotations

import clock
import pytest
from acts import digest_of
from clock import DAY, START
from recorded import plain
from refusals import reverts


@pytest.fixture
def act(draft, renswoude, veenendaal):
    return draft(renswoude, veenendaal)


def test_conclude_rejects_an_expired_mandate(agree, act, renswoude, veenendaal):
    veenendaal.appoint(veenendaal.first, 0, START + DAY)

    with clock.at(START + DAY), reverts("MandateNotInForce", veenendaal.first.address, 0, START + DAY):
        agree(act, renswoude, veenendaal)


def test_conclude_accepts_a_mandate_in_its_last_second(register, agree, act, renswoude, veenendaal):
    veenendaal.appoint(veenendaal.first, 0, START + DAY)

    with clock.at(START + DAY - 1):
        agree(act, renswoude, veenendaal)

    assert plain(register.head(act.hash)) == act.hash


def test_conclude_rejects_a_mandate_that_has_not_begun(agree, act, renswoude, veenendaal):
    veenendaal.appoint(veenendaal.first, START + DAY)

    with clock.at(START + DAY - 1), reverts("MandateNotInForce", veenendaal.first.address, START + DAY, 0):
        agree(act, renswoude, veenendaal)


def test_conclude_accepts_a_mandate_in_its_first_second(register, agree, act, renswoude, veenendaal):
    veenendaal.appoint(veenendaal.first, START + DAY)

    with clock.at(START + DAY):
        agree(act, renswoude, veenendaal)

    assert plain(register.head(act.hash)) == act.hash


def test_conclude_rejects_a_signatory_dismissed_after_signing(record, act, renswoude, veenendaal):
    approvals = [renswoude.first.sign(act), veenendaal.first.sign(act)]
    with clock.at(START + DAY):
        veenendaal.dismiss(veenendaal.first)

    with reverts("MandateNotInForce", veenendaal.first.address, 0, START + DAY):
        record(act, [], approvals)


def test_conclude_rejects_a_signatory_dismissed_in_the_same_second(record, act, renswoude, veenendaal):
    approvals = [renswoude.first.sign(act), veenendaal.first.sign(act)]
    with clock.at(START + DAY):
        veenendaal.dismiss(veenendaal.first)

    with clock.at(START + DAY), reverts("MandateNotInForce", veenendaal.first.address, 0, START + DAY):
        record(act, [], approvals)


def test_conclude_rejects_an_approval_on_chain_whose_signatory_was_dismissed(record, act, renswoude, veenendaal):
    veenendaal.first.approve(act)
    with clock.at(START + DAY):
        veenendaal.dismiss(veenendaal.first)

    with reverts("MandateNotInForce", veenendaal.first.address, 0, START + DAY):
        record(act, [], [renswoude.first.sign(act), veenendaal.first.on_chain])


def test_a_signature_counts_again_when_the_mandate_is_given_back(register, record, act, renswoude, veenendaal):
    approvals = [renswoude.first.sign(act), veenendaal.first.sign(act)]
    veenendaal.dismiss(veenendaal.first)
    veenendaal.appoint(veenendaal.first)

    record(act, [], approvals)

    assert plain(register.head(act.hash)) == act.hash


def test_a_mandate_given_after_signing_counts(register, record, act, renswoude, veenendaal):
    approvals = [renswoude.first.sign(act), veenendaal.second.sign(act)]
    with reverts("NoMandate", veenendaal.second.address):
        record(act, [], approvals)

    veenendaal.appoint(veenendaal.second)
    record(act, [], approvals)

    assert plain(register.head(act.hash)) == act.hash


@pytest.mark.parametrize("action", ["propose", "approve", "approve for", "decline"])
@pytest.mark.parametrize(("valid_from", "valid_until"), [(0, START + DAY), (START + 3 * DAY, 0)])
def test_nothing_can_be_done_outside_a_mandate(register, act, veenendaal, carrier, action, valid_from, valid_until):
    signatory = veenendaal.first
    veenendaal.appoint(signatory, valid_from, valid_until)
    actions = {
        "propose": lambda: signatory.propose(act),
        "approve": lambda: signatory.approve(act),
        "approve for": lambda: register.approveFor(
            signatory.address, act.hash, bytes(32), signatory.signature(act).signature, {"from": carrier}
        ),
        "decline": lambda: signatory.decline(act),
    }
    outside = START + 2 * DAY

    with clock.at(outside), reverts("MandateNotInForce", signatory.address, valid_from, valid_until):
        actions[action]()


def test_the_next_act_asks_for_mandates_anew(agree, concluded, renswoude, veenendaal):
    with clock.at(START + DAY):
        veenendaal.dismiss(veenendaal.first)

    with reverts("MandateNotInForce", veenendaal.first.address, 0, START + DAY):
        agree(concluded.then(dossier=digest_of("amended")), renswoude, veenendaal, history=[concluded])
