"""Proposals: what was put before its parties on chain, and for whom it waits."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from registry.api import answers, forms
from registry.api.context import Ctx
from registry.api.parameters import NO_SUCH, ActPath, Known, KnownPaged, Organisation, hash_of
from registry.api.schemas.proposals import Proposal, Proposals
from registry.errors import UsageError

router = APIRouter(prefix="/proposals", tags=["proposals"])

WaitingFor = Annotated[
    str | None,
    Query(
        alias="waitingFor",
        pattern="^([a-z]{2,4}[0-9]{2,5}|0x[0-9a-fA-F]{40})$",
        description="only those that wait for this organisation (TOOI identifier), or for the approval of this key",
        examples=["gm0345"],
    ),
]


@router.get("", operation_id="listProposals", summary="Open proposals", response_model=Proposals, responses=NO_SUCH)
def list_proposals(
    context: Ctx, question: KnownPaged, organisation: Organisation = None, waiting_for: WaitingFor = None
) -> Response:
    """The proposals that can still be recorded, in order; those of an organisation, or those that wait for somebody."""
    if organisation is not None and waiting_for is not None:
        raise UsageError("organisation and waitingFor exclude each other", hint="give one of them")
    if waiting_for is not None:
        at, page = context.looking.waiting(question, waiting_for)
    else:
        at, page = context.looking.proposals(question, organisation)
    told = context.looking.public_manifests(one.offer.act.dossier for one in page.rows)
    return answers.json(forms.page(at, [forms.proposal(context, one, told) for one in page.rows], page.next))


@router.get("/{actHash}", operation_id="getProposal", summary="One proposal", response_model=Proposal)
def get_proposal(context: Ctx, act: ActPath, question: Known) -> Response:
    """A proposal, open or not, and who has yet to approve it."""
    shown = context.looking.proposal(hash_of(act), question)
    assert shown.offer is not None  # noqa: S101 - so it was asked for
    told = context.looking.public_manifests([shown.offer.act.dossier])
    return answers.json({**forms.asked(shown.at), **forms.proposal(context, shown, told)})
