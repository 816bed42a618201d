"""Who may read which dossier at the service of an organisation.

Public dossiers are open to everybody once an act or proposal on chain names them. Others are for the organisations that
are party to such an act, before or after; and for those to be bound by an open proposal.

That an act names a dossier proves nothing by itself: roots stand on the chain for all to see, and anyone may write an
act of its own around the root of another's dossier. So only what concerns the organisation whose service this is
counts, and of a proposal only what that organisation approved, or what the manifest itself says of its parties.
"""

from __future__ import annotations

from registry.dossier import Store
from registry.index import Index
from registry.index.queries import Asked
from registry.index.queries_dossiers import Concern, Held


class Readers:
    """The readers of the dossiers in one store; ``own`` is the organisation whose service this is, if any."""

    def __init__(self, index: Index, store: Store, own: str | None) -> None:
        self._index = index
        self._store = store
        self._own = own

    def may_read(self, root: bytes, organisation: str | None, now: int) -> bool:
        """Whether an organisation may read this dossier, None stands for whoever did not sign in.

        The dossier itself is looked at only for who is named in an act or proposal with it: to all others one that is
        here is as one that is not, to the last file that is opened.
        """
        found = self._held(root, now)
        if found.is_public and found.concerns:
            return self._store.find(root) is not None
        if organisation is None or self._own is None:
            return False
        if organisation != self._own and not any(self._grants(one, organisation, root) for one in found.concerns):
            return False
        return self._store.find(root) is not None

    def may_send(self, root: bytes, organisation: str, now: int) -> bool:
        """Whether an organisation may send this dossier here: this one itself, or another party to an act with it."""
        if self._own is None:
            return False
        if organisation == self._own:
            return True
        return any({organisation, self._own} <= one.whom for one in self._held(root, now).concerns)

    def concerns(self, root: bytes, now: int) -> tuple[Concern, ...]:
        """The acts and open proposals with this dossier that concern the organisation whose service this is."""
        return tuple(one for one in self._held(root, now).concerns if self._own in one.whom)

    def _held(self, root: bytes, now: int) -> Held:
        with self._index.queries() as queries:
            return queries.dossier(queries.at(Asked(now)), root)

    def _grants(self, concern: Concern, organisation: str, root: bytes) -> bool:
        if self._own not in concern.whom or organisation not in concern.whom:
            return False
        return concern.is_recorded or self._own in concern.agreed or organisation in self._named(root)

    def _named(self, root: bytes) -> frozenset[str]:
        manifest = self._store.manifest(root)
        return frozenset(party.organisation for party in manifest.parties) if manifest else frozenset()
