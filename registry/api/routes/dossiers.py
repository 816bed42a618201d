"""Dossiers: read by those whom they concern, sent here by them, document by document; and requests to erase."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi import Path as InPath
from starlette.responses import Response, StreamingResponse

from registry.access import Session
from registry.api import answers, bodies, problems
from registry.api.context import Context, Ctx
from registry.api.problems import ProblemError
from registry.api.routes.sessions import Anyone, Somebody
from registry.api.schemas.dossiers import Arrival, DossierInfo, ErasureAnswer, ErasureRequest
from registry.documents import Document
from registry.dossier import Dossier
from registry.dossier.leaves import LEAVES, MAX_BYTES
from registry.dossier.manifest import MAX_FILES
from registry.dossier.streams import CHUNK, storage_errors
from registry.errors import NotAllowedError, NotFoundError
from registry.exchange.arrivals import Arriving, arriving
from registry.exchange.requests import Request as ToErase
from registry.exchange.requests import receive
from registry.journal import note

router = APIRouter(tags=["dossiers"])

Root = Annotated[
    str,
    InPath(
        pattern="^0x[0-9a-f]{64}$",
        description="the root of the dossier, as an act names it",
        examples=["0x" + 32 * "3f"],
    ),
]
Index = Annotated[int, InPath(ge=0, le=MAX_FILES, description="which leaf; 0 is the manifest", examples=[1])]
_RANGE = re.compile(r"bytes=([0-9]{1,15})-([0-9]{1,15})?")
_READING = problems.documented(
    401, s401="the session is over", s404="there is no such dossier here, or not for who asks: one answer for both"
)
_SENDING = problems.documented(
    401, 403, 409, 415, s401="nobody signed in", s403="not for who signed in", s409="it does not match the root"
)
_BYTES: dict[str, Any] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_SENT_BYTES = {"requestBody": {"required": True, "description": "the bytes of the document", "content": _BYTES}}
_SENT_LEAVES = {
    "requestBody": {
        "required": True,
        "description": "leaves.json as it stands in the dossier",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


@router.get(
    "/dossiers/{root}",
    operation_id="getDossier",
    summary="What a dossier holds",
    response_model=DossierInfo,
    responses=_READING,
)
def get_dossier(root: Root, session: Anyone, context: Ctx) -> Response:
    """The manifest in short and the documents, without their salts.

    A public dossier is for everybody; another for signatories of the parties to an act with it, before or after.
    """
    return answers.json(_described(_readable(context, session, root)))


@router.get(
    "/dossiers/{root}/leaves",
    operation_id="getDossierLeaves",
    summary="The leaves of a dossier with their salts",
    responses=_READING
    | {200: {"description": "leaves.json", "content": {"application/json": {"schema": {"type": "object"}}}}},
    response_class=Response,
)
def get_leaves(root: Root, session: Anyone, context: Ctx) -> Response:
    """The file leaves.json: what it takes to hold every document against the root."""
    found = _readable(context, session, root)
    with storage_errors(found.folder, "read"):
        content = (found.folder / LEAVES).read_bytes()
    note("read", root, "done", actor=session.signatory if session else "", document=LEAVES)
    return Response(content, 200, media_type="application/json")


@router.get(
    "/dossiers/{root}/documents/{index}",
    operation_id="getDossierDocument",
    summary="One document of a dossier",
    responses=_READING
    | problems.documented(416, s416="the document is not that long")
    | {
        200: {"description": "the bytes of the document", "content": _BYTES},
        206: {"description": "the part that was asked for with Range", "content": _BYTES},
    },
    response_class=Response,
)
def get_document(root: Root, index: Index, session: Anyone, context: Ctx, request: Request) -> Response:
    """The bytes of a document, as a download; with Range from a byte on (RFC 9110, one range)."""
    found = _readable(context, session, root)
    if index >= len(found.leaves) or found.leaves[index].is_erased:
        raise NotFoundError(f"the dossier has no document {index} here", hint="see which it has: GET /v1/dossiers/ROOT")
    note("read", root, "done", actor=session.signatory if session else "", document=index)
    return _sent(found, index, request)


@router.put(
    "/dossiers/{root}/leaves",
    operation_id="putDossierLeaves",
    summary="Begin to send a dossier, or go on",
    response_model=Arrival,
    responses=_SENDING,
    openapi_extra=_SENT_LEAVES,
)
def put_leaves(root: Root, session: Somebody, context: Ctx, request: Request) -> Response:
    """Takes the leaves, which must give the root, and says which documents are still to be sent.

    For the organisation whose service this is, and for a party to an act or open proposal in which it is one too.
    """
    wanted = _sendable(context, session, root)
    content = bodies.whole(request, MAX_BYTES)
    if context.store.place(wanted).is_dir():
        return answers.json(_arrived(wanted))
    with context.berths.one(), arriving(context.store, wanted) as found:
        found.begin(content)
        return answers.json(_so_far(context, found, session))


@router.put(
    "/dossiers/{root}/documents/{index}",
    operation_id="putDossierDocument",
    summary="Send one document of a dossier",
    response_model=Arrival,
    responses=_SENDING,
    openapi_extra=_SENT_BYTES,
)
def put_document(root: Root, index: Index, session: Somebody, context: Ctx, request: Request) -> Response:
    """Takes the bytes of a document, which must be what its leaf says. The manifest, leaf 0, comes first.

    With the last one the dossier is whole, and is kept.
    """
    wanted = _sendable(context, session, root)
    if context.store.place(wanted).is_dir():
        return answers.json(_arrived(wanted))
    with context.berths.one(), arriving(context.store, wanted) as found:
        if not found.resume():
            raise ProblemError(409, "the leaves of the dossier come first", hint="PUT /v1/dossiers/ROOT/leaves")
        found.write(index, 0, bodies.pieces(request))
        return answers.json(_so_far(context, found, session))


@router.post(
    "/erasures",
    operation_id="createErasureRequest",
    summary="Ask to erase the same",
    status_code=202,
    response_model=ErasureAnswer,
    responses=problems.documented(403, s403="who signed is no signatory of a party to an act with the dossier"),
)
def create_erasure(asked: ErasureRequest, context: Ctx) -> Response:
    """Hands in the request of a party that erased a document, or a whole dossier (leaf 0x00…), to do the same.

    Nothing is erased by that: a person here decides. The signature is the authority; ask again to hear how it stands.
    """
    request = ToErase(_hash(asked.dossier), _hash(asked.leaf), asked.at)
    signature = bytes.fromhex(asked.signature[2:])
    status = receive(context.access, context.store, context.service.register.domain, request, signature)
    return answers.json({"status": status}, 202)


def _readable(context: Context, session: Session | None, root: str) -> Dossier:
    wanted = _hash(root)
    context.access.require_readable(wanted, session)
    found = context.store.find(wanted)
    if found is None:
        raise NotFoundError(f"the dossier {root} is not whole here just now", hint="ask another party")
    return found


def _sendable(context: Context, session: Session, root: str) -> bytes:
    wanted = _hash(root)
    if not context.access.may_send(wanted, session):
        raise NotAllowedError(
            "no act or open proposal with this dossier is between you and the organisation of this service",
            hint="propose it first",
        )
    return wanted


def _so_far(context: Context, found: Arriving, session: Session) -> Document:
    missing = list(found.missing)
    if not missing:
        kept = found.finish()
        context.index.take_in_manifests(context.store)
        note("take in", "0x" + kept.root.hex(), "done", actor=session.signatory, party=session.organisation)
    return {"root": "0x" + found.root.hex(), "missing": missing, "whole": not missing}


def _arrived(root: bytes) -> Document:
    return {"root": "0x" + root.hex(), "missing": [], "whole": True}


def _described(found: Dossier) -> Document:
    manifest = found.manifest
    documents = [
        {
            "index": index,
            "path": leaf.path,
            "role": listed.role.value if listed else None,
            "title": listed.title if listed else None,
            "size": found.size(index),
            "leaf": "0x" + leaf.leaf.hex(),
            "erased": leaf.is_erased,
        }
        for index, (leaf, listed) in enumerate(found.listed())
    ]
    return {
        "root": "0x" + found.root.hex(),
        "title": manifest.title,
        "summary": manifest.summary,
        "kind": manifest.kind.value,
        "visibility": manifest.visibility.value,
        "documents": documents,
    }


def _sent(found: Dossier, index: int, request: Request) -> Response:
    """A document as a download: never shown in the page of the service, whatever it calls itself."""
    place, tag = found.path(index), f'"{found.leaves[index].leaf.hex()}"'
    with storage_errors(place, "read"):
        size = place.stat().st_size
    name = quote(Path(found.leaves[index].path).name, safe="")
    headers = {
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
    }
    if answers.has_tag(request, tag):
        return Response(None, 304, {"ETag": tag})
    start, end, status = 0, size, 200
    ranged = _RANGE.fullmatch(request.headers.get("range", ""))
    if ranged and request.headers.get("if-range", tag) == tag:
        start, end = int(ranged[1]), min(int(ranged[2]) + 1 if ranged[2] else size, size)
        if start >= end:
            raise ProblemError(416, f"the document has {size} bytes", headers={"Content-Range": f"bytes */{size}"})
        status = 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    headers["Content-Length"] = str(end - start)
    return StreamingResponse(_read(place, start, end), status, headers, "application/octet-stream")


def _read(place: Path, start: int, end: int) -> Iterator[bytes]:
    with storage_errors(place, "read"), place.open("rb") as file:
        file.seek(start)
        left = end - start
        while left and (piece := file.read(min(CHUNK, left))):
            left -= len(piece)
            yield piece


def _hash(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
