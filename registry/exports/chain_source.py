"""The register as a service read it from the chain: all in memory, for registers of ordinary size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from registry import dutch, model
from registry.exports.source import About, Entry, HeldMandate, Promised, Told
from registry.model import Event
from registry.organisations import Directory
from registry.promises import Promises
from registry.service import Service, View
from registry.timeline import Agreement


class ChainSource:
    """A view of the register, with the dossiers at hand."""

    def __init__(self, service: Service, view: View) -> None:
        self._service = service
        self._view = view
        register = service.register
        self._about = About(
            register.chain.chain_id,
            register.address,
            register.from_block,
            view.block,
            register.chain.block_hash(view.block) or b"",
            view.mined_at,
            view.ledger.fingerprint,
        )

    @property
    def about(self) -> About:
        """Which register and which block."""
        return self._about

    @property
    def directory(self) -> Directory:
        """How organisations are called."""
        return self._service.directory

    def events(self) -> Iterator[Event]:
        """Every event, in order."""
        return iter(self._view.ledger.events)

    def entries(self) -> Iterator[Entry]:
        """Every agreement, in the order of conclusion."""
        for number, agreement in enumerate(self._view.ledger.agreements.values(), 1):
            yield Entry(number, agreement, self._told(agreement), self._promises(agreement))

    def mandates(self) -> Iterator[HeldMandate]:
        """Every mandate that was ever given, by organisation, in the order in which they were given."""
        found: list[HeldMandate] = []
        latest: dict[str, int] = {}
        for event in self._view.ledger.events:
            moment = event.place.timestamp
            match event:
                case model.SignatoryAppointed(mandate=one):
                    before = latest.get(one.signatory)
                    if before is not None:
                        found[before] = replace(found[before], known_until=moment)
                    latest[one.signatory] = len(found)
                    found.append(HeldMandate(one, moment, event.place.block))
                case model.SignatoryDismissed():
                    _end(found, latest[event.signatory], moment)
                case model.MemberSucceeded():
                    mine = (at for at in latest.values() if found[at].mandate.organisation == event.organisation)
                    for at in list(mine):
                        _end(found, at, moment)
        yield from sorted(found, key=lambda one: one.mandate.organisation)

    def _told(self, agreement: Agreement) -> dict[bytes, Told]:
        told: dict[bytes, Told] = {}
        for one in agreement.acts:
            manifest = self._service.manifest(one.act.dossier)
            if manifest is not None:
                told[one.act_hash] = Told(dutch.title(manifest), manifest.kind.value, manifest.policy_area)
        return told

    def _promises(self, agreement: Agreement) -> tuple[Promised, ...]:
        promises = Promises(self._service).of(self._view, agreement)
        return tuple(Promised(one.id, one.stated, one.reports) for one in promises)


def _end(found: list[HeldMandate], at: int, moment: int) -> None:
    held = found[at].mandate
    if not held.valid_until or moment < held.valid_until:
        found[at] = replace(found[at], mandate=replace(held, valid_until=moment))
