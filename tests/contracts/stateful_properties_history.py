"""Properties 2, 6, 7 and 13 to 15: what was recorded, reported or refused stays as it was."""

from __future__ import annotations

from acts import ZERO, Act
from eth_abi import encode
from eth_utils import keccak
from reference_types import digest_to_sign, recovered
from stateful_chronicle import folded
from stateful_seen import Seen, say

ONE = (1).to_bytes(32, "big")


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


def ended_stays_ended(seen: Seen) -> int:
    """Nothing follows an act that leaves fewer than two parties."""
    count = 0
    for fact in seen.of("Recorded"):
        earlier = seen.chronicle.acts(fact.values["agreement"], fact.number)
        say(all(len(act.parties) > 1 for act in earlier), "the agreement had ended")
        count += 1
    return count


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


def what_is_refused_changes_nothing(seen: Seen) -> int:
    """A transaction that was refused leaves no event and every word of storage as it was."""
    if seen.roots is None:
        return 0
    say(seen.roots[0] == seen.roots[1] and not seen.facts, "refused, and yet something changed")
    return 1
