"""Mandates as they were given, and what became of each: folded from events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from registry import model
from registry.exports.source import HeldMandate
from registry.model import Event

NAMES = ("SignatoryAppointed", "SignatoryDismissed", "MemberSucceeded")
"""The events that give mandates and end them; others are of no use here."""


def held_mandates(events: Iterable[Event]) -> Iterator[HeldMandate]:
    """Every mandate that was ever given, by organisation, in the order in which they were given."""
    found: list[HeldMandate] = []
    latest: dict[str, int] = {}
    for event in events:
        moment = event.place.timestamp
        match event:
            case model.SignatoryAppointed(mandate=one):
                before = latest.get(one.signatory)
                if before is not None:
                    found[before] = replace(found[before], known_until=moment)
                latest[one.signatory] = len(found)
                found.append(HeldMandate(one, moment, event.place.block))
            case model.SignatoryDismissed():
                _end(found, latest[event.signatory], moment)
            case model.MemberSucceeded():
                mine = [at for at in latest.values() if found[at].mandate.organisation == event.organisation]
                for at in mine:
                    _end(found, at, moment)
    yield from sorted(found, key=lambda one: one.mandate.organisation)


def _end(found: list[HeldMandate], at: int, moment: int) -> None:
    mandate = found[at].mandate
    if not mandate.valid_until or moment < mandate.valid_until:
        found[at] = replace(found[at], mandate=replace(mandate, valid_until=moment))
