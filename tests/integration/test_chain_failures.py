"""What a contract refuses and what a node does wrong, each as an error that says so."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account
from ledgers import after, digest_of
from world import DAY, FOOD_VALLEY, Answer, Call, Desk, HangUp, Region, account, node, refusal

from registry.carried import CarriedMotion, CarriedProposal
from registry.chain import Register, connect
from registry.errors import ChainError, RefusedError, RegistryError, UnknownOutcomeError
from registry.keys import Signer
from registry.model import NO_HASH, Act, Action, Approval, Mandate, Motion
from registry.service import Service, sign_approval
from registry.statements import hash_act

pytestmark = pytest.mark.long

Forward = Callable[[Call], Answer]


def act_between(*parties: str, since: int, dossier: str = "dossier", **terms: int) -> Act:
    return Act(dossier=digest_of(dossier), parties=tuple(sorted(parties)), valid_from=since, **terms)


class Bench:
    """Everything that a refusal needs at hand."""

    def __init__(self, region: Region) -> None:
        self.region, self.register = region, region.register
        self.carrier = region.signer("carrier")
        self.act = act_between("gm0339", "gm0345", since=region.now())

    def sign(self, act: Act, *roles: str, decision: bytes = NO_HASH) -> list[Approval]:
        proposal = CarriedProposal(self.register.domain, act)
        return [sign_approval(proposal, self.region.signer(role), decision) for role in roles]

    def record(self, act: Act, *history: Act, by: tuple[str, ...] | None = None) -> None:
        self.register.record(act, history, self.sign(act, *(act.parties if by is None else by)), self.carrier)


@pytest.fixture
def bench(either_region: Region) -> Bench:
    return Bench(either_region)


def test_contract_refusals_about_approvals_say_who(bench: Bench) -> None:
    act, register, carrier = bench.act, bench.register, bench.carrier
    one, two = bench.sign(act, *act.parties)
    with refusal("ApprovalsMissing", "gemeente Veenendaal (gm0345) has not approved: 0 of the 1"):
        register.record(act, (), [one], carrier)
    with refusal("ApprovalsMissing", "1 of the 2 approvals"):
        bench.record(act, by=("gm0339", "gm0345:2"))
    with refusal("ApprovalNotRequired", account("gm0228"), "gemeente Ede (gm0228)"):
        bench.record(act, by=("gm0228", "gm0339", "gm0345"))
    with refusal("NoMandate", account("stranger"), "is a signatory of no organisation"):
        bench.record(act, by=("stranger", "gm0345"))
    with refusal("NotApproved", account("gm0339")):
        register.record(act, (), [replace(one, signature=None), two], carrier)
    with refusal("InvalidSignature", "is not a signature"):
        register.record(act, (), [replace(one, signature=b"\xff" * 32 + (one.signature or b"")[32:]), two], carrier)
    pairs = bench.sign(act, "gm0339:2", "gm0339")
    bench.region.appoint("gm0339", "gm0339", together=2)
    falling = sorted(pairs, key=lambda approval: -int(approval.signatory, 16))
    with refusal("ApprovalsNotAscending", "out of order"):
        register.record(act, (), [*falling, two], carrier)
    with refusal("NotSignedBy", account("gm0345")):
        register.approve_for(replace(one, signatory=account("gm0345")), hash_act(act), carrier)


def test_contract_refusals_about_mandates_say_whose(bench: Bench) -> None:
    region, register = bench.region, bench.register
    admin, now = region.signer("gm0345:admin"), region.now()
    with refusal(
        "NotAdministrator", account("gm0339:admin"), "is not the administrator of gemeente Veenendaal (gm0345)"
    ):
        register.appoint(Mandate(account("stranger"), "gm0345", now), region.signer("gm0339:admin"))
    with refusal("MandatedElsewhere", account("gm0339"), "gemeente Renswoude (gm0339)"):
        register.appoint(Mandate(account("gm0339"), "gm0345", now), admin)
    with refusal("InvalidMandate", account("stranger")):
        register.appoint(Mandate(account("stranger"), "gm0345", now, now - DAY), admin)
    with refusal("NotSignatory", account("stranger"), "gemeente Veenendaal (gm0345)"):
        register.dismiss("gm0345", account("stranger"), admin)
    region.appoint("gm0345", "stranger", valid_until=now + DAY)
    region.appoint("gm0345", "stranger", valid_from=now + 2 * DAY)
    with refusal("MandateNotInForce", account("stranger"), "UTC until no end"):
        register.approve(hash_act(bench.act), region.signer("stranger"))
    region.appoint("gm0345", "stranger", valid_from=2**40 - 1)
    with refusal("MandateNotInForce", "unix second 1099511627775"):
        register.approve(hash_act(bench.act), region.signer("stranger"))


def test_contract_refusals_about_the_act_say_what(bench: Bench) -> None:
    act, register, now = bench.act, bench.register, bench.region.now()
    unordered = replace(act, parties=("gm0345", "gm0339"))
    for name, wrong, history in [
        ("PartiesNotAscending", unordered, ()),
        ("TooFewParties", replace(act, parties=("gm0345",)), ()),
        ("NoDossier", replace(act, dossier=NO_HASH), ()),
        ("InvalidPeriod", replace(act, valid_until=act.valid_from), ()),
        ("NotConcluding", replace(act, agreement=hash_act(act)), ()),
        ("NotConcluding", act, (act,)),
        ("WrongPredecessor", after(act), (act,)),
        ("DeadlinePassed", replace(act, deadline=now - 1), ()),
    ]:
        with refusal(name):
            register.required_for(wrong, history)
    bench.record(act)
    with refusal("AlreadyRecorded", "0x" + hash_act(act).hex()):
        register.required_for(act, ())
    with refusal("HistoryTooShort"):
        second = after(act, valid_from=now + DAY)
        bench.record(second, act)
        register.required_for(after(second, valid_from=now), (second,))
    with refusal("HistoryTooLong"):
        register.required_for(after(second, valid_from=now + 2 * DAY), (second, act))
    end = after(second, parties=(), valid_from=now + 2 * DAY)
    bench.record(end, second, by=second.parties)
    with refusal("AgreementEnded", "was ended"):
        register.required_for(after(end, parties=second.parties), (end,))
    other = act_between("gm0339", "gm0345", since=now, dossier="anders")
    register.decline(other, (), bench.region.signer("gm0339"))
    with refusal("ActDeclined", "0x" + hash_act(other).hex()):
        bench.record(other)


def test_contract_refusals_about_motions_say_what(bench: Bench) -> None:
    register, carrier, deadline = bench.register, bench.carrier, bench.region.now() + DAY
    stranger, admin = account("stranger"), account("pv26:admin")

    def decide(motion: Motion, *organisations: str) -> None:
        carried = CarriedMotion(register.domain, motion)
        approvals = [sign_approval(carried, bench.region.signer(one)) for one in organisations]
        register.decide(motion, organisations, approvals, carrier)

    expulsion = Motion(Action.EXPEL, "pv26", deadline)
    for name, sentence, motion in [
        ("AlreadyMember", "provincie Utrecht (pv26) takes part", Motion(Action.ADMIT, "pv26", deadline, admin)),
        ("AlreadyMember", "another administrator", Motion(Action.ADMIT, "pv26", deadline, stranger, votes=True)),
        ("NoAdministrator", "pv20) has no administrator", Motion(Action.ADMIT, "pv20", deadline)),
        ("NotMember", "provincie Groningen (pv20) does not", replace(expulsion, organisation="pv20")),
        ("NotMember", "pv20) does not", Motion(Action.SUCCEED, "pv26", deadline, successor="pv20")),
        ("InvalidMotion", "says more than it needs", replace(expulsion, votes=True)),
        ("InvalidMotion", "what cannot be", Motion(Action.SUCCEED, "pv26", deadline, successor="pv26")),
        ("InvalidMotion", "what cannot be", Motion(Action.RECOVER, "pv26", deadline, admin)),
        ("MotionExpired", "had to be decided by 2026-01-01", replace(expulsion, deadline=1_767_225_600)),
    ]:
        with refusal(name, sentence):
            decide(motion, *FOOD_VALLEY[:5])
    with refusal("NoMajority", "4 of the 8 voting members approve"):
        decide(expulsion, *FOOD_VALLEY[:4])
    with refusal("NotVoting", "provincie Gelderland (pv25) has no vote"):
        decide(expulsion, *FOOD_VALLEY[:5], "pv25")
    with refusal("OrganisationsNotAscending", "gemeente Scherpenzeel (gm0279)"):
        decide(expulsion, *FOOD_VALLEY[4::-1])
    with refusal("NotPending", "does not wait"):
        register.enact(expulsion, carrier)
    with refusal("NotPending", "does not wait"):
        register.veto("pv26", NO_HASH, bench.region.signer("pv26:admin"))


def test_key_without_funds_hears_so_and_a_refusal_first(bench: Bench) -> None:
    poor = _Poor()
    with pytest.raises(RefusedError, match="the key has no funds to pay the fee") as caught:
        bench.register.record(bench.act, (), bench.sign(bench.act, *bench.act.parties), poor)
    assert "--offline" in (caught.value.hint or "")
    with refusal("NoMandate"):
        bench.register.approve(hash_act(bench.act), poor)


class _Poor:
    """A key that nobody gave anything."""

    def __init__(self) -> None:
        self._account = Account.create()

    @property
    def address(self) -> Any:
        return self._account.address

    def sign_typed_data(self, typed_data: Any) -> bytes:
        return bytes(self._account.sign_typed_data(full_message=dict(typed_data)).signature)

    def sign_transaction(self, transaction: Any) -> bytes:
        return bytes(self._account.sign_transaction(dict(transaction)).raw_transaction)


def test_transaction_that_is_not_mined_has_an_unknown_outcome(region: Region) -> None:
    act = act_between("gm0339", "gm0345", since=region.now())
    region.ask("evm_setAutomine", False)
    try:
        hurried = Register(connect(region.url, 0.3), region.deployment.address)
        with pytest.raises(UnknownOutcomeError, match=r"was sent, and not mined within 0\.3 seconds") as caught:
            hurried.propose(act, region.signer("gm0345"))
        assert caught.value.exit_code == 3
        assert hurried.events() == region.register.events()
        region.ask("evm_mine")
        receipt = region.ask("eth_getTransactionReceipt", caught.value.transaction_hash)
        assert receipt["status"] == "0x1"
    finally:
        region.ask("evm_setAutomine", True)


def proxied(region: Region, url: str, timeout_seconds: float = 5) -> Register:
    return Register(connect(url, timeout_seconds), region.deployment.address, region.deployment.block)


@pytest.mark.parametrize("silent", ["eth_sendRawTransaction", "eth_getTransactionReceipt"])
def test_node_that_falls_silent_after_sending_leaves_an_unknown_outcome(region: Region, silent: str) -> None:
    seen: list[Call] = []

    def hook(call: Call, forward: Forward) -> Answer:
        answer = forward(call)
        if call["method"] == silent:
            seen.append(call)
            raise HangUp
        return answer

    act = act_between("gm0339", "gm0345", since=region.now())
    with node(hook, region.url) as url:
        register = proxied(region, url)
        with pytest.raises(UnknownOutcomeError, match="was sent, and the node") as caught:
            register.propose(act, region.signer("gm0345"))
    receipt = region.ask("eth_getTransactionReceipt", caught.value.transaction_hash)
    assert receipt["status"] == "0x1", "it arrived all the same"
    assert len(seen) == 1, "and was sent once"


def test_refusal_in_the_block_itself_is_told(region: Region) -> None:
    """Somebody else records the same act between the check and the block."""
    bench = Bench(region)
    register = bench.register

    def hook(call: Call, forward: Forward) -> Answer:
        if call["method"] == "eth_sendRawTransaction":
            bench.record(bench.act)
        return forward(call)

    signed = bench.sign(bench.act, *bench.act.parties)
    with node(hook, region.url) as url:
        late = proxied(region, url)
        with pytest.raises(ChainError, match="reverted there") as caught:
            late.record(bench.act, (), signed, region.signer("stranger"))
    assert "try again" in (caught.value.hint or "")
    assert register.head(hash_act(bench.act)) == hash_act(bench.act)


def test_nobody_listening_is_said_at_once() -> None:
    with node(lambda call, forward: {}) as url:
        pass
    started = time.monotonic()
    with pytest.raises(ChainError, match="no node answers at that address"):
        connect(url)
    assert time.monotonic() - started < 3


def test_node_that_hangs_up_is_a_chain_error() -> None:
    def hook(call: Call, forward: Forward) -> Answer:
        raise HangUp

    with node(hook) as url, pytest.raises(ChainError, match="connecting to"):
        connect(url)


def test_secrets_in_the_address_are_never_shown(region: Region) -> None:
    def secret(url: str) -> str:
        return url.replace("http://", "http://user:hunter2@") + "/v3/apikey?token=abc"

    with node(lambda call, forward: forward(call), region.url) as url:
        assert connect(secret(url)).url == url
    with node(raw=b"no") as url, pytest.raises(ChainError) as caught:
        connect(secret(url))
    assert not any(word in str(caught.value.to_json()) for word in ("hunter2", "apikey", "token"))


def result(value: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 0, "result": value}).encode()


NONSENSE = [
    b"",
    b"<html>hello</html>",
    b"\xff\xfe\x00",
    b"null",
    b"[]",
    b"5",
    b'"text"',
    b"{}",
    b'{"jsonrpc": "2.0", "id": 0}',
    b'{"jsonrpc": "2.0", "id": 0, "error": "boom"}',
    b'{"jsonrpc": "2.0", "id": 0, "error": {"code": -32000, "message": "boom"}}',
    b'{"jsonrpc": "2.0", "id": 0, "error": {"code": 1, "message": null}}',
    b'{"jsonrpc": "2.0", "id": 0, "error": null}',
    result(None),
    result("many"),
    result({}),
    result([]),
    result("0x"),
    result(5),
]


@pytest.mark.parametrize("answer", NONSENSE)
def test_nonsense_on_connecting_is_a_chain_error(answer: bytes) -> None:
    with node(raw=answer) as url, pytest.raises(ChainError) as caught:
        connect(url)
    assert caught.value.exit_code == 3


def test_server_that_is_no_node_is_a_chain_error() -> None:
    with node(raw=b"not found", status=404) as url, pytest.raises(ChainError, match="connecting to"):
        connect(url)


# A number is no nonsense; nor is any code, which is compared with the deployment's.
HARMLESS: list[tuple[str, object]] = [("eth_blockNumber", 5), ("eth_getCode", "0x"), ("eth_getCode", [])]
HARMLESS += [("eth_getCode", 5)]

METHODS = ["eth_getBlockByNumber", "eth_getLogs", "eth_call", "eth_getCode", "eth_blockNumber"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("value", [None, "many", {}, [], "0x", [None], [{}], {"number": "x"}, 5])
def test_nonsense_later_on_is_an_error_that_says_so(region: Region, desk: Desk, method: str, value: object) -> None:
    def hook(call: Call, forward: Forward) -> Answer:
        answer = forward(call)
        return answer | {"result": value} if call["method"] == method else answer

    errors: list[RegistryError] = []
    with node(hook, region.url) as url:
        register = proxied(region, url)
        for ask in (
            Service(register, desk.service.store).view,
            lambda: register.chain.code(region.deployment.address),
            lambda: register.chain.block_hash(1),
            lambda: register.member_of("gm0345"),
            lambda: register.mandate_of(account("gm0345")),
        ):
            try:
                ask()
            except RegistryError as error:  # not every question meets every method
                errors.append(error)
    assert errors or (method, value) in HARMLESS
    assert {type(one) for one in errors} <= {ChainError}


def test_ranges_of_blocks_are_halved_until_the_node_is_content(region: Region) -> None:
    ranges: list[tuple[int, int]] = []

    def hook(call: Call, forward: Forward) -> Answer:
        if call["method"] == "eth_getLogs":
            first, last = (int(call["params"][0][key], 16) for key in ("fromBlock", "toBlock"))
            if last - first >= 4:
                error = {"code": -32005, "message": "query returned more than 10000 results"}
                return {"jsonrpc": "2.0", "id": call["id"], "error": error}
            ranges.append((first, last))
        return forward(call)

    with node(hook, region.url) as url:
        assert proxied(region, url).events() == region.register.events()
    blocks = [block for first, last in ranges for block in range(first, last + 1)]
    assert blocks == list(range(region.deployment.block, region.chain.latest()[0] + 1))
    assert len(ranges) > 3


def test_node_that_refuses_any_range_is_given_up(region: Region) -> None:
    def hook(call: Call, forward: Forward) -> Answer:
        if call["method"] == "eth_getLogs":
            return {"jsonrpc": "2.0", "id": call["id"], "error": {"code": -32601, "message": "not supported"}}
        return forward(call)

    with node(hook, region.url) as url, pytest.raises(ChainError, match="not supported"):
        proxied(region, url).events()


def dropped(logs: list[Any]) -> list[Any]:
    return [*logs[:3], *logs[4:]]


def swapped(logs: list[Any]) -> list[Any]:
    one, two, *rest = logs
    return [one | {"data": two["data"]}, two | {"data": one["data"]}, *rest]


def garbled(logs: list[Any]) -> list[Any]:
    return [logs[0] | {"data": logs[0]["data"][:40]}, *logs[1:]]


def unknown(logs: list[Any]) -> list[Any]:
    return [logs[0] | {"topics": ["0x" + "77" * 32]}, *logs[1:]]


def renamed(logs: list[Any]) -> list[Any]:
    topics = [logs[0]["topics"][0], "0x" + b"no organisation!".ljust(32).hex()]
    return [logs[0] | {"topics": topics}, *logs[1:]]


@pytest.mark.parametrize(
    ("lie", "message"),
    [
        (dropped, "do not add up to the register's fingerprint"),
        (swapped, "do not add up"),
        (lambda logs: logs[:-1], "do not add up"),
        (lambda logs: [], "do not add up"),
        (lambda logs: [*logs, logs[-1]], "do not add up"),
        (garbled, "holds a MemberAdmitted event that cannot be read"),
        (unknown, "holds an event that this version of the register does not know"),
        (renamed, "cannot be read"),
    ],
)
def test_node_that_lies_about_events_is_caught(
    region: Region, desk: Desk, lie: Callable[[list[Any]], list[Any]], message: str
) -> None:
    def hook(call: Call, forward: Forward) -> Answer:
        answer = forward(call)
        return answer | {"result": lie(answer["result"])} if call["method"] == "eth_getLogs" else answer

    with node(hook, region.url) as url:
        service = Service(proxied(region, url), desk.service.store)
        with pytest.raises(ChainError, match=message):
            service.view()


def test_dev_signers_are_typed_as_signers(region: Region) -> None:
    signer: Signer = region.signer("carrier")
    assert signer.address == account("carrier")
