"""What is counted and found while an audit runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from registry.audit.report import Basis, Check, Deviation, Tally, Unchecked
from registry.errors import UsageError
from registry.statements import organisation_of

Said = str | Callable[[], str]
"""A sentence, or what makes one: most are never needed."""


@dataclass(frozen=True, slots=True)
class Event:
    """One log of the register, decoded; ``transaction_index`` says where its transaction stands in the block."""

    name: str
    block: int
    log_index: int
    transaction: bytes
    transaction_index: int
    block_hash: bytes
    time: int
    values: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    @property
    def subject(self) -> bytes | None:
        """The act, motion or report that it is about."""
        values = self.values
        found: bytes | None = values.get("actHash") or values.get("motionHash") or values.get("reportHash")
        return found


@dataclass
class Findings:
    """Counts per check, deviations in the order in which they were met, and what could not be checked."""

    counts: Counter[Check] = field(default_factory=Counter)
    bases: Counter[Basis] = field(default_factory=Counter)
    found: list[Deviation] = field(default_factory=list)
    missed: Counter[tuple[Check, str]] = field(default_factory=Counter)

    def expect(
        self,
        check: Check,
        holds: bool,
        rule: str,
        message: Said,
        event: Event | None = None,
        *,
        organisation: bytes = b"",
        **where: Any,
    ) -> bool:
        """Counts one check, and keeps a deviation if it does not hold. ``where`` overrules what the event says."""
        self.counts[check] += 1
        if not holds:
            self.deviate(check, rule, message, event, organisation=organisation, **where)
        return holds

    def deviate(
        self,
        check: Check,
        rule: str,
        message: Said,
        event: Event | None = None,
        *,
        organisation: bytes = b"",
        **where: Any,
    ) -> None:
        """Keeps a deviation."""
        place: dict[str, Any] = {}
        if event is not None:
            place = {
                "block": event.block,
                "transaction": event.transaction,
                "log_index": event.log_index,
                "subject": event.subject,
                "agreement": event.values.get("agreement"),
            }
            organisation = organisation or event.values.get("organisation", b"")
        place |= where
        sentence = message if isinstance(message, str) else message()
        self.found.append(Deviation(check, rule, sentence, organisation=name_of(organisation), **place))

    def add(self, other: Findings) -> None:
        """Takes over what others counted and found."""
        self.counts += other.counts
        self.bases += other.bases
        self.missed += other.missed
        self.found += other.found

    def miss(self, check: Check, reason: str, count: int = 1) -> None:
        """Remembers that something could not be checked."""
        self.missed[check, reason] += count

    @property
    def tallies(self) -> tuple[Tally, ...]:
        """One for each check that was made or should have been."""
        deviations = Counter(one.check for one in self.found)
        return tuple(Tally(one, self.counts[one], deviations[one]) for one in Check)

    @property
    def deviations(self) -> tuple[Deviation, ...]:
        """In the order of the chain; what is about no block comes last, but the code first."""

        def place(one: Deviation) -> tuple[int, int, int]:
            group = 0 if one.check == Check.CODE else 2 if one.check in (Check.STORAGE, Check.INDEX) else 1
            return (group, one.block if one.block is not None else 2**63, one.log_index or 0)

        return tuple(sorted(self.found, key=place))

    @property
    def unchecked(self) -> tuple[Unchecked, ...]:
        """In the order of the checks."""
        order = list(Check)
        kept = sorted(self.missed.items(), key=lambda one: (order.index(one[0][0]), one[0][1]))
        return tuple(Unchecked(check, count, reason) for (check, reason), count in kept)


def name_of(organisation: bytes) -> str:
    """An organisation as people write it; its bytes if it is called something else."""
    if not any(organisation):
        return ""
    try:
        return organisation_of(organisation)
    except UsageError:
        return "0x" + organisation.hex()


def brief(value: bytes | str) -> str:
    """The first digits of a hash; an address in full, for it is named nowhere else."""
    return value if isinstance(value, str) else "0x" + value.hex()[:10]
