"""The outbox of the service, with the key that the settings name and histories from the index."""

from __future__ import annotations

import time
from collections.abc import Sequence

from registry.api.following import Follower
from registry.chain import Register
from registry.index import Index
from registry.index.queries import Asked
from registry.keys import Signer
from registry.model import Act
from registry.organisations import Directory
from registry.outbox import Outbox
from registry.outbox.carrying import Pace
from registry.outbox.preparing import Witness
from registry.settings import Settings

_SOON = 100
"""Blocks: an index that is further behind is not waited for."""


def outbox_of(
    settings: Settings,
    register: Register,
    signer: Signer | None,
    index: Index,
    follower: Follower,
    directory: Directory,
) -> Outbox:
    """The outbox that the settings name, not at work yet; raises what :meth:`registry.outbox.Outbox.open` raises."""
    url = settings.outbox or f"sqlite:///{settings.home / 'outbox.sqlite'}"
    witness, pace = witness_of(index, follower), Pace(confirmations=settings.confirmations)
    return Outbox.open(url, register, signer, witness, directory=directory, limit=settings.queue, pace=pace)


def witness_of(index: Index, follower: Follower) -> Witness:
    """Histories of agreements from the index, up to the latest block if it is not far behind."""

    def history(agreement: bytes, moment: int) -> Sequence[Act]:
        lag = follower.reach.lag
        if lag is not None and lag <= _SOON:
            follower.catch_up()
        with index.queries() as queries:
            found = queries.agreement(queries.at(Asked(max(moment, int(time.time())))), agreement)
        return found.history_for(moment)

    return history
