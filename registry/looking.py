"""What people ask of the register, answered from the index: what held, what was known, what happened, what waits.

Every answer is as of one block, up to which the index adds up to the contract's fingerprint. Nothing here knows HTTP
or a terminal. What is about to be written is looked up on the chain itself, by :mod:`registry.service`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from registry import moments, timeline
from registry.chain.encode import address
from registry.dossier import Kind
from registry.dossier.terms import day_of, start_of_day
from registry.errors import NotFoundError, UsageError
from registry.finding import Found, find_document
from registry.index import Index
from registry.index.answers import At, Filters, KnownMandate, Obligation, Offer, OpenOffer, Page, Standing
from registry.index.queries import Asked, Queries
from registry.index.queries_commitments import Wanted
from registry.index.queries_dossiers import Held
from registry.index.words import words
from registry.membership import Membership
from registry.model import Event, Mandate, ProgressReported, Status, Verb
from registry.service import Service, View
from registry.timeline import Agreement, Ledger

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

FULL_PAGE_SECONDS = 3.0
"""How long a page is added to that came back short, before it is shown as it is with the cursor of the rest."""


@dataclass(frozen=True, slots=True)
class Question:
    """The options of a question as people give them; None stands for now, and for everything."""

    valid_on: str | None = None
    known_at: str | None = None
    limit: int = 50
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """The filters of a list as people give them."""

    organisation: str | None = None
    kind: str | None = None
    verb: str | None = None
    status: str | None = None
    text: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether everything passes."""
        return self == Choice()


@dataclass(frozen=True, slots=True)
class Listing:
    """Agreements as they stand, and the proposals that are open at the same moment, with the cursors of what follows.

    Proposals come with the first page only, and not at all where filters ask for what no proposal has.
    """

    at: At
    agreements: Page[Standing]
    proposals: Page[OpenOffer]


@dataclass(frozen=True, slots=True)
class Shown:
    """An agreement with its acts, or a proposal; ``open`` says how far that is if it can still be recorded."""

    at: At
    agreement: Agreement | None = None
    standing: Standing | None = None
    offer: Offer | None = None
    open: OpenOffer | None = None


@dataclass(frozen=True, slots=True)
class Signatory:
    """A key: its mandates as they were known, and the one it had on the day asked about."""

    address: str
    mandate: Mandate | None
    versions: tuple[KnownMandate, ...]


class Looking:
    """The questions to one register."""

    def __init__(self, service: Service, index: Index) -> None:
        self._service = service
        self._index = index

    @property
    def now(self) -> int:
        """The time that the next block will at least have, unix seconds."""
        found = self._index.as_of
        return max(found.block_time if found else 0, int(time.time()))

    def list(self, question: Question, choice: Choice) -> Listing:
        """The agreements that pass the filters, as they stood on a day, as known on another."""
        with self._asking(question) as (queries, asked):
            filters = self._filters(choice, queries, asked)
            at, agreements = _filled(asked, lambda one: queries.agreements(one, filters))
            offers: Page[OpenOffer] = Page((), None)
            only_whose = replace(choice, organisation=None).is_empty
            if asked.after is None and only_whose:
                # A page of them, known at the same moment: the agreements may take long to go through.
                when = replace(asked, known_at=at.known_at, valid_on=at.valid_on)
                _, offers = _filled(when, lambda one: queries.open_offers(one, filters.organisation))
            return Listing(at, agreements, offers)

    def agreements(self, question: Question, choice: Choice) -> tuple[At, Page[Standing]]:
        """As :meth:`list`, without the proposals."""
        with self._asking(question) as (queries, asked):
            filters = self._filters(choice, queries, asked)
            return _filled(asked, lambda one: queries.agreements(one, filters))

    def proposals(self, question: Question, organisation: str | None = None) -> tuple[At, Page[OpenOffer]]:
        """The proposals that can still be recorded, in order; of an organisation those that concern it."""
        with self._asking(question) as (queries, asked):
            whose = self._whose(organisation, queries, asked)
            return _filled(asked, lambda one: queries.open_offers(one, whose))

    def agreement(self, identity: bytes, question: Question) -> tuple[Shown, dict[bytes, dict[str, object]]]:
        """The agreement of just this hash, and what everybody may be told of its dossiers; NotFoundError if none."""
        with self._asking(question) as (queries, asked):
            at = queries.at(asked)
            found, standing = queries.agreement(at, identity), queries.standing(at, identity)
            roots = {one.act.dossier for one in found.acts} | {standing.dossier}
            return Shown(at, found, standing), queries.public_manifests(roots)

    def act(self, act_hash: bytes, question: Question) -> Shown:
        """The agreement in which the act of just this hash was recorded; NotFoundError if it was not by then."""
        with self._asking(question) as (queries, asked):
            at = queries.at(asked)
            identity = queries.named(at, act_hash.hex()).acts.get(act_hash)
            if identity is None:
                raise NotFoundError(f"no act 0x{act_hash.hex()} was recorded", hint="is it a proposal?")
            return Shown(at, queries.agreement(at, identity))

    def proposal(self, act_hash: bytes, question: Question) -> Shown:
        """The proposal of just this hash, open or not; NotFoundError if nobody proposed it on chain by then."""
        with self._asking(question) as (queries, asked):
            at = queries.at(asked)
            if act_hash not in queries.named(at, act_hash.hex()).offers:
                raise NotFoundError(f"no act 0x{act_hash.hex()} was proposed on chain")
            offer = queries.offer(at, act_hash)
            return Shown(at, offer=offer, open=queries.progress(at, offer) if offer.closed_as is None else None)

    def approvals(self, act_hash: bytes, question: Question) -> tuple[At, Page[Event]]:
        """The approvals of an act that were given on chain, in order."""
        with self._asking(question) as (queries, asked):
            return _filled(asked, lambda one: queries.approvals(one, act_hash))

    def show(self, text: str, question: Question) -> Shown:
        """The agreement, or else the proposal, that the first digits of a hash name; NotFoundError if there is none."""
        with self._asking(question) as (queries, asked):
            at = queries.at(asked)
            found = queries.named(at, text)
            if len(set(found.acts.values())) == 1:
                identity = next(iter(found.acts.values()))
                return Shown(at, queries.agreement(at, identity), queries.standing(at, identity))
            if found.acts or not found.offers:
                timeline.by_prefix(found.acts, text, "an agreement or act")
            act_hash = timeline.by_prefix(dict.fromkeys(found.offers), text, "a proposal")[0]
            offer = queries.offer(at, act_hash)
            return Shown(at, offer=offer, open=queries.progress(at, offer) if offer.closed_as is None else None)

    def history(
        self,
        question: Question,
        *,
        agreement: str | None = None,
        organisation: str | None = None,
        signatory: str | None = None,
    ) -> tuple[At, Page[Event], Signatory | None]:
        """What was recorded, in order: all of it, or of an agreement, an organisation or a key; UsageError of two."""
        if sum(one is not None for one in (agreement, organisation, signatory)) > 1:
            raise UsageError("an agreement, an organisation and a signatory exclude each other", hint="name one")
        key = str(address(signatory)) if signatory is not None else None
        with self._asking(question) as (queries, asked):
            whose = self._whose(organisation, queries, asked)
            identity = self._agreement(queries, queries.at(asked), agreement) if agreement is not None else None
            at, page = _filled(
                asked, lambda one: queries.history(one, agreement=identity, organisation=whose, signatory=key)
            )
            if key is None:
                return at, page, None
            held = Signatory(key, queries.mandate_on(at, key), tuple(queries.mandates(at, key)))
            return at, page, held

    def labels(self, events: Iterable[Event]) -> dict[bytes, str]:
        """What the manifests at hand call the commitments that these events report on, by id on chain."""
        reports = [one.report for one in events if isinstance(one, ProgressReported)]
        with self._index.queries() as queries:
            return queries.labels((one.agreement, one.commitment) for one in reports)

    def waiting(self, question: Question, whom: str) -> tuple[At, Page[OpenOffer]]:
        """The open proposals that wait for an organisation, by name or identifier; or for the key with this address."""
        with self._asking(question) as (queries, asked):
            signatory = str(address(whom)) if whom.lower().startswith("0x") else None
            if signatory is None:
                organisation = self._whose(whom, queries, asked) or whom
            else:
                mine = queries.organisation_of(queries.at(asked), signatory)
                if mine is None:
                    raise NotFoundError(
                        f"{signatory} has no mandate now",
                        hint="let your administrator appoint it, or name an organisation",
                    )
                organisation = mine
            return _filled(asked, lambda one: queries.waiting_for(one, organisation, signatory))

    def commitments(
        self,
        question: Question,
        *,
        agreement: str | None = None,
        organisation: str | None = None,
        due_before: str | None = None,
        overdue: bool = False,
    ) -> tuple[At, Page[Obligation]]:
        """The commitments of all agreements in force, or of one; by their last day."""
        before = moments.first_second(due_before, "--due-before") if due_before is not None else None
        with self._asking(question) as (queries, asked):
            at = queries.at(asked)
            whose = self._whose(organisation, queries, asked)
            identity = self._agreement(queries, at, agreement) if agreement is not None else None
            wanted = Wanted(whose, before, overdue, identity)
            today = start_of_day(day_of(asked.now))
            return _filled(asked, lambda one: queries.commitments(one, wanted, today))

    def council(self, keys: set[str]) -> View:
        """The organisations, the motions that wait, and the mandates of these keys, as the council stands now."""
        with self._asking(Question()) as (queries, asked):
            at = queries.at(asked)
            ledger = Ledger(membership=queries.council(at, keys), fingerprint=at.fingerprint)
            return View(ledger, at.block, asked.now, at.block_time)

    def membership(self, question: Question) -> tuple[At, Membership]:
        """The organisations and the motions that wait for a veto, as they were known; no mandates."""
        with self._asking(question) as (queries, asked):
            at = queries.at(asked)
            return at, queries.council(at, ())

    def mandates(self, organisation: str, question: Question) -> tuple[At, tuple[KnownMandate, ...]]:
        """What was known of the mandates that an organisation gave: a row for each time that one changed."""
        with self._asking(question) as (queries, asked):
            at = queries.at(asked)
            return at, tuple(queries.mandates_given(at, organisation))

    def document(self, digest: bytes, question: Question) -> tuple[At, Found]:
        """Whether the file with this SHA-256 is part of a recorded act, among the documents at hand."""
        with self._asking(question) as (queries, asked):
            at = queries.at(asked)
            return at, find_document(queries, at, self._service.store, digest)

    def root(self, text: str) -> bytes:
        """The root of the dossier of the act or proposal that these first digits name; or that which they are, whole.

        NotFoundError if they name none, UsageError if more than one.
        """
        with self._asking(Question()) as (queries, asked):
            at = queries.at(asked)
            found = queries.named(at, text)
            digits = text.lower().removeprefix("0x")
            if not found.acts and not found.offers and len(digits) == 64:
                return bytes.fromhex(digits)
            names = dict.fromkeys((*found.acts, *found.offers))
            act_hash = timeline.by_prefix(names, text, "an act or proposal")[0]
            if act_hash not in found.acts:
                return queries.offer(at, act_hash).act.dossier
            acts = queries.agreement(at, found.acts[act_hash]).acts
            return next(one.act.dossier for one in acts if one.act_hash == act_hash)

    def dossier(self, root: bytes) -> tuple[Held, dict[str, str]]:
        """The acts and open proposals with this dossier, and where the organisations say that their services are."""
        with self._asking(Question()) as (queries, asked):
            at = queries.at(asked)
            return queries.dossier(at, root), queries.services(at)

    def public_manifests(self, roots: Iterable[bytes]) -> dict[bytes, dict[str, object]]:
        """The manifests at hand of those of these dossiers that are open to everybody, by root."""
        with self._index.queries() as queries:
            return queries.public_manifests(roots)

    def public_commitments(self, agreements: Iterable[bytes]) -> set[tuple[bytes, bytes]]:
        """The commitments of these agreements, by agreement and id, whose dossier is open to everybody."""
        with self._index.queries() as queries:
            return queries.public_commitments(agreements)

    def _agreement(self, queries: Queries, at: At, text: str) -> bytes:
        found = queries.named(at, text).acts
        if len(set(found.values())) == 1:
            return next(iter(found.values()))
        return timeline.by_prefix(found, text, "an agreement or act")[1]

    def _whose(self, told: str | None, queries: Queries, asked: Asked) -> str | None:
        """The identifier of an organisation: one that the directory knows by it or by name, or that takes part."""
        if told is None:
            return None
        try:
            return self._service.directory.find(told).id
        except NotFoundError:
            if told in queries.council(queries.at(asked), ()).members:
                return told
            raise

    def _filters(self, choice: Choice, queries: Queries, asked: Asked) -> Filters:
        organisation = self._whose(choice.organisation, queries, asked)
        told = tuple(words(choice.text)) if choice.text is not None else ()
        if choice.text is not None and not told:
            raise UsageError(f"there is no word in {choice.text!r} to look for", hint="write letters or digits")
        return Filters(
            organisation,
            _one_of(Kind, choice.kind, "kind", {}),
            _one_of(Verb, choice.verb, "verb", {one.dutch: one for one in Verb}),
            _one_of(Status, choice.status, "status", {one.dutch: one for one in Status}),
            told,
        )

    @contextmanager
    def _asking(self, question: Question) -> Iterator[tuple[Queries, Asked]]:
        with self._index.queries() as queries:
            now = max(queries.as_of.block_time, int(time.time()))
            valid_on = moments.valid_on(question.valid_on) if question.valid_on is not None else None
            known_at = moments.known_at(question.known_at, now) if question.known_at is not None else None
            yield queries, Asked(now, valid_on, known_at, question.limit, question.after)


def _one_of(kind: type[E], told: str | None, what: str, more: Mapping[str, E]) -> E | None:
    """The value of an enumeration that somebody wrote, in English or as it is on screen; UsageError if it is none."""
    if told is None:
        return None
    known = {str(one): one for one in kind} | dict(more)
    wanted = told.casefold().strip()
    if wanted not in known:
        raise UsageError(f"{told!r} is no {what}", hint="write one of: " + ", ".join(map(str, kind)))
    return known[wanted]


def _filled(asked: Asked, ask: Callable[[Asked], tuple[At, Page[T]]]) -> tuple[At, Page[T]]:
    """A page as full as asked for, unless that takes too long: each question looks at no more than so much."""
    until = time.monotonic() + FULL_PAGE_SECONDS
    at, page = ask(asked)
    rows = page.rows
    while page.next is not None and len(rows) < asked.limit and time.monotonic() < until:
        _, page = ask(replace(asked, limit=asked.limit - len(rows), after=page.next))
        rows += page.rows
    return at, Page(rows, page.next)
