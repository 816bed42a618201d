"""Proposals, commitments, events."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field

from registry.api.schemas.common import ActData, Address, Asked, DateTime, Hash, Model, OrganisationRef, Page, Place
from registry.model import Stage


class ProposalStatus(StrEnum):
    """What became of a proposal."""

    OPEN = "open"
    RECORDED = "recorded"
    DECLINED = "declined"
    OVERTAKEN = "overtaken"
    IMPOSSIBLE = "impossible"
    LATE = "late"


class ProposalRow(Model):
    """An act that was put before its parties on chain, and how far it is."""

    act_hash: Hash
    title: str | None = Field(description="null unless its dossier is at hand and open to everybody")
    status: ProposalStatus = Field(description="late: its deadline passed; overtaken: another act took its place")
    act: ActData
    parties: list[OrganisationRef]
    proposed_by: Address = Field(description="the signatory that put it on chain")
    proposed_at: DateTime
    approved: list[OrganisationRef] = Field(description="whose approvals on chain bind them; empty unless open")
    missing: list[OrganisationRef] = Field(description="who must still approve; empty unless open")
    waits_for: list[OrganisationRef] = Field(description="who answers now for those; empty unless open")


class Proposals(Page):
    """A page of proposals."""

    items: list[ProposalRow]


class Proposal(ProposalRow, Asked):
    """A proposal."""


class Confirmation(Model):
    """Who confirmed a report."""

    organisation: OrganisationRef
    signatory: Address


class Report(Model):
    """What a party said of a commitment."""

    report_hash: Hash
    signatory: Address
    agreement: Hash
    commitment: Hash = Field(description="what the commitment is called on chain")
    organisation: OrganisationRef
    progress: Stage
    evidence: Hash | None = Field(description="digest of what shows it")
    confirmed_by: list[Confirmation]
    recorded: Place


DueDay = Annotated[
    str, Field(json_schema_extra={"format": "date"}, pattern=r"^\d{4}-\d{2}-\d{2}$", examples=["2026-12-31"])
]


class Commitment(Model):
    """Something that an organisation promised, and the latest report of each party on it."""

    agreement: Hash
    commitment: Hash = Field(description="what it is called on chain")
    id: str | None = Field(
        description="its label in the dossier; null unless that is open to everybody", examples=["T1"]
    )
    promised_by: OrganisationRef | None
    text: str | None = Field(description="what was promised")
    due: DueDay | None = Field(description="the last day to fulfil it")
    overdue: bool
    reports: list[Report]


class Commitments(Page):
    """A page of commitments."""

    items: list[Commitment]


class Event(Model):
    """Something that was recorded. Besides these members it has those of its kind, as in ``docs/auditors.md``."""

    model_config = ConfigDict(extra="allow")

    event: str = Field(description="what happened", examples=["Recorded"])
    recorded: Place


class Events(Page):
    """A page of what was recorded, in order."""

    items: list[Event]
