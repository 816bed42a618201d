"""The register as a whole: its fingerprint, what was recorded, how much there is, and whether a file is part of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from registry.api import answers, forms
from registry.api.context import Context, Ctx
from registry.api.keeping import Keeping, next_change
from registry.api.parameters import KnownPaged, Moments
from registry.api.schemas.common import Fingerprint, Statistics
from registry.api.schemas.organisations import Document as DocumentModel
from registry.api.schemas.proposals import Events
from registry.documents import Document
from registry.errors import ChainError
from registry.index import AsOf
from registry.looking import Question
from registry.verification import Finding, Outcome

router = APIRouter()


@router.get(
    "/fingerprint",
    operation_id="getFingerprint",
    summary="The fingerprint of the register",
    response_model=Fingerprint,
    tags=["register"],
)
def get_fingerprint(context: Ctx) -> Response:
    """One hash over all that was recorded, as of the latest block the service has seen.

    Two services that give the same fingerprint for a register have seen the same events, none left out.
    """
    found = _as_of(context)
    register = context.service.register
    more = {"fingerprint": "0x" + found.fingerprint.hex(), "register": register.address}
    return answers.json({**more, "chainId": register.chain.chain_id, "asOf": _told(found)})


@router.get("/events", operation_id="listEvents", summary="What was recorded", response_model=Events, tags=["register"])
def list_events(context: Ctx, question: KnownPaged) -> Response:
    """Everything that was ever recorded, in order."""
    at, page, _ = context.looking.history(question)
    return answers.json(forms.events(context, at, page))


@router.get(
    "/statistics",
    operation_id="getStatistics",
    summary="How much there is",
    response_model=Statistics,
    tags=["register"],
)
def get_statistics(context: Ctx) -> Response:
    """How many agreements, acts, events and organisations there are."""
    found = _as_of(context)
    counts = context.index.counts()
    _, membership = context.looking.membership(Question())
    more = {"organisations": len(membership.members), "voters": membership.voters, "asOf": _told(found)}
    return answers.json({name: counts[name] for name in ("agreements", "acts", "events")} | more)


@router.get(
    "/documents/{sha256}",
    operation_id="getDocument",
    summary="Is this file part of an act?",
    response_model=DocumentModel,
    tags=["documents"],
)
def get_document(
    context: Ctx,
    keeper: Keeping,
    sha256: Annotated[
        str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the file, hexadecimal", examples=[32 * "3f"])
    ],
    question: Moments,
) -> Response:
    """Whether the file with this SHA-256 is part of a recorded act, as far as the dossiers here tell.

    The file itself stays where it is. What is found is proven: the leaf of the file leads to the root that the act
    names. Unknown here says nothing of dossiers that other services have.
    """
    at, found = context.looking.document(bytes.fromhex(sha256), question)
    public = context.looking.public_manifests(one.match.dossier.root for _, one in found.findings)
    acts = [_in_act(outcome, one, public=one.match.dossier.root in public) for outcome, one in found.findings]
    more: Document = {
        "sha256": sha256,
        "accepted": found.outcome.accepted,
        "outcome": found.outcome.value,
        "acts": acts,
    }
    agreements = [one.agreement for _, one in found.findings]
    return keeper.answer(
        at,
        more,
        now=question == Question(),
        until=next_change(agreements, at.valid_on),
        # Of a file that is in no act, any later act may be the first.
        agreements=None,
    )


def _in_act(outcome: Outcome, one: Finding, *, public: bool) -> Document:
    dossier, leaf = one.match.dossier, one.match.index
    salt = dossier.leaves[leaf].salt
    return {
        "outcome": outcome.value,
        "agreement": "0x" + one.agreement.id.hex(),
        "actHash": "0x" + one.recorded.act_hash.hex(),
        "dossier": "0x" + dossier.root.hex(),
        "leaf": leaf,
        "document": one.match.path if public else None,
        "salt": salt.hex() if public and salt else None,
        "proof": ["0x" + each.hex() for each in dossier.proof(leaf)],
        "successor": "0x" + one.successor.act_hash.hex() if one.successor else None,
    }


def _as_of(context: Context) -> AsOf:
    found = context.index.as_of
    if found is None:
        raise ChainError("nothing was read of the chain yet", hint="wait a moment: the service has just started")
    return found


def _told(found: AsOf) -> Document:
    told = {"block": found.block, "time": found.block_time, "fingerprint": "0x" + found.fingerprint.hex()}
    result: Document = forms.formed(told)
    return result
