"""What the index does when the chain changes its mind, or the node fails or lies: always the rows of the true chain."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import faulty_proxy
import pytest
from faulty_proxy import Fault, Proxy, faulty
from indexes import dump, fresh, identity, identity_of
from ledgers import digest_of
from world import DAY, Desk, Region, account, as_it_was

from registry.chain import Register, connect, raw
from registry.errors import ChainError, DeploymentError
from registry.index import Index, following
from registry.index.fetching import SETTLED_BLOCKS
from registry.index.following import MissingEventsError
from registry.localnet import running
from registry.model import Act, Approval, ServiceAnnounced

pytestmark = pytest.mark.long


@pytest.fixture
def index(index_url: str, region: Region) -> Iterator[Index]:
    with Index.open(index_url, identity_of(region)) as opened:
        yield opened


def conclude(region: Region, name: str) -> Act:
    """An agreement, in one block of its own."""
    act = Act(digest_of(name), ("gm0339", "gm0345"), region.now())
    roles = ("gm0339", "gm0345")
    signed = [region.register.approve(_proposed(region, act), region.signer(one)) and one for one in roles]
    region.register.record(act, (), [Approval(account(one)) for one in signed], region.signer("carrier"))
    return act


def _proposed(region: Region, act: Act) -> bytes:
    return region.register.hash_act(act)


def mine(region: Region, blocks: int) -> None:
    region.ask("anvil_mine", hex(blocks))


@pytest.mark.parametrize("depth", [1, 2, 8, 33, 64])
def test_reorganisation_is_followed(index: Index, region: Region, tmp_path: Path, depth: int) -> None:
    first = conclude(region, "eerste")
    snapshot = region.ask("evm_snapshot")
    height = region.chain.latest()[0]
    for number in range(depth // 8):
        conclude(region, f"verdwijnt {number}")
    region.register.propose(replace(first, dossier=digest_of("verdwijnt ook")), region.signer("gm0345"))
    mine(region, max(0, depth - (region.chain.latest()[0] - height)))
    assert index.catch_up(region.register).block - height == depth
    before = dump(index)
    assert region.ask("evm_revert", snapshot) is True
    region.ask("evm_increaseTime", 3)
    conclude(region, "komt ervoor in de plaats")
    mine(region, depth)
    index.catch_up(region.register)
    assert dump(index) == fresh(region, tmp_path) != before


@pytest.mark.parametrize("depth", [1, 2])
def test_chain_that_became_shorter_is_followed(index: Index, region: Region, tmp_path: Path, depth: int) -> None:
    conclude(region, "eerste")
    snapshot = region.ask("evm_snapshot")
    for number in range(depth):
        region.register.announce("gm0345", f"https://{number}.example", region.signer("gm0345:admin"))
    index.catch_up(region.register)
    assert region.ask("evm_revert", snapshot) is True
    assert index.catch_up(region.register).block == region.chain.latest()[0]
    assert dump(index) == fresh(region, tmp_path)


def test_reorganisation_while_reading_is_noticed(index: Index, region: Region, tmp_path: Path) -> None:
    """Logs of one chain, headers of another: the node switches between two answers."""
    conclude(region, "eerste")
    snapshot = region.ask("evm_snapshot")
    conclude(region, "verdwijnt")
    with faulty(region.url) as proxy:

        def switch(call: faulty_proxy.Call, forward: faulty_proxy.Forward) -> faulty_proxy.Answer:
            answer = forward(call)
            assert region.ask("evm_revert", snapshot) is True
            region.ask("evm_increaseTime", 9)
            conclude(region, "komt ervoor in de plaats")
            return answer

        proxy.fail(switch, "eth_getLogs", times=1)
        index.catch_up(through(region, proxy))
        assert proxy.hit == 1
    assert dump(index) == fresh(region, tmp_path)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No long waits between tries, nor for answers."""
    monkeypatch.setattr(raw, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(sys.modules["registry.chain.connect"], "_REQUEST_TIMEOUT_SECONDS", 2)


def through(region: Region, proxy: Proxy) -> Register:
    return Register(connect(proxy.url, 5), region.register.address, region.register.from_block)


@pytest.fixture
def proxy(region: Region, quick: None) -> Iterator[Proxy]:
    with faulty(region.url) as opened:
        yield opened


@pytest.fixture
def busy(region: Region, desk: Desk) -> Region:
    first = desk.concluded("veenendaal", "renswoude")
    desk.agree(desk.draft("veenendaal", "renswoude", follows=first, since=5))
    mine(region, 150)
    region.travel(DAY)
    desk.concluded("ede", "renswoude", "utrecht")
    return region


@pytest.mark.parametrize(
    "fault",
    [
        faulty_proxy.hang_up,
        faulty_proxy.sleep,
        faulty_proxy.nonsense,
        faulty_proxy.refuse,
        faulty_proxy.at_most(2),
    ],
)
@pytest.mark.parametrize("method", ["eth_getLogs", "eth_getBlockByNumber"])
def test_passing_fault_is_survived(
    index: Index, busy: Region, proxy: Proxy, tmp_path: Path, fault: Fault, method: str
) -> None:
    if fault.__name__ == "fault" and method != "eth_getLogs":
        pytest.skip("only logs can be too many")
    register = through(busy, proxy)
    proxy.fail(fault, method, times=3)
    index.catch_up(register)
    assert proxy.hit == 3
    assert dump(index) == fresh(busy, tmp_path)


def test_node_that_limits_every_answer_is_read_in_small_ranges(
    index: Index, busy: Region, proxy: Proxy, tmp_path: Path
) -> None:
    busiest = max(map(len, _by_block(busy).values()))
    proxy.fail(faulty_proxy.at_most(busiest), "eth_getLogs")
    index.catch_up(through(busy, proxy))
    assert proxy.hit >= 5
    assert dump(index) == fresh(busy, tmp_path)


def _by_block(region: Region) -> dict[int, list[object]]:
    found: dict[int, list[object]] = {}
    for event in region.register.events():
        found.setdefault(event.place.block, []).append(event)
    return found


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (faulty_proxy.hang_up, "no node answers"),
        (faulty_proxy.sleep, "in time"),
        (faulty_proxy.nonsense, "nonsense"),
        (faulty_proxy.at_most(0), "query returned more than 10000 results"),
    ],
)
def test_lasting_fault_is_told_and_leaves_what_was_read(
    index: Index, busy: Region, proxy: Proxy, tmp_path: Path, fault: Fault, words: str
) -> None:
    register = through(busy, proxy)
    known = index.catch_up(register, to_block=busy.register.from_block + 5)
    proxy.fail(fault, "eth_getLogs")
    with pytest.raises(ChainError, match=words) as caught:
        index.catch_up(register)
    assert "eth_" not in caught.value.message
    assert proxy.hit < 40
    found = index.as_of
    assert found is not None
    assert found.block >= known.block
    proxy.fault = None
    index.catch_up(register)
    assert dump(index) == fresh(busy, tmp_path)


@pytest.fixture
def settled(busy: Region) -> Region:
    """All that happened lies behind the blocks about which nodes may differ."""
    for name in ("een", "twee"):
        mine(busy, 2)
        busy.ask("evm_increaseTime", 9)
        busy.register.announce("gm0345", f"https://{name}.example", busy.signer("gm0345:admin"))
    busy.ask("evm_increaseTime", 9)
    mine(busy, SETTLED_BLOCKS + 1)
    return busy


def test_times_in_the_logs_save_a_question_for_each_block(index: Index, settled: Region, proxy: Proxy) -> None:
    register = through(settled, proxy)
    proxy.asked.clear()
    index.catch_up(register)
    ranges = [one for one in proxy.asked if one["method"] == "eth_getLogs"]
    blocks = [one for one in proxy.asked if one["method"] == "eth_getBlockByNumber"]
    # Of each range the first and the last, and whether that is still the same; and once the latest.
    assert len(blocks) <= 3 * len(ranges) + 1 < len(_by_block(settled))


def test_of_the_last_blocks_each_is_asked_for(index: Index, busy: Region, proxy: Proxy, tmp_path: Path) -> None:
    """A log that tells of a block that the chain does not have is refused, while nodes may still differ."""
    conclude(busy, "laatst")
    mine(busy, 3)
    [*_, last] = _by_block(busy)

    def fault(call: faulty_proxy.Call, forward: faulty_proxy.Forward) -> faulty_proxy.Answer:
        answer = forward(call)
        for log in answer["result"]:
            if int(log["blockNumber"], 16) == last:
                log["blockHash"] = "0x" + 64 * "e"
        return answer

    proxy.fail(fault, "eth_getLogs")
    with pytest.raises(ChainError, match="keeps changing"):
        index.catch_up(through(busy, proxy))
    proxy.fault = None
    index.catch_up(through(busy, proxy))
    assert dump(index) == fresh(busy, tmp_path)


@pytest.mark.parametrize("times", [1, 10**9])
def test_logs_that_were_removed_are_refused(
    index: Index, settled: Region, proxy: Proxy, tmp_path: Path, times: int
) -> None:
    proxy.fail(faulty_proxy.removed, "eth_getLogs", times=times)
    if times > 1:
        with pytest.raises(ChainError, match="keeps changing"):
            index.catch_up(through(settled, proxy))
        assert proxy.hit == following.MOST_REORGANISATIONS
        proxy.fault = None
    index.catch_up(through(settled, proxy))
    assert dump(index) == fresh(settled, tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        *(lambda *_: None, lambda *_: "0x0", lambda *_: "", lambda time, _: time),
        *(lambda time, _: hex(time * 1000), lambda time, _: hex(time + 10**6)),
    ],
    ids=["left out", "nought", "nothing", "a number", "milliseconds", "another clock"],
)
def test_times_that_cannot_be_are_asked_for(
    index: Index, settled: Region, proxy: Proxy, tmp_path: Path, change: Callable[[int, int], object]
) -> None:
    proxy.fail(faulty_proxy.with_times(change), "eth_getLogs")
    index.catch_up(through(settled, proxy))
    assert proxy.hit > 0
    assert dump(index) == fresh(settled, tmp_path)


def test_times_that_could_be_are_held_against_the_contract(
    index: Index, settled: Region, proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Facts are told to be a second younger than they are: the fingerprint holds the times that the contract saw.

    So what was read is taken back to before them, and from there on every header is asked for.
    """
    lies = [one.place.block for one in settled.register.events() if isinstance(one, ServiceAnnounced)][-2:]
    proxy.fail(faulty_proxy.with_times(lambda time, block: hex(time + (block in lies))), "eth_getLogs")
    taken_back: list[int] = []
    rollback = Index.rollback
    monkeypatch.setattr(Index, "rollback", lambda self, block: taken_back.append(block) or rollback(self, block))
    index.catch_up(through(settled, proxy))
    assert len(taken_back) == 1
    assert dump(index) == fresh(settled, tmp_path)


@pytest.mark.parametrize("fault", [faulty_proxy.empty, faulty_proxy.without(0)])
def test_lie_is_noticed_located_and_not_kept(
    index: Index, busy: Region, proxy: Proxy, tmp_path: Path, fault: Fault
) -> None:
    register = through(busy, proxy)
    last_good = index.catch_up(register, to_block=busy.chain.latest()[0] - 153)
    proxy.fail(fault, "eth_getLogs")
    with pytest.raises(MissingEventsError, match="do not add up") as caught:
        index.catch_up(register)
    assert "another node" in str(caught.value.hint)
    stored = [int(str(row["number"])) for row in index.rows("blocks")]
    assert index.as_of is not None
    assert index.as_of.block == max(stored) <= last_good.block
    assert index.as_of.fingerprint == busy.register.fingerprint(index.as_of.block)
    proxy.fault = None
    index.catch_up(register)
    assert dump(index) == fresh(busy, tmp_path)


def test_lie_told_once_is_survived(index: Index, busy: Region, proxy: Proxy, tmp_path: Path) -> None:
    proxy.fail(faulty_proxy.empty, "eth_getLogs", times=1)
    index.catch_up(through(busy, proxy))
    assert dump(index) == fresh(busy, tmp_path)


def test_lie_is_located_where_it_was_told(index: Index, busy: Region, proxy: Proxy) -> None:
    """One log of one block is kept back: the message names the blocks between which it is missing."""
    events = busy.register.events()
    place = events[-2].place
    earlier = max(one.place.block for one in events if one.place.block < place.block)

    def fault(call: faulty_proxy.Call, forward: faulty_proxy.Forward) -> faulty_proxy.Answer:
        answer = forward(call)
        kept = [one for one in answer["result"] if int(one["blockNumber"], 16) != place.block]
        return {**answer, "result": kept}

    try:
        busy.register.fingerprint(earlier)
    except ChainError:
        earlier = -1  # Anvil forgot the old states of this much used chain, so that nothing can be located
    proxy.fail(fault, "eth_getLogs")
    with pytest.raises(MissingEventsError, match=f"from block {earlier + 1}"):
        index.catch_up(through(busy, proxy))


def test_lie_without_old_states_goes_back_to_the_last_time(
    index: Index, busy: Region, proxy: Proxy, tmp_path: Path
) -> None:
    """A node that keeps only the latest state cannot say where it went wrong."""
    register = through(busy, proxy)
    known = index.catch_up(register, to_block=busy.chain.latest()[0] - 160)
    newest = hex(busy.chain.latest()[0])

    def fault(call: faulty_proxy.Call, forward: faulty_proxy.Forward) -> faulty_proxy.Answer:
        if call["method"] == "eth_getLogs":
            return faulty_proxy.empty(call, forward)
        if call["params"][1] == newest:
            return forward(call)
        return {"jsonrpc": "2.0", "id": call["id"], "error": {"code": -32000, "message": "missing trie node"}}

    proxy.fail(fault, "eth_getLogs", "eth_call")
    with pytest.raises(MissingEventsError, match="do not add up"):
        index.catch_up(register)
    assert index.as_of is not None
    assert index.as_of.block <= known.block
    proxy.fault = None
    index.catch_up(register)
    assert dump(index) == fresh(busy, tmp_path)


def test_chain_that_was_reset_is_read_anew(index_url: str, tmp_path: Path, region: Region) -> None:
    import os

    from world import ROOT

    def other(name: str) -> tuple[Region, Callable[[], None]]:
        opened = running("anvil", start=ROOT, environ=os.environ)
        made = Region(opened.__enter__(), tmp_path / name)
        return made, lambda: opened.__exit__(None, None, None) and None

    old, stop = other("old")
    with Index.open(index_url, identity_of(old)) as index:
        old.appoint("veenendaal", "gm0345")
        index.catch_up(old.register)
        before = dump(index)
        stop()
        new, stop = other("new")
        try:
            assert new.register.address == old.register.address
            new.appoint("ede", "gm0228")
            index.catch_up(new.register)
            assert dump(index) == fresh(new, tmp_path) != before
        finally:
            stop()


def test_chain_without_the_register_leaves_the_index_alone(index: Index, region: Region) -> None:
    import os

    from world import ROOT

    index.catch_up(region.register)
    before = dump(index)
    with running("anvil", start=ROOT, environ=os.environ) as empty:
        mine_all = connect(empty.url, 5)
        mine_all.web3.provider.make_request("anvil_mine", ["0x40"])  # type: ignore[arg-type]
        other = Register(mine_all, region.register.address, region.register.from_block)
        assert identity(other) == index.identity
        with pytest.raises(DeploymentError, match="was reset"):
            index.catch_up(other)
    assert dump(index) == before


def test_two_writers_do_not_spoil_each_other(index: Index, index_url: str, busy: Region, tmp_path: Path) -> None:
    from registry.errors import StorageError

    with Index.open(index_url, identity_of(busy)) as other:
        done = []

        def meanwhile(first: int, now: int, last: int) -> None:
            if not done:
                done.append(now)
                other.catch_up(busy.register)

        with pytest.raises(StorageError, match="another process"):
            index.catch_up(busy.register, progress=meanwhile)
        assert index.catch_up(busy.register) == other.as_of
    assert dump(index) == fresh(busy, tmp_path)


def test_nothing_runs_on_once_it_was_stopped(index: Index, busy: Region, tmp_path: Path) -> None:
    import threading

    class Stop(Exception):  # noqa: N818
        pass

    def stop(first: int, now: int, last: int) -> None:
        if now >= first:
            raise Stop

    with pytest.raises(Stop):
        index.catch_up(busy.register, progress=stop)
    assert not [one for one in threading.enumerate() if one.name == "index-ahead"]
    index.catch_up(busy.register)
    assert dump(index) == fresh(busy, tmp_path)


def test_region_is_as_it_was(region: Region) -> None:
    with as_it_was(region):
        height = region.chain.latest()[0]
        mine(region, 3)
    assert region.chain.latest()[0] == height
