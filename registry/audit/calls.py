"""Which call of the register each event comes from, also where another contract made the call.

A call to the register itself is the transaction. One that a wallet or a multicall made is found in the node's trace of
the transaction (``debug_traceTransaction`` with the ``callTracer`` of geth); where the node does not trace, by looking
for the register's selectors in the outer calldata and taking what reproduces the event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode

from registry.audit.abi import FUNCTIONS, SELECTORS, Unreadable, call_values
from registry.audit.digests import act_hash, motion_hash, report_hash
from registry.audit.findings import Event, Findings
from registry.audit.node import Call as Question
from registry.audit.node import Node
from registry.audit.reading import Transaction
from registry.audit.report import Check
from registry.errors import ChainError

_EFFECTS = frozenset({"MemberAdmitted", "MemberExpelled", "MemberSucceeded", "AdministratorReplaced"})

NOT_TRACED = "het knooppunt geeft geen spoor van de transactie; de aanroep is in de calldata eromheen gezocht"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the register. ``senders`` is who can have made it: one address, unless it was only searched for."""

    name: str
    arguments: Mapping[str, Any]
    senders: tuple[str, ...]
    certain: bool = True

    def __getitem__(self, name: str) -> Any:
        return self.arguments[name]


@dataclass(frozen=True, slots=True)
class Group:
    """The events that one call emitted, and that call; None if it was not found, or not looked for."""

    events: tuple[Event, ...]
    call: Call | None


def grouped(events: Sequence[Event]) -> list[tuple[Event, ...]]:
    """The events of one transaction, together with those that come from the same call."""
    groups = []
    at = 0
    while at < len(events):
        size = _size(events[at:])
        groups.append(tuple(events[at : at + size]))
        at += size
    return groups


def _size(events: Sequence[Event]) -> int:
    names = [one.name for one in events[:3]]
    first = events[0]
    if names[:2] in (["Proposed", "Approved"], ["Moved", "Voted"]):
        return 2
    if names[0] == "MotionEnacted":
        return 2 if names[1:] and names[1] in _EFFECTS else 1
    at_once = names[:2] == ["MotionDecided", "MotionEnacted"] and first["effectFrom"] == first.time
    if at_once and events[1]["motionHash"] == first["motionHash"]:
        return 3 if names[2:] and names[2] in _EFFECTS else 2
    return 1


class Calls:
    """Finds the calls behind the events of transactions."""

    def __init__(self, node: Node, register: str, findings: Findings) -> None:
        self._node = node
        self._register = register.lower()
        self._findings = findings

    def behind(
        self, groups: Mapping[bytes, Sequence[tuple[Event, ...]]], transactions: Mapping[bytes, Transaction]
    ) -> dict[bytes, list[Group]]:
        """The groups of each transaction with their calls; what does not fit is a deviation."""
        indirect = [one for one in transactions.values() if one.to not in (None, self._register)]
        traces = self._traces(indirect)
        return {one: self._matched(parts, transactions.get(one), traces.get(one)) for one, parts in groups.items()}

    def _traces(self, transactions: Sequence[Transaction]) -> dict[bytes, list[Call]]:
        """The register's calls in each transaction, as far as the node traces; a call is left out if it failed."""
        tracer = {"tracer": "callTracer"}
        asked: list[Question] = [("debug_traceTransaction", ["0x" + one.hash.hex(), tracer]) for one in transactions]
        found = {}
        for one, answer in zip(transactions, self._node.ask_all(asked), strict=True):
            if isinstance(answer, dict) and isinstance(answer.get("type"), str) and "input" in answer:
                found[one.hash] = list(self._within(answer))
        return found

    def _within(self, trace: Mapping[str, Any]) -> Iterator[Call]:
        """The register's calls in a trace, in the order in which they began."""
        waiting: list[object] = [trace]
        while waiting:
            frame = waiting.pop()
            if not isinstance(frame, dict) or frame.get("error"):
                continue  # what it did was undone, with all that it called
            if frame.get("type") == "CALL" and str(frame.get("to")).lower() == self._register:
                call = self._readable(_hexadecimal(frame.get("input")), (str(frame.get("from")).lower(),))
                if call is not None:
                    yield call
            inner = frame.get("calls") or []
            if not isinstance(inner, list):
                raise ChainError("the node gives a trace that cannot be read", hint="ask another node")
            waiting += reversed(inner)

    def _readable(self, data: bytes, senders: tuple[str, ...], *, certain: bool = True) -> Call | None:
        try:
            found = call_values(data)
        except Unreadable:
            return None
        return None if found is None else Call(*found, senders, certain)

    def _searched(self, transaction: Transaction) -> list[Call]:
        """Whatever reads as a call of the register anywhere in the calldata, in order."""
        data = transaction.input
        places: set[int] = set()
        for selector in SELECTORS:
            at = data.find(selector)
            while at >= 0 and len(places) < 10_000:
                places.add(at)
                at = data.find(selector, at + 1)
        senders = tuple(one for one in (transaction.to, transaction.sender) if one)
        calls = (self._readable(data[at:], senders, certain=False) for at in sorted(places))
        return [one for one in calls if one is not None]

    def _matched(
        self, parts: Sequence[tuple[Event, ...]], transaction: Transaction | None, traced: list[Call] | None
    ) -> list[Group]:
        first = parts[0][0]
        if not self._findings.expect(
            Check.CALLS,
            transaction is not None and transaction.block == first.block,
            "no-transaction",
            "het knooppunt heeft de transactie van de gebeurtenis niet, of in een ander blok",
            first,
        ):
            return [Group(one, None) for one in parts]
        assert transaction is not None  # noqa: S101 - just checked
        if first.name == "MemberAdmitted" and self._founds(parts, transaction):
            return [Group(one, None) for one in parts]
        if transaction.to == self._register:
            call = self._readable(transaction.input, (transaction.sender,))
            candidates = [] if call is None else [call]
        elif traced is not None:
            candidates = traced
        else:
            candidates = self._searched(transaction)
            self._findings.miss(Check.CALLS, NOT_TRACED, len(parts))
        return self._paired(parts, candidates, ordered=transaction.to == self._register or traced is not None)

    def _founds(self, parts: Sequence[tuple[Event, ...]], transaction: Transaction) -> bool:
        """Whether the transaction founded the register; if so, with these founders and no others."""
        if any(one.name != "MemberAdmitted" for part in parts for one in part):
            return False
        founders = [(one["organisation"], one["administrator"], one["votes"]) for part in parts for one in part]
        first = parts[0][0]
        self._findings.expect(
            Check.CALLS,
            encode(["(bytes32,address,bool)[]"], [founders]) in transaction.input
            and (transaction.to is not None or transaction.creates == self._register),
            "founders",
            "de transactie die het register maakte noemt andere oprichters dan de gebeurtenissen",
            first,
        )
        return True

    def _paired(self, parts: Sequence[tuple[Event, ...]], candidates: list[Call], *, ordered: bool) -> list[Group]:
        groups = []
        rest = list(candidates)
        for events in parts:
            chosen = next((at for at, one in enumerate(rest) if reproduces(one, events)), None)
            # A trace tells all calls in their order: the next one is the one, or something is wrong.
            fits = chosen is not None and (chosen == 0 or not ordered)
            self._findings.expect(
                Check.CALLS,
                fits,
                "no-call",
                lambda events=events: (
                    f"geen aanroep in de transactie geeft deze gebeurtenis ({events[0].name}): zij "  # type: ignore[misc]
                    "is verzonnen, veranderd, of door een ander contract gemaakt"
                ),
                events[0],
            )
            groups.append(Group(events, rest[chosen] if chosen is not None else None))
            if chosen is not None:
                del rest[: chosen + 1]
        # Where an event has no call, a call without its event says nothing new.
        if ordered and all(one.call is not None for one in groups):
            self._findings.expect(
                Check.CALLS,
                not rest,
                "call-without-event",
                lambda: f"een geslaagde aanroep ({rest[0].name}) in de transactie heeft geen gebeurtenis gegeven",
                parts[-1][-1],
                subject=None,
            )
        return groups


def reproduces(call: Call, events: Sequence[Event]) -> bool:
    """Whether the call gives these events, as far as its arguments say; who sent it is left aside."""
    first = events[0]
    rule = _REPRODUCED.get(call.name)
    return rule is not None and first.name == rule[0] and len(events) >= rule[1] and rule[2](call, events)


def _same(*names: str) -> Callable[[Call, Sequence[Event]], bool]:
    return lambda call, events: all(call[one] == events[0].values.get(one) for one in names)


def _proposed(call: Call, events: Sequence[Event]) -> bool:
    first, second = events[:2]
    fits = call["act"] == first["act"] and act_hash(call["act"]) == first["actHash"] == second["actHash"]
    return bool(fits and call["decision"] == second["decision"] and _signatory(call, events))


def _moved(call: Call, events: Sequence[Event]) -> bool:
    first, second = events[:2]
    fits = call["motion"] == first["motion"] and motion_hash(call["motion"]) == first["motionHash"]
    same = first["motionHash"] == second["motionHash"] and call["decision"] == second["decision"]
    return fits and same and _signatory(call, events)


def _signatory(call: Call, events: Sequence[Event]) -> bool:
    given = call.arguments.get("signatory")
    return all(given is None or one["signatory"] == given for one in events)


def _recorded(call: Call, events: Sequence[Event]) -> bool:
    event = events[0]
    fits = call["act"] == event["act"] and call["decisions"] == event["decisions"]
    return fits and len(call["approvals"]) == len(event["signatories"])


def _decided(call: Call, events: Sequence[Event]) -> bool:
    event = events[0]
    fits = call["motion"] == event["motion"] and call["decisions"] == event["decisions"]
    return fits and len(call["approvals"]) == len(event["signatories"])


def _declined(call: Call, events: Sequence[Event]) -> bool:
    return bool(act_hash(call["act"]) == events[0]["actHash"] and call["reason"] == events[0]["reason"])


def _reported(call: Call, events: Sequence[Event]) -> bool:
    return bool(call["report"] == events[0]["report"])


def _confirmed(call: Call, events: Sequence[Event]) -> bool:
    event = events[0]
    return bool(report_hash(call["report"]) == event["reportHash"] and call["organisation"] == event["organisation"])


def _enacted(call: Call, events: Sequence[Event]) -> bool:
    return bool(motion_hash(call["motion"]) == events[0]["motionHash"])


_APPROVAL = _same("actHash", "decision")
_VOTE = _same("motionHash", "decision")

_REPRODUCED: dict[str, tuple[str, int, Callable[[Call, Sequence[Event]], bool]]] = {
    "appoint": (
        "SignatoryAppointed",
        1,
        _same("organisation", "signatory", "validFrom", "validUntil", "together", "decision"),
    ),
    "dismiss": ("SignatoryDismissed", 1, _same("organisation", "signatory", "decision")),
    "handOver": ("AdministratorNominated", 1, _same("organisation", "nominee")),
    "takeOver": ("AdministratorReplaced", 1, _same("organisation")),
    "announce": ("ServiceAnnounced", 1, _same("organisation", "service")),
    "move": ("Moved", 2, _moved),
    "moveFor": ("Moved", 2, _moved),
    "vote": ("Voted", 1, _VOTE),
    "voteFor": ("Voted", 1, lambda call, events: _VOTE(call, events) and _signatory(call, events)),
    "decide": ("MotionDecided", 1, _decided),
    "enact": ("MotionEnacted", 1, _enacted),
    "veto": ("MotionVetoed", 1, _same("organisation", "motionHash", "reason")),
    "propose": ("Proposed", 2, _proposed),
    "proposeFor": ("Proposed", 2, _proposed),
    "approve": ("Approved", 1, _APPROVAL),
    "approveFor": ("Approved", 1, lambda call, events: _APPROVAL(call, events) and _signatory(call, events)),
    "record": ("Recorded", 1, _recorded),
    "decline": ("Declined", 1, _declined),
    "report": ("ProgressReported", 1, _reported),
    "confirm": ("ProgressConfirmed", 1, _confirmed),
}
"""By function: the first event that it emits, how many at least, and whether these are they."""

assert set(_REPRODUCED) == set(FUNCTIONS)  # noqa: S101 - a function left out would be one that is never found


def _hexadecimal(value: object) -> bytes:
    try:
        return bytes.fromhex(str(value).removeprefix("0x"))
    except ValueError as error:
        raise ChainError("the node gives a trace that cannot be read", hint="ask another node") from error
