"""The index of one register, as the rest of the package knows it."""

from __future__ import annotations

from registry.chain import Register
from registry.dossier import Store
from registry.index.following import Progress, follow
from registry.index.manifests import take_in
from registry.index.records import AsOf
from registry.index.store import IndexStore


class Index(IndexStore):
    """The rows of one register, and how they follow its chain."""

    def catch_up(
        self,
        register: Register,
        store: Store | None = None,
        *,
        to_block: int | None = None,
        progress: Progress | None = None,
    ) -> AsOf:
        """Brings the index up to a block of the chain, the latest unless given; how far it is then.

        With a store, the manifests in it join their acts. Starting, restarting, a reorganisation and a chain that was
        reset are all one to it; see :mod:`registry.index.following`, which says too what is raised.
        """
        found = follow(self, register, to_block, progress)
        if store is not None:
            self.take_in_manifests(store)
        return found

    def take_in_manifests(self, store: Store) -> None:
        """Joins the manifests in the store to their acts, and parts from those that are there no more."""
        with self.writing() as connection:
            take_in(connection, store)
