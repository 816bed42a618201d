"""How a step that would be accepted is made wrong, and which errors can be aimed at.

A recipe is a story whose last step breaks one rule. What the contract has to answer is not said: that is for the model.
Only the name under which a recipe stands tells what it aims at. The recipes are in stateful_wrong_*.py, by subject.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from reference_types import Signature
from reports import Report, commitment_id
from stateful_agreements import draft, recording
from stateful_council import deciding, motion_for
from stateful_story import Story
from stateful_world import Step, World

Recipe = Callable[[World], Story]

RECIPES: dict[str, list[Recipe]] = {}


def aims_at(*errors: str) -> Callable[[Recipe], Recipe]:
    def note(recipe: Recipe) -> Recipe:
        for error in errors:
            RECIPES.setdefault(error, []).append(recipe)
        return recipe

    return note


def refused(function: str, arguments: tuple[Any, ...], sender: str, kind: str = "", misuse: str = "") -> Step:
    return Step(function, arguments, sender, kind or f"wrong: {function}", likely=False, misuse=misuse)


# Good steps to be spoiled


def good_record(world: World, *kinds: str, fresh: bool = True) -> Step | None:
    for _ in range(4):
        kind = world.pick(kinds or ["conclude", "conclude", "amend", "accede", "end"])
        act = draft(world, kind)
        step = recording(world, act, kind, fresh=fresh) if act else None
        if step:
            return step
    return None


def good_decide(world: World, *kinds: str) -> Step | None:
    for _ in range(4):
        kind = world.pick(kinds or ["admit", "change the vote", "recover with consent", "expel"])
        motion = motion_for(world, kind)
        step = deciding(world, motion, kind, fresh=True) if motion else None
        if step:
            return step
    return None


def good_approved(world: World) -> tuple[Step, str, Any, tuple[Signature, ...], tuple[bytes, ...]] | None:
    """A good record or decide, with what is signed in it."""
    step = good_record(world) if world.maybe(0.6) else good_decide(world)
    if step is None:
        return None
    kind = "Approval" if step.function == "record" else "Vote"
    return step, kind, step.arguments[0], step.arguments[2], step.arguments[3]


def spoiled(
    world: World, step: Step, approvals: Sequence[Signature], decisions: Sequence[bytes] | None = None, misuse: str = ""
) -> Step:
    """The same with other approvals."""
    kept = step.arguments[3] if decisions is None else decisions
    arguments = (*step.arguments[:2], tuple(approvals), tuple(kept))
    return refused(step.function, arguments, world.anyone(), misuse=misuse)


def good_report(world: World) -> Report | None:
    agreement = world.pick(world.in_force())
    if agreement is None:
        return None
    party = world.pick(world.model.parties_at(agreement, world.now))
    subject = commitment_id(agreement, world.pick(["T1", "T2", "T3"]))
    return Report(agreement, subject, party, world.model.latest_report(agreement, subject, party))


def standing_reports(world: World) -> list[Report]:
    """Latest reports of parties of agreements in force."""
    return [
        report
        for report in world.model.reports.values()
        if report.organisation in world.model.parties_at(report.agreement, world.now)
    ]
