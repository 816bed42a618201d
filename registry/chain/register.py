"""One deployed register: each function of the contract under its snake_case twin.

Reads answer for the latest block; writes are simulated first, so that what the contract would refuse costs
nothing, then signed, sent and waited for. Errors: ContractError (the contract refused), ChainError (the node
did not answer), UnknownOutcomeError (sent, and not known to be mined).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import requests
from eth_typing import ChecksumAddress
from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3.exceptions import BadResponseFormat
from web3.types import TxReceipt

from registry.chain.artifact import register_artifact
from registry.chain.connect import Chain, unknown_outcome
from registry.chain.encode import act_tuple, decision_words, motion_tuple, report_tuple, signature_words
from registry.chain.events import read_events
from registry.chain.failures import translated
from registry.errors import ChainError
from registry.keys import Signer
from registry.model import NO_HASH, NOBODY, Act, Approval, Event, Mandate, Member, Motion, Report
from registry.organisations import DIRECTORY, Directory
from registry.statements import Domain, organisation_of, organisation_word


@dataclass(frozen=True, slots=True)
class Sent:
    """A mined transaction; ``gas_used`` as the receipt says."""

    transaction: bytes
    block: int
    gas_used: int
    contract_address: ChecksumAddress | None = None


class Register:
    """The register at an address of a chain, deployed in ``from_block``."""

    def __init__(
        self, chain: Chain, address: ChecksumAddress, from_block: int = 0, directory: Directory = DIRECTORY
    ) -> None:
        self.chain = chain
        self.address = address
        self.from_block = from_block
        self._directory = directory
        self._contract = chain.web3.eth.contract(address=address, abi=register_artifact().abi)

    @property
    def domain(self) -> Domain:
        """What signatures for this register are bound to."""
        return Domain(self.chain.chain_id, self.address)

    def events(self, to_block: int | None = None) -> list[Event]:
        """All events up to a block, the latest unless given."""
        end = self.chain.latest()[0] if to_block is None else to_block
        return read_events(self.chain, self._contract, self.from_block, end)

    def fingerprint(self, block: int | None = None) -> bytes:
        """The fingerprint as of a block, the latest unless given."""
        return bytes(self._read("fingerprint", block=block))

    def head(self, agreement: bytes) -> bytes:
        """Hash of the latest act of an agreement; 0 = none."""
        return bytes(self._read("head", agreement))

    def member_of(self, organisation: str) -> Member | None:
        """The organisation as the council knows it; None if it never took part. Its service stands in events only."""
        word = organisation_word(organisation)
        administrator, votes, expelled = self._read("memberOf", word)
        successor = bytes(self._read("successorOf", word))
        if administrator == NOBODY and not any(successor):
            return None
        heir = organisation_of(successor) if any(successor) else ""
        return Member(organisation, administrator, votes, expelled, heir, self._read("nomineeOf", word))

    def mandate_of(self, signatory: str) -> Mandate | None:
        """The key's mandate, in force or not; None if it never had one. Its decision stands in events only."""
        word, valid_from, valid_until, together, *_ = self._read("mandateOf", signatory)
        if not any(word):
            return None
        return Mandate(signatory, organisation_of(bytes(word)), valid_from, valid_until, together)

    def hash_act(self, act: Act) -> bytes:
        """The identity of an act, as the contract computes it."""
        return bytes(self._read("hashAct", act_tuple(act)))

    def hash_approval(self, act_hash: bytes, decision: bytes = NO_HASH) -> bytes:
        """What a signatory signs, as the contract computes it."""
        return bytes(self._read("hashApproval", act_hash, decision))

    def required_for(self, act: Act, history: Sequence[Act]) -> tuple[str, ...]:
        """The organisations that must approve if the act were recorded now; ContractError if it cannot be."""
        words = self._read("requiredFor", act_tuple(act), [act_tuple(one) for one in history])
        return tuple(organisation_of(bytes(word)) for word in words)

    def is_in_force(self, agreement: bytes, history: Sequence[Act], at: int) -> bool:
        """Whether the agreement holds at a moment, as the register knows it now."""
        return bool(self._read("isInForce", agreement, [act_tuple(one) for one in history], at))

    def approval_of(self, subject: bytes, signatory: str) -> bytes:
        """The struct hash of the approval that the signatory gave an act or motion on chain; 0 = none."""
        return bytes(self._read("approvalOf", subject, signatory))

    def voters(self) -> int:
        """How many members vote."""
        return int(self._read("voters"))

    def pending_of(self, organisation: str) -> tuple[bytes, int]:
        """The motion that waits for an organisation and from when it can be enacted; 0 = none. It may have lapsed."""
        motion_hash, effect_from = self._read("pendingOf", organisation_word(organisation))
        return bytes(motion_hash), effect_from

    def latest_report(self, agreement: bytes, commitment: bytes, organisation: str) -> bytes:
        """Hash of the organisation's latest report on a commitment; 0 = none."""
        return bytes(self._read("latestReport", agreement, commitment, organisation_word(organisation)))

    def appoint(self, mandate: Mandate, signer: Signer) -> Sent:
        """Appoints a signatory; signed by the organisation's administrator."""
        word = organisation_word(mandate.organisation)
        times = (mandate.valid_from, mandate.valid_until, mandate.together)
        return self._send("appointing", signer, "appoint", word, mandate.signatory, *times, mandate.decision)

    def dismiss(self, organisation: str, signatory: str, signer: Signer, decision: bytes = NO_HASH) -> Sent:
        """Ends a mandate; signed by the organisation's administrator."""
        return self._send("dismissing", signer, "dismiss", organisation_word(organisation), signatory, decision)

    def hand_over(self, organisation: str, nominee: str, signer: Signer) -> Sent:
        """Puts a key forward as the next administrator; NOBODY takes that back. Signed by the administrator."""
        return self._send("handing over", signer, "handOver", organisation_word(organisation), nominee)

    def take_over(self, organisation: str, signer: Signer) -> Sent:
        """Takes over as administrator; signed by the key that was put forward."""
        return self._send("taking over", signer, "takeOver", organisation_word(organisation))

    def announce(self, organisation: str, service: str, signer: Signer) -> Sent:
        """Says where the organisation's service is; signed by the administrator."""
        return self._send("announcing the service", signer, "announce", organisation_word(organisation), service)

    def move(self, motion: Motion, signer: Signer, decision: bytes = NO_HASH) -> Sent:
        """Puts a motion before the council and approves it."""
        return self._send("moving", signer, "move", motion_tuple(motion), decision)

    def vote(self, motion_hash: bytes, signer: Signer, decision: bytes = NO_HASH) -> Sent:
        """Approves a motion."""
        return self._send("voting", signer, "vote", motion_hash, decision)

    def decide(
        self, motion: Motion, organisations: Sequence[str], approvals: Sequence[Approval], signer: Signer
    ) -> Sent:
        """Decides a motion; organisations ascending, approvals grouped in that order, ascending within each."""
        words = [organisation_word(one) for one in organisations]
        signatures = [signature_words(one) for one in approvals]
        arguments = (motion_tuple(motion), words, signatures, decision_words(approvals))
        return self._send("deciding", signer, "decide", *arguments)

    def enact(self, motion: Motion, signer: Signer) -> Sent:
        """Carries out a decided motion after the veto period."""
        return self._send("enacting", signer, "enact", motion_tuple(motion))

    def veto(self, organisation: str, motion_hash: bytes, signer: Signer, reason: bytes = NO_HASH) -> Sent:
        """Stops a motion that waits for the organisation."""
        return self._send("vetoing", signer, "veto", organisation_word(organisation), motion_hash, reason)

    def report(self, report: Report, history: Sequence[Act], approval: Approval, signer: Signer) -> Sent:
        """Records a report, signed by ``approval``; without a signature it is the sender's own."""
        witnesses = [act_tuple(one) for one in history]
        return self._send("reporting", signer, "report", report_tuple(report), witnesses, signature_words(approval))

    def confirm(
        self, report: Report, organisation: str, history: Sequence[Act], approval: Approval, signer: Signer
    ) -> Sent:
        """Confirms another party's latest report, signed by ``approval``; without a signature by the sender."""
        witnesses = [act_tuple(one) for one in history]
        word, signature = organisation_word(organisation), signature_words(approval)
        return self._send("confirming", signer, "confirm", report_tuple(report), word, witnesses, signature)

    def propose(self, act: Act, signer: Signer, decision: bytes = NO_HASH) -> Sent:
        """Puts an act before its parties and approves it."""
        return self._send("proposing", signer, "propose", act_tuple(act), decision)

    def approve(self, act_hash: bytes, signer: Signer, decision: bytes = NO_HASH) -> Sent:
        """Approves an act."""
        return self._send("approving", signer, "approve", act_hash, decision)

    def approve_for(self, approval: Approval, act_hash: bytes, signer: Signer) -> Sent:
        """Carries somebody's signed approval to the chain ahead of the act."""
        signature = approval.signature or b""
        arguments = (approval.signatory, act_hash, approval.decision, signature)
        return self._send("carrying an approval", signer, "approveFor", *arguments)

    def record(self, act: Act, history: Sequence[Act], approvals: Sequence[Approval], signer: Signer) -> Sent:
        """Records an act; approvals grouped by organisation ascending, ascending by signatory within each."""
        witnesses = [act_tuple(one) for one in history]
        signatures = [signature_words(one) for one in approvals]
        decisions = decision_words(approvals)
        return self._send("recording", signer, "record", act_tuple(act), witnesses, signatures, decisions)

    def decline(self, act: Act, history: Sequence[Act], signer: Signer, reason: bytes = NO_HASH) -> Sent:
        """Declines or withdraws an act for good."""
        witnesses = [act_tuple(one) for one in history]
        return self._send("declining", signer, "decline", act_tuple(act), witnesses, reason)

    def _read(self, function: str, *arguments: Any, block: int | None = None) -> Any:
        with translated(f"reading {function} of the register", self._directory):
            call = self._contract.get_function_by_name(function)(*arguments)
            return call.call(block_identifier="latest" if block is None else block)

    def _send(self, what: str, signer: Signer, function: str, *arguments: Any) -> Sent:
        call = self._contract.get_function_by_name(function)(*arguments)
        return send(self.chain, call, signer, what, self._directory)


def send(chain: Chain, call: Any, signer: Signer, what: str, directory: Directory = DIRECTORY) -> Sent:
    """Simulates, signs, sends and waits for one transaction of ``signer``."""
    web3 = chain.web3
    fees = chain.fees()
    with translated(what, directory):
        # Estimated without fees: a refusal by the contract must be heard before a lack of funds.
        gas = call.estimate_gas({"from": signer.address})
        nonce = web3.eth.get_transaction_count(signer.address, "pending")
        transaction = call.build_transaction(
            {"from": signer.address, "nonce": nonce, "gas": gas, "chainId": chain.chain_id, **fees}
        )
        signed = signer.sign_transaction(transaction)
        try:
            transaction_hash = bytes(web3.eth.send_raw_transaction(HexBytes(signed)))
        except (requests.RequestException, BadResponseFormat, ValueError) as error:
            raise unknown_outcome(keccak(signed), "the node did not confirm that it arrived") from error
    receipt = chain.receipt(transaction_hash)
    _require_success(receipt, what)
    return Sent(transaction_hash, receipt["blockNumber"], receipt["gasUsed"], receipt.get("contractAddress"))


def _require_success(receipt: TxReceipt, what: str) -> None:
    if receipt["status"] != 1:
        raise ChainError(
            f"{what}: mined in block {receipt['blockNumber']}, and reverted there",
            hint="the register changed between the check and the block; try again to hear why",
        )
