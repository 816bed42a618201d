"""Whether the service runs, whether it can answer, and what it counted: for whoever runs it, not part of the API."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from registry.api import answers, problems
from registry.api.context import Ctx

MOST_BLOCKS_BEHIND = 20
MOST_SECONDS_BEHIND = 60.0

router = APIRouter(include_in_schema=False)


@router.get("/health/live")
async def live() -> Response:
    """Whether the process answers."""
    return answers.json({"status": "live"})


@router.get("/health/ready")
async def ready(request: Request, context: Ctx) -> Response:
    """Whether the answers are of now: the index is up to the chain but for some blocks, and was lately."""
    reach = context.follower.reach
    since = reach.seconds_since
    told = {"block": reach.block, "chainBlock": reach.chain_block, "lagBlocks": reach.lag}
    behind = reach.lag is None or reach.lag > MOST_BLOCKS_BEHIND
    if not behind and since is not None and since <= MOST_SECONDS_BEHIND:
        return answers.json({"status": "ready", **told})
    why = reach.trouble or "the index is behind the chain"
    return problems.answer(503, why, request.url.path, kind="not-ready", more=told)


@router.get("/metrics")
def metrics(request: Request, context: Ctx) -> Response:
    """What the service counted, for Prometheus."""
    counts = context.outbox.counts()
    body, media_type = request.app.state.metrics.rendered(context.follower.reach, counts)
    return Response(body, 200, media_type=media_type)
