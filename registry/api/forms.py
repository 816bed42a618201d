"""The documents of :mod:`registry.documents` in the form that the API gives them.

Moments are date-times in UTC (RFC 3339), as the API Design Rules want them; the struct that is signed (``act``,
``motion``, typed data) keeps its numbers, because these are what is hashed. What is told of a dossier, its title first
of all, is told here only if the dossier is open to everybody.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from registry import documents
from registry.documents import Document
from registry.index.answers import At, Obligation, OpenOffer, Page, Standing
from registry.looking import Shown
from registry.model import Event
from registry.timeline import RecordedAct

_MOMENTS = frozenset(
    {
        *("time", "validOn", "knownAt", "validFrom", "validUntil", "knownFrom", "knownUntil"),
        *("effectFrom", "lapsesAt", "proposedAt"),
    }
)
_PLAIN = frozenset({str, int, bool, type(None)})
_SIGNED = frozenset({"act", "motion"})
_LAST = 253_402_300_799
"""The last second that a date-time can tell, of the year 9999; the numbers of the chain go further."""

if TYPE_CHECKING:
    from registry.api.context import Context

Told = Mapping[bytes, Mapping[str, Any]]
"""The manifests that may be told of, by root."""


@lru_cache(maxsize=65_536)
def moment(seconds: int) -> str:
    """Unix seconds as a date-time in UTC; what lies beyond the year 9999 as its last second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(min(seconds, _LAST)))


def formed(document: Any) -> Any:
    """A document with its moments as date-times."""
    if isinstance(document, dict):
        return {
            name: value if type(value) in _PLAIN and name not in _MOMENTS else _formed(name, value)
            for name, value in document.items()
            if name != "at"
        }
    if isinstance(document, list):
        return [formed(one) for one in document]
    return document


def _formed(name: str, value: Any) -> Any:
    if name in _MOMENTS and isinstance(value, int):
        return moment(value)
    if isinstance(value, list) or (isinstance(value, dict) and not (name in _SIGNED and "deadline" in value)):
        return formed(value)
    return value


def dumped(document: Document) -> bytes:
    """A document as bytes."""
    return orjson.dumps(document)


def asked(at: At) -> Document:
    """The moments that a question was about, and as of which block the answer is."""
    found: Document = formed(documents.asked_at(at))
    return found


def page(at: At, items: list[Document], cursor: str | None) -> Document:
    """A page of a list; ``next`` is the cursor of the one that follows, None if this was the last."""
    return {**asked(at), "items": formed(items), "next": cursor}


def events(context: Context, at: At, found: Page[Event]) -> Document:
    """A page of what was recorded."""
    return page(at, documents.history(found.rows, context.directory), found.next)


def standing(context: Context, one: Standing, told: Told) -> Document:
    """An agreement as a row."""
    row = documents.standing(one, context.directory) | {"verb": one.verb.value}
    return row | _about(told.get(one.dossier))


def agreement(context: Context, shown: Shown, told: Told) -> Document:
    """An agreement with its acts."""
    assert shown.agreement is not None  # noqa: S101 - so are these asked for
    assert shown.standing is not None  # noqa: S101
    acts = [recorded(context, one, told) for one in shown.agreement.acts]
    row: Document = formed({**standing(context, shown.standing, told), "recordedActs": acts})
    return row


def recorded(context: Context, one: RecordedAct, told: Told) -> Document:
    """A recorded act with its approvals."""
    manifest = told.get(one.act.dossier)
    found = documents.recorded_act(one, context.directory, None)
    return found | {"agreement": "0x" + one.event.agreement.hex(), "title": manifest["title"] if manifest else None}


def proposal(context: Context, shown: Shown | OpenOffer, told: Told) -> Document:
    """A proposal and how far it is."""
    open_one = shown.open if isinstance(shown, Shown) else shown
    offer = shown.offer
    assert offer is not None  # noqa: S101 - so are these asked for
    progress = open_one.progress if open_one else None
    found = documents.offer(offer, context.directory, progress, None)
    manifest = told.get(offer.act.dossier)
    waits = [documents.organisation(each, context.directory) for each in open_one.waits_for] if open_one else []
    more = {
        "status": offer.closed_as or "open",
        "proposedAt": offer.proposed_at,
        "waitsFor": waits,
        "title": manifest["title"] if manifest else None,
    }
    found.pop("declined")
    result: Document = formed(found | more)
    return result


def obligation(context: Context, one: Obligation, *, public: bool, today: Any) -> Document:
    """A commitment; of one that is not for everybody only what stands on the chain."""
    found = documents.obligation(one, context.directory, today)
    if not public:
        found |= {"id": None, "promisedBy": None, "text": None, "due": None, "overdue": False}
    return found


def _about(manifest: Mapping[str, Any] | None) -> Document:
    if manifest is None:
        return {"title": None, "kind": None, "example": None}
    return {name: manifest[name] for name in ("title", "kind", "example")}
