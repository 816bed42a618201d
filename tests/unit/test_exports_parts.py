"""Parts of the exports by themselves: texts of others, columns, sheets that are full, and the picture of a report."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import typst
from histories import History
from ledgers import BOTH, DAY, START, Story, admission, after, concluding, reporting, succession
from world import ROOT

from registry import dutch
from registry.audit import AuditReport, Basis, Check, Deviation, Tally, Unchecked
from registry.exports import (
    About,
    LedgerSource,
    Verdict,
    flat,
    tables,
    text,
    verdict_of,
    words,
    write_csv,
    write_workbook,
)
from registry.exports.picture import DRAWN, Picture, held
from registry.exports.report import STANDARDS
from registry.exports.report_data import MOST_DEVIATIONS, report_data
from registry.exports.source import Entry, Told
from registry.model import Event, Motion, Status
from registry.organisations import DIRECTORY
from registry.timeline import Ledger


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("gewoon", "gewoon"),
        ("a\x00b\x1b[31mc\r\nd\te", "a\ufffdb\ufffd[31mc\ufffd\ufffdd\ufffde"),
        ("om\u202egekeerd\u2066", "om\ufffdgekeerd\ufffd"),
        ("een\u2028regel", "een\ufffdregel"),
        ("Fryslân €5 – “ja”", "Fryslân €5 – “ja”"),
    ],
)
def test_text_of_others_steers_nothing(written: str, shown: str) -> None:
    assert text.plain(written) == shown


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\uff1d", "'", "  =", "\u00a0+"])
def test_a_cell_that_could_be_a_formula_is_text(first: str) -> None:
    cell = text.harmless(f"{first}1+1")
    assert cell == f"'{first}1+1"


@pytest.mark.parametrize("harmless", ["", "1", "0x3d", "a=b", "(=1)"])
def test_other_cells_stay_as_they_are(harmless: str) -> None:
    assert text.harmless(harmless) == harmless


def test_a_report_shows_only_characters_that_its_fonts_have() -> None:
    """PDF/A refuses what cannot be drawn: here typst itself says that nothing of this is refused."""
    points = range(0x20, 0x3000)
    kept = sorted({one for one in map(chr, points) if text.printable(f"x{one}x") == f"x{one}x"})
    assert len(kept) > 1500
    source = '#set document(title: "x")\n#set text(lang: "nl")\n#sys.inputs.t'
    made = typst.Compiler(source.encode(), ignore_system_fonts=True, sys_inputs={"t": " ".join([*kept, "\ufffd"])})
    assert made.compile(format="pdf", pdf_standards=STANDARDS, timestamp=0)
    for strange in ("\U0001f600", "漢", "\u05d0", "\ue000", "\u202e", "\x07", "\u0301"):
        assert text.printable(f"x{strange}y") == "x\ufffdy"
    assert text.printable("e\u0301e\u0301n") == "één"


def everything() -> list[Event]:
    """A story with each kind of event, and each of their fields filled."""
    digest = b"\7" * 32
    story = Story().admit(*BOTH, "gm0228", "gm0203")
    for one in (*BOTH, "gm0228", "gm0203"):
        story.appoint(one, valid_until=START + 90 * DAY, decision=digest)
    story.nominate("gm0345", "gm0345:next")
    story.replace_administrator("gm0345", "gm0345:next")
    story.announce("gm0345", b"https://veenendaal.example")
    motion = admission("pv26")
    story.move(motion, "gm0345")
    story.vote(motion, "gm0339", digest)
    story.decide(motion, "gm0339", "gm0345")
    story.veto(story_of(story, succession("gm0203", "gm0228")), "gm0203", digest)
    story.succeed("gm0203", "gm0228")
    story.expel("gm0228")
    act = concluding(*BOTH, notice=30 * DAY, deadline=START + 9 * DAY, valid_until=START + 80 * DAY)
    story.propose(act, "gm0339")
    story.approve(act, "gm0345", digest)
    story.record(act, *BOTH, decisions=(digest, bytes(32)))
    story.decline(after(act, dossier="nooit"), "gm0345")
    told = reporting(act, "gm0339", evidence=digest)
    story.report(told, "gm0339")
    story.confirm(told, "gm0345", "gm0345")
    story.dismiss("gm0339")
    story.record(after(act, dossier="later", valid_from=START + DAY), "gm0345")
    return story.events


def story_of(story: Story, motion: Motion) -> Motion:
    """The motion, once it was decided and waits."""
    story.decide(motion, "gm0339", "gm0345")
    return motion


def test_every_event_fits_the_columns() -> None:
    events = everything()
    assert {type(one).__name__ for one in events} == set(words.NAMES)
    file = io.BytesIO()
    assert write_csv(events, file, DIRECTORY) == len(events)
    rows = list(csv.DictReader(io.StringIO(file.getvalue().decode(), newline="")))
    assert [one["event"] for one in rows] == [type(one).__name__ for one in events]
    for event, row in zip(events, rows, strict=True):
        assert set(flat.row(event, DIRECTORY)) <= set(flat.COLUMNS)
        assert all(row[name] for name in ("block", "logIndex", "transaction", "time", "at", "event"))
        assert words.name(event)
    # no column is for nothing
    used = {name for row in rows for name, cell in row.items() if cell}
    assert set(flat.COLUMNS) == used


def test_the_handbook_explains_every_column() -> None:
    page = (ROOT / "docs" / "auditors.md").read_text("utf-8")
    section = page.partition("| column | meaning |")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| `([a-zA-Z]+)` \| (.+) \|$", section, re.MULTILINE)
    assert [name for name, _ in listed] == list(flat.COLUMNS)
    assert [meaning for _, meaning in listed] == list(flat.COLUMNS.values())


def test_a_moment_that_no_calendar_has_is_its_seconds() -> None:
    assert flat.moment(2**40 - 1) == str(2**40 - 1)
    assert flat.moment(0) == "1970-01-01T01:00:00+01:00"
    assert flat.optional_moment(0) == ""


def source_of(events: list[Event]) -> LedgerSource:
    ledger, last = Ledger.of(events), events[-1].place
    register = "0x" + 40 * "1"
    about = About(31337, register, 1, last.block, last.block_hash, last.timestamp, ledger.fingerprint)
    return LedgerSource(ledger, about)


def test_a_full_sheet_goes_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    events = History(12).go_on(10).events
    monkeypatch.setattr(tables, "MOST_ROWS", 11)
    file = io.BytesIO()
    counts = write_workbook(source_of(events), file)
    assert counts["Gebeurtenissen"] == len(events) > 20
    book = zipfile.ZipFile(file).read("xl/workbook.xml").decode()
    names = re.findall(r'<sheet name="([^"]+)"', book)
    sheets = -(-len(events) // 10)
    assert [one for one in names if one.startswith("Gebeurtenissen")] == [
        "Gebeurtenissen",
        *(f"Gebeurtenissen ({number})" for number in range(2, sheets + 1)),
    ]


def test_a_cell_holds_no_more_than_it_can() -> None:
    assert tables.shown("x" * 40_000) == "x" * 32_766 + "…"
    assert tables.shown(b"\1\2") == "0x0102"


# The picture


def at(text_: str) -> int:
    return int(datetime.fromisoformat(text_).replace(tzinfo=UTC).timestamp())


def entry(number: int, *acts: Any) -> Entry:
    story = Story().admit(*BOTH)
    for one in BOTH:
        story.appoint(one, valid_from=0)
    for act in acts:
        story.record(act, *BOTH)
    agreement = story.agreement(acts[0])
    return Entry(
        number, agreement, {one.act_hash: Told("Titel", "convenant", "mobiliteit") for one in agreement.acts}, ()
    )


def test_when_an_agreement_holds() -> None:
    first = concluding(*BOTH, since=START, valid_until=START + 10 * DAY)
    assert [(one.since, one.until) for one in held(entry(1, first).agreement)] == [(START, START + 10 * DAY)]
    longer = after(first, valid_from=START + 5 * DAY, valid_until=START + 20 * DAY)
    assert [(one.since, one.until) for one in held(entry(1, first, longer).agreement)] == [(START, START + 20 * DAY)]
    # expired, and taken up again later
    again = after(first, valid_from=START + 30 * DAY, valid_until=0)
    stretches = held(entry(1, first, again).agreement)
    assert [(one.since, one.until) for one in stretches] == [(START, START + 10 * DAY), (START + 30 * DAY, 2**41)]
    ended = after(again, parties=(), valid_from=START + 40 * DAY)
    stretches = held(entry(1, first, again, ended).agreement)
    assert [(one.since, one.until) for one in stretches][1:] == [(START + 30 * DAY, START + 40 * DAY)]


def test_the_columns_count_what_holds_at_the_end_of_each_year() -> None:
    picture = Picture(at("2026-06-01"))
    for number, (since, until) in enumerate(
        [("2024-01-01", "2026-01-01"), ("2025-06-01", "2027-06-01"), ("2026-09-01", None)], 1
    ):
        picture.add(entry(number, concluding(*BOTH, since=at(since), valid_until=at(until) if until else 0)))
    assert picture.per_year == [(2024, 1), (2025, 2), (2026, 2), (2027, 1), (2028, 1)]
    assert picture.statuses == {Status.EXPIRED: 1, Status.IN_FORCE: 1, Status.PENDING: 1}
    assert picture.at(at("1990-01-01")) == 0.0
    assert picture.at(2**41) == 1.0
    assert 0.49 < picture.at(at("2026-07-02")) < 0.51


def test_times_that_nobody_means_do_not_stretch_the_picture() -> None:
    picture = Picture(at("2026-06-01"))
    picture.add(entry(1, concluding(*BOTH, since=0, valid_until=2**40 - 1)))
    assert (picture.years.start, picture.years.stop) == (1996, 2039)
    assert all(count == 1 for _, count in picture.per_year)
    assert len(picture.ticks) <= 12


def test_what_is_not_drawn_is_counted() -> None:
    picture = Picture(at("2026-06-01"))
    one = entry(1, concluding(*BOTH, since=at("2026-01-01")))
    for number in range(1, DRAWN + 8):
        picture.add(replace(one, number=number))
    assert [each.number for each in picture.drawn] == list(range(1, DRAWN + 1))
    assert picture.left_out == {Status.IN_FORCE: 7}
    assert dict(picture.per_year)[2026] == DRAWN + 7


# The judgement


def report(**changes: Any) -> AuditReport:
    whole = AuditReport(
        chain_id=31337,
        register="0x" + 40 * "1",
        node="http://127.0.0.1:8545",
        client="anvil/v1",
        version="0.1.0",
        started_at=START,
        from_block=1,
        signed_from=1,
        block=50,
        block_hash=b"\1" * 32,
        block_time=START,
        fingerprint=b"\2" * 32,
        tallies=(Tally(Check.SIGNATURES, 12, 0),),
        deviations=(),
        unchecked=(),
        events={"Recorded": 3, "SomethingNew": 1},
        contents={"agreements": 1, "acts": 3},
        bases={Basis.KEY: 12},
        seconds=1.0,
        recovery_seconds=0.5,
    )
    return replace(whole, **changes)


def test_nothing_that_was_left_out_is_called_good() -> None:
    assert verdict_of(report()).verdict is Verdict.SOUND
    assert verdict_of(report(unchecked=(Unchecked(Check.CALLS, 1, "x"),))).verdict is Verdict.LIMITED
    # an index is never evidence
    assert verdict_of(report(unchecked=(Unchecked(Check.INDEX, 1, "x"),))).verdict is Verdict.SOUND
    commands = report_data(None, report(signed_from=7), DIRECTORY)["repeat"]
    assert "--from-block 7" in str(commands)
    found = Deviation(Check.ACTS, "rule", "x")
    judged = verdict_of(report(deviations=(found,), unchecked=(Unchecked(Check.CALLS, 1, "x"),)))
    assert judged.verdict is Verdict.DEVIATIONS
    assert judged.sentence == "Bij 12 controles is 1 afwijking gevonden."


def test_a_chain_of_ones_own_is_called_that() -> None:
    assert report_data(None, report(), DIRECTORY)["development"] is True
    assert report_data(None, report(chain_id=5, client="besu/v25"), DIRECTORY)["development"] is False


def test_so_many_deviations_that_they_are_counted() -> None:
    many = (Deviation(Check.ACTS, "rule", "x"),) * (MOST_DEVIATIONS + 1_234)
    data = report_data(None, report(deviations=many), DIRECTORY)
    assert len(data["deviations"]) == MOST_DEVIATIONS  # type: ignore[arg-type]
    assert data["deviationsLeftOut"] == dutch.number(1_234)
