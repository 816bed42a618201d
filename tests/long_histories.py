"""Random histories of a register, as it could have emitted them: long, and with everything that makes queries hard.

Acts that work back or begin later, several in one block, blocks of the same second, proposals that are declined,
overtaken, late or ahead of what they follow, successions, dismissals, new mandates for old keys.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ledgers import DAY, START, digest_of, key_of

from registry import model
from registry.model import NO_HASH, Act, Action, Event, Mandate, Motion, Place, Report, Stage
from registry.statements import commitment_id, hash_act, hash_motion, hash_report
from registry.timeline import required

ORGANISATIONS = ("gm0203", "gm0228", "gm0267", "gm0279", "gm0289", "gm0339", "gm0340", "gm0345", "pv25", "pv26")


@dataclass
class History:
    """A register that grows step by step; ``dossiers`` are the roots that acts may name."""

    seed: int
    dossiers: Sequence[bytes] = ()
    events: list[Event] = field(default_factory=list)
    now: int = START
    block: int = 1
    agreements: dict[bytes, list[Act]] = field(default_factory=dict)
    waiting: list[Act] = field(default_factory=list)
    reports: dict[tuple[bytes, bytes, str], Report] = field(default_factory=dict)
    heirs: dict[str, str] = field(default_factory=dict)
    mandates: dict[str, Mandate] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self._log = 0
        self._count = 0
        for one in ORGANISATIONS:
            self._add(model.MemberAdmitted, member=model.Member(one, key_of(f"{one}:admin"), one.startswith("gm")))
        for one in ORGANISATIONS:
            self._appoint(one, 1, 1)
            self._appoint(one, 2, 2)
            self._appoint(one, 3, 2)

    def grow(self, steps: int) -> History:
        for _ in range(steps):
            self._pass()
            does = self.random.choices(
                [
                    *(self._conclude, self._follow, self._propose, self._approve, self._record_waiting),
                    *(self._decline, self._report, self._confirm, self._change_mandate, self._succeed),
                    self._announce,
                ],
                [14, 26, 24, 12, 4, 1.5, 6, 3, 4, 0.4, 0.5],
            )[0]
            does()
        return self

    @property
    def end(self) -> int:
        return self.events[-1].place.timestamp

    # Steps

    def _conclude(self) -> None:
        self._record(self._new_act())

    def _follow(self) -> None:
        agreement = self._living()
        if agreement is not None:
            self._record(self._next_act(agreement))

    def _propose(self) -> None:
        agreement = self._living(evenly=True) if self.random.random() < 0.6 else None
        act = self._next_act(agreement) if agreement else self._new_act()
        if self.random.random() < 0.3:
            act = replace(act, deadline=self.now + self.random.randrange(1, 60) * DAY)
        if self.random.random() < 0.1 and agreement:
            # Ahead of what it follows: another proposal for the same agreement, not recorded yet.
            earlier = [one for one in self.waiting if one.agreement == agreement[0]]
            act = replace(act, previous=hash_act(earlier[-1])) if earlier else act
        who = self._key(self.random.choice(act.parties or ORGANISATIONS))
        self._add(model.Proposed, act_hash=hash_act(act), act=act, signatory=who)
        self._approved(act, who)
        self.waiting.append(act)

    def _approve(self) -> None:
        if self.waiting:
            act = self.random.choice(self.waiting)
            if act.parties:
                self._approved(act, self._key(self.random.choice(act.parties), self.random.randrange(1, 4)))

    def _record_waiting(self) -> None:
        able = [one for one in self.waiting if self._can_record(one)]
        if able:
            self._record(self.random.choice(able))

    def _decline(self) -> None:
        able = [one for one in self.waiting if self._can_record(one) and one.parties]
        if able:
            act = self.random.choice(able)
            self.waiting.remove(act)
            who = self._heir(self.random.choice(act.parties))
            values = {"organisation": who, "signatory": self._key(who), "reason": NO_HASH}
            self._add(model.Declined, act_hash=hash_act(act), **values)

    def _report(self) -> None:
        found = self._living()
        if found is None:
            return
        agreement, acts = found
        label = self.random.choice(["T1", "T2", "T3", "T9"])
        key = (agreement, commitment_id(agreement, label), self.random.choice(acts[-1].parties))
        before = self.reports.get(key)
        previous = hash_report(before) if before else NO_HASH
        report = Report(*key, self.random.choice(list(Stage)), NO_HASH, previous)
        self.reports[key] = report
        self._add(model.ProgressReported, report_hash=hash_report(report), report=report, signatory=self._key(key[2]))

    def _confirm(self) -> None:
        if self.reports:
            report = self.random.choice(list(self.reports.values()))
            others = [one for one in ORGANISATIONS if self._heir(one) != self._heir(report.organisation)]
            who = self.random.choice(others)
            done = (hash_report(report), who)
            if not any(
                isinstance(one, model.ProgressConfirmed) and (one.report_hash, one.organisation) == done
                for one in self.events
            ):
                values = {"organisation": who, "signatory": self._key(who)}
                self._add(model.ProgressConfirmed, report_hash=hash_report(report), **values)

    def _change_mandate(self) -> None:
        organisation = self._heir(self.random.choice(ORGANISATIONS))
        number = self.random.randrange(2, 5)
        key = key_of(f"{organisation}:{number}")
        if self.random.random() < 0.4 and key in self.mandates:
            self._add(model.SignatoryDismissed, organisation=organisation, signatory=key, decision=NO_HASH)
            self.mandates.pop(key)
        else:
            since = self.now + self.random.randrange(-30, 30) * DAY
            until = self.random.choice([0, since + self.random.randrange(1, 90) * DAY])
            self._appoint(organisation, number, self.random.choice([1, 2, 2]), since, until)

    def _succeed(self) -> None:
        free = [one for one in ORGANISATIONS if one not in self.heirs]
        if len(free) < 6:
            return
        gone, heir = self.random.sample(free, 2)
        motion = Motion(Action.SUCCEED, gone, self.now + 90 * DAY, successor=heir)
        names = {"motion_hash": hash_motion(motion)}
        keys = tuple(key_of(f"{one}:1") for one in (heir, self.random.choice([one for one in free if one != heir])))
        self._add(model.MotionDecided, **names, motion=motion, signatories=keys, decisions=(), effect_from=self.now)
        self._add(model.MotionEnacted, 0, **names, organisation=gone)
        self._add(model.MemberSucceeded, 0, organisation=gone, successor=heir)
        self.heirs[gone] = heir

    def _announce(self) -> None:
        who = self._heir(self.random.choice(ORGANISATIONS))
        self._add(model.ServiceAnnounced, organisation=who, service=b"https://voorbeeld.example")

    # What they are made of

    def _new_act(self) -> Act:
        parties = tuple(sorted(self.random.sample(ORGANISATIONS, self.random.choice([2, 2, 2, 3, 4]))))
        self._count += 1
        return self._timed(Act(dossier=self._dossier(), parties=parties, valid_from=0, notice=self._count))

    def _next_act(self, found: tuple[bytes, list[Act]]) -> Act:
        agreement, acts = found
        self._count += 1
        head = acts[-1]
        parties = set(head.parties)
        does = self.random.choices(["amend", "accede", "leave", "end"], [60, 15, 15, 6])[0]
        if does == "accede":
            parties.add(self.random.choice(ORGANISATIONS))
        elif does == "leave":
            parties.remove(self.random.choice(head.parties))
        elif does == "end":
            parties = set()
        dossier = self._dossier() if parties or self.random.random() < 0.5 else NO_HASH
        names = {"agreement": agreement, "previous": hash_act(head), "notice": self._count}
        act = Act(dossier=dossier, parties=tuple(sorted(parties)), valid_from=0, **names)  # type: ignore[arg-type]
        if self.random.random() < 0.1:
            return replace(self._timed(act), valid_from=head.valid_from, valid_until=0)
        return self._timed(act)

    def _timed(self, act: Act) -> Act:
        since = self.now + self.random.randrange(-200, 200) * DAY // 2
        until = since + self.random.randrange(1, 400) * DAY if self.random.random() < 0.4 else 0
        return replace(act, valid_from=max(since, 0) if self.random.random() > 0.01 else 0, valid_until=until)

    def _dossier(self) -> bytes:
        if self.dossiers and self.random.random() < 0.7:
            return self.random.choice(self.dossiers)
        return digest_of(f"dossier {self.random.randrange(40)}")

    def _living(self, *, evenly: bool = False) -> tuple[bytes, list[Act]] | None:
        """An agreement that has not ended; the first few more often, so that they grow long, unless ``evenly``."""
        living = [(key, acts) for key, acts in self.agreements.items() if not acts[-1].ends]
        few = len(living) if evenly else self.random.choice([3, len(living)])
        return self.random.choice(living[:few]) if living else None

    def _can_record(self, act: Act) -> bool:
        if act.deadline and act.deadline < self.now:
            return False
        if act.concludes:
            return len(act.parties) > 1 and hash_act(act) not in self.agreements
        acts = self.agreements.get(act.agreement)
        return acts is not None and hash_act(acts[-1]) == act.previous and not acts[-1].ends

    def _record(self, act: Act) -> None:
        if not self._can_record(act):
            return
        agreement = hash_act(act) if act.concludes else act.agreement
        history = []
        for one in reversed(self.agreements.get(agreement, [])):
            history.append(one)
            if one.valid_from <= act.valid_from:
                break
        self._pass_within_block()
        needed = required(act, history, self.now)
        keys = []
        for one in needed:
            heir = self._heir(one)
            able = key_of(f"{heir}:2") in self.mandates and key_of(f"{heir}:3") in self.mandates
            both = able and self.random.random() < 0.2
            two = [self.mandates[key_of(f"{heir}:{number}")] for number in (2, 3)] if both else []
            both = both and all(mandate.together == 2 and mandate.in_force_at(self.now) for mandate in two)
            chosen = [mandate.signatory for mandate in two] if both else [key_of(f"{heir}:1")]
            keys += sorted(chosen, key=lambda key: int(key, 16))
        cites = self.random.random() < 0.3
        self._add(
            model.Recorded,
            agreement=agreement,
            act_hash=hash_act(act),
            act=act,
            signatories=tuple(keys),
            decisions=tuple(digest_of(f"besluit {key}") for key in keys) if cites else (),
        )
        self.agreements.setdefault(agreement, []).append(act)
        if act in self.waiting:
            self.waiting.remove(act)

    def _approved(self, act: Act, key: str) -> None:
        mandate = self.mandates.get(key)
        if mandate is None or not mandate.in_force_at(self.now):
            return
        values = {"organisation": mandate.organisation, "signatory": key, "decision": NO_HASH}
        self._add(model.Approved, act_hash=hash_act(act), **values)

    def _heir(self, organisation: str) -> str:
        while organisation in self.heirs:
            organisation = self.heirs[organisation]
        return organisation

    def _key(self, organisation: str, number: int = 1) -> str:
        return key_of(f"{self._heir(organisation)}:{number}")

    def _appoint(self, organisation: str, number: int, together: int, since: int = START - DAY, until: int = 0) -> None:
        mandate = Mandate(key_of(f"{organisation}:{number}"), organisation, since, until, together)
        self._add(model.SignatoryAppointed, mandate=mandate)
        self.mandates[mandate.signatory] = mandate

    def _pass(self) -> None:
        """A new block, mostly; now and then of the same second, now and then weeks later."""
        if self.random.random() < 0.15:
            return
        self.block += self.random.choice([1, 1, 1, 2, 7])
        self._log = 0
        self.now += self.random.choice([0, 1, 12, 3600, DAY, 3 * DAY])

    def _pass_within_block(self) -> None:
        self._log += self.random.randrange(2)

    def _add(self, kind: Any, _: int = 1, **values: Any) -> None:
        transaction = digest_of(f"transaction {self.block} {self._log}")
        place = Place(self.block, self._log, transaction, digest_of(f"block {self.block} {self.seed}"), self.now)
        self._log += 1
        self.events.append(kind(place=place, **values))


def moments(history: History, count: int) -> list[tuple[int, int]]:
    """Pairs of a day and a moment of knowledge to ask about; edges of acts and blocks among them."""
    chosen = random.Random(history.seed + 1)
    known = [one.place.timestamp for one in history.events]
    acts = [one.act for one in history.events if isinstance(one, model.Recorded)]
    edges = [moment for act in acts for moment in (act.valid_from, act.valid_until) if moment]
    pairs = []
    for _ in range(count):
        valid_on = chosen.choice([chosen.choice(edges or [START]), chosen.choice(known), 0, history.end])
        known_at = chosen.choice([chosen.choice(known), history.end, history.end, START - DAY])
        pairs.append((max(valid_on + chosen.choice([-1, 0, 1]), 0), known_at + chosen.choice([-1, 0])))
    return pairs
