"""What a service answers about the register: typed, page by page, each hash recomputed that can be.

A service that is one's own may be believed as a node is; what is signed is never taken from here without its hash.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from registry.carried import act_from_json
from registry.client.http import Http
from registry.errors import RefusedError, ServiceError
from registry.model import NO_HASH, Act
from registry.statements import Domain, hash_act

_ASK_ANOTHER = "do not sign anything from there; ask another service, or a node"

Row = Mapping[str, Any]
"""A row as the API describes it: camelCase, moments as RFC 3339."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, as of which block and fingerprint, and the cursor of those that follow."""

    rows: tuple[Row, ...]
    next: str | None
    answer: Row


@dataclass(frozen=True, slots=True)
class Offer:
    """A proposal with its act, whose hash was recomputed; ``row`` is all that the service says of it."""

    act: Act
    act_hash: bytes
    row: Row


class Reading:
    """The questions to one service."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def domain(self) -> Domain:
        """The register that the service says it serves: to be held against what is known of it here."""
        found = self.fingerprint()
        chain_id, register = found.get("chainId"), found.get("register")
        if not isinstance(chain_id, int) or not isinstance(register, str):
            raise ServiceError(f"{self._http.shown} does not say which register it serves")
        return Domain(chain_id, register)

    def fingerprint(self) -> Row:
        """The fingerprint, and as of which block."""
        return self._object("fingerprint")

    def statistics(self) -> Row:
        """How much there is."""
        return self._object("statistics")

    def agreements(self, **asked: object) -> Page:
        """A page of agreements; filters and moments by their names in the API."""
        return self._page("agreements", **asked)

    def every_agreement(self, **asked: object) -> Iterator[Row]:
        """All agreements, asked for a page at a time."""
        return self._all("agreements", **asked)

    def agreement(self, identity: bytes, **asked: object) -> Row:
        """An agreement with its acts; NotFoundError if there is none."""
        return self._object(f"agreements/0x{identity.hex()}", **asked)

    def acts_of(self, identity: bytes) -> list[Act]:
        """The recorded acts of an agreement, oldest first; RefusedError unless each follows the one before it."""
        rows = self.agreement(identity).get("recordedActs")
        if not isinstance(rows, list):
            raise ServiceError(f"{self._http.shown} does not give the acts of the agreement")
        found = [self._act(one) for one in rows]
        named = [(act.agreement, act.previous) for act, _ in found]
        if named != [(NO_HASH, NO_HASH), *((identity, before) for _, before in found[:-1])] or found[0][1] != identity:
            raise RefusedError(
                f"{self._http.shown} gives acts that are not those of agreement 0x{identity.hex()}",
                hint=_ASK_ANOTHER,
            )
        return [act for act, _ in found]

    def proposals(self, **asked: object) -> Page:
        """A page of open proposals; of an organisation, or those that wait for one."""
        return self._page("proposals", **asked)

    def every_proposal(self, **asked: object) -> Iterator[Row]:
        """All open proposals, asked for a page at a time."""
        return self._all("proposals", **asked)

    def proposal(self, act_hash: bytes) -> Offer:
        """A proposal by the hash of its act; RefusedError if the service gives another act for it."""
        row = self._object(f"proposals/0x{act_hash.hex()}")
        act, found = self._act(row)
        if found != act_hash:
            raise RefusedError(
                f"{self._http.shown} gives the act 0x{found.hex()} where 0x{act_hash.hex()} was asked for",
                hint=_ASK_ANOTHER,
            )
        return Offer(act, found, row)

    def commitments(self, **asked: object) -> Page:
        """A page of commitments."""
        return self._page("commitments", **asked)

    def events(self, **asked: object) -> Page:
        """A page of what was recorded, in order."""
        return self._page("events", **asked)

    def events_of(self, kind: str, identity: str, **asked: object) -> Page:
        """The same of one of the ``agreements`` or ``organisations``."""
        return self._page(f"{kind}/{identity}/events", **asked)

    def signatory(self, address: str, **asked: object) -> Row:
        """A key with its mandates."""
        return self._object(f"signatories/{address}", **asked)

    def document(self, digest: bytes, **asked: object) -> Row:
        """Whether a document with this SHA-256 is part of an act."""
        return self._object(f"documents/{digest.hex()}", **asked)

    def _act(self, row: Row) -> tuple[Act, bytes]:
        try:
            act = act_from_json(row["act"])
            stated = bytes.fromhex(str(row["actHash"]).removeprefix("0x"))
        except (KeyError, TypeError, ValueError) as error:
            raise ServiceError(f"{self._http.shown} gives something else than an act") from error
        if hash_act(act) != stated:
            raise RefusedError(
                f"{self._http.shown} gives an act that is not the one it says: its hash is 0x{hash_act(act).hex()}",
                hint=_ASK_ANOTHER,
            )
        return act, stated

    def _object(self, path: str, **asked: object) -> Row:
        found = self._http.get(path, **asked)
        if not isinstance(found, dict):
            raise ServiceError(f"{self._http.shown} answers with something else than was asked for")
        return found

    def _page(self, path: str, **asked: object) -> Page:
        found = self._object(path, **asked)
        rows, cursor = found.get("items"), found.get("next")
        fits = isinstance(rows, list) and all(isinstance(one, dict) for one in rows)
        if not fits or not (cursor is None or isinstance(cursor, str)):
            raise ServiceError(f"{self._http.shown} answers with something else than a list")
        assert isinstance(rows, list)  # noqa: S101 - looked at just now
        return Page(tuple(rows), cursor, found)

    def _all(self, path: str, **asked: object) -> Iterator[Row]:
        seen: set[str] = set()
        after = None
        while True:
            page = self._page(path, **{**asked, "after": after})
            yield from page.rows
            if page.next is None:
                return
            if page.next in seen:
                raise ServiceError(f"{self._http.shown} gives the same page again and again")
            seen.add(page.next)
            after = page.next
