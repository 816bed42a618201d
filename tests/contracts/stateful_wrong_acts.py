"""Acts that cannot be recorded, whoever approves them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from acts import ZERO, Act
from motions import DAY
from reference_types import hash_of
from reports import Report, commitment_id
from stateful_agreements import draft, recording
from stateful_commitments import reporting
from stateful_spoiling import (
    aims_at,
    good_record,
    refused,
)
from stateful_story import Story
from stateful_world import Step, World


def _spoil_act(world: World, *kinds: str) -> Iterator[tuple[Step, Act]]:
    step = good_record(world, *kinds)
    if step:
        yield step, step.arguments[0]


def with_act(world: World, step: Step, act: Act, history: Sequence[Act] | None = None) -> Step:
    """The same approvals for another act: what is wrong with the act comes first. Or declined instead."""
    given = step.arguments[1] if history is None else tuple(history)
    if world.maybe(0.25):
        concerned = [party for party in act.parties if world.sender_of(party)]
        sender = world.sender_of(world.pick(concerned)) if concerned else world.cast.stranger
        return refused("decline", (act, given, ZERO), sender or world.cast.stranger)
    return refused("record", (act, given, *step.arguments[2:]), world.anyone())


@aims_at("PartiesNotAscending")
def parties_in_disorder(world: World) -> Story:
    for step, act in _spoil_act(world, "conclude", "amend"):
        parties = world.pick([act.parties[::-1], (*act.parties, act.parties[-1]), (ZERO, *act.parties)])
        yield with_act(world, step, act._replace(parties=parties))


@aims_at("TooFewParties")
def too_few_parties(world: World) -> Story:
    for step, act in _spoil_act(world, "conclude"):
        yield with_act(world, step, act._replace(parties=act.parties[: world.pick([0, 1])]))


@aims_at("NoDossier")
def without_dossier(world: World) -> Story:
    for step, act in _spoil_act(world, "conclude", "amend"):
        yield with_act(world, step, act._replace(dossier=ZERO))


@aims_at("InvalidPeriod")
def ends_before_it_begins(world: World) -> Story:
    for step, act in _spoil_act(world, "conclude", "amend"):
        yield with_act(world, step, act._replace(valid_until=act.valid_from - world.pick([0, 1, DAY])))


@aims_at("DeadlinePassed")
def too_late(world: World) -> Story:
    for step, act in _spoil_act(world, "conclude", "amend"):
        yield with_act(world, step, act._replace(deadline=world.now - world.pick([1, DAY])))


@aims_at("DeadlinePassed")
def deadline_to_the_second(world: World) -> Story:
    """In time at the last second, too late one second after."""
    act = draft(world, "conclude")
    if act is None:
        return
    act = act._replace(deadline=world.now + DAY)
    step = recording(world, act, "conclude", fresh=True)
    if step:
        late = world.maybe(0.5)
        at = act.deadline + late
        yield Step("record", step.arguments, step.sender, "at the last second", likely=not late, at=at)


@aims_at("NotConcluding")
def concluding_with_a_past(world: World) -> Story:
    for step, act in _spoil_act(world, "conclude"):
        agreements = world.live()
        if agreements and world.maybe(0.5):
            yield with_act(world, step, act, world.history_now(world.pick(agreements)))
        else:
            yield with_act(world, step, act._replace(agreement=world.digest()))


@aims_at("WrongPredecessor")
def following_the_wrong_act(world: World) -> Story:
    step = good_record(world, "amend", "accede", "end")
    if step is None or step.arguments[0].previous == ZERO:
        return
    act, history = step.arguments[:2]
    others = [one for one in world.model.acts if one != act.agreement]
    recorded = world.model.acts[act.agreement]
    choices: list[tuple[Act, Sequence[Act]]] = [
        (act._replace(previous=world.digest()), history),
        (act._replace(agreement=world.digest()), history),
        (act, ()),
        (act, (act,)),
        (act, (*history, act)),
        (act._replace(previous=hash_of(recorded[0])), recorded[:1]),
        (act, (*reversed(recorded), recorded[0])),
    ]
    if others:
        other = world.pick(others)
        choices.append((act._replace(agreement=other), history))
        choices.append((act, (world.last(other), *history[1:])))
    if world.model.declined:
        declined = world.pick(sorted(world.model.declined))
        choices.append((act._replace(agreement=declined), history))
    yield with_act(world, step, *world.pick(choices))


@aims_at("WrongPredecessor", "AlreadyRecorded", "AlreadyDecided")
def replay_as_it_was(world: World) -> Story:
    """What was recorded or decided once, byte for byte."""
    old = world.pick([step for step in world.used if step.function in ("record", "decide")])
    if old:
        yield refused(old.function, old.arguments, world.anyone(), f"replay: {old.function}", misuse="replayed")


@aims_at("HistoryTooShort")
def history_too_short(world: World) -> Story:
    step = good_record(world, "amend in the past")
    if step is None:
        return
    act, history = step.arguments[:2]
    if len(history) > 1:
        yield with_act(world, step, act, history[: world.random.randrange(1, len(history))])


@aims_at("HistoryTooShort")
def report_with_too_little_history(world: World) -> Story:
    for agreement in world.some(world.in_force(), 10):
        history = world.history_now(agreement)
        if len(history) < 2:
            continue
        party = world.pick(world.model.parties_at(agreement, world.now))
        report = Report(agreement, commitment_id(agreement, "T1"), party)
        step = reporting(world, report)
        if step:
            yield refused("report", (report, history[:1], step.arguments[2]), step.sender)
            return


@aims_at("HistoryTooLong")
def history_too_long(world: World) -> Story:
    for _ in range(5):
        step = good_record(world, "amend", "accede", "end", "leave together")
        if step is None or step.arguments[0].previous == ZERO:
            continue
        act, history = step.arguments[:2]
        whole = tuple(reversed(world.model.acts[act.agreement]))
        if len(whole) > len(history):
            yield with_act(world, step, act, whole[: len(history) + world.random.randrange(1, 3)])
            return


@aims_at("AgreementEnded")
def after_the_end(world: World) -> Story:
    agreement = world.pick(world.ended())
    able = world.able()
    if agreement is None or len(able) < 2:
        return
    head = world.last(agreement)
    parties = tuple(sorted(set(world.some(able, 2)) | set(head.parties)))
    act = head.then(dossier=world.digest(), parties=parties, valid_from=max(world.now, head.valid_from))
    act = world.pick([act, act._replace(valid_until=0), act._replace(parties=(), dossier=ZERO)])
    step = recording(world, act, "after the end", fresh=True)
    if step:
        yield refused("record", step.arguments, step.sender, "after the end")


@aims_at("AlreadyRecorded")
def record_the_latest_again(world: World) -> Story:
    recorded = [step for step in world.used if step.function == "record"]
    latest = [step for step in recorded if world.model.head(hash_of(step.arguments[0])) == hash_of(step.arguments[0])]
    heads = [step for step in recorded if hash_of(step.arguments[0]) in map(world.model.head, world.model.acts)]
    step = world.pick([*latest, *heads])
    if step:
        yield refused("record", step.arguments, world.anyone(), "record again", misuse="replayed")


@aims_at("ActDeclined")
def after_it_was_declined(world: World) -> Story:
    declined = [act for act in world.drafts if hash_of(act) in world.model.declined]
    act = world.pick(declined)
    if act is None:
        step = good_record(world, "conclude", "amend")
        act = step.arguments[0] if step else None
        required = world.model.concerned(act)[0] if act else []
        sender = world.sender_of(world.pick(required)) if required else None
        if step is None or act is None or sender is None:
            return
        world.drafts.append(act)
        yield Step("decline", (act, step.arguments[1], world.cited()), sender, "decline")
        yield refused("record", step.arguments, world.anyone(), "record what was declined")
        return
    step = recording(world, act, "record what was declined", fresh=True)
    sender = world.sender_of(world.pick(world.model.concerned(act)[0] or [ZERO]))
    if step and (world.maybe(0.7) or sender is None):
        yield refused("record", step.arguments, step.sender, "record what was declined")
    elif sender:
        yield refused("decline", (act, world.history(act), ZERO), sender, "decline again")
