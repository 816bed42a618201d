"""The outbox in its database: every change is one transaction, kept whole or not at all."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, Self

from sqlalchemy import Connection, Engine, and_, bindparam, delete, func, insert, select, update

from registry import database
from registry.errors import NotFoundError, StorageError
from registry.outbox import schema
from registry.outbox.contents import goal_from_json, goal_to_json
from registry.outbox.records import (
    NOWHERE,
    OPEN,
    Accepted,
    Changes,
    Slot,
    Stage,
    State,
    Submission,
    Try,
    Waiting,
    stands,
)
from registry.outbox.schema import carrier, nonces, submissions, transactions

KIND = database.Kind(
    name="outbox",
    article="an",
    variable="FOODVALLEY_OUTBOX",
    migrations=Path(__file__).parent / "migrations",
    metadata=schema.metadata,
    marker=schema.submissions.name,
    damaged="restore it from a backup: it holds what the service accepted and has not carried yet",
    newer=StorageError,
    durable=True,
)


class Whose(NamedTuple):
    """The register that an outbox is for; ``block_hash`` is that of the block in which it was deployed."""

    chain_id: int
    register: str
    block_hash: bytes


_COUNT_OPEN = select(func.count()).where(submissions.c.state.in_([one.value for one in OPEN]))


class OutboxStore:
    """The rows of one outbox."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        # SQLite lets one write at a time, and lets who waits for that look again only after longer and longer pauses.
        self._turn = threading.Lock()

    @classmethod
    def open(cls, url: str, whose: Whose) -> Self:
        """The outbox in this database, made or brought to the newest version of its tables if need be.

        SettingsError if the address is none; StorageError if the database cannot be used, or holds what was accepted
        for another register and is not carried yet. One that has nothing left to carry begins anew for this register.
        """
        engine = database.open_engine(url, KIND)
        try:
            with database.storage_errors(engine, "opening the outbox", KIND):
                if engine.dialect.name == "sqlite" and engine.url.database:
                    Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
                database.migrate(engine, KIND)
                store = cls(engine)
                store._claim(whose)
        except BaseException:
            engine.dispose()
            raise
        return store

    def close(self) -> None:
        """Lets go of the database."""
        self.engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is kept whole, or not at all if the block raises."""
        with (
            self._turn,
            database.storage_errors(self.engine, "writing the outbox", KIND),
            database.writing(self.engine) as connection,
        ):
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that reads."""
        with (
            database.storage_errors(self.engine, "reading the outbox", KIND),
            self.engine.connect() as connection,
        ):
            yield connection

    # Accepting

    def known(self, ids: Iterable[bytes]) -> dict[bytes, Submission]:
        """Those of these submissions that there are."""
        with self.reading() as connection:
            rows = connection.execute(select(submissions).where(submissions.c.id.in_(list(ids))))
            return {found.id: found for found in map(Submission.of, rows)}

    def one(self, identity: bytes) -> Submission:
        """A submission; NotFoundError if there is none of this id."""
        found = self.known([identity]).get(identity)
        if found is None:
            raise NotFoundError(f"there is no submission 0x{identity.hex()}")
        return found

    def known_and_open(self, ids: Iterable[bytes]) -> tuple[dict[bytes, Submission], int]:
        """Those of these submissions that there are, and how many of all have to be carried still."""
        with self.reading() as connection:
            rows = connection.execute(select(submissions).where(submissions.c.id.in_(list(ids))))
            found = {one.id: one for one in map(Submission.of, rows)}
            return found, connection.execute(_COUNT_OPEN).scalar_one()

    def add(self, accepted: Sequence[Accepted], now: float, limit: int | None = None) -> dict[bytes, Submission]:
        """Writes down what was accepted, in order, and gives all of it as it stands then.

        What is there already stays as it is, unless it was refused. Of the rest only so much is written down and given
        that no more than ``limit`` have to be carried.
        """
        with self.writing() as connection:
            # For databases without one lock for all: who takes numbers waits here.
            last = connection.execute(select(carrier.c.last_number).with_for_update()).scalar_one()
            wanted = {one.id: one for one in accepted}
            rows = connection.execute(select(submissions).where(submissions.c.id.in_(list(wanted))))
            found = {bytes(row.id): row._asdict() for row in rows}
            new: list[dict[str, Any]] = []
            room = len(wanted) if limit is None else limit - connection.execute(_COUNT_OPEN).scalar_one()
            for one in wanted.values():
                there = found.get(one.id)
                if there is not None and there["state"] != State.REFUSED.value:
                    continue
                if room <= 0:
                    found.pop(one.id, None)
                    continue
                room -= 1
                if there is None:
                    found[one.id] = _row_of(one, last + len(new) + 1, now)
                    new.append(found[one.id])
                else:
                    values = _values(one, now)
                    found[one.id] = there | values
                    connection.execute(update(submissions).where(submissions.c.id == one.id).values(values))
            if new:
                connection.execute(insert(submissions), new)
                connection.execute(update(carrier).values(last_number=last + len(new)))
            return {one: Submission.of(SimpleNamespace(**row)) for one, row in found.items()}

    # Carrying

    def waiting(self, limit: int) -> list[Waiting]:
        """The oldest submissions that no transaction was signed for."""
        wanted = [submissions.c[name] for name in ("id", "calldata", "gas", "goal", "attempts", "accepted_at")]
        asked = select(*wanted).where(submissions.c.state == State.ACCEPTED.value).order_by(submissions.c.number)
        with self.reading() as connection:
            return _waiting(connection.execute(asked.limit(limit)))

    def calls(self, ids: Iterable[bytes]) -> dict[bytes, Waiting]:
        """The calls of these submissions."""
        asked = select(submissions).where(submissions.c.id.in_(list(ids)))
        with self.reading() as connection:
            return {one.id: one for one in _waiting(connection.execute(asked))}

    def signed(self, slots: Sequence[Slot], now: float) -> None:
        """Writes down new nonces with their first transaction, before anything is sent."""
        with self.writing() as connection:
            named = [{"nonce": one.nonce, "submission": one.submission, "stage": one.stage.value} for one in slots]
            connection.execute(insert(nonces), named)
            connection.execute(insert(transactions), [_row(one, one.tries[-1]) for one in slots])
            states = [{"key": one.submission} for one in slots if one.submission is not None]
            if states:
                signed = {"state": State.SIGNED.value, "signed_at": now}
                connection.execute(
                    update(submissions).where(submissions.c.id == bindparam("key")).values(signed), states
                )

    def replaced(self, slots: Sequence[Slot]) -> None:
        """Writes down another transaction for each of these nonces, before it is sent."""
        with self.writing() as connection:
            connection.execute(insert(transactions), [_row(one, one.tries[-1]) for one in slots])

    def apply(self, changes: Changes) -> None:
        """Writes down what was found out."""
        with self.writing() as connection:
            for table, key, rows in (
                (submissions, submissions.c.id, changes.submissions),
                (nonces, nonces.c.nonce, changes.nonces),
                (transactions, transactions.c.hash, {one: {"sent_at": at} for one, at in changes.sent.items()}),
            ):
                _update(connection, table, key, rows)
            if changes.final:
                # Of one whose transaction failed, or that another carried, it says nothing.
                carried = and_(
                    submissions.c.id == bindparam("the_id"),
                    submissions.c.transaction_hash == bindparam("the_hash"),
                    submissions.c.state == State.MINED.value,
                )
                final = update(submissions).where(carried).values(state=State.FINAL.value, final_at=bindparam("at"))
                told = [{"the_id": one, "the_hash": each, "at": at} for one, (each, at) in changes.final.items()]
                connection.execute(final, told)

    def slots(self, stages: Sequence[Stage] = (Stage.OPEN, Stage.MINED), first: int = 0) -> list[Slot]:
        """The nonces at these stages with their transactions, in order; from the first one on."""
        chosen = and_(nonces.c.stage.in_([one.value for one in stages]), nonces.c.nonce >= first)
        with self.reading() as connection:
            found = {
                row.nonce: Slot(
                    row.nonce,
                    _bytes(row.submission),
                    Stage(row.stage),
                    _bytes(row.transaction_hash),
                    row.block,
                    _bytes(row.block_hash),
                )
                for row in connection.execute(select(nonces).where(chosen).order_by(nonces.c.nonce))
            }
            tries = select(transactions).join(nonces, nonces.c.nonce == transactions.c.nonce).where(chosen)
            for row in connection.execute(tries.order_by(transactions.c.signed_at)):
                one = Try(bytes(row.hash), bytes(row.raw), row.max_fee, row.priority_fee, row.signed_at, row.sent_at)
                found[row.nonce].tries.append(one)
        return list(found.values())

    def top(self) -> int:
        """The highest nonce that a transaction was signed for; -1 if none was."""
        with self.reading() as connection:
            found = connection.execute(select(func.max(nonces.c.nonce))).scalar_one()
        return -1 if found is None else int(found)

    def carried_by_others(self) -> dict[bytes, tuple[int, bytes]]:
        """Submissions that others carried, not too deep to be taken back: block and its hash."""
        asked = select(submissions.c.id, submissions.c.block, submissions.c.block_hash).where(
            submissions.c.state == State.MINED.value, submissions.c.by_other
        )
        with self.reading() as connection:
            return {bytes(row.id): (row.block, bytes(row.block_hash)) for row in connection.execute(asked)}

    def take_key(self, address: str) -> None:
        """Says whose nonces these are; StorageError if transactions of another key are still under way."""
        with self.writing() as connection:
            before = connection.execute(select(carrier.c.address).with_for_update()).scalar_one()
            if before == address:
                return
            under_way = connection.execute(
                select(func.count()).where(nonces.c.stage.in_([Stage.OPEN.value, Stage.MINED.value]))
            ).scalar_one()
            if under_way:
                raise StorageError(
                    f"{under_way} transactions of the key {before} are under way still, and this key is {address}",
                    hint="start the service with the former key until they are final, and change it then",
                )
            connection.execute(delete(transactions))
            connection.execute(delete(nonces))
            connection.execute(update(carrier).values(address=address))

    def counts(self) -> dict[State, int]:
        """How many submissions are how far."""
        asked = select(submissions.c.state, func.count()).group_by(submissions.c.state)
        with self.reading() as connection:
            found = {State(state): count for state, count in connection.execute(asked)}
        return {state: found.get(state, 0) for state in State}

    def _claim(self, whose: Whose) -> None:
        with self.writing() as connection:
            row = connection.execute(select(carrier)).one_or_none()
            mine = {"chain_id": whose.chain_id, "register": whose.register, "block_hash": whose.block_hash}
            if row is not None:
                if (row.chain_id, row.register, bytes(row.block_hash)) == tuple(whose):
                    return
                left = connection.execute(_COUNT_OPEN).scalar_one()
                if left:
                    raise StorageError(
                        f"the outbox {database.shown(self.engine)} holds {left} submissions for register "
                        f"{row.register} on chain {row.chain_id}, which are not carried yet; this is "
                        f"{whose.register} on chain {whose.chain_id}, or a chain that was reset",
                        hint="name another outbox for this register (FOODVALLEY_OUTBOX), or remove that one",
                    )
                for table in (transactions, nonces, submissions, carrier):
                    connection.execute(delete(table))
            connection.execute(insert(carrier).values(one=1, last_number=0, **mine))


def _row_of(one: Accepted, number: int, now: float) -> dict[str, Any]:
    return _values(one, now) | {
        "id": one.id,
        "number": number,
        "kind": one.kind,
        "subject": one.subject,
        "signatories": " ".join(one.signatories),
        "goal": json.dumps(goal_to_json(one.goal)),
    }


def _values(one: Accepted, now: float) -> dict[str, Any]:
    values: dict[str, Any] = {
        **NOWHERE,
        "signed_at": None,
        "sent_at": None,
        "calldata": one.calldata,
        "gas": one.gas,
        "state": State.ACCEPTED.value,
        "attempts": 0,
        "accepted_at": now,
    }
    return values if one.stands is None else values | stands(one.stands, by_other=True)


def _waiting(rows: Iterable[Any]) -> list[Waiting]:
    return [
        Waiting(
            bytes(row.id),
            bytes(row.calldata),
            row.gas,
            goal_from_json(json.loads(row.goal)),
            row.attempts,
            row.accepted_at,
        )
        for row in rows
    ]


def _row(slot: Slot, one: Try) -> dict[str, Any]:
    return {
        "hash": one.hash,
        "nonce": slot.nonce,
        "raw": one.raw,
        "max_fee": one.max_fee,
        "priority_fee": one.priority_fee,
        "signed_at": one.signed_at,
        "sent_at": one.sent_at,
    }


def _update(connection: Connection, table: Any, key: Any, rows: Mapping[Any, Mapping[str, Any]]) -> None:
    """Sets columns by key: those that set the same ones together."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for one, told in rows.items():
        values = {f"v_{name}": value for name, value in told.items()}
        alike.setdefault(tuple(told), []).append({"the_key": one, **values})
    for names, group in alike.items():
        statement = (
            update(table).where(key == bindparam("the_key")).values({one: bindparam(f"v_{one}") for one in names})
        )
        connection.execute(statement, group)


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)
