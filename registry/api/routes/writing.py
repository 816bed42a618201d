"""Writing without an account: the EIP-712 signature in the body is the authority, whoever sends it.

What is accepted is kept and carried to the chain exactly once; 202 names the resource that says how far it is. The same
again is the same: it may be sent as often as one likes.
"""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from registry.api import answers, given, problems
from registry.api.context import Context, Ctx
from registry.api.forms import moment
from registry.api.parameters import ActPath, HashPath, hash_of
from registry.api.schemas import writing as schemas
from registry.documents import Document
from registry.outbox import (
    ActApproval,
    Confirming,
    Deciding,
    Enacting,
    Handed,
    Moving,
    Proposal,
    Recording,
    Reporting,
    State,
    Submission,
    Vote,
)
from registry.statements import approval_data, confirmation_data, report_data, vote_data

router = APIRouter(tags=["writing"])

_LOCATION = {
    "description": "where to ask how far it is",
    "schema": {"type": "string"},
    "example": "/v1/submissions/0x" + 32 * "3f",
}
_CARRIED: dict[str, Any] = {
    "status_code": 202,
    "response_model": schemas.Submission,
    "responses": {202: {"description": "accepted, to be carried", "headers": {"Location": _LOCATION}}}
    | problems.documented(
        404,
        409,
        s404="it speaks of something that is not in the register",
        s409="a signature is not whose it should be, or the contract would not take it now",
        s503="nothing can be carried just now: the queue is full, the chain is away, or this service has no key",
    ),
}


@router.post("/proposals", operation_id="createProposal", summary="Propose an act", **_CARRIED)
async def create_proposal(body: schemas.ProposalGiven, context: Ctx, request: Request) -> Response:
    """Puts an act before its parties on the chain, approved by its proposer."""
    content = Proposal(approval=given.approval(body.approval), act=given.act(body.act))
    return await _handed_in(context, request, content)


@router.post("/proposals/{actHash}/approvals", operation_id="createApproval", summary="Approve an act", **_CARRIED)
async def create_approval(act: ActPath, body: schemas.Approving, context: Ctx, request: Request) -> Response:
    """Carries one approval to the chain, ahead of the act. Its signatory may also keep it for who records the act."""
    content = ActApproval(approval=given.approval(body), subject=hash_of(act))
    return await _handed_in(context, request, content)


@router.post("/records", operation_id="createRecord", summary="Record an act", **_CARRIED)
async def create_record(body: schemas.RecordGiven, context: Ctx, request: Request) -> Response:
    """Records an act with the approvals that bind everybody concerned: those given here, and those on the chain."""
    content = Recording(given.act(body.act), given.approvals(body.approvals))
    return await _handed_in(context, request, content)


@router.post("/motions", operation_id="createMotion", summary="Move that the council decide", **_CARRIED)
async def create_motion(body: schemas.MotionGiven, context: Ctx, request: Request) -> Response:
    """Puts a motion before the council on the chain, approved by its mover."""
    content = Moving(approval=given.approval(body.approval), motion=given.motion(body.motion))
    return await _handed_in(context, request, content)


@router.post("/motions/{motion}/votes", operation_id="createVote", summary="Vote for a motion", **_CARRIED)
async def create_vote(motion: HashPath, body: schemas.Approving, context: Ctx, request: Request) -> Response:
    """Carries one vote to the chain, ahead of the decision."""
    return await _handed_in(context, request, Vote(approval=given.approval(body), subject=hash_of(motion)))


@router.post("/decisions", operation_id="createDecision", summary="Decide a motion", **_CARRIED)
async def create_decision(body: schemas.DecisionGiven, context: Ctx, request: Request) -> Response:
    """Decides a motion with the votes of a majority: those given here, and those on the chain."""
    content = Deciding(given.motion(body.motion), given.approvals(body.approvals))
    return await _handed_in(context, request, content)


@router.post("/enactments", operation_id="createEnactment", summary="Enact a motion", **_CARRIED)
async def create_enactment(body: schemas.EnactmentGiven, context: Ctx, request: Request) -> Response:
    """Has a decided motion take effect after the veto period. Anybody may ask for that."""
    return await _handed_in(context, request, Enacting(given.motion(body.motion)))


@router.post("/reports", operation_id="createReport", summary="Report on a commitment", **_CARRIED)
async def create_report(body: schemas.ReportGiven, context: Ctx, request: Request) -> Response:
    """Says on the chain how far a party is with a commitment of an agreement that is in force."""
    approval = given.signed(body.signatory, body.signature)
    return await _handed_in(context, request, Reporting(approval=approval, report=given.report(body.report)))


@router.post("/confirmations", operation_id="createConfirmation", summary="Confirm a report", **_CARRIED)
async def create_confirmation(body: schemas.ConfirmationGiven, context: Ctx, request: Request) -> Response:
    """Confirms the latest report of another party on the chain."""
    approval, report = given.signed(body.signatory, body.signature), given.report(body.report)
    content = Confirming(approval=approval, report=report, organisation=body.organisation)
    return await _handed_in(context, request, content)


@router.get(
    "/submissions/{submission}",
    operation_id="getSubmission",
    summary="How far a submission is",
    response_model=schemas.Submission,
)
def get_submission(submission: HashPath, context: Ctx) -> Response:
    """What was handed in and what came of it: where it stands on the chain, or why it was refused."""
    return answers.json(_told(context.outbox.submission(hash_of(submission))))


@router.post(
    "/typed-data/approvals",
    operation_id="createApprovalTypedData",
    summary="What to sign to approve an act",
    response_model=schemas.TypedData,
)
async def approval_to_sign(body: schemas.ApprovalToSign, context: Ctx) -> Response:
    """EIP-712 typed data for a wallet. Whoever signs it should have read the dossier of the act."""
    domain = context.service.register.domain
    return answers.json(approval_data(domain, given.act(body.act), hash_of(body.decision)))


@router.post(
    "/typed-data/votes",
    operation_id="createVoteTypedData",
    summary="What to sign to vote for a motion",
    response_model=schemas.TypedData,
)
async def vote_to_sign(body: schemas.VoteToSign, context: Ctx) -> Response:
    """EIP-712 typed data for a wallet."""
    domain = context.service.register.domain
    return answers.json(vote_data(domain, given.motion(body.motion), hash_of(body.decision)))


@router.post(
    "/typed-data/reports",
    operation_id="createReportTypedData",
    summary="What to sign to report on a commitment",
    response_model=schemas.TypedData,
)
async def report_to_sign(body: schemas.ReportAlone, context: Ctx) -> Response:
    """EIP-712 typed data for a wallet."""
    return answers.json(report_data(context.service.register.domain, given.report(body.report)))


@router.post(
    "/typed-data/confirmations",
    operation_id="createConfirmationTypedData",
    summary="What to sign to confirm a report",
    response_model=schemas.TypedData,
)
async def confirmation_to_sign(body: schemas.ConfirmationToSign, context: Ctx) -> Response:
    """EIP-712 typed data for a wallet."""
    report = given.report(body.report)
    return answers.json(confirmation_data(context.service.register.domain, report, body.organisation))


async def _handed_in(context: Context, request: Request, content: Handed) -> Response:
    origin = request.client.host if request.client else ""
    found = await asyncio.wrap_future(context.outbox.hand_in(content, origin))
    return answers.json(_told(found), 202, {"Location": f"/v1/submissions/0x{found.id.hex()}"})


def _told(one: Submission) -> Document:
    stands = one.state in (State.MINED, State.FINAL)
    error = one.error if one.state is State.REFUSED else None
    return {
        "id": "0x" + one.id.hex(),
        "kind": one.kind,
        "subject": "0x" + one.subject.hex(),
        "signatories": list(one.signatories),
        "state": one.state.value,
        "carriedBy": ("another" if one.by_other else "us") if stands else None,
        "transaction": "0x" + one.transaction.hex() if one.transaction else None,
        "block": one.block,
        "refusal": error
        and {"detail": error["message"], "hint": error["hint"], "contractError": error.get("contractError")},
        "acceptedAt": moment(int(one.accepted_at)),
        **{
            name: None if at is None else moment(int(at))
            for name, at in (
                ("signedAt", one.signed_at),
                ("sentAt", one.sent_at),
                ("minedAt", one.mined_at),
                ("finalAt", one.final_at),
                ("refusedAt", one.refused_at),
            )
        },
    }
