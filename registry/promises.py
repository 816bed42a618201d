"""What the parties promised and what came of it: commitments of manifests beside reports on chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from registry.chain import Sent
from registry.commitments import ReportRecord
from registry.dossier import Commitment
from registry.errors import NotFoundError, RefusedError
from registry.keys import Signer
from registry.model import NO_HASH, Act, Approval, Report, Stage, Status
from registry.service import Service, View
from registry.statements import commitment_id
from registry.timeline import Agreement


@dataclass(frozen=True, slots=True)
class Promise:
    """A commitment of an agreement and the latest report of each party on it.

    ``stated`` is what the manifest says, None if no dossier at hand states it; ``id`` is what it is called on chain.
    """

    agreement: bytes
    id: bytes
    stated: Commitment | None
    reports: tuple[ReportRecord, ...]

    @property
    def own_report(self) -> ReportRecord | None:
        """What the party itself says that promised it."""
        if self.stated is None:
            return None
        mine = (one for one in self.reports if one.report.organisation == self.stated.organisation)
        return next(mine, None)

    def overdue(self, today: date) -> bool:
        """Whether its last day has passed and the party did not report it fulfilled or cancelled."""
        due = self.stated.due if self.stated else None
        done = self.own_report is not None and self.own_report.report.stage in (Stage.FULFILLED, Stage.CANCELLED)
        return due is not None and due < today and not done


class Promises:
    """The use cases of commitments, on one register."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def of(self, view: View, agreement: Agreement) -> list[Promise]:
        """The commitments of an agreement: as its latest dossier at hand states them, then others reported on."""
        stated: dict[bytes, Commitment] = {}
        for recorded in agreement.acts:
            manifest = self._service.store.manifest(recorded.act.dossier)
            stated |= {commitment_id(agreement.id, one.id): one for one in manifest.commitments} if manifest else {}
        reported = [one.report.commitment for one in view.ledger.reports.of(agreement.id)]
        return [
            Promise(agreement.id, key, stated.get(key), tuple(view.ledger.reports.on(agreement.id, key)))
            for key in dict.fromkeys([*stated, *reported])
        ]

    def find(self, view: View, agreement: Agreement, label: str) -> Promise:
        """The commitment with this id in a manifest ("T1"); NotFoundError if no dossier at hand states it."""
        key = commitment_id(agreement.id, label)
        found = {one.id: one for one in self.of(view, agreement)}
        if key not in found:
            known = ", ".join(one.stated.id for one in found.values() if one.stated)
            hint = f"its commitments: {known}" if known else "add its dossier: foodvalley dossier add FOLDER"
            raise NotFoundError(f"the agreement has no commitment {label!r} that is at hand here", hint=hint)
        return found[key]

    def report(
        self,
        view: View,
        promise: Promise,
        organisation: str,
        stage: Stage,
        signer: Signer,
        evidence: bytes = NO_HASH,
    ) -> tuple[Sent, Report]:
        """Records how far a party is, as its signatory; RefusedError if the agreement does not bind it now."""
        agreement = view.ledger.agreements[promise.agreement]
        history = self._history(view, agreement, organisation)
        previous = view.ledger.reports.latest_hash(promise.agreement, promise.id, organisation)
        report = Report(promise.agreement, promise.id, organisation, stage, evidence, previous)
        return self._service.register.report(report, history, Approval(signer.address), signer), report

    def confirm(self, view: View, promise: Promise, of: str, organisation: str, signer: Signer) -> tuple[Sent, Report]:
        """Confirms the latest report of another party, as a signatory of ``organisation``."""
        agreement = view.ledger.agreements[promise.agreement]
        history = self._history(view, agreement, organisation)
        found = next((one for one in promise.reports if one.report.organisation == of), None)
        if found is None:
            raise NotFoundError(f"{self._service.directory.name(of)} has reported nothing on this commitment")
        approval = Approval(signer.address)
        return self._service.register.confirm(found.report, organisation, history, approval, signer), found.report

    def party_of(self, view: View, agreement: Agreement, signatory: str) -> str:
        """The party for which a key can report: its organisation, or one whose place that took."""
        mandate = view.ledger.mandates.get(signatory)
        if mandate is None:
            raise RefusedError(
                f"{signatory} is a signatory of no organisation", hint="let your administrator appoint it"
            )
        governing = agreement.governing(view.now)
        parties = governing.act.parties if governing else ()
        if mandate.organisation in parties:
            return mandate.organisation
        heir_of = view.ledger.membership.heir_of
        succeeded = [one for one in parties if heir_of(one) == mandate.organisation]
        if not succeeded:
            name = self._service.directory.name(mandate.organisation)
            raise RefusedError(f"{name} is no party of this agreement now")
        return succeeded[0]

    def _history(self, view: View, agreement: Agreement, organisation: str) -> Sequence[Act]:
        status, governing = agreement.status(view.now), agreement.governing(view.now)
        if status is not Status.IN_FORCE or governing is None:
            raise RefusedError(f"the agreement is not in force ({status.value})")
        if organisation not in governing.act.parties:
            raise RefusedError(f"{self._service.directory.name(organisation)} is no party of this agreement now")
        return agreement.history_for(view.now)
