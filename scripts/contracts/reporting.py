"""The report on the mutants, for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mutant import Mutant, by_file
from results import EQUIVALENT, FAILED, KILLED, SURVIVED, Result, percent, score

TARGET = 90.0


def verdict_line(killed: int, counted: int) -> str:
    """The last line of the report. Rounded down, so that the target is not met by rounding."""
    reached = percent(killed, counted)
    shown = int(reached * 10) / 10
    word = "ok" if reached >= TARGET else "short"
    return f"mutants killed: {shown:.1f} % of {counted} (target ≥ {TARGET:g} %) {word}"


@dataclass
class Report:
    """What is to be said at the end."""

    mutants: dict[str, Mutant]
    results: dict[str, Result]
    reasons: dict[str, str]
    left_out: list[Mutant]
    complete: bool

    def verdicts(self, verdict: str) -> list[Mutant]:
        """The mutants of which that became."""
        return [self.mutants[key] for key, one in self.results.items() if one.verdict == verdict]

    def lines(self, names: bool) -> list[str]:
        """For people."""
        files = by_file(self.mutants.values())
        width = max((len(path) for path in files), default=5)
        rows = [f"{'':{width}}  mutants  killed  survived  equivalent"]
        for name, own in [*files.items(), ("total", list(self.mutants.values()))]:
            count = Counter(self.results[one.key].verdict for one in own if one.key in self.results)
            share = percent(count[KILLED], count[KILLED] + count[SURVIVED])
            cells = f"{count.total():>7}  {count[KILLED]:>6}  {count[SURVIVED]:>8}  {count[EQUIVALENT]:>10}"
            rows.append(f"{name:{width}}  {cells}  {int(share * 10) / 10:5.1f} %")
        survivors = self.verdicts(SURVIVED)
        unexplained = [one for one in survivors if one.key not in self.reasons]
        rows += self.listed("survivors nobody has explained:", unexplained, names)
        rows += self.listed("known survivors:", [one for one in survivors if one.key in self.reasons], names)
        rows += self.listed("could not be tried:", self.verdicts(FAILED), names)
        rows += self.listed("left out, because they do not compile next to the original:", self.left_out, names)
        gone = [key for key in self.reasons if key not in self.mutants]
        killed = [one.key for one in self.verdicts(KILLED) if one.key in self.reasons]
        if self.complete and gone:
            rows += ["", "in survivors.toml, but there is no such mutant:", *(f"  {key}" for key in gone)]
        if killed:
            rows += ["", "in survivors.toml, but killed:", *(f"  {key}" for key in killed)]
        return [*rows, "", verdict_line(*score(self.results.values()))]

    def listed(self, title: str, mutants: Sequence[Mutant], names: bool) -> list[str]:
        """These mutants under a title; nothing if there are none."""
        if not mutants:
            return []
        rows = ["", title]
        for one in sorted(mutants, key=lambda mutant: (mutant.path, mutant.line, mutant.start)):
            result = self.results.get(one.key)
            why = self.reasons.get(one.key) or (result.why if result else "")
            rows.append(f"  {one.path}:{one.line}  {one.function}: {one.original} → {one.mutated}")
            rows += [f"      {one.key}"] if names else []
            rows += [f"      {why}"] if why else []
        return rows

    def document(self) -> dict[str, Any]:
        """For programs."""
        killed, counted = score(self.results.values())
        return {
            "ok": percent(killed, counted) >= TARGET and not self.verdicts(FAILED),
            "complete": self.complete,
            "killed": killed,
            "counted": counted,
            "percent": round(percent(killed, counted), 2),
            "target": TARGET,
            "mutants": [
                {
                    "name": key,
                    "path": self.mutants[key].path,
                    "line": self.mutants[key].line,
                    "original": self.mutants[key].original,
                    "mutated": self.mutants[key].mutated,
                    "verdict": one.verdict,
                    "test": one.test or None,
                    "known": self.reasons.get(key),
                    "seconds": one.seconds,
                }
                for key, one in self.results.items()
            ],
            "leftOut": [one.key for one in self.left_out],
        }
