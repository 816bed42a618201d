"""What becomes of what the contract refused, or whose transaction failed: another carried it, once more, or no."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from typing import Any

from registry import journal
from registry.chain.transacting import Call, Node, Tip
from registry.errors import ChainError, RefusedError, RegistryError
from registry.outbox.records import Changes, State, Waiting, stands
from registry.outbox.store import OutboxStore

MOST_ATTEMPTS = 5

Standing = dict[bytes, tuple[int, bytes]]
"""Submissions that another carried: block and its hash."""


class Resolving:
    """Finds out for one carrier; what it finds goes into the changes of a pass."""

    def __init__(self, store: OutboxStore, node: Node, sender: str) -> None:
        self._store = store
        self._node = node
        self._sender = sender

    def refused(self, refusals: Iterable[tuple[Waiting, RegistryError]], tip: Tip, changes: Changes) -> Standing:
        """The contract would not take these now: because they stand already, or for good.

        ChainError if it was the node that would not answer.
        """
        others: Standing = {}
        for one, error in refusals:
            if isinstance(error, ChainError):
                raise error
            found = self._node.find(one.goal, tip.block)
            if found is not None:
                others[one.id] = (found.block, found.block_hash)
                changes.submission(one.id, **stands(found, by_other=True))
                self._note(one.id, "carried by another", transaction="0x" + found.transaction.hex())
            else:
                told = json.dumps(error.to_json())
                changes.submission(one.id, state=State.REFUSED.value, refused_at=time.time(), error=told)
                self._note(one.id, "refused", error=error.to_json().get("contractError", type(error).__name__))
        return others

    def failed(self, ids: Sequence[bytes], tip: Tip, changes: Changes) -> Standing:
        """The transactions of these failed on the chain, or their nonces went to others: why, and what now?"""
        calls = list(self._store.calls(ids).values())
        errors = self._node.simulate(self._sender, [Call(one.calldata, one.gas) for one in calls])
        refusals: list[tuple[Waiting, RegistryError]] = []
        for one, error in zip(calls, errors, strict=True):
            gas = one.gas
            if type(error) is RefusedError:  # it may lack gas only
                try:
                    gas = self._node.ample(self._sender, one.calldata, tip.gas_limit)
                    error = None
                except RefusedError as refusal:
                    error = refusal
            if error is None and one.attempts >= MOST_ATTEMPTS:
                error = RefusedError(
                    f"its transactions failed {one.attempts + 1} times though each was found possible beforehand",
                    hint="look at them on the chain; hand it in again to try once more",
                )
            if error is not None:
                refusals.append((one, error))
                continue
            changes.submission(one.id, state=State.ACCEPTED.value, attempts=one.attempts + 1, gas=gas)
            self._note(one.id, "once more", attempts=one.attempts + 1)
        return self.refused(refusals, tip, changes)

    def _note(self, submission: bytes, result: str, **more: Any) -> None:
        journal.note("carry", "0x" + submission.hex(), result, actor=self._sender, **more)
