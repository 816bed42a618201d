"""All stories, and how often each is begun."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from motions import DAY
from stateful_agreements import AGREEMENT_KINDS, agreement
from stateful_commitments import commitment
from stateful_council import council, enact_what_waits
from stateful_organisations import announce, appoint, dismiss, hand_over
from stateful_story import Story, wait_until
from stateful_world import World

#: Of these there is seldom an occasion.
RARE = ("renew after expiry", "let the successor take the place", "leave by notice")


def pass_time(world: World) -> Story:
    """To the second around which something begins or ends, or just some days on."""
    ahead = world.boundaries()
    moment = world.now + world.random.randrange(60, 12 * DAY)
    if ahead and world.maybe(0.75):
        moment = world.pick(ahead[:8]) + world.pick([-1, 0, 0, 1])
    yield wait_until(world, moment)


def _agreement_of(kind: str) -> Callable[[World], Story]:
    return lambda world: agreement(world, kind)


def _motion_of(kind: str) -> Callable[[World], Story]:
    return lambda world: council(world, kind)


STORIES: Sequence[tuple[str, float, Callable[[World], Story]]] = (
    ("appoint", 7, appoint),
    ("dismiss", 1.5, dismiss),
    ("hand over", 2, hand_over),
    ("announce", 1, announce),
    ("wait", 5, pass_time),
    ("conclude", 5, _agreement_of("conclude")),
    *((kind, 5 if kind in RARE else 2, _agreement_of(kind)) for kind in AGREEMENT_KINDS[1:]),
    ("admit", 1.2, _motion_of("admit")),
    ("admit again", 1, _motion_of("admit again")),
    ("change the vote", 1, _motion_of("change the vote")),
    ("expel", 2, _motion_of("expel")),
    ("succeed with consent", 0.5, _motion_of("succeed with consent")),
    ("succeed", 2, _motion_of("succeed")),
    ("recover with consent", 1, _motion_of("recover with consent")),
    ("recover", 2.5, _motion_of("recover")),
    ("enact", 2, enact_what_waits),
    ("report", 6, commitment),
)
