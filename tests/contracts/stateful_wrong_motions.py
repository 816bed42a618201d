"""Motions that cannot be decided, enacted or vetoed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from acts import ZERO, organisation_id
from motions import DAY, ENACTMENT_PERIOD, NOBODY, Motion
from reference_types import hash_of
from stateful_council import council, deciding, motion_for
from stateful_spoiling import (
    aims_at,
    good_decide,
    refused,
)
from stateful_story import Story
from stateful_world import Step, World


def _spoil_motion(world: World, *kinds: str) -> Iterator[tuple[Step, Motion]]:
    step = good_decide(world, *kinds)
    if step:
        yield step, step.arguments[0]


def with_motion(world: World, step: Step, motion: Motion, organisations: Sequence[bytes] | None = None) -> Step:
    chosen = step.arguments[1] if organisations is None else tuple(organisations)
    approvals = world.approvals("Vote", motion, chosen, fresh=True) or step.arguments[2:]
    return refused("decide", (motion, chosen, *approvals), world.anyone())


@aims_at("UnknownAction")
def unknown_action(world: World) -> Story:
    for step, motion in _spoil_motion(world, "expel", "recover", "recover with consent"):
        yield with_motion(world, step, motion._replace(action=world.pick(["", "Expel", "dissolve", "a" * 40])))


@aims_at("InvalidMotion")
def motion_that_says_too_much(world: World) -> Story:
    member, key = world.pick(world.members()), world.pick(world.cast.unlocked)
    for kind, changes in world.some(
        [
            ("admit", {"successor": member}),
            ("expel", {"administrator": key}),
            ("expel", {"successor": member}),
            ("expel", {"votes": True}),
            ("succeed", {"administrator": key}),
            ("succeed", {"votes": True}),
            ("recover", {"successor": member}),
            ("recover", {"administrator": NOBODY}),
            ("recover", {"votes": True}),
        ],
        3,
    ):
        for step, motion in _spoil_motion(world, kind):
            yield with_motion(world, step, motion._replace(**changes))
            return


@aims_at("InvalidMotion")
def motion_that_changes_nothing(world: World) -> Story:
    for step, motion in _spoil_motion(world, "recover", "succeed"):
        if motion.action == "recover":
            yield with_motion(world, step, motion._replace(administrator=world.administrator(motion.organisation)))
        else:
            yield with_motion(world, step, motion._replace(successor=motion.organisation))


@aims_at("AlreadyMember")
def admit_who_takes_part(world: World) -> Story:
    for step, motion in _spoil_motion(world, "change the vote", "admit again"):
        same = motion._replace(votes=not motion.votes)
        another = motion._replace(administrator=world.idle_account())
        yield with_motion(world, step, world.pick([same, another]))


@aims_at("NotMember")
def about_who_takes_no_part(world: World) -> Story:
    unknown = organisation_id("gm9999")
    for step, motion in _spoil_motion(world, "expel", "succeed", "recover"):
        changed = motion._replace(organisation=unknown)
        if motion.action == "succeed" and world.maybe(0.7):
            heirs = [unknown, ZERO, *world.expelled(), *world.gone()]
            changed = motion._replace(successor=world.pick(heirs))
        elif motion.action == "expel" and world.expelled():
            changed = motion._replace(organisation=world.pick(world.expelled()))
        yield with_motion(world, step, changed)


@aims_at("AlreadySucceeded")
def about_who_is_gone(world: World) -> Story:
    gone = world.pick(world.gone())
    for step, motion in _spoil_motion(world, "expel", "succeed", "recover", "admit", "change the vote") if gone else ():
        yield with_motion(world, step, motion._replace(organisation=gone))


@aims_at("MotionExpired")
def motion_deadline_to_the_second(world: World) -> Story:
    """In time at the last second, too late one second after."""
    step = good_decide(world, "recover", "admit")
    if step:
        late = world.maybe(0.5)
        at = step.arguments[0].deadline + late
        yield Step("decide", step.arguments, step.sender, "at the last second", likely=not late, at=at)


@aims_at("MotionExpired")
def motion_too_late(world: World) -> Story:
    for step, motion in _spoil_motion(world):
        yield with_motion(world, step, motion._replace(deadline=world.pick([0, world.now - 1, world.now - DAY])))


@aims_at("AlreadyDecided")
def decide_again(world: World) -> Story:
    decided = [motion for motion in world.motions if world.model.is_decided(hash_of(motion))]
    motion = world.pick(decided)
    for step, _ in _spoil_motion(world) if motion else ():
        yield with_motion(world, step, motion)


@aims_at("NotVoting")
def with_who_does_not_vote(world: World) -> Story:
    for step, motion in _spoil_motion(world, "admit", "recover", "expel"):
        others = [one for one in world.members() if not world.model.members[one].votes]
        others = [one for one in others if one != motion.organisation] + world.gone() + [organisation_id("gm9999")]
        yield with_motion(world, step, motion, sorted({*step.arguments[1], world.pick(others)}))


@aims_at("NoMajority")
def without_majority(world: World) -> Story:
    for step, motion in _spoil_motion(world, "admit", "recover", "expel", "recover with consent"):
        half = [one for one in step.arguments[1] if one != motion.organisation]
        keep = len(world.voting()) // 2
        few = half[: world.pick([keep, keep, 0])]
        if motion.organisation in step.arguments[1] and not world.model.members[motion.organisation].votes:
            few = [*few, motion.organisation]
        yield with_motion(world, step, motion, sorted(few))


@aims_at("NoMajority", "NoMajority")
def exactly_half(world: World) -> Story:
    if len(world.voting()) % 2:
        yield from council(world, "change the vote")
    for step, motion in _spoil_motion(world, "admit", "recover", "expel"):
        others = [one for one in step.arguments[1] if one != motion.organisation]
        yield with_motion(world, step, motion, sorted(others[: len(world.voting()) // 2]))


@aims_at("OrganisationsNotAscending")
def voters_in_disorder(world: World) -> Story:
    for step, motion in _spoil_motion(world):
        order = list(step.arguments[1])
        wrong = world.pick([order[::-1] if len(order) > 1 else order * 2, [*order, order[-1]], [ZERO, *order]])
        yield with_motion(world, step, motion, wrong)


@aims_at("NoVoters")
def the_last_vote(world: World) -> Story:
    voting = world.voting()
    if len(voting) != 1:
        return
    terms = {"deadline": world.now + DAY, "dossier": world.digest()}
    heirs = [one for one in world.members() if one not in (*world.expelled(), voting[0])]
    motions = [
        Motion("expel", voting[0], **terms),
        Motion("admit", voting[0], world.administrator(voting[0]), votes=False, **terms),
    ]
    if heirs:
        motions.append(Motion("succeed", voting[0], successor=world.pick(heirs), **terms))
    motion = world.pick(motions)
    approvals = world.approvals("Vote", motion, voting, fresh=True)
    if approvals:
        yield refused("decide", (motion, tuple(voting), *approvals), world.anyone())


@aims_at("InvalidIdentifier", "NoAdministrator")
def admit_without_name_or_key(world: World) -> Story:
    for step, motion in _spoil_motion(world, "admit"):
        long_name = organisation_id("a name of seventeen")
        changes = [{"organisation": ZERO}, {"organisation": long_name}, {"administrator": NOBODY}]
        yield with_motion(world, step, motion._replace(**world.pick(changes)))


@aims_at("AnotherPending")
def while_another_waits(world: World) -> Story:
    waiting = [one for one, it in world.model.waiting.items() if world.now < it.effect_from + ENACTMENT_PERIOD - DAY]
    organisation = world.pick(waiting)
    if organisation is None:
        yield from council(world, "recover")
        return
    terms = {"deadline": world.now + 5 * DAY, "dossier": world.digest()}
    motion = Motion("recover", organisation, world.idle_account(), **terms)
    for step, _ in _spoil_motion(world, "admit"):
        others = [one for one in step.arguments[1] if one != organisation]
        more = [one for one in world.voting() if one not in (*others, organisation) and world.can_bind(one)]
        yield with_motion(world, step, motion, sorted({*others, *more[:1]}))


@aims_at("NotPending")
def enact_what_does_not_wait(world: World) -> Story:
    motion = world.pick(world.motions) or motion_for(world, "recover")
    if motion is None:
        return
    if world.maybe(0.5):
        yield refused("enact", (motion,), world.anyone())
        return
    organisation = world.pick([motion.organisation, *world.members(), ZERO])
    subject = world.pick([hash_of(motion), ZERO])
    sender = world.administrator(organisation)
    yield refused("veto", (organisation, subject, ZERO), world.anyone() if sender == NOBODY else sender)


@aims_at("VetoPeriod", "MotionLapsed", "NotConcerned")
def not_at_this_moment_or_by_this_one(world: World) -> Story:
    by_hash = {hash_of(motion): motion for motion in world.motions}
    known = [it for it in world.model.waiting.values() if it.motion_hash in by_hash]
    fresh = [it for it in known if world.now < it.effect_from + ENACTMENT_PERIOD]
    waiting = world.pick(fresh if fresh and world.maybe(0.8) else known)
    if waiting is None:
        yield from council(world, "recover")
        return
    motion = by_hash[waiting.motion_hash]
    if world.now < waiting.effect_from + ENACTMENT_PERIOD and world.maybe(0.4):
        own = {world.administrator(motion.organisation), *world.signers(motion.organisation)}
        others = [one for one in world.cast.unlocked if one not in own]
        yield refused("veto", (motion.organisation, waiting.motion_hash, ZERO), world.pick(others))
        return
    yield refused("enact", (motion,), world.anyone())


@aims_at("InvalidMotion", "NotMember", "NotMember")
def overtaken_while_it_waited(world: World) -> Story:
    """The key has taken over by itself meanwhile, or the successor was expelled: nothing is left to be enacted."""
    by_hash = {hash_of(motion): motion for motion in world.motions}
    waiting = [by_hash[it.motion_hash] for it in world.model.waiting.values() if it.motion_hash in by_hash]
    motion = world.pick([one for one in waiting if world.now < _lapses(world, one) - DAY])
    if motion is None:
        yield from council(world, world.pick(["recover", "succeed"]))
        return
    organisation = motion.organisation
    if motion.action == "recover":
        yield Step("handOver", (organisation, motion.administrator), world.administrator(organisation), "hand over")
        yield Step("takeOver", (organisation,), motion.administrator, "take over")
    else:
        expulsion = Motion("expel", motion.successor, dossier=world.digest(), deadline=world.now + 5 * DAY)
        step = deciding(world, expulsion, "expel", fresh=True)
        if step is None:
            return
        world.motions.append(expulsion)
        yield step
    at = max(world.model.pending_of(organisation).effect_from, world.now)
    yield Step("enact", (motion,), world.anyone(), "enact what was overtaken", likely=False, at=at)


def _lapses(world: World, motion: Motion) -> int:
    return world.model.pending_of(motion.organisation).effect_from + ENACTMENT_PERIOD
