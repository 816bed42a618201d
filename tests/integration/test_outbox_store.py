"""The database of an outbox: its tables, whose it is, and that one at a time carries."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from outboxes import an_approval, outbox, sqlite, until
from sqlalchemy import text
from world import Region

from registry.chain.transacting import Goal
from registry.errors import SettingsError, StorageError
from registry.model import NO_HASH
from registry.outbox import State
from registry.outbox.locking import try_lock
from registry.outbox.records import Accepted, Changes
from registry.outbox.schema import metadata
from registry.outbox.store import OutboxStore, Whose

WHOSE = Whose(1, "0x" + 40 * "1", b"\1" * 32)
GOAL = Goal("Voted", (NO_HASH,))
ANOTHER = Whose(1, "0x" + 40 * "2", b"\1" * 32)


def test_migrations_make_the_tables_of_the_schema(outbox_url: str) -> None:
    store = OutboxStore.open(outbox_url, WHOSE)
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    store.close()


def test_outbox_of_a_newer_version_is_refused(outbox_url: str) -> None:
    store = OutboxStore.open(outbox_url, WHOSE)
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(StorageError, match="newer version of this package"):
        OutboxStore.open(outbox_url, WHOSE)


def test_no_more_is_written_down_than_there_is_room_for_and_what_is_there_takes_none(outbox_url: str) -> None:
    store = OutboxStore.open(outbox_url, WHOSE)
    first, second, third = (Accepted(bytes([one]) * 32, "vote", NO_HASH, (), b"", 1, GOAL) for one in (1, 2, 3))
    assert [one.number for one in store.add([first, second, first, third], 1.0, limit=2).values()] == [1, 2]
    again = store.add([third, second], 2.0, limit=2)
    assert again == store.known([second.id])
    assert again[second.id].accepted_at == 1.0

    store.apply(Changes(submissions={first.id: {"state": State.REFUSED.value, "error": "{}", "refused_at": 3.0}}))
    before = store.known([first.id])[first.id]
    assert store.add([third, first], 4.0, limit=2).keys() == {third.id}
    assert store.known([first.id])[first.id] == before
    found = store.add([first], 5.0)
    assert found == store.known([first.id])
    assert (found[first.id].number, found[first.id].state, found[first.id].error) == (1, State.ACCEPTED, None)
    assert store.counts()[State.ACCEPTED] == 3
    store.close()


def test_one_carrier_at_a_time(outbox_url: str) -> None:
    one, two = OutboxStore.open(outbox_url, WHOSE), OutboxStore.open(outbox_url, WHOSE)
    for _ in range(50):  # the next one has it at once, and not only when the database notices
        release = try_lock(one.engine)
        assert release is not None
        assert try_lock(two.engine) is None
        release()
        again = try_lock(two.engine)
        assert again is not None
        again()
    one.close()
    two.close()


def test_outbox_of_another_register_is_refused_until_it_has_nothing_left_to_carry(
    region: Region, outbox_url: str
) -> None:
    content = an_approval(region)
    with outbox(region, outbox_url, start=False) as box:
        box._accepting.start()  # type: ignore[union-attr]
        accepted = box.submit(content)
    with pytest.raises(StorageError, match="holds 1 submissions for register") as caught:
        OutboxStore.open(outbox_url, ANOTHER)
    assert "FOODVALLEY_OUTBOX" in str(caught.value.hint)
    with outbox(region, outbox_url) as box:
        until(box, accepted.id)
    store = OutboxStore.open(outbox_url, ANOTHER)
    assert set(store.counts().values()) == {0}
    store.close()


def test_other_key_waits_until_the_former_has_nothing_under_way(region: Region, tmp_path: Path) -> None:
    url = sqlite(tmp_path)
    with outbox(region, url) as box:
        until(box, box.submit(an_approval(region)).id)
    store = OutboxStore.open(url, Whose(region.chain.chain_id, region.register.address, deployed(region)))
    with pytest.raises(StorageError, match="1 transactions of the key"):
        store.take_key(region.signer("stranger").address)
    store.close()
    for _ in range(3):
        region.ask("evm_mine")
    with outbox(region, url) as box:
        for one in box._store.slots():
            until(box, one.submission or b"", State.FINAL)
    with outbox(region, url, role="stranger") as box:
        until(box, box.submit(an_approval(region)).id)


def test_address_that_is_none_of_a_database_is_not_repeated() -> None:
    with pytest.raises(SettingsError) as caught:
        OutboxStore.open("mysql://me:geheim@host/db", WHOSE)
    assert "geheim" not in f"{caught.value}{caught.value.hint}"


def deployed(region: Region) -> bytes:
    found = region.chain.block_hash(region.register.from_block)
    assert found is not None
    return found
