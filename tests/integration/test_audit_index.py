"""The audit of an index: as it must be, behind, and with rows that were changed, added or deleted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from audits import VEENENDAAL, audited, fill, identity
from sqlalchemy import text
from world import Desk, Region

from registry.audit import Check
from registry.dossier import Store
from registry.index import Index
from registry.statements import hash_act

pytestmark = pytest.mark.long


@pytest.fixture
def history(a_bit_of_everything: Region) -> Region:
    return a_bit_of_everything


@pytest.fixture
def filled(history: Region, tmp_path: Path) -> Iterator[Index]:
    """An index of the history, filled by its own writer."""
    url = f"sqlite:///{tmp_path / 'index.sqlite'}"
    with Index.open(url, identity(history)) as index:
        fill(index, history)
        yield index


def test_an_index_as_it_must_be_holds(history: Region, index_url: str) -> None:
    with Index.open(index_url, identity(history)) as index:
        fill(index, history)
        report = audited(history, index=index, quick=True)
        assert report.deviations == ()
        assert report.index_rows["events"] == sum(report.events.values())
        assert report.tally(Check.INDEX).checked == 2 * sum(report.index_rows.values()) + 1, "is it there, is it right"
        assert [name for name, count in report.index_rows.items() if not count] == [
            *("commitments", "terms", "dossiers", "documents"),
        ], "no dossiers here"
        assert report.index == index.shown


def test_an_index_that_is_behind_is_compared_as_far_as_it_is(history: Region, tmp_path: Path) -> None:
    with Index.open(f"sqlite:///{tmp_path / 'index.sqlite'}", identity(history)) as index:
        assert "de index is nog leeg" in [one.reason for one in audited(history, index=index, quick=True).unchecked]
        fill(index, history, history.deployment.block + 40)
        report = audited(history, index=index, quick=True)
        assert report.deviations == ()
        assert 0 < report.index_rows["events"] < sum(report.events.values())
        early = audited(history, index=index, quick=True, at_block=history.deployment.block + 30)
        assert early.tally(Check.INDEX).checked == 0
        assert "verder" in early.unchecked[-1].reason


@pytest.mark.parametrize(
    ("table", "change", "rule", "says"),
    [
        ("acts", "UPDATE acts SET notice = notice + 1 WHERE number = 2", "row-changed", "notice is"),
        ("events", "UPDATE events SET data = replace(data, 'gm0345', 'gm0228')", "row-changed", "data is"),
        ("mandates", "DELETE FROM mandates WHERE organisation = 'pv26'", "row-missing", "mandates mist"),
        ("spans", "UPDATE spans SET status = 'ended' WHERE status = 'in force'", "row-changed", "status is ended"),
        (
            "declined",
            "INSERT INTO declined SELECT act_hash, 'gm0345', '0x', act_hash, block, log_index, recorded_at FROM acts",
            "row-added",
            "nergens uit volgt",
        ),
        ("cursor", "UPDATE cursor SET block_hash = fingerprint", "index-cursor", "block_hash"),
        ("organisations", "UPDATE organisations SET service = '[bold]' || x'1b' || 'x'", "row-changed", "service is"),
    ],
)
def test_a_row_that_was_changed_added_or_deleted_is_named(
    history: Region, filled: Index, table: str, change: str, rule: str, says: str
) -> None:
    with filled.writing() as connection:
        changed = connection.execute(text(change)).rowcount
    report = audited(history, index=filled, quick=True)
    assert {(one.check, one.rule) for one in report.deviations} == {(Check.INDEX, rule)}
    assert 0 < len(report.deviations) <= changed
    assert all(says in one.message and (table in one.message or rule == "index-cursor") for one in report.deviations)
    assert all(one.block is not None for one in report.deviations)


def test_titles_and_commitments_of_an_index_are_those_of_the_dossiers(desk: Desk, tmp_path: Path) -> None:
    region, store = desk.region, desk.service.store
    promise = {"id": "T1", "organisation": VEENENDAAL, "text": "Veenendaal legt het pad aan.", "due": "2030-01-31"}
    act = desk.concluded("veenendaal", "renswoude", title="Het fietspad", extra={"commitments": [promise]})
    other = desk.concluded("veenendaal", "renswoude", title="Iets anders")
    with Index.open(f"sqlite:///{tmp_path / 'index.sqlite'}", identity(region)) as index:
        index.catch_up(region.register, store)
        report = audited(region, index=index, store=store, quick=True)
        assert report.deviations == ()
        assert report.index_rows["commitments"] == 1
        for change in (
            "UPDATE acts SET title = 'Het dure fietspad' WHERE title = 'Het fietspad'",
            "UPDATE acts SET summary = 'niets' WHERE title = 'Iets anders'",
            "UPDATE commitments SET due = due + 86400",
            "INSERT INTO commitments SELECT act_hash, 'T2', agreement, agreement_number, id, organisation, what, due, "
            "block FROM commitments",
            "DELETE FROM terms WHERE term = 'fietspad'",
            "INSERT INTO terms SELECT 'duur', agreement_number, act_hash, block FROM terms WHERE term = 'iets'",
            "UPDATE dossiers SET manifest = replace(manifest, 'Het fietspad', 'Het dure fietspad')",
            "UPDATE documents SET digest = root WHERE leaf = 1",
        ):
            with index.writing() as connection:
                connection.execute(text(change))
        report = audited(region, index=index, store=store, quick=True)
        assert {(one.rule, one.subject) for one in report.deviations} == {
            ("row-changed", hash_act(act)),
            ("row-changed", hash_act(other)),
            ("row-added", hash_act(act)),
            ("row-missing", hash_act(act)),
            ("row-added", hash_act(other)),
            *((one, None) for one in ("row-changed", "row-added", "row-missing")),
        }
        tables = [one.message.split()[1].rstrip(",") for one in report.deviations]
        assert {one: tables.count(one) for one in set(tables)} == {
            **{"acts": 2, "commitments": 2, "terms": 2},
            **{"dossiers": 1, "documents": 4},
        }
        assert "title is Het dure fietspad, moet zijn Het fietspad" in " ".join(
            one.message for one in report.deviations
        )
        without = audited(region, index=index, store=Store(tmp_path / "elders"), quick=True)
        assert without.deviations == ()
        acts, dossiers, documents = 2, 2, 6
        assert acts + dossiers + documents in [one.count for one in without.unchecked if one.check is Check.INDEX]


def test_command_compares_the_index_if_there_is_one(command_on: Any, history: Region, tmp_path: Path) -> None:
    name = f"{history.chain.chain_id}-{history.register.address}.sqlite"
    url = f"sqlite:///{tmp_path / 'home' / 'index' / name}"
    with Index.open(url, identity(history)) as index:
        fill(index, history)
        assert "rijen vergeleken" in command_on("audit").text
        with index.writing() as connection:
            connection.execute(text("UPDATE organisations SET service = '[bold red]' || char(27) || '[2Jx'"))
    ran = command_on("audit")
    assert ran.code == 1
    assert "✘ Het klopt niet" in ran.out
    assert "service is [bold red]�[2Jx" in ran.out
    assert command_on("audit", "--no-index").code == 0
