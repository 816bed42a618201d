"""Confirming: another party says of the latest report that it is so."""

from __future__ import annotations

import clock
import pytest
from actors import CHAIN_ID, recovered
from acts import ZERO, digest_of
from clock import DAY, START
from motions import succeed
from recorded import events
from refusals import reverts
from reports import confirmation, report_on

ELSEWHERE = [{"chain_id": 1}, {"contract": "0x" + "11" * 20}]


@pytest.fixture
def report(register, carrier, concluded, veenendaal):
    """Veenendaal's first, on record."""
    first = report_on(concluded, veenendaal)
    register.report(first, [concluded], veenendaal.first.sign_report(first), {"from": carrier})
    return first


@pytest.fixture
def confirm(register, carrier, concluded):
    """Carry a confirmation to the chain, as it is given; else signed by the organisation's own first signatory."""

    def send(report, organisation, signature=None, history=(), sender=carrier):
        signature = signature or organisation.first.sign_confirmation(report, organisation)
        return register.confirm(report, organisation.id, history or [concluded], signature, {"from": sender})

    return send


@pytest.fixture
def goes_on(register, carrier, concluded):
    """Have a signatory report on behalf of the party."""

    def send(following, signatory):
        register.report(following, [concluded], signatory.sign_report(following), {"from": carrier})
        return following

    return send


def test_another_party_confirms_whoever_carries_it(register, confirm, report, renswoude, stranger):
    tx = confirm(report, renswoude, sender=stranger.account)

    values = {"reportHash": report.hash, "organisation": renswoude.id, "signatory": renswoude.first.address}
    assert events(tx) == [("ProgressConfirmed", values)]
    assert register.isConfirmed(report.hash, renswoude.id)


def test_a_signatory_confirms_by_its_own_transaction(register, confirm, report, renswoude):
    confirm(report, renswoude, renswoude.first.on_chain, sender=renswoude.first.account)

    assert register.isConfirmed(report.hash, renswoude.id)


def test_nobody_confirms_by_a_transaction_of_another(confirm, report, renswoude, veenendaal):
    with reverts("InvalidSignature", *renswoude.first.on_chain):
        confirm(report, renswoude, renswoude.first.on_chain, sender=veenendaal.first.account)


def test_a_party_confirms_once(confirm, report, renswoude):
    confirm(report, renswoude)

    with reverts("AlreadyConfirmed", report.hash, renswoude.id):
        confirm(report, renswoude)


def test_every_other_party_may_confirm(register, carrier, confirm, agree, draft, renswoude, veenendaal, utrecht):
    act = draft(renswoude, veenendaal, utrecht)
    agree(act, renswoude, veenendaal, utrecht)
    report = report_on(act, veenendaal)
    register.report(report, [act], veenendaal.first.sign_report(report), {"from": carrier})

    for organisation in (utrecht, renswoude):
        confirm(report, organisation, history=[act])

    assert register.isConfirmed(report.hash, renswoude.id)
    assert register.isConfirmed(report.hash, utrecht.id)
    assert not register.isConfirmed(report.hash, veenendaal.id)


def test_a_party_does_not_confirm_its_own_report(confirm, report, veenendaal):
    with reverts("OwnReport", veenendaal.id):
        confirm(report, veenendaal)


def test_a_successor_confirms_neither_its_own_report_as_the_other_nor_the_others_as_its_own(
    carry, confirm, goes_on, concluded, majority, report, renswoude, veenendaal
):
    carry(succeed(renswoude, veenendaal), *majority, renswoude)
    inherited = goes_on(report_on(concluded, renswoude), veenendaal.first)

    with reverts("OwnReport", renswoude.id):
        confirm(report, renswoude, veenendaal.first.sign_confirmation(report, renswoude))
    with reverts("OwnReport", veenendaal.id):
        confirm(inherited, veenendaal)
    with reverts("OwnReport", renswoude.id):
        confirm(inherited, renswoude, veenendaal.first.sign_confirmation(inherited, renswoude))


def test_a_common_successor_confirms_nothing(carry, confirm, majority, report, ede, renswoude, veenendaal):
    for one in (renswoude, veenendaal):
        carry(succeed(one, ede), *majority, one)

    with reverts("OwnReport", renswoude.id):
        confirm(report, renswoude, ede.first.sign_confirmation(report, renswoude))


def test_another_successor_confirms_in_the_stead_of_the_party(
    register, carry, confirm, majority, report, ede, renswoude
):
    carry(succeed(renswoude, ede), *majority, renswoude)

    with reverts("NotParty", ede.id):
        confirm(report, ede)
    tx = confirm(report, renswoude, ede.first.sign_confirmation(report, renswoude))

    values = {"reportHash": report.hash, "organisation": renswoude.id, "signatory": ede.first.address}
    assert events(tx) == [("ProgressConfirmed", values)]


def test_only_the_latest_report_is_confirmed(register, confirm, goes_on, report, renswoude, veenendaal):
    following = goes_on(report.then("fulfilled"), veenendaal.first)

    with reverts("WrongReport", following.hash, report.hash):
        confirm(report, renswoude)
    confirm(following, renswoude)

    assert not register.isConfirmed(report.hash, renswoude.id)
    assert register.isConfirmed(following.hash, renswoude.id)


def test_what_was_not_reported_is_not_confirmed(confirm, concluded, report, renswoude, veenendaal):
    elsewhere = report_on(concluded, veenendaal, "T2")
    with reverts("WrongReport", ZERO, elsewhere.hash):
        confirm(elsewhere, renswoude)
    otherwise = report._replace(evidence=digest_of("another"))
    with reverts("WrongReport", report.hash, otherwise.hash):
        confirm(otherwise, renswoude)


def test_a_confirmation_stays_when_the_party_goes_on(register, confirm, goes_on, report, renswoude, veenendaal):
    confirm(report, renswoude)

    following = goes_on(report.then("blocked"), veenendaal.first)

    assert register.isConfirmed(report.hash, renswoude.id)
    assert not register.isConfirmed(following.hash, renswoude.id)


def test_who_is_no_party_confirms_nothing(confirm, report, utrecht):
    with reverts("NotParty", utrecht.id):
        confirm(report, utrecht)


def test_nobody_confirms_after_the_end(confirm, agree, concluded, report, renswoude, veenendaal):
    end = concluded.then(parties=(), dossier=ZERO, valid_from=START + DAY)
    agree(end, renswoude, veenendaal, history=[concluded])

    with clock.at(START + DAY), reverts("NotParty", renswoude.id):
        confirm(report, renswoude, history=[end])
    with clock.at(START + DAY - 1):
        confirm(report, renswoude, history=[end, concluded])


def test_a_confirmation_comes_with_history(register, agree, confirm, concluded, report, renswoude, veenendaal):
    amendment = concluded.then(dossier=digest_of("amended"), valid_from=START + 100 * DAY)
    agree(amendment, renswoude, veenendaal, history=[concluded])

    with reverts("WrongPredecessor", amendment.hash, concluded.hash):
        confirm(report, renswoude, history=[concluded])
    with reverts("HistoryTooShort", START + 100 * DAY):
        confirm(report, renswoude, history=[amendment])
    confirm(report, renswoude, history=[amendment, concluded])

    assert register.isConfirmed(report.hash, renswoude.id)


def test_a_signatory_of_another_organisation_confirms_nothing(confirm, report, renswoude, veenendaal, stranger):
    with reverts("NotSignatory", renswoude.id, veenendaal.first.address):
        confirm(report, renswoude, veenendaal.first.sign_confirmation(report, renswoude))
    with reverts("NoMandate", stranger.address):
        confirm(report, renswoude, stranger.sign_confirmation(report, renswoude))


def test_a_signatory_confirms_while_its_mandate_is_in_force(confirm, report, renswoude):
    with clock.at(START + DAY):
        renswoude.dismiss(renswoude.first)

    with reverts("MandateNotInForce", renswoude.first.address, 0, START + DAY):
        confirm(report, renswoude)


def refused(register, confirm, report, organisation, signature):
    """It is from nobody, under the message that would count."""
    message = confirmation(report, organisation.id, register.address, CHAIN_ID)
    with reverts("NoMandate", recovered(message, signature)):
        confirm(report, organisation, signature)


@pytest.mark.parametrize("elsewhere", ELSEWHERE, ids=["another chain", "another register"])
def test_a_signature_for_elsewhere_is_refused(register, confirm, report, renswoude, elsewhere):
    signature = renswoude.first.sign_confirmation(report, renswoude, **elsewhere)

    refused(register, confirm, report, renswoude, signature)


def test_a_signature_for_another_report_or_organisation_is_refused(register, confirm, report, renswoude, utrecht):
    earlier = renswoude.first.sign_confirmation(report._replace(progress="blocked"), renswoude)
    refused(register, confirm, report, renswoude, earlier)
    refused(register, confirm, report, renswoude, renswoude.first.sign_confirmation(report, utrecht))


def test_a_signature_under_a_report_is_no_confirmation(register, confirm, report, renswoude):
    refused(register, confirm, report, renswoude, renswoude.first.sign_report(report))


def test_garbage_is_no_signature(confirm, report, renswoude):
    garbage = (5).to_bytes(32, "big"), (1).to_bytes(32, "big")

    with reverts("InvalidSignature", *garbage):
        confirm(report, renswoude, garbage)
