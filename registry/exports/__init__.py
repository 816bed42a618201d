"""The register in files that leave it: CSV, JSON Lines, a workbook, and a report of an audit on paper."""

from registry.exports.chain_source import ChainSource
from registry.exports.lines import write_csv, write_json_lines
from registry.exports.report import write_report
from registry.exports.source import About, Entry, HeldMandate, Promised, Source, Told
from registry.exports.verdict import Judgement, Verdict, verdict_of
from registry.exports.workbook import write_workbook
from registry.exports.writing import STANDARD_OUTPUT, Written, described, new_file, require_free

__all__ = [
    "STANDARD_OUTPUT",
    "About",
    "ChainSource",
    "Entry",
    "HeldMandate",
    "Judgement",
    "Promised",
    "Source",
    "Told",
    "Verdict",
    "Written",
    "described",
    "new_file",
    "require_free",
    "verdict_of",
    "write_csv",
    "write_json_lines",
    "write_report",
    "write_workbook",
]
