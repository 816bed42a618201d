"""Stories of one organisation: its signatories, its administrator, its service."""

from __future__ import annotations

from motions import DAY, NOBODY
from stateful_story import Story
from stateful_world import Step, World


def appoint(world: World) -> Story:
    """A signatory is appointed, or has its mandate changed; rather where one is missing."""
    helpless = [one for one in world.members() if not world.can_bind(one)]
    organisation = world.pick(helpless if helpless and world.maybe(0.7) else world.members())
    yield appointment(world, organisation, candidate(world, organisation))


def appointment(
    world: World, organisation: bytes, signatory: str, kind: str = "appoint", together: int | None = None
) -> Step:
    now = world.now
    begins = world.pick([0, now - 100 * DAY, now - DAY, now - DAY, now + world.random.randrange(1, 20) * DAY])
    if organisation and not world.can_bind(organisation):
        begins = now - DAY
    ends = world.pick([0, 0, 0, max(begins, now) + world.random.randrange(2, 200) * DAY])
    together = together or world.pick([1, 1, 1, 2, 2, 3])
    arguments = (organisation, signatory, begins, ends, together, world.cited())
    return Step("appoint", arguments, world.administrator(organisation), kind)


def candidate(world: World, organisation: bytes) -> str:
    """A key that may be appointed: one it has or had, one of an organisation whose place it took, or a new one."""
    known = [
        key
        for key, mandate in world.model.mandates.items()
        if world.model.heir(mandate.organisation) == organisation and key in world.cast.names
    ]
    founding = [key for key, name in world.cast.names.items() if name.startswith(organisation.rstrip(b"\0").decode())]
    free = [key for key in (*founding, *world.cast.spares) if key not in world.model.mandates]
    choices = [*world.some(known, 3), *world.some(free, 2)]
    return world.pick(choices) if choices and world.maybe(0.8) else world.cast.new_key()


def dismiss(world: World) -> Story:
    rich = [one for one in world.members() if len(world.signers(one)) > 2]
    organisation = world.pick(rich if rich and world.maybe(0.8) else world.members())
    signatories = sorted(world.model.signatories_of(organisation))
    if signatories:
        arguments = (organisation, world.pick(signatories), world.cited())
        yield Step("dismiss", arguments, world.administrator(organisation), "dismiss")


def hand_over(world: World) -> Story:
    """An administrator puts a key forward, perhaps takes it back, and the key takes over."""
    organisation = world.pick(world.members())
    nominee = world.pick(list(world.cast.wallets)) if world.cast.wallets and world.maybe(0.2) else world.idle_account()
    yield Step("handOver", (organisation, nominee), world.administrator(organisation), "hand over")
    if world.maybe(0.2):
        yield Step("handOver", (organisation, NOBODY), world.administrator(organisation), "take a nomination back")
        yield Step("takeOver", (organisation,), nominee, "take over", likely=False)
    elif world.maybe(0.9):
        yield Step("takeOver", (organisation,), nominee, "take over")


def announce(world: World) -> Story:
    organisation = world.pick(world.members())
    service = world.pick(["", "https://register.example/é", "https://" + "x" * 247])
    yield Step("announce", (organisation, service), world.administrator(organisation), "announce")
