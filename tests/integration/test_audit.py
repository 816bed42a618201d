"""The audit on real chains: clean histories, and everything that was planted in one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from audits import EDE, RHENEN, VEENENDAAL, Scribe, audited
from audits import _signed_on_chain as signed_on_chain
from audits import _wallets as wallets
from world import ROOT, Answer, Call, HangUp, Region, account, as_it_was, node

from registry.audit import AuditReport, Basis, Check, Node, audit
from registry.audit.abi import EVENTS
from registry.audit.digests import call_data
from registry.errors import ChainError, DeploymentError, UsageError
from registry.model import Action
from registry.statements import hash_act, hash_motion

pytestmark = pytest.mark.long

Forward = Callable[[Call], Answer]
NOBODY_SIGNS = "0x" + 20 * "ab"


@pytest.fixture(scope="module")
def history(a_bit_of_everything: Region) -> Region:
    return a_bit_of_everything


def rules(report: AuditReport) -> set[tuple[Check, str]]:
    return {(one.check, one.rule) for one in report.deviations}


def test_a_bit_of_everything_holds(history: Region) -> None:
    report = audited(history)
    assert report.deviations == ()
    assert report.unchecked == ()
    assert set(report.events) == set(EVENTS), "every event occurs in the history"
    assert all(report.tally(one).checked for one in Check if one is not Check.INDEX)
    assert all(report.bases[one] for one in Basis)
    assert report.fingerprint == history.register.fingerprint()
    assert (report.block, report.block_time) == history.chain.latest()
    assert report.block_hash == history.chain.block_hash(report.block)
    assert 0 < report.recovery_share < 1
    assert json.loads(json.dumps(report.to_json()))["holds"] is True


def test_calls_are_found_in_calldata_where_the_node_does_not_trace(ganache_region: Region) -> None:
    with as_it_was(ganache_region) as region:
        signed_on_chain(Scribe.of(region))
        wallets(Scribe.of(region))
        report = audited(region)
    assert report.deviations == ()
    assert report.bases[Basis.WALLET] == 1
    ((check, count),) = [(one.check, one.count) for one in report.unchecked]
    assert (check, count) == (Check.CALLS, 4), "one by one: a proposal, an act, and two in a batch"


def test_earlier_signatures_can_be_left_alone(history: Region) -> None:
    whole = audited(history)
    middle = history.deployment.block + 40
    report = audited(history, signed_from=middle, at_block=whole.block - 5)
    assert report.deviations == ()
    assert (report.signed_from, report.block) == (middle, whole.block - 5)
    assert 0 < report.tally(Check.SIGNATURES).checked < whole.tally(Check.SIGNATURES).checked
    assert report.fingerprint == history.register.fingerprint(whole.block - 5)
    assert report.tally(Check.FINGERPRINT).checked > 40, "what went before is replayed all the same"
    (left,) = report.unchecked
    assert left.check is Check.CALLS
    assert left.count > 30
    with pytest.raises(UsageError, match="the audit ends at"):
        audited(history, signed_from=whole.block + 1)


# Lying nodes


@contextmanager
def lying(region: Region, hook: Callable[[Call, Answer], Answer]) -> Iterator[str]:
    """A node that answers as the true one does, but for what the hook makes of it."""

    def answer(asked: Call, forward: Forward) -> Answer:
        return hook(asked, forward(asked))

    with node(answer, behind=region.url) as url:
        yield url


def topic(name: str) -> str:
    return "0x" + EVENTS[name].digest.hex()


def on_logs(change: Callable[[list[Any]], list[Any]]) -> Callable[[Call, Answer], Answer]:
    def hook(asked: Call, answer: Answer) -> Answer:
        if asked["method"] == "eth_getLogs":
            answer["result"] = change(answer["result"])
        return answer

    return hook


def first(logs: list[Any], name: str) -> int:
    return next(at for at, one in enumerate(logs) if one["topics"][0] == topic(name))


def test_an_omitted_event_is_noticed_by_the_fingerprint(history: Region) -> None:
    blocks = []

    def omit(logs: list[Any]) -> list[Any]:
        at = first(logs, "Recorded")
        blocks.append(int(logs[at]["blockNumber"], 16))
        return logs[:at] + logs[at + 1 :]

    with lying(history, on_logs(omit)) as url:
        report = audited(history, url, quick=True)
    where = [one for one in report.deviations if one.check is Check.STORAGE and one.rule == "head"]
    assert (Check.ACTS, "wrong-predecessor") in rules(report), "the next act of the agreement follows nothing"
    assert where == [], "the next act is the head all the same"
    # The block has no event any more; the next block with one tells.
    (told,) = [one for one in report.deviations if one.check is Check.FINGERPRINT]
    assert told.rule == "another-fingerprint"
    assert told.block == blocks[0] + 1


def test_a_node_without_any_event_is_not_believed(history: Region) -> None:
    with lying(history, on_logs(lambda logs: [])) as url:
        report = audited(history, url)
    assert rules(report) == {
        (Check.COUNCIL, "no-founding"),
        (Check.STORAGE, "fingerprint"),
        (Check.STORAGE, "voters"),
    }


def test_a_forged_event_is_noticed_by_its_transaction_and_the_fingerprint(history: Region) -> None:
    def forge(logs: list[Any]) -> list[Any]:
        at = first(logs, "SignatoryAppointed")
        forged = json.loads(json.dumps(logs[at]))
        forged["topics"][2] = "0x" + "00" * 12 + NOBODY_SIGNS[2:]
        forged["logIndex"] = hex(int(forged["logIndex"], 16) + 1)
        return [*logs[: at + 1], forged, *logs[at + 1 :]]

    with lying(history, on_logs(forge)) as url:
        report = audited(history, url)
    forged = [one for one in report.deviations if one.rule == "no-call"]
    assert [one.check for one in forged] == [Check.CALLS]
    fingerprint = next(one for one in report.deviations if one.check is Check.FINGERPRINT)
    assert forged[0].block == fingerprint.block
    assert (forged[0].transaction, forged[0].log_index) != (None, None)
    assert (Check.STORAGE, "mandate-of") in rules(report)


def test_a_changed_event_is_noticed_by_its_hash(history: Region) -> None:
    def change(logs: list[Any]) -> list[Any]:
        one = logs[first(logs, "Recorded")]
        dossier = 3 + 2  # words: three offsets, then agreement and previous
        start = 2 + 64 * dossier
        one["data"] = one["data"][:start] + "ee" * 32 + one["data"][start + 64 :]
        return logs

    with lying(history, on_logs(change)) as url:
        report = audited(history, url)
    wrong = {one.check for one in report.deviations}
    assert wrong == {Check.HASHES, Check.CALLS, Check.ACTS}
    assert report.deviations[0].subject == next(one.subject for one in report.deviations if one.check is Check.HASHES)


def test_garbage_for_an_event_is_named_and_ends_nothing(history: Region) -> None:
    def spoil(logs: list[Any]) -> list[Any]:
        logs[first(logs, "Recorded")]["data"] = "0x1234"
        logs[first(logs, "ServiceAnnounced")]["topics"][0] = "0x" + "77" * 32
        logs[first(logs, "Approved")]["address"] = NOBODY_SIGNS
        return [*logs, logs[-1]]

    with lying(history, on_logs(spoil)) as url:
        report = audited(history, url)
    found = [one.rule for one in report.deviations if one.check is Check.EVENTS]
    assert sorted(found) == ["foreign-log", "log-order", "unreadable-log", "unreadable-log"]


def test_a_wrong_head_in_an_answer_is_noticed(history: Region) -> None:
    (agreement, *_) = [one.act_hash for one in history.register.events() if type(one).__name__ == "Recorded"]
    asked_for = call_data("head", ["bytes32"], [agreement])

    def hook(asked: Call, answer: Answer) -> Answer:
        if asked["method"] == "eth_call" and asked["params"][0]["data"] == asked_for:
            answer["result"] = "0x" + "99" * 32
        return answer

    with lying(history, hook) as url:
        report = audited(history, url, quick=True)
    (one,) = report.deviations
    assert (one.check, one.rule, one.agreement) == (Check.STORAGE, "head", agreement)
    assert "laatste handeling" in one.message


def test_another_fingerprint_is_named_with_its_block_only(history: Region) -> None:
    asked_for, block = call_data("fingerprint"), history.deployment.block + 30

    def hook(asked: Call, answer: Answer) -> Answer:
        params = asked["params"]
        if asked["method"] == "eth_call" and params[0]["data"] == asked_for and params[1] == hex(block):
            answer["result"] = "0x" + "99" * 32
        return answer

    with lying(history, hook) as url:
        report = audited(history, url, quick=True)
    assert [one.block for one in report.deviations if one.check is Check.FINGERPRINT] == [block, block + 1]


def test_another_block_than_its_events_name_is_noticed(history: Region) -> None:
    block = history.deployment.block + 30

    def hook(asked: Call, answer: Answer) -> Answer:
        if asked["method"] == "eth_getBlockByNumber" and asked["params"][0] == hex(block):
            answer["result"] |= {"hash": "0x" + "99" * 32, "transactions": []}
        return answer

    with lying(history, hook) as url:
        report = audited(history, url)
    assert rules(report) == {
        (Check.BLOCKS, "block-hash"),
        (Check.BLOCKS, "block-parent"),
        (Check.BLOCKS, "transaction-place"),
    }
    assert {one.block for one in report.deviations} == {block, block + 1}


def test_a_signature_that_was_changed_is_somebody_elses(history: Region) -> None:
    event = next(one for one in history.register.events() if type(one).__name__ == "Recorded")

    def hook(asked: Call, answer: Answer) -> Answer:
        if asked["method"] == "eth_getTransactionByHash" and asked["params"] == ["0x" + event.place.transaction.hex()]:
            # The last word of the calldata is that of the decisions; before it stand two signatures.
            given = answer["result"]["input"]
            answer["result"]["input"] = given[: -64 * 2] + "11" * 32 + given[-64:]
        return answer

    with lying(history, hook) as url:
        report = audited(history, url)
    (one,) = report.deviations
    assert (one.check, one.rule) == (Check.SIGNATURES, "not-signed-by")
    assert one.transaction == event.place.transaction
    assert one.subject == event.act_hash


def test_a_node_without_old_state_is_said_so(history: Region) -> None:
    latest = history.chain.latest()[0]

    def hook(asked: Call, answer: Answer) -> Answer:
        if asked["method"] in ("eth_call", "eth_getCode") and asked["params"][-1] != hex(latest):
            return {"jsonrpc": "2.0", "id": asked["id"], "error": {"code": -32000, "message": "missing trie node"}}
        return answer

    with lying(history, hook) as url:
        report = audited(history, url)
    assert report.deviations == ()
    missed = {one.check: one.count for one in report.unchecked}
    assert missed == {
        Check.FINGERPRINT: report.tally(Check.BLOCKS).checked and len(_blocks(history)) - 1,
        Check.SIGNATURES: 1,
    }


def _blocks(region: Region) -> set[int]:
    return {one.place.block for one in region.register.events()}


def test_a_node_that_limits_ranges_and_does_not_trace_is_put_up_with(history: Region) -> None:
    def hook(asked: Call, forward: Forward) -> Answer:
        refused = {"jsonrpc": "2.0", "id": asked["id"], "error": {"code": -32005, "message": "too many results"}}
        if asked["method"] == "debug_traceTransaction":
            return refused
        if asked["method"] == "eth_getLogs":
            query = asked["params"][0]
            if int(query["toBlock"], 16) - int(query["fromBlock"], 16) > 20:
                return refused
        return forward(asked)

    with node(hook, behind=history.url) as url:
        report = audited(history, url)
    assert report.deviations == ()
    assert [(one.check, one.count) for one in report.unchecked] == [(Check.CALLS, 4)]
    assert report.fingerprint == history.register.fingerprint()


def test_a_node_that_falls_silent_or_talks_nonsense_ends_it_with_a_sentence(history: Region) -> None:
    def silent(asked: Call, forward: Forward) -> Answer:
        if asked["method"] == "eth_getTransactionByHash":
            raise HangUp
        return forward(asked)

    with node(silent, behind=history.url) as url, pytest.raises(ChainError, match="does not answer any more"):
        audited(history, url)
    for raw in (b"<html>", b"[]", b"null", b'{"jsonrpc": "2.0", "id": 0}', b'{"id": 0, "result": "zes"}', b"7" * 5000):
        with node(raw=raw) as url, pytest.raises(ChainError):
            audited(history, url)


def test_a_chain_that_changes_meanwhile_ends_it(history: Region) -> None:
    latest = hex(history.chain.latest()[0])

    def hook(asked: Call, answer: Answer) -> Answer:
        if asked["method"] == "eth_getBlockByNumber" and asked["params"][0] == latest:
            answer["result"]["hash"] = "0x" + "99" * 32
        return answer

    with lying(history, hook) as url, pytest.raises(ChainError, match="changed while the audit ran"):
        audited(history, url)


def test_blocks_and_contracts_that_are_not_there_are_refused(history: Region) -> None:
    latest = history.chain.latest()[0]
    with pytest.raises(UsageError, match=f"there is no block {latest + 1}"):
        audited(history, at_block=latest + 1)
    with pytest.raises(UsageError, match="after block 0"):
        audited(history, at_block=0)
    with pytest.raises(DeploymentError, match="no contract"):
        audit(Node(history.url), NOBODY_SIGNS, 0)


# A contract that lets something through


@pytest.fixture(scope="module")
def loosened(history: Region) -> tuple[Scribe, AuditReport, dict[str, bytes]]:
    """Another register on that chain, of a contract that was changed: what was let through, and the audit of it."""
    scribe = Scribe.of_loosened(history)
    sound = scribe.record(scribe.act(EDE, VEENENDAAL, what="zoals het hoort"))
    intruded = scribe.record(scribe.act(RHENEN, VEENENDAAL, what="door een vreemde"), by=("stranger", VEENENDAAL))
    scribe.send(scribe.record_calldata(sound))
    hasty = scribe.decide(scribe.motion(Action.RECOVER, EDE, administrator=account("stranger")))
    scribe.register.enact(hasty, scribe.signer("carrier"))
    asked = Node(history.url)
    report = audit(asked, scribe.register.address, scribe.register.from_block)
    asked.close()
    subjects = {"sound": hash_act(sound), "intruded": hash_act(intruded), "hasty": hash_motion(hasty)}
    return scribe, report, subjects


def test_another_code_is_named_first_and_ends_nothing(loosened: Any) -> None:
    scribe, report, _ = loosened
    assert (report.deviations[0].check, report.deviations[0].rule) == (Check.CODE, "another-code")
    assert scribe.register.address in report.deviations[0].message
    assert report.tally(Check.STORAGE).checked > 50


def test_a_signature_without_mandate_is_named_with_its_act(loosened: Any) -> None:
    _, report, subjects = loosened
    found = [one for one in report.deviations if one.subject == subjects["intruded"]]
    assert {(one.check, one.rule) for one in found} == {
        (Check.MANDATES, "no-mandate"),
        (Check.APPROVALS, "approvals-missing"),
    }
    assert account("stranger").lower()[:12] in found[0].message
    assert all(one.block and one.transaction for one in found)
    assert {one.organisation for one in found} == {"", RHENEN}


def test_an_act_that_was_recorded_twice_is_named(loosened: Any) -> None:
    _, report, subjects = loosened
    found = [one for one in report.deviations if one.subject == subjects["sound"]]
    assert [(one.check, one.rule) for one in found] == [(Check.ACTS, "recorded-twice")]


def test_a_veto_period_that_was_not_waited_out_is_named(loosened: Any) -> None:
    _, report, subjects = loosened
    found = [one for one in report.deviations if one.subject == subjects["hasty"]]
    assert [(one.check, one.rule) for one in found] == [(Check.COUNCIL, "veto-period")]
    assert "veto" in found[0].message
    assert len(report.deviations) == 5


# The command


def test_command_prints_what_it_checked(command_on: Any, history: Region) -> None:
    ran = command_on("audit")
    assert ran.code == 0
    assert "✔ Alles klopt tot en met blok" in ran.out
    assert "0x" + history.register.fingerprint().hex() in ran.out
    assert "EIP-1271" in ran.out
    for one in Check:
        assert (one.dutch in ran.out) == (one is not Check.INDEX), one
    missing = command_on("audit", "--index")
    assert missing.code == 1
    assert "there is no index" in missing.text


def test_command_gives_a_document(command_on: Any, history: Region) -> None:
    early = history.deployment.block + 25
    found = command_on("audit", "--json", "--from-block", early, "--at-block", early + 9).json
    assert found["holds"] is True
    assert (found["fromBlock"], found["signedFrom"], found["block"]) == (history.deployment.block, early, early + 9)
    assert {one["check"] for one in found["checks"]} == {one.value for one in Check}


def test_command_goes_on_after_another_code(command_on: Any, loosened: Any) -> None:
    scribe, report, subjects = loosened
    ran = command_on("audit", "--register", scribe.register.address)
    assert ran.code == 1
    assert f"{len(report.deviations)} afwijkingen" in ran.out
    assert "0x" + subjects["intruded"].hex() in ran.out
    assert ran.out.index("another-code") < ran.out.index("no-mandate")


def test_ctrl_c_ends_it_with_a_sentence(history: Region, tmp_path: Path) -> None:
    reached, done = threading.Event(), threading.Event()

    def slow(asked: Call, forward: Forward) -> Answer:
        if asked["method"] == "eth_getLogs":
            reached.set()
            done.wait(20)
            raise HangUp
        return forward(asked)

    with node(slow, behind=history.url) as url:
        environment = {**os.environ, "FOODVALLEY_NODE": url, "FOODVALLEY_DEPLOYMENTS": str(history.folder)}
        command = [sys.executable, "-c", "from registry.cli import main; main()", "audit", "--no-index"]
        ran = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=-1, stderr=-1, text=True)
        assert reached.wait(30)
        ran.send_signal(signal.SIGINT)
        _, said = ran.communicate(timeout=20)
        done.set()
    assert ran.returncode == 130
    assert "Stopped." in said
    assert "Traceback" not in said
