"""The shapes of question that are measured, each with random arguments."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.queries.generate import BEGIN, ORGANISATIONS, Register, key_of, manifest_of
from registry.dossier import Kind
from registry.index.answers import Filters
from registry.index.paging import Mark, written
from registry.index.queries import Asked, Queries
from registry.index.queries_commitments import Wanted
from registry.index.words import words
from registry.model import Status, Verb

PAGE = 50
DAY = 86_400


@dataclass
class Arguments:
    """What questions about a register can name."""

    register: Register
    chance: random.Random

    @property
    def now(self) -> int:
        """The time of the last block, unix seconds."""
        return self.register.now

    def asked(self, *, then: bool = False) -> Asked:
        """A question about now, or about a random day as known on another."""
        if not then:
            return Asked(self.now, limit=PAGE)
        return Asked(self.now, self._moment(), self._moment(), PAGE)

    def halfway(self, queries: Queries, filters: Filters) -> Asked:
        """A page somewhere in the middle of a listing."""
        at = queries.at(Asked(self.now))
        number = self.chance.randrange(len(self.register.agreements))
        mark = Mark(at.valid_on, at.known_at, at.block, at.block_time, at.last_hash[:8], (number,))
        return Asked(self.now, limit=PAGE, after=written("agreements", filters.to_json(), mark))

    def organisation(self) -> str:
        """One that takes part, large or small."""
        return self.chance.choice(ORGANISATIONS)

    def key(self) -> str:
        """A key of one."""
        return key_of(self.organisation(), self.chance.randrange(1, 4))

    def agreement(self) -> bytes:
        """One that was concluded some time."""
        return self.chance.choice(self.register.agreements)

    def words(self, count: int) -> tuple[str, ...]:
        """Words that stand together in some title."""
        while True:
            manifest = manifest_of(self.chance.randbytes(32))
            if manifest is not None:
                found = words(manifest.title)
                return tuple(sorted(self.chance.sample(found, min(count, len(found)))))

    def _moment(self) -> int:
        return self.chance.randrange(BEGIN, self.now + 400 * DAY) if self.chance.random() < 0.9 else self.now


Question = Callable[[Queries, Arguments], object]


def _list(**told: Callable[[Arguments], object]) -> Question:
    """A page of agreements, at the beginning or halfway, now or then."""

    def ask(queries: Queries, given: Arguments) -> object:
        filters = Filters(**{name: make(given) for name, make in told.items()})  # type: ignore[arg-type]
        choice = given.chance.random()
        asked = given.halfway(queries, filters) if choice < 0.4 else given.asked(then=choice > 0.7)
        return queries.agreements(asked, filters)

    return ask


def _show(queries: Queries, given: Arguments) -> object:
    at = queries.at(given.asked(then=True))
    act = given.chance.choice(given.register.act_hashes)
    found = queries.named(at, act.hex()[:12])
    if not found.acts:
        return None
    agreement = next(iter(found.acts.values()))
    return queries.agreement(at, agreement), queries.standing(at, agreement)


def _signatory(queries: Queries, given: Arguments) -> object:
    asked, key = given.asked(then=True), given.key()
    return queries.history(asked, signatory=key), queries.mandate_on(queries.at(asked), key)


def _today(given: Arguments) -> int:
    return given.now // DAY * DAY


SHAPES: dict[str, Question] = {
    "list": _list(),
    "list --organisation": _list(organisation=Arguments.organisation),
    "list --kind": _list(kind=lambda given: given.chance.choice(list(Kind))),
    "list --verb": _list(verb=lambda given: given.chance.choice(list(Verb))),
    "list --status": _list(status=lambda given: given.chance.choice(list(Status))),
    "list --text (one word)": _list(words=lambda given: given.words(1)),
    "list --text (two words)": _list(words=lambda given: given.words(2)),
    "list --organisation --status": _list(
        organisation=Arguments.organisation, status=lambda given: given.chance.choice(list(Status))
    ),
    "list with all five": _list(
        organisation=Arguments.organisation,
        kind=lambda given: given.chance.choice(list(Kind)),
        verb=lambda given: given.chance.choice(list(Verb)),
        status=lambda given: given.chance.choice(list(Status)),
        words=lambda given: given.words(1),
    ),
    "show": _show,
    "history": lambda queries, given: queries.history(given.asked(then=given.chance.random() < 0.5)),
    "history AGREEMENT": lambda queries, given: queries.history(
        given.asked(then=given.chance.random() < 0.5), agreement=given.agreement()
    ),
    "history --organisation": lambda queries, given: queries.history(
        given.asked(then=given.chance.random() < 0.5), organisation=given.organisation()
    ),
    "history --signatory": _signatory,
    "open proposals": lambda queries, given: queries.open_offers(given.asked(then=given.chance.random() < 0.3)),
    "waiting --for ORGANISATION": lambda queries, given: queries.waiting_for(given.asked(), given.organisation()),
    "commitment list": lambda queries, given: queries.commitments(given.asked(), Wanted(), _today(given)),
    "commitment list --organisation": lambda queries, given: queries.commitments(
        given.asked(), Wanted(organisation=given.organisation()), _today(given)
    ),
    "commitment list --due-before": lambda queries, given: queries.commitments(
        given.asked(), Wanted(due_before=given.now + given.chance.randrange(-400, 400) * DAY), _today(given)
    ),
    "commitment list --overdue --organisation": lambda queries, given: queries.commitments(
        given.asked(), Wanted(organisation=given.organisation(), overdue=True), _today(given)
    ),
}
