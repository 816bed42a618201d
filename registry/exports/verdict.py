"""What an audit comes to, in one sentence and in the sentences that belong to it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from registry import dutch
from registry.audit.report import AuditReport, Check


class Verdict(Enum):
    """The three outcomes."""

    SOUND = "sound"
    LIMITED = "limited"
    DEVIATIONS = "deviations"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The outcome, as a title and a sentence."""

    verdict: Verdict
    title: str
    sentence: str


_ONLY_THE_INDEX = " Zij gaan alleen over de index: van het register zelf klopt wat is nagegaan."


def verdict_of(report: AuditReport) -> Judgement:
    """What an audit comes to. What could not be checked limits the judgement; it never makes it a good one."""
    checks = dutch.counted(sum(one.checked for one in report.tallies), "controle", "controles")
    if report.deviations:
        found = dutch.counted(len(report.deviations), "afwijking", "afwijkingen")
        return Judgement(
            Verdict.DEVIATIONS,
            "Afwijkingen gevonden",
            f"Bij {checks} {'is' if len(report.deviations) == 1 else 'zijn'} {found} gevonden."
            + (_ONLY_THE_INDEX if all(one.check is Check.INDEX for one in report.deviations) else ""),
        )
    # An index is never evidence: what could not be compared of it takes nothing away from the register.
    if any(one.check is not Check.INDEX for one in report.unchecked):
        return Judgement(
            Verdict.LIMITED,
            "Goedkeurend, met beperking",
            f"Bij {checks} is geen afwijking gevonden. Niet alles kon worden nagegaan.",
        )
    return Judgement(Verdict.SOUND, "Goedkeurend", f"Bij {checks} is geen afwijking gevonden.")
