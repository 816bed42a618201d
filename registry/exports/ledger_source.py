"""The register as a ledger in memory, read from the chain: for registers of ordinary size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Self

from registry import dutch
from registry.dossier import Manifest
from registry.exports.held import held_mandates
from registry.exports.source import About, Entry, HeldMandate, Promised, Stated, Told, in_order
from registry.model import Event
from registry.organisations import DIRECTORY, Directory
from registry.service import Service, View
from registry.statements import commitment_id
from registry.timeline import Agreement, Ledger


class LedgerSource:
    """A ledger, with the manifests of the dossiers at hand by root."""

    def __init__(
        self,
        ledger: Ledger,
        about: About,
        manifest: Callable[[bytes], Manifest | None] = lambda root: None,
        directory: Directory = DIRECTORY,
    ) -> None:
        self._ledger = ledger
        self._manifest = manifest
        self.about = about
        self.directory = directory

    @classmethod
    def of(cls, service: Service, view: View) -> Self:
        """What a service saw, with its dossiers."""
        register = service.register
        block_hash = register.chain.block_hash(view.block) or b""
        here = (register.chain.chain_id, register.address, register.from_block)
        about = About(*here, view.block, block_hash, view.mined_at, view.ledger.fingerprint)
        return cls(view.ledger, about, service.store.manifest, service.directory)

    def events(self) -> Iterator[Event]:
        """Every event, in order."""
        return iter(self._ledger.events)

    def entries(self) -> Iterator[Entry]:
        """Every agreement, in the order of conclusion."""
        for number, agreement in enumerate(self._ledger.agreements.values(), 1):
            manifests = {one.act_hash: self._manifest(one.act.dossier) for one in agreement.acts}
            told = {
                act_hash: Told(dutch.title(one), one.kind.value, one.policy_area)
                for act_hash, one in manifests.items()
                if one is not None
            }
            found = [one for one in manifests.values() if one is not None]
            yield Entry(number, agreement, told, self._promises(agreement, found))

    def mandates(self) -> Iterator[HeldMandate]:
        """Every mandate that was ever given, by organisation, in the order in which they were given."""
        return held_mandates(self._ledger.events)

    def _promises(self, agreement: Agreement, manifests: list[Manifest]) -> tuple[Promised, ...]:
        stated = {
            commitment_id(agreement.id, one.id): Stated(one.id, one.organisation, one.text, one.due)
            for manifest in manifests
            for one in manifest.commitments
        }
        reports = self._ledger.reports
        keys = dict.fromkeys([*stated, *(one.report.commitment for one in reports.of(agreement.id))])
        return in_order(Promised(key, stated.get(key), tuple(reports.on(agreement.id, key))) for key in keys)
