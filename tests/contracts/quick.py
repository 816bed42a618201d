"""Past brownie, which takes its time over each transaction: for what must stand before a test begins."""

from __future__ import annotations

from typing import Any

from brownie import web3


def send(sender: str, register: Any, data: str) -> None:
    transaction = {"from": sender, "to": register.address, "data": data, "gas": 200_000, "gasPrice": 2 * 10**9}
    receipt = web3.eth.get_transaction_receipt(web3.eth.send_transaction(transaction))
    assert receipt["status"] == 1
