"""Answering with what is kept ready for the next who asks the same; see :mod:`registry.api.ready`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from registry.api import forms
from registry.api.edges.shortcut import key_of
from registry.documents import Document
from registry.index.answers import FOREVER, At
from registry.timeline import Agreement


class Keeper:
    """What an endpoint keeps its answer with; made before it asks anything."""

    def __init__(self, request: Request) -> None:
        self._scope = request.scope
        self._ready = request.app.state.context.ready
        self._generation = self._ready.generation

    def answer(
        self, at: At, document: Document, *, now: bool, until: int, agreements: Iterable[bytes] | None
    ) -> Response:
        """The document as an answer; kept if the question was about ``now``, with both moments left open.

        ``until`` is the first second at which it may be another; ``agreements`` are those that it tells of, None = all.
        """
        if not now:
            return Response(forms.dumped({**forms.asked(at), **document}), media_type="application/json")
        route: str = self._scope["route"].path
        body = self._ready.keep(key_of(self._scope), route, self._generation, at, document, until, agreements)
        return Response(body, media_type="application/json")


async def _keeper(request: Request) -> Keeper:
    return Keeper(request)


Keeping = Annotated[Keeper, Depends(_keeper)]
"""The parameter with which an endpoint asks for it."""


def next_change(found: Iterable[Agreement], moment: int) -> int:
    """The first second after a moment at which one of these agreements begins, ends, or goes over to another act.

    FOREVER if nothing of the kind is to come.
    """
    times = (time for one in found for each in one.acts for time in (each.act.valid_from, each.act.valid_until))
    return min((one for one in times if one > moment), default=FOREVER)
