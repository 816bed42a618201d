"""What goes wrong between an outbox and the chain: lost, too cheap, somebody else first, taken back, used up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from faulty_proxy import faulty, hang_up
from outboxes import QUICK, an_approval, by_hand, outbox, spent, sqlite, through, times_on_chain, until
from world import Call, Region, account

from registry.chain.transacting import Node
from registry.outbox import Outbox, Pace, State

SENDING = "eth_sendRawTransaction"


def swallow(call: Call, forward: Any) -> Any:
    """Says that it has the transaction, and loses it."""
    return {"jsonrpc": "2.0", "id": call["id"], "result": "0x" + 64 * "7"}


def tries(box: Outbox, identity: bytes) -> list[bytes]:
    """The hashes of all transactions that were signed for a submission."""
    from registry.outbox.records import Stage

    return [one.hash for slot in box._store.slots(tuple(Stage)) if slot.submission == identity for one in slot.tries]


def test_transaction_that_the_node_loses_is_sent_again(region: Region, tmp_path: Path) -> None:
    content, before = an_approval(region), spent(region)
    with faulty(region.url) as proxy:
        proxy.fail(swallow, SENDING, times=2)
        with outbox(region, sqlite(tmp_path), node=proxy.url) as box:
            found = until(box, box.submit(content).id)
            assert tries(box, found.id) == [found.transaction]
        assert proxy.hit == 2
    assert (times_on_chain(region, content), spent(region) - before) == (1, 1)


def test_answer_that_is_lost_on_the_way_back_counts_nothing_twice(region: Region, tmp_path: Path) -> None:
    def lose_the_answer(call: Call, forward: Any) -> Any:
        forward(call)
        return hang_up(call, forward)

    content, before = an_approval(region), spent(region)
    with faulty(region.url) as proxy:
        proxy.fail(lose_the_answer, SENDING, times=2)
        with outbox(region, sqlite(tmp_path), node=proxy.url) as box:
            found = until(box, box.submit(content).id)
    assert not found.by_other
    assert (times_on_chain(region, content), spent(region) - before) == (1, 1)


@pytest.mark.parametrize("first", [False, True])
def test_more_is_offered_for_what_waits_too_long_and_whichever_is_mined_counts(
    region: Region, tmp_path: Path, first: bool
) -> None:
    content, before = an_approval(region), spent(region)
    pace = Pace(confirmations=1, resend=0.2, bump=0.4, doubt=0.4)
    with (
        faulty(region.url) as proxy,
        by_hand(region) as mine,
        outbox(region, sqlite(tmp_path), node=proxy.url, pace=pace) as box,
    ):
        sent = until(box, box.submit(content).id, State.SENT)
        if first:
            proxy.fail(swallow, SENDING)  # the chain never hears of the replacement
        wait_for(lambda: len(tries(box, sent.id)) > 1)
        if not first:
            wait_for(lambda: pooled(region) == tries(box, sent.id)[-1])
        mine()
        found = until(box, sent.id, State.FINAL)
        assert found.transaction in tries(box, sent.id)
        assert (found.transaction == tries(box, sent.id)[0]) is first
    assert (times_on_chain(region, content), spent(region) - before) == (1, 1)


def test_what_a_node_keeps_and_never_mines_is_offered_anew(region: Region, tmp_path: Path) -> None:
    """Anvil puts aside for good what comes while it mines the transaction before: it waits for one that is gone."""
    content, before, carrier = an_approval(region), spent(region), account("carrier")

    def put_aside(call: Call, forward: Any) -> Any:
        region.ask("anvil_setNonce", carrier, hex(before - 1))
        try:
            return forward(call)
        finally:
            region.ask("anvil_setNonce", carrier, hex(before))

    with faulty(region.url) as proxy:
        proxy.fail(put_aside, SENDING, times=1)
        pace = Pace(confirmations=1, resend=0.2, bump=1.0, doubt=0.4)
        with outbox(region, sqlite(tmp_path), node=proxy.url, pace=pace) as box:
            sent = until(box, box.submit(content).id, State.SENT)
            assert region.ask("txpool_status")["queued"] == "0x1"
            found = until(box, sent.id)
            assert found.transaction == tries(box, sent.id)[-1] != tries(box, sent.id)[0]
    assert (times_on_chain(region, content), spent(region) - before) == (1, 1)


def test_base_fee_that_rises_above_what_was_offered(region: Region, tmp_path: Path) -> None:
    content = an_approval(region)
    with usual_fee(region), by_hand(region) as mine, outbox(region, sqlite(tmp_path)) as box:
        sent = until(box, box.submit(content).id, State.SENT)
        region.ask("anvil_setNextBlockBaseFeePerGas", hex(50 * 10**9))
        mine()  # this one leaves it out
        wait_for(lambda: len(tries(box, sent.id)) > 1)
        wait_for(lambda: pooled(region) == tries(box, sent.id)[-1])
        mine()
        assert until(box, sent.id).transaction == tries(box, sent.id)[-1]
    assert times_on_chain(region, content) == 1


def test_two_services_carry_the_same_at_once(region: Region, tmp_path: Path) -> None:
    contents = [an_approval(region) for _ in range(4)]
    with (
        by_hand(region) as mine,
        outbox(region, sqlite(tmp_path, "one")) as one,
        outbox(region, sqlite(tmp_path, "two"), role="stranger") as two,
    ):
        mine_all = [[box.submit(content) for content in contents] for box in (one, two)]
        for box, submitted in zip((one, two), mine_all, strict=True):
            for each in submitted:
                until(box, each.id, State.SENT)
        mine()
        for content, left, right in zip(contents, *mine_all, strict=True):
            found = (until(one, left.id), until(two, right.id))
            assert sorted(each.by_other for each in found) == [False, True]
            assert found[0].transaction == found[1].transaction
            assert times_on_chain(region, content) == 1
        for _ in range(QUICK.confirmations):
            mine()
        for left, right in zip(*mine_all, strict=True):
            assert until(one, left.id, State.FINAL).transaction == until(two, right.id, State.FINAL).transaction


def test_what_stands_on_the_chain_already_is_answered_with_where(region: Region, tmp_path: Path) -> None:
    content, before = an_approval(region), spent(region)
    sent = region.register.approve_for(content.approval, content.subject, region.signer("stranger"))
    with outbox(region, sqlite(tmp_path)) as box:
        found = box.submit(content)
    assert (found.state, found.by_other, found.transaction) == (State.MINED, True, sent.transaction)
    assert spent(region) == before


def test_what_another_carried_first_is_found_before_it_is_signed(region: Region, tmp_path: Path) -> None:
    content, before = an_approval(region), spent(region)
    url = sqlite(tmp_path)
    with outbox(region, url, start=False) as box:
        box._accepting.start()  # type: ignore[union-attr]
        accepted = box.submit(content)
    region.register.approve_for(content.approval, content.subject, region.signer("stranger"))
    with outbox(region, url, pace=Pace(confirmations=1, fresh=0.0)) as box:
        assert until(box, accepted.id, State.FINAL).by_other
    assert (times_on_chain(region, content), spent(region)) == (1, before)


@pytest.mark.parametrize("other", [False, True])
def test_reorganisation_takes_it_back_and_it_is_carried_again(region: Region, tmp_path: Path, other: bool) -> None:
    content = an_approval(region)
    pace = Pace(confirmations=50, resend=0.2, doubt=0.4)
    with outbox(region, sqlite(tmp_path), pace=pace) as box:
        if other:
            region.register.approve_for(content.approval, content.subject, region.signer("stranger"))
        first = until(box, box.submit(content).id)
        assert first.by_other is other
        for _ in range(2):
            region.ask("evm_mine")
        region.ask("anvil_reorg", 3, [])
        wait_for(lambda: box.submission(first.id).block_hash != first.block_hash)
        found = until(box, first.id)
        assert not found.by_other
        assert (found.transaction == first.transaction) is not other
        wait_for(lambda: times_on_chain(region, content) == 1)


@pytest.mark.long
def test_chain_that_falls_back_before_what_was_final(region: Region, tmp_path: Path) -> None:
    contents = [an_approval(region) for _ in range(3)]
    snapshot = region.ask("evm_snapshot")
    with outbox(region, sqlite(tmp_path), pace=Pace(confirmations=1, doubt=0.3)) as box:
        submitted = [until(box, box.submit(one).id, State.FINAL) for one in contents]
        region.ask("evm_revert", snapshot)
        assert [times_on_chain(region, one) for one in contents] == [0, 0, 0]
        box._wake.set()
        wait_for(lambda: [times_on_chain(region, one) for one in contents] == [1, 1, 1])
        for one in submitted:
            assert until(box, one.id, State.FINAL).transaction == one.transaction


def test_nonce_that_somebody_else_used_with_the_key_is_given_up(region: Region, tmp_path: Path) -> None:
    content, foreign = an_approval(region), an_approval(region)
    before = spent(region)
    with faulty(region.url) as proxy:
        proxy.fail(swallow, SENDING, times=1)
        with outbox(region, sqlite(tmp_path), node=proxy.url, pace=Pace(confirmations=1, doubt=0.3)) as box:
            sent = until(box, box.submit(content).id, State.SENT)
            region.register.approve_for(foreign.approval, foreign.subject, region.signer("carrier"))
            found = until(box, sent.id, State.FINAL)
            assert tries(box, sent.id)[0] != found.transaction
    assert (times_on_chain(region, content), spent(region) - before) == (1, 2)


@pytest.mark.long
def test_nonces_of_nobody_are_filled(region: Region, tmp_path: Path) -> None:
    """The key was used elsewhere too, the chain fell back, and ours came after."""
    content, foreign = an_approval(region), an_approval(region)
    snapshot = region.ask("evm_snapshot")
    before = spent(region)
    with outbox(region, sqlite(tmp_path), pace=Pace(confirmations=1, doubt=0.3)) as box:
        region.register.approve_for(foreign.approval, foreign.subject, region.signer("carrier"))
        first = until(box, box.submit(content).id, State.FINAL)
        region.ask("evm_revert", snapshot)
        box._wake.set()
        wait_for(lambda: spent(region) - before == 2)
        assert until(box, first.id, State.FINAL).transaction == first.transaction
    assert (times_on_chain(region, content), times_on_chain(region, foreign)) == (1, 0)


@pytest.mark.long
def test_node_that_takes_no_batches(region: Region, tmp_path: Path) -> None:
    """It answers a list with one error."""
    contents = [an_approval(region) for _ in range(3)]
    with no_batches(region.url) as url, outbox(region, sqlite(tmp_path), node=url) as box:
        for one in [box.hand_in(content) for content in contents]:
            until(box, one.result().id)
    assert [times_on_chain(region, one) for one in contents] == [1, 1, 1]


def test_key_without_funds_loses_nothing(region: Region, tmp_path: Path) -> None:
    content, poor = an_approval(region), account("stranger")
    wealth = region.ask("eth_getBalance", poor, "latest")
    region.ask("anvil_setBalance", poor, "0x1")
    with outbox(region, sqlite(tmp_path), role="stranger") as box:
        signed = until(box, box.submit(content).id, State.SIGNED)
        time.sleep(0.5)
        assert box.submission(signed.id).state is State.SIGNED
        region.ask("anvil_setBalance", poor, wealth)
        until(box, signed.id)
    assert times_on_chain(region, content) == 1


@pytest.mark.long
def test_node_that_goes_away_for_a_while(region: Region, tmp_path: Path) -> None:
    contents = [an_approval(region) for _ in range(2)]
    with faulty(region.url) as proxy, outbox(region, sqlite(tmp_path), node=proxy.url) as box:
        until(box, box.submit(contents[0]).id)
        proxy.fail(hang_up, "eth_getTransactionCount", "eth_getBlockByNumber", times=6)
        with by_hand(region):
            time.sleep(0.3)
        wait_for(lambda: proxy.hit == 6, seconds=30)
        until(box, box.submit(contents[1]).id)
    assert [times_on_chain(region, one) for one in contents] == [1, 1]


def test_another_carries_what_the_first_cannot(region: Region, outbox_url: str) -> None:
    """Two services on one database: the node of the one that carries goes away, and stays away."""
    content = an_approval(region)
    with faulty(region.url) as proxy, outbox(region, outbox_url, node=proxy.url) as first:
        until(first, first.submit(an_approval(region)).id)
        proxy.fail(hang_up, "eth_getTransactionCount", "eth_getBlockByNumber")
        with outbox(region, outbox_url) as second:
            until(second, second.submit(content).id)
    assert times_on_chain(region, content) == 1


def wait_for(found: Any, seconds: float = 20.0) -> None:
    """Until this is so."""
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end
        time.sleep(0.02)


@contextmanager
def usual_fee(region: Region) -> Iterator[None]:
    """The base fee afterwards as it was: a snapshot does not keep it."""
    before = region.ask("eth_getBlockByNumber", "latest", False)["baseFeePerGas"]
    try:
        yield
    finally:
        region.ask("anvil_setNextBlockBaseFeePerGas", before)
        region.ask("evm_mine")


def pooled(region: Region) -> bytes | None:
    """The hash of the one transaction of the carrier that waits for a block."""
    pending = region.ask("txpool_content")["pending"]
    mine = next((found for sender, found in pending.items() if sender.lower() == account("carrier").lower()), {})
    return next((bytes.fromhex(one["hash"][2:]) for one in mine.values()), None)


def no_batches(behind: str) -> Any:
    """A node that does not know lists."""
    from world import node

    def answer(call: Call, forward: Any) -> Any:
        return forward(call)

    return node(answer, behind, singles=True)


def test_goal_is_found_in_halves_where_the_node_finds_the_range_too_large(region: Region) -> None:
    content = an_approval(region)
    region.register.approve_for(content.approval, content.subject, region.signer("stranger"))
    latest = region.chain.latest()[0]

    def too_large(call: Call, forward: Any) -> Any:
        query = call["params"][0]
        if int(query["toBlock"], 16) - int(query["fromBlock"], 16) < 3:
            return forward(call)
        return {"jsonrpc": "2.0", "id": call["id"], "error": {"code": -32005, "message": "query returned too much"}}

    with faulty(region.url) as proxy:
        proxy.fail(too_large, "eth_getLogs")
        found = Node(through(region, proxy.url), pause=lambda _: None).find(content.goal, latest)
    assert found is not None
    assert found.block == latest
