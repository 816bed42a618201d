"""Approvals that do not count: misused, malformed, too few, too many, out of order, too early or too late."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from acts import ZERO
from motions import NOBODY
from reference_types import Signature, hash_of
from stateful_agreements import draft, recording
from stateful_cast import GARBAGE, NOTHING, REFUSE, REVERT, compact, long, malleable, on_chain
from stateful_council import council, motion_for
from stateful_organisations import appointment
from stateful_spoiling import (
    aims_at,
    good_approved,
    good_record,
    good_report,
    refused,
    spoiled,
)
from stateful_story import Story
from stateful_wallets import wallet
from stateful_world import Step, World


@aims_at("NoMandate")
def by_a_stranger(world: World) -> Story:
    act = draft(world, "conclude")
    motion = motion_for(world, "recover")
    if act is None or motion is None:
        return
    stranger, key = world.cast.stranger, world.cast.new_key()
    function, arguments = world.pick(
        [
            ("approve", (hash_of(act), ZERO)),
            ("propose", (act, ZERO)),
            ("vote", (hash_of(motion), ZERO)),
            ("move", (motion, ZERO)),
            ("decline", (act, (), ZERO)),
            ("approveFor", (key, hash_of(act), ZERO, world.signed_long(key, "Approval", act))),
            ("proposeFor", (key, act, ZERO, world.signed_long(key, "Approval", act))),
            ("voteFor", (key, hash_of(motion), ZERO, world.signed_long(key, "Vote", motion))),
            ("moveFor", (key, motion, ZERO, world.signed_long(key, "Vote", motion))),
        ]
    )
    yield refused(function, arguments, stranger)


@aims_at("NoMandate")
def signature_meant_for_something_else(world: World) -> Story:
    """For another chain, another register, another act or motion, another decision, or as another kind of statement."""
    good = good_approved(world)
    if good is None:
        return
    step, kind, struct, approvals, decisions = good
    place = world.random.randrange(len(approvals))
    decision = decisions[place] if decisions else ZERO
    signers = [key for key in world.model.mandates if world.cast.can_sign(key)]
    signer = world.pick(signers)
    changed = struct._replace(deadline=struct.deadline + 1)
    misuse, signature = world.pick(
        [
            ("another chain", lambda: world.signed(signer, kind, struct, decision, chain_id=1)),
            ("another register", lambda: world.signed(signer, kind, struct, decision, register=world.cast.carrier)),
            ("another act or motion", lambda: world.signed(signer, kind, changed, decision)),
            ("another decision", lambda: world.signed(signer, kind, struct, world.digest())),
        ]
    )
    approvals = (*approvals[:place], signature(), *approvals[place + 1 :])
    yield spoiled(world, step, approvals, misuse=misuse)


@aims_at("NoMandate")
def old_signatures_for_something_new(world: World) -> Story:
    """What bound an organisation once is brought in again for another act or motion."""
    old = world.pick([step for step in world.used if step.function in ("record", "decide")])
    good = good_approved(world)
    if old is None or good is None or old.arguments[0] == good[2]:
        return
    signatures = [each for each in old.arguments[2] if each.r != ZERO]
    if signatures:
        approvals = (world.pick(signatures), *good[3][1:])
        yield spoiled(world, good[0], approvals, misuse="an old signature for something else")


@aims_at("NoMandate")
def report_signature_misused(world: World) -> Story:
    report = good_report(world)
    key = world.key_of(report.organisation) if report else None
    if report is None or key is None:
        return
    misuse, signature = world.pick(
        [
            ("another chain", world.signed(key, "Report", report, chain_id=1)),
            ("another register", world.signed(key, "Report", report, register=world.cast.carrier)),
            (
                "another report",
                world.signed(key, "Report", report._replace(progress="blocked", evidence=ZERO[1:] + b"1")),
            ),
            ("a confirmation as a report", world.signed(key, "Confirmation", report, report.organisation)),
        ]
    )
    arguments = (report, world.history_now(report.agreement), signature)
    yield refused("report", arguments, world.anyone(), misuse=misuse)


@aims_at("MandateNotInForce")
def mandate_over_or_not_begun(world: World) -> Story:
    asleep = [key for key in world.model.mandates if world.model.signs_for(key) is None]
    act = draft(world, "conclude")
    motion = motion_for(world, "recover")
    key = world.pick([key for key in asleep if world.cast.can_sign(key)])
    sender = world.pick([key for key in asleep if world.cast.can_send(key)])
    if act is None or motion is None or key is None:
        return
    choices = [
        (world.anyone(), "approveFor", (key, hash_of(act), ZERO, world.signed_long(key, "Approval", act))),
        (world.anyone(), "voteFor", (key, hash_of(motion), ZERO, world.signed_long(key, "Vote", motion))),
    ]
    if sender:
        choices += [(sender, "approve", (hash_of(act), ZERO)), (sender, "move", (motion, ZERO))]
        choices.append((sender, "decline", (act, (), ZERO)))
    good = good_approved(world)
    if good:
        step, kind, struct, approvals, decisions = good
        signature = world.signed(key, kind, struct, decisions[0] if decisions else ZERO)
        yield spoiled(world, step, (signature, *approvals[1:]))
    report = good_report(world)
    if report:
        arguments = (report, world.history_now(report.agreement), world.signed(key, "Report", report))
        choices.append((world.anyone(), "report", arguments))
    sender, function, arguments = world.pick(choices)
    yield refused(function, arguments, sender)


@aims_at("MandateNotInForce")
def dismissed_before_it_counts(world: World) -> Story:
    """A signature is given, its giver dismissed or its organisation succeeded, and then it is used."""
    step = good_record(world, "conclude", "amend")
    if step is None:
        return
    approval = world.pick([each for each in step.arguments[2] if each.r != ZERO])
    if approval is None:
        return
    required = world.model.concerned(step.arguments[0])[0]
    organisation = world.model.heir(world.pick(required))
    signatories = [key for key in world.signers(organisation) if world.cast.can_sign(key)]
    for signatory in signatories[:2]:
        if organisation in world.model.members:
            yield Step("dismiss", (organisation, signatory, ZERO), world.administrator(organisation), "dismiss")
    yield refused(step.function, step.arguments, world.anyone())


@aims_at("DecisionsMismatch")
def decisions_that_do_not_fit(world: World) -> Story:
    good = good_approved(world)
    if good:
        step, _, _, approvals, decisions = good
        wrong = decisions[1:] if len(decisions) > 1 else (ZERO,) * (len(approvals) + 1)
        yield spoiled(world, step, approvals, wrong)


@aims_at("InvalidSignature")
def malformed_signature(world: World) -> Story:
    good = good_approved(world)
    if good is None:
        return
    step, kind, struct, approvals, decisions = good
    signer = world.pick([key for key in world.model.mandates if world.cast.can_sign(key)])
    high = compact(*malleable(*world.sign(signer, kind, struct, decisions[0] if decisions else ZERO)))
    dirty = Signature(ZERO, b"\1" + on_chain(signer).vs[1:])
    no_point = Signature(b"\xff" * 32, bytes(31) + b"\1")
    no_s = Signature(high.r, ZERO)
    place = world.random.randrange(len(approvals))
    wrong = world.pick([high, dirty, no_point, no_s])
    misuse = "the other signature with high s" if wrong is high else "a malformed signature"
    yield spoiled(world, step, (*approvals[:place], wrong, *approvals[place + 1 :]), misuse=misuse)


@aims_at("InvalidSignature")
def statement_of_another_sender(world: World) -> Story:
    report = good_report(world)
    sender = world.sender_of(report.organisation) if report else None
    if report is None or sender is None:
        return
    others = [one for one in world.cast.unlocked if one != sender]
    signature = world.pick([on_chain(sender), Signature(ZERO, b"\1" + on_chain(sender).vs[1:])])
    history = world.history_now(report.agreement)
    yield refused("report", (report, history, signature), world.pick(others), misuse="the address of somebody else")


@aims_at("NotApproved")
def named_and_never_approved(world: World) -> Story:
    good = good_approved(world)
    if good is None:
        return
    step, _, struct, approvals, decisions = good
    given = [key for subject, key in world.given if subject == hash_of(struct)]
    signer = world.pick([*given, *world.model.mandates, NOBODY])
    place = world.random.randrange(len(approvals))
    named = (*approvals[:place], on_chain(signer), *approvals[place + 1 :])
    decisions = tuple(world.digest() for _ in named) if world.maybe(0.3) else decisions
    yield spoiled(world, step, named, decisions)


@aims_at("NotSignedBy")
def signature_of_somebody_else(world: World) -> Story:
    kind = world.pick(["Approval", "Vote"])
    struct = draft(world, "conclude") if kind == "Approval" else motion_for(world, "recover")
    organisation = world.pick(world.able())
    signatory = world.key_of(organisation) if organisation else None
    if struct is None or signatory is None:
        return
    other = world.cast.stranger
    own = world.sign(signatory, kind, struct, ZERO)
    misuse, signature = world.pick(
        [
            ("another chain", world.signed_long(signatory, kind, struct, ZERO, chain_id=1)),
            ("another register", world.signed_long(signatory, kind, struct, ZERO, register=other)),
            ("another decision", world.signed_long(signatory, kind, struct, world.digest())),
            ("another key", world.signed_long(other, kind, struct, ZERO)),
            ("the other signature with high s", long(*malleable(*own))),
            ("a compact signature", b"".join(compact(*own))),
            ("v of 0 or 1", long(*own)[:64] + bytes([own[2]])),
            ("nothing", b""),
        ]
    )
    by_hash = world.maybe(0.5)
    function = {"Approval": ("approveFor", "proposeFor"), "Vote": ("voteFor", "moveFor")}[kind][not by_hash]
    arguments = (signatory, hash_of(struct) if by_hash else struct, ZERO, signature)
    yield refused(function, arguments, world.anyone(), misuse=misuse)


@aims_at("NotSignedBy")
def wallet_that_does_not_say_yes(world: World) -> Story:
    act = draft(world, "conclude")
    organisation = world.pick(world.members())
    if act is None:
        return
    answer = world.pick([REFUSE, REVERT, GARBAGE, NOTHING])
    deployed = yield wallet(world, "Approval", act, ZERO, answer)
    arguments = (organisation, deployed.value, 0, 0, 1, ZERO)
    yield Step("appoint", arguments, world.administrator(organisation), "appoint a wallet")
    told = world.cast.wallets[deployed.value]
    arguments = (deployed.value, hash_of(act), ZERO, told.signature)
    yield refused("approveFor", arguments, world.anyone(), misuse="a wallet that does not accept it")


@aims_at("AlreadyApproved")
def approve_for_twice(world: World) -> Story:
    kind = world.pick(["Approval", "Vote"])
    struct = draft(world, "conclude") if kind == "Approval" else motion_for(world, "recover")
    organisation = world.pick(world.able())
    signatory = world.key_of(organisation) if organisation else None
    if struct is None or signatory is None:
        return
    function = {"Approval": "approveFor", "Vote": "voteFor"}[kind]
    for likely in (True, False):
        decision = world.cited()
        signature = world.signed_long(signatory, kind, struct, decision)
        arguments = (signatory, hash_of(struct), decision, signature)
        yield Step(function, arguments, world.anyone(), "approve for", likely=likely)


@aims_at("ApprovalNotRequired")
def approval_of_others(world: World) -> Story:
    good = good_approved(world)
    if good is None:
        return
    step, kind, struct, approvals, decisions = good
    signer = world.pick(
        [key for key in world.model.mandates if world.model.signs_for(key) and world.cast.can_sign(key)]
    )
    extra = world.signed(signer, kind, struct)
    place = world.pick([0, len(approvals), len(approvals)])
    decisions = (*decisions[:place], ZERO, *decisions[place:]) if decisions else ()
    yield spoiled(world, step, (*approvals[:place], extra, *approvals[place:]), decisions)


@aims_at("ApprovalNotRequired")
def decline_what_is_not_ones_own(world: World) -> Story:
    step = good_record(world)
    if step is None:
        return
    act, history = step.arguments[:2]
    concerned = world.model.concerned(act)[0]
    others = [one for one in world.members() if one not in map(world.model.heir, concerned)]
    sender = world.sender_of(world.pick(others)) if others else None
    if sender:
        yield refused("decline", (act, history, ZERO), sender)


@aims_at("ApprovalsMissing")
def approvals_too_few(world: World) -> Story:
    good = good_approved(world)
    if good is None:
        return
    step, _, _, approvals, decisions = good
    place = world.random.randrange(len(approvals))
    without = (*approvals[:place], *approvals[place + 1 :])
    swapped = approvals[::-1]
    if world.maybe(0.3) and len(approvals) > 1:
        yield spoiled(world, step, swapped, decisions[::-1])
    elif world.maybe(0.1):
        yield spoiled(world, step, (), ())
    else:
        yield spoiled(world, step, without, (*decisions[:place], *decisions[place + 1 :]))


@aims_at("ApprovalsNotAscending")
def four_eyes_in_disorder(world: World) -> Story:
    """The same signatory twice, or two in the wrong order, where an organisation needs more than one."""
    for _ in range(8):
        good = good_approved(world)
        if good is None:
            continue
        step, kind, struct, approvals, decisions = good
        order = step.arguments[1] if kind == "Vote" else world.model.concerned(struct)[0]
        for place in range(len(approvals) - 1):
            if len(approvals) > len(order) and len(order) == 1:
                break
            first, second = approvals[place : place + 2]
            if {first, second} and _same_organisation(world, kind, struct, decisions, approvals, place):
                pair = world.pick([(first, first), (second, first)])
                swapped = (*approvals[:place], *pair, *approvals[place + 2 :])
                if decisions:
                    kept = decisions[place : place + 2]
                    kept = (kept[0], kept[0]) if pair == (first, first) else kept[::-1]
                    decisions = (*decisions[:place], *kept, *decisions[place + 2 :])
                yield spoiled(world, step, swapped, decisions)
                return
    # Nobody needs four eyes: have somebody need them.
    organisation = world.pick(world.members())
    for signatory in world.some(sorted(world.model.signatories_of(organisation)), 4):
        yield appointment(world, organisation, signatory, together=2)


def _same_organisation(
    world: World, kind: str, struct: Any, decisions: Sequence[bytes], approvals: Sequence[Signature], place: int
) -> bool:
    """Whether these two neighbours sign for one organisation."""
    from reference_types import digest_to_sign, recovered

    signers = []
    for index in (place, place + 1):
        approval, decision = approvals[index], decisions[index] if decisions else ZERO
        vs = int.from_bytes(approval.vs, "big")
        digest = digest_to_sign(kind, struct, decision, world.model.address, world.model.chain_id)
        signers.append(recovered(digest, int.from_bytes(approval.r, "big"), vs % 2**255, vs >> 255))
    first, second = (world.model.signs_for(signer) if signer else None for signer in signers)
    return first is not None and first == second and signers[0] != signers[1]


# Twice, to be tried twice as often: who was expelled is a rare thing.
@aims_at("EntersNothingNew", "EntersNothingNew")
def expelled_in_something_new(world: World) -> Story:
    expelled = [one for one in world.expelled() if world.can_bind(one)]
    if not expelled:
        yield from council(world, "expel")
        expelled = [one for one in world.expelled() if world.can_bind(one)]
    if expelled:
        yield from _something_new(world, world.pick(expelled))


@aims_at("EntersNothingNew")
def gone_and_in_something_new(world: World) -> Story:
    gone = [one for one in world.gone() if world.can_bind(one)]
    if gone:
        yield from _something_new(world, world.pick(gone))


def _something_new(world: World, party: bytes) -> Story:
    """An act that binds a party anew, with its own signature and those of all others."""
    others = world.able()
    if len(others) < 2:
        return
    act = draft(world, world.pick(["conclude", "conclude", "amend", "accede"]))
    if act is None or party in world.model.concerned(act)[0]:
        return
    parties = act.parties if act.previous != ZERO else world.some(others, 2)
    step = recording(world, act._replace(parties=tuple(sorted({party, *parties}))), "", fresh=True)
    if step:
        yield refused(step.function, step.arguments, step.sender, "enter something new")
