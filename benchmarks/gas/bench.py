"""The chain that everything is measured on, and the few things that every measurement does with it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_typing import ChecksumAddress
from eth_utils.crypto import keccak
from web3.types import TxReceipt

from benchmarks.gas.code import Code
from registry import keys, localnet
from registry.chain import Chain, connect
from registry.chain.failures import translated
from registry.chain.register import send
from registry.errors import ChainError, RefusedError, RegistryError
from registry.keys import Signer
from registry.organisations import FOOD_VALLEY

#: Renswoude and Veenendaal; the eight municipalities of the Food Valley. Signatories ascend with their organisations.
PARTIES: Mapping[int, tuple[str, ...]] = {2: ("gm0339", "gm0345"), 8: FOOD_VALLEY}


#: 1 January 2040: later than any clock that this runs by, and the same for all, so that gas is the same each time.
START = 2_208_988_800
YEAR = 365 * 86_400


class NotDoneError(RegistryError):
    """A neighbour did not do what it was measured for, so its number would mean nothing."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one way of doing something costs: gas used, as receipts say it, by number of parties.

    ``key`` names it for machines. ``transactions`` says in words how many there are. ``quorum`` is whether the chain
    refuses, or does not regard as agreed, what not everybody approved; None where that is not a question.
    """

    key: str
    name: str
    gas: Mapping[int, int]
    transactions: str = "1"
    quorum: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bench:
    """One fresh chain; ``say`` tells the person who waits what is being done."""

    chain: Chain
    say: Callable[[str], None]
    folder: Path

    def signer(self, role: str) -> Signer:
        """The development account that plays a role: carrier, stranger, gm0345, gm0345:admin, …"""
        return keys.development_signer(role, self.chain.client_version, self.chain.url, self.chain.chain_id)

    def signers(self, parties: int) -> list[Signer]:
        """The signatories of so many parties."""
        return [self.signer(one) for one in PARTIES[parties]]

    @property
    def carrier(self) -> Signer:
        """Who pays for what nobody in particular has to send."""
        return self.signer("carrier")

    def deploy(self, code: Code, *arguments: object) -> Any:
        """The contract, on the chain; not measured."""
        factory = self.chain.web3.eth.contract(abi=code.abi, bytecode=code.bytecode)
        sent = send(self.chain, factory.constructor(*arguments), self.carrier, "deploying")
        assert sent.contract_address is not None
        return self.at(code, sent.contract_address)

    def at(self, code: Code, address: ChecksumAddress) -> Any:
        """A contract that is on the chain already."""
        return self.chain.web3.eth.contract(address=address, abi=code.abi)

    def send(self, call: Any, signer: Signer) -> TxReceipt:
        """One transaction, mined; RefusedError if the contract refuses it."""
        return self.chain.receipt(send(self.chain, call, signer, "measuring").transaction)

    def require_refused(self, what: str, call: Any, signer: Signer) -> None:
        """NotDoneError unless the contract refuses this call."""
        try:
            self.send(call, signer)
        except RefusedError:
            return
        raise NotDoneError(f"{what} was not refused")

    def ask(self, method: str, *parameters: object) -> Any:
        """The result of one JSON-RPC call that web3 has no function for."""
        provider: Any = self.chain.web3.provider
        with translated(method):
            answer = provider.make_request(method, list(parameters))
        if "error" in answer:
            raise ChainError(f"{method}: {answer['error']}")
        return answer["result"]


@contextmanager
def fresh_bench(say: Callable[[str], None]) -> Iterator[Bench]:
    """A chain for the time of the block: Anvil, as ``foodvalley chain up --engine anvil`` starts it, but empty.

    Anvil, because it can be told to act for anybody, which founding hundreds of organisations would else cost minutes
    for. Hardfork and block gas limit are those of every local chain of this project. Time begins at ``START`` and goes
    on by a second each block.
    """
    with tempfile.TemporaryDirectory(prefix="foodvalley-gas-") as scratch, localnet.running("anvil") as local:
        bench = Bench(connect(local.url), say, Path(scratch))
        bench.ask("anvil_setBlockTimestampInterval", 1)
        bench.ask("evm_setNextBlockTimestamp", START)
        yield bench


def require(holds: object, what: str) -> None:
    """NotDoneError, saying what was expected, unless it holds."""
    if not holds:
        raise NotDoneError(f"expected, and not so: {what}")


def gas_of(receipts: Sequence[TxReceipt]) -> int:
    """Gas used by all of them."""
    return sum(receipt["gasUsed"] for receipt in receipts)


def digest(text: str) -> bytes:
    """A hash for whatever needs one, always the same."""
    return keccak(text=text)
