"""Local chains started and stopped: at the same moment, interrupted, killed, and when nothing answers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest
from localnets import UP, facts, kill, pay, processes_of, python, wait_for

from registry.chain import connect
from registry.errors import LocalChainError
from registry.localnet import (
    down,
    running,
    status,
    up,
)

pytestmark = pytest.mark.long


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


def test_running_stops_the_chain_and_keeps_nothing() -> None:
    with running("anvil") as chain:
        assert status(chain.state_dir) == chain
        pay(chain)
    assert not psutil.pid_exists(chain.pid)
    assert not chain.state_dir.exists()


def test_running_hands_on_options() -> None:
    with running("anvil", options=("--timestamp", "2000000000")) as chain:
        assert connect(chain.url).latest() == (0, 2_000_000_000)


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
