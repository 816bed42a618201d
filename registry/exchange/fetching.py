"""Fetching one dossier from one partner's service: leaf by leaf, each held against the root as it comes.

What does not match is thrown away and the partner is done with; what matched stays for the next try, with this partner
or another. So a partner can withhold a dossier, and cannot give another for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from registry.client import Client
from registry.dossier import Dossier, Store
from registry.errors import RefusedError, ServiceError
from registry.exchange.arrivals import Arriving, MismatchError, arriving
from registry.exchange.guard import GuardedTransport, checked_url
from registry.exchange.limits import LIMITS, Limits

Tell = Callable[[int, int], None]
"""Told how many documents are here, and how many there are."""


class IncompleteError(RefusedError):
    """A partner has only a part of the dossier left: the rest was erased there."""


def partner(url: str, *, private: bool, limits: Limits = LIMITS) -> Client:
    """A client for the service at an announced address; ForbiddenAddressError if that is none to connect to."""
    return Client(checked_url(url, private), GuardedTransport(private, limits))


def fetch(
    client: Client,
    store: Store,
    root: bytes,
    *,
    sign_in: Callable[[Client], None] | None = None,
    incomplete: bool = False,
    limits: Limits = LIMITS,
    tell: Tell = lambda done, total: None,
) -> Dossier:
    """The dossier with this root from a service, checked to the last byte and kept in the store.

    ``sign_in`` is called before anything is asked; ``incomplete`` takes what a partner has left that erased something.
    NotFoundError if it is not there or not for us, MismatchError if what comes is not what was agreed, IncompleteError,
    ServiceError if the service fails, StorageError when a disk does. What matched until then stays.
    """
    until = time.monotonic() + limits.transfer_seconds
    with arriving(store, root, limits) as found:
        if store.place(root).exists():
            return store.get(root)
        if sign_in is not None:
            sign_in(client)
        found.begin(client.dossiers.leaves(root))
        if found.withheld and not incomplete:
            raise IncompleteError(
                f"{client.http.shown} has erased of this dossier: {', '.join(found.withheld)[:300]}",
                hint="another party may have the whole; to take what is left: --incomplete",
            )
        for index in found.missing:
            tell(len(found.leaves) - len(found.missing), len(found.leaves))
            _document(client, found, index, until, limits)
        return found.finish()


def _document(client: Client, found: Arriving, index: int, until: float, limits: Limits) -> None:
    start = found.size_so_far(index)
    try:
        _transfer(client, found, index, start, until, limits)
    except MismatchError:
        # What was there before may be of another who lied: once more, from the first byte.
        if not start:
            raise
        _transfer(client, found, index, 0, until, limits)


def _transfer(client: Client, found: Arriving, index: int, start: int, until: float, limits: Limits) -> None:
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise ServiceError(f"{client.http.shown} takes too long over a dossier", hint="what came of it is kept")
    with client.dossiers.document(found.root, index, start, (seconds, limits.file_bytes + 1)) as document:
        found.write(index, document.start, document.pieces)
