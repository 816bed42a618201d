"""A local chain keeps what it has: through down and up, kill -9, half a dump, and a clock that was set."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import psutil
import pytest
from localnets import ENGINES, ETHER, ask, facts, kill, pay, wait_for

from registry.localnet import (
    ACCOUNT_COUNT,
    development_account,
    down,
    is_local,
    status,
    up,
)

pytestmark = pytest.mark.long


@pytest.mark.parametrize("engine", ENGINES)
def test_chain_is_what_the_documentation_says(state_dir: Path, engine: str) -> None:
    chain = up(state_dir, engine)
    assert status(state_dir) == chain
    assert chain.url == f"http://127.0.0.1:{chain.port}"
    assert int(ask(chain, "eth_chainId"), 16) == chain.chain_id == {"ganache": 1337, "anvil": 31337}[engine]
    assert is_local(ask(chain, "web3_clientVersion"), chain.url)

    accounts = [account.lower() for account in ask(chain, "eth_accounts")]
    assert accounts == [development_account(index).address.lower() for index in range(ACCOUNT_COUNT)]
    assert int(ask(chain, "eth_getBalance", accounts[-1], "latest"), 16) == 1000 * ETHER

    block = ask(chain, "eth_getBlockByNumber", "latest", False)
    assert int(block["gasLimit"], 16) == 30_000_000
    pay(chain)
    block = ask(chain, "eth_getBlockByNumber", "latest", False)
    assert block["number"] == "0x1"  # mined at once
    assert "withdrawals" in block or engine == "ganache"  # shanghai
    assert "blobGasUsed" not in block  # and not cancun

    record = json.loads((state_dir / "chain.json").read_text())
    assert (record["pid"], record["port"], record["engine"]) == (chain.pid, chain.port, engine)
    assert "eth_chainId" in chain.log.read_text()


@pytest.mark.parametrize("engine", ENGINES)
def test_listens_on_loopback_only_and_is_one_process(state_dir: Path, engine: str) -> None:
    chain = up(state_dir, engine)
    node = psutil.Process(chain.pid)
    connections = getattr(node, "net_connections", None) or node.connections
    listening = [c.laddr for c in connections(kind="inet") if c.status == psutil.CONN_LISTEN]
    assert [(address.ip, address.port) for address in listening] == [("127.0.0.1", chain.port)]
    assert node.children() == []
    assert os.getsid(chain.pid) == chain.pid  # a session of its own: out of reach of the terminal


def test_chain_does_not_inherit_secrets_or_the_working_directory(state_dir: Path) -> None:
    environ = {**os.environ, "FOODVALLEY_PASSWORD": "correct horse battery staple"}
    chain = up(state_dir, "anvil", environ=environ)
    assert "FOODVALLEY_PASSWORD" not in psutil.Process(chain.pid).environ()
    assert psutil.Process(chain.pid).cwd() == str(state_dir)


@pytest.mark.parametrize("engine", ENGINES)
def test_chain_survives_down_and_up(state_dir: Path, engine: str) -> None:
    first = up(state_dir, engine)
    pay(first)
    pay(first)
    before = facts(first)

    assert down(state_dir) == first
    assert status(state_dir) is None
    assert not psutil.pid_exists(first.pid)
    assert down(state_dir) is None

    second = up(state_dir, engine)
    assert facts(second) == before
    assert second.port == first.port
    pay(second)
    assert ask(second, "eth_blockNumber") == "0x3"
    down(state_dir)
    assert len(facts(up(state_dir, engine))["blocks"]) == 4


@pytest.mark.parametrize("engine", ENGINES)
def test_blocks_and_old_states_are_the_same_after_many_restarts(state_dir: Path, engine: str) -> None:
    chain = up(state_dir, engine)
    pay(chain)
    for _ in range(4):
        before = facts(chain)
        down(state_dir)
        chain = up(state_dir, engine)
        assert facts(chain) == before
        pay(chain)


@pytest.mark.parametrize("engine", ENGINES)
def test_clock_is_right_after_a_restart(state_dir: Path, engine: str) -> None:
    up(state_dir, engine)
    down(state_dir)
    time.sleep(3)
    chain = up(state_dir, engine)
    pay(chain)
    assert abs(int(ask(chain, "eth_getBlockByNumber", "latest", False)["timestamp"], 16) - time.time()) < 2.5


@pytest.mark.parametrize("engine", ENGINES)
def test_clock_does_not_run_back_over_a_restart(state_dir: Path, engine: str) -> None:
    chain = up(state_dir, engine)
    ask(chain, "evm_increaseTime", 86_400)
    pay(chain)
    before = int(ask(chain, "eth_getBlockByNumber", "latest", False)["timestamp"], 16)
    assert before > time.time() + 80_000
    down(state_dir)
    chain = up(state_dir, engine)
    pay(chain)
    assert int(ask(chain, "eth_getBlockByNumber", "latest", False)["timestamp"], 16) >= before


@pytest.mark.parametrize("engine", ENGINES)
def test_chain_recovers_from_kill_9(state_dir: Path, engine: str) -> None:
    chain = up(state_dir, engine)
    pay(chain)
    before, paid_at = facts(chain), time.time()
    if engine == "anvil":  # writes its state every few seconds only
        dump = state_dir / "anvil.next.json"
        wait_for(lambda: dump.exists() and dump.stat().st_mtime > paid_at + 0.5)
        time.sleep(0.5)  # and not in one stroke
    kill(chain)
    assert status(state_dir) is None
    assert not (state_dir / "chain.json").exists()

    again = up(state_dir, engine)
    assert again.pid != chain.pid
    assert facts(again) == before


def test_up_recovers_from_kill_9_without_status_or_down_in_between(state_dir: Path) -> None:
    chain = up(state_dir)
    kill(chain)
    again = up(state_dir)
    assert again.pid != chain.pid
    assert status(state_dir) == again


def test_half_a_dump_does_not_cost_the_chain(state_dir: Path) -> None:
    chain = up(state_dir, "anvil")
    pay(chain)
    before = facts(chain)
    down(state_dir)
    pay(up(state_dir, "anvil"))
    down(state_dir)
    dump = state_dir / "anvil.next.json"
    with dump.open("r+b") as file:
        file.truncate(dump.stat().st_size // 2)
    assert facts(up(state_dir, "anvil")) == before
