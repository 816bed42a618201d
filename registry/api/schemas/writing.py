"""What is handed in to be carried to the chain, how far that is, and what is signed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from registry.api.schemas.common import EXAMPLE_HASH, ActData, Address, DateTime, Hash, Identifier, Model, Moment

_ZERO = "0x" + 64 * "0"

Decision = Annotated[
    str,
    Field(
        pattern="^0x[0-9a-f]{64}$",
        description="digest of the organisation's own decision (besluit); zero = none is cited",
        examples=[_ZERO],
    ),
]
Signature = Annotated[
    str,
    Field(
        pattern="^0x([0-9a-fA-F]{2}){1,4096}$",
        max_length=8194,
        description="the EIP-712 signature: 65 bytes r, s, v of a key; what a contract wallet takes (EIP-1271)",
        examples=["0x" + 65 * "1b"],
    ),
]


class MotionData(Model):
    """The motion that is signed (EIP-712 ``Motion``)."""

    action: Literal["admit", "expel", "succeed", "recover"] = Field(description="what is asked", examples=["expel"])
    organisation: Identifier
    administrator: Address | None = Field(default=None, description="its key, to admit or recover")
    successor: Identifier | None = Field(default=None, description="who takes its place, to succeed")
    votes: bool = Field(default=False, strict=True, description="whether it gets a vote, to admit", examples=[False])
    dossier: Hash = Field(default=_ZERO, description="root of the dossier it rests on; zero = none")
    deadline: Moment = Field(description="unix seconds until which it can be decided", examples=[1798761600])


class ReportData(Model):
    """The report that is signed (EIP-712 ``Report``)."""

    agreement: Hash
    commitment: Hash = Field(description="SHA-256 of the agreement's hash and the id in the manifest")
    organisation: Identifier
    progress: Literal["started", "fulfilled", "blocked", "cancelled"] = Field(
        description="how far it is", examples=["started"]
    )
    evidence: Hash = Field(default=_ZERO, description="digest of what proves it; zero = nothing")
    previous: Hash = Field(default=_ZERO, description="hash of its latest report on this; zero = none")


class Approving(Model):
    """An approval (or a vote), signed by its signatory."""

    signatory: Address
    decision: Decision = _ZERO
    signature: Signature


class ProposalGiven(Model):
    """An act to put before its parties, approved by whoever proposes it."""

    act: ActData
    approval: Approving


class RecordGiven(Model):
    """An act to record, with the approvals that do not stand on the chain already, in any order."""

    act: ActData
    approvals: list[Approving] = Field(max_length=400, description="approvals in any order; may be none")


class MotionGiven(Model):
    """A motion to put before the council, approved by whoever moves it."""

    motion: MotionData
    approval: Approving


class DecisionGiven(Model):
    """A motion to decide, with the votes that do not stand on the chain already, in any order."""

    motion: MotionData
    approvals: list[Approving] = Field(max_length=400, description="votes in any order; may be none")


class EnactmentGiven(Model):
    """A decided motion to enact; nobody needs to sign that."""

    motion: MotionData


class ReportGiven(Model):
    """A report on a commitment, signed by a signatory of the organisation."""

    report: ReportData
    signatory: Address
    signature: Signature


class ConfirmationGiven(ReportGiven):
    """Another party's latest report, confirmed by a signatory of this organisation."""

    organisation: Identifier


class ApprovalToSign(Model):
    """The approval of an act that somebody is about to sign."""

    act: ActData
    decision: Decision = _ZERO


class VoteToSign(Model):
    """The vote for a motion that somebody is about to sign."""

    motion: MotionData
    decision: Decision = _ZERO


class ReportAlone(Model):
    """The report that somebody is about to sign."""

    report: ReportData


class ConfirmationToSign(ReportAlone):
    """The confirmation that somebody is about to sign, for an organisation."""

    organisation: Identifier


class TypedData(Model):
    """EIP-712 typed data, as wallets take it (``eth_signTypedData_v4``)."""

    types: dict[str, Any] = Field(description="the types by name", examples=[{"EIP712Domain": []}])
    primary_type: str = Field(description="the type that is signed", examples=["Approval"])
    domain: dict[str, Any] = Field(description="the one register on the one chain", examples=[{"chainId": 1337}])
    message: dict[str, Any] = Field(description="what is signed", examples=[{"decision": EXAMPLE_HASH}])


class Refusal(Model):
    """Why something was refused after it had been accepted."""

    detail: str = Field(description="in words", examples=["act 0x3f… was declined or withdrawn"])
    hint: str | None = Field(description="what to do about it", examples=["propose anew"])
    contract_error: str | None = Field(description="the contract's own error, by name", examples=["ActDeclined"])


class Submission(Model):
    """What was handed in and how far it is.

    accepted, signed and sent: it is on its way. mined: it stands on the chain. final: too deep in the chain to be taken
    back. refused: the contract would not take it any more.
    """

    id: Hash
    kind: Literal[
        "proposal", "approval", "record", "motion", "vote", "decision", "enactment", "report", "confirmation"
    ] = Field(description="what it is", examples=["record"])
    subject: Hash = Field(description="hash of the act, motion or report that it is about")
    signatories: list[Address] = Field(description="who signed it")
    state: Literal["accepted", "signed", "sent", "mined", "final", "refused"] = Field(
        description="how far it is", examples=["mined"]
    )
    carried_by: Literal["us", "another"] | None = Field(
        description="who carried it to the chain, once it stands there", examples=["us"]
    )
    transaction: Hash | None = Field(description="where it stands on the chain")
    block: int | None = Field(ge=0, description="the block of that transaction", examples=[1204])
    refusal: Refusal | None
    accepted_at: DateTime
    signed_at: DateTime | None
    sent_at: DateTime | None
    mined_at: DateTime | None
    final_at: DateTime | None
    refused_at: DateTime | None
