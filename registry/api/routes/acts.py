"""Acts by their hash, and who approved them."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from registry import documents
from registry.api import answers, forms
from registry.api.context import Context, Ctx
from registry.api.parameters import ActPath, IfNoneMatch, KnownPaged, hash_of
from registry.api.schemas.agreements import Act, Approvals
from registry.documents import Document
from registry.errors import NotFoundError
from registry.index.answers import At
from registry.looking import Question
from registry.model import Approved, Event
from registry.timeline import RecordedAct

router = APIRouter(prefix="/acts", tags=["acts"])


@router.get("/{actHash}", operation_id="getAct", summary="One act", response_model=Act, responses=answers.TAGGED)
def get_act(context: Ctx, act: ActPath, if_none_match: IfNoneMatch = None) -> Response:
    """An act as it was recorded, which never changes: who has its tag gets 304."""
    at, found = _recorded(context, act, Question())
    told = context.looking.public_manifests([found.act.dossier])
    return answers.tagged(if_none_match, forms.formed(forms.recorded(context, found, told)), forms.asked(at))


@router.get(
    "/{actHash}/approvals", operation_id="listApprovals", summary="The approvals of an act", response_model=Approvals
)
def list_approvals(context: Ctx, act: ActPath, question: KnownPaged) -> Response:
    """Of a recorded act the approvals that bind, with their mandates; of a proposal those given on chain so far.

    An act that nobody proposed or approved on chain has none: signatures may be under way.
    """
    try:
        at, found = _recorded(context, act, question)
    except NotFoundError:
        at, page = context.looking.approvals(hash_of(act), question)
        items = [_given(context, one) for one in page.rows]
        return answers.json({**forms.page(at, items, page.next), "actHash": act, "isRecorded": False})
    return answers.json({**forms.page(at, _binding(context, found), None), "actHash": act, "isRecorded": True})


def _recorded(context: Context, act: str, question: Question) -> tuple[At, RecordedAct]:
    wanted = hash_of(act)
    shown = context.looking.act(wanted, question)
    assert shown.agreement is not None  # noqa: S101 - so it was asked for
    return shown.at, next(one for one in shown.agreement.acts if one.act_hash == wanted)


def _binding(context: Context, found: RecordedAct) -> list[Document]:
    recorded = documents.place(found.event.place)
    return [
        {
            "organisation": documents.organisation(whom, context.directory),
            "signatory": held.signatory,
            "decision": "0x" + decision.hex() if any(decision) else None,
            "together": held.together,
            "recorded": recorded,
        }
        for held, whom, decision in zip(found.mandates, found.on_behalf, found.decisions, strict=True)
    ]


def _given(context: Context, event: Event) -> Document:
    assert isinstance(event, Approved)  # noqa: S101 - the question was for these
    return {
        "organisation": documents.organisation(event.organisation, context.directory),
        "signatory": event.signatory,
        "decision": "0x" + event.decision.hex() if any(event.decision) else None,
        "together": None,
        "recorded": documents.place(event.place),
    }
