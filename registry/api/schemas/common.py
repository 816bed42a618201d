"""What many answers share. Keys are camelCase, hashes 0x and 64 digits, moments date-times in UTC."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

EXAMPLE_HASH = "0x" + 32 * "3f"

Hash = Annotated[
    str,
    Field(pattern="^0x[0-9a-f]{64}$", description="32 bytes: 0x and 64 hexadecimal digits", examples=[EXAMPLE_HASH]),
]
Address = Annotated[
    str,
    Field(
        pattern="^0x[0-9a-fA-F]{40}$",
        description="an address on the chain, with checksum (ERC-55)",
        examples=["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"],
    ),
]
DateTime = Annotated[
    str,
    Field(
        pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$",
        json_schema_extra={"format": "date-time"},
        description="a moment in UTC (RFC 3339)",
        examples=["2026-05-01T10:00:00Z"],
    ),
]


def _whole(value: object) -> object:
    """A number without a fraction is whole for JSON, however it was written; text and true are not numbers."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


# Nothing but a number is taken for one here: it is signed.
Moment = Annotated[
    int,
    Field(strict=True, ge=0, lt=2**40, description="unix seconds", examples=[1767222000]),
    BeforeValidator(_whole),
]
Notice = Annotated[
    int,
    Field(strict=True, ge=0, lt=2**32, description="seconds", examples=[0]),
    BeforeValidator(_whole),
]
Identifier = Annotated[
    str,
    Field(pattern="^[a-z]{2,4}[0-9]{2,5}$", description="TOOI identifier", examples=["gm0345"]),
]


class Model(BaseModel):
    """The base of all: camelCase outside, snake_case inside, and nothing that is not named."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class AsOf(Model):
    """At which block an answer holds."""

    block: int = Field(ge=-1, description="the block; -1 if nothing was read yet", examples=[1204])
    time: DateTime = Field(description="the time of that block")
    fingerprint: Hash = Field(description="the register's fingerprint at that block")


class Asked(Model):
    """The two moments that a question was about, and as of which block the answer is."""

    valid_on: DateTime = Field(description="what held then")
    known_at: DateTime = Field(description="what had been recorded by then")
    as_of: AsOf


class Page(Asked):
    """A page of a list; pages of one list are one answer, whatever is recorded meanwhile."""

    next: str | None = Field(description="the cursor of the page that follows; null if this was the last")


class OrganisationRef(Model):
    """An organisation by identifier and name."""

    id: Identifier
    name: str = Field(description="what people call it", examples=["gemeente Veenendaal"])


class Place(Model):
    """Where and when something was recorded."""

    block: int = Field(ge=0, examples=[1204])
    log_index: int = Field(ge=0, description="its place in the block", examples=[0])
    transaction: Hash
    time: DateTime


class HeldMandate(Model):
    """Who may sign for whom, from when until when, alone or together with others."""

    signatory: Address
    organisation: OrganisationRef
    valid_from: DateTime
    valid_until: DateTime | None = Field(description="null = open-ended")
    together: int = Field(ge=1, description="with how many signatories it holds; 1 = alone", examples=[1])
    decision: Hash | None = Field(description="digest of the decision that it rests on")


class ActData(Model):
    """The struct that is signed (EIP-712 ``Act``), with the numbers that are hashed: moments in unix seconds."""

    agreement: Hash = Field(description="hash of the concluding act; zero in that act itself")
    previous: Hash = Field(description="hash of the act it follows; zero in a concluding act")
    dossier: Hash = Field(description="root of the dossier: what was agreed")
    parties: list[Identifier] = Field(description="who is bound, ascending; empty = the agreement ends")
    valid_from: Moment
    valid_until: Moment = Field(description="unix seconds; 0 = open-ended", examples=[0])
    notice: Notice = Field(description="seconds after which one may leave alone; 0 = only together")
    deadline: Moment = Field(description="unix seconds until which approvals count; 0 = always", examples=[0])


class Fingerprint(Model):
    """One hash over everything that was ever recorded."""

    fingerprint: Hash
    contract: Address = Field(alias="register", description="address of the contract")
    chain_id: int = Field(ge=0, description="the chain that it is on (EIP-155)", examples=[1337])
    as_of: AsOf


class Statistics(Model):
    """How much there is."""

    agreements: int = Field(ge=0, examples=[42])
    acts: int = Field(ge=0, examples=[57])
    events: int = Field(ge=0, examples=[312])
    organisations: int = Field(ge=0, description="those that ever took part", examples=[10])
    voters: int = Field(ge=0, description="the members of the council that vote", examples=[8])
    as_of: AsOf
