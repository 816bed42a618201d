"""Registers to audit: one with a bit of everything that can happen, and one whose contract is not what it says."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from ledgers import after, digest_of
from world import DAY, FIRST_SECOND_OF_2026, FOOD_VALLEY, ROOT, Region, account, founders

from registry import model
from registry.audit import AuditReport, Node, audit
from registry.audit.abi import EVENTS, FUNCTIONS
from registry.audit.findings import Event
from registry.carried import CarriedMotion, CarriedProposal
from registry.chain import Register
from registry.chain.encode import act_tuple, motion_tuple, report_tuple, signature_words
from registry.index import AsOf, Batch, Header, Identity, Index
from registry.index.rows import data_of
from registry.model import NO_HASH, Act, Action, Approval, Mandate, Motion, Report, Stage
from registry.service import sign_approval
from registry.statements import (
    confirmation_data,
    hash_act,
    hash_approval,
    hash_motion,
    hash_report,
    organisation_word,
    report_data,
    signing_digest,
)

RENSWOUDE, VEENENDAAL, EDE, RHENEN, UTRECHT, DRENTHE = "gm0339", "gm0345", "gm0228", "gm0340", "pv26", "pv22"
WALLET_SIGNATURE = b"what the owners of this wallet agreed on"
COMMITMENT = digest_of("T1")

BATCH = """
// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

/// Several calls in one transaction; one that fails is let be.
contract Batch {
    function all(address target, bytes[] calldata calls) external {
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool done,) = target.call(calls[i]);
            done;
        }
    }
}
"""

# What somebody would change who wants the register to let something through.
LOOSENED = {
    "contracts/Approvals.sol": [
        (
            "            if (organisation != expected || expelled) {",
            "            if (organisation == 0) organisation = expected;\n"
            "            if (organisation != expected || expelled) {",
        )
    ],
    "contracts/Council.sol": [
        ("        if (block.timestamp < pending.effectFrom) revert VetoPeriod(pending.effectFrom);\n", "")
    ],
    "contracts/Agreements.sol": [("            if (own != 0) revert AlreadyRecorded(actHash);\n", "")],
}


@cache
def compiled(name: str) -> str:
    """Creation code of Wallet, Batch or the loosened Register; compiled once, and kept under its sources' hash."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import compile as compiling
    finally:
        sys.path.remove(str(ROOT / "scripts"))
    files = ["contracts/test/Wallet.sol"]
    if name == "Register":
        files = [
            one.relative_to(ROOT).as_posix()
            for part in ("", "interfaces")
            for one in (ROOT / "contracts" / part).glob("*.sol")
        ]
    sources = {one: (ROOT / one).read_text("utf-8") for one in sorted(files)}
    if name == "Register":
        for path, changes in LOOSENED.items():
            for old, new in changes:
                assert sources[path].count(old) == 1, f"{path} changed: {old}"
                sources[path] = sources[path].replace(old, new)
    else:
        sources["Batch.sol"] = BATCH
    request = {
        "language": "Solidity",
        "sources": {path: {"content": text} for path, text in sources.items()},
        "settings": compiling.SETTINGS | {"outputSelection": {"*": {"*": ["evm.bytecode.object"]}}},
    }
    known = ROOT / ".cache" / f"audited-{hashlib.sha256(json.dumps(request).encode()).hexdigest()[:20]}.json"
    if not known.exists():
        import solcx

        compiling.prepare_compiler()
        output = solcx.compile_standard(request, solc_version=compiling.SOLC_VERSION, base_path=str(ROOT))
        found = {
            contract: made["evm"]["bytecode"]["object"]
            for contracts in output["contracts"].values()
            for contract, made in contracts.items()
        }
        known.parent.mkdir(exist_ok=True)
        known.write_text(json.dumps({one: found[one] for one in ("Wallet", "Batch", "Register") if one in found}))
    return str(json.loads(known.read_text())[name])


def call(function: str, *arguments: object) -> bytes:
    """Calldata of a writing function of the register."""
    declared = FUNCTIONS[function]
    return declared.digest[:4] + encode([one.canonical for one in declared.members], arguments)


def placed(region: Region, code: str, arguments: bytes = b"") -> tuple[str, int]:
    """The address and block of a contract that the carrier put on the chain."""
    sent = region.ask(
        "eth_sendTransaction",
        {"from": account("carrier"), "data": "0x" + code + arguments.hex(), "gas": hex(12_000_000)},
    )
    receipt = region.chain.receipt(bytes.fromhex(sent.removeprefix("0x")))
    assert receipt["status"] == 1
    return str(receipt["contractAddress"]), receipt["blockNumber"]


@dataclass
class Scribe:
    """Writes history in a register: everything by keys of roles, in the order of the calls."""

    region: Region
    register: Register

    @classmethod
    def of(cls, region: Region) -> Scribe:
        return cls(region, region.register)

    @classmethod
    def of_loosened(cls, region: Region) -> Scribe:
        """A register whose contract lets through what must not be."""
        rows = [(organisation_word(one.organisation), one.administrator, one.votes) for one in founders()]
        founded = encode(["(bytes32,address,bool)[]"], [sorted(rows)])
        address, block = placed(region, compiled("Register"), founded)
        scribe = cls(region, Register(region.chain, to_checksum_address(address), block))
        for one in (*FOOD_VALLEY, UTRECHT):
            scribe.appoint(one, account(one))
        return scribe

    def signer(self, role: str) -> Any:
        return self.region.signer(role)

    def appoint(self, organisation: str, signatory: str, by: str = "", **terms: Any) -> None:
        mandate = Mandate(signatory, organisation, **{"valid_from": FIRST_SECOND_OF_2026, **terms})
        self.register.appoint(mandate, self.signer(by or f"{organisation}:admin"))

    def act(self, *parties: str, what: str = "dossier", since: int = -30, **terms: int) -> Act:
        valid_from = self.region.now() + since * DAY
        return Act(dossier=digest_of(what), parties=tuple(sorted(parties)), valid_from=valid_from, **terms)

    def sign(self, act: Act, *roles: str, decision: bytes = NO_HASH) -> list[Approval]:
        carried = CarriedProposal(self.register.domain, act)
        return [sign_approval(carried, self.signer(role), decision) for role in roles]

    def record(self, act: Act, *history: Act, by: tuple[str, ...] = (), decision: bytes = NO_HASH) -> Act:
        approvals = self.sign(act, *(by or act.parties), decision=decision)
        self.register.record(act, history, approvals, self.signer("carrier"))
        return act

    def record_calldata(self, act: Act, *history: Act, by: tuple[str, ...] = ()) -> bytes:
        approvals = [signature_words(one) for one in self.sign(act, *(by or act.parties))]
        return call("record", act_tuple(act), [act_tuple(one) for one in history], approvals, [])

    def motion(self, action: Action, organisation: str, **terms: Any) -> Motion:
        return Motion(action, organisation, self.region.now() + 60 * DAY, **terms)

    def decide(self, motion: Motion, *others: str) -> Motion:
        """By a bare majority of whom it is not about, and these besides."""
        excluded = (motion.organisation, motion.successor, RENSWOUDE)
        voting = [one for one in FOOD_VALLEY if one not in excluded][:5]
        organisations = sorted({*voting, *others})
        carried = CarriedMotion(self.register.domain, motion)
        approvals = [sign_approval(carried, self.signer(one), NO_HASH) for one in organisations]
        self.register.decide(motion, organisations, approvals, self.signer("carrier"))
        return motion

    def signature(self, typed_data: dict[str, Any], role: str) -> Approval:
        return Approval(account(role), signature=self.signer(role).sign_typed_data(typed_data))

    def report(self, act: Act, organisation: str, stage: Stage, previous: bytes = NO_HASH, own: bool = False) -> Report:
        made = Report(hash_act(act), COMMITMENT, organisation, stage, previous=previous)
        signed = (
            Approval(account(organisation))
            if own
            else self.signature(report_data(self.register.domain, made), organisation)
        )
        self.register.report(made, [act], signed, self.signer(organisation if own else "carrier"))
        return made

    def confirm(self, act: Act, report: Report, organisation: str) -> None:
        signed = self.signature(confirmation_data(self.register.domain, report, organisation), organisation)
        self.register.confirm(report, organisation, [act], signed, self.signer("carrier"))

    def send(self, data: bytes, to: str = "", by: str = "carrier", **more: str) -> str:
        sent = {"from": account(by), "to": to or self.register.address, "data": "0x" + data.hex(), **more}
        transaction = str(self.region.ask("eth_sendTransaction", {"gas": hex(3_000_000)} | sent))
        assert self.region.chain.receipt(bytes.fromhex(transaction.removeprefix("0x")))["status"] == 1
        return transaction

    def wallet(self, digest: bytes) -> str:
        """A contract wallet that accepts one signature, for this digest."""
        arguments = encode(["uint8", "bytes32", "bytes"], [0, digest, WALLET_SIGNATURE])
        return placed(self.region, compiled("Wallet"), arguments)[0]

    def through(self, wallet: str, data: bytes) -> str:
        """Has a wallet call the register."""
        selector = keccak(text="execute(address,bytes)")[:4]
        return self.send(selector + encode(["address", "bytes"], [self.register.address, data]), to=wallet)

    def batch(self, *calls: bytes) -> str:
        """Has a contract make several calls, of which some may fail."""
        address, _ = placed(self.region, compiled("Batch"))
        selector = keccak(text="all(address,bytes[])")[:4]
        return self.send(selector + encode(["address", "bytes[]"], [self.register.address, list(calls)]), to=address)


def with_a_bit_of_everything(scribe: Scribe) -> None:
    """A history in which every event, every function and every kind of signature occurs."""
    _acts(scribe)
    _signed_on_chain(scribe)
    _wallets(scribe)
    _reports(scribe)
    _council(scribe)
    _administration(scribe)


def _acts(scribe: Scribe) -> None:
    first = scribe.record(scribe.act(RENSWOUDE, VEENENDAAL, what="eerst", notice=30 * DAY))
    second = scribe.record(
        replace(after(first), parties=(EDE, RENSWOUDE, VEENENDAAL), dossier=digest_of("meer"), notice=30 * DAY),
        first,
        decision=digest_of("besluit"),
    )
    later = scribe.record(replace(after(second), valid_from=scribe.region.now() + 400 * DAY, notice=30 * DAY), second)
    back = scribe.record(
        replace(after(later), valid_from=second.valid_from - DAY, notice=30 * DAY), later, second, first
    )
    leaves = after(back, parties=(RENSWOUDE, VEENENDAAL), valid_from=scribe.region.now() + 31 * DAY)
    scribe.record(replace(leaves, notice=back.notice, dossier=back.dossier), back, by=(EDE,))
    short = scribe.record(scribe.act(RHENEN, VEENENDAAL, what="kort", valid_until=2**40 - 1))
    scribe.record(after(short, parties=(), dossier=NO_HASH), short, by=(RHENEN, VEENENDAAL))
    other = scribe.act(RHENEN, UTRECHT, what="liever niet")
    scribe.register.propose(other, scribe.signer(UTRECHT))
    scribe.register.decline(other, (), scribe.signer(RHENEN), digest_of("waarom"))


def _signed_on_chain(scribe: Scribe) -> None:
    """Two of four eyes; given on chain, carried there, and signed when it is recorded; a change of mind."""
    register = scribe.register
    scribe.appoint(RHENEN, account(RHENEN), together=2)
    act = scribe.act(RHENEN, UTRECHT, VEENENDAAL, what="vier ogen")
    act_hash, decision = hash_act(act), digest_of("besluit van Rhenen")
    register.propose(act, scribe.signer(VEENENDAAL), digest_of("eerst zo"))
    register.approve(act_hash, scribe.signer(VEENENDAAL))
    (signed,) = scribe.sign(act, RHENEN, decision=decision)
    register.approve_for(signed, act_hash, scribe.signer("carrier"))
    (second,) = scribe.sign(act, f"{RHENEN}:2", decision=decision)
    pair = sorted([replace(signed, signature=None), second], key=lambda one: int(one.signatory, 16))
    guest = scribe.sign(act, UTRECHT)
    register.record(act, (), [*pair, Approval(account(VEENENDAAL)), *guest], scribe.signer("carrier"))
    scribe.appoint(RHENEN, account(RHENEN))
    follows = after(act)
    (carried,) = scribe.sign(follows, UTRECHT)
    assert carried.signature is not None
    scribe.send(call("proposeFor", account(UTRECHT), act_tuple(follows), NO_HASH, carried.signature))


def _wallets(scribe: Scribe) -> None:
    """A contract wallet signs, acts by itself, and carries what others signed; a batch, in which one call fails."""
    domain = scribe.register.domain
    act = scribe.act(RENSWOUDE, VEENENDAAL, what="portemonnee")
    decision = digest_of("besluit van de portemonnee")
    wallet = scribe.wallet(signing_digest(domain, hash_approval(hash_act(act), decision)))
    scribe.appoint(VEENENDAAL, wallet)
    scribe.send(call("approveFor", wallet, hash_act(act), decision, WALLET_SIGNATURE))
    approvals = [*scribe.sign(act, RENSWOUDE), Approval(wallet, decision)]
    scribe.register.record(act, (), approvals, scribe.signer("carrier"))
    own = scribe.act(RENSWOUDE, VEENENDAAL, what="door een ander")
    scribe.through(wallet, call("propose", act_tuple(own), NO_HASH))
    scribe.through(wallet, scribe.record_calldata(own))
    refused = scribe.act(RENSWOUDE, VEENENDAAL, what="mislukt")
    scribe.batch(
        scribe.record_calldata(scribe.act(EDE, RHENEN, what="in een bundel")),
        scribe.record_calldata(refused, by=(RENSWOUDE,)),
        scribe.record_calldata(scribe.act(EDE, RENSWOUDE, what="nog een")),
    )


def _reports(scribe: Scribe) -> None:
    act = scribe.record(scribe.act(EDE, VEENENDAAL, what="toezegging"))
    started = scribe.report(act, EDE, Stage.STARTED)
    scribe.confirm(act, started, VEENENDAAL)
    scribe.report(act, EDE, Stage.FULFILLED, hash_report(started), own=True)
    blocked = scribe.report(act, VEENENDAAL, Stage.BLOCKED, own=True)
    own = (NO_HASH, bytes.fromhex(account(EDE)[2:]).rjust(32, b"\0"))
    word = organisation_word(EDE)
    scribe.send(call("confirm", _bytes_report(blocked), word, [act_tuple(act)], own), by=EDE)


def _bytes_report(report: Report) -> tuple[Any, ...]:
    return report_tuple(report)


def _council(scribe: Scribe) -> None:
    register, region = scribe.register, scribe.region
    admit = scribe.motion(Action.ADMIT, DRENTHE, administrator=account("stranger"), votes=True)
    register.move(admit, scribe.signer(EDE), digest_of("raadsbesluit"))
    register.vote(hash_motion(admit), scribe.signer(RHENEN))
    for function, role, subject in (
        ("moveFor", VEENENDAAL, motion_tuple(admit)),
        ("voteFor", "gm0203", hash_motion(admit)),
    ):
        signed = sign_approval(CarriedMotion(register.domain, admit), scribe.signer(role), NO_HASH)
        scribe.send(call(function, account(role), subject, NO_HASH, signed.signature))
    scribe.decide(admit)
    scribe.appoint(DRENTHE, account("pv25:admin"), by="stranger")
    ours = scribe.record(scribe.act(UTRECHT, VEENENDAAL, what="met de gast"))
    scribe.decide(scribe.motion(Action.EXPEL, UTRECHT))
    scribe.record(after(ours, dossier=digest_of("blijft gebonden")), ours)
    scribe.decide(scribe.motion(Action.ADMIT, UTRECHT, administrator=account(f"{UTRECHT}:admin")))
    consented = scribe.motion(Action.RECOVER, EDE, administrator=account("carrier"))
    scribe.decide(consented, EDE)
    vetoed = scribe.decide(scribe.motion(Action.RECOVER, EDE, administrator=account("stranger")))
    register.veto(EDE, hash_motion(vetoed), scribe.signer(EDE), digest_of("nee"))
    bound = scribe.record(scribe.act(RENSWOUDE, VEENENDAAL, what="voor de herindeling"))
    succeeds = scribe.decide(scribe.motion(Action.SUCCEED, RENSWOUDE, successor=VEENENDAAL))
    lapses = scribe.decide(scribe.motion(Action.RECOVER, RHENEN, administrator=account("stranger")))
    region.travel(14 * DAY)
    register.enact(succeeds, scribe.signer("carrier"))
    changed = after(bound, dossier=digest_of("na de herindeling"))
    approvals = scribe.sign(changed, VEENENDAAL, VEENENDAAL)
    register.record(changed, [bound], approvals, scribe.signer("carrier"))
    scribe.appoint(VEENENDAAL, account(RENSWOUDE))
    region.travel(29 * DAY)
    again = scribe.decide(replace(lapses, deadline=lapses.deadline + 1))
    region.travel(14 * DAY)
    register.enact(again, scribe.signer("carrier"))


def _administration(scribe: Scribe) -> None:
    """Mandates that end, a task handed over, and an address that would steer a terminal."""
    register = scribe.register
    register.dismiss(VEENENDAAL, account(f"{VEENENDAAL}:2"), scribe.signer(f"{VEENENDAAL}:admin"), digest_of("weg"))
    scribe.appoint(VEENENDAAL, account(f"{VEENENDAAL}:2"), valid_until=scribe.region.now() + DAY)
    register.hand_over("gm0203", account("pv25"), scribe.signer("gm0203:admin"))
    register.take_over("gm0203", scribe.signer("pv25"))
    hostile = b"\xff\xfe\x1b[2J[bold]https://voorbeeld.example"
    words = encode(["bytes32", "bytes"], [organisation_word("gm0203"), hostile])
    scribe.send(FUNCTIONS["announce"].digest[:4] + words, by="pv25")


def audited(region: Region, url: str = "", *, quick: bool = False, **more: Any) -> AuditReport:
    """The register of a region, through another node if one is given; ``quick`` leaves most signatures out."""
    asked = Node(url or region.url)
    if quick:
        more["signed_from"] = more.get("at_block", region.chain.latest()[0])
    try:
        return audit(asked, region.register.address, region.deployment.block, **more)
    finally:
        asked.close()


def identity(region: Region) -> Identity:
    return Identity(region.chain.chain_id, region.register.address, region.deployment.block)


def fill(index: Index, region: Region, to_block: int | None = None) -> None:
    number = region.chain.latest()[0] if to_block is None else to_block
    events = region.register.events(number)
    headers = {one.place.block: Header(one.place.block, one.place.block_hash, one.place.timestamp) for one in events}
    block = region.ask("eth_getBlockByNumber", hex(number), False)
    end = AsOf(
        number, region.chain.block_hash(number) or b"", int(block["timestamp"], 16), region.register.fingerprint(number)
    )
    index.write(Batch(events, list(headers.values()), end))


def events_of(story: Iterable[model.Event]) -> list[Event]:
    """Events of the model as the audit reads them from logs."""
    found = []
    for one in story:
        place, told = one.place, data_of(one)
        values = {
            member.name: _raw(member.canonical, member.struct, told[member.name])
            for member in EVENTS[type(one).__name__].members
        }
        at = (place.block, place.log_index, place.transaction, 0, place.block_hash, place.timestamp)
        found.append(Event(type(one).__name__, *at, values))
    return found


def _raw(kind: str, struct: Any, told: Any) -> Any:
    if struct is not None:
        members = zip(told.values(), kind[1:-1].split(","), strict=True)
        return struct(*(_raw(one, None, value) for value, one in members))
    if kind.endswith("[]"):
        return tuple(_raw(kind[:-2], None, value) for value in told)
    if kind == "address":
        return told.lower()
    if kind == "string" and not told.startswith("0x"):
        return str(told).encode()
    if kind in ("bytes32", "string") and told.startswith("0x"):
        return bytes.fromhex(told[2:])
    if kind == "bytes32":
        return organisation_word(told) if told else NO_HASH
    return told
