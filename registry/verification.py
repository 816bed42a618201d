"""Is this file what was agreed? The answer, with everything that it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from registry.dossier import DocumentMatch, Manifest, Store, verify_inclusion
from registry.model import NO_HASH, Status
from registry.timeline import Agreement, Ledger, Proposal, RecordedAct


class Outcome(StrEnum):
    """What a file turned out to be, seen from the day of asking."""

    IN_FORCE = "in force"
    PENDING = "pending"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    ENDED = "ended"
    PROPOSED = "proposed"
    UNKNOWN = "unknown"

    @property
    def accepted(self) -> bool:
        """Whether the file is the text of a recorded act, in force or not."""
        return self not in (Outcome.PROPOSED, Outcome.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Finding:
    """A recorded act that holds the file; ``successor`` is the act that says what holds now instead of it."""

    match: DocumentMatch
    agreement: Agreement
    recorded: RecordedAct
    successor: RecordedAct | None


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer about one file, as of one block.

    ``finding`` is None if no recorded act holds the file; ``proposal`` is one that does, ``manifest`` is its
    manifest. ``lookalikes`` are documents of the same name with other content.
    """

    file: Path
    digest: bytes
    outcome: Outcome
    block: int
    now: int
    finding: Finding | None = None
    proposal: Proposal | None = None
    manifest: Manifest | None = None
    lookalikes: tuple[DocumentMatch, ...] = ()
    acts_without_dossier: int = 0


def verify(file: Path, digest: bytes, ledger: Ledger, store: Store, block: int, now: int) -> Verification:
    """Looks a file up by its SHA-256 in the dossiers at hand, and their roots in the register.

    A damaged dossier counts as one that is not at hand.
    """
    matches = [match for match in store.find_document(digest) if is_proven(match, digest)]
    answers = [
        Verification(file, digest, outcome, block, now, Finding(match, agreement, act, successor))
        for match in matches
        for agreement, act in acts_with(match, ledger.agreements.values())
        for outcome, successor in [outcome_of(agreement, act, now)]
    ]
    if answers:
        return min(answers, key=lambda one: rank(one.outcome, one.finding))
    for match in matches:
        for proposal in ledger.open_proposals(now):
            if proposal.act.dossier == match.dossier.root:
                manifest = match.dossier.manifest
                return Verification(file, digest, Outcome.PROPOSED, block, now, proposal=proposal, manifest=manifest)
    return Verification(
        file,
        digest,
        Outcome.UNKNOWN,
        block,
        now,
        lookalikes=tuple(_lookalikes(file, ledger, store)),
        acts_without_dossier=sum(not _is_whole(root, store) for root in _roots(ledger)),
    )


def rank(outcome: Outcome, finding: Finding | None) -> tuple[int, int]:
    """Which of several answers counts, least first: what is in force, then what was recorded last."""
    return list(Outcome).index(outcome), -finding.recorded.recorded_at if finding else 0


def is_proven(match: DocumentMatch, digest: bytes) -> bool:
    """Whether the leaf holds this content and leads to the root: the store is not taken at its word."""
    dossier = match.dossier
    leaf = dossier.leaves[match.index]
    proof = dossier.proof(match.index)
    size = len(dossier.leaves)
    return leaf.matches(digest) and verify_inclusion(leaf.leaf, match.index, size, proof, dossier.root)


def acts_with(match: DocumentMatch, agreements: Iterable[Agreement]) -> Iterator[tuple[Agreement, RecordedAct]]:
    """In each agreement the act that brought this dossier in, if it binds or releases the parties the dossier names.

    Roots are public: others can record an act of their own with this dossier, and it proves nothing of it. What
    the act says of dates is shown as recorded; that it says what the dossier says is checked before signing.
    """
    dossier = match.dossier
    named = {party.organisation for party in dossier.manifest.parties}
    for agreement in agreements:
        index = next((i for i, one in enumerate(agreement.acts) if one.act.dossier == dossier.root), None)
        if index is None:
            continue
        act = agreement.acts[index].act
        released = set(agreement.acts[index - 1].act.parties) if index and not act.parties else set()
        if named == set(act.parties) or (released and named == released):
            yield agreement, agreement.acts[index]


def outcome_of(agreement: Agreement, recorded: RecordedAct, now: int) -> tuple[Outcome, RecordedAct | None]:
    """What a recorded act is at a moment, and the act that says what holds then instead of it."""
    governing = agreement.governing(now)
    if governing is None or recorded.act.valid_from > now:
        successor = agreement.overruled_by(recorded)
        if successor is None or successor.act.valid_from > recorded.act.valid_from:
            return Outcome.PENDING, None
        return Outcome.SUPERSEDED, successor  # before it could begin
    if governing.act.dossier == recorded.act.dossier:
        by_status = {Status.IN_FORCE: Outcome.IN_FORCE, Status.EXPIRED: Outcome.EXPIRED, Status.ENDED: Outcome.ENDED}
        return by_status[agreement.status(now)], governing if governing is not recorded else None
    return Outcome.SUPERSEDED, governing


def _lookalikes(file: Path, ledger: Ledger, store: Store) -> Iterator[DocumentMatch]:
    for root in sorted(_roots(ledger)):
        dossier = store.find(root)
        if dossier is None:
            continue
        for index, leaf in enumerate(dossier.leaves):
            if Path(leaf.path).name == file.name and not leaf.is_erased:
                yield DocumentMatch(dossier, index, leaf.path)


def _is_whole(root: bytes, store: Store) -> bool:
    """Whether all documents of a dossier are at hand, so that another file can be said not to be in it."""
    dossier = store.find(root)
    return dossier is not None and not dossier.erased


def _roots(ledger: Ledger) -> set[bytes]:
    roots = {act.act.dossier for agreement in ledger.agreements.values() for act in agreement.acts}
    return roots - {NO_HASH}
