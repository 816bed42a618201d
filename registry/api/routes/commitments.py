"""Commitments: what was promised, and what came of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from registry.api import answers, forms
from registry.api.context import Ctx
from registry.api.parameters import NO_SUCH, Organisation, Paged
from registry.api.schemas.proposals import Commitments
from registry.dossier import day_of

router = APIRouter(prefix="/commitments", tags=["commitments"])


@router.get("", operation_id="listCommitments", summary="Commitments", response_model=Commitments, responses=NO_SUCH)
def list_commitments(
    context: Ctx,
    question: Paged,
    agreement: Annotated[
        str | None, Query(pattern="^0x[0-9a-f]{64}$", description="only of this agreement, in force or not")
    ] = None,
    organisation: Organisation = None,
    due_before: Annotated[
        str | None,
        Query(
            alias="dueBefore",
            pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
            description="only those with a last day before this day",
            examples=["2026-12-31"],
        ),
    ] = None,
    overdue: Annotated[bool, Query(description="only those that are late")] = False,
) -> Response:
    """The commitments of agreements in force, by their last day, with the latest report of each party.

    What a dossier says that is not open to everybody is left out: of such a commitment only what stands on the chain is
    shown, and none that is asked for by what its dossier says.
    """
    at, page = context.looking.commitments(
        question, agreement=agreement, organisation=organisation, due_before=due_before, overdue=overdue
    )
    public = context.looking.public_commitments(one.agreement for one in page.rows)
    by_dossier = organisation is not None or due_before is not None or overdue
    today = day_of(context.looking.now)
    items = []
    for one in page.rows:
        is_public = (one.agreement, one.id) in public
        if is_public or (one.reports and not by_dossier):
            items.append(forms.obligation(context, one, public=is_public, today=today))
    return answers.json(forms.page(at, items, page.next))
