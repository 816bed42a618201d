"""Stories of an agreement: an act is drawn up, proposed, approved or declined, and recorded."""

from __future__ import annotations

from acts import ZERO, Act
from motions import DAY
from reference_types import hash_of
from stateful_story import Story, wait_until
from stateful_wallets import approve_by_wallet
from stateful_world import Step, World

AGREEMENT_KINDS = (
    "conclude",
    "amend",
    "accede",
    "leave together",
    "leave by notice",
    "end",
    "renew after expiry",
    "amend in the past",
    "amend in the future",
    "let the successor take the place",
)


def agreement(world: World, kind: str) -> Story:
    """An act is drawn up, proposed or not, approved on chain or not, and recorded or declined."""
    act = draft(world, kind)
    if act is None and kind == "renew after expiry":
        yield from agree_for_three_days(world)
        act = draft(world, kind)
    if act is None:
        return
    world.drafts.append(act)
    if world.maybe(0.4):
        yield from prepare_act(world, act)
    if world.maybe(0.1):
        yield from decline(world, act)
    step = recording(world, act, kind)
    if step is None:
        return
    outcome = yield step
    if outcome.accepted and world.maybe(0.15):
        yield Step("record", step.arguments, world.anyone(), "record again", likely=False)


def agree_for_three_days(world: World) -> Story:
    act = conclusion(world)
    if act is None:
        return
    act = act._replace(valid_from=world.now - DAY, valid_until=world.now + 3 * DAY, deadline=0)
    step = recording(world, act, "conclude")
    if step is not None and (yield step).accepted:
        yield wait_until(world, act.valid_until)


def draft(world: World, kind: str) -> Act | None:
    """An act of this kind that could be recorded; None if there is none at the moment."""
    if kind == "conclude":
        return conclusion(world)
    agreements = world.live()
    if kind == "let the successor take the place":
        agreements = [one for one in agreements if any(p in world.model.successors for p in world.last(one).parties)]
    elif kind == "renew after expiry":
        agreements = [one for one in agreements if 0 < world.last(one).valid_until < world.now]
    elif kind == "leave by notice":
        agreements = [one for one in agreements if world.last(one).notice]
    elif kind == "amend in the past":
        agreements = [one for one in agreements if len(world.model.acts[one]) > 1]
    head = world.last(world.pick(agreements)) if agreements else None
    return follower(world, kind, head) if head else None


def conclusion(world: World) -> Act | None:
    able = world.able()
    if len(able) < 2:
        return None
    begins = world.now + world.pick([-100, -30, -1, 0, 0, 20]) * DAY
    return Act(
        dossier=world.digest(),
        parties=tuple(sorted(world.some(able, world.pick([2, 2, 3, 3, 4])))),
        valid_from=begins,
        valid_until=world.pick([0, 0, begins + world.random.randrange(110, 400) * DAY]),
        notice=world.pick([0, 10, 10, 60]) * DAY,
        deadline=world.pick([0, 0, world.now + world.random.randrange(1, 40) * DAY]),
    )


def follower(world: World, kind: str, head: Act) -> Act | None:
    now, parties = world.now, set(head.parties)
    starts = max(now, head.valid_from)
    ends = head.valid_until if head.valid_until > starts + DAY else 0
    if head.valid_until and head.valid_until <= now:
        ends = 0
    then = head.then(dossier=world.digest(), valid_from=starts, valid_until=ends, deadline=0)
    if kind == "leave by notice":
        leaves = max(now + head.notice, head.valid_from) + world.random.randrange(2, 365) * DAY
        if head.valid_until and head.valid_until <= leaves:
            return None
        stay = tuple(sorted(parties - {world.pick(head.parties)}))
        return then._replace(dossier=head.dossier, valid_from=leaves, valid_until=head.valid_until, parties=stay)
    if kind == "end":
        return then._replace(parties=(), dossier=ZERO, valid_from=starts + world.pick([0, 5]) * DAY, valid_until=0)
    if kind == "amend in the past":
        earlier = world.pick(world.model.acts[head.agreement or hash_of(head)][:-1])
        begins = earlier.valid_from + world.pick([0, 0, 1, -1]) * DAY
        return then._replace(valid_from=begins, valid_until=0)
    if kind == "amend in the future":
        return then._replace(valid_from=starts + world.random.randrange(10, 100) * DAY, valid_until=0)
    if kind == "accede":
        joining = [one for one in world.able() if one not in parties]
        parties |= {world.pick(joining)} if joining else set()
    elif kind == "leave together" and len(parties) > 2:
        parties -= {world.pick(head.parties)}
    elif kind == "let the successor take the place":
        parties = {world.model.heir(party) for party in parties}
        if len(parties) < 2:
            return None
    return then._replace(parties=tuple(sorted(parties)), notice=world.pick([head.notice, 10 * DAY]))


def recording(world: World, act: Act, kind: str, *, fresh: bool = False) -> Step | None:
    """The act carried to the chain with approvals that bind."""
    required, _ = world.model.concerned(act)
    approvals = world.approvals("Approval", act, required, fresh=fresh)
    if approvals is None:
        return None
    return Step("record", (act, world.history(act), *approvals), world.anyone(), kind)


def prepare_act(world: World, act: Act) -> Story:
    """Some signatories propose or approve on chain, by themselves or carried."""
    required, _ = world.model.concerned(act)
    proposed = False
    for organisation in world.some(required, world.random.randrange(1, len(required) + 1)):
        if world.maybe(0.15):
            yield from approve_by_wallet(world, "Approval", act, organisation)
            continue
        by_itself = world.maybe(0.5)
        signatory = (world.sender_of if by_itself else world.key_of)(organisation)
        if signatory is None:
            continue
        decision = world.cited()
        if by_itself:
            step = Step("propose", (act, decision), signatory, "propose")
            if proposed:
                step = Step("approve", (hash_of(act), decision), signatory, "approve")
        else:
            signature = world.signed_long(signatory, "Approval", act, decision)
            step = Step("proposeFor", (signatory, act, decision, signature), world.anyone(), "propose for")
            if proposed:
                arguments = (signatory, hash_of(act), decision, signature)
                step = Step("approveFor", arguments, world.anyone(), "approve for")
        standing = (hash_of(act), signatory) in world.given
        if by_itself or not standing:
            proposed = (yield step).accepted or proposed


def decline(world: World, act: Act) -> Story:
    required, _ = world.model.concerned(act)
    signatory = world.sender_of(world.pick(required))
    if signatory:
        yield Step("decline", (act, world.history(act), world.cited()), signatory, "decline")
