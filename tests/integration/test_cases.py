"""The worked cases of docs/cases.md: each history made on a real chain, and every answer compared.

The page is the input. Its acts are recorded at the times it names, its questions are put to the index (in SQLite and in
PostgreSQL), to the command, and to the slow way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import oracle
import pytest
from ledgers import digest_of
from world import DAY, ROOT, Desk, Region

from registry.dossier.terms import start_of_day, start_of_next_day
from registry.index import Identity, Index
from registry.index.answers import Filters, Standing
from registry.index.queries import Asked
from registry.looking import Looking, Question
from registry.model import NO_HASH, Act, Status, Verb
from registry.organisations import DIRECTORY
from registry.statements import hash_act
from registry.timeline import RecordedAct

PAGE = ROOT / "docs" / "cases.md"
ZONE = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True)
class Step:
    """A row of a table of acts."""

    recorded: int
    verb: Verb
    since: int
    until: int
    parties: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """A row of a table of questions; ``status`` is None where the agreement is unknown."""

    valid_on: str
    known_at: str
    status: Status | None
    by: int
    parties: tuple[str, ...]


@dataclass
class Case:
    """A section of the page."""

    title: str
    steps: list[Step] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)


def seconds(text: str) -> int:
    """A day at noon, or a moment of a day."""
    day, _, hour = text.partition(" ")
    at = time.fromisoformat(hour) if hour else time(12)
    return int(datetime.combine(date.fromisoformat(day), at, ZONE).timestamp())


def parties(text: str) -> tuple[str, ...]:
    return tuple(sorted(DIRECTORY.find(one.strip()).id for one in text.split(",") if one.strip()))


def rows(text: str, first: str) -> Iterator[list[str]]:
    """The cells of the table whose head begins so."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith(f"| {first} |"):
            next(lines)
            for row in lines:
                if not row.startswith("|"):
                    return
                yield [cell.strip() for cell in row.strip("|").split("|")]


def read(text: str) -> list[Case]:
    found = []
    for section in re.split(r"^## ", text, flags=re.M)[1:]:
        case = Case(section.splitlines()[0])
        for number, recorded, verb, since, until, who in rows(section, "act"):
            assert int(number) == len(case.steps) + 1, case.title
            last = start_of_next_day(date.fromisoformat(until)) if until else 0
            begin = start_of_day(date.fromisoformat(since))
            case.steps.append(Step(seconds(recorded), Verb(verb), begin, last, parties(who)))
        for valid_on, known_at, stands, by, who in rows(section, "on"):
            status = None if stands == "unknown" else Status(stands)
            moment = known_at.replace(" ", "T")
            case.answers.append(Answer(valid_on, moment, status, int(by or 0), parties(who)))
        found.append(case)
    return found


CASES = read(PAGE.read_text("utf-8"))


def test_the_page_has_every_case_that_was_asked_for() -> None:
    assert len(CASES) == 10
    assert all(case.steps and case.answers for case in CASES)
    assert {step.verb for case in CASES for step in case.steps} == set(Verb)
    assert {answer.status for case in CASES for answer in case.answers} == {None, *Status}
    assert sum(len(case.answers) for case in CASES) >= 45


@pytest.fixture
def made(region: Region, tmp_path: Path) -> Callable[[Case], tuple[Desk, list[RecordedAct]]]:
    """Makes the history of a case happen, each act at its second."""
    desk = Desk(region, tmp_path / "desk")

    def make(case: Case) -> tuple[Desk, list[RecordedAct]]:
        acts: list[Act] = []
        for number, step in enumerate(case.steps, 1):
            names = {"agreement": hash_act(acts[0]), "previous": hash_act(acts[-1])} if acts else {}
            leaves = step.verb is Verb.LEAVE
            dossier = acts[-1].dossier if leaves else digest_of(f"{case.title} {number}")
            act = Act(
                dossier=dossier if step.parties else NO_HASH,
                parties=step.parties,
                valid_from=step.since,
                valid_until=step.until,
                notice=30 * DAY if "notice" in case.title else 0,
                **names,
            )
            region.ask("evm_setNextBlockTimestamp", step.recorded - 1)
            region.ask("evm_mine")
            bound = set(step.parties) | set(acts[-1].parties if acts else ())
            signed = desk.sign(act, *sorted(bound))
            region.ask("evm_setNextBlockTimestamp", step.recorded)
            desk.service.record(desk.view, act, region.signer("carrier"), signed)
            acts.append(act)
        # A day in which nothing happens, so that everything asked about has passed.
        region.ask("evm_setNextBlockTimestamp", seconds("2041-01-01"))
        region.ask("evm_mine")
        (agreement,) = desk.view.ledger.agreements.values()
        for step, one in zip(case.steps, agreement.acts, strict=True):
            assert (one.recorded_at, one.verb) == (step.recorded, step.verb), case.title
        return desk, list(agreement.acts)

    return make


def told(one: Standing | None, acts: list[RecordedAct]) -> tuple[Status | None, int, tuple[str, ...]]:
    """An answer in the words of the page."""
    if one is None:
        return None, 0, ()
    numbers = {act.act_hash: number for number, act in enumerate(acts, 1)}
    return one.status, numbers[one.act_hash], one.parties


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title.partition(".")[0])
def test_case(
    case: Case,
    made: Callable[[Case], tuple[Desk, list[RecordedAct]]],
    index_url: str,
    region: Region,
) -> None:
    desk, acts = made(case)
    register = region.register
    identity = Identity(register.chain.chain_id, register.address, register.from_block)
    events = register.events()
    with Index.open(index_url, identity) as index:
        index.catch_up(register, desk.service.store)
        looking = Looking(desk.service, index)
        for answer in case.answers:
            expected = (answer.status, answer.by, answer.parties)
            where = f"{case.title}: on {answer.valid_on}, as known on {answer.known_at}"
            question = Question(answer.valid_on, answer.known_at)
            at, page = _listed(looking, question)
            assert told(page[0] if page else None, acts) == expected, where
            slow = oracle.standings(events, at.valid_on, at.known_at)
            assert told(slow[0] if slow else None, acts) == expected, where
            with index.queries() as queries:
                _, pages = queries.agreements(Asked(looking.now, at.valid_on, at.known_at), Filters())
            assert list(pages.rows) == page


def _listed(looking: Looking, question: Question) -> tuple[Any, list[Standing]]:
    from registry.looking import Choice

    found = looking.list(question, Choice())
    return found.at, list(found.agreements.rows)


def test_command_answers_a_case(
    made: Callable[[Case], tuple[Desk, list[RecordedAct]]], foodvalley: Callable[..., Any]
) -> None:
    case = CASES[0]
    _, acts = made(case)
    agreement = "0x" + acts[0].act_hash.hex()
    for answer in case.answers:
        words = ("--valid-on", answer.valid_on, "--known-at", answer.known_at, "--json")
        (row,) = foodvalley("list", *words).json["agreements"]
        assert row["status"] == str(answer.status)
        shown = foodvalley("show", agreement[:12], *words).json
        assert (shown["status"], shown["validFrom"]) == (row["status"], row["validFrom"])
        known = [one for one in acts if one.recorded_at <= shown["knownAt"]]
        assert [one["actHash"] for one in shown["acts"]] == ["0x" + one.act_hash.hex() for one in known]
    before = (date(2040, 1, 10) - timedelta(days=1)).isoformat()
    assert foodvalley("list", "--known-at", before, "--json").json["agreements"] == []
    refused = foodvalley("show", agreement, "--known-at", before)
    assert refused.code == 1
    assert "is the hash of no" in refused.text
