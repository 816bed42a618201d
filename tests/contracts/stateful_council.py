"""Stories of the council: a motion is moved, voted on and decided, and enacted or vetoed if it has to wait."""

from __future__ import annotations

from motions import DAY, ENACTMENT_PERIOD, Motion
from reference_types import hash_of
from stateful_story import Story, wait_until
from stateful_wallets import approve_by_wallet
from stateful_world import Step, World

MOTION_KINDS = (
    "admit",
    "admit again",
    "change the vote",
    "expel",
    "succeed with consent",
    "succeed",
    "recover with consent",
    "recover",
)


def council(world: World, kind: str) -> Story:
    """A motion is drawn up, moved or not, decided; if it has to wait, it is enacted, vetoed or forgotten."""
    motion = motion_for(world, kind)
    if motion is None:
        return
    world.motions.append(motion)
    if world.maybe(0.35):
        yield from prepare_motion(world, motion)
    step = deciding(world, motion, kind)
    if step is None:
        return
    decided = yield step
    if not decided.accepted:
        return
    if world.maybe(0.1):
        yield Step("decide", step.arguments, world.anyone(), "decide again", likely=False)
    if kind in ("succeed", "recover"):
        yield from wait_out(world, motion)


def motion_for(world: World, kind: str) -> Motion | None:
    members, voting = world.members(), world.voting()
    terms = {"dossier": world.cited(), "deadline": world.now + world.random.randrange(2, 30) * DAY}
    if kind == "admit":
        administrator = world.pick(world.cast.spares + world.cast.unlocked[1:11])
        # A council with few votes stays one with few for a while.
        votes = world.maybe(0.5 if len(voting) > 3 else 0.2)
        return Motion("admit", world.new_identifier(), administrator, votes=votes, **terms)
    if kind == "admit again":
        organisation = world.pick(world.expelled())
        votes = world.maybe(0.7 if len(voting) > 3 else 0.3)
    else:
        organisation = world.pick(members)
        votes = organisation is not None and not world.model.members[organisation].votes
    if organisation is None or (kind == "change the vote" and votes and len(voting) <= 3 and world.maybe(0.6)):
        return None
    administrator = world.administrator(organisation)
    if kind in ("admit again", "change the vote"):
        return Motion("admit", organisation, administrator, votes=votes, **terms)
    if kind == "expel":
        if len(world.expelled()) > 2 or (organisation in voting and len(voting) < 2):
            return None
        return Motion("expel", organisation, **terms)
    if kind.startswith("succeed"):
        heirs = [one for one in members if one not in world.expelled() and one != organisation]
        if not heirs or len(members) < 5 or (organisation in voting and len(voting) < 2):
            return None
        # Rather by a party of the same agreement: then one organisation stands there under two names.
        together = [world.last(one).parties for one in world.live() if organisation in world.last(one).parties]
        beside = {party for parties in together for party in parties}
        partners = [one for one in heirs if one in beside]
        successor = world.pick(partners if partners and world.maybe(0.6) else heirs)
        return Motion("succeed", organisation, successor=successor, **terms)
    return Motion("recover", organisation, world.idle_account(), **terms)


def in_favour(world: World, motion: Motion, *, consents: bool) -> list[bytes] | None:
    """Just more than half of all that vote, and the organisation concerned if it consents."""
    concerned = motion.organisation
    able = [one for one in world.voting() if one != concerned and world.can_bind(one)]
    wanted = len(world.voting()) // 2 + 1
    chosen = world.some(able, wanted + (world.maybe(0.3) and not consents))
    own_vote = 0
    if consents:
        if concerned not in world.model.members or not world.can_bind(concerned):
            return None
        own_vote = world.model.members[concerned].votes
        chosen = [*chosen[: wanted - own_vote], concerned]
    enough = len(chosen) - consents + own_vote >= wanted
    return sorted(chosen) if enough else None


def deciding(world: World, motion: Motion, kind: str, *, fresh: bool = False) -> Step | None:
    consents = kind.endswith("with consent") or (kind in ("expel", "change the vote") and world.maybe(0.2))
    organisations = in_favour(world, motion, consents=consents)
    if organisations is None:
        return None
    approvals = world.approvals("Vote", motion, organisations, fresh=fresh)
    if approvals is None:
        return None
    return Step("decide", (motion, tuple(organisations), *approvals), world.anyone(), kind)


def prepare_motion(world: World, motion: Motion) -> Story:
    moved = False
    able = [one for one in world.voting() if world.can_bind(one)]
    for organisation in world.some(able, world.random.randrange(1, 4)):
        if world.maybe(0.1):
            yield from approve_by_wallet(world, "Vote", motion, organisation)
            continue
        by_itself = world.maybe(0.5)
        signatory = (world.sender_of if by_itself else world.key_of)(organisation)
        if signatory is None:
            continue
        decision = world.cited()
        if by_itself:
            step = Step("move", (motion, decision), signatory, "move")
            if moved:
                step = Step("vote", (hash_of(motion), decision), signatory, "vote")
        else:
            signature = world.signed_long(signatory, "Vote", motion, decision)
            step = Step("moveFor", (signatory, motion, decision, signature), world.anyone(), "move for")
            if moved:
                arguments = (signatory, hash_of(motion), decision, signature)
                step = Step("voteFor", arguments, world.anyone(), "vote for")
        if by_itself or (hash_of(motion), signatory) not in world.given:
            moved = (yield step).accepted or moved


def wait_out(world: World, motion: Motion) -> Story:
    """What becomes of a motion that waits: too early, then vetoed, enacted in time, or too late."""
    if world.maybe(0.4):
        yield Step("enact", (motion,), world.anyone(), "enact too early", likely=False)
    fate = world.pick(["veto", "veto", "enact", "enact", "enact", "lapse", "forget"])
    if fate == "veto":
        if world.maybe(0.3):
            yield wait_until(world, world.model.pending_of(motion.organisation).effect_from + world.pick([-1, 0, 1]))
        sender = world.sender_of(motion.organisation) if world.maybe(0.6) else None
        sender = sender or world.administrator(motion.organisation)
        arguments = (motion.organisation, hash_of(motion), world.cited())
        yield Step("veto", arguments, sender, "veto")
        yield Step("enact", (motion,), world.anyone(), "enact what was vetoed", likely=False)
    elif fate in ("enact", "lapse"):
        effect_from = world.model.pending_of(motion.organisation).effect_from
        if effect_from == 0:
            return
        last = effect_from + ENACTMENT_PERIOD - 1
        late = fate == "lapse"
        moment = last + 1 if late else world.pick([effect_from, effect_from + DAY, last])
        if world.maybe(0.3):
            yield Step("enact", (motion,), world.anyone(), "enact too early", likely=False, at=effect_from - 1)
        kind = "enact too late" if late else "enact"
        yield Step("enact", (motion,), world.anyone(), kind, likely=not late, at=moment)
        if fate == "enact" and world.maybe(0.2):
            yield Step("enact", (motion,), world.anyone(), "enact again", likely=False)


def enact_what_waits(world: World) -> Story:
    """Whatever waits and is due."""
    by_hash = {hash_of(motion): motion for motion in world.motions}
    due = [
        by_hash[waiting.motion_hash]
        for waiting in world.model.waiting.values()
        if waiting.motion_hash in by_hash
        and waiting.effect_from <= world.now < waiting.effect_from + ENACTMENT_PERIOD - DAY
    ]
    if due:
        yield Step("enact", (world.pick(due),), world.anyone(), "enact")
