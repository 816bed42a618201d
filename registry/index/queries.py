"""What can be asked of the index: one :class:`Queries` answers as of one block, whatever is written meanwhile.

Each listing is asked for a page at a time. Its cursor holds the moment that the first page was asked at, so that the
pages together are one answer, also while acts are recorded. A question costs the same in a small register and in a
large one: each walks one index in the order of its answer, and stops at the end of the page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, bindparam, case, func, select

from registry.errors import UsageError
from registry.index import (
    paging,
    queries_agreements,
    queries_commitments,
    queries_council,
    queries_documents,
    queries_dossiers,
    queries_history,
    queries_named,
    queries_proposals,
    schema,
)
from registry.index.answers import At, Filters, KnownMandate, Named, Obligation, Offer, OpenOffer, Page, Standing
from registry.index.paging import Mark, Position
from registry.index.queries_commitments import Wanted
from registry.index.queries_dossiers import Held
from registry.index.records import AsOf
from registry.membership import Membership
from registry.model import NO_HASH, Event, Mandate
from registry.timeline import Agreement

_MARKED = 8
"""How many bytes of a block's hash a cursor keeps."""


@dataclass(frozen=True, slots=True)
class Asked:
    """When a question is about, unix seconds, and which page of the answer is wanted.

    ``now`` is the time that the next block will at least have; ``valid_on`` and ``known_at`` are that if they are None.
    """

    now: int
    valid_on: int | None = None
    known_at: int | None = None
    limit: int = 50
    after: str | None = None


class Queries:
    """The questions to one index, on a connection whose transaction stays as of one block."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._moments: dict[tuple[int, int | None], Any] = {}

    @property
    def as_of(self) -> AsOf:
        """How far the index is; block -1 if nothing is in it."""
        row = self._now()
        return AsOf(row.block, row.block_hash, row.block_time, row.fingerprint)

    def at(self, asked: Asked) -> At:
        """The moment that a question without a cursor is asked at."""
        valid_on = asked.now if asked.valid_on is None else asked.valid_on
        known_at = asked.now if asked.known_at is None else asked.known_at
        return self._at(valid_on, known_at, None)

    def agreements(self, asked: Asked, filters: Filters) -> tuple[At, Page[Standing]]:
        """How the agreements stand that pass the filters, in the order of conclusion."""
        at, (after,) = self._begin("agreements", filters.to_json(), asked, (0,))
        rows, more = queries_agreements.listed(self._connection, at, filters, asked.limit, int(after))
        return at, self._page("agreements", filters.to_json(), at, rows, None if more is None else (more,))

    def standing(self, at: At, agreement: bytes) -> Standing:
        """How one agreement stands that was known then."""
        return queries_agreements.standing(self._connection, at, agreement)

    def named(self, at: At, digits: str) -> Named:
        """The acts and proposals whose hashes begin so; UsageError if these are no digits."""
        return queries_named.named(self._connection, at, digits)

    def agreement(self, at: At, agreement: bytes) -> Agreement:
        """An agreement with the acts that were known then; NotFoundError if none were."""
        return queries_named.agreement(self._connection, at, agreement)

    def offer(self, at: At, act_hash: bytes) -> Offer:
        """One proposal, open or not."""
        return queries_proposals.offer(self._connection, at, act_hash)

    def progress(self, at: At, offer: Offer) -> OpenOffer:
        """How far an open proposal is."""
        return queries_proposals.progress(self._connection, at, offer)

    def open_offers(self, asked: Asked, organisation: str | None = None) -> tuple[At, Page[OpenOffer]]:
        """The proposals that can still be recorded, in order; of an organisation those that concern it."""
        told = {"organisation": organisation}
        at, after = self._begin("open", told, asked, (-1, -1))
        rows, more = queries_proposals.open_offers(
            self._connection, at, asked.limit, _pair(after), organisation, current=self._is_current(at)
        )
        return at, self._page("open", told, at, rows, more)

    def waiting_for(self, asked: Asked, organisation: str, signatory: str | None = None) -> tuple[At, Page[OpenOffer]]:
        """The proposals that wait for an organisation, or for one whose place it took; and for this key's approval."""
        told = {"organisation": organisation, "signatory": signatory}
        at, after = self._begin("waiting", told, asked, (-1, -1))
        rows, more = queries_proposals.waiting_for(
            self._connection,
            at,
            asked.limit,
            _pair(after),
            organisation,
            signatory,
            current=self._is_current(at),
        )
        return at, self._page("waiting", told, at, rows, more)

    def organisation_of(self, at: At, signatory: str) -> str | None:
        """For whom a key can sign when the question is known; None if for nobody."""
        return queries_proposals.organisation_of(self._connection, at, signatory)

    def history(
        self,
        asked: Asked,
        *,
        agreement: bytes | None = None,
        organisation: str | None = None,
        signatory: str | None = None,
    ) -> tuple[At, Page[Event]]:
        """What was recorded, in order: everything, or what concerns one agreement, organisation or key."""
        told = {"agreement": agreement.hex() if agreement else None, "organisation": organisation, "key": signatory}
        at, place = self._begin("history", told, asked, (-1, -1))
        after, limit, connection = _pair(place), asked.limit, self._connection
        if agreement is not None:
            rows, more = queries_history.of_agreement(connection, at, agreement, limit, after)
        elif organisation is not None:
            rows, more = queries_history.of_organisation(connection, at, organisation, limit, after)
        elif signatory is not None:
            rows, more = queries_history.of_signatory(connection, at, signatory, limit, after)
        else:
            rows, more = queries_history.everything(connection, at, limit, after)
        return at, self._page("history", told, at, rows, more)

    def mandates(self, at: At, signatory: str) -> list[KnownMandate]:
        """What was known then of a key's mandates: a row for each time that one was given, changed or ended."""
        return queries_history.mandates_of(self._connection, at, signatory)

    def mandate_on(self, at: At, signatory: str) -> Mandate | None:
        """The mandate under which a key could sign at a moment, as was known then; None if it had none."""
        return queries_history.mandate_on(self._connection, at, signatory)

    def approvals(self, asked: Asked, act_hash: bytes) -> tuple[At, Page[Event]]:
        """The approvals of an act that were given on chain, in order."""
        told = {"act": act_hash.hex()}
        at, place = self._begin("approvals", told, asked, (-1, -1))
        rows, more = queries_history.approvals_of(self._connection, at, act_hash, asked.limit, _pair(place))
        return at, self._page("approvals", told, at, rows, more)

    def mandates_given(self, at: At, organisation: str) -> list[KnownMandate]:
        """What was known then of the mandates that an organisation gave: a row for each time that one changed."""
        return queries_history.mandates_given(self._connection, at, organisation)

    def places_of(self, digest: bytes) -> list[tuple[bytes, int]]:
        """The dossiers at hand that hold the document with this SHA-256, by root, and as which leaf."""
        return queries_documents.places_of(self._connection, digest)

    def public_manifests(self, roots: Iterable[bytes]) -> dict[bytes, dict[str, object]]:
        """The manifests at hand of those of these dossiers that are open to everybody, by root."""
        return queries_documents.public_manifests(self._connection, roots)

    def public_commitments(self, agreements: Iterable[bytes]) -> set[tuple[bytes, bytes]]:
        """The commitments of these agreements, by agreement and id, whose dossier is open to everybody."""
        return queries_documents.public_commitments(self._connection, agreements)

    def agreements_with(self, at: At, dossier: bytes) -> list[Agreement]:
        """The agreements that have an act with this dossier."""
        found = queries_documents.agreements_with(self._connection, at, dossier)
        return [self.agreement(at, one) for one in found]

    def council(self, at: At, keys: Collection[str]) -> Membership:
        """The organisations, the motions that wait for a veto now, and the mandates of these keys."""
        return queries_council.council(self._connection, at, keys)

    def dossier(self, at: At, root: bytes) -> Held:
        """The acts and open proposals that name a dossier, and whether everybody may read it."""
        return queries_dossiers.held(self._connection, at, root)

    def dossiers_concerning(self, at: At, organisation: str, after_block: int) -> list[bytes]:
        """The roots of dossiers of acts and proposals that concern an organisation, of later blocks."""
        return queries_dossiers.concerning(self._connection, at, organisation, after_block)

    def services(self, at: At) -> dict[str, str]:
        """Where the organisations say their services are; hostile."""
        return queries_dossiers.services(self._connection, at)

    def labels(self, names: Iterable[tuple[bytes, bytes]]) -> dict[bytes, str]:
        """What manifests at hand call commitments, by id, of those named by agreement and id."""
        return queries_commitments.labels(self._connection, names)

    def commitments(self, asked: Asked, wanted: Wanted, today: int) -> tuple[At, Page[Obligation]]:
        """The commitments of agreements in force, or of one agreement; ``today`` is the first second of the day."""
        told = wanted.to_json() | {"today": today if wanted.overdue else None}
        at, after = self._begin("commitments", told, asked, queries_commitments.START)
        stage, first, second = after
        rows, more = queries_commitments.listed(
            self._connection, at, wanted, today, asked.limit, (int(stage), int(first), second)
        )
        return at, self._page("commitments", told, at, rows, more)

    def _begin(self, listing: str, filters: Mapping[str, object], asked: Asked, first: Position) -> tuple[At, Position]:
        """The moment and the place at which a page begins; UsageError if the cursor is not of this listing."""
        paging.checked_limit(asked.limit)
        if asked.after is None:
            return self.at(asked), first
        mark = paging.read(asked.after, listing, filters)
        for given, kept, option in (
            (asked.valid_on, mark.valid_on, "--valid-on"),
            (asked.known_at, mark.known_at, "--known-at"),
        ):
            if given is not None and given != kept:
                raise UsageError(
                    f"the cursor belongs to a listing with another {option}",
                    hint="ask with the same options as the page before, or begin again without --after",
                )
        at = self._at(mark.valid_on, mark.known_at, mark)
        if mark.block > self.as_of.block or not at.last_hash.startswith(mark.last_hash):
            raise UsageError(
                f"the register at block {mark.block}, where this listing began, is no longer part of the chain",
                hint="begin again without --after",
            )
        if len(mark.position) != len(first):
            raise UsageError("the cursor has no place in this listing", hint="begin again without --after")
        return at, mark.position

    def _at(self, valid_on: int, known_at: int, mark: Mark | None) -> At:
        found = self._moment(known_at, None if mark is None else mark.block)
        return At(
            valid_on=max(valid_on, 0),
            known_at=known_at,
            known_block=-1 if found.known_number is None else found.known_number,
            known_time=found.known_time or 0,
            block=found.block if mark is None else mark.block,
            block_time=found.block_time if mark is None else mark.block_time,
            fingerprint=found.last_fingerprint or NO_HASH,
            last_hash=found.last_hash or NO_HASH,
        )

    def _now(self) -> Any:
        """Any moment: how far the index is, each says."""
        return next(iter(self._moments.values()), None) or self._moment(0)

    def _moment(self, known_at: int, block: int | None = None) -> Any:
        """What :data:`_MOMENT` says, for a block or as far as the index is; it stays the same in this transaction."""
        found = self._moments.get((known_at, block))
        if found is None:
            values = {"known_at": known_at, "block": schema.FOREVER if block is None else block}
            found = self._moments[known_at, block] = self._connection.execute(_MOMENT, values).one()
        return found

    def _page(
        self, listing: str, filters: Mapping[str, object], at: At, rows: list[Any], more: Position | None
    ) -> Page[Any]:
        if more is None:
            return Page(tuple(rows), None)
        mark = Mark(at.valid_on, at.known_at, at.block, at.block_time, at.last_hash[:_MARKED], more)
        return Page(tuple(rows), paging.written(listing, filters, mark))

    def _is_current(self, at: At) -> bool:
        """Whether nothing was closed since what was known then."""
        newest = self._now().newest
        return newest is None or at.known_block >= newest


def _pair(position: Position) -> tuple[int, int]:
    block, log_index = position
    return int(block), int(log_index)


def _moment() -> Select[Any]:
    """How far the index is; the last block with an event, of all and up to one; and the last that was known then."""
    cursor, blocks = schema.cursor, schema.blocks
    last, known = blocks.alias("last"), blocks.alias("known")

    def latest(*order: Any) -> Select[Any]:
        return select(blocks.c.number).order_by(*(one.desc() for one in order)).limit(1)

    up_to = latest(blocks.c.number).where(blocks.c.number <= bindparam("block"))
    # One bound above: of two, SQLite walks up to whichever is written first.
    by_then = case((last.c.time < bindparam("known_at"), last.c.time), else_=bindparam("known_at"))
    before = latest(blocks.c.time, blocks.c.number).where(blocks.c.time <= by_then, blocks.c.number <= last.c.number)
    return select(
        cursor.c.block,
        cursor.c.block_hash,
        cursor.c.block_time,
        cursor.c.fingerprint,
        select(func.max(blocks.c.number)).scalar_subquery().label("newest"),
        last.c.hash.label("last_hash"),
        last.c.fingerprint.label("last_fingerprint"),
        known.c.number.label("known_number"),
        known.c.time.label("known_time"),
    ).select_from(
        cursor.outerjoin(last, last.c.number == up_to.scalar_subquery()).outerjoin(
            known, known.c.number == before.correlate(last).scalar_subquery()
        )
    )


_MOMENT = _moment()
