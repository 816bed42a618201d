"""How far an act is: who must approve it, and whose approvals bind them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from registry.model import Approval, Mandate


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an act is: which organisations must approve, and which have, as of now."""

    required: tuple[str, ...]
    approved: tuple[str, ...]
    approvals: tuple[Approval, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The organisations whose approvals do not bind them yet."""
        return tuple(one for one in self.required if one not in self.approved)

    @property
    def complete(self) -> bool:
        """Whether the act can be recorded."""
        return not self.missing


def progress_of(
    required: tuple[str, ...],
    given: Mapping[str, Approval],
    heir_of: Callable[[str], str],
    mandates_of: Callable[[str], Iterable[Mandate]],
    now: int,
) -> Progress:
    """How far an act is with the approvals that were given, by signatory.

    Approvals come in the order in which the contract wants them, none to spare.
    """
    binding: list[Approval] = []
    approved: list[str] = []
    for organisation in required:
        chosen = binding_approvals(mandates_of(heir_of(organisation)), given, now)
        binding += chosen
        approved += [organisation] if chosen else []
    return Progress(required, tuple(approved), tuple(binding))


def binding_approvals(mandates: Iterable[Mandate], given: Mapping[str, Approval], now: int) -> list[Approval]:
    """The fewest approvals that bind the organisation of these mandates, by signatory; none if they do not.

    Of mandates that ask for as many signatories, the order in which they come decides who is taken.
    """
    valid = [(one, given[one.signatory]) for one in mandates if one.signatory in given and one.in_force_at(now)]
    if not valid:
        return []
    valid.sort(key=lambda pair: pair[0].together)
    fewest = valid[0][0].together
    chosen = valid[:fewest] if len(valid) >= fewest else []
    return [approval for _, approval in sorted(chosen, key=lambda pair: int(pair[0].signatory, 16))]
