"""Local chains for real, and what the tests do to them: pay, kill, wait, look at the processes."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from registry.localnet import (
    LocalChain,
    development_account,
)

ROOT = Path(__file__).resolve().parents[1]
ENGINES = ("ganache", "anvil")
ETHER = 10**18


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
