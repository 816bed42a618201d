"""The chain that brownie is connected to, as the commands of the package want it.

A chain that brownie started for one run ends with that run. So that the scripts have something to show there, the
council is founded, and for some the sample agreement concluded, in a home folder that ends as well. On a chain that
was running already (`foodvalley chain up --port 8645`) nothing is set up: it has its own register.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from brownie import network, web3

from registry.cli.app import run

SAMPLE = Path(__file__).resolve().parent.parent / "samples" / "dienstverlening-veenendaal-renswoude"


def command(*arguments: str) -> None:
    """Runs one foodvalley command on brownie's chain; SystemExit with its exit code if it did not succeed."""
    os.environ["FOODVALLEY_NODE"] = web3.provider.endpoint_uri
    # The two dashes with which options are told from brownie's own come along.
    code = run([one for one in arguments if one != "--"])
    if code != 0:
        raise SystemExit(code)


def is_passing() -> bool:
    """Whether brownie started this chain itself, for this run only."""
    return bool(network.rpc.is_active() and network.rpc.is_child())


def use_passing_home() -> None:
    """Keeps what belongs to a passing chain apart from what is meant to stay."""
    home = tempfile.mkdtemp(prefix="foodvalley-brownie-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ["FOODVALLEY_HOME"] = home


def found() -> None:
    """On a passing chain: a council."""
    if is_passing():
        use_passing_home()
        command("deploy", "--dev-council")


def set_up() -> None:
    """On a passing chain: a council, and one agreement between two of its members."""
    if not is_passing():
        return
    found()
    command("propose", str(SAMPLE), "--dev", "veenendaal")
    act = latest()
    command("sign", act, "--yes", "--dev", "renswoude")
    command("record", act, "--dev", "carrier")


def latest() -> str:
    """The hash that the latest event is about: of an act after an approval, of a motion after a vote."""
    return "0x" + bytes(web3.eth.get_logs({"fromBlock": 0})[-1]["topics"][1]).hex()
