"""Organisations, signatories, mandates, and documents."""

from __future__ import annotations

from pydantic import Field

from registry.api.schemas.common import Address, Asked, DateTime, Hash, HeldMandate, Model, OrganisationRef
from registry.model import Action
from registry.verification import Outcome


class Waiting(Model):
    """A decided motion that waits: it can be vetoed until it is enacted, not before ``effectFrom``."""

    motion_hash: Hash
    action: Action
    effect_from: DateTime | None
    lapses_at: DateTime


class OrganisationRow(Model):
    """An organisation as the council knows it."""

    organisation: OrganisationRef
    administrator: Address | None
    nominee: Address | None = Field(description="the key that may take over as administrator")
    votes: bool = Field(description="false = a guest, which signs and does not vote")
    expelled: bool
    successor: OrganisationRef | None
    service: str | None = Field(description="where it says its service is: what others wrote, so believe nothing of it")
    waiting: Waiting | None


class Organisations(Asked):
    """The organisations that take part, or did."""

    items: list[OrganisationRow]


class KnownMandate(HeldMandate):
    """A mandate as it was known for a while."""

    known_from: DateTime
    known_until: DateTime | None = Field(description="null = still")


class Organisation(OrganisationRow, Asked):
    """An organisation, and every version of the mandates that it gave."""

    mandates: list[KnownMandate]


class Mandates(Asked):
    """Every version of the mandates that an organisation gave, in order."""

    items: list[KnownMandate]


class Signatory(Asked):
    """A key: the mandate it had on the day asked about, and every version of its mandates that was known."""

    signatory: Address
    mandate: HeldMandate | None
    mandates: list[KnownMandate]


class DocumentInAct(Model):
    """A recorded act that holds the file."""

    outcome: Outcome = Field(description="what the file is now as a part of this act")
    agreement: Hash
    act_hash: Hash
    dossier: Hash = Field(description="the root that the act names")
    leaf: int = Field(ge=0, description="its place among the leaves of the dossier", examples=[1])
    document: str | None = Field(
        description="the name of the file; null unless the dossier is open to everybody", examples=["overeenkomst.pdf"]
    )
    salt: str | None = Field(
        pattern="^[0-9a-f]{64}$",
        examples=[32 * "1b"],
        description="with the file it gives the leaf; null unless open to everybody",
    )
    proof: list[Hash] = Field(description="the hashes that lead from the leaf to the root (RFC 9162)")
    successor: Hash | None = Field(description="the act that says what holds instead")


class Document(Asked):
    """Whether the file with this SHA-256 is part of an act, as far as the dossiers here tell."""

    sha256: str = Field(pattern="^[0-9a-f]{64}$", examples=[32 * "3f"])
    accepted: bool = Field(description="whether it is the text of a recorded act, in force or not")
    outcome: Outcome
    acts: list[DocumentInAct]
