"""Who signed how much: the approvals under recorded acts, counted by the organisation they bound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from registry.exports.source import Entry


@dataclass(slots=True)
class Signed:
    """What was signed for one organisation; times in unix seconds."""

    organisation: str
    acts: int = 0
    approvals: int = 0
    jointly: int = 0
    with_decision: int = 0
    first: int = 0
    last: int = 0
    signatories: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Signing:
    """Collects the approvals of agreements one by one."""

    _by_organisation: dict[str, Signed] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Takes in the next agreement."""
        for one in entry.agreement.acts:
            for organisation in dict.fromkeys(one.on_behalf):
                self._of(organisation).acts += 1
            for held, organisation, decision in zip(one.mandates, one.on_behalf, one.decisions, strict=True):
                found = self._of(organisation)
                found.approvals += 1
                found.jointly += held.together > 1
                found.with_decision += any(decision)
                found.signatories.add(held.signatory)
                found.first = min(found.first or one.recorded_at, one.recorded_at)
                found.last = max(found.last, one.recorded_at)

    def __iter__(self) -> Iterator[Signed]:
        """The organisations, by identifier."""
        return iter(sorted(self._by_organisation.values(), key=lambda one: one.organisation))

    def _of(self, organisation: str) -> Signed:
        return self._by_organisation.setdefault(organisation, Signed(organisation))
