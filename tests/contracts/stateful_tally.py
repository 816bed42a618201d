"""What came up in one random history or several, and what never did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from stateful_agreements import AGREEMENT_KINDS
from stateful_chain import Codec
from stateful_council import MOTION_KINDS
from stateful_properties import PROPERTIES

KINDS = (*AGREEMENT_KINDS, *MOTION_KINDS, "enact", "veto")

#: Errors that no call can run into, and why.
OUT_OF_REACH = {
    "InvalidShortString": "of OpenZeppelin's EIP712, for a name that storage holds in a wrong way; ours is constant",
    "StringTooLong": "of OpenZeppelin's EIP712, for a name of more than 31 bytes; ours has 20",
}


@dataclass
class Tally:
    """What was seen, over one history or several."""

    steps: int = 0
    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    pairs: Counter[str] = field(default_factory=Counter)
    sent_and_refused: int = 0
    views: int = 0
    held: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        self.steps += other.steps
        self.sent_and_refused += other.sent_and_refused
        self.views += other.views
        for name in ("accepted", "refused", "kinds", "errors", "pairs", "held"):
            getattr(self, name).update(getattr(other, name))

    @property
    def share_accepted(self) -> float:
        return self.accepted.total() / max(1, self.steps)

    def lines(self) -> list[str]:
        text = [
            f"steps {self.steps}, accepted {self.accepted.total()} ({self.share_accepted:.0%}), "
            f"refused {self.refused.total()}, of which sent as transactions {self.sent_and_refused}; "
            f"values of views compared {self.views}",
            "",
            f"{'action':<16}{'accepted':>10}{'refused':>10}",
        ]
        text += [
            f"{name:<16}{self.accepted[name]:>10}{self.refused[name]:>10}"
            for name in sorted(self.accepted | self.refused)
        ]
        parts = {
            "accepted by kind": self.kinds,
            "errors": self.errors,
            "errors by action": self.pairs,
            "properties, how often put to the test": self.held,
        }
        for title, counts in parts.items():
            text += ["", title, *(f"  {name:<52}{count:>8}" for name, count in sorted(counts.items()))]
        return text


def missing(tally: Tally, codec: Codec) -> dict[str, list[str]]:
    """Actions and errors of the ABI, kinds of acts and motions, and properties, that never came up."""
    return {
        "actions": [name for name in codec.mutators if not tally.accepted[name]],
        "errors": [name for name in reachable(codec) if name not in tally.errors],
        "kinds": [name for name in KINDS if not tally.kinds[name]],
        "properties": [name for name in PROPERTIES if not tally.held[name]],
    }


def reachable(codec: Codec) -> list[str]:
    """The errors of the ABI that a call can run into."""
    return sorted({name for name, _ in codec.errors.values()} - set(OUT_OF_REACH))


def write_report(path: Path, tally: Tally, title: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([title, "", *tally.lines()]) + "\n", encoding="utf-8")
