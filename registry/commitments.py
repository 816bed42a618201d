"""What came of what was promised, folded from events: the reports of parties, and who confirmed them.

Pure. What was promised, and by whom, stands in the manifests of the dossiers; here it is known by its id on chain.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from registry.model import NO_HASH, ProgressConfirmed, ProgressReported, Report

Key = tuple[bytes, bytes, str]
"""Agreement, commitment, reporting organisation."""


@dataclass(slots=True)
class ReportRecord:
    """A report as it was recorded, and who confirmed it since, by organisation."""

    event: ProgressReported
    confirmed: dict[str, ProgressConfirmed] = field(default_factory=dict)

    @property
    def report(self) -> Report:
        """What was reported."""
        return self.event.report


@dataclass(slots=True)
class Reports:
    """All reports at one block, by hash, and the latest of each party on each commitment."""

    by_hash: dict[bytes, ReportRecord] = field(default_factory=dict)
    latest: dict[Key, ReportRecord] = field(default_factory=dict)

    def latest_hash(self, agreement: bytes, commitment: bytes, organisation: str) -> bytes:
        """What the next report of this party on this commitment has to follow; 0 = nothing yet."""
        found = self.latest.get((agreement, commitment, organisation))
        return found.event.report_hash if found else NO_HASH

    def on(self, agreement: bytes, commitment: bytes) -> list[ReportRecord]:
        """The latest report of each party on a commitment, by organisation."""
        found = [(key[2], one) for key, one in self.latest.items() if key[:2] == (agreement, commitment)]
        return [one for _, one in sorted(found, key=lambda pair: pair[0])]

    def of(self, agreement: bytes) -> list[ReportRecord]:
        """All reports on commitments of an agreement, in order."""
        return [one for one in self.by_hash.values() if one.report.agreement == agreement]

    def add(self, event: ProgressReported | ProgressConfirmed) -> None:
        """Takes in the next event."""
        if isinstance(event, ProgressConfirmed):
            self.by_hash[event.report_hash].confirmed[event.organisation] = event
            return
        record = ReportRecord(event)
        self.by_hash[event.report_hash] = record
        self.latest[event.report.agreement, event.report.commitment, event.report.organisation] = record
