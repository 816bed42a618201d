"""The register as its index has it, read as it is written down: memory stays flat, however long the history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from registry import dutch
from registry.commitments import ReportRecord
from registry.exports.held import NAMES, held_mandates
from registry.exports.source import About, Entry, HeldMandate, Promised, Stated, Told, in_order
from registry.index import Header, Index
from registry.index.export_rows import Extract, ExtractedAgreement
from registry.model import Event
from registry.organisations import DIRECTORY, Directory
from registry.statements import commitment_id


class IndexSource:
    """An index as of one block. See :func:`index_source`."""

    def __init__(self, extract: Extract, about: About, directory: Directory) -> None:
        self._extract = extract
        self.about = about
        self.directory = directory

    def events(self) -> Iterator[Event]:
        """Every event, in order."""
        return self._extract.events()

    def entries(self) -> Iterator[Entry]:
        """Every agreement, in the order of conclusion."""
        return map(_entry, self._extract.agreements())

    def mandates(self) -> Iterator[HeldMandate]:
        """Every mandate that was ever given, by organisation, in the order in which they were given."""
        return held_mandates(self._extract.events(NAMES))


@contextmanager
def index_source(index: Index, at: Header | None = None, directory: Directory = DIRECTORY) -> Iterator[IndexSource]:
    """The index as of a block, which is in it; its last unless given.

    Everything is read in one transaction: what is written meanwhile is not seen. NotFoundError if the index is not that
    far.
    """
    identity = index.identity
    with index.reading() as connection:
        extract = Extract(connection, at.number if at else None)
        end = at or Header(extract.end.number, extract.end.hash, extract.end.time)
        here = (identity.chain_id, identity.register, identity.deployed_block)
        about = About(*here, end.number, end.hash, end.time, extract.end.fingerprint)
        yield IndexSource(extract, about, directory)


def _entry(one: ExtractedAgreement) -> Entry:
    told = {act_hash: _told(manifest) for act_hash, manifest in one.manifests.items()}
    stated = {
        commitment_id(one.agreement.id, each["id"]): _stated(each)
        for recorded in one.agreement.acts
        for each in one.manifests.get(recorded.act_hash, {}).get("commitments", ())
    }
    latest: dict[bytes, dict[str, ReportRecord]] = {key: {} for key in stated}
    for record in one.reports:
        latest.setdefault(record.report.commitment, {})[record.report.organisation] = record
    promises = in_order(
        Promised(key, stated.get(key), tuple(by[organisation] for organisation in sorted(by)))
        for key, by in latest.items()
    )
    return Entry(one.number, one.agreement, told, promises)


def _told(manifest: Mapping[str, Any]) -> Told:
    title = dutch.titled(manifest["title"], manifest.get("example"))
    return Told(title, manifest["kind"], manifest["policyArea"])


def _stated(commitment: Mapping[str, Any]) -> Stated:
    due = commitment.get("due")
    return Stated(
        commitment["id"], commitment["organisation"], commitment["text"], date.fromisoformat(due) if due else None
    )
