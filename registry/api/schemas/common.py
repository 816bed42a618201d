"""What many answers share. Keys are camelCase, hashes 0x and 64 digits, times unix seconds unless a name says date."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Hash = Annotated[
    str,
    Field(
        pattern="^0x[0-9a-f]{64}$", description="32 bytes: 0x and 64 hexadecimal digits", examples=["0x" + 32 * "3f"]
    ),
]
Address = Annotated[
    str,
    Field(
        pattern="^0x[0-9a-fA-F]{40}$",
        description="an address on the chain, with checksum (ERC-55)",
        examples=["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"],
    ),
]
Moment = Annotated[int, Field(ge=0, description="unix seconds", examples=[1767222000])]


class Model(BaseModel):
    """The base of all: camelCase outside, snake_case inside, and nothing that is not named."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class AsOf(Model):
    """At which block an answer holds."""

    block: int = Field(ge=-1, description="the block; -1 if nothing was read yet", examples=[1204])
    time: Moment
    fingerprint: Hash


class Fingerprint(Model):
    """One hash over everything that was ever recorded."""

    fingerprint: Hash
    contract: Address = Field(alias="register", description="address of the contract")
    chain_id: int = Field(ge=0, description="the chain that it is on (EIP-155)", examples=[1337])
    as_of: AsOf
