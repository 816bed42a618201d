"""The contract under test, over plain JSON-RPC: ten times as quick as through brownie, and with errors as data."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from acts import Act
from eth_abi import decode, encode
from eth_utils import keccak
from motions import Motion
from reference_types import Event, Founder, Refused
from reports import Report

GAS = 12_000_000
GAS_PRICE = 2_000_000_000
STRUCTS: dict[str, Any] = {"act": Act, "motion": Motion, "report": Report}

Abi = Sequence[Mapping[str, Any]]


class ChainError(Exception):
    """The node does not do what a node does."""


@dataclass(frozen=True)
class Receipt:
    """What came of a transaction."""

    succeeded: bool
    timestamp: int
    block: str
    logs: tuple[Mapping[str, Any], ...]
    contract: str | None


def canonical(member: Mapping[str, Any]) -> str:
    """The type as it stands in a signature."""
    if not member["type"].startswith("tuple"):
        return str(member["type"])
    inner = ",".join(canonical(part) for part in member["components"])
    return f"({inner}){member['type'].removeprefix('tuple')}"


@dataclass
class Codec:
    """The ABI: calls to bytes, and errors and events from bytes."""

    abi: Abi
    functions: dict[str, tuple[bytes, list[str], list[str]]] = field(default_factory=dict)
    errors: dict[bytes, tuple[str, list[str]]] = field(default_factory=dict)
    events: dict[str, tuple[str, list[tuple[str, str, bool]]]] = field(default_factory=dict)
    mutators: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for item in self.abi:
            types = [canonical(member) for member in item.get("inputs", [])]
            selector = keccak(text=f"{item.get('name')}({','.join(types)})")
            if item["type"] == "function":
                returned = [canonical(member) for member in item["outputs"]]
                self.functions[item["name"]] = (selector[:4], types, returned)
                if item["stateMutability"] == "nonpayable":
                    self.mutators.append(item["name"])
            elif item["type"] == "error":
                self.errors[selector[:4]] = (item["name"], types)
            elif item["type"] == "event":
                members = [
                    (member["name"], kind, member["indexed"])
                    for member, kind in zip(item["inputs"], types, strict=True)
                ]
                self.events["0x" + selector.hex()] = (item["name"], members)

    def call(self, function: str, arguments: Sequence[Any]) -> bytes:
        selector, types, _ = self.functions[function]
        return selector + encode(types, arguments)

    def returned(self, function: str, data: bytes) -> Any:
        values = decode(self.functions[function][2], data)
        return values[0] if len(values) == 1 else values or None

    def refusal(self, data: bytes) -> Refused:
        """The error behind the data of a revert; also one that a wallet passes on."""
        if data[:4] == keccak(text="CallFailed(bytes)")[:4]:
            return self.refusal(decode(["bytes"], data[4:])[0])
        if data[:4] not in self.errors:
            return Refused("unknown error", data)
        name, types = self.errors[data[:4]]
        return Refused(name, *decode(types, data[4:]))

    def event(self, log: Mapping[str, Any]) -> Event:
        name, members = self.events[log["topics"][0]]
        plain = iter(decode([kind for _, kind, indexed in members if not indexed], unhex(log["data"])))
        topics = iter(log["topics"][1:])
        values: dict[str, Any] = {}
        for member, kind, indexed in members:
            value = decode([kind], unhex(next(topics)))[0] if indexed else next(plain)
            values[member] = STRUCTS[member](*value) if member in STRUCTS else value
        return Event(name, values)


class Chain:
    """A local chain whose time is set from outside. Anvil and Ganache."""

    def __init__(self, url: str, engine: str) -> None:
        self.url, self.engine = url, engine
        self._connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=120)
        self.chain_id = int(self.ask("eth_chainId"), 16)

    def ask(self, method: str, *params: Any) -> Any:
        return self._result(self._post({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}))

    def ask_all(self, method: str, params: Sequence[Sequence[Any]]) -> list[Any]:
        """Many questions at once; answers in the same order."""
        asked = [{"jsonrpc": "2.0", "id": place, "method": method, "params": each} for place, each in enumerate(params)]
        answers = sorted(self._post(asked), key=lambda answer: answer["id"])
        return [self._result(answer, raises=False) for answer in answers]

    def now(self) -> int:
        return int(self.ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    def set_time(self, moment: int) -> None:
        """The time of the next block."""
        if self.engine == "anvil":
            self.ask("evm_setNextBlockTimestamp", moment)
        else:
            self.ask("evm_setTime", moment * 1000)

    def mine(self, moment: int) -> int:
        """An empty block; returns its time, which is what calls see from then on."""
        self.set_time(moment)
        if self.engine == "anvil":
            self.ask("evm_mine")
        else:
            self.ask("evm_mine", moment)
        return self.now()

    def deploy(self, sender: str, code: bytes) -> Receipt:
        return self._send({"from": sender, "data": "0x" + code.hex()})

    def send(self, sender: str, contract: str, data: bytes) -> Receipt:
        return self._send({"from": sender, "to": contract, "data": "0x" + data.hex()})

    def call(self, sender: str, contract: str | None, data: bytes, block: str = "latest") -> bytes:
        """Raises Reverted with the data of the revert."""
        call = {"from": sender, "data": "0x" + data.hex(), "gas": hex(GAS)}
        if contract:
            call["to"] = contract
        return unhex(self.ask("eth_call", call, block))

    def call_all(self, contract: str, calls: Sequence[bytes]) -> list[bytes | Reverted]:
        params = [[{"to": contract, "data": "0x" + data.hex()}, "latest"] for data in calls]
        return [
            answer if isinstance(answer, Reverted) else unhex(answer) for answer in self.ask_all("eth_call", params)
        ]

    def storage_root(self, contract: str) -> str:
        """One hash over all that the contract stores."""
        return str(self.ask("eth_getProof", contract, [], "latest")["storageHash"])

    def logs(self, contract: str) -> list[Mapping[str, Any]]:
        return list(self.ask("eth_getLogs", {"address": contract, "fromBlock": "0x0", "toBlock": "latest"}))

    def _send(self, transaction: dict[str, str]) -> Receipt:
        transaction = {**transaction, "gas": hex(GAS), "gasPrice": hex(GAS_PRICE)}
        if self.engine == "anvil":
            receipt = self.ask("eth_sendTransactionSync", transaction)
        else:
            receipt = self.ask("eth_getTransactionReceipt", self._sent(transaction))
        stamp = receipt.get("blockTimestamp")
        if stamp is None:
            stamp = int(self.ask("eth_getBlockByNumber", receipt["blockNumber"], False)["timestamp"], 16)
        contract = receipt.get("contractAddress")
        return Receipt(
            succeeded=int(receipt["status"], 16) == 1,
            timestamp=stamp if isinstance(stamp, int) else int(stamp, 16),
            block=receipt["blockNumber"],
            logs=tuple(receipt["logs"]),
            contract=contract.lower() if contract else None,
        )

    def _sent(self, transaction: dict[str, str]) -> str:
        """The hash. Ganache, as brownie starts it, tells it in an error if the transaction was mined and reverted."""
        answer = self._post({"jsonrpc": "2.0", "id": 1, "method": "eth_sendTransaction", "params": [transaction]})
        if "error" not in answer:
            return str(answer["result"])
        data = answer["error"].get("data")
        if not isinstance(data, dict) or "hash" not in data:
            raise ChainError(answer["error"])
        return str(data["hash"])

    def _post(self, body: Any) -> Any:
        self._connection.request("POST", "/", json.dumps(body), {"Content-Type": "application/json"})
        return json.loads(self._connection.getresponse().read())

    def _result(self, answer: Mapping[str, Any], *, raises: bool = True) -> Any:
        error = answer.get("error")
        if error is None:
            return answer["result"]
        data = error.get("data")
        if isinstance(data, dict):
            data = data.get("result", data.get("data"))
        if not isinstance(data, str) or "revert" not in error.get("message", ""):
            raise ChainError(error)
        reverted = Reverted(unhex(data))
        if raises:
            raise reverted
        return reverted


class Reverted(Exception):  # noqa: N818 - not an error of the test
    """A call reverted with this data."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.data = data


def unhex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def creation(bytecode: str, founders: Sequence[Founder]) -> bytes:
    """The code that founds a register."""
    return unhex(bytecode) + encode(["(bytes32,address,bool)[]"], [list(founders)])


def wallet_creation(bytecode: str, answer: int, digest: bytes, signature: bytes) -> bytes:
    return unhex(bytecode) + encode(["uint8", "bytes32", "bytes"], [answer, digest, signature])


def through_wallet(data: bytes, target: str) -> bytes:
    """The call that has a wallet make this call."""
    return keccak(text="execute(address,bytes)")[:4] + encode(["address", "bytes"], [target, data])
