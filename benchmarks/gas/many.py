"""Many parties: one agreement of all 342 municipalities in one transaction, and how many more a block has room for.

Not every organisation is founded by the constructor of the one register: the code that creates a contract may have
49,152 bytes (EIP-3860), arguments included, and hundreds of founders do not fit. So registers of a hundred founders
each are deployed, and what the constructors of the others stored of their members is copied into the first. Nothing
else is copied: mandates are given by ``appoint`` as always, and ``record`` finds nothing that it would not find had all
been founded at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from hexbytes import HexBytes

from benchmarks.gas.bench import START, YEAR, Bench, digest, require
from benchmarks.gas.throwaway import ThrowawayKey, throwaway_keys
from registry.chain import Deployment, Register, deploy
from registry.chain.artifact import register_artifact
from registry.chain.encode import act_tuple
from registry.chain.failures import translated
from registry.errors import ChainError
from registry.model import Act, Founder
from registry.statements import hash_act, organisation_word

BLOCK_GAS_LIMIT = 30_000_000
MUNICIPALITIES = 342  # of the Netherlands, in 2026
STEP = 10

_PER_REGISTER = 100
_PER_REQUEST = 200
_PER_BLOCK = 140  # each may use 200,000 gas


@dataclass
class Crowd:
    """A register with as many organisations as are asked for, each with one signatory."""

    bench: Bench
    register: Register
    deployment: Deployment
    keys: list[ThrowawayKey] = field(default_factory=list)
    made: int = 0
    _more: Iterator[ThrowawayKey] = field(default_factory=throwaway_keys)

    def grow(self, size: int) -> None:
        """Founds and appoints until there are so many."""
        founded = -(-len(self.keys) // _PER_REGISTER) * _PER_REGISTER
        for first in range(max(founded, _PER_REGISTER), size, _PER_REGISTER):
            self.bench.say(f"many parties: {first + _PER_REGISTER:,} organisations")
            _copy_members(self.bench, _found(self.bench, first), self.deployment)
        newcomers = range(len(self.keys), size)
        self.keys += islice(self._more, len(newcomers))
        self._appoint(newcomers)

    def gas_of(self, parties: int) -> int | None:
        """Gas of one agreement between so many, in a block of its own; None if the block has no room for it."""
        self.grow(parties)
        self.bench.say(f"many parties: an agreement of {parties:,}")
        self.made += 1
        names = tuple(_organisation(number) for number in range(parties))
        act = Act(digest(f"everybody {self.made}"), names, START, notice=YEAR)
        identity = hash_act(act)
        signed = self.register.hash_approval(identity)
        approvals = [one.sign(signed) for one in self.keys[:parties]]
        contract = self.bench.chain.web3.eth.contract(address=self.deployment.address, abi=register_artifact().abi)
        data = contract.encode_abi("record", [act_tuple(act), [], approvals, []])
        receipt = self._send_whole_block(data)
        require(receipt["status"] == 1 or receipt["gasUsed"] > BLOCK_GAS_LIMIT * 0.98, "gas as the only obstacle")
        if receipt["status"] != 1:
            return None
        require(self.register.head(identity) == identity, f"an agreement of {parties}")
        return int(receipt["gasUsed"])

    def _send_whole_block(self, data: str) -> Mapping[str, Any]:
        """A transaction that may use all the gas of a block."""
        chain, carrier = self.bench.chain, self.bench.carrier
        block = chain.web3.eth.get_block("latest")
        require(block["gasLimit"] == BLOCK_GAS_LIMIT, f"blocks of {BLOCK_GAS_LIMIT:,} gas")
        transaction = {
            "to": self.deployment.address,
            "data": data,
            "gas": BLOCK_GAS_LIMIT,
            "nonce": chain.web3.eth.get_transaction_count(carrier.address),
            "chainId": chain.chain_id,
            "value": 0,
            **chain.fees(),
        }
        sent = chain.web3.eth.send_raw_transaction(HexBytes(carrier.sign_transaction(transaction)))
        return chain.receipt(bytes(sent))

    def _appoint(self, newcomers: Sequence[int]) -> None:
        """A mandate for each signatory, given by its administrator, in whose name Anvil lets us act."""
        contract = self.bench.chain.web3.eth.contract(address=self.deployment.address, abi=register_artifact().abi)
        _ask_all(self.bench, [("anvil_setBalance", [_administrator(number), hex(10**18)]) for number in newcomers])
        calls: list[tuple[str, list[Any]]] = []
        for number in newcomers:
            word = organisation_word(_organisation(number))
            arguments = [word, self.keys[number].address, START, 0, 1, bytes(32)]
            call = {"from": _administrator(number), "to": contract.address, "gas": hex(200_000)}
            calls.append(("eth_sendTransaction", [{**call, "data": contract.encode_abi("appoint", arguments)}]))
        # In few blocks: with one for each, Anvil would copy all that there is for each.
        self.bench.ask("evm_setAutomine", False)
        sent = []
        for first in range(0, len(calls), _PER_BLOCK):
            sent += _ask_all(self.bench, calls[first : first + _PER_BLOCK])
            self.bench.ask("evm_mine")
        self.bench.ask("evm_setAutomine", True)
        receipts = _ask_all(self.bench, [("eth_getTransactionReceipt", [one]) for one in sent])
        require(all(one and int(one["status"], 16) for one in receipts), "mandates that were given")


@dataclass(frozen=True, slots=True)
class Many:
    """What was found: gas at 342 parties, and the largest number that fits, to the step, with its gas."""

    gas: int | None
    largest: int
    largest_gas: int
    tried: Mapping[int, int | None]


def measure(bench: Bench) -> Many:
    """One agreement of 342 parties, and then larger ones until a block has no room."""
    bench.ask("anvil_autoImpersonateAccount", True)
    deployment = _found(bench, 0)
    crowd = Crowd(bench, deployment.register(bench.chain), deployment)
    tried: dict[int, int | None] = {}

    def fits(parties: int) -> bool:
        tried[parties] = crowd.gas_of(parties)
        return tried[parties] is not None

    fits(MUNICIPALITIES)
    # Two more points say where the limit must lie; what counts is tried.
    points = [(one, gas) for one in _sizes() if fits(one) and (gas := tried[one]) is not None]
    guess = _guess([(MUNICIPALITIES, tried[MUNICIPALITIES] or 0), *points])
    while not fits(guess):
        guess -= STEP
    while guess + STEP not in tried and fits(guess + STEP):
        guess += STEP
    return Many(tried[MUNICIPALITIES], guess, tried[guess] or 0, tried)


def _sizes() -> tuple[int, int]:
    return 2 * MUNICIPALITIES, 4 * MUNICIPALITIES


def _guess(points: Sequence[tuple[int, int]]) -> int:
    """The largest number whose gas, on the parabola through three points, stays within the limit; in steps."""
    (a, gas_a), (b, gas_b), (c, gas_c) = points
    first = (gas_b - gas_a) / (b - a)
    second = ((gas_c - gas_b) / (c - b) - first) / (c - a)
    size = c
    while gas_a + first * (size - a) + second * (size - a) * (size - b) <= BLOCK_GAS_LIMIT:
        size += STEP
    return size // STEP * STEP - STEP


def _found(bench: Bench, first: int) -> Deployment:
    numbers = range(first, first + _PER_REGISTER)
    founders = [Founder(_organisation(number), _administrator(number)) for number in numbers]
    return deploy(bench.chain, founders, bench.carrier, bench.folder / f"founders-{first}")[0]


def _copy_members(bench: Bench, source: Deployment, target: Deployment) -> None:
    """Copies what the constructor stored there into each slot that is empty here; the fingerprint is not."""
    options = {"tracer": "prestateTracer", "tracerConfig": {"diffMode": True}}
    after = bench.ask("debug_traceTransaction", source.transaction, options)["post"]
    stored: Mapping[str, str] = next(
        account["storage"] for address, account in after.items() if int(address, 16) == int(source.address, 16)
    )
    here = _ask_all(bench, [("eth_getStorageAt", [target.address, slot, "latest"]) for slot in stored])
    empty = [slot for slot, value in zip(stored, here, strict=True) if not int(value, 16)]
    _ask_all(bench, [("anvil_setStorageAt", [target.address, slot, stored[slot]]) for slot in empty])


def _ask_all(bench: Bench, calls: Sequence[tuple[str, list[Any]]]) -> list[Any]:
    """The results of many JSON-RPC calls, in order, asked in a few requests."""
    results = []
    provider: Any = bench.chain.web3.provider
    with translated("preparing many parties"):
        for first in range(0, len(calls), _PER_REQUEST):
            for answer in provider.make_batch_request(calls[first : first + _PER_REQUEST]):
                if "error" in answer:
                    raise ChainError(f"preparing many parties: {answer['error']}")
                results.append(answer["result"])
    return results


def _organisation(number: int) -> str:
    """An identifier; ascending as the numbers do, and as long as those of municipalities."""
    return f"gm{number:04}"


def _administrator(number: int) -> ChecksumAddress:
    """An address that nobody has the key of; Anvil acts for it."""
    return to_checksum_address(keccak(text=f"administrator {number}")[12:])
