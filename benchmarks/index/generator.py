"""A chain with a history as a region makes it in many years: agreements, what becomes of them, and who may sign.

Agreements of two to eight parties are proposed, approved one by one on chain, and recorded; some are declined. A third
of the acts follow an earlier one: other dates, another party, one party less, or the end. In between mandates are
renewed, services announced and progress reported. Everything goes through the contract by transactions of its own; only
the waiting between blocks is left out. Nothing in one block depends on another transaction of that block, so that the
order in which the chain takes them does not matter.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import requests
from eth_utils.crypto import keccak

from registry import keys, localnet
from registry.chain import Register, connect, deploy
from registry.chain.encode import act_tuple, report_tuple
from registry.chain.laying import calldata
from registry.errors import ChainError
from registry.localnet import running
from registry.localnet.engines import BLOCK_GAS_LIMIT
from registry.model import NO_HASH, Act, Founder, Report, Stage
from registry.organisations import FOOD_VALLEY
from registry.statements import commitment_id, hash_act, hash_report, organisation_word

ORGANISATIONS = (*FOOD_VALLEY, "pv25", "pv26")
DAY = 86_400
NEW_IN_A_BLOCK = 5  # which makes some 20 transactions, for most of them go on for three blocks
_GAS = 900_000
_MOST_FOR_GAS = 10**11
_LOOK_AT = 50


@dataclass
class History:
    """What is going on: which acts wait for whom, and what each agreement came to."""

    register: Register
    now: int
    chance: random.Random
    events: int = 0
    _next: list[tuple[str, str, int]] = field(default_factory=list)
    _waiting: list[tuple[Act, Act | None, list[str]]] = field(default_factory=list)
    _heads: list[Act] = field(default_factory=list)
    _busy: set[bytes] = field(default_factory=set)
    _reports: dict[tuple[bytes, str], bytes] = field(default_factory=dict)
    _reported: set[tuple[bytes, str]] = field(default_factory=set)
    _made: int = 0

    def __post_init__(self) -> None:
        self._accounts = {one.text: _address(one.text) for one in localnet.DEVELOPMENT_ROLES}

    def block(self) -> list[dict[str, str]]:
        """The transactions of one block: what follows from those before, and the first steps of something new."""
        self._plan()
        now, self._next = self._next, []
        self.events += sum(count for *_, count in now)
        return [
            {"from": self._accounts[who], "to": self.register.address, "data": data, "gas": hex(_GAS)}
            for who, data, _ in now
        ]

    def _plan(self) -> None:
        self._reported.clear()
        waiting, self._waiting = self._waiting, []
        for act, head, missing in waiting:
            self._go_on(act, head, missing)
        for _ in range(NEW_IN_A_BLOCK):
            what = self.chance.random()
            if what < 0.8:
                self._propose()
            elif what < 0.88:
                self._renew()
            elif what < 0.9:
                self._announce()
            else:
                self._report()

    def _call(self, who: str, events: int, function: str, *arguments: Any) -> None:
        self._next.append((who, "0x" + calldata(function, arguments).hex(), events))

    def _propose(self) -> None:
        self._made += 1
        free = [one for one in self._heads[-400:] if _agreement(one) not in self._busy]
        head = self.chance.choice(free) if free and self.chance.random() < 0.35 else None
        act = self._new() if head is None else self._following(head)
        required = sorted({*act.parties, *(head.parties if head else ())})
        if head is not None:
            self._busy.add(_agreement(head))
        first = self.chance.choice(required)
        self._call(first, 2, "propose", act_tuple(act), NO_HASH)
        self._waiting.append((act, head, [one for one in required if one != first]))

    def _new(self) -> Act:
        count = self.chance.choice((2, 2, 2, 3, 3, 4, 5, 8))
        parties = tuple(sorted(self.chance.sample(ORGANISATIONS, count)))
        since = self.now + self.chance.randint(-60, 300) * DAY
        until = since + self.chance.randint(1, 8) * 365 * DAY if self.chance.random() < 0.4 else 0
        return Act(keccak(text=f"dossier {self._made}"), parties, since, until)

    def _following(self, head: Act) -> Act:
        since = head.valid_from + self.chance.randint(0, 200) * DAY
        told: dict[str, Any] = {"agreement": _agreement(head), "previous": hash_act(head), "valid_from": since}
        told["valid_until"] = since + 900 * DAY if head.valid_until else 0
        what = self.chance.random()
        parties = set(head.parties)
        if what < 0.2:
            parties.add(self.chance.choice(ORGANISATIONS))
        elif what < 0.35 and len(parties) > 2:
            parties.remove(self.chance.choice(head.parties))
        elif what < 0.45:
            parties = set()
        dossier = keccak(text=f"dossier {self._made}")
        return replace(head, dossier=dossier, parties=tuple(sorted(parties)), **told)

    def _go_on(self, act: Act, head: Act | None, missing: list[str]) -> None:
        history = [act_tuple(head)] if head else []
        act_hash = hash_act(act)
        if missing and self.chance.random() < 0.015:
            self._call(missing[0], 1, "decline", act_tuple(act), history, keccak(text="reden"))
            self._end(act, head)
            return
        for one in missing:
            self._call(one, 1, "approve", act_hash, NO_HASH)
        if missing:
            self._waiting.append((act, head, []))
            return
        required = sorted({*act.parties, *(head.parties if head else ())})
        standing = [(NO_HASH, bytes.fromhex(self._accounts[one][2:]).rjust(32, b"\0")) for one in required]
        self._call("carrier", 1, "record", act_tuple(act), history, standing, [])
        self._end(act, head)
        if not act.ends:
            self._heads.append(act)

    def _end(self, act: Act, head: Act | None) -> None:
        if head is not None:
            self._busy.discard(_agreement(head))
            if not act.concludes and head in self._heads[-400:]:
                self._heads.remove(head)

    def _renew(self) -> None:
        organisation = self.chance.choice(ORGANISATIONS)
        until = self.now + self.chance.randint(2_000, 4_000) * DAY
        word, decision = organisation_word(organisation), keccak(text=f"besluit {self._made}")
        second = self._accounts[f"{organisation}:2"]
        self._call(f"{organisation}:admin", 1, "appoint", word, second, self.now - DAY, until, 1, decision)

    def _announce(self) -> None:
        organisation = self.chance.choice(ORGANISATIONS)
        service = f"https://register.{organisation}.example/{self.chance.randint(1, 9)}"
        self._call(f"{organisation}:admin", 1, "announce", organisation_word(organisation), service)

    def _report(self) -> None:
        possible = [one for one in self._heads[-300:-100] if one.holds_at(self.now)]
        if not possible:
            return
        act = self.chance.choice(possible)
        if _agreement(act) in self._busy:
            return
        organisation = self.chance.choice(act.parties)
        key = (_agreement(act), organisation)
        if key in self._reported:
            return
        self._reported.add(key)
        commitment = commitment_id(key[0], "T1")
        stage = self.chance.choice(list(Stage))
        report = Report(key[0], commitment, organisation, stage, NO_HASH, self._reports.get(key, NO_HASH))
        self._reports[key] = hash_report(report)
        nobody = (NO_HASH, bytes.fromhex(self._accounts[organisation][2:]).rjust(32, b"\0"))
        self._call(organisation, 1, "report", report_tuple(report), [act_tuple(act)], nobody)


def _agreement(act: Act) -> bytes:
    return hash_act(act) if act.concludes else act.agreement


def _address(role: str) -> str:
    return localnet.development_account(localnet.development_role(role)).address


class Filler:
    """Sends the transactions, many to a request, and mines them block by block."""

    def __init__(self, url: str, crowded: bool = True) -> None:
        self._url = url
        self._crowded = crowded
        self._session = requests.Session()
        self._session.trust_env = False  # looks for a proxy anew for each request
        self._nonces: dict[str, int] = {}

    def ask(self, calls: list[tuple[str, list[Any]]]) -> list[Any]:
        """The results of these calls, in one request."""
        told = [{"jsonrpc": "2.0", "id": one, "method": m, "params": p} for one, (m, p) in enumerate(calls)]
        answers = self._session.post(self._url, data=json.dumps(told), headers=_JSON, timeout=300).json()
        by_id = {one["id"]: one for one in answers}
        wrong = next((one["error"] for one in answers if "error" in one), None)
        if wrong is not None:
            raise ChainError(f"the chain of the benchmark refused a call: {wrong}")
        return [by_id[one]["result"] for one in range(len(calls))]

    def fill(self, history: History, events: int, say: Callable[[str], None]) -> None:
        """Mines blocks until there are so many events; ChainError if a transaction of them was reverted."""
        room = BLOCK_GAS_LIMIT if self._crowded else _GAS
        self.ask([("evm_setAutomine", [False]), ("evm_setBlockGasLimit", [hex(room)])])
        told = steps = 0
        while history.events < events:
            sent = self._mine(history.block())
            steps += 1
            if steps % _LOOK_AT == 1 or history.events >= events:
                self._require_success(sent)
            if history.events - told >= 10_000:
                told = history.events
                say(f"{told:,} events on chain")
        self.ask([("evm_setAutomine", [True]), ("evm_setBlockGasLimit", [hex(BLOCK_GAS_LIMIT)])])

    def _mine(self, calls: list[dict[str, str]]) -> list[str]:
        """Has the node take these in one block, or in one each, where no block has room for the gas of two.

        The node works on the calls of one request at the same time: so they are numbered here, and what they offer
        says in which order they come.
        """
        offers = range(len(calls), 0, -1)
        told = [self._numbered(one) | _offering(offer) for one, offer in zip(calls, offers, strict=True)]
        sent: list[str] = self.ask([("eth_sendTransaction", [one]) for one in told])
        self.ask([("anvil_mine", [hex(1 if self._crowded else len(calls))])])
        return sent

    def _numbered(self, call: dict[str, str]) -> dict[str, str]:
        who = call["from"]
        if who not in self._nonces:
            self._nonces[who] = int(self.ask([("eth_getTransactionCount", [who, "latest"])])[0], 16)
        self._nonces[who] += 1
        return {**call, "nonce": hex(self._nonces[who] - 1)}

    def _require_success(self, sent: list[str]) -> None:
        receipts = self.ask([("eth_getTransactionReceipt", [one]) for one in sent])
        wrong = [one for one in receipts if one is None or one["status"] != "0x1"]
        if wrong:
            raise ChainError(f"{len(wrong)} of {len(sent)} transactions of the benchmark failed: {wrong[0]}")


def _offering(tip: int) -> dict[str, str]:
    return {"maxFeePerGas": hex(_MOST_FOR_GAS), "maxPriorityFeePerGas": hex(tip)}


_JSON = {"Content-Type": "application/json"}


@contextmanager
def chain_with(
    events: int, seed: int, say: Callable[[str], None], *, crowded: bool = False, old_states: bool = True
) -> Iterator[tuple[str, Register]]:
    """A chain with at least so many events of one register, for the time of the block; its address.

    Each transaction has a block to itself, as on a chain with a block every few seconds; ``crowded`` puts some twenty
    in each, as if a year were one afternoon. Without ``old_states`` the chain knows of each block what happened in it,
    and how things stood only of the latest: with many blocks that is filled in a fraction of the time.
    """
    forget = () if old_states else ("--prune-history",)
    # Anvil hashes all its state anew for each block, unless it is the fork of another chain, here of an empty one.
    with (
        running("anvil") as empty,
        running("anvil", options=("--fork-url", empty.url, *forget)) as local,
        tempfile.TemporaryDirectory() as folder,
    ):
        register = _founded(local.url, Path(folder))
        history = History(register, register.chain.latest()[1], random.Random(seed))
        history.events = len(ORGANISATIONS) * 3
        Filler(local.url, crowded).fill(history, events, say)
        yield local.url, register


def _founded(url: str, folder: Path) -> Register:
    chain = connect(url)

    def signer(role: str) -> keys.Signer:
        return keys.development_signer(role, chain.client_version, url, chain.chain_id)

    founders = [Founder(one, _address(f"{one}:admin"), one in FOOD_VALLEY) for one in ORGANISATIONS]
    deployment, _ = deploy(chain, founders, signer("carrier"), folder)
    register = deployment.register(chain)
    since = chain.latest()[1] - 400 * DAY
    filler = Filler(url)
    for one in ORGANISATIONS:
        for role, together in ((one, 1), (f"{one}:2", 2)):
            arguments = [organisation_word(one), _address(role), since, 0, together, NO_HASH]
            data = "0x" + calldata("appoint", arguments).hex()
            call = {"from": _address(f"{one}:admin"), "to": register.address, "data": data, "gas": hex(_GAS)}
            filler.ask([("eth_sendTransaction", [call])])
    return register
