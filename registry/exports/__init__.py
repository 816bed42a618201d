"""The register in files that leave it: CSV, JSON Lines, a workbook, and a report of an audit on paper."""

from registry.exports.index_source import IndexSource, index_source
from registry.exports.ledger_source import LedgerSource
from registry.exports.lines import write_csv, write_json_lines
from registry.exports.report import write_report
from registry.exports.source import About, Entry, HeldMandate, Promised, Source, Stated, Told
from registry.exports.verdict import Judgement, Verdict, verdict_of
from registry.exports.workbook import write_workbook
from registry.exports.writing import STANDARD_OUTPUT, Written, described, new_file, require_free

__all__ = [
    "STANDARD_OUTPUT",
    "About",
    "Entry",
    "HeldMandate",
    "IndexSource",
    "Judgement",
    "LedgerSource",
    "Promised",
    "Source",
    "Stated",
    "Told",
    "Verdict",
    "Written",
    "described",
    "index_source",
    "new_file",
    "require_free",
    "verdict_of",
    "write_csv",
    "write_json_lines",
    "write_report",
    "write_workbook",
]
