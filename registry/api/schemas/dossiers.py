"""Dossiers: what is in them, how far one has come that is being sent, requests to erase."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from registry.api.schemas.common import Hash, Model, Moment


class DossierDocument(Model):
    """A document of a dossier."""

    index: int = Field(ge=0, description="which leaf; 0 is the manifest", examples=[1])
    path: str = Field(description="its name in the dossier", examples=["overeenkomst.pdf"])
    role: str | None = Field(description="what it is to the agreement; none of the manifest", examples=["overeenkomst"])
    title: str | None = Field(description="what people call it", examples=["Convenant Fietsroutes"])
    size: int | None = Field(ge=0, description="bytes; none once erased", examples=[48213])
    leaf: Hash
    erased: bool = Field(description="whether it was erased here", examples=[False])


class DossierInfo(Model):
    """A dossier without its salts."""

    root: Hash
    title: str = Field(description="what people call the agreement", examples=["Convenant Fietsroutes"])
    summary: str = Field(description="what it comes down to", examples=["De partijen leggen fietsroutes aan."])
    kind: str = Field(description="the kind of agreement", examples=["convenant"])
    visibility: Literal["parties", "public"] = Field(description="who may read it", examples=["parties"])
    documents: list[DossierDocument] = Field(description="the manifest and the files, in the order of their leaves")


class Arrival(Model):
    """How far a dossier has come that is being sent."""

    root: Hash
    missing: list[int] = Field(description="the leaves that are still to be sent; none if it is whole", examples=[[2]])
    whole: bool = Field(description="whether it is in the store now", examples=[False])


class ErasureRequest(Model):
    """A request of a party to erase the same here, signed as EIP-712 typed data `ErasureRequest`."""

    dossier: Hash
    leaf: Hash
    at: Moment
    signature: str = Field(pattern="^0x[0-9a-fA-F]{130}$", description="65 bytes: r, s, v", examples=["0x" + 65 * "1b"])


class ErasureAnswer(Model):
    """How a request stands: a person here decides."""

    status: Literal["waits", "erased", "absent", "refused"] = Field(
        description="waits for a person, was erased here, was never here, or is refused", examples=["waits"]
    )
