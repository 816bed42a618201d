"""The application: routes and edges put together; nothing is opened until it starts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson
from anyio.to_thread import current_default_thread_limiter
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.routing import iter_route_contexts
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import compile_path

from registry.api import describing, problems, routes
from registry.api.context import opened
from registry.api.edges.guard import Guard
from registry.api.edges.limiting import Limits
from registry.api.edges.shortcut import Shortcut
from registry.api.metrics import Metrics
from registry.api.strict import only_known_parameters
from registry.settings import Settings

THREADS = 14
"""How many questions are worked on at once."""


def create_app(settings: Settings) -> FastAPI:
    """The application of one service.

    Opens nothing by itself: its description can be asked of it anywhere. Its lifespan opens what
    :func:`registry.api.context.opened` says, and raises what that raises.
    """
    metrics = Metrics()
    app = _Application(
        settings,
        lifespan=_lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers=problems.HANDLERS,
        middleware=[
            Middleware(Guard, metrics=metrics),
            Middleware(Limits, per_minute=settings.requests_per_minute),
            Middleware(Shortcut),
        ],
    )
    app.state.metrics = metrics
    # Looked through in this order for each request: what is asked for seldom comes last.
    for router in (*routes.versioned(), _description()):
        app.include_router(router, prefix=describing.BASE, dependencies=[Depends(only_known_parameters)])
    for router in routes.plain():
        app.include_router(router)
    app.state.methods = [
        _Address(str(one.path), frozenset(one.methods or ())) for one in iter_route_contexts(app.routes)
    ]
    return app


class _Application(FastAPI):
    def __init__(self, settings: Settings, **more: Any) -> None:
        super().__init__(**more)
        self.settings = settings

    @cached_property
    def described(self) -> bytes:
        """The description as it is served and printed."""
        return orjson.dumps(self.openapi(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    def openapi(self) -> dict[str, Any]:
        """The description of the API, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = describing.describe(self, self.settings)
        return self.openapi_schema


def described(settings: Settings) -> bytes:
    """The OpenAPI document of a service with these settings, byte for byte as it serves it; needs no chain."""
    app = create_app(settings)
    assert isinstance(app, _Application)  # noqa: S101 - made above
    return app.described


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    assert isinstance(app, _Application)  # noqa: S101 - made above
    # More would only wait for each other, and for connections to the index, of which there are as many.
    current_default_thread_limiter().total_tokens = THREADS
    if hasattr(app.state, "context"):  # opened by whoever started it
        yield
        return
    service = opened(app.settings)
    app.state.context = await run_in_threadpool(service.__enter__)
    try:
        yield
    finally:
        await run_in_threadpool(service.__exit__, None, None, None)


def _description() -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/openapi.json")
    async def openapi(request: Request) -> Response:
        """The description of this API."""
        app = request.app
        assert isinstance(app, _Application)  # noqa: S101 - no other has this route
        return Response(app.described, media_type="application/json")

    return router


@dataclass(frozen=True, slots=True)
class _Address:
    """A pattern of a path, and the methods that it knows."""

    path: str
    methods: frozenset[str]

    def methods_at(self, path: str) -> frozenset[str]:
        """The methods, if the path fits the pattern."""
        pattern, _, _ = compile_path(self.path)
        return self.methods if pattern.match(path) else frozenset()
