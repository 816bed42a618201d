"""Reports on commitments and their confirmations, as the contract takes them and as eth_account hashes them."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, NamedTuple

from acts import ZERO, Act
from eth_account.messages import SignableMessage
from typed_data import members_of, signable, struct_hash

REPORT_MEMBERS = members_of("Report")
PROGRESS = ["started", "fulfilled", "blocked", "cancelled"]


class Report(NamedTuple):
    """The struct of ICommitments, in its order, so that brownie takes it as it is."""

    agreement: bytes
    commitment: bytes
    organisation: bytes
    previous: bytes = ZERO
    progress: str = "started"
    evidence: bytes = ZERO

    @property
    def hash(self) -> bytes:
        """The struct hash, as eth_account computes it: the report's identity."""
        return struct_hash("Report", self.message)

    @property
    def message(self) -> dict[str, Any]:
        return dict(zip(REPORT_MEMBERS, self, strict=True))

    def then(self, progress: str, **changes: Any) -> Report:
        """The next report of the same party on the same commitment."""
        return self._replace(previous=self.hash, progress=progress, **changes)


def commitment_id(agreement: bytes, name: str) -> bytes:
    return sha256(agreement + name.encode()).digest()


def report_on(concluding: Act, organisation: Any, name: str = "T1", **changes: Any) -> Report:
    """The first report of an organisation on a commitment."""
    return Report(concluding.hash, commitment_id(concluding.hash, name), organisation.id, **changes)


def statement(report: Report, contract: str, chain_id: int) -> SignableMessage:
    """What is signed to report."""
    return signable("Report", report.message, contract, chain_id)


def confirmation(report: Report, organisation: bytes, contract: str, chain_id: int) -> SignableMessage:
    """What is signed to confirm a report."""
    message = {"report": report.message, "organisation": organisation}
    return signable("Confirmation", message, contract, chain_id)
