"""Random histories of a register, written down as events: everything that can happen, in an order in which it can."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import groupby

from ledgers import DAY, START, Story, admission, after, concluding, expulsion, key_of, recovery, reporting, succession

from registry.fingerprint import fold
from registry.index import AsOf, Batch, Header
from registry.model import NO_HASH, Act, Event, Stage
from registry.statements import hash_act

ORGANISATIONS = ("gm0203", "gm0228", "gm0267", "gm0279", "gm0339", "gm0345", "pv26")
NOBODYS = ("gm0001", "ws0636")


@dataclass
class History:
    """A story that goes on by itself, decided by a seed."""

    seed: int
    story: Story = field(default_factory=Story)
    _proposed: list[Act] = field(default_factory=list)
    _declined: set[bytes] = field(default_factory=set)
    _made: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.story.admit(*ORGANISATIONS)
        for one in ORGANISATIONS:
            self.story.appoint(one)
            self.story.appoint(f"{one}:2", together=2)

    def go_on(self, steps: int) -> Story:
        """So many things more happen."""
        choices = [self._conclude, self._follow, self._propose, self._approve, self._decline, self._report]
        weights = [6, 8, 4, 3, 1, 2]
        for _ in range(steps):
            if self.random.random() < 0.08:
                self._council()
            else:
                self.random.choices(choices, weights)[0]()
        return self.story

    def _signed(self, act: Act, before: Act | None) -> list[str]:
        """Each organisation that must approve by its first key, or by two."""
        names = sorted(set(act.parties) | set(before.parties if before else ()))
        roles: list[str] = []
        for one in names:
            roles += [one] if self.random.random() < 0.8 else sorted((one, f"{one}:2"), key=key_of)
        return roles

    def _new(self) -> Act:
        self._made += 1
        parties = self.random.sample(ORGANISATIONS, self.random.randint(2, 5))
        since = START + self.random.randint(-40, 40) * DAY
        ends = self.random.random() < 0.3
        until = since + self.random.randint(1, 60) * DAY if ends else 0
        notice = self.random.choice((0, 0, 30 * DAY))
        return concluding(*parties, since=since, dossier=f"dossier {self._made}", valid_until=until, notice=notice)

    def _next(self, head: Act) -> Act:
        self._made += 1
        kind = self.random.random()
        since = self.random.choice((head.valid_from, START + self.random.randint(-60, 60) * DAY))
        parties = head.parties
        if kind < 0.15:
            parties = ()
        elif kind < 0.3:
            parties = tuple(sorted({*parties, self.random.choice(ORGANISATIONS)}))
        elif kind < 0.45:
            parties = tuple(self.random.sample(parties, len(parties) - 1))
        until = since + self.random.randint(1, 90) * DAY if self.random.random() < 0.3 else 0
        terms = {"parties": tuple(sorted(parties)), "valid_from": since, "valid_until": until}
        return after(head, dossier=f"dossier {self._made}", **terms)

    def _conclude(self) -> None:
        act = self._new()
        self.story.record(act, *self._signed(act, None))

    def _heads(self) -> list[Act]:
        agreements = self.story.ledger.agreements.values()
        return [one.head.act for one in agreements if not one.head.act.ends]

    def _follow(self) -> None:
        heads = self._heads()
        if not heads:
            return
        head = self.random.choice(heads)
        act = self._next(head)
        if hash_act(act) not in self._declined:
            self.story.record(act, *self._signed(act, head))

    def _propose(self) -> None:
        heads = self._heads()
        kind = self.random.random()
        if kind < 0.4 or not heads:
            act = self._new()
        elif kind < 0.8:
            act = self._next(self.random.choice(heads))
        elif kind < 0.9 and self._proposed:
            act = self._next(self.random.choice(self._proposed))  # on what is only proposed itself
        else:
            act = concluding(self.random.choice(NOBODYS), dossier=str(self._made))
        self.story.propose(act, self.random.choice(ORGANISATIONS))
        self._proposed.append(act)

    def _approve(self) -> None:
        act = self.random.choice(self._proposed) if self._proposed else self._new()
        self.story.approve(act, self.random.choice(ORGANISATIONS))
        possible = self.story.ledger.open_proposals(self.story.now)
        if possible and self.random.random() < 0.6:
            chosen = self.random.choice(possible).act
            agreement = self.story.ledger.agreements.get(chosen.agreement)
            head = agreement.head.act if agreement else None
            self.story.record(chosen, *self._signed(chosen, head))

    def _decline(self) -> None:
        open_ones = self.story.ledger.open_proposals(self.story.now)
        act = self.random.choice(open_ones).act if open_ones and self.random.random() < 0.8 else self._new()
        if hash_act(act) not in self._declined:
            self._declined.add(hash_act(act))
            self.story.decline(act, self.random.choice(ORGANISATIONS))

    def _report(self) -> None:
        heads = [one.acts[0].act for one in self.story.ledger.agreements.values()]
        if not heads:
            return
        first = self.random.choice(heads)
        who, label = self.random.choice(first.parties), self.random.choice(("T1", "T2"))
        mine = reporting(first, who, self.random.choice(list(Stage)), label)
        before = self.story.ledger.reports.latest_hash(mine.agreement, mine.commitment, who)
        mine = reporting(first, who, mine.stage, label, previous=before)
        self.story.report(mine, who)
        if self.random.random() < 0.5:
            self.story.confirm(mine, self.random.choice([one for one in ORGANISATIONS if one != who]), who)

    def _council(self) -> None:
        what = self.random.randrange(9)
        one = self.random.choice(ORGANISATIONS)
        self._made += 1
        deadline = {"deadline": START + 900 * DAY + self._made}
        membership = self.story.ledger.membership
        waits = membership.pending.get(one)
        match what:
            case 0:
                self.story.appoint(f"{one}:2", together=self.random.randint(1, 3))
            case 1:
                self.story.dismiss(f"{one}:2")
            case 2:
                self.story.announce(one, f"https://{self._made}.example".encode() + b"\0\xff")
            case 3:
                self.story.nominate(one, f"{one}:admin{self._made}")
            case 4 if waits is None:
                self.story.decide(recovery(one, f"{one}:admin{self._made}", **deadline), one)
            case 5 if waits is not None:
                self.story.veto(membership.motions[waits].motion, f"{one}:admin")
            case 5:
                self.story.move(recovery(one, f"{one}:other{self._made}", **deadline), one)
            case 6 if waits is not None:
                decided = membership.motions[waits].decided
                assert decided is not None
                if self.story.now < decided.effect_from + 20 * DAY:
                    self.story.enact(membership.motions[waits].motion)
            case 7 if waits is not None:
                self.story.decide(recovery(one, f"{one}:third{self._made}", **deadline), one, consents=True)
            case 8:
                guest = f"ws{self._made:04}"
                self.story.decide(admission(guest, votes=False, **deadline), one)
                self.story.appoint(guest)
                if self.random.random() < 0.5:
                    self.story.decide(expulsion(guest, **deadline), one)
                else:
                    self.story.decide(succession(guest, one, **deadline), one, consents=True)


def batches(events: list[Event], *, largest: int, seed: int = 0, before: bytes = NO_HASH) -> list[Batch]:
    """The events cut at blocks into batches of at most so many blocks, of random sizes.

    ``before`` is the fingerprint of what came before them.
    """
    chance = random.Random(seed)
    by_block = [list(mine) for _, mine in groupby(events, key=lambda one: one.place.block)]
    made: list[Batch] = []
    done = 0
    while done < len(by_block):
        part = by_block[done : done + chance.randint(1, largest)]
        done += len(part)
        places = [mine[0].place for mine in part]
        headers = [Header(one.block, one.block_hash, one.timestamp) for one in places]
        last = headers[-1]
        flat = [event for mine in part for event in mine]
        for event in flat:
            before = fold(before, event)
        made.append(Batch(flat, headers, AsOf(last.number, last.hash, last.time, before)))
    return made
