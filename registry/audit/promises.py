"""Rules of reports on commitments, and of their confirmation (``ICommitments``)."""

from __future__ import annotations

from registry.audit.calls import Call
from registry.audit.digests import NOTHING, confirmation_hash, report_hash
from registry.audit.findings import Event, brief, name_of
from registry.audit.report import Check
from registry.audit.workbench import Bench, Rules

_PROGRESS = (b"started", b"fulfilled", b"blocked", b"cancelled")


def _signed(bench: Bench, event: Event, call: Call | None, organisation: bytes, struct: bytes) -> None:
    """By a signatory of the organisation or of its last successor; carried, or sent by itself."""
    signatory = event["signatory"]
    bench.speaks_for(event, signatory, bench.state.heir(organisation))
    if call is None:
        return
    signature = call["signature"]
    if any(signature.r):
        bench.signed(event, struct, signature, signatory)
    else:
        bench.own_transaction(event, call, signatory)


def reported(bench: Bench, event: Event, call: Call | None) -> None:
    """ProgressReported."""
    state, expect = bench.state, bench.findings.expect
    report, subject = event["report"], event["reportHash"]
    named = (report.agreement, report.commitment) == (event["agreement"], event["commitment"])
    expect(
        Check.HASHES,
        named and report_hash(report) == subject,
        "report-hash",
        "de melding heeft niet de hash, de overeenkomst of de toezegging die de gebeurtenis noemt",
        event,
        organisation=report.organisation,
    )
    expect(Check.REPORTS, report.progress in _PROGRESS, "unknown-progress", "zo'n voortgang bestaat niet", event)
    _party(bench, event, report.agreement, report.organisation)
    key = (report.agreement, report.commitment, report.organisation)
    latest = state.latest_report.get(key, NOTHING)
    expect(
        Check.REPORTS,
        report.previous == latest,
        "wrong-report",
        f"de melding volgt op {brief(report.previous)}, maar de laatste van de partij is {brief(latest)}",
        event,
        organisation=report.organisation,
    )
    _signed(bench, event, call, report.organisation, subject)
    state.latest_report[key] = subject
    state.reports[subject] = report


def _party(bench: Bench, event: Event, agreement: bytes, organisation: bytes) -> None:
    bench.findings.expect(
        Check.REPORTS,
        organisation in bench.state.parties_at(agreement, event.time),
        "not-party",
        f"{name_of(organisation)} was op dat moment geen partij, of de overeenkomst was niet van kracht",
        event,
        organisation=organisation,
    )


def confirmed(bench: Bench, event: Event, call: Call | None) -> None:
    """ProgressConfirmed."""
    state, expect = bench.state, bench.findings.expect
    subject, organisation = event["reportHash"], event["organisation"]
    report = state.reports.get(subject)
    if expect(Check.REPORTS, report is not None, "no-report", "de bevestigde melding bestaat niet", event):
        assert report is not None  # noqa: S101 - just checked
        key = (report.agreement, report.commitment, report.organisation)
        expect(
            Check.REPORTS,
            state.latest_report.get(key) == subject,
            "wrong-report",
            "wat is bevestigd is niet de laatste melding van de partij",
            event,
        )
        _party(bench, event, report.agreement, organisation)
        own = state.heir(organisation) == state.heir(report.organisation)
        expect(Check.REPORTS, not own, "own-report", "een partij bevestigt haar eigen melding", event)
    expect(
        Check.REPORTS,
        (subject, organisation) not in state.confirmed,
        "confirmed-twice",
        f"{name_of(organisation)} had de melding al bevestigd",
        event,
    )
    _signed(bench, event, call, organisation, confirmation_hash(subject, organisation))
    state.confirmed.add((subject, organisation))


RULES: Rules = {"ProgressReported": reported, "ProgressConfirmed": confirmed}
