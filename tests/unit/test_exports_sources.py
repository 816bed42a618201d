"""What exports are made from: the index, read page by page, tells what the ledger in memory tells."""

from __future__ import annotations

import gc
import io
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from histories import History, batches
from ledgers import BOTH, DAY, START, Story, after, concluding, key_of
from world import write_source

from registry.dossier import Manifest, Store, build
from registry.errors import NotFoundError
from registry.exports import About, LedgerSource, index_source, write_csv, write_json_lines, write_workbook
from registry.index import Header, Identity, Index, export_rows
from registry.index.buffer import insert
from registry.index.schema import dossiers
from registry.model import Event, Recorded
from registry.organisations import DIRECTORY
from registry.statements import hash_act
from registry.timeline import Ledger

IDENTITY = Identity(31337, "0x" + 40 * "1", 1)


@pytest.fixture
def index(index_url: str) -> Iterator[Index]:
    with Index.open(index_url, IDENTITY) as opened:
        yield opened


def filled(index: Index, events: list[Event], largest: int = 50) -> Index:
    for batch in batches(events, largest=largest):
        index.write(batch)
    return index


def ledger_source(events: list[Event], manifests: dict[bytes, Manifest] | None = None) -> LedgerSource:
    ledger, last = Ledger.of(events), events[-1].place
    about = About(
        IDENTITY.chain_id,
        IDENTITY.register,
        IDENTITY.deployed_block,
        last.block,
        last.block_hash,
        last.timestamp,
        ledger.fingerprint,
    )
    return LedgerSource(ledger, about, (manifests or {}).get)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_index_tells_what_the_ledger_tells(index: Index, seed: int) -> None:
    events = History(seed).go_on(120).events
    expected = ledger_source(events)
    with index_source(filled(index, events)) as source:
        assert source.about == expected.about
        assert list(source.events()) == list(expected.events())
        assert list(source.mandates()) == list(expected.mandates())
        entries = list(source.entries())
        assert entries == list(expected.entries())
    assert any(one.promises for one in entries)
    assert any(len(one.agreement.acts) > 2 for one in entries)


def test_the_index_as_of_an_earlier_block(index: Index) -> None:
    events = History(4).go_on(100).events
    filled(index, events)
    for count in (1, 40, 90):
        expected = ledger_source(events[:count])
        last = events[count - 1].place
        if events[count].place.block == last.block:
            continue
        with index_source(index, Header(last.block, last.block_hash, last.timestamp)) as source:
            assert source.about == expected.about
            assert list(source.events()) == events[:count]
            assert list(source.entries()) == list(expected.entries())
            assert list(source.mandates()) == list(expected.mandates())


def test_a_block_without_events_is_as_the_one_before(index: Index) -> None:
    events = Story().admit("gm0345").events
    filled(index, events)
    last = events[-1].place
    with (
        pytest.raises(NotFoundError, match=f"block {last.block + 5} is asked"),
        index_source(index, Header(last.block + 5, b"\1" * 32, 9)),
    ):
        pass


def test_an_empty_index_has_nothing_to_export(index: Index) -> None:
    with pytest.raises(NotFoundError, match="up to nothing"), index_source(index):
        pass


def test_manifests_at_hand_give_titles_and_commitments(index: Index, tmp_path: Path) -> None:
    history = History(5)
    events = history.go_on(60).events
    store = Store(tmp_path / "store")
    commitments = [
        {"id": label, "organisation": "gm0345", "text": f"belooft {label}", "due": due}
        for label, due in (("T10", "2027-01-31"), ("T2", None))
    ]
    texts: dict[str, Any] = {
        "example": True,
        "commitments": [{k: v for k, v in one.items() if v} for one in commitments],
    }
    source_folder = write_source(tmp_path / "bron", ("veenendaal", "ede"), date(2026, 1, 1), extra=texts)
    manifest = build(source_folder, store).manifest
    first = next(iter(Ledger.of(events).agreements.values())).acts[0]
    filled(index, events)
    text = manifest.model_dump_json(by_alias=True, exclude_none=True)
    with index.writing() as connection:
        insert(connection, dossiers, [[first.act.dossier, "whole", text]])
    expected = list(ledger_source(events, {first.act.dossier: manifest}).entries())
    with index_source(index) as source:
        assert list(source.entries()) == expected
    assert expected[0].title(first.act_hash) == "Convenant Fietsroutes (voorbeeld)"
    labels = [one.stated.label for one in expected[0].promises if one.stated]
    assert labels == ["T2", "T10"]


def test_every_file_is_the_same_from_either(index: Index) -> None:
    events = History(6).go_on(80).events
    with index_source(filled(index, events)) as source:
        for write in (write_csv, write_json_lines):
            made = [io.BytesIO(), io.BytesIO()]
            for one, file in zip((source, ledger_source(events)), made, strict=True):
                assert write(one.events(), file, DIRECTORY) == len(events)
            assert made[0].getvalue() == made[1].getvalue()
        books = [io.BytesIO(), io.BytesIO()]
        for one, file in zip((source, ledger_source(events)), books, strict=True):
            write_workbook(one, file)
        assert books[0].getvalue() == books[1].getvalue()


def long_history(agreements: int) -> list[Event]:
    """So many agreements, each changed once: written down in one go, as the story itself would take long."""
    story = Story().admit("gm0339", "gm0345")
    for one in BOTH:
        story.appoint(one)
    signed = {"signatories": tuple(key_of(one) for one in BOTH), "decisions": ()}
    for number in range(agreements):
        act = concluding(*BOTH, since=START, dossier=f"dossier {number}")
        agreement = hash_act(act)
        for each in (act, after(act, dossier=f"wijziging {number}", valid_from=START + DAY)):
            story._add(Recorded, agreement=agreement, act_hash=hash_act(each), act=each, **signed)
    return story.events


def memory_of(work: Callable[[], object]) -> int:
    """The most bytes that Python held at once for this work."""
    gc.collect()
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight times the events, written as CSV and JSON Lines and read as agreements, with hardly more memory.

    With small pages, so that a history that takes many of them can be small too.
    """
    monkeypatch.setattr(export_rows, "PAGE", 20)
    monkeypatch.setattr(export_rows, "AT_ONCE", 40)
    peaks: list[int] = []
    for agreements in (50, 400):
        with Index.open(f"sqlite:///{tmp_path / str(agreements)}", IDENTITY) as index:
            events = long_history(agreements)
            filled(index, events, largest=500)
            count = len(events)
            del events

            def write(index: Index = index, count: int = count, agreements: int = agreements) -> None:
                with index_source(index) as source, (tmp_path / "out").open("wb") as file:
                    assert write_csv(source.events(), file, DIRECTORY) == count
                    assert write_json_lines(source.events(), file, DIRECTORY) == count
                    assert sum(1 for _ in source.entries()) == agreements

            write()  # so that what is made once is there
            peaks.append(memory_of(write))
            whole = memory_of(lambda: list(index.rows("events")))
    # Caches of the database's driver come and go; a history that is held grows eightfold.
    assert peaks[1] < 2 * peaks[0], peaks
    assert whole > 2 * peaks[1], (whole, peaks)
