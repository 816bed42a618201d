"""Reports on commitments and their confirmations in one batch."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select, update

from registry.index.buffer import THESE, Buffer, Row, chunks
from registry.index.kinds import ByKind
from registry.index.schema import FOREVER, reports
from registry.model import NO_HASH, ProgressConfirmed, ProgressReported

_CLOSE_REPORT = (
    update(reports)
    .where(reports.c.report_hash == bindparam("key"))
    .values(known_until=bindparam("since"), closed_block=bindparam("in_block"))
)
_REPORTS = select(reports).where(reports.c.report_hash.in_(THESE))


class Reports:
    """The reports that a batch speaks of; of each report its agreement and its organisation."""

    def __init__(self, connection: Connection, buffer: Buffer, events: ByKind) -> None:
        self._buffer = buffer
        self._fresh: dict[bytes, Row] = {}
        self._known: dict[bytes, tuple[bytes, str]] = {}
        for chunk in chunks({one.report_hash for one in events.of(ProgressConfirmed)}):
            for row in connection.execute(_REPORTS, {"these": chunk}):
                self._known[row.report_hash] = (row.agreement, row.organisation)

    def of(self, report_hash: bytes) -> tuple[bytes, str]:
        """Agreement and organisation of a report; KeyError if it was never made."""
        return self._known[report_hash]

    def report(self, event: ProgressReported) -> None:
        """Takes in a report, which follows the party's previous one."""
        report, place = event.report, event.place
        names = (event.report_hash, report.agreement, report.commitment, report.organisation, report.stage.value)
        what = (report.evidence, report.previous, event.signatory)
        row: Row = [*names, *what, place.block, place.log_index, place.timestamp, FOREVER, None]
        self._buffer.new["reports"].append(row)
        self._known[event.report_hash] = (report.agreement, report.organisation)
        self._fresh[event.report_hash] = row
        if report.previous in self._fresh:
            self._fresh[report.previous][-2:] = place.timestamp, place.block
        elif report.previous != NO_HASH:
            values = {"key": report.previous, "since": place.timestamp, "in_block": place.block}
            self._buffer.change(_CLOSE_REPORT, values)

    def confirm(self, event: ProgressConfirmed) -> None:
        """Takes in a confirmation."""
        place = event.place
        who = (event.report_hash, event.organisation, event.signatory)
        self._buffer.new["confirmations"].append([*who, place.block, place.log_index, place.timestamp])
