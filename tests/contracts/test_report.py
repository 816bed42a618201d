"""Reporting on a commitment: a party of an agreement in force, in a chain of reports for each commitment."""

from __future__ import annotations

import brownie
import clock
import pytest
from actors import CHAIN_ID, on_chain, recovered
from acts import ZERO, digest_of
from clock import DAY, START
from motions import succeed
from recorded import events, plain
from refusals import reverts
from reports import PROGRESS, report_on, statement

EVIDENCE = digest_of("evidence")


@pytest.fixture
def first(concluded, veenendaal):
    """Veenendaal started with what it promised Renswoude."""
    return report_on(concluded, veenendaal, evidence=EVIDENCE)


@pytest.fixture
def send(register, carrier):
    """Carry a report to the chain with this history and signature."""

    def call(report, history, signature, sender=carrier):
        return register.report(report, list(history), signature, {"from": sender})

    return call


@pytest.fixture
def told(send, veenendaal, concluded):
    """Have Veenendaal's signatory sign a report, and carry it."""

    def call(report, *history):
        return send(report, history or [concluded], veenendaal.first.sign_report(report))

    return call


def latest(register, report):
    return plain(register.latestReport(report.agreement, report.commitment, report.organisation))


def test_a_signed_report_is_recorded_whoever_carries_it(register, send, concluded, first, veenendaal, stranger):
    tx = send(first, [concluded], veenendaal.first.sign_report(first), stranger.account)

    about = {"agreement": first.agreement, "commitment": first.commitment, "reportHash": first.hash}
    said = {"signatory": veenendaal.first.address, "report": first}
    assert events(tx) == [("ProgressReported", about | said)]
    assert latest(register, first) == first.hash


def test_a_signatory_reports_by_its_own_transaction(register, send, concluded, first, veenendaal):
    tx = send(first, [concluded], veenendaal.first.on_chain, veenendaal.first.account)

    assert events(tx)[0][1]["signatory"] == veenendaal.first.address
    assert latest(register, first) == first.hash


def test_report_returns_its_hash(register, concluded, first, veenendaal, carrier):
    signature = veenendaal.first.sign_report(first)

    assert plain(register.report.call(first, [concluded], signature, {"from": carrier})) == first.hash


def test_a_wallet_reports_by_its_own_transaction(register, carrier, concluded, first, veenendaal):
    wallet = carrier.deploy(brownie.Wallet, 0, ZERO, b"")
    veenendaal.appoint(wallet.address)
    call = register.report.encode_input(first, [concluded], on_chain(wallet.address))

    tx = wallet.execute(register.address, call, {"from": carrier})

    assert events(tx)[0][1]["signatory"] == wallet.address


def test_nobody_reports_by_a_transaction_of_another(send, concluded, first, veenendaal, renswoude):
    own, others = veenendaal.first, renswoude.first

    with reverts("InvalidSignature", *own.on_chain):
        send(first, [concluded], own.on_chain, others.account)
    with reverts("InvalidSignature", ZERO, b"\x01" + own.on_chain[1][1:]):
        send(first, [concluded], (ZERO, b"\x01" + own.on_chain[1][1:]), own.account)
    with reverts("InvalidSignature", ZERO, ZERO):
        send(first, [concluded], (ZERO, ZERO), own.account)


@pytest.mark.parametrize("progress", PROGRESS)
def test_each_word_for_progress_is_taken(register, told, first, progress):
    report = first._replace(progress=progress)

    told(report)

    assert latest(register, report) == report.hash


@pytest.mark.parametrize("progress", ["", "Started", "started ", "done", "afgerond", "fulfilled\0"])
def test_no_other_word_is(told, first, progress):
    with reverts("UnknownProgress", progress):
        told(first._replace(progress=progress))


def test_reports_follow_one_another_in_any_order_of_progress(register, told, first):
    following = first
    told(following)
    for progress in ("blocked", "fulfilled", "started", "cancelled", "cancelled"):
        following = following.then(progress)
        told(following)

    assert latest(register, first) == following.hash


def test_a_report_counts_once(told, first):
    told(first)
    with reverts("WrongReport", first.hash, ZERO):
        told(first)

    second = first.then("fulfilled")
    told(second)
    for old in (first, second):
        with reverts("WrongReport", second.hash, old.previous):
            told(old)


@pytest.mark.parametrize("previous", ["what is no report", "another commitment"])
def test_a_report_follows_the_latest_of_the_same_party_on_the_same_commitment(
    told, concluded, first, veenendaal, previous
):
    another = report_on(concluded, veenendaal, "T2")
    told(another)
    wrong = another.hash if previous == "another commitment" else EVIDENCE

    with reverts("WrongReport", ZERO, wrong):
        told(first._replace(previous=wrong))
    told(first)
    with reverts("WrongReport", first.hash, wrong):
        told(first._replace(previous=wrong))


def test_each_commitment_party_and_agreement_has_a_chain_of_its_own(
    register, told, send, agree, draft, concluded, first, renswoude, veenendaal
):
    twin = draft(renswoude, veenendaal, dossier=digest_of("twin"))
    agree(twin, renswoude, veenendaal)
    told(first)
    told(report_on(concluded, veenendaal, "T2"))
    told(report_on(twin, veenendaal), twin)
    own = report_on(concluded, renswoude)

    send(own, [concluded], renswoude.first.sign_report(own))

    assert latest(register, own) == own.hash
    assert latest(register, first) == first.hash


@pytest.mark.parametrize(
    "elsewhere", [{"chain_id": 1}, {"contract": "0x" + "11" * 20}], ids=["another chain", "another register"]
)
def test_a_signature_for_elsewhere_is_refused(register, send, concluded, first, veenendaal, elsewhere):
    signature = veenendaal.first.sign_report(first, **elsewhere)

    with reverts("NoMandate", recovered(statement(first, register.address, CHAIN_ID), signature)):
        send(first, [concluded], signature)


@pytest.mark.parametrize(
    "change",
    [
        {"agreement": EVIDENCE},
        {"commitment": EVIDENCE},
        {"organisation": EVIDENCE},
        {"previous": EVIDENCE},
        {"progress": "fulfilled"},
        {"evidence": ZERO},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_signature_for_another_report_is_refused(register, send, concluded, first, veenendaal, change):
    signature = veenendaal.first.sign_report(first._replace(**change))

    with reverts("NoMandate", recovered(statement(first, register.address, CHAIN_ID), signature)):
        send(first, [concluded], signature)


def test_garbage_is_no_signature(send, concluded, first):
    garbage = (5).to_bytes(32, "big"), (1).to_bytes(32, "big")

    with reverts("InvalidSignature", *garbage):
        send(first, [concluded], garbage)


def test_a_signatory_of_another_organisation_reports_nothing(send, concluded, first, veenendaal, renswoude, stranger):
    for signatory in (renswoude.first, stranger):
        error = ("NoMandate",) if signatory is stranger else ("NotSignatory", veenendaal.id)
        with reverts(*error, signatory.address):
            send(first, [concluded], signatory.sign_report(first))
        with reverts(*error, signatory.address):
            send(first, [concluded], signatory.on_chain, signatory.account)


def test_a_signatory_reports_while_its_mandate_is_in_force(register, send, concluded, first, veenendaal):
    veenendaal.appoint(veenendaal.first, 0, START + DAY)
    signature = veenendaal.first.sign_report(first)

    with clock.at(START + DAY), reverts("MandateNotInForce", veenendaal.first.address, 0, START + DAY):
        send(first, [concluded], signature)
    with clock.at(START + DAY - 1):
        send(first, [concluded], signature)

    assert latest(register, first) == first.hash


def test_one_pair_of_eyes_reports(register, told, first, veenendaal):
    veenendaal.four_eyes()

    told(first)

    assert latest(register, first) == first.hash


def test_who_is_no_party_reports_nothing(send, concluded, utrecht):
    report = report_on(concluded, utrecht)

    with reverts("NotParty", utrecht.id):
        send(report, [concluded], utrecht.first.sign_report(report))


def test_the_successor_reports_in_the_stead_of_the_party(register, send, carry, majority, concluded, region):
    renswoude, ede = region["renswoude"], region["ede"]
    report, own = report_on(concluded, renswoude), report_on(concluded, ede)
    carry(succeed(renswoude, ede), *majority, renswoude)

    with reverts("MandateNotInForce", renswoude.first.address, 0, register.mandateOf(renswoude.first.address)[2]):
        send(report, [concluded], renswoude.first.sign_report(report))
    with reverts("NotParty", ede.id):
        send(own, [concluded], ede.first.sign_report(own))
    tx = send(report, [concluded], ede.first.sign_report(report))

    assert events(tx)[0][1]["signatory"] == ede.first.address
    assert latest(register, report) == report.hash


def test_the_successor_goes_on_where_the_party_was(register, send, carry, majority, concluded, ede, renswoude):
    report = report_on(concluded, renswoude)
    send(report, [concluded], renswoude.first.sign_report(report))
    carry(succeed(renswoude, ede), *majority, renswoude)
    following = report.then("fulfilled")

    send(following, [concluded], ede.first.sign_report(following))

    assert latest(register, report) == following.hash
