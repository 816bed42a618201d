"""The neighbours with one way of doing it each: Safe, the document store, the tutorial, and the floor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eth_utils.address import to_checksum_address
from web3.types import TxReceipt

from benchmarks.gas import code
from benchmarks.gas.bench import PARTIES, Bench, Cost, digest, gas_of, require
from benchmarks.gas.code import Code
from registry.keys import Signer

_NOBODY = to_checksum_address("0x" + "00" * 20)
_TITLE = "Dienstverleningsovereenkomst Veenendaal–Renswoude 2026"
_DOCUMENT = "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"  # the form of an IPFS address, as tutorials keep them


def measure_floor(bench: Bench, own: Mapping[str, Code]) -> Cost:
    """One slot that was empty and an event of four words."""
    bench.say("the floor")
    floor = bench.deploy(own["Floor"])
    agreement, *rest = (digest(f"floor {number}") for number in range(4))
    receipt = bench.send(floor.functions.note(agreement, *rest), bench.carrier)
    require(floor.functions.noted(agreement).call() == rest[0], "a slot that is filled")
    require(len(receipt["logs"]) == 1, "one event")
    return Cost("floor", "floor: one slot, one event", {2: receipt["gasUsed"]}, note="no rule at all")


def measure_document_store(bench: Bench) -> Cost:
    """One issuer, one hash."""
    bench.say("the document store")
    issuer = bench.signer("gm0345")
    store = bench.deploy(code.document_store(), "Veenendaal", issuer.address)
    for number in range(2):  # the second is what everybody pays who has issued before
        document = digest(f"document {number}")
        bench.require_refused("a stranger who issues", store.functions.issue(document), bench.signer("stranger"))
        receipt = bench.send(store.functions.issue(document), issuer)
        require(store.functions.isIssued(document).call(), "a document that is issued")
    gas = {2: receipt["gasUsed"]}
    return Cost("document-store", "OpenAttestation document store", gas, quorum=False, note="one issuer, one hash")


def measure_tutorial(bench: Bench, own: Mapping[str, Code]) -> Cost:
    """Propose, and a signature of each party in a transaction of its own."""
    bench.say("the tutorial")
    registry = bench.deploy(own["Tutorial"])
    gas = {}
    _tutorial(bench, registry, 2)
    for parties in PARTIES:
        gas[parties] = gas_of(_tutorial(bench, registry, parties))
    return Cost("tutorial", "registry as in tutorials", gas, "n+1", quorum=True, note="text and arrays in storage")


def _tutorial(bench: Bench, registry: Any, parties: int) -> list[TxReceipt]:
    signers = bench.signers(parties)
    addresses = [one.address for one in signers]
    receipts = [bench.send(registry.functions.propose(_TITLE, _DOCUMENT, addresses), signers[0])]
    number = registry.functions.agreementCount().call()
    concluded = len(registry.functions.getAgreement(number).call()) - 1
    bench.require_refused("a stranger who signs", registry.functions.sign(number), bench.signer("stranger"))
    for signer in signers:
        require(not registry.functions.getAgreement(number).call()[concluded], "no agreement while a party is missing")
        receipts.append(bench.send(registry.functions.sign(number), signer))
    require(registry.functions.getAgreement(number).call()[concluded], "an agreement once everybody signed")
    return receipts


def measure_safe(bench: Bench, own: Mapping[str, Code]) -> list[Cost]:
    """A Safe of all parties that makes the floor note the agreement; founding the Safe is not counted."""
    bench.say("Safe")
    floor = bench.deploy(own["Floor"])
    singleton = bench.deploy(code.safe("Safe"))
    factory = bench.deploy(code.safe("proxies/SafeProxyFactory"))
    approved, signed = {}, {}
    for parties in PARTIES:
        safe = _found_safe(bench, singleton, factory, bench.signers(parties))
        _execute(bench, safe, floor, parties, 0, on_chain=False)  # from the second time on its nonce is no new slot
        approved[parties] = gas_of(_execute(bench, safe, floor, parties, 1, on_chain=True))
        signed[parties] = gas_of(_execute(bench, safe, floor, parties, 2, on_chain=False))
    note = "one Safe per set of parties"
    return [
        Cost("safe-approve", "Safe, approveHash", approved, "n+1", quorum=True, note=note),
        Cost("safe-sign", "Safe, n signatures", signed, "1", quorum=True, note=note),
    ]


def _found_safe(bench: Bench, singleton: Any, factory: Any, owners: Sequence[Signer]) -> Any:
    addresses = [one.address for one in owners]
    arguments = [addresses, len(addresses), _NOBODY, b"", _NOBODY, _NOBODY, 0, _NOBODY]
    call = factory.functions.createProxyWithNonce(singleton.address, singleton.encode_abi("setup", arguments), 0)
    receipt = bench.send(call, bench.carrier)
    created = next(log for log in receipt["logs"] if log["address"] == factory.address)
    safe = bench.at(code.safe("Safe"), to_checksum_address(created["topics"][1][12:]))
    require(safe.functions.getThreshold().call() == len(owners), "a Safe that needs all its owners")
    return safe


def _execute(bench: Bench, safe: Any, floor: Any, parties: int, number: int, *, on_chain: bool) -> list[TxReceipt]:
    agreement, *rest = (digest(f"safe of {parties}, {number}, {part}") for part in range(4))
    data = floor.encode_abi("note", [agreement, *rest])
    action = [floor.address, 0, data, 0, 0, 0, 0, _NOBODY, _NOBODY]
    owners = sorted(bench.signers(parties), key=lambda one: int(one.address, 16))
    nonce = safe.functions.nonce().call()
    identity = safe.functions.getTransactionHash(*action, nonce).call()
    if on_chain:
        receipts = [bench.send(safe.functions.approveHash(identity), one) for one in owners[:-1]]
        signatures = [bytes.fromhex(one.address[2:]).rjust(32, b"\0") + bytes(32) + b"\1" for one in owners]
        early = safe.functions.execTransaction(*action, b"".join(signatures))
        bench.require_refused("a Safe transaction that one owner did not approve", early, bench.carrier)
        receipts.append(bench.send(safe.functions.approveHash(identity), owners[-1]))
    else:
        receipts = []
        document = _safe_document(bench, safe, action, nonce)
        signatures = [one.sign_typed_data(document) for one in owners]
        early = safe.functions.execTransaction(*action, b"".join(signatures[1:]))
        bench.require_refused("a Safe transaction that one owner did not sign", early, bench.carrier)
    receipts.append(bench.send(safe.functions.execTransaction(*action, b"".join(signatures)), bench.carrier))
    require(floor.functions.noted(agreement).call() == rest[0], "a Safe transaction that was executed")
    return receipts


def _safe_document(bench: Bench, safe: Any, action: Sequence[Any], nonce: int) -> dict[str, Any]:
    signed = (
        "to address,value uint256,data bytes,operation uint8,safeTxGas uint256,baseGas uint256,gasPrice uint256,"
        "gasToken address,refundReceiver address,nonce uint256"
    )
    members = [one.split() for one in signed.split(",")]
    return {
        "types": {
            "EIP712Domain": [{"name": "chainId", "type": "uint256"}, {"name": "verifyingContract", "type": "address"}],
            "SafeTx": [{"name": name, "type": kind} for name, kind in members],
        },
        "primaryType": "SafeTx",
        "domain": {"chainId": bench.chain.chain_id, "verifyingContract": safe.address},
        "message": {name: value for (name, _), value in zip(members, [*action, nonce], strict=True)},
    }
