"""A register of many years and many organisations, as events: what an index could hold one day.

Sizes and shares are assumptions, written down here: two in five acts conclude an agreement, the others change one; a
third is proposed on chain first; some work back, some begin later; four in ten have a last day. Of half of the acts the
dossier is at hand. Everything follows from the seed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from registry import model
from registry.dossier import Commitment, Kind, Manifest
from registry.model import NO_HASH, Act, Event, Mandate, Place, Report, Stage
from registry.statements import commitment_id

DAY = 86_400
BEGIN = 1_577_833_200
"""The first of January 2020 in the Netherlands."""
YEARS = 10
EVENTS_IN_A_BLOCK = 4
BATCH = 5_000

ORGANISATIONS = tuple(f"gm{number:04}" for number in range(101, 201)) + tuple(f"pv{number}" for number in range(20, 32))


def _cut(text: str) -> list[str]:
    return text.split()


_SUBJECTS = _cut(
    """
    fietsroutes jeugdhulp afval bibliotheek brandweer belasting archief wonen energie water bodem natuur verkeer
    parken sport cultuur onderwijs inkoop personeel ict toezicht handhaving vergunningen schulden werk inkomen
    zorg opvang inburgering toerisme landbouw voedsel innovatie mobiliteit parkeren riolering groen
    speelplaatsen begraven erfgoed
    """
)
_PLACES = _cut(
    """
    noord oost zuid west midden vallei veluwe heuvelrug stad dorp regio keten rand kern
    """
)
_FORMS = ("Convenant", "Samenwerking", "Regeling", "Dienstverlening", "Afspraken", "Uitvoering")


@dataclass(slots=True)
class _Living:
    """An agreement that has not ended: its identity, its latest act and that act's hash."""

    id: bytes
    head: Act
    head_hash: bytes


@dataclass
class Register:
    """What a register recorded; ``acts`` of its events are recorded acts."""

    acts: int
    seed: int = 1
    now: int = BEGIN
    agreements: list[bytes] = field(default_factory=list)
    act_hashes: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._block = 1
        self._log = 0
        self._count = 0
        self._living: list[_Living] = []
        self._reports: list[tuple[Report, bytes]] = []
        self._step = max(1, YEARS * 365 * DAY // max(1, self.acts * 2))
        weights = [1 / (1 + place) ** 0.6 for place in range(len(ORGANISATIONS))]
        self._shares = [sum(weights[: place + 1]) for place in range(len(weights))]

    def parts(self) -> Iterator[list[Event]]:
        """Everything, in order, in parts that an index takes in one transaction each; no block is in two of them."""
        part: list[Event] = []
        for event in self._events():
            if len(part) >= BATCH and event.place.block != part[-1].place.block:
                yield part
                part = []
            part.append(event)
        yield part

    def _events(self) -> Iterator[Event]:
        for one in ORGANISATIONS:
            member = model.Member(one, key_of(one, 0), one.startswith("gm"))
            yield self._made(model.MemberAdmitted, member=member)
            for number in (1, 2, 3):
                mandate = Mandate(key_of(one, number), one, BEGIN - DAY)
                yield self._made(model.SignatoryAppointed, mandate=mandate)
        recorded = 0
        while recorded < self.acts:
            choice = self._random.random()
            if choice < 0.85:
                yield from self._act()
                recorded += 1
            elif choice < 0.91:
                yield from self._proposal()
            elif self._living:
                yield from self._report()

    def _act(self) -> Iterator[Event]:
        living = self._chosen() if self._random.random() < 0.6 else None
        act = self._next(living) if living else self._new()
        act_hash = self._hash("act")
        bound = set(act.parties) | set(living.head.parties if living else ())
        keys = tuple(key_of(one, self._random.randrange(1, 4)) for one in sorted(bound))
        if self._random.random() < 0.33:
            yield from self._put_forward(act, act_hash, sorted(bound))
        agreement = living.id if living else act_hash
        yield self._made(
            model.Recorded, agreement=agreement, act_hash=act_hash, act=act, signatories=keys, decisions=()
        )
        self.act_hashes.append(act_hash)
        if living is None:
            self.agreements.append(agreement)
            self._living.append(_Living(agreement, act, act_hash))
        elif act.ends:
            self._forget(living)
        else:
            living.head, living.head_hash = act, act_hash

    def _proposal(self) -> Iterator[Event]:
        """One that is not recorded: declined, or still open."""
        living = self._chosen() if self._random.random() < 0.4 else None
        act = self._next(living) if living else self._new()
        act_hash = self._hash("act")
        if self._random.random() < 0.5:
            act = Act(**{**_values(act), "deadline": self.now + self._random.randrange(20, 200) * DAY})
        bound = sorted(set(act.parties) | set(living.head.parties if living else ()))
        yield from self._put_forward(act, act_hash, bound[: len(bound) // 2 + 1])
        if self._random.random() < 0.7:
            who = self._random.choice(bound)
            values = {"organisation": who, "signatory": key_of(who, 1), "reason": NO_HASH}
            yield self._made(model.Declined, act_hash=act_hash, **values)

    def _put_forward(self, act: Act, act_hash: bytes, organisations: list[str]) -> Iterator[Event]:
        first = key_of(organisations[0], 1)
        yield self._made(model.Proposed, act_hash=act_hash, act=act, signatory=first)
        for one in organisations:
            values = {"organisation": one, "signatory": key_of(one, 1), "decision": NO_HASH}
            yield self._made(model.Approved, act_hash=act_hash, **values)

    def _report(self) -> Iterator[Event]:
        living = self._chosen()
        if living is None or not living.head.parties:
            return
        label = self._random.choice(("T1", "T2"))
        who = self._random.choice(living.head.parties)
        report = Report(living.id, commitment_id(living.id, label), who, self._random.choice(list(Stage)))
        report_hash = self._hash("report")
        yield self._made(model.ProgressReported, report_hash=report_hash, report=report, signatory=key_of(who, 1))
        other = next((one for one in living.head.parties if one != who), None)
        if other and self._random.random() < 0.5:
            who_ = {"organisation": other, "signatory": key_of(other, 1)}
            yield self._made(model.ProgressConfirmed, report_hash=report_hash, **who_)

    def _new(self) -> Act:
        parties: set[str] = set()
        while len(parties) < self._random.choice((2, 2, 2, 3, 4, 8)):
            parties.add(self._organisation())
        if len(parties) < 2:
            parties |= set(ORGANISATIONS[:2])
        return Act(self._dossier(), tuple(sorted(parties)), *self._period(), notice=30 * DAY)

    def _next(self, living: _Living) -> Act:
        parties = set(living.head.parties)
        choice = self._random.random()
        if choice < 0.10:
            parties.add(self._organisation())
        elif choice < 0.18 and len(parties) > 2:
            parties.remove(self._random.choice(living.head.parties))
        elif choice < 0.24:
            parties = set()
        names = (living.id, living.head_hash)
        return Act(self._dossier(), tuple(sorted(parties)), *self._period(), 30 * DAY, 0, *names)

    def _period(self) -> tuple[int, int]:
        choice = self._random.random()
        ahead = -self._random.randrange(400) if choice < 0.1 else self._random.randrange(400 if choice > 0.9 else 30)
        since = (self.now // DAY + ahead) * DAY
        return since, since + self._random.randrange(1, 5) * 365 * DAY if self._random.random() < 0.4 else 0

    def _chosen(self) -> _Living | None:
        """Mostly one of the recent agreements, which change more than old ones."""
        if not self._living:
            return None
        recent = int(self._random.expovariate(1 / 5000)) if self._random.random() < 0.7 else 0
        place = len(self._living) - 1 - recent if recent else self._random.randrange(len(self._living))
        return self._living[max(place, 0)]

    def _forget(self, living: _Living) -> None:
        place = self._random.randrange(len(self._living))
        # Whatever stands there first takes the place of the one that ended, which is looked for near the end.
        for back in range(len(self._living) - 1, -1, -1):
            if self._living[back] is living:
                place = back
                break
        self._living.pop(place)

    def _organisation(self) -> str:
        return self._random.choices(ORGANISATIONS, cum_weights=self._shares)[0]

    def _dossier(self) -> bytes:
        """A root; its last byte says whether the dossier is at hand."""
        return self._hash("dossier")

    def _hash(self, what: str) -> bytes:
        self._count += 1
        return sha256(f"{what} {self.seed} {self._count}".encode()).digest()

    def _made(self, kind: Any, **values: Any) -> Event:
        if self._log >= EVENTS_IN_A_BLOCK:
            self._block += 1
            self._log = 0
            self.now += self._random.randrange(1, 2 * self._step * EVENTS_IN_A_BLOCK // 2 + 2)
        word = f"{self.seed} {self._block}".encode()
        transaction = sha256(b"transaction %d " % self._log + word).digest()
        place = Place(self._block, self._log, transaction, sha256(b"block " + word).digest(), self.now)
        self._log += 1
        made: Event = kind(place=place, **values)
        return made


def key_of(organisation: str, number: int) -> str:
    """The address of an organisation's key."""
    return "0x" + sha256(f"{organisation} {number}".encode()).hexdigest()[:40]


def _values(act: Act) -> dict[str, Any]:
    return {name: getattr(act, name) for name in Act.__dataclass_fields__}


def manifest_of(root: bytes) -> Manifest | None:
    """What the dossier with this root says, of every second one; made up from the root, and not checked again."""
    if root[-1] % 2:
        return None
    chance = random.Random(root)
    subject, other = chance.choice(_SUBJECTS), chance.choice(_SUBJECTS)
    title = f"{chance.choice(_FORMS)} {subject} {chance.choice(_PLACES)} {chance.randrange(2000)}"
    promised = tuple(
        Commitment.model_construct(
            id=label,
            organisation=ORGANISATIONS[int(len(ORGANISATIONS) * chance.random() ** 2)],
            text=f"De partij regelt {other}.",
            due=(datetime(2020, 6, 1, tzinfo=UTC) + timedelta(days=chance.randrange(4000))).date(),
        )
        for label in ("T1", "T2")
        if chance.random() < 0.2
    )
    return Manifest.model_construct(  # type: ignore[call-arg]
        title=title,
        summary=f"De partijen werken samen aan {subject} en {other}.",
        kind=chance.choice(list(Kind)),
        policy_area=subject,
        commitments=promised,
    )
