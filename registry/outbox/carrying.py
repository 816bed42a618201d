"""Carrying what was accepted to the chain: signed and written down first, then sent, then watched until it is final.

Exactly once, because of three things. A signed transaction is in the database before it leaves, and whatever happens
the same bytes are sent again, at the same nonce; so the chain takes one of them. A nonce is given up only where the
chain used it for a transaction that is not ours. And whatever is carried, the contract takes but once, so that even
then, or where another service is first, nothing counts twice.

One pass does what there is to do and ends; it may end at any point, also by a power failure, for the next one begins
with what the database and the chain say.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from registry import journal
from registry.chain.transacting import Call, Node, Taken, Tip
from registry.outbox.records import NOWHERE, Changes, Slot, Stage, State, Waiting, stands
from registry.outbox.resolving import Resolving
from registry.outbox.signing import Fees, Signing
from registry.outbox.store import OutboxStore
from registry.settings import DEFAULT_CONFIRMATIONS


@dataclass(frozen=True, slots=True)
class Pace:
    """How an outbox works; times in seconds.

    ``confirmations``: how many blocks must stand on what was mined, its own included, before it is final.
    ``under_way``: how many nonces may be open at once. ``resend``: after how long the node is told again of what is not
    mined, ``bump``: after how long more is offered. ``fresh``: how long a simulation counts. ``doubt``: how long a node
    must say that a nonce was used by none of ours, or that it was not used after all, before that is believed.
    """

    confirmations: int = DEFAULT_CONFIRMATIONS
    under_way: int = 512
    resend: float = 15.0
    bump: float = 60.0
    fresh: float = 10.0
    doubt: float = 10.0


class Carrying:
    """The carrier of one outbox; used by one thread, which holds the lock."""

    def __init__(
        self, store: OutboxStore, node: Node, signing: Signing, pace: Pace, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._node = node
        self._signing = signing
        self._pace = pace
        self._clock = clock
        store.take_key(signing.address)
        self._slots: dict[int, Slot] = {one.nonce: one for one in store.slots()}
        self._others: dict[bytes, tuple[int, bytes]] = {}
        self._top = store.top()
        self._tip: Tip | None = None
        self._behind_since: float | None = None
        self._resolving = Resolving(store, node, signing.address)

    def step(self) -> bool:
        """One pass; whether anything came of it.

        After an error of any kind this carrier is of no use any more: another one begins with what the database says.
        """
        tip = self._node.tip(self._signing.address)
        if self._tip is None or tip.hash != self._tip.hash or not self.is_busy:
            # What was accepted because it stands already is here from now on, too.
            self._others = self._store.carried_by_others()
        changed = self._watch(tip)
        changed |= self._keep_whole(tip)
        changed |= self._sign(tip)
        changed |= self._send(tip)
        self._tip = tip
        return changed

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing that a new block could change."""
        return not self._slots and not self._others and self._behind_since is None

    @property
    def is_busy(self) -> bool:
        """Whether something was sent that is not mined yet."""
        return any(one.stage is Stage.OPEN for one in self._slots.values())

    # What became of what was sent

    def _watch(self, tip: Tip) -> bool:
        changes = Changes()
        if self._tip is None or tip.hash != self._tip.hash:
            self._look_back(tip, changes)
        used = [one for one in self._slots.values() if one.stage is Stage.OPEN and one.nonce < tip.nonce]
        hashes = [one.hash for slot in used for one in slot.tries]
        mined = {one.transaction: one for one in self._node.receipts(hashes) if one is not None}
        failed: list[Slot] = []
        for slot in used:
            found = next((mined[one.hash] for one in slot.tries if one.hash in mined), None)
            if found is None:
                self._miss(slot, changes, failed)
                continue
            slot.stage, slot.transaction = Stage.MINED, found.transaction
            slot.block, slot.block_hash, slot.missed_since = found.block, found.block_hash, None
            changes.slot(slot)
            if found.success:
                self._note(slot.submission, "mined", transaction="0x" + found.transaction.hex(), block=found.block)
                changes.submission(slot.submission, **stands(found, by_other=False))
            else:
                failed.append(slot)
        if failed:
            self._others |= self._resolving.failed(self._only_try_of(failed, changes), tip, changes)
        self._finish(tip, changes)
        return self._write(changes)

    def _only_try_of(self, failed: Sequence[Slot], changes: Changes) -> list[bytes]:
        """The submissions of these nonces for which there is no other nonce, be it open or where they stand."""
        wanted = {one.submission for one in failed if one.submission is not None}
        wanted -= {*self._open_for(), *changes.submissions}
        there = self._store.known(wanted)
        return [one for one in wanted if there[one].state not in (State.MINED, State.FINAL, State.ACCEPTED)]

    def _open_for(self) -> set[bytes]:
        """The submissions for which a nonce is open."""
        slots = self._slots.values()
        return {one.submission for one in slots if one.stage is Stage.OPEN and one.submission is not None}

    def _miss(self, slot: Slot, changes: Changes, failed: list[Slot]) -> None:
        """The nonce is used, and none of ours was mined: perhaps the node is behind itself; else another took it."""
        slot.missed_since = slot.missed_since or self._clock()
        if self._clock() - slot.missed_since < self._pace.doubt:
            return
        slot.stage = Stage.TAKEN
        changes.slot(slot)
        del self._slots[slot.nonce]
        self._note(slot.submission, "nonce taken", nonce=slot.nonce)
        failed.append(slot)

    def _look_back(self, tip: Tip, changes: Changes) -> None:
        """Takes back what stood in blocks that the chain has no more."""
        mined = [one for one in self._slots.values() if one.stage is Stage.MINED and one.block is not None]
        stood = {one.block for one in mined if one.block is not None} | {block for block, _ in self._others.values()}
        if not stood:
            return
        now = self._node.hashes(stood)
        for slot in mined:
            if slot.block is not None and now[slot.block] != slot.block_hash:
                self._take_back(slot, changes)
        open_for = self._open_for()
        for identity, (block, block_hash) in list(self._others.items()):
            if now[block] != block_hash:
                del self._others[identity]
                state = State.SENT if identity in open_for else State.ACCEPTED
                changes.submission(identity, **NOWHERE, state=state.value)
                self._note(identity, "taken back", block=block)

    def _take_back(self, slot: Slot, changes: Changes) -> None:
        self._note(slot.submission, "taken back", block=slot.block)
        slot.stage, slot.transaction, slot.block, slot.block_hash = Stage.OPEN, None, None, None
        slot.told_at = slot.missed_since = None
        changes.slot(slot)
        if slot.submission not in self._others:
            changes.submission(slot.submission, **NOWHERE, state=State.SENT.value)

    def _finish(self, tip: Tip, changes: Changes) -> None:
        """What is deep enough is final."""
        deepest = tip.block - self._pace.confirmations + 1
        now = time.time()
        for slot in list(self._slots.values()):
            if slot.stage is Stage.MINED and slot.block is not None and slot.block <= deepest:
                slot.stage = Stage.FINAL
                changes.slot(slot)
                del self._slots[slot.nonce]
                if slot.submission is not None and slot.transaction is not None:
                    changes.final[slot.submission] = (slot.transaction, now)
        for identity, (block, _) in list(self._others.items()):
            if block <= deepest:
                del self._others[identity]
                changes.submission(identity, state=State.FINAL.value, final_at=now)

    # No gaps, nothing lost

    def _keep_whole(self, tip: Tip) -> bool:
        """Opens nonces again that the chain forgot though they were final or another's, and fills those of nobody."""
        wanted = [one for one in range(tip.nonce, self._top + 1) if one not in self._slots]
        self._behind_since = (self._behind_since or self._clock()) if wanted else None
        if self._behind_since is None or self._clock() - self._behind_since < self._pace.doubt:
            return False
        changes = Changes()
        kept = {one.nonce: one for one in self._store.slots((Stage.FINAL, Stage.TAKEN), tip.nonce)}
        for nonce in wanted:
            slot = kept.get(nonce)
            if slot is None or not slot.tries:
                slot = Slot(nonce, None)
                self._signing.sign(slot, None, Fees.usual(tip))
                self._store.signed([slot], time.time())
            elif slot.stage is Stage.FINAL:
                self._take_back(slot, changes)
            else:
                slot.stage = Stage.OPEN
                changes.slot(slot)
            self._slots[nonce] = slot
        self._behind_since = None
        self._write(changes)
        return True

    # On to the chain

    def _sign(self, tip: Tip) -> bool:
        room = self._pace.under_way - sum(one.stage is Stage.OPEN for one in self._slots.values())
        waiting = self._store.waiting(room) if room > 0 else []
        if not waiting:
            return False
        waiting = self._still_wanted(waiting, tip)
        fees = Fees.usual(tip)
        nonce = max(tip.nonce, self._top + 1)
        slots = []
        for number, one in enumerate(waiting):
            slot = Slot(nonce + number, one.id)
            self._signing.sign(slot, one, fees)
            slots.append(slot)
        if slots:
            self._store.signed(slots, time.time())
            self._slots |= {one.nonce: one for one in slots}
            self._top = slots[-1].nonce
        return True

    def _still_wanted(self, waiting: Sequence[Waiting], tip: Tip) -> list[Waiting]:
        """Those that the contract would take now; the answer of the others is written down."""
        since = time.time() - self._pace.fresh
        stale = [one for one in waiting if one.attempts or one.accepted_at < since]
        if not stale:
            return list(waiting)
        changes = Changes()
        errors = self._node.simulate(self._signing.address, [Call(one.calldata, one.gas) for one in stale])
        refused = [(one, error) for one, error in zip(stale, errors, strict=True) if error is not None]
        self._others |= self._resolving.refused(refused, tip, changes)
        self._write(changes)
        gone = {one.id for one, _ in refused}
        return [one for one in waiting if one.id not in gone]

    def _send(self, tip: Tip) -> bool:
        now = self._clock()
        due = [
            one
            for one in self._slots.values()
            if one.stage is Stage.OPEN
            and one.nonce >= tip.nonce
            and (one.told_at is None or now - one.told_at >= self._pace.resend)
        ]
        if not due:
            return False
        due.sort(key=lambda one: one.nonce)
        self._replace([one for one in due if self._is_cheap(one, tip)], tip)
        answers = self._node.send([one.tries[-1].raw for one in due])
        changes, cheap = Changes(), []
        for slot, (taken, said) in zip(due, answers, strict=True):
            slot.told_at = now
            last = slot.tries[-1]
            if taken is Taken.POOL:
                if last.sent_at is None:
                    last.sent_at = time.time()
                    changes.sent[last.hash] = last.sent_at
                    changes.submission(slot.submission, state=State.SENT.value, sent_at=last.sent_at)
            elif taken is Taken.TOO_CHEAP:
                cheap.append(slot)
            elif taken is not Taken.NONCE_USED:
                self._note(slot.submission, "not taken", reason=taken.value, said=said)
        self._write(changes)
        if cheap:
            self._replace(cheap, tip)
            for slot in cheap:
                slot.told_at = None
        return True

    def _is_cheap(self, slot: Slot, tip: Tip) -> bool:
        """Whether the last try waits too long, or cannot be mined for what it offers."""
        last = slot.tries[-1]
        if last.sent_at is None:
            return False
        return last.max_fee < tip.base_fee or time.time() - last.sent_at >= self._pace.bump

    def _replace(self, slots: Sequence[Slot], tip: Tip) -> None:
        """Signs another transaction for each, which offers more; what was signed before may still be mined."""
        calls = self._store.calls(one.submission for one in slots if one.submission is not None) if slots else {}
        replaced = []
        for slot in slots:
            fees = Fees.above(slot.tries[-1], tip)
            if fees is None:
                self._note(slot.submission, "offers enough", nonce=slot.nonce, fee=slot.tries[-1].max_fee)
                continue
            self._signing.sign(slot, None if slot.submission is None else calls[slot.submission], fees)
            replaced.append(slot)
            self._note(slot.submission, "offered more", nonce=slot.nonce, fee=fees.max_fee)
        if replaced:
            self._store.replaced(replaced)

    def _write(self, changes: Changes) -> bool:
        if not changes:
            return False
        self._store.apply(changes)
        return True

    def _note(self, submission: bytes | None, result: str, **more: Any) -> None:
        of = "gap" if submission is None else "0x" + submission.hex()
        journal.note("carry", of, result, actor=self._signing.address, **more)
