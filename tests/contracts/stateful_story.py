"""What a story is: something that happens in one or more steps, which the contract is expected to accept.

It is a generator: it yields a step and is given what came of it, while other stories go on in between. One that cannot
go on ends.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from reference_types import Event
from stateful_world import WAIT, Step, World


@dataclass(frozen=True)
class Outcome:
    """What came of a step."""

    accepted: bool
    value: Any = None
    events: tuple[Event, ...] = ()


Story = Generator[Step, Outcome, None]


def wait_until(world: World, moment: int) -> Step:
    return Step(WAIT, (max(moment, world.now),), world.cast.carrier, "wait")
