"""Accepting what is handed in: is it signed by whom it says, would the contract take it now, is there room?

What comes in while one lot is looked at makes up the next: its signatures are checked, and its calls simulated in one
request to the node. What was found possible while one lot is written down makes up the next, in one transaction. So the
node and the disk wait for each other no more than they must, a single one waits for nobody, and a thousand cost little
more than a few. Who handed something in hears of it once it is written down, and not before.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from eth_utils.address import to_checksum_address

from registry import journal
from registry.chain.transacting import Call, Mined, Node, Tip
from registry.errors import ChainError, ContractError, QueueFullError, RefusedError, RegistryError, UnavailableError
from registry.model import Approval
from registry.outbox.checking import not_own, own, require_form
from registry.outbox.contents import Content, Handed, identity
from registry.outbox.preparing import Preparing, normal
from registry.outbox.records import Accepted, State, Submission
from registry.outbox.store import OutboxStore

MOST_AT_ONCE = 64
_MOST_WAITING = 16 * MOST_AT_ONCE
_MOST_LOOKED_AT = 2
"""Lots that may wait to be written down."""

_TIP_SECONDS = 1.0

_BASE_GAS = 150_000
_GAS_PER_BYTE = 16
_GAS_PER_APPROVAL = 40_000

_MAY_STAND = frozenset(
    ("AlreadyApproved", "AlreadyRecorded", "AlreadyDecided", "AlreadyConfirmed", "AlreadyMember", "AlreadySucceeded")
) | frozenset(("NotPending", "NotMember", "WrongReport", "WrongPredecessor", "InvalidMotion"))
"""Refusals behind which it may be that the very thing stands on the chain already."""


@dataclass(slots=True)
class _Entry:
    content: Handed
    id: bytes
    origin: str
    answer: Future[Submission]
    calldata: bytes = b""
    gas: int = 0


_Possible = list[tuple[_Entry, Accepted]]


class Accepting:
    """The way into an outbox: a thread that looks at what comes in, and one that writes down what is possible."""

    def __init__(
        self, store: OutboxStore, node: Node, preparing: Preparing, sender: str, limit: int, then: Callable[[], None]
    ) -> None:
        self._store = store
        self._node = node
        self._preparing = preparing
        self._sender = sender
        self._limit = limit
        self._then = then
        self._domain = node.register.domain
        self._entries: queue.SimpleQueue[_Entry | None] = queue.SimpleQueue()
        self._possible: queue.Queue[_Possible | None] = queue.Queue(_MOST_LOOKED_AT)
        self._looking = threading.Thread(target=self._look_at_all, name="outbox-looking", daemon=True)
        self._keeping = threading.Thread(target=self._keep_all, name="outbox-keeping", daemon=True)
        #: Nothing comes into the queue after what ends it, where nobody would answer.
        self._door = threading.Lock()
        self._closed = False
        self._tip: tuple[float, Tip] | None = None

    def start(self) -> None:
        """Starts the threads."""
        self._looking.start()
        self._keeping.start()

    def close(self) -> None:
        """Answers what came in before, and stops."""
        with self._door:
            self._closed = True
            self._entries.put(None)
        for one in (self._looking, self._keeping):
            if one.is_alive():
                one.join()

    def submit(self, content: Handed, origin: str = "") -> Future[Submission]:
        """Hands something in; the answer holds what it became, or raises why it was not accepted."""
        answer: Future[Submission] = Future()
        # From here on it cannot be cancelled: what is written down is written down, whether anybody waits or not.
        answer.set_running_or_notify_cancel()
        content = normal(content)
        entry = _Entry(content, identity(self._domain, content), origin, answer)
        with self._door:
            if self._closed:
                answer.set_exception(UnavailableError("the service is stopping", hint="try again in a moment"))
            elif self._entries.qsize() >= _MOST_WAITING:
                answer.set_exception(_full(f"{_MOST_WAITING} submissions wait to be looked at already", 1))
            else:
                self._entries.put(entry)
        return answer

    def _look_at_all(self) -> None:
        last = False
        while not last:
            first = self._entries.get()
            if first is None:
                break
            lot = [first]
            while len(lot) < MOST_AT_ONCE and not self._entries.empty():
                one = self._entries.get()
                if one is None:
                    last = True
                    break
                lot.append(one)
            try:
                possible = self._look_at(lot)
            except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, and the thread must live on
                _fail(lot, error)
            else:
                if possible:
                    self._possible.put(possible)
        self._possible.put(None)

    def _keep_all(self) -> None:
        last = False
        while not last:
            possible = self._possible.get()
            if possible is None:
                break
            while not self._possible.empty():
                more = self._possible.get()
                if more is None:
                    last = True
                    break
                possible += more
            try:
                self._keep(possible)
            except Exception as error:  # noqa: BLE001 - as above
                _fail([one for one, _ in possible], error)

    def _look_at(self, lot: Sequence[_Entry]) -> _Possible:
        known, under_way = self._store.known_and_open(one.id for one in lot)
        fresh: dict[bytes, _Entry] = {}
        for one in lot:
            before = known.get(one.id)
            if before is not None and before.state is not State.REFUSED:
                one.answer.set_result(before)
            elif one.id in fresh:
                _answer_as(fresh[one.id].answer, one.answer)
            else:
                fresh[one.id] = one
        entries = self._checked(self._with_room(list(fresh.values()), under_way))
        if not entries:
            return []
        tip = self._recent_tip()
        now = max(tip.time, int(time.time()))
        entries = self._each(entries, lambda one: self._prepare(one, tip, now))
        errors = self._node.simulate(self._sender, [Call(one.calldata, one.gas) for one in entries])
        said = {one.id: error for one, error in zip(entries, errors, strict=True)}
        accepted: dict[bytes, Accepted] = {}

        def accept(one: _Entry) -> None:
            accepted[one.id] = self._accepted(one, said[one.id], tip, now)

        return [(one, accepted[one.id]) for one in self._each(entries, accept)]

    def _keep(self, possible: _Possible) -> None:
        written = self._store.add([one for _, one in possible], time.time(), self._limit)
        self._then()
        for one, _ in possible:
            found = written.get(one.id)
            if found is None:  # there was room when it was looked at
                self._refuse(one, self._no_room())
            else:
                one.answer.set_result(found)
                self._note(one, "done", " ".join(found.signatories))

    def _recent_tip(self) -> Tip:
        """The latest block, at most a second ago: it is asked for its time and what fits in it."""
        if self._tip is None or time.monotonic() - self._tip[0] > _TIP_SECONDS:
            self._tip = (time.monotonic(), self._node.tip(self._sender))
        return self._tip[1]

    def _with_room(self, entries: list[_Entry], under_way: int) -> list[_Entry]:
        """Those for which there is room by what is written down: the others need not be looked at."""
        room = max(0, self._limit - under_way)
        for one in entries[room:]:
            self._refuse(one, self._no_room())
        return entries[:room]

    def _no_room(self) -> QueueFullError:
        seconds = max(1, min(60, self._limit // 200))
        return _full(f"{self._limit} submissions wait to be carried to the chain already", seconds)

    def _checked(self, entries: Sequence[_Entry]) -> list[_Entry]:
        """Those whose signatures are their signatories' own, of whom each has or had a mandate."""
        found = self._each(entries, self._check)
        self._preparing.know(approval.signatory for one in found for approval in one.content.approvals)
        return found

    def _check(self, one: _Entry) -> None:
        for approval in one.content.approvals:
            require_form(approval)
            if approval.signature is not None and not self._own(one.content, approval):
                raise not_own(approval)

    def _own(self, content: Content, approval: Approval) -> bool:
        if own(approval, self._domain, content.struct_hash(approval.decision)):
            return True
        # A contract wallet (EIP-1271) says itself what it signed: the simulation asks it.
        carries_any_length = content.kind in ("proposal", "approval", "motion", "vote")
        return carries_any_length and bool(self._node.register.chain.code(to_checksum_address(approval.signatory)))

    def _prepare(self, one: _Entry, tip: Tip, now: int) -> None:
        for approval in one.content.approvals:
            self._preparing.require_mandate(approval.signatory)
        one.calldata = self._preparing.call(one.content, now)
        one.gas = self._gas(one, tip)

    def _gas(self, one: _Entry, tip: Tip) -> int:
        approvals = len(one.content.approvals)
        return min(tip.gas_limit, _BASE_GAS + _GAS_PER_BYTE * len(one.calldata) + _GAS_PER_APPROVAL * approvals)

    def _accepted(self, one: _Entry, error: RegistryError | None, tip: Tip, now: int) -> Accepted:
        """What is written of it; raises the error if it cannot be accepted."""
        stands: Mined | None = None
        if isinstance(error, ContractError):
            tip = self._node.tip(self._sender)
            anew = self._preparing.call_anew(one.content, error, tip.block, now)
            if anew is not None:
                one.calldata = anew
                one.gas = self._gas(one, tip)
                (error,) = self._node.simulate(self._sender, [Call(anew, one.gas)])
        if isinstance(error, ContractError) and error.name in _MAY_STAND:
            stands = self._node.find(one.content.goal, tip.block)
            error = None if stands else error
        if error is not None and not isinstance(error, (ContractError, ChainError)):
            # It may lack gas only: an unusual wallet, or very many parties.
            one.gas = self._node.ample(self._sender, one.calldata, tip.gas_limit)
            error = None
        if error is not None:
            raise error
        return Accepted(
            id=one.id,
            kind=one.content.kind,
            subject=one.content.subject,
            signatories=tuple(dict.fromkeys(approval.signatory for approval in one.content.approvals)),
            calldata=one.calldata,
            gas=one.gas,
            goal=one.content.goal,
            stands=stands,
        )

    def _each(self, entries: Iterable[_Entry], do: Callable[[_Entry], object]) -> list[_Entry]:
        """Those with which this goes well; the others hear why not, which says nothing against the rest of the lot."""
        found = []
        for one in entries:
            try:
                do(one)
            except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, and of nobody else's
                self._refuse(one, error)
            else:
                found.append(one)
        return found

    def _refuse(self, one: _Entry, error: Exception) -> None:
        self._note(one, "refused" if isinstance(error, RefusedError) else "failed", "", error=type(error).__name__)
        one.answer.set_exception(error)

    def _note(self, one: _Entry, result: str, actor: str, **more: Any) -> None:
        journal.note(
            "accept", "0x" + one.id.hex(), result, origin=one.origin, actor=actor, kind=one.content.kind, **more
        )


def _fail(lot: Iterable[_Entry], error: Exception) -> None:
    for one in lot:
        if not one.answer.done():
            one.answer.set_exception(error)


def _answer_as(first: Future[Submission], other: Future[Submission]) -> None:
    """Answers what was handed in twice in one lot as the first of them."""

    def answer(done: Future[Submission]) -> None:
        error = done.exception()
        if error is None:
            other.set_result(done.result())
        else:
            other.set_exception(error)

    first.add_done_callback(answer)


def _full(why: str, seconds: int) -> QueueFullError:
    return QueueFullError(
        why, retry_after=seconds, hint="hand it in again in a while; nothing that was accepted is lost"
    )
