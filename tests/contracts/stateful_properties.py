"""The promises of the register, each checked after every step of a random history, from the events of the chain alone.

docs/properties.md says what they mean. A check returns how often the step put its property to the test, and fails with
AssertionError where the property is broken. None of it looks at the reference model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from stateful_properties_council import (
    expelled_keeps_its_say_and_enters_nothing_new,
    more_than_half_decide,
    nobody_else_makes_it_sign,
    one_motion_waits_at_a_time,
    succeeded_once,
    vetoed_never_takes_effect,
)
from stateful_properties_history import (
    declined_stays_declined,
    ended_stays_ended,
    fingerprint_follows_from_the_events,
    history_never_shrinks,
    only_parties_report_and_nobody_confirms_its_own,
    what_is_refused_changes_nothing,
)
from stateful_properties_signing import an_approval_counts_once, enough_signatories, no_misused_signature_is_accepted
from stateful_seen import Seen

Check = Callable[[Seen], int]

#: By name, in the order of docs/properties.md.
PROPERTIES: dict[str, Check] = {
    check.__name__: check
    for check in (
        enough_signatories,
        history_never_shrinks,
        nobody_else_makes_it_sign,
        an_approval_counts_once,
        no_misused_signature_is_accepted,
        ended_stays_ended,
        declined_stays_declined,
        expelled_keeps_its_say_and_enters_nothing_new,
        succeeded_once,
        one_motion_waits_at_a_time,
        vetoed_never_takes_effect,
        more_than_half_decide,
        fingerprint_follows_from_the_events,
        only_parties_report_and_nobody_confirms_its_own,
        what_is_refused_changes_nothing,
    )
}


@dataclass
class Held:
    """How often each property was put to the test, and where it was broken."""

    tried: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PROPERTIES, 0))
    broken: list[tuple[int, str, str]] = field(default_factory=list)

    def look(self, number: int, seen: Seen) -> None:
        for name, check in PROPERTIES.items():
            try:
                self.tried[name] += check(seen)
            except AssertionError as broken:
                self.broken.append((number, name, str(broken)))
