"""The index follows a real chain: from the start, after a restart, and once dossiers come and go."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from indexes import dump, fresh, identity_of
from ledgers import digest_of
from world import Desk, Region, account

from registry.errors import ChainError, IndexMismatchError
from registry.fingerprint import fingerprint_of
from registry.index import Identity, Index
from registry.model import Approval, Report, Stage
from registry.statements import hash_act


@pytest.fixture
def index(index_url: str, region: Region) -> Iterator[Index]:
    with Index.open(index_url, identity_of(region)) as opened:
        yield opened


def test_whole_register_is_taken_in_and_adds_up(index: Index, region: Region, desk: Desk) -> None:
    act = desk.concluded("veenendaal", "renswoude", extra={"commitments": [commitment("T1"), commitment("T2")]})
    told: list[tuple[int, int, int]] = []
    found = index.catch_up(region.register, desk.service.store, progress=lambda *step: told.append(step))
    events = region.register.events()
    assert found == index.as_of
    assert found.block == region.chain.latest()[0]
    assert found.block_hash == region.chain.block_hash(found.block)
    assert found.fingerprint == region.register.fingerprint() == fingerprint_of(events)
    assert [row["name"] for row in index.rows("events")] == [type(one).__name__ for one in events]
    assert told[0] == (region.register.from_block, region.register.from_block - 1, found.block)
    assert told[-1][1:] == (found.block, found.block)
    [row] = index.rows("acts")
    assert (row["dossier"], row["title"], row["kind"]) == (act.dossier, "Convenant Fietsroutes", "convenant")
    assert [(one["label"], one["organisation"]) for one in index.rows("commitments")] == [
        ("T1", "gm0339"),
        ("T2", "gm0339"),
    ]
    assert {row["term"] for row in index.rows("terms")} >= {"convenant", "fietsroutes", "partijen"}


def commitment(label: str) -> dict[str, str]:
    return {"id": label, "organisation": "gm0339", "text": "aanleggen", "due": "2027-03-01"}


def test_catching_up_again_and_step_by_step_gives_the_same_rows(
    index: Index, region: Region, desk: Desk, tmp_path: Path
) -> None:
    index.catch_up(region.register)
    act = desk.concluded("veenendaal", "renswoude", extra={"commitments": [commitment("T1")]})
    index.catch_up(region.register)
    middle = region.chain.latest()[0]
    report = Report(hash_act(act), digest_of("T1"), "gm0339", Stage.STARTED)
    region.register.report(report, [act], Approval(account("gm0339")), region.signer("gm0339"))
    desk.agree(desk.draft("veenendaal", "renswoude", follows=act, since=10))
    assert index.catch_up(region.register, to_block=middle + 1).block == middle + 1
    found = index.catch_up(region.register)
    assert index.catch_up(region.register) == found
    assert dump(index) == fresh(region, tmp_path)


def test_dossier_that_comes_later_joins_and_one_that_goes_leaves(index: Index, region: Region, desk: Desk) -> None:
    act = desk.concluded("veenendaal", "renswoude")
    empty = Desk(region, desk.home / "other")
    index.catch_up(region.register, empty.service.store)
    [row] = index.rows("acts")
    assert (row["title"], row["parties"]) == (None, '["gm0339","gm0345"]')
    assert not list(index.rows("terms"))
    empty.service.store.add(desk.service.store.place(act.dossier))
    index.catch_up(region.register, empty.service.store)
    [row] = index.rows("acts")
    assert row["title"] == "Convenant Fietsroutes"
    assert [one["state"] for one in index.rows("dossiers")] == ["whole"]
    shutil.rmtree(empty.service.store.place(act.dossier))
    index.catch_up(region.register, empty.service.store)
    [row] = index.rows("acts")
    assert (row["title"], row["summary"], row["kind"], row["policy_area"]) == (None,) * 4
    assert not [*index.rows("terms"), *index.rows("commitments"), *index.rows("dossiers")]


def test_damaged_dossier_says_nothing_until_it_is_whole_again(index: Index, region: Region, desk: Desk) -> None:
    act = desk.concluded("veenendaal", "renswoude")
    manifest = desk.service.store.place(act.dossier) / "manifest.json"
    whole = manifest.read_bytes()
    manifest.write_bytes(whole.replace(b"Fietsroutes", b"Snelwegen"))
    index.catch_up(region.register, desk.service.store)
    assert [row["title"] for row in index.rows("acts")] == [None]
    assert [row["state"] for row in index.rows("dossiers")] == ["damaged"]
    manifest.write_bytes(whole)
    index.catch_up(region.register, desk.service.store)
    assert [row["title"] for row in index.rows("acts")] == ["Convenant Fietsroutes"]


def test_block_that_is_not_there_yet_is_refused(index: Index, region: Region) -> None:
    with pytest.raises(ChainError, match="no block 1000000 yet"):
        index.catch_up(region.register, to_block=1_000_000)
    assert index.as_of is None


def test_register_of_another_chain_is_refused(index_url: str, region: Region) -> None:
    other = Identity(1, region.register.address, region.register.from_block)
    with Index.open(index_url, other) as index, pytest.raises(IndexMismatchError, match="not of"):
        index.catch_up(region.register)
