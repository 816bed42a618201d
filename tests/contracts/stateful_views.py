"""Everything that can be asked of the contract, held against the model: all of what is small, a sample of the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from acts import ZERO, Act, organisation_id
from reference_types import Refused, approval_hash, digest_of_hash, digest_to_sign, hash_of
from stateful_chain import Reverted

if TYPE_CHECKING:
    from stateful_history import History

SAMPLE = 12

#: Function of the contract, its arguments, what the model says.
Question = tuple[str, tuple[Any, ...], Any]


def compare_views(history: History) -> int:
    """Fails with AssertionError at the first difference; returns how many values were compared."""
    questions = [*organisations(history), *agreements(history), *hashes(history)]
    calls = [history.codec.call(function, arguments) for function, arguments, _ in questions]
    answers = history.chain.call_all(history.address, calls)
    for (function, arguments, expected), answer in zip(questions, answers, strict=True):
        if isinstance(answer, Reverted):
            refusal = history.codec.refusal(answer.data)
            found: Any = (refusal.name, refusal.values)
        else:
            found = history.codec.returned(function, answer)
        if found != expected:
            told = ", ".join(map(history.cast.name, arguments))
            raise AssertionError(f"{function}({told}): the contract says {found!r}, the model {expected!r}")
    return len(questions) + _places(history)


def organisations(history: History) -> list[Question]:
    model, world, random = history.model, history.world, history.random
    model.now = history.clock
    asked: list[Question] = [("voters", (), model.voters()), ("fingerprint", (), model.fingerprint)]
    for one in [*world.members(), *world.gone(), organisation_id("gm9999"), ZERO]:
        member = model.member_of(one)
        asked += [
            ("memberOf", (one,), (member.administrator, member.votes, member.expelled)),
            ("nomineeOf", (one,), model.nominee_of(one)),
            ("successorOf", (one,), model.successor_of(one)),
            ("pendingOf", (one,), tuple(model.pending_of(one))),
        ]
    motions = random.sample(world.motions, min(SAMPLE, len(world.motions)))
    asked += [("isDecided", (hash_of(motion),), model.is_decided(hash_of(motion))) for motion in motions]
    given = random.sample(sorted(world.given), min(SAMPLE, len(world.given)))
    given.append((ZERO, history.cast.stranger))
    asked += [("approvalOf", pair, model.approval_of(*pair)) for pair in given]
    return asked


def agreements(history: History) -> list[Question]:
    model, world, random = history.model, history.world, history.random
    asked: list[Question] = []
    known = sorted(model.acts)
    subjects = [*random.sample(known, min(SAMPLE, len(known))), *sorted(model.declined)[:3], world.digest()]
    asked += [("head", (subject,), model.head(subject)) for subject in subjects]
    for agreement in subjects:
        recorded = tuple(reversed(model.acts.get(agreement, ())))
        moment = random.choice([history.clock, *(act.valid_from for act in recorded), *_ends(recorded)])
        given = recorded[: random.randrange(len(recorded) + 1)] if random.random() < 0.3 else recorded
        asked.append(
            (
                "isInForce",
                (agreement, given, moment),
                _or_refused(lambda a=agreement, g=given, m=moment: model.is_in_force(a, g, m)),
            )
        )
    for act in random.sample(world.drafts, min(SAMPLE, len(world.drafts))):
        given = world.history(act)
        if random.random() < 0.3:
            given = given[1:]
        asked.append(("requiredFor", (act, given), _or_refused(lambda a=act, g=given: tuple(model.required_for(a, g)))))
    for place in random.sample(sorted(model.reports), min(SAMPLE, len(model.reports))):
        latest = model.reports[place]
        asked.append(("latestReport", place, model.latest_report(*place)))
        parties = {latest.organisation, *model.acts[latest.agreement][0].parties}
        asked += [
            ("isConfirmed", (hash_of(latest), party), model.is_confirmed(hash_of(latest), party)) for party in parties
        ]
    return asked


def hashes(history: History) -> list[Question]:
    """Hashes and digests, here from the whole data by eth_account."""
    model, world, random = history.model, history.world, history.random
    register, chain_id = history.address, history.chain.chain_id
    asked: list[Question] = []
    decision = world.digest()
    for act in random.sample(world.drafts, min(2, len(world.drafts))):
        digest = digest_to_sign("Approval", act, decision, register, chain_id)
        asked += [("hashAct", (act,), hash_of(act)), ("hashApproval", (hash_of(act), decision), digest)]
    for motion in random.sample(world.motions, min(2, len(world.motions))):
        digest = digest_to_sign("Vote", motion, decision, register, chain_id)
        asked += [("hashMotion", (motion,), hash_of(motion)), ("hashVote", (hash_of(motion), decision), digest)]
        asked.append(
            (
                "hashVote",
                (hash_of(motion), ZERO),
                digest_of_hash(approval_hash("Vote", hash_of(motion), ZERO), register, chain_id),
            )
        )
    for place in random.sample(sorted(model.reports), min(2, len(model.reports))):
        report = model.reports[place]
        asked += [
            ("hashReport", (report,), hash_of(report)),
            ("reportDigest", (hash_of(report),), digest_to_sign("Report", report, ZERO, register, chain_id)),
            (
                "confirmationDigest",
                (hash_of(report), report.organisation),
                digest_to_sign("Confirmation", report, report.organisation, register, chain_id),
            ),
        ]
    return asked


def _places(history: History) -> int:
    """The lists of signatories, in any order, and that each mandate knows its own place in them."""
    model, world = history.model, history.world
    everybody = sorted(model.mandates)
    if len(everybody) > 3 * SAMPLE:
        everybody = history.random.sample(everybody, 3 * SAMPLE)
    everybody.append(history.cast.stranger)
    lists = [*world.members(), *world.gone()]
    calls = [history.codec.call("signatoriesOf", (one,)) for one in lists]
    calls += [history.codec.call("mandateOf", (key,)) for key in everybody]
    answers = history.chain.call_all(history.address, calls)
    ordered: dict[bytes, Sequence[str]] = {}
    for one, answer in zip(lists, answers[: len(lists)], strict=True):
        assert not isinstance(answer, Reverted)
        ordered[one] = history.codec.returned("signatoriesOf", answer)
        found = sorted(ordered[one])
        if found != sorted(model.signatories_of(one)):
            raise AssertionError(f"signatoriesOf({history.cast.name(one)}): {found!r} on chain, not in the model")
    for key, answer in zip(everybody, answers[len(lists) :], strict=True):
        assert not isinstance(answer, Reverted)
        organisation, *terms, place, expelled = history.codec.returned("mandateOf", answer)
        mandate = model.mandate_of(key)
        listed = key in model.signatories_of(mandate.organisation)
        expected = [mandate.organisation[:16], mandate.valid_from, mandate.valid_until, mandate.together]
        if [organisation, *terms] != expected:
            raise AssertionError(f"mandateOf({history.cast.name(key)}): {terms!r} on chain, {expected!r} in the model")
        stands = ordered.get(mandate.organisation, ())[place - 1 : place] if place else ()
        if list(stands) != ([key] if listed else []):
            raise AssertionError(f"mandateOf({history.cast.name(key)}): place {place} is not where it stands")
        if listed and expelled != model.member_of(mandate.organisation).expelled:
            raise AssertionError(f"mandateOf({history.cast.name(key)}): expelled is not what memberOf says")
    return len(lists) + len(everybody)


def _ends(recorded: Sequence[Act]) -> list[int]:
    ends = [act.valid_until for act in recorded if act.valid_until]
    return [moment + shift for moment in ends for shift in (-1, 0)]


def _or_refused(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except Refused as refused:
        return refused.name, refused.values
