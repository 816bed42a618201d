"""The parameters that several operations share."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Path, Query

from registry.api.problems import documented
from registry.looking import Question

_HASH = "^0x[0-9a-f]{64}$"
_ANY_MOMENT = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?$"
)

HashPath = Annotated[str, Path(pattern=_HASH, description="0x and 64 hexadecimal digits", examples=["0x" + 32 * "3f"])]
ActPath = Annotated[
    str, Path(alias="actHash", pattern=_HASH, description="the hash of the act", examples=["0x" + 32 * "3f"])
]
OrganisationPath = Annotated[
    str,
    Path(alias="organisationId", pattern="^[a-z]{2,4}[0-9]{2,5}$", description="TOOI identifier", examples=["gm0345"]),
]
AddressPath = Annotated[
    str,
    Path(
        pattern="^0x[0-9a-fA-F]{40}$",
        description="an address on the chain",
        examples=["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"],
    ),
]
Organisation = Annotated[
    str | None,
    Query(pattern="^[a-z]{2,4}[0-9]{2,5}$", description="only of this organisation, by TOOI identifier"),
]
ValidOn = Annotated[
    str | None,
    Query(
        alias="validOn",
        pattern=_ANY_MOMENT,
        description="what held then (geldigOp): a day, or a moment with its offset; now unless given",
        examples=["2026-05-01"],
    ),
]
KnownAt = Annotated[
    str | None,
    Query(
        alias="knownAt",
        pattern=_ANY_MOMENT,
        description="what had been recorded by then (beschikbaarOp): a moment with its offset, or the end of a day; "
        "now unless given",
        examples=["2026-06-01T12:00:00Z"],
    ),
]
IfNoneMatch = Annotated[
    str | None, Header(alias="If-None-Match", description="the ETag of what you have", max_length=500)
]
Limit = Annotated[int, Query(ge=1, le=1000, description="how many items at most")]
After = Annotated[
    str | None,
    Query(
        pattern="^[A-Za-z0-9_-]{1,2000}$",
        description="where to go on: the `next` of the page before",
    ),
]


async def _moments(valid_on: ValidOn = None, known_at: KnownAt = None) -> Question:
    return Question(valid_on, known_at)


async def _known(known_at: KnownAt = None) -> Question:
    return Question(None, known_at)


async def _page(valid_on: ValidOn = None, known_at: KnownAt = None, limit: Limit = 50, after: After = None) -> Question:
    return Question(valid_on, known_at, limit, after)


async def _known_page(known_at: KnownAt = None, limit: Limit = 50, after: After = None) -> Question:
    return Question(None, known_at, limit, after)


Moments = Annotated[Question, Depends(_moments)]
"""``validOn`` and ``knownAt``."""
Known = Annotated[Question, Depends(_known)]
"""``knownAt``."""
Paged = Annotated[Question, Depends(_page)]
"""``validOn``, ``knownAt``, ``limit`` and ``after``."""
KnownPaged = Annotated[Question, Depends(_known_page)]
"""``knownAt``, ``limit`` and ``after``."""


NO_SUCH = documented(404, s404="nobody knows the organisation, agreement or key that was named")
"""The ``responses`` of a list that can be asked of one of these."""


def hash_of(text: str) -> bytes:
    """The 32 bytes of a hash in a path, whose form was checked."""
    return bytes.fromhex(text[2:])
