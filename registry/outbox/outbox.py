"""An outbox at work: what is handed in is answered, and what was accepted is carried to the chain in the background."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Self

from registry import journal
from registry.chain import Register
from registry.chain.transacting import Node
from registry.errors import ChainError, RegistryError, UnavailableError
from registry.keys import Signer
from registry.organisations import DIRECTORY, Directory
from registry.outbox.accepting import Accepting
from registry.outbox.carrying import Carrying, Pace
from registry.outbox.contents import Handed
from registry.outbox.locking import try_lock
from registry.outbox.preparing import Preparing, Witness
from registry.outbox.records import State, Submission
from registry.outbox.signing import Signing
from registry.outbox.store import OutboxStore, Whose
from registry.settings import DEFAULT_QUEUE

_GATHERING_SECONDS = 0.03
_BUSY_SECONDS = 0.1
_WATCHING_SECONDS = 1.0
_IDLE_SECONDS = 30.0
_LOCKED_SECONDS = 1.0


class Outbox:
    """The outbox of one service on one register."""

    def __init__(
        self,
        store: OutboxStore,
        register: Register,
        signer: Signer | None,
        witness: Witness,
        *,
        directory: Directory = DIRECTORY,
        limit: int = DEFAULT_QUEUE,
        pace: Pace | None = None,
    ) -> None:
        self.register = register
        self._store = store
        self._pace = pace or Pace()
        self._signing = Signing(signer, register.chain.chain_id, register.address) if signer else None
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="outbox-carrying", daemon=True)
        self._accepting: Accepting | None = None
        if self._signing is not None:
            node = Node(register)
            preparing = Preparing(node, witness, directory)
            self._accepting = Accepting(store, node, preparing, self._signing.address, limit, self._wake.set)

    @classmethod
    def open(
        cls,
        url: str,
        register: Register,
        signer: Signer | None,
        witness: Witness,
        *,
        directory: Directory = DIRECTORY,
        limit: int = DEFAULT_QUEUE,
        pace: Pace | None = None,
    ) -> Self:
        """The outbox in this database, for a register, not at work yet. Without a signer it accepts nothing.

        Raises what :meth:`OutboxStore.open` raises, and ChainError if the node does not answer.
        """
        block_hash = register.chain.block_hash(register.from_block)
        if block_hash is None:
            raise ChainError(f"the node has no block {register.from_block}, in which the register was deployed")
        store = OutboxStore.open(url, Whose(register.chain.chain_id, register.address, block_hash))
        return cls(store, register, signer, witness, directory=directory, limit=limit, pace=pace)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def carries(self) -> bool:
        """Whether this service has a key to carry with."""
        return self._accepting is not None

    def start(self) -> None:
        """Starts accepting and carrying."""
        if self._accepting is not None:
            self._accepting.start()
            self._thread.start()

    def close(self) -> None:
        """Answers what was handed in, ends the pass that is under way, and lets go of the database."""
        self._stop.set()
        if self._accepting is not None:
            self._accepting.close()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        self._store.close()

    def hand_in(self, content: Handed, origin: str = "") -> Future[Submission]:
        """Hands something in. The answer holds the submission once it is written down; the same one for the same again.

        Else it raises RefusedError (a signature is not whose it should be, or the contract would not take it),
        QueueFullError, or another UnavailableError: the chain, the database, or no key to carry with.
        """
        if self._accepting is None:
            raise UnavailableError(
                "this service carries nothing to the chain",
                hint="whoever runs it can name a key that pays for that: the setting carrier_key",
            )
        return self._accepting.submit(content, origin)

    def submit(self, content: Handed, origin: str = "") -> Submission:
        """As :meth:`hand_in`, waiting for the answer."""
        return self.hand_in(content, origin).result()

    def submission(self, identity: bytes) -> Submission:
        """How far a submission is; NotFoundError if there is none of this id."""
        return self._store.one(identity)

    def counts(self) -> dict[State, int]:
        """How many submissions are how far."""
        return self._store.counts()

    def _run(self) -> None:
        release: Callable[[], None] | None = None
        carrying: Carrying | None = None
        while True:
            self._wake.clear()
            if self._stop.is_set():  # looked at only now: who ends this wakes it afterwards
                break
            try:
                release = release or try_lock(self._store.engine)
                if release is None:
                    self._stop.wait(_LOCKED_SECONDS)
                    continue
                carrying = carrying or self._carrier()
                if carrying.step():
                    # What comes in meanwhile is written down, signed and sent together.
                    self._stop.wait(_GATHERING_SECONDS)
                else:
                    self._wait(carrying)
            except Exception as error:  # noqa: BLE001 - whatever it is, what was accepted must be carried
                carrying = None  # what it had in mind may not be what was written down
                if release is not None:  # a connection that broke holds no lock; and another may have a better node
                    release()
                    release = None
                why = error.message if isinstance(error, RegistryError) else type(error).__name__
                journal.note("carry", "outbox", "failed", level=logging.WARNING, why=why)
                self._stop.wait(_LOCKED_SECONDS)
        if release is not None:
            release()

    def _carrier(self) -> Carrying:
        assert self._signing is not None  # noqa: S101 - the thread is not started without
        return Carrying(self._store, Node(self.register), self._signing, self._pace)

    def _wait(self, carrying: Carrying) -> None:
        if carrying.is_idle:
            self._wake.wait(_IDLE_SECONDS)
        elif carrying.is_busy:
            self._stop.wait(_BUSY_SECONDS)
        else:
            self._wake.wait(_WATCHING_SECONDS)
