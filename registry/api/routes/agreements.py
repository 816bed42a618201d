"""Agreements, their acts and what happened to them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from registry.api import answers, forms
from registry.api.context import Context, Ctx
from registry.api.keeping import Keeping, next_change
from registry.api.parameters import NO_SUCH, HashPath, KnownPaged, Moments, Organisation, Paged, hash_of
from registry.api.schemas.agreements import Acts, Agreement, Agreements
from registry.api.schemas.proposals import Events
from registry.documents import Document
from registry.dossier import Kind
from registry.looking import Choice, Question, Shown
from registry.model import Status, Verb

router = APIRouter(prefix="/agreements", tags=["agreements"])

Text = Annotated[
    str | None, Query(pattern=r"\w", max_length=200, description="only with all these words in title or summary")
]


@router.get("", operation_id="listAgreements", summary="Agreements", response_model=Agreements, responses=NO_SUCH)
def list_agreements(
    context: Ctx,
    keeper: Keeping,
    question: Paged,
    organisation: Organisation = None,
    kind: Annotated[Kind | None, Query(description="only of this kind")] = None,
    verb: Annotated[Verb | None, Query(description="only where what holds came by this")] = None,
    status: Annotated[Status | None, Query(description="only those that stand so")] = None,
    text: Text = None,
) -> Response:
    """The agreements as they stood on a day, as known on another, in the order of conclusion.

    Filters hold for what the row shows. A page may hold fewer items than asked for and still have a next. `kind` and
    `text` find agreements of which the dossier is here and open to everybody.
    """
    choice = Choice(organisation, kind, verb, status, text)
    at, page = context.looking.agreements(question, choice)
    told = context.looking.public_manifests(one.dossier for one in page.rows)
    needs_dossier = kind is not None or text is not None
    rows = [one for one in page.rows if not needs_dossier or one.dossier in told]
    document: Document = {
        "items": forms.formed([forms.standing(context, one, told) for one in rows]),
        "next": page.next,
    }
    # How many agreements begin or end at which moment is not looked for: it holds for this second.
    now = question.valid_on is None and question.known_at is None and question.after is None
    return keeper.answer(at, document, now=now, until=at.known_at + 1, agreements=None)


@router.get("/{agreement}", operation_id="getAgreement", summary="One agreement", response_model=Agreement)
def get_agreement(context: Ctx, keeper: Keeping, agreement: HashPath, question: Moments) -> Response:
    """An agreement with all its acts, who approved them, and what holds."""
    shown, told = _shown(context, agreement, question)
    found = shown.agreement
    assert found is not None  # noqa: S101 - so it was asked for
    until = next_change([found], shown.at.valid_on)
    document = forms.agreement(context, shown, told)
    return keeper.answer(shown.at, document, now=question == Question(), until=until, agreements=[found.id])


@router.get("/{agreement}/acts", operation_id="listActs", summary="The acts of an agreement", response_model=Acts)
def list_acts(context: Ctx, agreement: HashPath, question: Moments) -> Response:
    """The acts of an agreement that were known, oldest first."""
    shown, told = _shown(context, agreement, question)
    assert shown.agreement is not None  # noqa: S101 - so it was asked for
    acts = [forms.formed(forms.recorded(context, one, told)) for one in shown.agreement.acts]
    return answers.json({**forms.asked(shown.at), "items": acts})


@router.get(
    "/{agreement}/events",
    operation_id="listAgreementEvents",
    summary="What happened to an agreement",
    response_model=Events,
)
def list_agreement_events(context: Ctx, agreement: HashPath, question: KnownPaged) -> Response:
    """Everything that was recorded of an agreement, in order: acts, proposals, approvals, refusals, reports."""
    at, page, _ = context.looking.history(question, agreement=agreement)
    return answers.json(forms.events(context, at, page))


def _shown(context: Context, agreement: str, question: Question) -> tuple[Shown, forms.Told]:
    return context.looking.agreement(hash_of(agreement), question)
