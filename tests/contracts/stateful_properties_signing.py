"""Properties 1, 4 and 5: who signed, and what for."""

from __future__ import annotations

from collections.abc import Sequence

from acts import ZERO
from reference_types import approval_hash, digest_of_hash, digest_to_sign, recovered
from stateful_chronicle import Fact
from stateful_seen import Seen, required, say


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


def no_misused_signature_is_accepted(seen: Seen) -> int:
    """A signature for another chain, register, act, decision or kind of statement, or used again, is refused."""
    if not seen.step.misuse:
        return 0
    say(not seen.accepted, f"accepted: {seen.step.misuse}")
    return 1
