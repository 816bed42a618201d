"""Transactions of the carrier's key: their fees, and how a replacement is priced."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from registry.chain.transacting import Tip
from registry.hashing import keccak
from registry.keys import Signer
from registry.outbox.records import Slot, Try, Waiting

_FILLER_GAS = 21_000
_GWEI = 1_000_000_000
_MOST_OVER_USUAL = 50


@dataclass(frozen=True, slots=True)
class Fees:
    """Per unit of gas, in wei (EIP-1559)."""

    max_fee: int
    priority_fee: int

    @classmethod
    def usual(cls, tip: Tip) -> Fees:
        """What gets a transaction mined though the base fee should double."""
        return cls(2 * tip.base_fee + tip.priority_fee, tip.priority_fee)

    @classmethod
    def above(cls, before: Try, tip: Tip) -> Fees | None:
        """What replaces a transaction: a quarter more of both, as nodes want at least a tenth; and what is usual now.

        None where that would be beyond all reason: fifty times what is usual.
        """
        usual = cls.usual(tip)
        priority = max(before.priority_fee * 5 // 4 + 1, usual.priority_fee)
        most = max(before.max_fee * 5 // 4 + 1, usual.max_fee, priority)
        return None if most > _MOST_OVER_USUAL * max(usual.max_fee, _GWEI) else cls(most, priority)


class Signing:
    """Signs for one register with one key."""

    def __init__(self, signer: Signer, chain_id: int, register: str) -> None:
        self._signer = signer
        self._fields = {"chainId": chain_id, "value": 0}
        self._register = register

    @property
    def address(self) -> str:
        """Who pays."""
        return str(self._signer.address)

    def sign(self, slot: Slot, waiting: Waiting | None, fees: Fees) -> Try:
        """Signs a transaction for a nonce and adds it to its tries; one to nobody in particular fills a gap."""
        told: dict[str, Any] = {
            **self._fields,
            "nonce": slot.nonce,
            "maxFeePerGas": fees.max_fee,
            "maxPriorityFeePerGas": fees.priority_fee,
        }
        if waiting is None:
            told |= {"to": self._signer.address, "gas": _FILLER_GAS, "data": b""}
        else:
            told |= {"to": self._register, "gas": waiting.gas, "data": waiting.calldata}
        raw = self._signer.sign_transaction(told)
        made = Try(keccak(raw), raw, fees.max_fee, fees.priority_fee, time.time())
        slot.tries.append(made)
        return made
