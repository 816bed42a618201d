"""What held when, as known when: how one more recorded act changes the spans of its agreement. Pure.

The rule is that of :meth:`registry.timeline.Agreement.governing`: at any moment that act holds which was recorded last
of those that have begun. So a new act takes over from its start on, and what was known of that time is closed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from registry.index.schema import FOREVER
from registry.model import Act, Status, Verb


@dataclass(frozen=True, slots=True)
class Span:
    """From ``valid_from`` up to, not including, ``valid_until`` this act held, or will be the first to hold."""

    act_hash: bytes
    verb: Verb
    status: Status
    valid_from: int
    valid_until: int
    parties: tuple[str, ...]


def follow(
    known: Iterable[Span], act: Act, act_hash: bytes, verb: Verb, shown: tuple[str, ...]
) -> tuple[list[Span], list[Span]]:
    """The spans that are no longer true once the act is recorded, and those that are instead, in order of time.

    ``known`` are those that were, at least all that end at or after the act's start; none for a concluding act.
    ``shown`` are the parties that an agreement without any is still found by.
    """
    start = act.valid_from
    parties = shown if act.ends else act.parties
    closed, written = [], []
    if act.concludes and start:
        written.append(Span(act_hash, verb, Status.PENDING, 0, start, parties))
    for span in known:
        if span.status is Status.PENDING and span.valid_until >= start:
            closed.append(span)
            if start:
                written.append(Span(act_hash, verb, Status.PENDING, 0, start, parties))
        elif span.valid_until > start:
            closed.append(span)
            if span.valid_from < start:
                written.append(Span(span.act_hash, span.verb, span.status, span.valid_from, start, span.parties))
    if act.ends:
        written.append(Span(act_hash, verb, Status.ENDED, start, FOREVER, parties))
    else:
        end = act.valid_until or FOREVER
        written.append(Span(act_hash, verb, Status.IN_FORCE, start, end, parties))
        if act.valid_until:
            written.append(Span(act_hash, verb, Status.EXPIRED, end, FOREVER, parties))
    return closed, written
