"""What the audit stands on: its own reading of the interfaces, its own hashes, and questions to a node."""

from __future__ import annotations

import ast
import json
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from audits import events_of
from eth_utils.crypto import keccak
from histories import History
from ledgers import concluding, digest_of, reporting, succession

import registry.audit
from registry.audit import Check, Node
from registry.audit.abi import (
    EVENTS,
    FUNCTIONS,
    Act,
    Motion,
    Report,
    Unreadable,
    call_values,
    event_values,
)
from registry.audit.digests import NOTHING, act_hash, fold, motion_hash, report_hash
from registry.audit.findings import Event, Findings, name_of
from registry.audit.node import Refusal, data, fields, quantity
from registry.audit.reading import Transaction
from registry.chain.artifact import register_artifact
from registry.chain.encode import act_tuple, motion_tuple, report_tuple
from registry.errors import ChainError
from registry.fingerprint import fingerprint_of
from registry.model import Stage
from registry.statements import hash_act, hash_motion, hash_report

NOT_USED = {"timeline", "membership", "commitments", "fingerprint", "index", "service", "governing", "promises"}


def test_events_and_functions_are_those_of_the_contract() -> None:
    abi = register_artifact().abi

    def signature(one: Any) -> str:
        return f"{one['name']}({','.join(map(kind, one['inputs']))})"

    def kind(one: Any) -> str:
        inner = ",".join(map(kind, one.get("components", ())))
        return str(one["type"]).replace("tuple", f"({inner})")

    events = {signature(one) for one in abi if one["type"] == "event"}
    writing = {
        signature(one) for one in abi if one["type"] == "function" and one["stateMutability"] not in ("view", "pure")
    }
    assert {one.signature for one in EVENTS.values()} == events - {"EIP712DomainChanged()"}
    assert {one.signature for one in FUNCTIONS.values()} == writing
    for one in abi:
        if one["type"] == "event" and one["name"] in EVENTS:
            told = [(member["name"], member["indexed"]) for member in one["inputs"]]
            assert [(member.name, member.indexed) for member in EVENTS[one["name"]].members] == told


def test_it_uses_nothing_that_it_checks() -> None:
    folder = Path(registry.audit.__file__).parent
    for path in folder.glob("*.py"):
        for found in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [one.name for one in found.names] if isinstance(found, ast.Import) else []
            if isinstance(found, ast.ImportFrom):
                names = [f"{found.module}.{one.name}" for one in found.names]
            for name in names:
                parts = name.split(".")
                assert parts[:2] != ["registry", "chain"] or parts[2] == "artifact", f"{path.name}: {name}"
                assert parts[0] != "registry" or parts[1] not in NOT_USED, f"{path.name}: {name}"


def test_hashes_are_those_of_the_statements() -> None:
    act = concluding("gm0339", "gm0345", notice=7, deadline=9, valid_until=2**40 - 1)
    *words, parties, valid_from, valid_until, notice, deadline = (*act_tuple(act)[:4], *act_tuple(act)[4:])
    assert act_hash(Act(*words, tuple(parties), valid_from, valid_until, notice, deadline)) == hash_act(act)
    motion = succession("gm0339", "gm0345")
    action, *rest = motion_tuple(motion)
    assert motion_hash(Motion(action.encode(), *rest)) == hash_motion(motion)  # type: ignore[arg-type]
    report = reporting(act, "gm0339", Stage.BLOCKED, evidence=digest_of("x"))
    *named, progress, evidence = report_tuple(report)
    assert report_hash(Report(*named, progress.encode(), evidence)) == hash_report(report)  # type: ignore[arg-type]


def test_the_fingerprint_is_that_of_the_package() -> None:
    events = History(3).go_on(60).events
    found = NOTHING
    for one in events_of(events):
        found = fold(found, one.name, one.values, one.time)
    assert found == fingerprint_of(events)


def test_hostile_bytes_are_unreadable_and_nothing_worse() -> None:
    chance = random.Random(3)
    unreadable = 0
    for _ in range(300):
        declared = chance.choice([*FUNCTIONS.values()])
        try:
            call_values(declared.digest[:4] + chance.randbytes(chance.randrange(400)))
        except Unreadable:
            unreadable += 1
        declared = chance.choice([*EVENTS.values()])
        topics = [declared.digest, *(chance.randbytes(32) for _ in range(chance.randrange(5)))]
        try:
            event_values(topics, chance.randbytes(chance.randrange(400)))
        except Unreadable:
            unreadable += 1
    assert unreadable > 300
    assert call_values(b"") is None
    assert call_values(b"\1\2\3\4") is None
    with pytest.raises(Unreadable):
        event_values([], b"")
    deep = FUNCTIONS["record"].digest[:4] + (32).to_bytes(32) * 300
    with pytest.raises(Unreadable):
        call_values(deep)


@pytest.mark.parametrize("nonce", [0, 1, 127, 128, 255, 256, 70_000])
def test_address_of_a_contract_follows_from_sender_and_nonce(nonce: int) -> None:
    rlp = pytest.importorskip("rlp")
    sender = "0x" + 20 * "f3"
    expected = keccak(rlp.encode([bytes.fromhex(sender[2:]), nonce]))[12:]
    assert Transaction(b"", 1, sender, None, b"", nonce).creates == "0x" + expected.hex()
    assert Transaction(b"", 1, sender, sender, b"", nonce).creates is None


def test_deviations_come_in_the_order_of_the_chain() -> None:
    findings = Findings()
    for check, block, log in [
        (Check.STORAGE, 3, None),
        (Check.ACTS, 9, 1),
        (Check.MANDATES, 9, 0),
        (Check.CODE, None, None),
        (Check.FINGERPRINT, 2, None),
        (Check.INDEX, 1, 0),
    ]:
        findings.deviate(check, "x", "x", block=block, log_index=log)
    assert [one.check.value for one in findings.deviations] == [
        *("code", "fingerprint", "mandates", "acts"),
        *("index", "storage"),
    ]
    assert sum(one.deviations for one in findings.tallies) == 6


def test_a_deviation_says_where_it_is() -> None:
    event = Event("Recorded", 7, 3, b"t" * 32, 0, b"b" * 32, 9, {"agreement": b"a" * 32, "actHash": b"h" * 32})
    findings = Findings()
    assert not findings.expect(Check.ACTS, False, "rule", lambda: "zin", event)
    assert findings.expect(Check.ACTS, True, "rule", lambda: 1 / 0, event)  # type: ignore[arg-type,return-value]
    (one,) = findings.deviations
    told = one.to_json()
    assert (told["block"], told["logIndex"], told["transaction"]) == (7, 3, "0x" + "74" * 32)
    assert (told["subject"], told["agreement"], told["message"]) == ("0x" + "68" * 32, "0x" + "61" * 32, "zin")


def test_organisations_have_a_name_whatever_they_are_called() -> None:
    assert name_of(b"gm0345".ljust(32, b"\0")) == "gm0345"
    assert name_of(bytes(32)) == name_of(b"") == ""
    assert name_of(b"\xff" * 16 + bytes(16)) == "0x" + 16 * "ff"
    assert name_of(b"\xff" * 32) == "0x" + 32 * "ff"


# Questions to a node


@contextmanager
def answering(answer: Callable[[Any], Any]) -> Iterator[str]:
    """A node that answers a whole request at once, also one of many questions."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps(answer(asked)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://user:secret@127.0.0.1:{server.server_address[1]}/key?secret"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def echo(one: Any) -> Any:
    return {"jsonrpc": "2.0", "id": one["id"], "result": one["params"][0]}


def test_answers_come_in_the_order_of_the_questions() -> None:
    with answering(lambda asked: [echo(one) for one in asked][::-1]) as url:
        node = Node(url)
        assert list(node.ask_all([("echo", [number]) for number in range(500)])) == list(range(500))
        assert "secret" not in node.shown


@pytest.mark.parametrize("most", [1, 3, 64])
def test_a_node_that_takes_few_questions_at_once_is_asked_few(most: int) -> None:
    def answer(asked: Any) -> Any:
        if isinstance(asked, list) and len(asked) > most:
            return {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "batch too large"}}
        return [echo(one) for one in asked] if isinstance(asked, list) else echo(asked)

    with answering(answer) as url:
        assert list(Node(url).ask_all([("echo", [number]) for number in range(90)])) == list(range(90))


def test_a_refusal_is_an_answer() -> None:
    with answering(lambda asked: {"id": asked["id"], "error": {"message": "missing trie node"}}) as url:
        with pytest.raises(Refusal, match="missing trie node"):
            Node(url).ask("echo", 1)
        (one,) = Node(url).ask_all([("echo", [1])])
        assert isinstance(one, Refusal)


@pytest.mark.parametrize(
    "answer",
    [
        lambda asked: 7,
        lambda asked: [],
        lambda asked: [echo(asked[0]), echo(asked[0])],
        lambda asked: [echo(one) for one in asked[:-1]],
        lambda asked: [{**echo(one), "id": "0x1"} for one in asked],
        lambda asked: [{"id": one["id"]} for one in asked],
        lambda asked: ["x", "y"],
    ],
)
def test_nonsense_is_no_answer(answer: Callable[[Any], Any]) -> None:
    with answering(answer) as url, pytest.raises(ChainError, match="does not answer as a node does") as caught:
        list(Node(url).ask_all([("echo", [1]), ("echo", [2])]))
    assert "secret" not in str(caught.value)


def test_what_must_be_numbers_bytes_and_objects_are() -> None:
    assert (quantity("0x1f"), data("0x0102"), fields({"a": 1})) == (31, b"\1\2", {"a": 1})
    for read, values in (
        (quantity, (None, 7, "7", "0xzz", "0x" + "f" * 80, [])),
        (data, (None, 7, "12", "0x1", "0xzz")),
        (fields, (None, [], "x")),
    ):
        for one in values:
            with pytest.raises(ChainError):
                read(one)  # type: ignore[operator]
    with pytest.raises(ChainError):
        data("0x01", 32)
