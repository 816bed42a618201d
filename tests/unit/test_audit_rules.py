"""Each rule of the audit against a story that breaks it: the one deviation, by its name, and no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from audits import events_of
from ledgers import (
    BOTH,
    DAY,
    START,
    Story,
    admission,
    after,
    concluding,
    digest_of,
    expulsion,
    key_of,
    recovery,
    reporting,
    succession,
)

from registry import model
from registry.audit.calls import Group, grouped
from registry.audit.digests import Digests
from registry.audit.findings import Findings
from registry.audit.recovery import Recoveries
from registry.audit.replaying import replay
from registry.audit.report import Check
from registry.audit.workbench import Bench
from registry.model import NO_HASH, NOBODY, Act, Motion, Stage
from registry.statements import hash_act, hash_motion

RENSWOUDE, VEENENDAAL, EDE, UTRECHT = "gm0339", "gm0345", "gm0228", "pv26"
ALL = (EDE, RENSWOUDE, VEENENDAAL, UTRECHT)
VOTERS = (EDE, RENSWOUDE, VEENENDAAL)


class Tale(Story):
    """A story that need not be true: nothing of it is folded into a ledger on the way."""

    def __init__(self) -> None:
        super().__init__()
        self.admit(*ALL)
        for one in ALL:
            self.appoint(one)

    def record(self, act: Act, /, *roles: str, decisions: tuple[bytes, ...] = (), **changes: Any) -> Act:  # type: ignore[override]
        told = {"agreement": hash_act(act) if act.concludes else act.agreement, "act_hash": hash_act(act), "act": act}
        signatories = tuple(key_of(one) for one in roles or act.parties)
        self._add(model.Recorded, **{**told, "signatories": signatories, "decisions": decisions, **changes})
        return act

    def decide(self, motion: Motion, *roles: str, effect: int = 0, consents: bool = False) -> bytes:
        """By all that vote, unless roles are named; without what follows."""
        values = {"motion_hash": hash_motion(motion), "motion": motion, "decisions": ()}
        signatories = tuple(key_of(one) for one in roles or VOTERS)
        self._add(model.MotionDecided, **values, signatories=signatories, effect_from=self.now + 1 + effect)
        return hash_motion(motion)

    def at_once(self, motion: Motion, *roles: str) -> None:
        self.decide(motion, *roles)
        self._enact(motion)

    def waiting(self, motion: Motion) -> Motion:
        self.decide(motion, EDE, VEENENDAAL, effect=14 * DAY)
        return motion

    def later(self, motion: Motion, days: float) -> None:
        self.now += int(days * DAY)
        self._enact(motion)

    def add(self, kind: Any, **values: Any) -> None:
        self._add(kind, **values)


def found_in(tale: Tale) -> list[tuple[Check, str]]:
    findings = Findings()
    bench = Bench(findings, Digests(31337, NOBODY), Recoveries(1))
    events = events_of(tale.events)
    founders = len(ALL)
    replay(bench, [Group(tuple(events[:founders]), None)])
    for part in grouped(events[founders:]):
        replay(bench, [Group(part, None)])
    return [(one.check, one.rule) for one in findings.deviations]


def concluded(tale: Tale, *parties: str, **terms: Any) -> Act:
    return tale.record(concluding(*(parties or BOTH), **terms))


# What may happen


def a_life(tale: Tale) -> None:
    first = concluded(tale, notice=10 * DAY)
    second = tale.record(after(first, dossier="meer", parties=(EDE, *BOTH), valid_from=START + DAY))
    back = tale.record(after(second, valid_from=START - DAY, notice=10 * DAY))
    leaves = after(back, parties=BOTH, valid_from=tale.now + 11 * DAY)
    left = tale.record(leaves, EDE)
    tale.record(after(left, parties=(), dossier=NO_HASH), *BOTH)


def four_eyes(tale: Tale) -> None:
    tale.appoint(RENSWOUDE, together=2)
    tale.appoint(f"{RENSWOUDE}:2", together=3)
    pair = sorted((RENSWOUDE, f"{RENSWOUDE}:2"), key=key_of)
    tale.record(concluding(*BOTH), *pair, VEENENDAAL)


def a_council(tale: Tale) -> None:
    bound = concluded(tale, UTRECHT, VEENENDAAL)
    tale.at_once(admission("pv25", votes=False))
    tale.at_once(expulsion(UTRECHT))
    tale.record(after(bound, dossier="blijft"), VEENENDAAL, UTRECHT)
    tale.at_once(admission(UTRECHT, votes=False))
    tale.later(tale.waiting(recovery(RENSWOUDE, "nieuw")), 14)
    vetoed = tale.waiting(recovery(RENSWOUDE, "ander"))
    tale.veto(vetoed, "nieuw")
    ours = concluded(tale, RENSWOUDE, VEENENDAAL, dossier="twee")
    tale.later(tale.waiting(succession(RENSWOUDE, VEENENDAAL)), 20)
    tale.record(after(ours, dossier="na de opvolging"), VEENENDAAL, VEENENDAAL)
    tale.add(model.SignatoryAppointed, mandate=model.Mandate(key_of(RENSWOUDE), VEENENDAAL, START))


def a_promise(tale: Tale) -> None:
    act = concluded(tale)
    report = reporting(act, RENSWOUDE)
    tale.report(report, RENSWOUDE)
    tale.confirm(report, VEENENDAAL, VEENENDAAL)
    again = reporting(act, RENSWOUDE, Stage.FULFILLED, previous=digest_of("?"))
    tale.report(replace(again, previous=_hash(report)), RENSWOUDE)


def _hash(report: model.Report) -> bytes:
    from registry.statements import hash_report

    return hash_report(report)


@pytest.mark.parametrize("tell", [a_life, four_eyes, a_council, a_promise])
def test_what_may_happen_holds(tell: Callable[[Tale], None]) -> None:
    tale = Tale()
    tell(tale)
    assert found_in(tale) == []


# Acts

LATE = tuple(sorted(BOTH, reverse=True))


def too_few_eyes(tale: Tale) -> None:
    tale.appoint(RENSWOUDE, together=2)
    concluded(tale)


def twice_the_same_eye(tale: Tale) -> None:
    tale.appoint(RENSWOUDE, together=2)
    tale.record(concluding(*BOTH), RENSWOUDE, RENSWOUDE, VEENENDAAL)


def one_too_many(tale: Tale) -> None:
    tale.appoint(f"{RENSWOUDE}:2")
    tale.record(concluding(*BOTH), *sorted((RENSWOUDE, f"{RENSWOUDE}:2"), key=key_of), VEENENDAAL)


def notice_too_short(tale: Tale) -> None:
    first = concluded(tale, EDE, *BOTH, notice=10 * DAY)
    tale.record(after(first, parties=BOTH, valid_from=tale.now + 9 * DAY), EDE)


def notice_too_long(tale: Tale) -> None:
    first = concluded(tale, EDE, *BOTH, notice=10 * DAY)
    tale.record(after(first, parties=BOTH, valid_from=tale.now + 377 * DAY), EDE)


def notice_that_changes_more(tale: Tale) -> None:
    first = concluded(tale, EDE, *BOTH, notice=10 * DAY)
    tale.record(after(first, parties=BOTH, dossier="anders", valid_from=tale.now + 11 * DAY), EDE)


def behind_the_back_of_a_former_party(tale: Tale) -> None:
    first = concluded(tale, EDE, *BOTH)
    second = tale.record(after(first, parties=BOTH, valid_from=START + 9 * DAY), *sorted((EDE, *BOTH)))
    tale.record(after(second, valid_from=START + 5 * DAY), *BOTH)


def expelled_and_yet(tale: Tale) -> None:
    tale.at_once(expulsion(UTRECHT))
    concluded(tale, UTRECHT, VEENENDAAL)


def succeeded_and_yet(tale: Tale) -> None:
    tale.later(tale.waiting(succession(RENSWOUDE, VEENENDAAL)), 14)
    tale.record(concluding(RENSWOUDE, EDE), EDE, VEENENDAAL)


def after_its_end(tale: Tale) -> None:
    first = concluded(tale)
    ended = tale.record(after(first, parties=(), dossier=NO_HASH), *BOTH)
    tale.record(after(ended, parties=BOTH, dossier="toch"))


def declined_first(tale: Tale) -> None:
    act = concluding(*BOTH)
    tale.propose(act, RENSWOUDE)
    tale.decline(act, VEENENDAAL)
    tale.record(act)


def declined_by_another(tale: Tale) -> None:
    act = concluding(*BOTH)
    tale.propose(act, RENSWOUDE)
    tale.decline(act, EDE)


def declined_too_late(tale: Tale) -> None:
    act = concluded(tale)
    tale.propose(act, RENSWOUDE)
    tale.decline(act, VEENENDAAL)


def in_anothers_name(tale: Tale) -> None:
    tale.propose(concluding(*BOTH), RENSWOUDE)
    who = {"organisation": EDE, "signatory": key_of(RENSWOUDE), "decision": NO_HASH}
    tale.add(model.Approved, act_hash=hash_act(concluding(*BOTH)), **who)


def dismissed_before(tale: Tale) -> None:
    tale.dismiss(RENSWOUDE)
    tale.appoint(f"{RENSWOUDE}:2")
    concluded(tale)


@pytest.mark.parametrize(
    ("tell", "rules"),
    [
        (lambda tale: [concluded(tale), concluded(tale)], ["recorded-twice"]),
        (lambda tale: tale.record(after(after(concluded(tale)))), ["wrong-predecessor"]),
        (lambda tale: tale.record(replace(concluding(*BOTH), agreement=digest_of("x"))), ["not-concluding"]),
        (lambda tale: tale.record(replace(concluding(*BOTH), parties=LATE), *BOTH), ["parties-not-ascending"]),
        (lambda tale: concluded(tale, EDE), ["too-few-parties"]),
        (lambda tale: tale.record(replace(concluding(*BOTH), dossier=NO_HASH)), ["no-dossier"]),
        (lambda tale: concluded(tale, valid_until=START), ["invalid-period"]),
        (lambda tale: concluded(tale, deadline=START), ["deadline-passed"]),
        (lambda tale: tale.record(concluding(*BOTH), act=concluding(*BOTH, notice=1)), ["act-hash"]),
        (lambda tale: tale.record(concluding(*BOTH), decisions=(NO_HASH,)), ["decisions-mismatch"]),
        (lambda tale: tale.record(concluding(*BOTH), RENSWOUDE), ["approvals-missing"]),
        (lambda tale: tale.record(concluding(*BOTH), RENSWOUDE, "vreemde"), ["no-mandate", "approvals-missing"]),
        (lambda tale: tale.record(concluding(*BOTH), *BOTH, UTRECHT), ["approval-not-required"]),
        (dismissed_before, ["mandate-not-in-force", "approvals-missing"]),
        (too_few_eyes, ["approvals-missing"]),
        (twice_the_same_eye, ["not-ascending"]),
        (one_too_many, ["approvals-missing", "approval-not-required", "approval-not-required"]),
        (notice_too_short, ["approvals-missing"] * 2),
        (notice_too_long, ["approvals-missing"] * 2),
        (notice_that_changes_more, ["approvals-missing"] * 2),
        (behind_the_back_of_a_former_party, ["approvals-missing"]),
        (expelled_and_yet, ["enters-nothing-new"]),
        (succeeded_and_yet, ["enters-nothing-new"]),
        (after_its_end, ["agreement-ended"]),
        (declined_first, ["act-declined"]),
        (declined_by_another, ["approval-not-required"]),
        (declined_too_late, ["declined-after-recorded"]),
        (in_anothers_name, ["mandate-of-another"]),
    ],
)
def test_broken_rules_of_acts_are_named(tell: Callable[[Tale], None], rules: list[str]) -> None:
    tale = Tale()
    tell(tale)
    assert sorted(rule for _, rule in found_in(tale)) == sorted(rules)


# The council


def two_at_a_time(tale: Tale) -> None:
    tale.waiting(recovery(RENSWOUDE, "een"))
    tale.waiting(recovery(RENSWOUDE, "twee"))


def without_anybody_left(tale: Tale) -> None:
    for gone in (EDE, RENSWOUDE):
        tale.at_once(expulsion(gone), *(one for one in VOTERS if one >= gone))
    tale.at_once(expulsion(VEENENDAAL), VEENENDAAL)


def vetoed_and_yet(tale: Tale) -> None:
    motion = tale.waiting(recovery(RENSWOUDE, "nieuw"))
    tale.veto(motion, RENSWOUDE)
    tale.later(motion, 15)


def another_effect(tale: Tale) -> None:
    motion = admission("pv25")
    tale.decide(motion)
    tale._add(model.MotionEnacted, 0, motion_hash=hash_motion(motion), organisation="pv25")
    tale._add(model.MemberAdmitted, 0, member=model.Member("pv25", key_of("dief"), True))


def succeeded_by_nobody(tale: Tale) -> None:
    tale.add(model.MemberSucceeded, organisation=RENSWOUDE, successor=EDE)


def veto_skipped(tale: Tale) -> None:
    tale.at_once(recovery(RENSWOUDE, "nieuw"), EDE, VEENENDAAL)


def vetoed_by_a_stranger(tale: Tale) -> None:
    motion = tale.waiting(recovery(RENSWOUDE, "nieuw"))
    tale.veto(motion, VEENENDAAL)


@pytest.mark.parametrize(
    ("tell", "rules"),
    [
        (lambda tale: tale.at_once(expulsion(UTRECHT), EDE), ["no-majority"]),
        (lambda tale: tale.at_once(admission("pv25"), EDE, RENSWOUDE, UTRECHT), ["not-voting"]),
        (lambda tale: [tale.at_once(expulsion(UTRECHT)) for _ in range(2)], ["decided-twice", "impossible-motion"]),
        (lambda tale: tale.at_once(expulsion(UTRECHT, deadline=START)), ["motion-expired"]),
        (lambda tale: tale.at_once(admission(EDE)), ["impossible-motion"]),
        (lambda tale: tale.at_once(expulsion("pv25")), ["impossible-motion"]),
        (lambda tale: tale.decide(succession(EDE, EDE)), ["impossible-motion"]),
        (lambda tale: tale.decide(succession(EDE, "pv25")), ["impossible-motion"]),
        (lambda tale: tale.decide(recovery(EDE, f"{EDE}:admin")), ["impossible-motion"]),
        (lambda tale: tale.decide(expulsion(UTRECHT, votes=True)), ["impossible-motion"]),
        (lambda tale: tale.decide(expulsion(UTRECHT), effect=1), ["veto-period"]),
        (lambda tale: tale.decide(recovery(EDE, "x"), RENSWOUDE, VEENENDAAL, effect=13 * DAY), ["veto-period"]),
        (lambda tale: tale.later(tale.waiting(recovery(RENSWOUDE, "x")), 13.9), ["veto-period"]),
        (lambda tale: tale.later(tale.waiting(recovery(RENSWOUDE, "x")), 42), ["motion-lapsed"]),
        (veto_skipped, ["veto-period", "veto-skipped"]),
        (two_at_a_time, ["another-pending"]),
        (without_anybody_left, ["no-voters"]),
        (vetoed_and_yet, ["enacted-twice", "not-pending"]),
        (vetoed_by_a_stranger, ["not-concerned"]),
        (another_effect, ["another-effect"]),
        (lambda tale: tale._enact(expulsion(UTRECHT)), ["not-decided"]),
        (lambda tale: tale.add(model.MemberExpelled, organisation=UTRECHT), ["no-motion"]),
        (succeeded_by_nobody, ["no-motion"]),
        (lambda tale: tale.veto(expulsion(UTRECHT), UTRECHT), ["not-pending"]),
    ],
)
def test_broken_rules_of_the_council_are_named(tell: Callable[[Tale], None], rules: list[str]) -> None:
    tale = Tale()
    tell(tale)
    assert sorted(rule for _, rule in found_in(tale)) == sorted(rules)


# Organisations and reports


def too_many(tale: Tale) -> None:
    for number in range(64):
        tale.appoint(f"{EDE}:{number}")


def not_the_latest(tale: Tale) -> None:
    act = concluded(tale)
    first = reporting(act, RENSWOUDE)
    tale.report(first, RENSWOUDE)
    tale.report(reporting(act, RENSWOUDE, Stage.BLOCKED, previous=_hash(first)), RENSWOUDE)
    tale.confirm(first, VEENENDAAL, VEENENDAAL)


def confirmed(tale: Tale, *organisations: str) -> None:
    report = reporting(concluded(tale), RENSWOUDE)
    tale.report(report, RENSWOUDE)
    for one in organisations:
        tale.confirm(report, one, one)


def reported_after_the_end(tale: Tale) -> None:
    act = concluded(tale, valid_until=START + DAY)
    tale.now += 2 * DAY
    tale.report(reporting(act, RENSWOUDE), RENSWOUDE)


@pytest.mark.parametrize(
    ("tell", "check", "rules"),
    [
        (lambda tale: tale.appoint(EDE, valid_until=START), Check.ADMINISTRATION, ["invalid-mandate"]),
        (lambda tale: tale.appoint(EDE, together=0), Check.ADMINISTRATION, ["invalid-mandate"]),
        (lambda tale: tale.appoint(EDE, organisation=RENSWOUDE), Check.ADMINISTRATION, ["mandated-elsewhere"]),
        (lambda tale: tale.appoint("pv25"), Check.ADMINISTRATION, ["no-administrator"]),
        (lambda tale: [tale.dismiss(EDE), tale.dismiss(EDE)], Check.ADMINISTRATION, ["not-signatory"]),
        (lambda tale: tale.replace_administrator(EDE, "dief"), Check.ADMINISTRATION, ["not-nominated"]),
        (lambda tale: tale.announce(EDE, b"x" * 256), Check.ADMINISTRATION, ["service-too-long"]),
        (too_many, Check.ADMINISTRATION, ["too-many-signatories"]),
        (lambda tale: confirmed(tale, VEENENDAAL, VEENENDAAL), Check.REPORTS, ["confirmed-twice"]),
        (lambda tale: confirmed(tale, RENSWOUDE), Check.REPORTS, ["own-report"]),
        (lambda tale: confirmed(tale, EDE), Check.REPORTS, ["not-party"]),
        (
            lambda tale: tale.confirm(reporting(concluded(tale), RENSWOUDE), VEENENDAAL, VEENENDAAL),
            Check.REPORTS,
            ["no-report"],
        ),
        (not_the_latest, Check.REPORTS, ["wrong-report"]),
        (lambda tale: tale.report(reporting(concluded(tale), EDE), EDE), Check.REPORTS, ["not-party"]),
        (reported_after_the_end, Check.REPORTS, ["not-party"]),
        (
            lambda tale: tale.report(reporting(concluded(tale), RENSWOUDE), VEENENDAAL),
            Check.MANDATES,
            ["mandate-of-another"],
        ),
        (
            lambda tale: tale.report(reporting(concluded(tale), RENSWOUDE, previous=digest_of("x")), RENSWOUDE),
            Check.REPORTS,
            ["wrong-report"],
        ),
    ],
)
def test_broken_rules_of_organisations_and_reports_are_named(
    tell: Callable[[Tale], None], check: Check, rules: list[str]
) -> None:
    tale = Tale()
    tell(tale)
    assert found_in(tale) == [(check, one) for one in rules]


def test_a_register_begins_with_its_founding() -> None:
    story = Story()
    story.appoint(EDE)
    findings = Findings()
    bench = Bench(findings, Digests(31337, NOBODY), Recoveries(1))
    replay(bench, [Group(tuple(events_of(story.events)), None)])
    assert [one.rule for one in findings.deviations] == ["no-founding", "no-administrator"]
