"""Killed (kill -9) at every point in turn: what was handed in stands on the chain exactly once, by one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from outbox_child import Ended, Nursery, nursery
from outboxes import an_approval, outbox, spent, sqlite, times_on_chain, until
from world import Region

SENDING = "{'eth_sendRawTransaction'}"
AROUND = (SENDING, "{'eth_getTransactionReceipt'}", "INSERT INTO submissions", "INSERT INTO transactions")


@pytest.fixture(scope="module")
def children() -> Iterator[Nursery]:
    with nursery() as made:
        yield made


def killed_at(region: Region, children: Nursery, url: str, point: str | None) -> Ended:
    """Kills an outbox at a point and starts it again."""
    content = an_approval(region)
    before = spent(region)
    where = {"url": url, "node": region.url, "deployments": str(region.folder)}
    ended = children.run(content, point, **where)
    with outbox(region, url) as box:
        # Whoever got no answer asks again; whoever got one relies on it.
        identity = ended.accepted or box.submit(content).id
        found = until(box, identity)
    assert not found.by_other
    assert times_on_chain(region, content) == 1, ended
    assert spent(region) - before == 1, ended
    return ended


@pytest.mark.long
@pytest.mark.parametrize("outbox_url", ["sqlite", "postgresql"], indirect=True)
def test_killed_at_every_point_in_turn_it_is_on_the_chain_once(
    region: Region, children: Nursery, outbox_url: str
) -> None:
    killed_at(region, children, outbox_url, None)  # the first makes the tables and takes the key
    points = killed_at(region, children, outbox_url, None).points
    for needed in (f"before {SENDING}", f"after {SENDING}", "before commit", "before UPDATE submissions"):
        assert any(one.startswith(needed) for one in points), needed
    reached = [point for point in points if killed_at(region, children, outbox_url, point).killed]
    # Two threads are at work, so how often each asks is not always the same; but of every sort one was killed.
    assert {one.rpartition(" ")[0] for one in reached} == {one.rpartition(" ")[0] for one in points}
    assert len(reached) > 0.7 * len(points)


@pytest.mark.parametrize("point", [f"{when} {what}" for when in ("before", "after") for what in AROUND])
def test_killed_around_each_step_it_is_on_the_chain_once(
    region: Region, children: Nursery, tmp_path: Path, point: str
) -> None:
    assert killed_at(region, children, sqlite(tmp_path), f"{point} 1").killed


def test_what_was_signed_and_not_sent_leaves_as_the_same_bytes(
    region: Region, children: Nursery, tmp_path: Path
) -> None:
    url, content = sqlite(tmp_path), an_approval(region)
    where = {"url": url, "node": region.url, "deployments": str(region.folder)}
    ended = children.run(content, f"before {SENDING} 1", **where)
    assert ended.killed
    assert ended.accepted is not None
    with outbox(region, url, start=False) as box:
        (slot,) = box._store.slots()
        signed = [one.hash for one in slot.tries]
        box.start()
        assert [until(box, ended.accepted).transaction] == signed
