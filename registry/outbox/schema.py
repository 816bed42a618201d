"""The tables of the outbox: what was accepted, how far it is, and every transaction that was signed for it.

Unlike the index this cannot be made again from the chain: it is what the service promised to carry. Times are unix
seconds with six decimals, hashes 32 bytes.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()


def _number(name: str, **more: Any) -> Column[int]:
    return Column(name, BigInteger, **{"nullable": False, **more})


def _time(name: str) -> Column[float]:
    return Column(name, Float(53), nullable=True)


def _hash(name: str, **more: Any) -> Column[bytes]:
    return Column(name, LargeBinary(32), **{"nullable": False, **more})


carrier = Table(
    "carrier",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    _number("chain_id"),
    Column("register", Text, nullable=False),
    # Of the block in which the register was deployed: a chain that was reset has another one.
    _hash("block_hash"),
    Column("address", Text, nullable=True),
    _number("last_number"),
)
"""The one row that says which register this is for, whose key carries, and how many submissions there were."""

submissions = Table(
    "submissions",
    metadata,
    _hash("id", primary_key=True),
    _number("number", unique=True),
    Column("kind", Text, nullable=False),
    _hash("subject"),
    Column("signatories", Text, nullable=False),
    Column("calldata", LargeBinary, nullable=False),
    _number("gas"),
    Column("goal", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("by_other", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    _hash("transaction_hash", nullable=True),
    _number("block", nullable=True),
    _hash("block_hash", nullable=True),
    Column("error", Text, nullable=True),
    _time("accepted_at"),
    _time("signed_at"),
    _time("sent_at"),
    _time("mined_at"),
    _time("final_at"),
    _time("refused_at"),
    Index("submissions_by_state", "state", "number"),
    Index("submissions_by_subject", "subject", "number"),
)
"""What was accepted. ``state`` is one of :class:`registry.outbox.records.State`; ``by_other`` says that another than
this service carried it; ``transaction_hash``, ``block`` and ``block_hash`` say where it stands on the chain."""

nonces = Table(
    "nonces",
    metadata,
    Column("nonce", BigInteger, primary_key=True, autoincrement=False),
    _hash("submission", nullable=True),
    Column("stage", Text, nullable=False),
    _hash("transaction_hash", nullable=True),
    _number("block", nullable=True),
    _hash("block_hash", nullable=True),
    Index("nonces_by_stage", "stage", "nonce"),
)
"""What each nonce of the carrier's key was used for, NULL to fill a gap, and what became of it."""

transactions = Table(
    "transactions",
    metadata,
    _hash("hash", primary_key=True),
    _number("nonce"),
    Column("raw", LargeBinary, nullable=False),
    _number("max_fee"),
    _number("priority_fee"),
    _time("signed_at"),
    _time("sent_at"),
    Index("transactions_by_nonce", "nonce", "signed_at"),
)
"""Every transaction that was signed, as it is sent: first and replacements; fees in wei."""
