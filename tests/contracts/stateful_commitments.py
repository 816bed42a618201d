"""Stories of a commitment: a party reports, another confirms."""

from __future__ import annotations

from typing import Any

from acts import ZERO
from reports import PROGRESS, Report, commitment_id
from stateful_cast import on_chain
from stateful_story import Story
from stateful_world import Step, World


def commitment(world: World) -> Story:
    """A party reports, another confirms, and so on."""
    agreement = world.pick(world.in_force())
    if agreement is None:
        return
    subject = commitment_id(agreement, world.pick(["T1", "T2", "T3"]))
    parties = world.model.parties_at(agreement, world.now)
    organisation = world.pick(parties)
    for _ in range(world.pick([1, 1, 2, 3])):
        latest = world.model.latest_report(agreement, subject, organisation)
        report = Report(agreement, subject, organisation, latest, world.pick(PROGRESS), world.cited())
        step = reporting(world, report)
        if step is None:
            return
        outcome = yield step
        if not outcome.accepted:
            return
        others = [one for one in parties if world.model.heir(one) != world.model.heir(organisation)]
        for other in world.some(others, world.pick([0, 1, 1, 2])):
            step = confirming(world, report, other)
            if step is not None:
                yield step


def reporting(world: World, report: Report) -> Step | None:
    history = world.history_now(report.agreement)
    return _stating(world, "report", (report, history), report.organisation, ("Report", report, ZERO))


def confirming(world: World, report: Report, organisation: bytes) -> Step | None:
    history = world.history_now(report.agreement)
    arguments = (report, organisation, history)
    return _stating(world, "confirm", arguments, organisation, ("Confirmation", report, organisation))


def _stating(
    world: World, function: str, arguments: tuple[Any, ...], organisation: bytes, what: tuple[str, Report, bytes]
) -> Step | None:
    if world.maybe(0.3):
        sender = world.sender_of(organisation)
        return Step(function, (*arguments, on_chain(sender)), sender, function) if sender else None
    signer = world.key_of(organisation)
    return Step(function, (*arguments, world.signed(signer, *what)), world.anyone(), function) if signer else None
