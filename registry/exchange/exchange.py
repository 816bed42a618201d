"""What a service does with those of its partners by itself: fetch the dossiers that concern it, pass on erasures.

Each partner is dealt with by one transfer at a time, and each transfer is bounded in bytes and time; so a partner that
lies, sends without end or hardly at all costs a few seconds of its own turn and keeps nobody else waiting.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from registry.access import Access
from registry.client import Client
from registry.dossier import Store
from registry.dossier.erasing import Answer, Erasure, finish, record_of, records
from registry.errors import (
    DossierError,
    RegistryError,
)
from registry.exchange.arrivals import sweep
from registry.exchange.asking import ask
from registry.exchange.fetching import IncompleteError, fetch, partner
from registry.exchange.limits import LIMITS, Limits
from registry.index import Index
from registry.index.queries import Asked
from registry.index.queries_dossiers import sources
from registry.journal import note
from registry.keys import Signer

PAUSE_SECONDS = 1.0
TRANSFERS_AT_ONCE = 8
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 600.0
_LIE_WAIT = 120.0
_ASK_FIRST, _ASK_LONGEST = 60, 86_400
_LOOK_BACK = 64
"""Blocks that are looked at again, for a reorganisation may have changed them."""


@dataclass(slots=True)
class _Turn:
    """When a partner is next asked for a dossier, in seconds of ``time.monotonic``."""

    due: float = 0.0
    wait: float = _FIRST_WAIT


class Exchange:
    """Exchanges while it is entered; ``own`` is the organisation whose service this is, of ``access``."""

    def __init__(
        self,
        index: Index,
        store: Store,
        access: Access,
        signer: Signer | None,
        *,
        private: bool = False,
        limits: Limits = LIMITS,
        pause: float = PAUSE_SECONDS,
    ) -> None:
        self._index, self._store, self._access, self._signer = index, store, access, signer
        self._private, self._limits, self._pause = private, limits, pause
        self._own = access.own
        self._wanted: dict[bytes, dict[str, _Turn]] = {}
        self._busy: set[str] = set()
        self._reached = -1
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="exchange", daemon=True)

    def __enter__(self) -> Self:
        finish(self._store)
        sweep(self._store)
        if self._own is not None:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        # A transfer is not waited for: what has come of it stays, and is gone on with next time.

    @property
    def wanted(self) -> int:
        """How many dossiers are to be fetched."""
        return len(self._wanted)

    def _run(self) -> None:
        while not self._done.wait(self._pause):
            try:
                self.step()
            except RegistryError as error:
                note("exchange", self._own or "", "failed", level=logging.WARNING, reason=error.message)
            except Exception:  # one that ended in silence would leave dossiers where they are
                logging.getLogger("foodvalley.exchange").exception("exchanging failed")

    def step(self) -> None:
        """Looks what there is to do, and begins what is due."""
        services = self._learn()
        self._begin_fetching(services)
        self._begin_asking(services)

    # Fetching

    def _learn(self) -> dict[str, str]:
        """Adds what new acts and proposals name; where the organisations have their services."""
        assert self._own is not None  # noqa: S101 - it is not started for nobody
        with self._index.queries() as queries:
            at, block = queries.at(Asked(self._access.now)), queries.as_of.block
            since = -1 if block < self._reached else max(self._reached - _LOOK_BACK, -1)
            roots = queries.dossiers_concerning(at, self._own, since) if block != self._reached else []
            services = queries.services(at)
        self._reached = block
        for root in roots:
            if not self._is_settled(root):
                self._wanted.setdefault(root, {})
        return services

    def _is_settled(self, root: bytes) -> bool:
        if self._store.place(root).is_dir():
            return True
        record = record_of(self._store, root)
        return record is not None and record.is_whole

    def _begin_fetching(self, services: dict[str, str]) -> None:
        now = time.monotonic()
        for root in list(self._wanted):
            if self._is_settled(root):
                del self._wanted[root]
                continue
            concerns = self._access.readers.concerns(root, self._access.now)
            if not concerns:  # declined, overtaken or rolled back
                del self._wanted[root]
                continue
            turns = self._wanted[root]
            due = (one for one in sources(concerns) if one in services and turns.get(one, _NEVER).due <= now)
            organisation = next((one for one in due if one != self._own), None)
            if organisation is not None:
                turn = turns.setdefault(organisation, _Turn())
                self._begin(organisation, self._fetching(root, organisation, services[organisation], turn))

    def _fetching(self, root: bytes, organisation: str, url: str, turn: _Turn) -> Callable[[], None]:
        def run() -> None:
            shown = "0x" + root.hex()
            try:
                with partner(url, private=self._private, limits=self._limits) as client:
                    fetch(client, self._store, root, sign_in=self._sign_in, limits=self._limits)
            except (RegistryError, OSError) as error:
                lied = isinstance(error, DossierError)
                reason = error.message if isinstance(error, RegistryError) else type(error).__name__
                result = "mismatch" if lied else "incomplete" if isinstance(error, IncompleteError) else "failed"
                turn.due = time.monotonic() + max(turn.wait, _LIE_WAIT if lied else 0.0)
                turn.wait = min(turn.wait * 2, _LONGEST_WAIT)
                note("fetch", shown, result, origin=organisation, level=logging.WARNING, reason=reason)
                return
            self._index.take_in_manifests(self._store)
            note("fetch", shown, "done", origin=organisation, actor=self._own or "")

        return run

    def _sign_in(self, client: Client) -> None:
        """Signs in with the service's key, if it has a mandate; public dossiers go without, so this may fail."""
        signer, audience = self._signer, self._access.audience
        if signer is None or self._access.organisation_of(signer.address) is None:
            return
        try:
            client.sign_in(signer, audience.chain_id, audience.register)
        except RegistryError as error:
            note("sign in", client.http.shown, "refused", actor=signer.address, reason=error.message)

    # Erasures

    def _begin_asking(self, services: dict[str, str]) -> None:
        now = int(time.time())
        for record in records(self._store):
            for erasure in record.erasures:
                for answer in erasure.answers:
                    wait = min(_ASK_FIRST * 2 ** min(answer.tries, 20), _ASK_LONGEST) if answer.tries else 0
                    if not answer.is_settled and now >= answer.at + wait and answer.organisation in services:
                        url = services[answer.organisation]
                        root = bytes.fromhex(record.root)
                        self._begin(answer.organisation, self._asking(root, erasure, answer, url))

    def _asking(self, root: bytes, erasure: Erasure, answer: Answer, url: str) -> Callable[[], None]:
        def run() -> None:
            ask(self._store, root, erasure, answer, lambda: partner(url, private=self._private, limits=self._limits))

        return run

    # Turns

    def _begin(self, organisation: str, run: Callable[[], None]) -> None:
        """Begins it unless something else with this partner is going on, or too much in all."""
        with self._lock:
            if organisation in self._busy or len(self._busy) >= TRANSFERS_AT_ONCE or self._done.is_set():
                return
            self._busy.add(organisation)

        def within() -> None:
            try:
                run()
            except Exception:  # the thread would keep it to itself
                logging.getLogger("foodvalley.exchange").exception("a transfer failed")
            finally:
                with self._lock:
                    self._busy.discard(organisation)

        threading.Thread(target=within, name=f"exchange {organisation}", daemon=True).start()


_NEVER = _Turn()
