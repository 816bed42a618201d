"""The register as a workbook (XLSX): a sheet per subject, for whoever sorts, filters and counts.

The same register at the same block gives the same bytes; whatever it says holds at the time of that block. Rows are
written as they are read.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import BinaryIO

from xlsxwriter import Workbook

from registry import __version__
from registry.audit.report import AuditReport
from registry.exports.audit_sheet import write_audit
from registry.exports.overview import Overview
from registry.exports.sheets import COLUMNS, DESCRIPTIONS, Rows
from registry.exports.source import Source
from registry.exports.tables import Styles, Table


def write_workbook(source: Source, file: BinaryIO, audit: AuditReport | None = None) -> dict[str, int]:
    """Writes the workbook; with the outcome of an audit if there is one. Returns the number of rows of each sheet."""
    about = source.about
    # Texts stay texts: nothing that others wrote becomes a formula or a link.
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "in_memory": False,
    }
    with Workbook(file, options) as book:
        book.set_properties(
            {
                "title": "Register van overeenkomsten",
                "subject": f"Keten {about.chain_id}, register {about.register}, blok {about.block}",
                "author": "",
                "comments": f"Vingerafdruk 0x{about.fingerprint.hex()}",
                "created": datetime.fromtimestamp(about.block_time, UTC).replace(tzinfo=None),
            }
        )
        styles = Styles(book)
        overview = Overview(book, styles, about, __version__)
        tables = {name: Table(book, styles, name, columns(about.block_time)) for name, columns in COLUMNS.items()}
        rows = Rows(source.directory, about.block_time)
        for entry in source.entries():
            tables["Overeenkomsten"].add(*rows.agreement(entry))
            for number, one in enumerate(entry.agreement.acts, 1):
                tables["Handelingen"].add(*rows.act(entry, number, one))
                for approval in rows.approvals(entry, number, one):
                    tables["Akkoorden"].add(*approval)
            for promised in entry.promises:
                for row in rows.promises(entry, promised):
                    tables["Toezeggingen"].add(*row)
        for held in source.mandates():
            tables["Mandaten"].add(*rows.mandate(held))
        for event in source.events():
            tables["Gebeurtenissen"].add(*rows.event(event))
        counts = {name: table.rows for name, table in tables.items()}
        for table in tables.values():
            table.close()
        overview.write(counts, DESCRIPTIONS, audit)
        if audit is not None:
            write_audit(book, styles, audit)
    return counts
