"""What the contract answers at the last block, against what the audit knows: every view of ``contracts/interfaces``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from eth_abi.abi import decode, encode

from registry.audit.abi import Act, Motion, Report
from registry.audit.digests import (
    NOTHING,
    Digests,
    act_hash,
    approval_hash,
    call_data,
    confirmation_hash,
    motion_hash,
    report_hash,
    vote_hash,
)
from registry.audit.findings import Findings, brief, name_of
from registry.audit.node import Call, Node, Refusal, data
from registry.audit.report import Check
from registry.audit.state import Member, State

_AT_A_TIME = 2_000
_DECLINED = bytes(31) + b"\1"
_WORD = ["bytes32"]
_ACT = "(bytes32,bytes32,bytes32,bytes32[],uint40,uint40,uint32,uint40)"
_MOTION = "(string,bytes32,address,bytes32,bool,bytes32,uint40)"
_REPORT = "(bytes32,bytes32,bytes32,bytes32,string,bytes32)"


@dataclass(frozen=True, slots=True)
class _Question:
    """One view, and whether an answer to it is right."""

    rule: str
    what: str
    calldata: str
    right: Callable[[bytes], bool]
    where: dict[str, Any] = field(default_factory=dict)


def check_storage(
    node: Node, register: str, block: int, state: State, fingerprint: bytes, digests: Digests, findings: Findings
) -> None:
    """Asks the contract everything it can say of what the events told, at one block."""
    waiting: list[_Question] = []
    for question in _questions(state, fingerprint, digests):
        waiting.append(question)
        if len(waiting) == _AT_A_TIME:
            _ask(node, register, block, waiting, findings)
            waiting.clear()
    _ask(node, register, block, waiting, findings)


def _ask(node: Node, register: str, block: int, questions: list[_Question], findings: Findings) -> None:
    calls: list[Call] = [("eth_call", [{"to": register, "data": one.calldata}, hex(block)]) for one in questions]
    for one, answer in zip(questions, node.ask_all(calls), strict=True):
        if isinstance(answer, Refusal):
            findings.miss(Check.STORAGE, f"het knooppunt antwoordt niet voor blok {block}: {answer}")
            continue
        findings.expect(
            Check.STORAGE,
            _right(one, data(answer)),
            one.rule,
            f"het contract antwoordt iets anders dan de gebeurtenissen zeggen: {one.what}",
            **{"block": block} | one.where,
        )


def _right(question: _Question, answer: bytes) -> bool:
    try:
        return question.right(answer)
    except Exception as error:  # hostile bytes: whatever the decoder makes of them, they are not the right answer
        if isinstance(error, MemoryError):
            raise
        return False


def _is(types: list[str], *values: object) -> Callable[[bytes], bool]:
    expected = encode(types, values)
    return lambda answer: answer == expected


def _questions(state: State, fingerprint: bytes, digests: Digests) -> Iterator[_Question]:
    yield _Question("fingerprint", "de vingerafdruk", call_data("fingerprint"), _is(_WORD, fingerprint))
    yield _Question("voters", "het aantal stemmen", call_data("voters"), _is(["uint256"], state.voters))
    yield from _hashing(digests)
    for organisation in sorted({*state.members, *state.successors, *state.successors.values()}):
        yield from _of_organisation(state, organisation)
    for signatory in state.mandates:
        yield _of_signatory(state, signatory)
    yield from _of_acts(state)
    for subject in sorted({*state.moved, *state.decided}):
        calldata = call_data("isDecided", _WORD, [subject])
        decided = _is(["bool"], subject in state.decided)
        yield _Question("is-decided", "of over een motie is besloten", calldata, decided, {"subject": subject})
    for (subject, signatory), struct in state.approvals.items():
        calldata = call_data("approvalOf", ["bytes32", "address"], [subject, signatory])
        what = f"het akkoord van {brief(signatory)}"
        yield _Question("approval-of", what, calldata, _is(_WORD, struct), {"subject": subject})
    yield from _of_reports(state)


def _hashing(digests: Digests) -> Iterator[_Question]:
    """Does the contract hash as the standard says? Its types and domain stand outside the code that was compared."""
    one, two = b"\x11" * 32, b"\x22" * 32
    act = Act(one, two, one, (one[:2].ljust(32, b"\0"), two[:2].ljust(32, b"\0")), 1, 2, 3, 4)
    motion = Motion(b"admit", one, "0x" + 20 * "11", two, True, one, 5)
    report = Report(one, two, one, two, b"started", one)
    what = "hoe het iets hasht"
    samples: list[tuple[str, list[str], list[object], bytes]] = [
        ("hashAct", [_ACT], [act], act_hash(act)),
        ("hashMotion", [_MOTION], [motion._replace(action="admit")], motion_hash(motion)),  # type: ignore[arg-type]
        ("hashReport", [_REPORT], [report._replace(progress="started")], report_hash(report)),  # type: ignore[arg-type]
        ("hashApproval", ["bytes32", "bytes32"], [one, two], digests.of(approval_hash(one, two))),
        ("hashVote", ["bytes32", "bytes32"], [one, two], digests.of(vote_hash(one, two))),
        ("reportDigest", ["bytes32"], [one], digests.of(one)),
        ("confirmationDigest", ["bytes32", "bytes32"], [one, two], digests.of(confirmation_hash(one, two))),
    ]
    for function, types, arguments, expected in samples:
        calldata = call_data(function, types, arguments)
        yield _Question("hashing", f"{what} ({function})", calldata, _is(_WORD, expected))


def _of_organisation(state: State, organisation: bytes) -> Iterator[_Question]:
    member = state.members.get(organisation, Member())
    name, where = name_of(organisation), {"organisation": organisation}
    values = (member.administrator, member.votes, member.expelled)
    listed = state.listed.get(organisation, set())
    pending = state.pending.get(organisation, (NOTHING, 0))

    def ask(rule: str, what: str, function: str, right: Callable[[bytes], bool]) -> _Question:
        return _Question(rule, f"{what} van {name}", call_data(function, _WORD, [organisation]), right, where)

    yield ask("member-of", "beheerder en stem", "memberOf", _is(["address", "bool", "bool"], *values))
    yield ask("successor-of", "de opvolger", "successorOf", _is(_WORD, state.successors.get(organisation, NOTHING)))
    yield ask("nominee-of", "de voorgedragen beheerder", "nomineeOf", _is(["address"], member.nominee))
    yield ask("pending-of", "de motie die wacht op een veto", "pendingOf", _is(["bytes32", "uint40"], *pending))
    yield ask("signatories-of", "de ondertekenaars", "signatoriesOf", lambda answer: _lists(answer, listed))


def _lists(answer: bytes, listed: set[str]) -> bool:
    found = decode(["address[]"], answer)[0]
    return len(found) == len(listed) and set(found) == listed


def _of_signatory(state: State, signatory: str) -> _Question:
    mandate = state.mandates[signatory]
    listed = signatory in state.listed.get(mandate.organisation, ())

    def right(answer: bytes) -> bool:
        types = ["bytes32", "uint40", "uint40", "uint16", "uint16", "bool"]
        *terms, place, expelled = decode(types, answer)
        expected = [mandate.organisation, mandate.valid_from, mandate.valid_until, mandate.together]
        # Of a mandate that ended for good the contract does not keep up whether its organisation is expelled.
        return terms == expected and (place > 0) == listed and (not listed or expelled == mandate.expelled)

    calldata = call_data("mandateOf", ["address"], [signatory])
    what = f"het mandaat van {brief(signatory)}"
    return _Question("mandate-of", what, calldata, right, {"organisation": mandate.organisation})


def _of_acts(state: State) -> Iterator[_Question]:
    for agreement, steps in state.agreements.items():
        head = _is(_WORD, _DECLINED if agreement in state.declined else steps[-1].hash)
        where = {"agreement": agreement, "subject": steps[-1].hash}
        what = f"de laatste handeling van overeenkomst {brief(agreement)}"
        yield _Question("head", what, call_data("head", _WORD, [agreement]), head, where)
    for subject in sorted({*state.declined, *state.proposals} - set(state.agreements)):
        stands = _is(_WORD, _DECLINED if subject in state.declined else NOTHING)
        what = f"of handeling {brief(subject)} is afgewezen"
        yield _Question("declined", what, call_data("head", _WORD, [subject]), stands, {"subject": subject})


def _of_reports(state: State) -> Iterator[_Question]:
    types = ["bytes32", "bytes32", "bytes32"]
    for key, subject in state.latest_report.items():
        where = {"agreement": key[0], "subject": subject, "organisation": key[2]}
        what = f"de laatste melding van {name_of(key[2])}"
        yield _Question("latest-report", what, call_data("latestReport", types, key), _is(_WORD, subject), where)
        for organisation in state.members:
            calldata = call_data("isConfirmed", ["bytes32", "bytes32"], [subject, organisation])
            right = _is(["bool"], (subject, organisation) in state.confirmed)
            who = {"subject": subject, "organisation": organisation}
            yield _Question("is-confirmed", f"de bevestiging door {name_of(organisation)}", calldata, right, who)
