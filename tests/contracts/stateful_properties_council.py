"""Properties 3 and 8 to 12: what the council and the administrators can do to an organisation, and what not."""

from __future__ import annotations

from motions import ENACTMENT_PERIOD, VETO_PERIOD
from reference_types import Motion
from stateful_chronicle import Fact
from stateful_seen import Seen, required, say


def nobody_else_makes_it_sign(seen: Seen) -> int:
    """Only its own administrator changes who signs; that one changes by its own doing, or after it could veto."""
    count = 0
    own = ("SignatoryAppointed", "SignatoryDismissed", "AdministratorNominated", "ServiceAnnounced")
    for fact in seen.of(*own, "AdministratorReplaced", "MemberSucceeded"):
        organisation = fact.values["organisation"]
        if fact.name in own:
            administrator = seen.chronicle.administrator(organisation, fact.number)
            say(fact.caller == administrator, f"{fact.name} by {fact.caller}, not the administrator")
        elif fact.function == "takeOver":
            about = ("AdministratorNominated", "AdministratorReplaced", "MemberSucceeded")
            nominated = seen.chronicle.latest(fact.number, about, organisation=organisation)
            put_forward = nominated and nominated.values.get("nominee")
            say(put_forward == fact.caller == fact.values["administrator"], "took over without being put forward")
        else:
            could_stop_it(seen, fact)
        count += 1
    return count


def could_stop_it(seen: Seen, fact: Fact) -> None:
    """Fails unless the organisation agreed to the motion behind this, or let the whole veto period pass."""
    organisation = fact.values["organisation"]
    enacted = seen.chronicle.facts[fact.number - 1]
    say(enacted.name == "MotionEnacted", f"{fact.name} out of nothing")
    subject = enacted.values["motionHash"]
    decided = seen.chronicle.latest(fact.number, ("MotionDecided",), motionHash=subject)
    if decided is None:
        raise AssertionError("enacted and never decided")
    motion: Motion = decided.values["motion"]
    wanted = {"AdministratorReplaced": "recover", "MemberSucceeded": "succeed"}[fact.name]
    say((motion.action, motion.organisation) == (wanted, organisation), "not what was decided")
    signing = [
        seen.chronicle.mandate(signatory, decided.number, decided.time) for signatory in decided.values["signatories"]
    ]
    agreed = any(terms and terms.organisation == organisation for terms in signing)
    waited = fact.time - decided.time >= VETO_PERIOD
    vetoed = seen.chronicle.latest(fact.number, ("MotionVetoed",), motionHash=subject)
    say(agreed or (waited and not vetoed), "neither agreed nor waited for")


def expelled_keeps_its_say_and_enters_nothing_new(seen: Seen) -> int:
    """Who was expelled or succeeded is bound by an act only where it was before; and then it approved (see above)."""
    count = 0
    for fact in seen.of("Recorded"):
        needed, before = required(seen, fact)
        for party in needed:
            out = seen.chronicle.expelled(party, fact.number)
            gone = seen.chronicle.heir(party, fact.number) != party
            if out or gone:
                say(party in before, f"{party!r} enters something new")
                count += 1
    for fact in seen.of("MemberExpelled"):
        organisation = fact.values["organisation"]
        say(organisation not in seen.chronicle.voting(fact.number + 1), "expelled, and votes")
        count += 1
    return count


def succeeded_once(seen: Seen) -> int:
    """An organisation has one successor at most, which takes part then, and nothing happens to it afterwards."""
    count = 0
    about = (
        "MemberAdmitted",
        "MemberExpelled",
        "AdministratorReplaced",
        "AdministratorNominated",
        "SignatoryAppointed",
        "SignatoryDismissed",
        "ServiceAnnounced",
        "MotionVetoed",
    )
    for fact in seen.of(*about, "MemberSucceeded"):
        organisation = fact.values["organisation"]
        say(seen.chronicle.heir(organisation, fact.number) == organisation, f"{fact.name} of one that is gone")
        if fact.name == "MemberSucceeded":
            heir = fact.values["successor"]
            say(seen.chronicle.administrator(heir, fact.number) is not None, "the successor takes no part")
            say(not seen.chronicle.expelled(heir, fact.number), "the successor was expelled")
            signatories = {each.values["signatory"] for each in seen.chronicle.all("SignatoryAppointed")}
            for signatory in signatories:
                terms = seen.chronicle.mandate(signatory, fact.number + 1, fact.time)
                say(terms is None or terms.organisation != organisation, f"{signatory} still signs for it")
            count += 1
    return count


def still_waits(seen: Seen, decided: Fact, before: int, moment: int) -> bool:
    """Whether a motion that had to wait can still be enacted."""
    effect_from = decided.values["effectFrom"]
    if effect_from == decided.time or moment >= effect_from + ENACTMENT_PERIOD:
        return False
    subject, organisation = decided.values["motionHash"], decided.values["organisation"]
    over = seen.chronicle.latest(before, ("MotionVetoed", "MotionEnacted"), motionHash=subject)
    void = seen.chronicle.latest(before, ("MemberSucceeded",), organisation=organisation)
    replaced = [
        fact
        for fact in seen.chronicle.all("AdministratorReplaced", before, organisation=organisation)
        if fact.function != "takeOver"
    ]
    recovered_since = bool(replaced) and replaced[-1].number > decided.number
    return not over and not void and not recovered_since


def one_motion_waits_at_a_time(seen: Seen) -> int:
    """A second motion to succeed or recover an organisation cannot begin to wait while one can still be enacted."""
    count = 0
    for fact in seen.of("MotionDecided"):
        motion: Motion = fact.values["motion"]
        if fact.values["effectFrom"] == fact.time:
            continue
        say(motion.action in ("succeed", "recover"), "waits without a reason")
        say(fact.values["effectFrom"] == fact.time + VETO_PERIOD, "waits another time than the veto period")
        others = seen.chronicle.all("MotionDecided", fact.number, organisation=motion.organisation)
        waiting = [other for other in others if still_waits(seen, other, fact.number, fact.time)]
        say(not waiting, "another motion waits for the same organisation")
        count += 1
    return count


def vetoed_never_takes_effect(seen: Seen) -> int:
    """A motion takes effect once: at once, or from 14 until 42 days after it was decided, and never after a veto."""
    count = 0
    for fact in seen.of("MotionEnacted", "MotionVetoed"):
        subject = fact.values["motionHash"]
        decided = seen.chronicle.latest(fact.number, ("MotionDecided",), motionHash=subject)
        say(decided is not None, f"{fact.name}, and never decided")
        earlier = seen.chronicle.latest(fact.number, ("MotionEnacted", "MotionVetoed"), motionHash=subject)
        say(earlier is None, f"{fact.name} after it was enacted or vetoed")
        if decided is None:
            continue
        if fact.name == "MotionEnacted":
            effect_from = decided.values["effectFrom"]
            at_once = decided.number == fact.number - 1 and effect_from == fact.time
            in_time = effect_from <= fact.time < effect_from + ENACTMENT_PERIOD
            say(at_once or (in_time and still_waits(seen, decided, fact.number, fact.time)), "enacted out of its time")
        else:
            organisation = fact.values["organisation"]
            say(organisation == decided.values["organisation"], "vetoed for another organisation")
            terms = seen.chronicle.mandate(fact.caller, fact.number, fact.time)
            own = seen.chronicle.administrator(organisation, fact.number) == fact.caller
            say(own or (terms is not None and terms.organisation == organisation), "vetoed by somebody else")
        count += 1
    return count


def more_than_half_decide(seen: Seen) -> int:
    """A motion is decided by more than half of all organisations that vote then, and somebody always does."""
    count = 0
    for fact in seen.of("MotionDecided"):
        voting = seen.chronicle.voting(fact.number)
        in_favour = set()
        for signatory in fact.values["signatories"]:
            terms = seen.chronicle.mandate(signatory, fact.number, fact.time)
            say(terms is not None, f"{signatory} has no mandate")
            in_favour |= {terms.organisation} if terms else set()
        say(len(in_favour & voting) * 2 > len(voting), f"{len(in_favour & voting)} of {len(voting)} decided")
        say(in_favour <= voting | {fact.values["organisation"]}, "decided by one that does not vote")
        earlier = seen.chronicle.all("MotionDecided", fact.number, motionHash=fact.values["motionHash"])
        say(not earlier, "decided twice")
        say(bool(seen.chronicle.voting(len(seen.chronicle.facts))), "nobody votes any more")
        count += 1
    return count
