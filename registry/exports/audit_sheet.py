"""The sheets of a workbook about an audit: what was checked, and what did not hold."""

from __future__ import annotations

from xlsxwriter import Workbook

from registry import dutch
from registry.audit.report import AuditReport
from registry.exports.tables import Column, Kind, Styles, Table

_CHECKS = [
    Column("Soort regel", 16),
    Column("Controle", 18),
    Column("Wat is vergeleken of gevonden", 90, Kind.WRAPPED),
    Column("Aantal", 12, Kind.NUMBER),
    Column("Afwijkingen", 12, Kind.NUMBER),
    Column("Blok", 10, Kind.NUMBER),
    Column("Nr. in blok", 8, Kind.NUMBER),
    Column("Organisatie", 12),
    Column("Regel", 24, Kind.MONO),
    Column("Transactie", 68, Kind.MONO),
    Column("Betreft", 68, Kind.MONO),
    Column("Overeenkomst", 68, Kind.MONO),
]


def write_audit(book: Workbook, styles: Styles, report: AuditReport) -> None:
    """Writes the sheet Controle: a row for each check, each deviation, and what was not checked."""
    table = Table(book, styles, "Controle", _CHECKS)
    nothing = (None,) * 7
    about = (
        f"uitgevoerd op {dutch.moment(report.started_at)} met foodvalley {report.version}, aan knooppunt {report.node} "
        f"({report.client}), tot en met blok {report.block}"
    )
    table.add("over", "de hele controle", about, None, len(report.deviations), *nothing)
    for one in report.tallies:
        table.add("controle", one.check.dutch, one.check.explained, one.checked, one.deviations, *nothing)
    for found in report.deviations:
        table.add(
            "afwijking",
            found.check.dutch,
            found.message,
            None,
            None,
            found.block,
            found.log_index,
            found.organisation,
            found.rule,
            found.transaction,
            found.subject,
            found.agreement,
        )
    for missed in report.unchecked:
        table.add("niet nagegaan", missed.check.dutch, missed.reason, missed.count, None, *nothing)
    table.close()
