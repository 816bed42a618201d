"""What can happen, as stories of one or more steps that the contract is expected to accept.

A story is a generator: it yields a step and is given what came of it, while other stories go on in between. One that
cannot go on ends.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

from acts import ZERO, Act
from motions import DAY, ENACTMENT_PERIOD, NOBODY, VETO_PERIOD, Motion
from reference_types import Event, hash_of
from reports import PROGRESS, Report, commitment_id
from stateful_cast import ACCEPT, on_chain
from stateful_world import DEPLOY_WALLET, WAIT, Step, World


@dataclass(frozen=True)
class Outcome:
    """What came of a step."""

    accepted: bool
    value: Any = None
    events: tuple[Event, ...] = ()


Story = Generator[Step, Outcome, None]

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
#: Of these there is seldom an occasion.
RARE = ("renew after expiry", "let the successor take the place", "leave by notice")
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


# Organisations


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


def pass_time(world: World) -> Story:
    """To the second around which something begins or ends, or just some days on."""
    ahead = world.boundaries()
    moment = world.now + world.random.randrange(60, 12 * DAY)
    if ahead and world.maybe(0.75):
        moment = world.pick(ahead[:8]) + world.pick([-1, 0, 0, 1])
    yield wait_until(world, moment)


def wait_until(world: World, moment: int) -> Step:
    return Step(WAIT, (max(moment, world.now),), world.cast.carrier, "wait")


# Agreements


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


def wallet(world: World, kind: str, struct: Act | Motion, decision: bytes, answer: int = ACCEPT) -> Step:
    told = world.wallet_for(kind, struct, decision, answer)
    return Step(DEPLOY_WALLET, (told.answer, told.digest, told.signature), world.cast.carrier, "deploy a wallet")


def approve_by_wallet(world: World, kind: str, struct: Act | Motion, organisation: bytes) -> Story:
    """A contract wallet is deployed, appointed, and its approval carried to the chain or sent by itself."""
    decision = world.cited()
    deployed = yield wallet(world, kind, struct, decision)
    heir = world.model.heir(organisation)
    if heir not in world.model.members:
        return
    arguments = (heir, deployed.value, 0, 0, world.pick([1, 1, 2]), ZERO)
    appointed = yield Step("appoint", arguments, world.administrator(heir), "appoint a wallet")
    if not appointed.accepted:
        return
    by_itself = "approve" if kind == "Approval" else "vote"
    if world.maybe(0.7):
        signature = world.cast.wallets[deployed.value].signature
        arguments = (deployed.value, hash_of(struct), decision, signature)
        yield Step(by_itself + "For", arguments, world.anyone(), "carry the approval of a wallet")
    else:
        yield Step(by_itself, (hash_of(struct), decision), deployed.value, "approve as a wallet")


# The council


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


# Commitments


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


# How often what is begun


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

__all__ = ["AGREEMENT_KINDS", "MOTION_KINDS", "STORIES", "VETO_PERIOD", "Outcome", "Story"]
