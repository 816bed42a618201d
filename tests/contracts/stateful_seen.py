"""What the checks of the properties look at: one step, and everything that came before it.

None of it comes from the reference model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from acts import Act
from stateful_cast import Wallet
from stateful_chronicle import Chronicle, Fact
from stateful_world import Step


@dataclass(frozen=True)
class Seen:
    """One step: what was asked, what came of it, and what was there before."""

    step: Step
    accepted: bool
    facts: Sequence[Fact]
    chronicle: Chronicle
    register: str
    chain_id: int
    fingerprint: bytes
    #: What the fingerprint was made of so far, kept by the check of the fingerprint.
    refolded: dict[str, bytes]
    folds: Mapping[str, Sequence[str]]
    wallets: Mapping[str, Wallet]
    #: The value of `head` under hashes that the checks ask for.
    head: Callable[[bytes], bytes]
    #: Storage before and after a transaction that was refused.
    roots: tuple[str, str] | None = None
    #: All logs as the node gives them now, and as they were when they were made; at intervals.
    logs: tuple[Sequence[Any], Sequence[Any]] | None = None

    def of(self, *names: str) -> Iterator[Fact]:
        return (fact for fact in self.facts if fact.name in names)


def say(told: bool, text: str) -> None:
    """`assert`, also where Python runs without it."""
    if not told:
        raise AssertionError(text)


def required(seen: Seen, fact: Fact) -> tuple[list[bytes], set[bytes]]:
    """Who must approve the act of a Recorded, and who was concerned before; from the events before it."""
    act: Act = fact.values["act"]
    touched = seen.chronicle.touched(act, fact.number)
    before = {party for earlier in touched for party in earlier.parties}
    leaving = before - set(act.parties)
    if len(touched) == 1 and len(leaving) == 1 and set(act.parties) == before - leaving:
        latest = touched[0]
        runs_out = fact.time + latest.notice
        unchanged = act._replace(
            agreement=latest.agreement,
            previous=latest.previous,
            parties=latest.parties,
            valid_from=latest.valid_from,
            deadline=latest.deadline,
        )
        if latest.notice and unchanged == latest and runs_out <= act.valid_from <= runs_out + 366 * 86400:
            return sorted(leaving), before
    return sorted(before | set(act.parties)), before
