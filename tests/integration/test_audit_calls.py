"""What the audit finds in transactions: one node that lies about many of them at once, each lie named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from audits import EDE, VEENENDAAL
from eth_abi.abi import encode
from world import Answer, Call, Region, account, node

from registry import model
from registry.audit import AuditReport, Basis, Check, Node, audit
from registry.audit.abi import EVENTS, FUNCTIONS, call_values
from registry.audit.digests import call_data
from registry.model import NO_HASH, Event

pytestmark = pytest.mark.long

Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def history(a_bit_of_everything: Region) -> Region:
    return a_bit_of_everything


@dataclass
class Lies:
    """What a node says that is not so: of transactions and traces by hash, and of calls by their calldata."""

    events: list[Event]
    transactions: dict[str, Change | None] = field(default_factory=dict)
    traces: dict[str, Change] = field(default_factory=dict)
    calls: dict[str, str] = field(default_factory=dict)
    omitted: set[tuple[int, int]] = field(default_factory=set)

    def first(self, kind: type, **values: Any) -> Any:
        found = (one for one in self.events if isinstance(one, kind))
        return next(one for one in found if all(getattr(one, name) == value for name, value in values.items()))

    def of(self, event: Any, change: Change | None) -> bytes:
        """Lies about the transaction of an event."""
        transaction: bytes = event.place.transaction
        self.transactions["0x" + transaction.hex()] = change
        return transaction

    def answer(self, asked: Call, forward: Callable[[Call], Answer]) -> Answer:
        answer = forward(asked)
        method, params = asked["method"], asked["params"]
        if method == "eth_getTransactionByHash" and params[0] in self.transactions:
            change = self.transactions[params[0]]
            if change is None:
                answer["result"] = None
            else:
                change(answer["result"])
        elif method == "debug_traceTransaction" and params[0] in self.traces:
            self.traces[params[0]](answer["result"])
        elif method == "eth_call" and params[0]["data"][:10] in self.calls:
            answer["result"] = self.calls[params[0]["data"][:10]]
        elif method == "eth_getLogs":
            kept = [one for one in answer["result"] if _place(one) not in self.omitted]
            answer["result"] = kept
        return answer


def _place(log: dict[str, Any]) -> tuple[int, int]:
    return int(log["blockNumber"], 16), int(log["logIndex"], 16)


@contextmanager
def told(history: Region) -> Iterator[tuple[Lies, Callable[[], AuditReport]]]:
    """Lies to fill in, and the audit of what is told then."""
    lies = Lies(history.register.events())
    with node(lies.answer, behind=history.url) as url:

        def run() -> AuditReport:
            asked = Node(url)
            report = audit(asked, history.register.address, history.deployment.block)
            asked.close()
            return report

        yield lies, run


def sent_by(role: str) -> Change:
    return lambda transaction: transaction.update({"from": account(role).lower()})


def with_arguments(change: Callable[[dict[str, Any]], None]) -> Change:
    """Another calldata, with other arguments of the same function."""

    def apply(transaction: dict[str, Any]) -> None:
        name, arguments = call_values(bytes.fromhex(transaction["input"][2:])) or ("", {})
        change(arguments)
        declared = FUNCTIONS[name]
        words = encode([one.canonical for one in declared.members], list(arguments.values()))
        transaction["input"] = "0x" + (declared.digest[:4] + words).hex()

    return apply


def found(report: AuditReport) -> set[tuple[Check, str, bytes | None]]:
    return {(one.check, one.rule, one.transaction) for one in report.deviations}


def test_each_lie_about_a_transaction_is_named_with_it(history: Region) -> None:
    with told(history) as (lies, run):
        acts = [one for one in lies.events if isinstance(one, model.Recorded)]
        on_chain = next(one for one in acts if len(one.signatories) == 4)
        expected = {
            (Check.ADMINISTRATION, "wrong-sender"): lies.of(
                lies.first(model.SignatoryDismissed), sent_by(f"{EDE}:admin")
            ),
            (Check.SIGNATURES, "wrong-sender"): lies.of(lies.first(model.Declined), sent_by(EDE)),
            (Check.COUNCIL, "wrong-sender"): lies.of(lies.first(model.MotionVetoed), sent_by(VEENENDAAL)),
            (Check.CALLS, "no-transaction"): lies.of(lies.first(model.ServiceAnnounced), None),
            (Check.CALLS, "no-call"): lies.of(
                lies.first(model.AdministratorNominated), with_arguments(lambda given: given.update(nominee=NOBODY))
            ),
            (Check.ACTS, "wrong-history"): lies.of(acts[1], with_arguments(lambda given: given.update(history=[]))),
            (Check.SIGNATURES, "another-approval"): lies.of(on_chain, with_arguments(_anothers)),
            (Check.CALLS, "founders"): lies.of(
                lies.events[0], lambda made: made.update(input=made["input"][:-1] + "1")
            ),
        }
        report = run()
    assert found(report) == {(*what, transaction) for what, transaction in expected.items()}


NOBODY = "0x" + 20 * "ee"


def _anothers(given: dict[str, Any]) -> None:
    """The first approval that stands on chain is said to be somebody else's."""
    at = next(at for at, one in enumerate(given["approvals"]) if one.r == NO_HASH)
    changed = list(given["approvals"])
    changed[at] = (NO_HASH, bytes.fromhex(NOBODY[2:]).rjust(32, b"\0"))
    given["approvals"] = changed


def test_an_approval_that_is_used_cannot_be_left_out(history: Region) -> None:
    """It is not in the fingerprint; but the act that rests on it is, and the contract knows nothing of another."""
    with told(history) as (lies, run):
        acts = [one for one in lies.events if isinstance(one, model.Recorded)]
        used = next(one for one in acts if len(one.signatories) == 4)
        approvals = [one for one in lies.events if isinstance(one, model.Approved) and one.act_hash == used.act_hash]
        carried = approvals[-1]
        lies.omitted = {(carried.place.block, carried.place.log_index)}
        report = run()
    assert found(report) == {(Check.SIGNATURES, "no-earlier-approval", used.place.transaction)}
    assert report.deviations[0].subject == used.act_hash


def test_a_wallet_that_does_not_accept_is_named(history: Region) -> None:
    selector = call_data("isValidSignature", ["bytes32", "bytes"], [NO_HASH, b""])[:10]
    for answer in ("0x", "0x1626ba7e", "0x" + "ff" * 32, "0x" + "1626ba7e" + "01" * 28):
        with told(history) as (lies, run):
            lies.calls[selector] = answer
            report = run()
        (one,) = report.deviations
        assert (one.check, one.rule) == (Check.SIGNATURES, "not-accepted")
        assert report.bases[Basis.WALLET] == 1
        assert "contract" in one.message


def test_a_trace_that_hides_or_adds_a_call_is_named(history: Region) -> None:
    with told(history) as (lies, run):
        acts = [one for one in lies.events if isinstance(one, model.Recorded)]
        batch = next(one for one in acts if sum(two.place.block == one.place.block for two in acts) == 2)
        alone = next(
            one
            for one in lies.events
            if isinstance(one, model.Proposed) and one.signatory != _sender(history, one) and _through(history, one)
        )
        lies.traces["0x" + batch.place.transaction.hex()] = _hide
        lies.traces["0x" + alone.place.transaction.hex()] = _add
        report = run()
    assert found(report) == {
        (Check.CALLS, "no-call", batch.place.transaction),
        (Check.CALLS, "call-without-event", alone.place.transaction),
    }


def _transaction(history: Region, event: Any) -> dict[str, Any]:
    found: dict[str, Any] = history.ask("eth_getTransactionByHash", "0x" + event.place.transaction.hex())
    return found


def _sender(history: Region, event: Any) -> str:
    return str(_transaction(history, event)["from"])


def _through(history: Region, event: Any) -> bool:
    return str(_transaction(history, event)["to"]).lower() != history.register.address.lower()


def _hide(trace: dict[str, Any]) -> None:
    trace["calls"] = trace["calls"][:-1]


def _add(trace: dict[str, Any]) -> None:
    trace["calls"] = trace["calls"] * 2


def test_calls_of_a_trace_that_failed_do_not_count(history: Region) -> None:
    """The batch holds one that the contract refused: it is no call without an event."""
    batch = next(
        one
        for one in history.register.events()
        if isinstance(one, model.Recorded) and _through(history, one) and _failed(history, one)
    )
    asked = Node(history.url)
    report = audit(asked, history.register.address, history.deployment.block, signed_from=batch.place.block)
    asked.close()
    assert report.deviations == ()
    assert report.events["Recorded"] > 2
    assert len(EVENTS) == len(report.events)


def _failed(history: Region, event: Any) -> bool:
    transaction = "0x" + event.place.transaction.hex()
    trace = history.ask("debug_traceTransaction", transaction, {"tracer": "callTracer"})
    return any("error" in one for one in trace.get("calls", ()))
