"""A connection to one node, and what chain it serves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from eth_abi.codec import ABICodec
from eth_abi.decoding import StringDecoder
from eth_abi.registry import ABIRegistry, BaseEquals
from eth_typing import ChecksumAddress
from hexbytes import HexBytes
from web3 import HTTPProvider, Web3
from web3._utils.abi import build_strict_registry
from web3.exceptions import BadResponseFormat, TimeExhausted
from web3.providers.rpc.utils import REQUEST_RETRY_ALLOWLIST, ExceptionRetryConfiguration
from web3.types import RPCEndpoint, TxReceipt

from registry.chain.failures import translated
from registry.errors import ChainError, UnknownOutcomeError, UsageError

_REQUEST_TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Chain:
    """One chain behind one node; ``url`` is shown without user name, password and query."""

    web3: Web3 = field(repr=False)
    url: str
    chain_id: int
    client_version: str
    timeout_seconds: float

    def block_hash(self, number: int) -> bytes | None:
        """Hash of a block; None if the chain is not that long."""
        with translated(f"reading block {number}"):
            if number > self.web3.eth.block_number:
                return None
            return bytes(self.web3.eth.get_block(number)["hash"])

    def latest(self) -> tuple[int, int]:
        """Number and time (unix seconds) of the latest block: the clock that the contract goes by."""
        with translated("reading the latest block"):
            block = self.web3.eth.get_block("latest")
            return int(block["number"]), int(block["timestamp"])

    def time_of(self, number: int) -> int:
        """Time of a block, unix seconds; UsageError if the chain is not that long."""
        latest, _ = self.latest()
        if not 0 <= number <= latest:
            raise UsageError(f"there is no block {number}: the latest is {latest}", hint="name an earlier block")
        with translated(f"reading block {number}"):
            return int(self.web3.eth.get_block(number)["timestamp"])

    def forward(self, seconds: int) -> tuple[int, int]:
        """Lets time pass and mines a block, on a development chain; that block's number and time."""
        with translated("letting time pass"):
            for method, params in (("evm_increaseTime", [seconds]), ("evm_mine", [])):
                self.web3.provider.make_request(RPCEndpoint(method), params)
        return self.latest()

    def code(self, address: ChecksumAddress) -> bytes:
        """The code at an address; empty if there is none."""
        with translated(f"reading the code at {address}"):
            return bytes(self.web3.eth.get_code(address))

    def receipt(self, transaction_hash: bytes) -> TxReceipt:
        """Waits until a transaction is mined, reverted or not; UnknownOutcomeError if that takes too long."""
        with translated("waiting for the transaction"):
            try:
                return self.web3.eth.wait_for_transaction_receipt(HexBytes(transaction_hash), self.timeout_seconds)
            except TimeExhausted as error:
                what = f"not mined within {self.timeout_seconds:g} seconds"
                raise unknown_outcome(transaction_hash, what) from error
            except (requests.RequestException, BadResponseFormat, ValueError) as error:
                raise unknown_outcome(transaction_hash, "the node stopped answering") from error

    def fees(self) -> Mapping[str, Any]:
        """The EIP-1559 fee fields for a transaction now, in wei."""
        with translated("reading the fee"):
            base = int(self.web3.eth.get_block("latest").get("baseFeePerGas", 0))
            priority = int(self.web3.eth.max_priority_fee)
        return {"maxFeePerGas": 2 * base + priority, "maxPriorityFeePerGas": priority}


def connect(url: str, timeout_seconds: float = 120.0) -> Chain:
    """Connects to a node; ChainError if none answers there, or not as a node does."""
    shown = _without_secrets(url)
    # A transaction is never sent twice by itself: "known already" would hide that the first one arrived.
    allowed = [method for method in REQUEST_RETRY_ALLOWLIST if method != "eth_sendRawTransaction"]
    retries = ExceptionRetryConfiguration(
        errors=(requests.HTTPError, requests.Timeout), retries=3, method_allowlist=allowed
    )
    provider = HTTPProvider(
        url, request_kwargs={"timeout": _REQUEST_TIMEOUT_SECONDS}, exception_retry_configuration=retries
    )
    web3 = Web3(provider)
    web3.codec = _codec()
    with translated(f"connecting to {shown}"):
        chain_id = web3.eth.chain_id
        client_version = web3.client_version
        if not isinstance(chain_id, int) or not isinstance(client_version, str):
            raise ChainError(f"what answers at {shown} is not an Ethereum node")
    return Chain(web3, shown, chain_id, client_version, timeout_seconds)


def unknown_outcome(transaction_hash: bytes, what: str) -> UnknownOutcomeError:
    """A transaction that left here, and of which nobody can say what became of it."""
    name = "0x" + transaction_hash.hex()
    return UnknownOutcomeError(
        name,
        f"transaction {name} was sent, and {what}",
        hint="it may still be mined: look again before sending anew (foodvalley show)",
    )


class _AnyString(StringDecoder):
    """Takes what is no UTF-8 too: else one member could announce such an address, and nobody could read on."""

    @classmethod
    def from_type_str(cls, type_str: str, registry: ABIRegistry) -> _AnyString:
        return cls(handle_string_errors="surrogateescape")


def _codec() -> ABICodec:
    registry = build_strict_registry()
    registry.unregister_decoder("string")
    registry.register_decoder(BaseEquals("string"), _AnyString, label="string")  # type: ignore[no-untyped-call]
    return ABICodec(registry)


def _without_secrets(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        # Not repeated in the message: it may hold a password.
        raise UsageError(
            "the address of the node is not a web address", hint="for example http://127.0.0.1:8545"
        ) from error
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{f':{port}' if port else ''}"
