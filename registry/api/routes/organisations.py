"""Who takes part, who may sign for whom."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from registry import documents
from registry.api import answers, forms
from registry.api.context import Context, Ctx
from registry.api.parameters import AddressPath, KnownPaged, Moments, OrganisationPath
from registry.api.schemas.organisations import Mandates, Organisation, Organisations, Signatory
from registry.api.schemas.proposals import Events
from registry.documents import Document
from registry.errors import NotFoundError
from registry.index.answers import At, KnownMandate
from registry.looking import Question
from registry.looking import Signatory as Held
from registry.membership import Membership
from registry.model import Member

router = APIRouter()


@router.get(
    "/organisations",
    operation_id="listOrganisations",
    summary="The council and its guests",
    response_model=Organisations,
    tags=["organisations"],
)
def list_organisations(context: Ctx, question: Moments) -> Response:
    """The organisations that take part, or did, as they were known, by identifier."""
    at, membership = context.looking.membership(question)
    rows = [_member(context, membership, membership.members[one]) for one in sorted(membership.members)]
    return answers.json({**forms.asked(at), "items": forms.formed(rows)})


@router.get(
    "/organisations/{organisationId}",
    operation_id="getOrganisation",
    summary="One organisation",
    response_model=Organisation,
    tags=["organisations"],
)
def get_organisation(context: Ctx, organisation: OrganisationPath, question: Moments) -> Response:
    """An organisation as the council knew it, with every version of the mandates that it gave."""
    at, membership = _known(context, organisation, question)
    _, mandates = context.looking.mandates(organisation, question)
    row = _member(context, membership, membership.members[organisation])
    return answers.json({**forms.asked(at), **forms.formed(row | {"mandates": _versions(context, mandates)})})


@router.get(
    "/organisations/{organisationId}/mandates",
    operation_id="listMandates",
    summary="The mandates that an organisation gave",
    response_model=Mandates,
    tags=["signatories"],
)
def list_mandates(context: Ctx, organisation: OrganisationPath, question: Moments) -> Response:
    """Every version of the mandates that an organisation gave, in the order in which they were recorded."""
    _known(context, organisation, question)
    at, mandates = context.looking.mandates(organisation, question)
    return answers.json({**forms.asked(at), "items": forms.formed(_versions(context, mandates))})


@router.get(
    "/organisations/{organisationId}/events",
    operation_id="listOrganisationEvents",
    summary="What an organisation did, and what concerned it",
    response_model=Events,
    tags=["organisations"],
)
def list_organisation_events(context: Ctx, organisation: OrganisationPath, question: KnownPaged) -> Response:
    """Everything that was recorded of an organisation, in order."""
    at, page, _ = context.looking.history(question, organisation=organisation)
    return answers.json(forms.events(context, at, page))


@router.get(
    "/signatories/{signatory}",
    operation_id="getSignatory",
    summary="One signatory",
    response_model=Signatory,
    tags=["signatories"],
)
def get_signatory(context: Ctx, signatory: AddressPath, question: Moments) -> Response:
    """A key: the mandate it had on the day asked about, and every version of its mandates that was known."""
    at, _, held = context.looking.history(Question(question.valid_on, question.known_at, 1), signatory=signatory)
    if held is None or not held.versions:
        raise NotFoundError(f"{signatory} had no mandate that was known then")
    return answers.json({**forms.asked(at), **_signatory(context, held)})


def _known(context: Context, organisation: str, question: Question) -> tuple[At, Membership]:
    at, membership = context.looking.membership(question)
    if organisation not in membership.members:
        raise NotFoundError(f"{organisation} did not take part then", hint="see /v1/organisations")
    return at, membership


def _signatory(context: Context, held: Held) -> Document:
    found: Document = forms.formed(documents.signatory(held, context.directory))
    return found


def _member(context: Context, membership: Membership, one: Member) -> Document:
    motion_hash = membership.pending.get(one.organisation)
    record = membership.motions.get(motion_hash) if motion_hash else None
    waiting = documents.waiting_motion(record) if record else None
    return documents.member(one, context.directory) | {"waiting": waiting}


def _versions(context: Context, mandates: tuple[KnownMandate, ...]) -> list[Document]:
    return [documents.known_mandate(one, context.directory) for one in mandates]
