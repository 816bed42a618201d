"""A register with many acts, on an Anvil chain that ends with the run."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from eth_abi.abi import encode

from benchmarks.gas.throwaway import ThrowawayKey, throwaway_keys
from registry.audit import Node
from registry.audit.abi import FUNCTIONS, Act
from registry.audit.digests import NOTHING, Digests, act_hash, approval_hash
from registry.chain import Register, connect, deploy
from registry.errors import ChainError
from registry.keys import development_signer
from registry.localnet import development_account, development_role, running
from registry.model import Founder, Mandate
from registry.organisations import FOOD_VALLEY
from registry.statements import organisation_word

_SINCE = 1_767_225_600  # 1 January 2026
_AT_A_TIME = 100


@dataclass(frozen=True, slots=True)
class Filled:
    """The register, the node that serves it, and how many acts it has."""

    url: str
    register: Register
    acts: int


@contextmanager
def filled(acts: int, say: Callable[[str], None]) -> Iterator[Filled]:
    """A council of eight, and so many acts: agreements of two, of which every fourth is amended twice."""
    with running("anvil", start=Path.cwd(), environ=os.environ) as local, tempfile.TemporaryDirectory() as folder:
        chain = connect(local.url, 60)

        def account(role: str) -> str:
            return development_account(development_role(role)).address

        founders = [Founder(one, account(f"{one}:admin")) for one in FOOD_VALLEY]
        carrier = development_signer("carrier", chain.client_version, local.url, chain.chain_id)
        deployment, _ = deploy(chain, founders, carrier, Path(folder))
        register = deployment.register(chain)
        keys = dict(zip(FOOD_VALLEY, islice(throwaway_keys(), len(FOOD_VALLEY)), strict=True))
        for organisation, key in keys.items():
            admin = development_signer(f"{organisation}:admin", chain.client_version, local.url, chain.chain_id)
            register.appoint(Mandate(key.address, organisation, _SINCE), admin)
        node = Node(local.url)
        node.ask("evm_setAutomine", False)
        digests = Digests(chain.chain_id, register.address)
        waiting: list[str] = []
        for number, calldata in enumerate(_calls(acts, digests, keys), 1):
            waiting.append(calldata)
            if len(waiting) == _AT_A_TIME or number == acts:
                _mine(node, register.address, account("carrier"), waiting)
                say(f"{number:,} of {acts:,} acts recorded")
                waiting.clear()
        node.close()
        yield Filled(local.url, register, acts)


def _calls(acts: int, digests: Digests, keys: dict[str, ThrowawayKey]) -> Iterator[str]:
    """Calldata of ``record``, one for each act."""
    names = list(FOOD_VALLEY)
    made = 0
    number = 0
    while made < acts:
        first, second = names[number % 8], names[(number + 1 + number // 8 % 7) % 8]
        parties = sorted((first, second))
        words = tuple(organisation_word(one) for one in parties)
        act = Act(NOTHING, NOTHING, number.to_bytes(32), words, _SINCE, 0, 0, 0)
        act = act._replace(dossier=(number + 1).to_bytes(32))
        history: list[Act] = []
        for step in range(3 if number % 4 == 0 else 1):
            if step:
                identity = act_hash(history[0]) if step == 1 else act.agreement
                before = act_hash(act)
                act = act._replace(agreement=identity, previous=before, dossier=(step << 128 | number + 1).to_bytes(32))
            if made < acts:
                yield _record(act, history[:1], digests, [keys[one] for one in parties])
                made += 1
            history = [act]
        number += 1


def _record(act: Act, history: Sequence[Act], digests: Digests, signers: Sequence[ThrowawayKey]) -> str:
    declared = FUNCTIONS["record"]
    digest = digests.of(approval_hash(act_hash(act), NOTHING))
    values = [act, list(history), [one.sign(digest) for one in signers], []]
    return "0x" + (declared.digest[:4] + encode([one.canonical for one in declared.members], values)).hex()


def _mine(node: Node, register: str, carrier: str, waiting: Sequence[str]) -> None:
    fields = {"from": carrier, "to": register, "gas": hex(250_000)}
    sent = list(node.ask_all([("eth_sendTransaction", [{**fields, "data": one}]) for one in waiting]))
    node.ask("evm_mine")
    last = node.ask("eth_getTransactionReceipt", sent[-1])
    if not isinstance(last, dict) or last.get("status") != "0x1":
        raise ChainError(f"an act was not recorded: {last}")
