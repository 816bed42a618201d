"""Every question to the index against the slow way, on long random histories, in SQLite and in PostgreSQL."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import oracle
import pytest
from histories import batches
from ledgers import DAY, digest_of, key_of
from long_histories import ORGANISATIONS, History, moments

from benchmarks.queries.fill import join_manifests
from registry.dossier import Commitment, Kind, ListedFile, Manifest, Organ, Party, Role
from registry.errors import NotFoundError, UsageError
from registry.index import Identity, Index
from registry.index.answers import Filters, OpenOffer, Page
from registry.index.paging import Mark, written
from registry.index.queries import Asked, Queries
from registry.index.queries_commitments import Wanted
from registry.index.words import words
from registry.model import Event, Status, Verb
from registry.timeline import Ledger

IDENTITY = Identity(31337, "0x" + "11" * 20, 0)
TITLES = ("Fietsroutes", "Jeugdhulp", "Coördinatie van afval", "Fietsroutes en wandelpaden", "Één loket", "Bibliotheek")


def made_manifest(number: int) -> Manifest:
    chance = random.Random(number)
    parties = tuple(Party(organisation=one, organ=Organ.COLLEGE) for one in sorted(chance.sample(ORGANISATIONS, 2)))
    promised = tuple(
        Commitment(
            id=label,
            organisation=chance.choice(parties).organisation,
            text=f"toezegging {label} van {number}",
            due=date(2026, 12, 1) + timedelta(days=chance.randrange(900)) if chance.random() < 0.7 else None,
        )
        for label in ("T1", "T2", "T3")
        if chance.random() < 0.6
    )
    return Manifest(  # type: ignore[call-arg]
        manifest=1,
        title=chance.choice(TITLES),
        summary=f"Afspraken over {chance.choice(TITLES).lower()}, deel {chance.randrange(4)}.",
        kind=chance.choice(list(Kind)),
        policyArea="mobiliteit",
        parties=parties,
        validFrom=date(2027, 1, 1),
        commitments=promised,
        files=(ListedFile(path="a.pdf", role=Role.OVEREENKOMST),),
    )


MANIFESTS = {digest_of(f"dossier {number}"): made_manifest(number) for number in range(14)}


@dataclass
class Asking:
    """A history, and the questions to an index that holds it."""

    history: History
    queries: Queries

    @property
    def events(self) -> list[Event]:
        return self.history.events

    @property
    def end(self) -> int:
        return self.history.end + 5

    def all(self, question: Callable[[Asked], tuple[Any, Page[Any]]], **when: Any) -> list[Any]:
        """All rows of all pages; the pages are of odd sizes, and never too large."""
        found: list[Any] = []
        asked = Asked(now=self.end, limit=random.Random(len(self.events)).choice([3, 7, 50]), **when)
        while True:
            _, page = question(asked)
            assert len(page.rows) <= asked.limit
            found += page.rows
            if page.next is None:
                return found
            asked = replace(asked, after=page.next)


@pytest.fixture(params=[1, 2])
def asking(request: pytest.FixtureRequest, index_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asking]:
    """With windows so small that every page meets their edges."""
    history = History(request.param, tuple(MANIFESTS)).grow(350)
    for module in ("agreements", "proposals", "commitments"):
        monkeypatch.setattr(f"registry.index.queries_{module}.WINDOW", 11 + request.param)
    with Index.open(index_url, IDENTITY) as index:
        for batch in batches(history.events, largest=40):
            index.write(batch)
        join_manifests(index, MANIFESTS.get)
        with index.queries() as queries:
            yield Asking(history, queries)


FILTERS = [
    Filters(),
    *(Filters(status=one) for one in Status),
    *(Filters(verb=one) for one in (Verb.CONCLUDE, Verb.LEAVE, Verb.END)),
    Filters(organisation="gm0345"),
    Filters(organisation="gm0001"),
    Filters(kind=Kind.CONVENANT),
    Filters(words=tuple(words("fietsroutes"))),
    Filters(words=tuple(words("Fietsroutes DEEL"))),
    Filters(words=tuple(words("coordinatie afval niets"))),
    Filters(organisation="gm0228", status=Status.IN_FORCE),
    Filters(organisation="gm0228", verb=Verb.LEAVE, status=Status.IN_FORCE),
    Filters(organisation="pv26", kind=Kind.BESLUIT, words=tuple(words("loket"))),
    Filters(verb=Verb.AMEND, kind=Kind.OVERIG, status=Status.EXPIRED),
    Filters(status=Status.ENDED, words=tuple(words("afspraken"))),
]


def test_agreements_as_they_stand_at_any_two_moments(asking: Asking) -> None:
    met = 0
    for valid_on, known_at in moments(asking.history, 14):
        everything = oracle.standings(asking.events, valid_on, known_at, None, MANIFESTS)
        for filters in FILTERS:
            expected = [one for one in everything if oracle.passes(one, filters)]
            found = asking.all(
                lambda asked, filters=filters: asking.queries.agreements(asked, filters),
                valid_on=valid_on,
                known_at=known_at,
            )
            assert found == expected, (valid_on, known_at, filters)
            met += len(found)
    assert met > 1000


def test_every_act_can_be_found_from_any_two_moments(asking: Asking) -> None:
    for valid_on, known_at in moments(asking.history, 6):
        ledger = oracle.ledger_at(asking.events, known_at)
        at = asking.queries.at(Asked(asking.end, valid_on, known_at))
        for agreement in list(ledger.agreements.values())[:20]:
            assert asking.queries.agreement(at, agreement.id) == agreement
            assert asking.queries.standing(at, agreement.id).status is agreement.status(valid_on)
            found = asking.queries.named(at, "0x" + agreement.head.act_hash.hex()[:9])
            assert found.acts == {agreement.head.act_hash: agreement.id}
        unknown = [one for one in Ledger.of(asking.events, bytes(32)).agreements if one not in ledger.agreements]
        for identity in unknown[:3]:
            assert asking.queries.named(at, identity.hex()).acts == {}
            with pytest.raises(NotFoundError):
                asking.queries.agreement(at, identity)


def test_history_of_everything_of_agreements_organisations_and_keys(asking: Asking) -> None:
    ask = asking.queries.history
    agreements = list(Ledger.of(asking.events, bytes(32)).agreements)
    for known_at in (moment for _, moment in moments(asking.history, 6)):
        assert asking.all(ask, known_at=known_at) == oracle.history(asking.events, known_at)
        chosen: list[dict[str, Any]] = [{"agreement": one} for one in agreements[:4]]
        chosen += [{"organisation": one} for one in ("gm0345", "pv26", "gm0001")]
        chosen += [{"signatory": key_of(one)} for one in ("gm0345:1", "gm0339:2", "nobody")]
        for which in chosen:
            expected = oracle.history(asking.events, known_at, **which)
            found = asking.all(lambda asked, which=which: ask(asked, **which), known_at=known_at)
            assert found == expected, (known_at, which)


def test_mandates_as_they_were_known(asking: Asking) -> None:
    keys = [key_of(f"{one}:{number}") for one in ORGANISATIONS[:5] for number in (1, 2, 3, 4)]
    for valid_on, known_at in moments(asking.history, 12):
        at = asking.queries.at(Asked(asking.end, valid_on, known_at))
        for key in keys:
            expected = oracle.mandate_on(asking.events, key, valid_on, known_at)
            assert asking.queries.mandate_on(at, key) == expected, (key, valid_on, known_at)


def test_open_proposals_and_whom_they_wait_for(asking: Asking) -> None:
    met = 0
    for known_at in (moment for _, moment in moments(asking.history, 10)):
        expected = oracle.open_proposals(asking.events, known_at, known_at)
        found = asking.all(asking.queries.open_offers, known_at=known_at)
        assert [(one.offer.act, one.progress) for one in found] == [(one.act, done) for one, done in expected]
        for organisation in ("gm0345", "gm0203", "pv26"):
            for signatory in (None, key_of(f"{organisation}:1")):
                waiting = oracle.waiting_for(oracle.known(asking.events, known_at), organisation, known_at, signatory)
                mine = asking.all(
                    lambda asked, who=organisation, key=signatory: asking.queries.waiting_for(asked, who, key),
                    known_at=known_at,
                )
                hashes = {one.act_hash for one, _ in waiting}
                assert {one.offer.act_hash for one in mine} == hashes, (known_at, organisation, signatory)
                met += len(mine)
    assert met > 20


def test_commitments_by_organisation_and_by_day(asking: Asking) -> None:
    met = 0
    chosen = [
        Wanted(),
        Wanted(organisation="gm0228"),
        Wanted(overdue=True),
        Wanted(due_before=asking.end + 100 * DAY),
        Wanted(organisation="gm0345", overdue=True),
        *(Wanted(agreement=one) for one in list(Ledger.of(asking.events, bytes(32)).agreements)[:5]),
    ]
    for today in (asking.end - 200 * DAY, asking.end, asking.end + 300 * DAY):
        for wanted in chosen:
            expected = oracle.commitments(asking.events, MANIFESTS, wanted, today, asking.end)
            found = asking.all(
                lambda asked, wanted=wanted, today=today: asking.queries.commitments(asked, wanted, today)
            )
            assert found == expected, (wanted, today)
            met += len(found)
    assert met > 100


def test_pages_stay_one_answer_while_acts_are_recorded(index_url: str) -> None:
    history = History(5, tuple(MANIFESTS)).grow(300)
    cut = batches(history.events, largest=10)
    half = len(cut) // 2
    held = [event for batch in cut[:half] for event in batch.events]
    now = held[-1].place.timestamp
    mine = Filters(organisation="gm0345")
    questions: list[tuple[Callable[[Queries, Asked], tuple[Any, Page[Any]]], list[Any]]] = [
        (lambda queries, asked: queries.agreements(asked, Filters()), oracle.standings(held, now, now)),
        (lambda queries, asked: queries.agreements(asked, mine), oracle.standings(held, now, now, mine)),
        (lambda queries, asked: queries.history(asked), oracle.history(held, now)),
        (
            lambda queries, asked: queries.open_offers(asked),
            [one.act_hash for one, _ in oracle.open_proposals(held, now, now)],
        ),
    ]
    with Index.open(index_url, IDENTITY) as index:
        for batch in cut[:half]:
            index.write(batch)
        with index.queries() as queries:
            begun = [ask(queries, Asked(now=now, limit=4)) for ask, _ in questions]
        for batch in cut[half:]:
            index.write(batch)
        with index.queries() as queries:
            for (ask, expected), (at, page) in zip(questions, begun, strict=True):
                rows = list(page.rows)
                while page.next is not None:
                    again, page = ask(queries, Asked(now=now + 900 * DAY, limit=4, after=page.next))
                    assert again == at
                    rows += page.rows
                assert [one.offer.act_hash if isinstance(one, OpenOffer) else one for one in rows] == expected
                assert len(rows) > 4
        index.rollback(cut[half // 2].as_of.block)
        with index.queries() as queries, pytest.raises(UsageError, match="no longer part of the chain"):
            questions[0][0](queries, Asked(now=now, limit=4, after=begun[0][1].next))


def forged(**told: Any) -> str:
    """A cursor as nobody gives it out: whoever knows how it is made can write any."""
    mark = replace(Mark(5, 5, 0, 5, bytes(8), (0,)), **told)
    return written("agreements", Filters().to_json(), mark)


def test_cursor_of_another_listing_is_refused(asking: Asking) -> None:
    asked = Asked(now=asking.end, limit=2)
    _, page = asking.queries.agreements(asked, Filters(organisation="gm0345"))
    assert page.next is not None
    again = replace(asked, after=page.next)
    asking.queries.agreements(again, Filters(organisation="gm0345"))
    for refused, words_ in (
        (lambda: asking.queries.agreements(again, Filters(organisation="gm0228")), "other filters"),
        (lambda: asking.queries.history(again), "another listing"),
        (
            lambda: asking.queries.agreements(replace(again, valid_on=5), Filters(organisation="gm0345")),
            "another --valid-on",
        ),
        (lambda: asking.queries.agreements(replace(asked, after="niets"), Filters()), "is not a cursor"),
        (lambda: asking.queries.agreements(replace(asked, after=page.next[:-2]), Filters()), "is not a cursor"),
        (lambda: asking.queries.agreements(replace(asked, after=forged(valid_on=2**63)), Filters()), "is not a cursor"),
        (lambda: asking.queries.agreements(replace(asked, after=forged(known_at=2**70)), Filters()), "is not a cursor"),
        (lambda: asking.queries.agreements(replace(asked, after=forged(block=2**64)), Filters()), "is not a cursor"),
        (lambda: asking.queries.agreements(replace(asked, after=forged(position=(2**63,))), Filters()), "is not a"),
        (lambda: asking.queries.agreements(replace(asked, limit=0), Filters()), "0 rows"),
    ):
        with pytest.raises(UsageError, match=words_):
            refused()
