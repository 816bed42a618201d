"""Rules of acts: put forward, approved, recorded, declined (``IAgreements``)."""

from __future__ import annotations

from itertools import pairwise

from registry.audit.abi import Act
from registry.audit.calls import Call
from registry.audit.council import put_forward
from registry.audit.digests import NOTHING, act_hash, approval_hash
from registry.audit.findings import Event, brief, name_of
from registry.audit.report import Check
from registry.audit.state import Step
from registry.audit.workbench import Bench, Rules


def proposed(bench: Bench, event: Event, call: Call | None) -> None:
    """Proposed; the Approved that comes with it says who."""
    act, subject = event["act"], event["actHash"]
    agreement = subject if act.previous == NOTHING else act.agreement
    bench.findings.expect(
        Check.HASHES,
        act_hash(act) == subject and event["agreement"] == agreement,
        "act-hash",
        "de voorgestelde handeling heeft niet de hash of de overeenkomst die de gebeurtenis noemt",
        event,
    )
    bench.state.proposals[subject] = act


def approved(bench: Bench, event: Event, call: Call | None) -> None:
    """Approved."""
    put_forward(bench, event, call, event["actHash"], approval_hash(event["actHash"], event["decision"]))


def recorded(bench: Bench, event: Event, call: Call | None) -> None:
    """Recorded."""
    state, expect = bench.state, bench.findings.expect
    act, subject, agreement = event["act"], event["actHash"], event["agreement"]
    expect(
        Check.HASHES,
        act_hash(act) == subject,
        "act-hash",
        "de vastgelegde handeling heeft niet de hash die de gebeurtenis noemt",
        event,
    )
    expect(Check.ACTS, subject not in state.acts, "recorded-twice", "de handeling was al vastgelegd", event)
    steps = state.agreements.get(agreement, [])
    head = steps[-1].hash if steps else NOTHING
    if act.previous == NOTHING:
        fits = agreement == subject and act.agreement == NOTHING and (not steps or subject in state.acts)
        expect(Check.ACTS, fits, "not-concluding", "de handeling begint een overeenkomst en noemt er al een", event)
    else:
        expect(
            Check.ACTS,
            act.agreement == agreement and act.previous == head != NOTHING,
            "wrong-predecessor",
            f"de handeling volgt op {brief(act.previous)}, maar de laatste van de overeenkomst is {brief(head)}",
            event,
        )
    ended = bool(steps) and len(steps[-1].act.parties) < 2
    expect(Check.ACTS, not ended, "agreement-ended", "de overeenkomst was al beëindigd", event)
    sound(bench, event, act)
    witnesses = state.witnesses(act) if act.previous != NOTHING else []
    required, bound = state.required(act, witnesses, event.time)
    _brought(bench, event, call, witnesses)
    bench.approvals(event, call, subject, approval_hash)
    bench.bound(event, required, bound)
    state.agreements.setdefault(agreement, []).append(Step(subject, act))
    state.acts.add(subject)


def sound(bench: Bench, event: Event, act: Act) -> None:
    """Whether an act can be recorded at this moment, by what it says itself."""
    expect = bench.findings.expect
    expect(
        Check.ACTS,
        event["actHash"] not in bench.state.declined,
        "act-declined",
        "de handeling was afgewezen of ingetrokken",
        event,
    )
    ascending = all(before < after for before, after in pairwise((NOTHING, *act.parties)))
    expect(Check.ACTS, ascending, "parties-not-ascending", "de partijen staan niet op volgorde, of dubbel", event)
    expect(
        Check.ACTS,
        act.previous != NOTHING or len(act.parties) > 1,
        "too-few-parties",
        "een overeenkomst heeft minstens twee partijen",
        event,
    )
    expect(
        Check.ACTS,
        not act.parties or act.dossier != NOTHING,
        "no-dossier",
        "de handeling bindt partijen zonder te zeggen waaraan",
        event,
    )
    expect(
        Check.ACTS,
        act.valid_until == 0 or act.valid_from < act.valid_until,
        "invalid-period",
        "de handeling eindigt voor zij begint",
        event,
    )
    expect(
        Check.ACTS,
        act.deadline == 0 or event.time <= act.deadline,
        "deadline-passed",
        "de uiterste dag van de handeling was voorbij",
        event,
    )


def _brought(bench: Bench, event: Event, call: Call | None, witnesses: list[Step]) -> None:
    """The acts that the call brings as witnesses: from the latest back to the one that holds when this takes effect."""
    if call is not None and "history" in call.arguments:
        bench.findings.expect(
            Check.ACTS,
            [one.act for one in witnesses] == list(call["history"]),
            "wrong-history",
            "de aanroep brengt andere eerdere handelingen mee dan die ertoe doen",
            event,
        )


def declined(bench: Bench, event: Event, call: Call | None) -> None:
    """Declined. The event does not hold the act: the call does, or an earlier proposal."""
    state, expect = bench.state, bench.findings.expect
    subject, organisation, signatory = event["actHash"], event["organisation"], event["signatory"]
    bench.speaks_for(event, signatory, organisation)
    bench.own_transaction(event, call, signatory)
    expect(
        Check.ACTS,
        subject not in state.acts,
        "declined-after-recorded",
        "de handeling was al vastgelegd en kan niet meer worden afgewezen",
        event,
    )
    act = call["act"] if call is not None and call.name == "decline" else state.proposals.get(subject)
    if act is None:
        bench.findings.miss(Check.ACTS, "wat is afgewezen staat alleen in calldata die niet is gelezen")
    else:
        sound(bench, event, act)
        steps = state.agreements.get(act.agreement, [])
        expect(
            Check.ACTS,
            act.previous == (steps[-1].hash if steps else NOTHING),
            "wrong-predecessor",
            "de afgewezen handeling volgde niet op de laatste van de overeenkomst",
            event,
        )
        ended = bool(steps) and len(steps[-1].act.parties) < 2
        expect(Check.ACTS, not ended, "agreement-ended", "de overeenkomst was al beëindigd", event)
        witnesses = state.witnesses(act) if act.previous != NOTHING else []
        _brought(bench, event, call, witnesses)
        required, _ = state.required(act, witnesses, event.time)
        expect(
            Check.ACTS,
            organisation in required or organisation in map(state.heir, required),
            "approval-not-required",
            f"{name_of(organisation)} hoefde niet akkoord te gaan en kon dus niet afwijzen",
            event,
        )
    state.declined.add(subject)


RULES: Rules = {"Proposed": proposed, "Approved": approved, "Recorded": recorded, "Declined": declined}
