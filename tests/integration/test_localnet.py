"""The local chain for real: Ganache and Anvil are started, interrupted, killed and brought back."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from registry.errors import LocalChainError, UsageError
from registry.localnet import (
    ACCOUNT_COUNT,
    LocalChain,
    development_account,
    down,
    engines,
    is_local,
    process,
    running,
    status,
    up,
)

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
ENGINES = ("ganache", "anvil")
ETHER = 10**18


@pytest.fixture
def state_dir(tmp_path: Path) -> Iterator[Path]:
    """A state directory of this test alone; whatever runs in it afterwards is ended, and is a failure."""
    folder = tmp_path / "chain"
    yield folder
    down(folder)
    left = processes_of(folder)
    for survivor in left:
        survivor.kill()
    assert left == []


def processes_of(folder: Path) -> list[psutil.Process]:
    """Every engine process that works in the folder, whoever is its parent."""
    found = []
    for candidate in psutil.process_iter():
        try:
            words = candidate.cmdline()
            if candidate.status() == psutil.STATUS_ZOMBIE or sys.executable in words:
                continue
            if any(str(folder) in word for word in words):
                found.append(candidate)
        except psutil.Error:
            continue
    return found


def ask(chain: LocalChain, method: str, *params: object) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", chain.port, timeout=10)
    try:
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        connection.request("POST", "/", body, {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    assert "error" not in answer, answer
    return answer["result"]


def pay(chain: LocalChain) -> None:
    """One ether from the carrier to the stranger, in a block of its own."""
    carrier, stranger = development_account(0).address, development_account(31).address
    sent = ask(chain, "eth_sendTransaction", {"from": carrier, "to": stranger, "value": hex(ETHER)})
    wait_for(lambda: ask(chain, "eth_getTransactionReceipt", sent))  # Anvil answers before it mines


def facts(chain: LocalChain) -> dict[str, object]:
    """What must be the same after a restart."""
    stranger = development_account(31).address
    newest = int(ask(chain, "eth_blockNumber"), 16)
    return {
        "blocks": [ask(chain, "eth_getBlockByNumber", hex(n), False)["hash"] for n in range(newest + 1)],
        "balances": [int(ask(chain, "eth_getBalance", stranger, hex(n)), 16) for n in range(newest + 1)],
        "transactions": ask(chain, "eth_getTransactionCount", development_account(0).address, "latest"),
        "proof": ask(chain, "eth_getProof", stranger, [], "0x1"),
    }


def kill(chain: LocalChain) -> None:
    """End it without a chance to write anything, and wait until the system has done so."""
    victim = psutil.Process(chain.pid)
    victim.kill()
    victim.wait(10)


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def python(code: str, *arguments: object, **environ: str) -> subprocess.Popen[str]:
    """A Python process of its own that runs the code, its output captured."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


UP = """
    import sys
    from pathlib import Path
    from registry.localnet import up
    print(up(Path(sys.argv[1]), *sys.argv[2:]).pid)
"""


@pytest.fixture
def silent_modules(tmp_path: Path) -> Path:
    """A node_modules whose Ganache starts, never answers, and ignores a polite request to stop."""
    script = tmp_path / "silent" / "node_modules" / "ganache" / "dist" / "node" / "cli.js"
    script.parent.mkdir(parents=True)
    script.write_text(
        "process.on('SIGTERM', () => console.log('no'));\n"
        "console.log('(0) 0x' + 'ab'.repeat(32) + '\\nwaiting for nothing');\n"
        "setInterval(() => {}, 1000);\n"
    )
    return tmp_path / "silent" / "node_modules"


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


def test_up_when_up_returns_the_running_chain(state_dir: Path) -> None:
    chain = up(state_dir, "anvil")
    assert up(state_dir, "anvil") == chain
    assert up(state_dir, "anvil", chain.port) == chain
    with pytest.raises(LocalChainError, match=r"is anvil .*, not ganache") as refusal:
        up(state_dir, "ganache")
    assert refusal.value.hint is not None
    assert "down" in refusal.value.hint
    with pytest.raises(LocalChainError, match=f"running on port {chain.port}, not 1"):
        up(state_dir, "anvil", 1)
    assert status(state_dir) == chain


def test_ups_at_the_same_moment_start_one_chain(state_dir: Path, tmp_path: Path) -> None:
    code = """
        import sys, time
        from pathlib import Path
        from registry.localnet import up
        Path(sys.argv[2]).touch()
        while not Path(sys.argv[3]).exists():
            time.sleep(0.001)
        print(up(Path(sys.argv[1])).pid)
    """
    at_the_line = [tmp_path / f"ready-{number}" for number in range(3)]
    runners = [python(code, state_dir, ready, tmp_path / "go") for ready in at_the_line]
    wait_for(lambda: all(ready.exists() for ready in at_the_line), 60)
    (tmp_path / "go").touch()
    answers = [runner.communicate(timeout=90) for runner in runners]
    assert [runner.returncode for runner in runners] == [0, 0, 0], answers
    pids = {int(printed) for printed, _ in answers}
    assert pids == {node.pid for node in processes_of(state_dir)}
    assert len(pids) == 1


def test_chain_outlives_the_process_that_started_it_and_is_stopped_by_another(state_dir: Path) -> None:
    starter = python(UP, state_dir, "anvil")
    pid = int(starter.communicate(timeout=60)[0])
    chain = status(state_dir)
    assert chain is not None
    assert chain.pid == pid
    assert down(state_dir) == chain


def test_down_does_not_wait_for_the_parent_of_a_zombie(state_dir: Path) -> None:
    # The process that started the chain lives on and does not look after its dead child.
    starter = python(UP + "\n    sys.stdout.flush(); sys.stdin.read()", state_dir, "anvil")
    wait_for(lambda: status(state_dir))
    begun = time.monotonic()
    assert down(state_dir) is not None
    assert time.monotonic() - begun < 5
    starter.kill()
    starter.communicate()


def test_down_leaves_a_process_alone_that_got_the_pid_of_a_dead_chain(state_dir: Path) -> None:
    chain = up(state_dir, "anvil")
    record = json.loads((state_dir / "chain.json").read_text())
    kill(chain)
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        for stale in (record | {"pid": bystander.pid}, record | {"pid": -1}, {"pid": bystander.pid}):
            (state_dir / "chain.json").write_text(json.dumps(stale))
            assert down(state_dir) is None
            assert not (state_dir / "chain.json").exists()
            (state_dir / "chain.json").write_text(json.dumps(stale))
            assert status(state_dir) is None
            assert not (state_dir / "chain.json").exists()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_chain_is_recognised_after_the_clock_was_set(state_dir: Path) -> None:
    chain = up(state_dir, "anvil")
    record = json.loads((state_dir / "chain.json").read_text())
    (state_dir / "chain.json").write_text(json.dumps(record | {"createTime": record["createTime"] - 3600}))
    assert status(state_dir) == chain


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_interrupting_up_while_it_waits_leaves_no_process(
    state_dir: Path, silent_modules: Path, how: signal.Signals
) -> None:
    starter = python(UP, state_dir, FOODVALLEY_NODE_MODULES=str(silent_modules))
    wait_for(lambda: processes_of(state_dir) and "waiting" in (state_dir / "chain.log").read_text())
    starter.send_signal(how)
    _, complaint = starter.communicate(timeout=30)
    assert starter.returncode != 0
    assert ("KeyboardInterrupt" in complaint) == (how is signal.SIGINT)
    assert processes_of(state_dir) == []
    assert not (state_dir / "chain.json").exists()


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.2, 0.5])
def test_interrupting_up_of_a_real_chain_at_any_moment_leaves_none_unknown(state_dir: Path, delay: float) -> None:
    starter = python(UP, state_dir)
    wait_for((state_dir / "chain.lock").exists)
    time.sleep(delay)
    starter.send_signal(signal.SIGINT)
    starter.communicate(timeout=30)
    chain = status(state_dir)  # may have been ready just before
    assert [node.pid for node in processes_of(state_dir)] == ([chain.pid] if chain else [])


def test_killing_up_while_it_waits_leaves_a_process_that_down_finds(
    state_dir: Path, silent_modules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starter = python(UP, state_dir, FOODVALLEY_NODE_MODULES=str(silent_modules))
    wait_for(lambda: (state_dir / "chain.json").exists() and processes_of(state_dir))
    starter.kill()
    starter.communicate()
    assert status(state_dir) is None  # it never answered
    assert len(processes_of(state_dir)) == 1
    assert down(state_dir, timeout_seconds=0.5) is not None
    assert processes_of(state_dir) == []


def test_up_takes_over_from_an_up_that_was_killed_while_waiting(state_dir: Path) -> None:
    chain = up(state_dir)
    record = json.loads((state_dir / "chain.json").read_text())
    (state_dir / "chain.json").write_text(json.dumps(record | {"ready": False}))
    assert status(state_dir) is None
    assert up(state_dir) == chain
    assert status(state_dir) == chain


def test_chain_that_does_not_answer_is_ended_and_its_log_shown(state_dir: Path, silent_modules: Path) -> None:
    environ = {**os.environ, "FOODVALLEY_NODE_MODULES": str(silent_modules)}
    with pytest.raises(LocalChainError, match="did not answer within 1 seconds") as failure:
        up(state_dir, environ=environ, timeout_seconds=1)
    assert "waiting for nothing" in failure.value.message
    assert "abab" not in failure.value.message  # the keys it greets with
    assert processes_of(state_dir) == []
    assert status(state_dir) is None


def test_chain_that_crashes_is_reported_with_its_last_words(state_dir: Path) -> None:
    state_dir.mkdir()
    (state_dir / "anvil.json").write_text("{}")
    with pytest.raises(LocalChainError, match=r"anvil stopped while starting; it said:\n(.|\n)*anvil\.json"):
        up(state_dir, "anvil")
    assert processes_of(state_dir) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_occupied_port_is_refused_when_told_and_avoided_when_not(state_dir: Path, engine: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(LocalChainError, match=f"port {port} cannot be used: Address already in use"):
            up(state_dir, engine, port)
        assert processes_of(state_dir) == []
        (state_dir / "port").write_text(f"{port}\n")  # had it last time
        assert up(state_dir, engine).port != port


@pytest.mark.parametrize("engine", ENGINES)
def test_port_lost_in_a_race_is_replaced(state_dir: Path, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        lost = other.getsockname()[1]
        choose, chosen = process._choose_port, []

        def choose_late(folder: Path, told: int | None, *, reuse: bool) -> int:
            chosen.append(choose(folder, told, reuse=reuse) if chosen else lost)
            return chosen[-1]

        monkeypatch.setattr(process, "_choose_port", choose_late)
        chain = up(state_dir, engine)
        assert chosen == [lost, chain.port]
        assert [node.pid for node in processes_of(state_dir)] == [chain.pid]


def test_chosen_port_is_used(state_dir: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert up(state_dir, "anvil", port).port == port


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_impossible_port_is_a_usage_error(state_dir: Path, port: int) -> None:
    with pytest.raises(UsageError, match="is not a port"):
        up(state_dir, "anvil", port)


def test_unknown_engine_is_a_usage_error(state_dir: Path) -> None:
    with pytest.raises(UsageError, match="unknown engine 'hardhat'"):
        up(state_dir, "hardhat")


@pytest.fixture
def nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder from which no node_modules can be found, the package's own included."""
    monkeypatch.setattr(engines, "__file__", str(tmp_path / "a" / "b" / "c.py"))
    return tmp_path


def test_missing_node_says_what_to_install(state_dir: Path) -> None:
    with pytest.raises(LocalChainError, match=r"Node\.js is not installed") as missing:
        up(state_dir, environ={"PATH": ""})
    assert missing.value.hint is not None
    assert "Node.js 18 or newer" in missing.value.hint


def test_anvil_needs_no_node(state_dir: Path) -> None:
    assert up(state_dir, "anvil", environ={"PATH": ""}).engine == "anvil"


def test_old_node_is_refused(state_dir: Path, tmp_path: Path) -> None:
    node = tmp_path / "bin" / "node"
    node.parent.mkdir()
    node.write_text("#!/bin/sh\necho v16.20.2\n")
    node.chmod(node.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(LocalChainError, match=r"Node\.js v16\.20\.2 is too old"):
        up(state_dir, environ={"PATH": str(node.parent)})


@pytest.mark.parametrize("engine", ENGINES)
def test_missing_packages_say_what_to_run(state_dir: Path, nothing_installed: Path, engine: str) -> None:
    with pytest.raises(LocalChainError, match=f"{engine} is not installed") as missing:
        up(state_dir, engine, environ={"PATH": ""}, start=nothing_installed)
    assert missing.value.hint is not None
    assert "npm install" in missing.value.hint
    assert {"ganache": "ganache@7.9.2", "anvil": "@foundry-rs/anvil@1.7.1"}[engine] in missing.value.hint


def test_named_node_modules_without_the_engine_is_an_error(state_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(LocalChainError, match=r"FOODVALLEY_NODE_MODULES is .*, and anvil is not in there"):
        up(state_dir, "anvil", environ={**os.environ, "FOODVALLEY_NODE_MODULES": str(tmp_path)})


@pytest.mark.parametrize("engine", ENGINES)
def test_engine_on_the_path_is_started_without_its_wrapper(
    state_dir: Path, nothing_installed: Path, engine: str
) -> None:
    node = shutil.which("node")
    assert node is not None
    path = os.pathsep.join([str(ROOT / "node_modules" / ".bin"), str(Path(node).parent)])
    chain = up(state_dir, engine, environ={"PATH": path}, start=nothing_installed)
    assert psutil.Process(chain.pid).children() == []


def test_running_stops_the_chain_and_keeps_nothing() -> None:
    with running("anvil") as chain:
        assert status(chain.state_dir) == chain
        pay(chain)
    assert not psutil.pid_exists(chain.pid)
    assert not chain.state_dir.exists()


def test_running_stops_the_chain_when_the_block_fails() -> None:
    with pytest.raises(ZeroDivisionError), running("anvil") as chain:
        _ = 1 / 0
    assert not psutil.pid_exists(chain.pid)


def test_running_in_a_state_directory_keeps_the_data_and_takes_no_chain_from_others(state_dir: Path) -> None:
    with running("anvil", state_dir=state_dir) as chain:
        pay(chain)
        before = facts(chain)
    assert status(state_dir) is None
    chain = up(state_dir, "anvil")
    assert facts(chain) == before
    with pytest.raises(LocalChainError, match="running already"), running("anvil", state_dir=state_dir):
        pass
    assert status(state_dir) == chain


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_running_stops_the_chain_when_its_process_is_told_to_stop(how: signal.Signals) -> None:
    runner = python(
        """
        import time
        from registry.localnet import running
        with running("anvil") as chain:
            print(chain.pid, flush=True)
            time.sleep(60)
        """
    )
    assert runner.stdout is not None
    pid = int(runner.stdout.readline())
    runner.send_signal(how)
    runner.communicate(timeout=30)
    assert runner.returncode != 0
    assert not psutil.pid_exists(pid)
