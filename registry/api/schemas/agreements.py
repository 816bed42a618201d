"""Agreements, acts and approvals."""

from __future__ import annotations

from pydantic import Field

from registry.api.schemas.common import (
    ActData,
    Address,
    Asked,
    DateTime,
    Hash,
    HeldMandate,
    Model,
    OrganisationRef,
    Page,
    Place,
)
from registry.dossier import Kind
from registry.model import Status, Verb

TITLE = "what people call it; null unless its dossier is at hand and open to everybody"


class ApprovalUnderAct(HeldMandate):
    """An approval of a recorded act: the mandate under which it was given, and the decision it cites."""

    on_behalf_of: OrganisationRef = Field(description="for whom it was required: its own, or whose place that took")
    cited_decision: Hash | None = Field(description="digest of the organisation's own decision")


class RecordedAct(Model):
    """An act as it was recorded."""

    act_hash: Hash
    agreement: Hash
    verb: Verb = Field(description="what it does, which follows from the parties")
    title: str | None = Field(description=TITLE)
    act: ActData
    parties: list[OrganisationRef]
    approvals: list[ApprovalUnderAct]
    recorded: Place


class AgreementRow(Model):
    """How an agreement stands."""

    agreement: Hash = Field(description="the hash of its concluding act")
    title: str | None = Field(description=TITLE)
    kind: Kind | None = Field(description="what sort of agreement; null as the title")
    example: bool | None = Field(description="whether it is an example without effect; null as the title")
    status: Status
    verb: Verb = Field(description="what the act does that holds")
    parties: list[OrganisationRef]
    valid_from: DateTime
    valid_until: DateTime | None = Field(description="null = open-ended")
    acts: int = Field(ge=1, description="how many acts there are", examples=[2])
    head: Hash = Field(description="the latest act")


class Agreements(Page):
    """A page of agreements."""

    items: list[AgreementRow]


class Agreement(AgreementRow, Asked):
    """An agreement with all its acts, oldest first."""

    recorded_acts: list[RecordedAct]


class Acts(Asked):
    """The acts of an agreement, oldest first."""

    items: list[RecordedAct]


class Act(RecordedAct, Asked):
    """An act as it was recorded."""


class GivenApproval(Model):
    """An approval of an act."""

    organisation: OrganisationRef
    signatory: Address
    decision: Hash | None = Field(description="digest of the organisation's own decision")
    together: int | None = Field(description="with how many signatories that mandate held; null while not recorded")
    recorded: Place = Field(description="the transaction that brought it to the chain")


class Approvals(Page):
    """The approvals of an act: of a recorded one those that bind, of a proposal those given on chain so far."""

    act_hash: Hash
    is_recorded: bool
    items: list[GivenApproval]
