"""The rows of the index against the ledger folded from the same events: two ways to the same answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from histories import ORGANISATIONS, History, batches
from indexes import dump
from ledgers import DAY, START, Story, after, concluding

from registry.errors import ChainError, IndexMismatchError, NotFoundError, SettingsError, StorageError
from registry.index import AsOf, Batch, Identity, Index
from registry.index.rows import canonical, data_of, event_of
from registry.index.schema import FOREVER
from registry.model import NO_HASH, Event, Status
from registry.timeline import Agreement, Ledger

IDENTITY = Identity(31337, "0x" + 40 * "1", 1)


@pytest.fixture
def index(index_url: str) -> Iterator[Index]:
    with Index.open(index_url, IDENTITY) as opened:
        yield opened


def filled(index: Index, events: list[Event], largest: int = 20, seed: int = 0) -> Index:
    known = index.as_of
    for batch in batches(events, largest=largest, seed=seed, before=known.fingerprint if known else NO_HASH):
        index.write(batch)
    return index


def by_key(index: Index, table: str, *names: str) -> dict[Any, Any]:
    return {tuple(row[name] for name in names): row for row in index.rows(table)}


@pytest.fixture(scope="module", params=range(6))
def story(request: pytest.FixtureRequest) -> Story:
    return History(request.param).go_on(90)


def test_acts_and_approvals_are_those_of_the_ledger(index: Index, story: Story) -> None:
    filled(index, story.events)
    ledger = story.ledger
    agreements = {row["id"]: row for row in index.rows("agreements")}
    acts = {row["act_hash"]: row for row in index.rows("acts")}
    signed = by_key(index, "approvals_of_acts", "act_hash", "place")
    assert [row["id"] for row in sorted(agreements.values(), key=lambda row: row["number"])] == list(ledger.agreements)
    for agreement in ledger.agreements.values():
        row = agreements[agreement.id]
        assert (row["head"], row["acts"]) == (agreement.head.act_hash, len(agreement.acts))
        assert row["ended"] == agreement.head.act.ends
        for number, one in enumerate(agreement.acts, 1):
            row = acts.pop(one.act_hash)
            assert (row["agreement"], row["number"], row["verb"]) == (agreement.id, number, one.verb.value)
            assert row["parties"] == json.dumps(one.act.parties, separators=(",", ":"))
            assert (row["recorded_at"], row["block"]) == (one.recorded_at, one.event.place.block)
            told = (row["dossier"], row["previous"], row["valid_from"], row["valid_until"], row["notice"])
            act = one.act
            assert told == (act.dossier, act.previous, act.valid_from, act.valid_until, act.notice)
            later = agreement.overruled_by(one)
            assert row["overruled_from"] == (later.act.valid_from if later else FOREVER)
            for place, (mandate, on_behalf) in enumerate(zip(one.mandates, one.on_behalf, strict=True)):
                row = signed.pop((one.act_hash, place))
                assert (row["signatory"], row["organisation"]) == (mandate.signatory, mandate.organisation)
                assert (row["on_behalf"], row["together"]) == (on_behalf, mandate.together)
                assert (row["mandate_from"], row["mandate_until"]) == (mandate.valid_from, mandate.valid_until)
    assert not acts
    assert not signed


def expected(agreement: Agreement, moment: int) -> tuple[object, ...]:
    status = agreement.status(moment)
    one = agreement.governing(moment) or agreement.first_to_govern()
    at = agreement.acts.index(one)
    parties = agreement.acts[at - 1].act.parties if one.act.ends and at else one.act.parties
    return status.value, one.act_hash, one.verb.value, json.dumps(parties, separators=(",", ":"))


def test_spans_say_what_the_ledger_says_at_every_moment_as_known_at_every_other(index: Index, story: Story) -> None:
    filled(index, story.events)
    spans = list(index.rows("spans"))
    parties = {(row["span"], row["organisation"]): row for row in index.rows("span_organisations")}
    known_at = sorted({event.place.timestamp for event in story.events})[::7]
    for moment in known_at:
        ledger = Ledger.of([event for event in story.events if event.place.timestamp <= moment])
        for agreement in ledger.agreements.values():
            known = [one for one in spans if one["agreement"] == agreement.id]
            known = [one for one in known if one["known_from"] <= moment < one["known_until"]]
            starts = {act.act.valid_from for act in agreement.acts} | {act.act.valid_until for act in agreement.acts}
            for valid_on in {0, START} | {one + more for one in starts for more in (-1, 0, 1) if one + more >= 0}:
                holding = [one for one in known if one["valid_from"] <= valid_on < one["valid_until"]]
                assert len(holding) == 1, (agreement, valid_on)
                row = holding[0]
                found = (row["status"], row["act_hash"], row["verb"], row["parties"])
                assert found == expected(agreement, valid_on)
                for one in json.loads(row["parties"]):
                    mine = parties[row["id"], one]
                    assert all(mine[name] == row[name] for name in ("number", "valid_from", "known_until", "block"))


def test_spans_of_what_nobody_concluded_yet_are_not_known(index: Index, story: Story) -> None:
    filled(index, story.events)
    recorded = {one.id: one.acts[0].recorded_at for one in story.ledger.agreements.values()}
    assert all(row["known_from"] >= recorded[row["agreement"]] for row in index.rows("spans"))


def test_proposals_are_open_as_in_the_ledger(index: Index, story: Story) -> None:
    filled(index, story.events)
    ledger = story.ledger
    heads = {row["id"]: row for row in index.rows("agreements")}
    rows = {row["act_hash"]: row for row in index.rows("proposals")}
    assert rows.keys() == ledger.proposals.keys()
    concerned: dict[Any, set[Any]] = {}
    for row in index.rows("proposal_organisations"):
        concerned.setdefault(row["act_hash"], set()).add(row["organisation"])
    can_be = set()
    for act_hash, row in rows.items():
        mine = heads.get(row["agreement"])
        follows = row["agreement"] == act_hash or (mine is not None and mine["head"] == row["previous"])
        if row["closed_block"] is None and follows:
            can_be.add(act_hash)
        parties = concerned.get(act_hash, set())
        assert parties >= set(ledger.proposals[act_hash].act.parties)
        if follows and mine and row["closed_block"] is None:
            assert parties >= set(ledger.agreements[row["agreement"]].head.act.parties) or (
                ledger.agreements[row["agreement"]].head.act.valid_until
            )
    assert can_be == {one.act_hash for one in ledger.open_proposals(0)}
    assert {row["closed_as"] for row in rows.values()} > {None, "recorded"}
    declined = {row["act_hash"] for row in index.rows("declined")}
    assert declined == ledger.declined.keys()


def test_latest_versions_are_the_membership(index: Index, story: Story) -> None:
    filled(index, story.events)
    membership = story.ledger.membership
    members = {row["organisation"]: row for row in index.rows("organisations") if row["known_until"] == FOREVER}
    assert members.keys() == membership.members.keys()
    for name, member in membership.members.items():
        row = members[name]
        assert (row["administrator"], row["nominee"]) == (member.administrator, member.nominee)
        assert (row["votes"], row["expelled"], row["successor"]) == (member.votes, member.expelled, member.successor)
        assert row["service"] == member.service.replace("\0", "\ufffd")
    held = {row["signatory"]: row for row in index.rows("mandates") if row["known_until"] == FOREVER}
    assert held.keys() == membership.mandates.keys()
    for key, mandate in membership.mandates.items():
        row = held[key]
        assert (row["organisation"], row["together"]) == (mandate.organisation, mandate.together)
        assert (row["valid_from"], row["valid_until"]) == (mandate.valid_from, mandate.valid_until)


def test_earlier_versions_are_the_membership_of_then(index: Index, story: Story) -> None:
    filled(index, story.events)
    for moment in sorted({event.place.timestamp for event in story.events})[::9]:
        ledger = Ledger.of([event for event in story.events if event.place.timestamp <= moment])
        held = [row for row in index.rows("mandates") if row["known_from"] <= moment < row["known_until"]]
        found = {row["signatory"]: (row["valid_until"], row["together"]) for row in held}
        assert found == {key: (one.valid_until, one.together) for key, one in ledger.mandates.items()}
        members = [row for row in index.rows("organisations") if row["known_from"] <= moment < row["known_until"]]
        assert {row["organisation"]: row["administrator"] for row in members} == {
            key: one.administrator for key, one in ledger.members.items()
        }


def test_motions_are_those_of_the_ledger(index: Index, story: Story) -> None:
    filled(index, story.events)
    membership = story.ledger.membership
    rows = {row["motion_hash"]: row for row in index.rows("motions")}
    assert rows.keys() == membership.motions.keys()
    for key, record in membership.motions.items():
        row = rows[key]
        events = (record.moved, record.decided, record.enacted, record.vetoed)
        blocks = (row["moved_block"], row["decided_block"], row["enacted_block"], row["vetoed_block"])
        assert blocks == tuple(one.place.block if one else None for one in events)
        assert row["void"] == record.void
        assert row["effect_from"] == (record.decided.effect_from if record.decided else None)
    waiting = {row["organisation"]: row["motion_hash"] for row in rows.values() if row["waits"]}
    waiting = {row["organisation"]: key for key, row in rows.items() if row["waits"] and row["settled_block"] is None}
    assert waiting == membership.pending


def test_latest_reports_are_those_of_the_ledger(index: Index, story: Story) -> None:
    filled(index, story.events)
    reports = story.ledger.reports
    rows = list(index.rows("reports"))
    assert len(rows) == len(reports.by_hash)
    latest = [row for row in rows if row["known_until"] == FOREVER]
    found = {(row["agreement"], row["commitment"], row["organisation"]): row["report_hash"] for row in latest}
    assert found == {key: one.event.report_hash for key, one in reports.latest.items()}
    confirmed = {(row["report_hash"], row["organisation"]) for row in index.rows("confirmations")}
    assert confirmed == {(key, one) for key, record in reports.by_hash.items() for one in record.confirmed}


def test_every_event_can_be_read_back(index: Index, story: Story) -> None:
    filled(index, story.events)
    times = {row["number"]: row for row in index.rows("blocks")}
    rows = list(index.rows("events"))
    assert len(rows) == len(story.events)
    for row, event in zip(rows, story.events, strict=True):
        block = times[row["block"]]
        assert (block["hash"], block["time"]) == (event.place.block_hash, event.place.timestamp)
        assert event_of(str(row["name"]), event.place, json.loads(str(row["data"]))) == event
        assert row["data"] == canonical(data_of(event))
    assert index.as_of == AsOf(
        story.events[-1].place.block, story.events[-1].place.block_hash, story.now, story.ledger.fingerprint
    )


def test_rows_do_not_depend_on_where_batches_were_cut(index: Index, story: Story, tmp_path: Path) -> None:
    filled(index, story.events, largest=25, seed=3)
    with Index.open(f"sqlite:///{tmp_path / 'other.sqlite'}", IDENTITY) as other:
        filled(other, story.events, largest=1)
        assert dump(other) == dump(index)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.35, 0.6, 0.85, 0.97])
def test_taken_back_index_is_the_one_that_was(index: Index, story: Story, tmp_path: Path, share: float) -> None:
    kept = int(len(story.events) * share)
    filled(index, story.events)
    index.rollback(story.events[kept - 1].place.block if kept else -1)
    with Index.open(f"sqlite:///{tmp_path / 'other.sqlite'}", IDENTITY) as other:
        filled(other, story.events[:kept])
        assert dump(index) == dump(other)
        filled(index, story.events[kept:])  # and it goes on from there
        filled(other, story.events[kept:], largest=3)
        assert dump(index) == dump(other)


def test_taking_back_to_a_later_block_changes_nothing(index: Index, story: Story) -> None:
    before = dump(filled(index, story.events))
    index.rollback(story.events[-1].place.block)
    index.rollback(10**9)
    assert dump(index) == before


def simple() -> Story:
    story = Story().admit("gm0339", "gm0345")
    for one in ("gm0339", "gm0345"):
        story.appoint(one)
    return story


def test_retroactive_act_is_known_from_when_it_was_recorded(index: Index) -> None:
    story = simple()
    first = concluding("gm0339", "gm0345", since=START)
    story.record(first, "gm0339", "gm0345")
    known = story.now
    story.record(after(first, valid_from=START - 10 * DAY), "gm0339", "gm0345")
    filled(index, story.events)
    rows = [
        (row["status"], row["valid_from"], row["valid_until"], row["known_from"], row["known_until"])
        for row in index.rows("spans")
    ]
    assert rows == [
        (Status.PENDING, 0, START, known, known + 1),
        (Status.IN_FORCE, START, FOREVER, known, known + 1),
        (Status.PENDING, 0, START - 10 * DAY, known + 1, FOREVER),
        (Status.IN_FORCE, START - 10 * DAY, FOREVER, known + 1, FOREVER),
    ]


def test_wrong_fingerprint_leaves_nothing_behind(index: Index) -> None:
    whole = batches(simple().events, largest=99, seed=1)[0]
    wrong = Batch(whole.events, whole.headers, AsOf(whole.as_of.block, whole.as_of.block_hash, 1, b"\1" * 32))
    before = dump(index)
    with pytest.raises(ChainError, match="fingerprint"):
        index.write(wrong)
    assert dump(index) == before


def test_events_that_do_not_follow_are_refused(index: Index) -> None:
    story = simple()
    story.record(concluding("gm0339", "gm0345"), "gm0339", "gm0345")
    without = [one for one in story.events if type(one).__name__ != "SignatoryAppointed"]
    with pytest.raises(ChainError, match="Recorded event that does not follow"):
        filled(index, without, largest=99)
    assert index.as_of is None or index.as_of.block < story.events[-1].place.block


def test_same_batch_is_not_taken_twice(index: Index) -> None:
    events = simple().events
    filled(index, events)
    with pytest.raises(StorageError, match="already"):
        index.write(batches(events, largest=1)[0])


def test_index_of_another_register_is_refused(index: Index, index_url: str) -> None:
    for other in (
        Identity(1, IDENTITY.register, 1),
        Identity(31337, "0x" + 40 * "2", 1),
        Identity(31337, IDENTITY.register, 2),
    ):
        with pytest.raises(IndexMismatchError, match="of register") as caught:
            Index.open(index_url, other)
        assert caught.value.exit_code == 3


def test_unknown_table_is_named(index: Index) -> None:
    with pytest.raises(NotFoundError, match="no table 'nothing'"):
        list(index.rows("nothing"))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "none of a database"),
        ("index.sqlite", "none of a database"),
        ("mysql://user:geheim@localhost/x", "SQLite or PostgreSQL"),
        ("sqlite://", "names no file"),
        ("postgresql://user:geheim@localhost:poort/x", "none of a database"),
    ],
)
def test_wrong_address_is_refused_without_its_password(url: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words) as caught:
        Index.open(url, IDENTITY)
    assert "geheim" not in f"{caught.value}{caught.value.hint}"


def test_absent_server_is_told_without_the_password() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(StorageError, match=r"opening the index postgresql://127\.0\.0\.1:1/x") as caught:
        Index.open("postgresql://user:geheim@127.0.0.1:1/x", IDENTITY)
    assert "geheim" not in f"{caught.value}{caught.value.hint}"
    assert "server running" in str(caught.value.hint)


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    path.write_text("no database at all, and long enough to be one" * 40)
    with pytest.raises(StorageError, match="not a database") as caught:
        Index.open(f"sqlite:///{path}", IDENTITY)
    assert "remove the file" in str(caught.value.hint)


def test_absent_index_is_not_made_unless_asked(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    with pytest.raises(NotFoundError, match="there is no index"):
        Index.open(f"sqlite:///{path}", IDENTITY, create=False)
    assert not path.exists()


def test_organisations_of_the_history_all_take_part(story: Story) -> None:
    assert set(ORGANISATIONS) <= story.ledger.members.keys()
