"""Rules of the council: founding, motions, majorities, vetoes, successions (``ICouncil``)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from registry.audit.abi import Motion
from registry.audit.calls import Call
from registry.audit.digests import NOTHING, motion_hash, vote_hash
from registry.audit.findings import Event, brief, name_of
from registry.audit.report import Check
from registry.audit.state import ENACTMENT_PERIOD, NO_ADDRESS, VETO_PERIOD, Decided, Member
from registry.audit.workbench import Bench, Rules

_PUTS_IN_ANOTHERS_PLACE = (b"succeed", b"recover")
_EFFECT = {
    b"admit": "MemberAdmitted",
    b"expel": "MemberExpelled",
    b"succeed": "MemberSucceeded",
    b"recover": "AdministratorReplaced",
}


def founded(bench: Bench, events: Sequence[Event]) -> None:
    """The MemberAdmitted of the constructor: the first events of all, organisations ascending, somebody votes."""
    expect, before = bench.findings.expect, NOTHING
    for event in events:
        organisation = event["organisation"]
        expect(
            Check.COUNCIL,
            before < organisation and not any(organisation[16:]) and event["administrator"] != NO_ADDRESS,
            "founders",
            "de oprichters staan niet op volgorde, of één heeft geen kenmerk of beheerder",
            event,
        )
        before = organisation
        bench.around(event, partial(_admit, bench, event))
    expect(Check.COUNCIL, bench.state.voters > 0, "no-voters", "geen van de oprichters heeft een stem", events[-1])


def _admit(bench: Bench, event: Event) -> None:
    member = bench.state.members.setdefault(event["organisation"], Member())
    member.administrator, member.votes = event["administrator"], event["votes"]
    bench.state.mark(event["organisation"], False)


def moved(bench: Bench, event: Event, call: Call | None) -> None:
    """Moved; the Voted that comes with it says who."""
    motion = event["motion"]
    bench.findings.expect(
        Check.HASHES,
        motion_hash(motion) == event["motionHash"] and motion.organisation == event["organisation"],
        "motion-hash",
        "de motie heeft niet de hash of de organisatie die de gebeurtenis noemt",
        event,
    )
    bench.state.moved[event["motionHash"]] = motion


def voted(bench: Bench, event: Event, call: Call | None) -> None:
    """Voted."""
    put_forward(bench, event, call, event["motionHash"], vote_hash(event["motionHash"], event["decision"]))


def put_forward(bench: Bench, event: Event, call: Call | None, subject: bytes, struct: bytes) -> None:
    """An approval given on chain, of a motion or an act: by the signatory itself, or by its signature."""
    signatory = event["signatory"]
    bench.speaks_for(event, signatory, event["organisation"])
    if call is not None and "signature" in call.arguments:
        bench.findings.expect(
            Check.SIGNATURES,
            (subject, signatory) not in bench.state.approvals,
            "already-approved",
            f"een ander droeg een handtekening van {brief(signatory)} aan over diens eigen akkoord heen",
            event,
        )
        bench.carried(event, struct, call["signature"], signatory)
    else:
        bench.own_transaction(event, call, signatory)
    bench.state.approvals[subject, signatory] = struct


def decided(bench: Bench, event: Event, call: Call | None) -> None:
    """MotionDecided."""
    state, expect = bench.state, bench.findings.expect
    motion, subject = event["motion"], event["motionHash"]
    concerned = motion.organisation
    expect(
        Check.HASHES,
        motion_hash(motion) == subject and concerned == event["organisation"],
        "motion-hash",
        "de motie heeft niet de hash of de organisatie die de gebeurtenis noemt",
        event,
    )
    expect(Check.COUNCIL, subject not in state.decided, "decided-twice", "over de motie was al besloten", event)
    expect(
        Check.COUNCIL,
        event.time <= motion.deadline,
        "motion-expired",
        "er is over de motie besloten na haar uiterste dag",
        event,
    )
    possible(bench, event, motion)
    in_favour = _in_favour(bench, event, call)
    bench.approvals(event, call, subject, vote_hash)
    bench.bound(event, in_favour, set(in_favour))
    votes = sum(state.member(one).votes for one in in_favour)
    for one in in_favour:
        expect(
            Check.COUNCIL,
            state.member(one).votes or one == concerned,
            "not-voting",
            f"{name_of(one)} heeft geen stem",
            event,
        )
    expect(
        Check.COUNCIL,
        votes * 2 > state.voters,
        "no-majority",
        f"{votes} van de {state.voters} stemmen zijn geen meerderheid",
        event,
    )
    waits = motion.action in _PUTS_IN_ANOTHERS_PLACE and concerned not in in_favour
    effect_from = event.time + (VETO_PERIOD if waits else 0)
    expect(
        Check.COUNCIL,
        event["effectFrom"] == effect_from,
        "veto-period",
        "de motie werkt niet 14 dagen na het besluit" if waits else "de motie werkt niet meteen na het besluit",
        event,
    )
    if waits:
        other = state.pending.get(concerned)
        expect(
            Check.COUNCIL,
            other is None or event.time >= other[1] + ENACTMENT_PERIOD,
            "another-pending",
            f"er wachtte al een motie over {name_of(concerned)}",
            event,
        )
        state.pending[concerned] = (subject, event["effectFrom"])
    state.decided[subject] = Decided(motion, effect_from, waits)


def _in_favour(bench: Bench, event: Event, call: Call | None) -> list[bytes]:
    """Who the call says approves; without it, those whose signatories did."""
    if call is not None and call.name == "decide":
        named = list(call["organisations"])
        bench.findings.expect(
            Check.COUNCIL,
            all(before < after for before, after in zip([NOTHING, *named], named, strict=False)),
            "organisations-not-ascending",
            "een organisatie telt dubbel in de stemming, of de volgorde is anders",
            event,
        )
        return sorted(set(named))
    found = (bench.state.signs_for(one, event.time) for one in event["signatories"])
    return sorted({one for one in found if one is not None})


def possible(bench: Bench, event: Event, motion: Motion) -> None:
    """Whether the council can do at this moment what the motion asks."""
    state = bench.state
    member, heir = state.member(motion.organisation), state.member(motion.successor)
    takes_part = member.administrator != NO_ADDRESS
    names_key, names_successor = motion.administrator != NO_ADDRESS, any(motion.successor)
    if motion.action == b"admit":
        again = motion.administrator == member.administrator and (member.votes != motion.votes or member.expelled)
        sound = not names_successor and names_key and not any(motion.organisation[16:]) and any(motion.organisation)
        fits = sound and (not takes_part or again)
    elif motion.action == b"expel":
        fits = takes_part and not member.expelled and not (names_key or names_successor or motion.votes)
    elif motion.action == b"succeed":
        sound = motion.successor != motion.organisation and not (names_key or motion.votes)
        fits = sound and takes_part and heir.administrator != NO_ADDRESS and not heir.expelled
    elif motion.action == b"recover":
        another = names_key and motion.administrator != member.administrator
        fits = takes_part and another and not (names_successor or motion.votes)
    else:
        fits = False
    bench.findings.expect(
        Check.SUCCESSIONS if motion.action == b"succeed" else Check.COUNCIL,
        fits and motion.organisation not in state.successors,
        "impossible-motion",
        f"de motie vraagt wat op dat moment niet kon voor {name_of(motion.organisation)}",
        event,
    )


def enacted(bench: Bench, event: Event, call: Call | None, effect: Event | None, *, at_once: bool) -> None:
    """MotionEnacted and the event after it: at once with the decision, or after the veto period."""
    state, expect = bench.state, bench.findings.expect
    subject, organisation = event["motionHash"], event["organisation"]
    found = state.decided.get(subject)
    if not expect(Check.COUNCIL, found is not None, "not-decided", "over de motie was niet besloten", event):
        return
    assert found is not None  # noqa: S101 - just checked
    again = found.enacted or found.vetoed
    expect(Check.COUNCIL, not again, "enacted-twice", "de motie was al uitgevoerd, of tegengehouden", event)
    if at_once:
        expect(Check.COUNCIL, not found.waits, "veto-skipped", "de termijn voor een veto is overgeslagen", event)
    else:
        waiting = state.pending.get(organisation)
        expect(
            Check.COUNCIL,
            waiting is not None and waiting[0] == subject and found.waits,
            "not-pending",
            "de motie wachtte niet op uitvoering",
            event,
        )
        expect(
            Check.COUNCIL,
            event.time >= found.effect_from,
            "veto-period",
            "de motie is uitgevoerd voordat de termijn voor een veto om was",
            event,
        )
        expect(
            Check.COUNCIL,
            event.time < found.effect_from + ENACTMENT_PERIOD,
            "motion-lapsed",
            "de motie was vervallen: niemand voerde haar binnen 28 dagen uit",
            event,
        )
        possible(bench, event, found.motion)
    found.enacted = True
    if found.motion.action in _PUTS_IN_ANOTHERS_PLACE:
        state.pending.pop(organisation, None)
    motion = found.motion
    expect(
        Check.COUNCIL,
        motion.organisation == organisation and effect is not None and _carries_out(motion, effect),
        "another-effect",
        "wat er veranderde is niet wat de motie zegt",
        event,
    )


def _carries_out(motion: Motion, effect: Event) -> bool:
    if effect.name != _EFFECT.get(motion.action) or effect["organisation"] != motion.organisation:
        return False
    names = ("administrator", "successor", "votes")
    return all(getattr(motion, one) == effect[one] for one in names if one in effect.values)


def take_effect(bench: Bench, effect: Event) -> None:
    """Writes down what a motion changed; somebody must vote afterwards."""
    state, organisation = bench.state, effect["organisation"]
    match effect.name:
        case "MemberAdmitted":
            _admit(bench, effect)
        case "MemberExpelled":
            state.member(organisation).votes = False
            state.mark(organisation, True)
        case "MemberSucceeded":
            successor = effect["successor"]
            bench.findings.expect(
                Check.SUCCESSIONS,
                organisation not in state.successors and state.heir(successor) != organisation,
                "succeeded-twice",
                f"{name_of(organisation)} was al opgevolgd",
                effect,
            )
            state.retire(organisation, successor)
        case "AdministratorReplaced":
            state.replace_administrator(organisation, effect["administrator"])
    voters = bench.state.voters
    bench.findings.expect(Check.COUNCIL, voters > 0, "no-voters", "niemand heeft daarna nog een stem", effect)


def uncaused(bench: Bench, event: Event, call: Call | None) -> None:
    """MemberAdmitted, MemberExpelled or MemberSucceeded that no motion caused."""
    bench.findings.expect(
        Check.SUCCESSIONS if event.name == "MemberSucceeded" else Check.COUNCIL,
        False,
        "no-motion",
        "de raad heeft dit niet besloten: er gaat geen uitgevoerde motie aan vooraf",
        event,
    )
    take_effect(bench, event)


def vetoed(bench: Bench, event: Event, call: Call | None) -> None:
    """MotionVetoed."""
    state, expect = bench.state, bench.findings.expect
    subject, organisation, sender = event["motionHash"], event["organisation"], event["sender"]
    waiting = state.pending.get(organisation)
    expect(
        Check.COUNCIL,
        waiting is not None and waiting[0] == subject,
        "not-pending",
        "de motie die is tegengehouden wachtte niet",
        event,
    )
    concerned = sender == state.member(organisation).administrator != NO_ADDRESS
    expect(
        Check.COUNCIL,
        concerned or state.signs_for(sender, event.time) == organisation,
        "not-concerned",
        f"{brief(sender)} is beheerder noch ondertekenaar van {name_of(organisation)}",
        event,
    )
    what = f"niet {brief(sender)} maar een ander stuurde het veto"
    bench.sent_by(event, call, sender, Check.COUNCIL, what)
    if waiting is not None and waiting[0] == subject:
        del state.pending[organisation]
    if (found := state.decided.get(subject)) is not None:
        found.vetoed = True


RULES: Rules = {
    "Moved": moved,
    "Voted": voted,
    "MotionDecided": decided,
    "MotionVetoed": vetoed,
    "MemberAdmitted": uncaused,
    "MemberExpelled": uncaused,
    "MemberSucceeded": uncaused,
}
