"""What the outbox holds: submissions, nonces and signed transactions, as values."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from registry.chain.transacting import Goal, Mined


class State(StrEnum):
    """How far a submission is."""

    ACCEPTED = "accepted"
    SIGNED = "signed"
    SENT = "sent"
    MINED = "mined"
    FINAL = "final"
    REFUSED = "refused"


OPEN = (State.ACCEPTED, State.SIGNED, State.SENT)
"""What this service still has to get onto the chain."""


NOWHERE: Mapping[str, object] = {
    "by_other": False,
    "transaction_hash": None,
    "block": None,
    "block_hash": None,
    "mined_at": None,
    "final_at": None,
    "refused_at": None,
    "error": None,
}
"""The columns of a submission that says nothing yet of what became of it."""


def stands(at: Mined, *, by_other: bool) -> dict[str, object]:
    """The columns of a submission that stands on the chain."""
    return {
        **NOWHERE,
        "state": State.MINED.value,
        "by_other": by_other,
        "transaction_hash": at.transaction,
        "block": at.block,
        "block_hash": at.block_hash,
        "mined_at": time.time(),
    }


class Stage(StrEnum):
    """What became of a nonce: not mined yet; mined; too deep to be taken back; or used by a transaction not ours."""

    OPEN = "open"
    MINED = "mined"
    FINAL = "final"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Submission:
    """One thing that was accepted. Times are unix seconds, None if that did not happen (yet).

    ``transaction``, ``block`` and ``block_hash`` say where it stands on the chain, ``by_other`` that another than this
    service carried it there; ``error`` is the answer of a refusal, as :meth:`registry.errors.RegistryError.to_json`.
    """

    id: bytes
    number: int
    kind: str
    subject: bytes
    signatories: tuple[str, ...]
    state: State
    by_other: bool
    attempts: int
    transaction: bytes | None
    block: int | None
    block_hash: bytes | None
    error: Mapping[str, Any] | None
    accepted_at: float
    signed_at: float | None
    sent_at: float | None
    mined_at: float | None
    final_at: float | None
    refused_at: float | None

    @classmethod
    def of(cls, row: Any) -> Submission:
        """From a row of the table."""
        return cls(
            id=bytes(row.id),
            number=row.number,
            kind=row.kind,
            subject=bytes(row.subject),
            signatories=tuple(row.signatories.split()),
            state=State(row.state),
            by_other=row.by_other,
            attempts=row.attempts,
            transaction=None if row.transaction_hash is None else bytes(row.transaction_hash),
            block=row.block,
            block_hash=None if row.block_hash is None else bytes(row.block_hash),
            error=None if row.error is None else json.loads(row.error),
            accepted_at=row.accepted_at,
            signed_at=row.signed_at,
            sent_at=row.sent_at,
            mined_at=row.mined_at,
            final_at=row.final_at,
            refused_at=row.refused_at,
        )


@dataclass(frozen=True, slots=True)
class Accepted:
    """What is written of a submission when it is accepted; ``stands`` says where it stands on the chain already."""

    id: bytes
    kind: str
    subject: bytes
    signatories: tuple[str, ...]
    calldata: bytes
    gas: int
    goal: Goal
    stands: Mined | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A submission that has to be carried: the call, the gas it may use, and how it shows that it stands."""

    id: bytes
    calldata: bytes
    gas: int
    goal: Goal
    attempts: int
    accepted_at: float


@dataclass(slots=True)
class Try:
    """One signed transaction; fees in wei, times unix seconds, ``sent_at`` None if it never was."""

    hash: bytes
    raw: bytes
    max_fee: int
    priority_fee: int
    signed_at: float
    sent_at: float | None = None


@dataclass(slots=True)
class Slot:
    """A nonce of the carrier's key: what for, how far, and the transactions that were signed for it, in order."""

    nonce: int
    submission: bytes | None
    stage: Stage = Stage.OPEN
    transaction: bytes | None = None
    block: int | None = None
    block_hash: bytes | None = None
    tries: list[Try] = field(default_factory=list)
    #: When it was last sent by this process, monotonic seconds; None if it was not yet.
    told_at: float | None = None
    #: Since when its nonce is found used and none of its transactions mined, monotonic seconds.
    missed_since: float | None = None


@dataclass(slots=True)
class Changes:
    """What is written in one transaction of the database: columns to set, by key."""

    submissions: dict[bytes, dict[str, Any]] = field(default_factory=dict)
    nonces: dict[int, dict[str, Any]] = field(default_factory=dict)
    sent: dict[bytes, float] = field(default_factory=dict)
    #: By submission: the transaction that is too deep to be taken back, and when that was found.
    final: dict[bytes, tuple[bytes, float]] = field(default_factory=dict)

    def submission(self, identity: bytes | None, **values: Any) -> None:
        """Sets columns of a submission; nothing if the nonce was for none."""
        if identity is not None:
            self.submissions.setdefault(identity, {}).update(values)

    def slot(self, slot: Slot) -> None:
        """Writes down how far a nonce is."""
        self.nonces[slot.nonce] = {
            "stage": slot.stage.value,
            "transaction_hash": slot.transaction,
            "block": slot.block,
            "block_hash": slot.block_hash,
        }

    def __bool__(self) -> bool:
        return bool(self.submissions or self.nonces or self.sent or self.final)
