"""The chain's time. Each test begins at START; the blocks of a test follow the wall clock from there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from brownie import web3

DAY = 24 * 60 * 60
YEAR = 365 * DAY
START = 1_900_000_000  # 17 March 2030


def ask(method: str, *params: Any) -> Any:
    answer = web3.provider.make_request(method, list(params))
    assert "error" not in answer, answer
    return answer["result"]


def set_time(moment: int) -> None:
    """The next block carries this time, unless a second passes before it is mined."""
    ask("evm_setTime", moment * 1000)


def mine(moment: int) -> None:
    """Mine an empty block: calls see the time of the latest."""
    set_time(moment)
    ask("evm_mine", moment)


@contextmanager
def at(moment: int) -> Iterator[None]:
    """The one transaction inside is mined at exactly this moment, whether it succeeds or not."""
    before = web3.eth.block_number
    set_time(moment)
    yield
    block = web3.eth.get_block("latest")
    assert block["number"] == before + 1, "clock.at is for one transaction"
    assert block["timestamp"] == moment, "this machine took over a second to mine one block; run again"
