"""Signing in: a nonce, a session, and the end of it (Sign-In with Ethereum, EIP-4361)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.responses import Response

from registry.access import Session
from registry.access.messages import STATEMENT
from registry.api import answers, problems
from registry.api.context import Context, Ctx
from registry.api.forms import moment
from registry.api.schemas.sessions import Login, NewSession, Nonce, SessionInfo
from registry.documents import Document, organisation
from registry.errors import NotSignedInError

router = APIRouter(tags=["sessions"])

_LONGEST_TOKEN = 200
_bearer = HTTPBearer(auto_error=False, description="the token of a session: see POST /sessions")
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def token_of(given: _Credentials) -> str | None:
    """The token that a request carries."""
    return given.credentials[: _LONGEST_TOKEN + 1] if given is not None else None


Token = Annotated[str | None, Depends(token_of)]


def anyone(context: Ctx, token: Token) -> Session | None:
    """Who asks, None if nobody signed in; NotSignedInError if the session is over."""
    return None if token is None else context.access.session(token)


def somebody(context: Ctx, token: Token) -> Session:
    """Who asks; NotSignedInError if nobody signed in."""
    if token is None:
        raise NotSignedInError("nobody signed in", hint="sign in: POST /v1/nonces, then POST /v1/sessions")
    return context.access.session(token)


Anyone = Annotated[Session | None, Depends(anyone)]
Somebody = Annotated[Session, Depends(somebody)]
_OVER = problems.documented(401, s401="nobody signed in, or the session is over")


@router.post(
    "/nonces",
    operation_id="createNonce",
    summary="A nonce to sign in with",
    status_code=201,
    response_model=Nonce,
)
def create_nonce(context: Ctx) -> Response:
    """A nonce, good for one sign-in within five minutes, and what the message has to say besides.

    The message is that of EIP-4361 with just these values, in this order: domain, address, statement, URI, version 1,
    chain id, nonce, the time of writing as YYYY-MM-DDThh:mm:ssZ, and the resource. No other text is taken.
    """
    found = context.access.challenge()
    where = found.audience
    told: Document = {
        "nonce": found.nonce,
        "domain": where.domain,
        "uri": where.uri,
        "chainId": where.chain_id,
        "resource": where.resource,
        "statement": STATEMENT,
        "validUntil": moment(found.until),
    }
    return answers.json(told, 201)


@router.post(
    "/sessions",
    operation_id="createSession",
    summary="Sign in",
    status_code=201,
    response_model=NewSession,
    responses=problems.documented(401, s401="the message or its signature is wrong, or the key has no mandate"),
)
def create_session(login: Login, context: Ctx, request: Request) -> Response:
    """Signs in with the key of a signatory whose mandate is in force, for a quarter of an hour at most.

    The session ends before that when the mandate does. It reads dossiers and sends them; it signs nothing.
    """
    origin = request.client.host if request.client else ""
    found = context.access.sign_in(login.message, login.signature, origin)
    return answers.json(_told(context, found.session) | {"token": found.token}, 201)


@router.get(
    "/sessions/current",
    operation_id="getSession",
    summary="Who signed in",
    response_model=SessionInfo,
    responses=_OVER,
)
def get_session(session: Somebody, context: Ctx) -> Response:
    """For whom the token signs in, and until when at most."""
    return answers.json(_told(context, session))


@router.delete(
    "/sessions/current",
    operation_id="deleteSession",
    summary="Sign out",
    status_code=204,
    response_class=Response,
    responses=_OVER,
)
def delete_session(session: Somebody, token: Token, context: Ctx) -> Response:
    """Ends the session at once."""
    context.access.sign_out(token or "")
    return Response(status_code=204)


def _told(context: Context, session: Session) -> Document:
    who = organisation(session.organisation, context.directory)
    return {"signatory": session.signatory, "organisation": who, "validUntil": moment(session.until)}
