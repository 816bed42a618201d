"""The audit itself: the chain from the register's first block to the last one asked, event by event.

An implementation of its own: its rules are written from the NatSpec of ``contracts/interfaces``, and it uses neither
the timeline, the membership nor the index that other commands go by. Shared with the rest of the package are the texts
of the EIP-712 types, identifiers of organisations, and the compiled code that the contract's is compared with.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from eth_utils.address import to_checksum_address

from registry import __version__
from registry.audit.at_hand import Rows
from registry.audit.calls import Calls, Group, grouped
from registry.audit.digests import NOTHING, Digests, call_data, fold
from registry.audit.findings import Event, Findings, brief
from registry.audit.indexed import INDEX_AHEAD, INDEX_EMPTY, INDEX_MOVED, Derived, compare
from registry.audit.node import Call, Node, Refusal, data, quantity
from registry.audit.reading import Header, Reader, Stretch
from registry.audit.recovery import Recoveries
from registry.audit.replaying import replay
from registry.audit.report import AuditReport, Basis, Check
from registry.audit.storage import check_storage
from registry.audit.workbench import Bench, WalletQuestion
from registry.chain.artifact import register_artifact
from registry.dossier import Store
from registry.errors import ChainError, DeploymentError, UsageError

Progress = Callable[[int, int, int], None]
"""First block, last block done, last block."""

_ACCEPTED = bytes.fromhex("1626ba7e").ljust(32, b"\0")
NOT_ASKED = "op verzoek zijn aanroep en handtekeningen van eerdere blokken niet nagegaan; de gebeurtenissen wel"
_NO_OLD_STATE = "het knooppunt bewaart de stand van oude blokken niet; alleen het laatste blok is vergeleken"
_WALLET_NOW = "het knooppunt bewaart de stand van oude blokken niet; het contract is bij het laatste blok gevraagd"


class _AsOf(Protocol):
    @property
    def block(self) -> int: ...


class IndexToCompare(Rows, Protocol):
    """An index: its rows, how far it is, and what messages call it."""

    @property
    def as_of(self) -> _AsOf | None:
        """The last block that is in it; None if nothing is."""
        ...

    @property
    def shown(self) -> str:
        """Its address without passwords."""
        ...


def audit(
    node: Node,
    register: str,
    deployed_block: int,
    *,
    signed_from: int | None = None,
    at_block: int | None = None,
    index: IndexToCompare | None = None,
    store: Store | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
) -> AuditReport:
    """Audits the register at an address, from the block in which it was deployed (or any before).

    Everything is replayed; signatures and calldata are checked from ``signed_from`` on. A deviation ends nothing: the
    audit goes on to the block ``at_block`` (the latest unless given) and names them all. An ``index`` is compared row
    by row with what follows from the chain, up to the block that it is at, and from the dossiers in the ``store``.
    ``workers`` processes recover signatures, one for each processor unless given.

    Raises ChainError if the node does not answer, or the chain changes meanwhile; DeploymentError if there is no
    contract at the address; UsageError if a block is asked that is not there.
    """
    run = _Run(node, register, deployed_block, signed_from, at_block, index, store, workers)
    try:
        return run.audited(progress or (lambda first, done, last: None))
    finally:
        run.close()


class _Run:
    def __init__(
        self,
        node: Node,
        register: str,
        deployed_block: int,
        signed_from: int | None,
        at_block: int | None,
        index: IndexToCompare | None,
        store: Store | None,
        workers: int | None,
    ) -> None:
        self.started_at, self._start = int(time.time()), time.perf_counter()
        self.node, self.register = node, register
        self.findings = Findings()
        self.reader = Reader(node, register, self.findings)
        self.chain_id = quantity(node.ask("eth_chainId"))
        self.end = self._end(at_block)
        if deployed_block > self.end.number:
            raise UsageError(
                f"the register was deployed in block {deployed_block}, after block {self.end.number}",
                hint="name a later block (--at-block)",
            )
        if signed_from is not None and signed_from > self.end.number:
            raise UsageError(
                f"signatures are to be checked from block {signed_from} on, and the audit ends at {self.end.number}",
                hint="name an earlier block (--from-block)",
            )
        self.first = deployed_block
        self.signed_from = max(deployed_block, signed_from or 0)
        self.recoveries = Recoveries(workers)
        self.bench = Bench(self.findings, Digests(self.chain_id, register), self.recoveries)
        self.calls = Calls(node, register, self.findings)
        self.fingerprint = NOTHING
        self.events: Counter[str] = Counter()
        self.index, self.store = index, store
        self.index_rows: dict[str, int] = {}
        self.index_at = index.as_of if index is not None else None
        self.derived: Derived | None = None
        if self.index_at is not None and self.index_at.block <= self.end.number:
            self.derived = Derived(self.bench.state)
            self.bench.around = self._around

    def close(self) -> None:
        self.recoveries.close()

    def _end(self, at_block: int | None) -> Header:
        latest = self.reader.header("latest")
        if at_block is None:
            return latest
        if not 0 <= at_block <= latest.number:
            raise UsageError(
                f"there is no block {at_block}: the latest is {latest.number}",
                hint="name an earlier block (--at-block)",
            )
        return self.reader.header(at_block)

    def audited(self, progress: Progress) -> AuditReport:
        self._check_code()
        progress(self.first, self.first, self.end.number)
        for stretch in self.reader.stretches(self.first, self.end.number):
            self._replay(stretch)
            self._check_fingerprints(stretch)
            progress(self.first, stretch.last, self.end.number)
        if not self.bench.state.founded:
            self.findings.deviate(Check.COUNCIL, "no-founding", "het register heeft geen enkele gebeurtenis")
        self.recoveries.finish()
        self._ask_wallets()
        check_storage(
            self.node,
            self.register,
            self.end.number,
            self.bench.state,
            self.fingerprint,
            self.bench.digests,
            self.findings,
        )
        self._check_index()
        if self.reader.header(self.end.number).hash != self.end.hash:
            raise ChainError(
                f"block {self.end.number} changed while the audit ran: the chain was reorganised or reset",
                hint="start the audit again, at a block that is a little older (--at-block)",
            )
        return self._report()

    def _check_code(self) -> None:
        try:
            code = data(self.node.ask("eth_getCode", self.register, hex(self.end.number)))
        except Refusal:
            code = data(self.node.ask("eth_getCode", self.register, "latest"))
            self.findings.miss(Check.CODE, _NO_OLD_STATE)
        if not code:
            raise DeploymentError(
                f"there is no contract at {self.register} on chain {self.chain_id}",
                hint="check the address and the node (--register, --node)",
            )
        self.findings.expect(
            Check.CODE,
            register_artifact().is_code_of(code),
            "another-code",
            f"de code van {self.register} is niet het contract dat bij foodvalley {__version__} hoort: het kan andere "
            "regels volgen dan de beschreven regels",
        )

    def _replay(self, stretch: Stretch) -> None:
        by_transaction: dict[bytes, list[Event]] = {}
        for event in stretch.events:
            by_transaction.setdefault(event.transaction, []).append(event)
            self.events[event.name] += 1
        parts = {one: grouped(events) for one, events in by_transaction.items()}
        looked_at = {one: groups for one, groups in parts.items() if groups[0][0].block >= self.signed_from}
        if left := sum(len(groups) for one, groups in parts.items() if one not in looked_at):
            self.findings.miss(Check.CALLS, NOT_ASKED, left)
        found = self.calls.behind(looked_at, self.reader.transactions(list(looked_at)))
        for one, groups in parts.items():
            replay(self.bench, found.get(one) or [Group(events, None) for events in groups])

    def _check_fingerprints(self, stretch: Stretch) -> None:
        """Folds block by block. A difference is named once: it goes on from what the contract says."""
        by_block: dict[int, list[Event]] = {}
        for event in stretch.events:
            by_block.setdefault(event.block, []).append(event)
        calldata = call_data("fingerprint")
        asked: list[Call] = [("eth_call", [{"to": self.register, "data": calldata}, hex(block)]) for block in by_block]
        for (block, events), answer in zip(by_block.items(), self.node.ask_all(asked), strict=True):
            for event in events:
                self.fingerprint = fold(self.fingerprint, event.name, event.values, event.time)
            if isinstance(answer, Refusal):
                self.findings.miss(Check.FINGERPRINT, _NO_OLD_STATE)
                continue
            told = data(answer)
            if not self.findings.expect(
                Check.FINGERPRINT,
                told == self.fingerprint,
                "another-fingerprint",
                "de gebeurtenissen tot en met dit blok geven een andere vingerafdruk dan het contract: er ontbreekt "
                "een gebeurtenis, of er is er een veranderd of verzonnen",
                block=block,
            ):
                self.fingerprint = told[:32].ljust(32, b"\0")

    def _ask_wallets(self) -> None:
        """Signatures that are no key's: the contract at the signatory's address is asked, as of that block."""
        waiting = self.bench.wallets
        asked: list[Call] = [call for one in waiting for call in _wallet_calls(one, hex(one.event.block))]
        answers = list(self.node.ask_all(asked))
        for at, one in enumerate(waiting):
            code, answer = answers[2 * at : 2 * at + 2]
            if isinstance(code, Refusal):
                self.findings.miss(Check.SIGNATURES, _WALLET_NOW)
                code, answer = self.node.ask_all(_wallet_calls(one, hex(self.end.number)))
            is_contract = isinstance(code, str) and len(code) > 2
            accepted = is_contract and isinstance(answer, str) and data(answer)[:32] == _ACCEPTED
            self.findings.bases[Basis.WALLET if is_contract else Basis.KEY] += 1
            self.findings.expect(
                Check.SIGNATURES,
                accepted,
                "not-accepted" if is_contract else "not-signed-by",
                f"het contract {brief(one.signatory)} keurt de handtekening niet goed"
                if is_contract
                else f"de handtekening is niet van {brief(one.signatory)}",
                one.event,
            )

    def _around(self, event: Event, apply: Callable[[], None]) -> None:
        if self.derived is not None and self.index_at is not None and event.block <= self.index_at.block:
            self.derived.around(event, apply)
        else:
            apply()

    def _check_index(self) -> None:
        if self.index is None:
            return
        if self.derived is None or self.index_at is None:
            why = INDEX_EMPTY if self.index_at is None else INDEX_AHEAD
            self.findings.miss(Check.INDEX, why)
            return
        end = self.reader.header(self.index_at.block)
        identity = (self.chain_id, to_checksum_address(self.register))
        found = Findings()
        rows = compare(self.index, self.derived, found, identity, end, self.store)
        if self.index.as_of != self.index_at:
            self.findings.miss(Check.INDEX, INDEX_MOVED)
            return
        self.index_rows = rows
        self.findings.add(found)

    def _report(self) -> AuditReport:
        state = self.bench.state
        contents = {
            "organisations": sum(one.administrator != "0x" + 40 * "0" for one in state.members.values()),
            "signatories": sum(one.holds(self.end.time) for one in state.mandates.values()),
            "agreements": len(state.agreements),
            "acts": len(state.acts),
            "motions": len({*state.moved, *state.decided}),
            "reports": len(state.reports),
        }
        client = self.node.ask("web3_clientVersion")
        findings = self.findings
        return AuditReport(
            chain_id=self.chain_id,
            register=to_checksum_address(self.register),
            node=self.node.shown,
            client=str(client)[:100],
            version=__version__,
            started_at=self.started_at,
            from_block=self.first,
            signed_from=self.signed_from,
            block=self.end.number,
            block_hash=self.end.hash,
            block_time=self.end.time,
            fingerprint=self.fingerprint,
            tallies=findings.tallies,
            deviations=findings.deviations,
            unchecked=findings.unchecked,
            events=dict(sorted(self.events.items())),
            contents=contents,
            bases={basis: findings.bases[basis] for basis in Basis},
            seconds=time.perf_counter() - self._start,
            recovery_seconds=self.recoveries.seconds,
            index=self.index.shown if self.index is not None else "",
            index_rows=self.index_rows,
        )


def _wallet_calls(one: WalletQuestion, block: str) -> list[Call]:
    calldata = call_data("isValidSignature", ["bytes32", "bytes"], [one.digest, one.signature])
    return [("eth_getCode", [one.signatory, block]), ("eth_call", [{"to": one.signatory, "data": calldata}, block])]
