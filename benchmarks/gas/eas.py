"""The Ethereum Attestation Service, by every route we could think of, from the obvious one to the cheapest.

Mandates, members and who must approve are left out here: each route knows its parties by their keys. So all of them do
less than the register does, which is to their advantage.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from web3.logs import DISCARD
from web3.types import TxReceipt

from benchmarks.gas import code
from benchmarks.gas.bench import PARTIES, START, YEAR, Bench, Cost, digest, gas_of, require
from benchmarks.gas.code import Code
from registry.keys import Signer
from registry.organisations import FOOD_VALLEY
from registry.statements import compact

_NOBODY = to_checksum_address("0x" + "00" * 20)
_NO_UID = bytes(32)
_TERMS = "bytes32 dossier,bytes32 parties,uint40 validFrom,uint32 notice"
_PROPOSAL = "bytes32 dossier,address[] parties,uint40 validFrom,uint32 notice"
_AGREEMENT = "bytes32 agreement"


@dataclass
class Service:
    """EAS with its registry of schemas, and our resolvers."""

    bench: Bench
    own: Mapping[str, Code]
    registry: Any
    eas: Any
    made: int = 0

    @classmethod
    def deployed(cls, bench: Bench, own: Mapping[str, Code]) -> Service:
        """The published contracts, on the chain."""
        registry = bench.deploy(code.eas("SchemaRegistry"))
        return cls(bench, own, registry, bench.deploy(code.eas("EAS"), registry.address))

    def resolver(self, name: str, *, with_members: bool = True) -> Any:
        """One of ours; its members are the municipalities, a bit each."""
        members = [[self.bench.signer(one).address for one in FOOD_VALLEY]] if with_members else []
        return self.bench.deploy(self.own[name], self.eas.address, *members)

    def schema(self, text: str, resolver: Any | None = None) -> bytes:
        """A schema of its own for each route; nothing in it can be revoked."""
        address = resolver.address if resolver else _NOBODY
        receipt = self.bench.send(self.registry.functions.register(text, address, False), self.bench.carrier)
        return bytes(self.registry.events.Registered().process_receipt(receipt, DISCARD)[0]["args"]["uid"])

    def agreement(self, parties: int) -> bytes:
        """A new agreement as one word: 28 bytes of a hash, 32 bits of those who must approve."""
        self.made += 1
        bits = sum(1 << FOOD_VALLEY.index(one) for one in PARTIES[parties])
        return digest(f"agreement {self.made}")[:28] + bits.to_bytes(4)

    def attestation(self, schema: bytes, data: bytes, refers_to: bytes = _NO_UID) -> Any:
        """The call that attests."""
        return self.eas.functions.attest((schema, (_NOBODY, 0, False, refers_to, data, 0)))

    def require_attested(self, receipt: TxReceipt, expected: Sequence[tuple[str, bytes]]) -> list[bytes]:
        """What was attested, read back: attester and data, in order; their UIDs."""
        logs = self.eas.events.Attested().process_receipt(receipt, DISCARD)
        uids = [bytes(log["args"]["uid"]) for log in logs]
        found = [self.eas.functions.getAttestation(uid).call() for uid in uids]
        require([(one[7], bytes(one[9])) for one in found] == list(expected), "attestations by exactly these, of this")
        return uids


def measure(bench: Bench, own: Mapping[str, Code]) -> list[Cost]:
    """Every route, each once before it is measured, so that nobody pays for a nonce or counter that is new."""
    service = Service.deployed(bench, own)
    costs = []
    for make, key, name, transactions, quorum, note in _ROUTES:
        bench.say(f"EAS: {name}")
        route = make(service)
        route(max(PARTIES))
        gas = {parties: gas_of(route(parties)) for parties in PARTIES}
        costs.append(Cost(f"eas-{key}", f"EAS, {name}", gas, transactions, quorum=quorum, note=note))
    return costs


Route = Callable[[int], list[TxReceipt]]


def _proposal_unchecked(service: Service) -> Route:
    proposals, approvals = service.schema(_TERMS), service.schema("")

    def route(parties: int) -> list[TxReceipt]:
        # Nothing on chain has to know the parties, so a hash of who they are will do.
        named = keccak(encode(["address[]"], [[one.address for one in service.bench.signers(parties)]]))
        return _propose_and_approve(service, proposals, approvals, parties, _terms(service, "bytes32", named))[0]

    return route


def _proposal_checked(service: Service) -> Route:
    resolver = service.resolver("ProposalResolver", with_members=False)
    proposals, approvals = service.schema(_PROPOSAL, resolver), service.schema("", resolver)

    def route(parties: int) -> list[TxReceipt]:
        def before_last(proposal: bytes) -> None:
            require(not resolver.functions.isConcluded(proposal).call(), "no agreement while a party is missing")
            by_stranger = service.attestation(approvals, b"", proposal)
            service.bench.require_refused("an approval of a stranger", by_stranger, service.bench.signer("stranger"))

        named = [one.address for one in service.bench.signers(parties)]
        terms = _terms(service, "address[]", named)
        receipts, proposal = _propose_and_approve(service, proposals, approvals, parties, terms, before_last)
        require(resolver.functions.isConcluded(proposal).call(), "an agreement once everybody approved")
        return receipts

    return route


def _propose_and_approve(
    service: Service,
    proposals: bytes,
    approvals: bytes,
    parties: int,
    data: bytes,
    before_last: Callable[[bytes], None] = lambda proposal: None,
) -> tuple[list[TxReceipt], bytes]:
    """The first party proposes, and all of them approve by an attestation that refers to the proposal."""
    signers = service.bench.signers(parties)
    receipts = [service.bench.send(service.attestation(proposals, data), signers[0])]
    (proposal,) = service.require_attested(receipts[0], [(signers[0].address, data)])
    for signer in signers:
        if signer is signers[-1]:
            before_last(proposal)
        receipt = service.bench.send(service.attestation(approvals, b"", proposal), signer)
        (uid,) = service.require_attested(receipt, [(signer.address, b"")])
        require(service.eas.functions.getAttestation(uid).call()[5] == proposal, "an approval of this proposal")
        receipts.append(receipt)
    return receipts, proposal


def _terms(service: Service, kind: str, parties: object) -> bytes:
    """What a proposal says: much what an act of the register does."""
    service.made += 1
    values = [digest(f"dossier {service.made}"), parties, START, YEAR]
    return encode(["bytes32", kind, "uint40", "uint32"], values)


def _each_attests(service: Service) -> Route:
    resolver = service.resolver("CountingResolver")
    schema = service.schema(_AGREEMENT, resolver)

    def route(parties: int) -> list[TxReceipt]:
        agreement = service.agreement(parties)
        call = service.attestation(schema, agreement)
        receipts = []
        for signer in service.bench.signers(parties):
            require(not resolver.functions.isConcluded(agreement).call(), "no agreement while a party is missing")
            receipts.append(service.bench.send(call, signer))
            service.require_attested(receipts[-1], [(signer.address, agreement)])
            service.bench.require_refused("a second approval of one party", call, signer)
        service.bench.require_refused("an approval of a stranger", call, service.bench.signer("stranger"))
        require(resolver.functions.isConcluded(agreement).call(), "an agreement once everybody attested")
        return receipts

    return route


def _delegated(service: Service) -> Route:
    resolver = service.resolver("CountingResolver")
    schema = service.schema(_AGREEMENT, resolver)

    def route(parties: int) -> list[TxReceipt]:
        agreement = service.agreement(parties)
        signers = service.bench.signers(parties)
        requests = [_delegated_request(service, schema, agreement, one) for one in signers]
        swapped = [*requests[:-1], (*requests[-1][:2], requests[0][2], *requests[-1][3:])]
        multiple = service.eas.functions.multiAttestByDelegation
        service.bench.require_refused("a signature of somebody else", multiple(swapped), service.bench.carrier)
        snapshot = service.bench.ask("evm_snapshot")
        service.bench.send(multiple(requests[:-1]), service.bench.carrier)
        require(not resolver.functions.isConcluded(agreement).call(), "no agreement while a party is missing")
        require(service.bench.ask("evm_revert", snapshot), "a chain as it was")
        receipt = service.bench.send(multiple(requests), service.bench.carrier)
        service.require_attested(receipt, [(one.address, agreement) for one in signers])
        require(resolver.functions.isConcluded(agreement).call(), "an agreement once everybody attested")
        return [receipt]

    return route


def _delegated_request(service: Service, schema: bytes, agreement: bytes, signer: Signer) -> tuple[Any, ...]:
    """One party's part of a multi-attestation, signed by it."""
    members = (
        "attester address,schema bytes32,recipient address,expirationTime uint64,revocable bool,refUID bytes32,"
        "data bytes,value uint256,nonce uint256,deadline uint64"
    )
    nonce = service.eas.functions.getNonce(signer.address).call()
    values = [signer.address, schema, _NOBODY, 0, False, _NO_UID, agreement, 0, nonce, 0]
    fields = [one.split() for one in members.split(",")]
    version = service.eas.functions.version().call()
    domain = {"name": "EAS", "version": version, "chainId": service.bench.chain.chain_id}
    document = {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            "Attest": [{"name": name, "type": kind} for name, kind in fields],
        },
        "primaryType": "Attest",
        "domain": {**domain, "verifyingContract": service.eas.address},
        "message": {name: value for (name, _), value in zip(fields, values, strict=True)},
    }
    signature = signer.sign_typed_data(document)
    parts = (signature[64], signature[:32], signature[32:64])
    return (schema, [(_NOBODY, 0, False, _NO_UID, agreement, 0)], [parts], signer.address, 0)


def _signatures_in_data(service: Service) -> Route:
    resolver = service.resolver("SignedResolver")
    schemas = {
        parties: service.schema(f"bytes32 agreement,bytes32[2][{parties}] signatures", resolver) for parties in PARTIES
    }

    def route(parties: int) -> list[TxReceipt]:
        agreement = service.agreement(parties)
        signatures = [b"".join(one) for one in _sign(service, resolver, agreement, parties)]
        for missing in range(parties):
            rest = [one for number, one in enumerate(signatures) if number != missing]
            call = service.attestation(schemas[parties], agreement + b"".join(rest))
            service.bench.require_refused("an attestation without a signature", call, service.bench.carrier)
        data = agreement + b"".join(signatures)
        receipt = service.bench.send(service.attestation(schemas[parties], data), service.bench.carrier)
        service.require_attested(receipt, [(service.bench.carrier.address, data)])
        return [receipt]

    return route


def _front(service: Service) -> Route:
    front = service.resolver("Front")
    schema = service.schema(_AGREEMENT, front)
    require(front.functions.SCHEMA().call() == schema, "a front that knows its schema")

    def route(parties: int) -> list[TxReceipt]:
        agreement = service.agreement(parties)
        signatures = _sign(service, front, agreement, parties)
        for missing in range(parties):
            rest = [one for number, one in enumerate(signatures) if number != missing]
            call = front.functions.conclude(agreement, rest)
            service.bench.require_refused("an agreement without a signature", call, service.bench.carrier)
        past = service.attestation(schema, agreement)
        service.bench.require_refused("an attestation past the front", past, service.bench.signers(parties)[0])
        receipt = service.bench.send(front.functions.conclude(agreement, signatures), service.bench.carrier)
        service.require_attested(receipt, [(front.address, agreement)])
        return [receipt]

    return route


def _sign(service: Service, verifier: Any, agreement: bytes, parties: int) -> list[tuple[bytes, bytes]]:
    document = {
        "types": {
            "EIP712Domain": [{"name": "chainId", "type": "uint256"}, {"name": "verifyingContract", "type": "address"}],
            "Agreement": [{"name": "agreement", "type": "bytes32"}],
        },
        "primaryType": "Agreement",
        "domain": {"chainId": service.bench.chain.chain_id, "verifyingContract": verifier.address},
        "message": {"agreement": agreement},
    }
    return [compact(one.sign_typed_data(document)) for one in service.bench.signers(parties)]


_ROUTES: Sequence[tuple[Callable[[Service], Route], str, str, str, bool, str]] = (
    (_proposal_unchecked, "unchecked", "proposal + approvals", "n+1", False, "readers count for themselves"),
    (_proposal_checked, "proposal", "the same + resolver", "n+1", True, "the resolver counts"),
    (_each_attests, "each", "n attestations + resolver", "n", True, "no proposal on chain"),
    (_delegated, "delegated", "n delegated + resolver", "1", True, "multiAttestByDelegation"),
    (_signatures_in_data, "signatures", "signatures as data", "1", True, "one attestation; its resolver checks them"),
    (_front, "front", "contract in front", "1", True, "it checks signatures, EAS keeps the result only"),
)
