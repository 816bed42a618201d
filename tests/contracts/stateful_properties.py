"""The promises of the register, each checked after every step of a random history, from the events of the chain alone.

docs/properties.md says what they mean. A check returns how often the step put its property to the test, and fails with
AssertionError where the property is broken. None of it looks at the reference model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from acts import ZERO, Act
from eth_abi import encode
from eth_utils import keccak
from motions import ENACTMENT_PERIOD, VETO_PERIOD
from reference_types import Motion, approval_hash, digest_of_hash, digest_to_sign, recovered
from stateful_cast import Wallet
from stateful_chronicle import Chronicle, Fact, folded
from stateful_world import Step

ONE = (1).to_bytes(32, "big")


@dataclass(frozen=True)
class Seen:
    """One step: what was asked, what came of it, and what was there before."""

    step: Step
    accepted: bool
    facts: Sequence[Fact]
    chronicle: Chronicle
    register: str
    chain_id: int
    fingerprint: bytes
    #: What the fingerprint was made of so far, kept by the check of the fingerprint.
    refolded: dict[str, bytes]
    folds: Mapping[str, Sequence[str]]
    wallets: Mapping[str, Wallet]
    #: The value of `head` under hashes that the checks ask for.
    head: Callable[[bytes], bytes]
    #: Storage before and after a transaction that was refused.
    roots: tuple[str, str] | None = None
    #: All logs as the node gives them now, and as they were when they were made; at intervals.
    logs: tuple[Sequence[Any], Sequence[Any]] | None = None

    def of(self, *names: str) -> Iterator[Fact]:
        return (fact for fact in self.facts if fact.name in names)


Check = Callable[[Seen], int]
PROPERTIES: dict[str, Check] = {}


def holds(check: Check) -> Check:
    PROPERTIES[check.__name__] = check
    return check


@dataclass
class Held:
    """How often each property was put to the test, and where it was broken."""

    tried: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PROPERTIES, 0))
    broken: list[tuple[int, str, str]] = field(default_factory=list)

    def look(self, number: int, seen: Seen) -> None:
        for name, check in PROPERTIES.items():
            try:
                self.tried[name] += check(seen)
            except AssertionError as broken:
                self.broken.append((number, name, str(broken)))


def say(told: bool, text: str) -> None:
    """`assert`, also where Python runs without it."""
    if not told:
        raise AssertionError(text)


def required(seen: Seen, fact: Fact) -> tuple[list[bytes], set[bytes]]:
    """Who must approve the act of a Recorded, and who was concerned before; from the events before it."""
    act: Act = fact.values["act"]
    touched = seen.chronicle.touched(act, fact.number)
    before = {party for earlier in touched for party in earlier.parties}
    leaving = before - set(act.parties)
    if len(touched) == 1 and len(leaving) == 1 and set(act.parties) == before - leaving:
        latest = touched[0]
        runs_out = fact.time + latest.notice
        unchanged = act._replace(
            agreement=latest.agreement,
            previous=latest.previous,
            parties=latest.parties,
            valid_from=latest.valid_from,
            deadline=latest.deadline,
        )
        if latest.notice and unchanged == latest and runs_out <= act.valid_from <= runs_out + 366 * 86400:
            return sorted(leaving), before
    return sorted(before | set(act.parties)), before


def groups(seen: Seen, fact: Fact, organisations: Sequence[bytes]) -> None:
    """Fails unless the signatories of the event fall into one group that binds for each organisation, in order."""
    left = list(fact.values["signatories"])
    for organisation in organisations:
        heir = seen.chronicle.heir(organisation, fact.number)
        group: list[str] = []
        needed = 1
        while len(group) < needed:
            say(bool(left), f"too few signatories for {organisation!r}")
            signatory = left.pop(0)
            terms = seen.chronicle.mandate(signatory, fact.number, fact.time)
            say(terms is not None and terms.organisation == heir, f"{signatory} cannot sign for {organisation!r}")
            say(signatory not in group, f"{signatory} counts twice")
            needed = min(needed, terms.together) if group and terms else terms.together if terms else 1
            group.append(signatory)
    say(not left, "more signatories than are needed")


@holds
def enough_signatories(seen: Seen) -> int:
    """Nothing is recorded or decided without enough distinct, then-valid signatories of every organisation it needs."""
    count = 0
    for fact in seen.of("Recorded"):
        groups(seen, fact, required(seen, fact)[0])
        count += 1
    for fact in seen.of("MotionDecided"):
        groups(seen, fact, fact.arguments[1])
        count += 1
    return count


@holds
def history_never_shrinks(seen: Seen) -> int:
    """Acts follow each other without a gap, and no event that was there ever changes or goes."""
    count = 0
    for fact in seen.of("Recorded"):
        act: Act = fact.values["act"]
        earlier = seen.chronicle.acts(fact.values["agreement"], fact.number)
        say(act.previous == (earlier[-1].hash if earlier else ZERO), "does not follow the latest act")
        say(fact.values["actHash"] == act.hash, "another hash than that of the act")
        say(seen.head(fact.values["agreement"]) == act.hash, "the head is not the latest act")
        say(not seen.chronicle.all("Recorded", fact.number, actHash=act.hash), "recorded twice")
        count += 1
    if seen.logs:
        now, then = seen.logs
        say(list(now) == list(then), "the log is not what it was")
        count += 1
    return count


@holds
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


@holds
def an_approval_counts_once(seen: Seen) -> int:
    """Whoever stands as having approved did so itself: on chain, or by a signature for this act, register and chain."""
    count = 0
    for fact in seen.of("Recorded", "MotionDecided"):
        kind, given = ("Approval", "Approved") if fact.name == "Recorded" else ("Vote", "Voted")
        struct, signatures, decisions = fact.arguments[0], fact.arguments[2], fact.arguments[3]
        subject = {"actHash" if kind == "Approval" else "motionHash": struct.hash}
        for place, (signatory, signature) in enumerate(zip(fact.values["signatories"], signatures, strict=True)):
            decision = decisions[place] if decisions else ZERO
            if signature.r == ZERO:
                stands = seen.chronicle.latest(fact.number, (given,), signatory=signatory, **subject)
                say(stands is not None and stands.values["decision"] == decision, f"{signatory} never approved this")
            else:
                digest = digest_to_sign(kind, struct, decision, seen.register, seen.chain_id)
                signed = int.from_bytes(signature.vs, "big")
                signer = recovered(digest, int.from_bytes(signature.r, "big"), signed % 2**255, signed >> 255)
                say(signer == signatory, f"{signatory} did not sign this")
            count += 1
    for fact in seen.of("Approved", "Voted"):
        signatory = fact.values["signatory"]
        if fact.function.endswith("For"):
            subject_hash = fact.values["actHash" if fact.name == "Approved" else "motionHash"]
            kind = "Approval" if fact.name == "Approved" else "Vote"
            approval = approval_hash(kind, subject_hash, fact.values["decision"])
            digest, signature = digest_of_hash(approval, seen.register, seen.chain_id), fact.arguments[-1]
            if signatory in seen.wallets:
                say(seen.wallets[signatory].accepts(digest, signature), "the wallet does not accept it")
            else:
                r, s = (int.from_bytes(signature[start : start + 32], "big") for start in (0, 32))
                say(recovered(digest, r, s, signature[64] - 27) == signatory, f"{signatory} did not sign this")
        else:
            say(fact.caller == signatory, "approved in the name of somebody else")
        count += 1
    return count


@holds
def no_misused_signature_is_accepted(seen: Seen) -> int:
    """A signature for another chain, register, act, decision or kind of statement, or used again, is refused."""
    if not seen.step.misuse:
        return 0
    say(not seen.accepted, f"accepted: {seen.step.misuse}")
    return 1


@holds
def ended_stays_ended(seen: Seen) -> int:
    """Nothing follows an act that leaves fewer than two parties."""
    count = 0
    for fact in seen.of("Recorded"):
        earlier = seen.chronicle.acts(fact.values["agreement"], fact.number)
        say(all(len(act.parties) > 1 for act in earlier), "the agreement had ended")
        count += 1
    return count


@holds
def declined_stays_declined(seen: Seen) -> int:
    """An act that was declined is never recorded, and one that was recorded is never declined."""
    count = 0
    for fact in seen.of("Recorded", "Declined"):
        other = "Declined" if fact.name == "Recorded" else "Recorded"
        say(not seen.chronicle.all(other, fact.number, actHash=fact.values["actHash"]), f"{other} before")
        if fact.name == "Declined":
            say(seen.head(fact.values["actHash"]) == ONE, "declined, and the head does not say so")
            signing = seen.chronicle.mandate(fact.values["signatory"], fact.number, fact.time)
            organisation = fact.values["organisation"]
            say(signing is not None and signing.organisation == organisation, "declined without a mandate")
            say(fact.caller == fact.values["signatory"], "declined in the name of somebody else")
        count += 1
    return count


@holds
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


@holds
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


@holds
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


@holds
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


@holds
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


@holds
def fingerprint_follows_from_the_events(seen: Seen) -> int:
    """Folding the events as their NatSpec says gives the fingerprint that the contract keeps."""
    count = 0
    for fact in seen.facts:
        words = seen.folds.get(fact.name)
        if words is not None:
            before = seen.refolded["fingerprint"]
            inner = keccak(folded(fact, words))
            seen.refolded["fingerprint"] = keccak(encode(["bytes32", "bytes32"], [before, inner]))
            count += 1
    say(seen.fingerprint == seen.refolded["fingerprint"], "the fingerprint is not that of the events")
    return count


@holds
def only_parties_report_and_nobody_confirms_its_own(seen: Seen) -> int:
    """A party of an agreement in force reports, each report follows its last, and another party confirms it, once."""
    count = 0
    for fact in seen.of("ProgressReported", "ProgressConfirmed"):
        report = fact.arguments[0]
        organisation = report.organisation if fact.name == "ProgressReported" else fact.values["organisation"]
        parties = seen.chronicle.parties(report.agreement, fact.number, fact.time)
        say(organisation in parties, f"{organisation!r} is no party now")
        terms = seen.chronicle.mandate(fact.values["signatory"], fact.number, fact.time)
        heir = seen.chronicle.heir(organisation, fact.number)
        say(terms is not None and terms.organisation == heir, "by no signatory of it")
        chain = [
            earlier.values["reportHash"]
            for earlier in seen.chronicle.all(
                "ProgressReported", fact.number, agreement=report.agreement, commitment=report.commitment
            )
            if earlier.values["report"].organisation == report.organisation
        ]
        latest = chain[-1] if chain else ZERO
        if fact.name == "ProgressReported":
            say(report.previous == latest, "does not follow the latest report")
            say(fact.values["reportHash"] == report.hash, "another hash than that of the report")
            kind, other = "Report", ZERO
        else:
            say(fact.values["reportHash"] == latest == report.hash, "not the latest report")
            say(heir != seen.chronicle.heir(report.organisation, fact.number), "confirmed its own")
            twice = seen.chronicle.all("ProgressConfirmed", fact.number, reportHash=latest, organisation=organisation)
            say(not twice, "confirmed twice")
            kind, other = "Confirmation", organisation
        signature = fact.arguments[-1]
        if signature.r == ZERO:
            say(fact.caller == fact.values["signatory"], "stated in the name of somebody else")
        else:
            digest = digest_to_sign(kind, report, other, seen.register, seen.chain_id)
            signed = int.from_bytes(signature.vs, "big")
            signer = recovered(digest, int.from_bytes(signature.r, "big"), signed % 2**255, signed >> 255)
            say(signer == fact.values["signatory"], "stated without a signature for it")
        count += 1
    return count


@holds
def what_is_refused_changes_nothing(seen: Seen) -> int:
    """A transaction that was refused leaves no event and every word of storage as it was."""
    if seen.roots is None:
        return 0
    say(seen.roots[0] == seen.roots[1] and not seen.facts, "refused, and yet something changed")
    return 1
