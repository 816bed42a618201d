"""The reference model, third part: agreements, and what comes of the promises in them.

The contract keeps one hash per agreement and has the rest handed over as `history`; the model keeps all acts, and holds
the history it is given against them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_utils import keccak
from reference_council import Council
from reference_types import ZERO, Act, Refused, Report, Signature, digest_of_hash, hash_of, type_hash

DECLINED = (1).to_bytes(32, "big")
LONGEST_AHEAD = 366 * 24 * 60 * 60
PROGRESS = ("started", "fulfilled", "blocked", "cancelled")

History = Sequence[Act]


class Agreements(Council):
    """IAgreements."""

    def __init__(self, *founded: Any) -> None:
        self.acts: dict[bytes, list[Act]] = {}
        self.declined: set[bytes] = set()
        super().__init__(*founded)

    def propose(self, sender: str, act: Act, decision: bytes) -> bytes:
        self._check_mandate(sender)
        self._proposed(sender, act)
        self.approve(sender, hash_of(act), decision)
        return hash_of(act)

    def propose_for(self, _sender: str, signatory: str, act: Act, decision: bytes, signature: bytes) -> bytes:
        organisation = self._approve_for(signatory, "Approval", hash_of(act), decision, signature)
        self._proposed(signatory, act)
        self._approved(hash_of(act), organisation, signatory, decision)
        return hash_of(act)

    def approve(self, sender: str, act_hash: bytes, decision: bytes) -> None:
        organisation = self._approve(sender, "Approval", act_hash, decision)
        self._approved(act_hash, organisation, sender, decision)

    def approve_for(self, _sender: str, signatory: str, act_hash: bytes, decision: bytes, signature: bytes) -> None:
        organisation = self._approve_for(signatory, "Approval", act_hash, decision, signature)
        self._approved(act_hash, organisation, signatory, decision)

    def record(
        self, _sender: str, act: Act, history: History, approvals: Sequence[Signature], decisions: Sequence[bytes]
    ) -> bytes:
        self._check_possible(act, history)
        required, bound = self.concerned(act)
        signatories = self._check_approved("Approval", hash_of(act), required, bound, approvals, decisions)
        agreement = act.agreement if act.previous != ZERO else hash_of(act)
        self.acts.setdefault(agreement, []).append(act)
        self._record(
            "Recorded",
            agreement=agreement,
            actHash=hash_of(act),
            act=act,
            signatories=tuple(signatories),
            decisions=tuple(decisions),
        )
        return hash_of(act)

    def decline(self, sender: str, act: Act, history: History, reason: bytes) -> None:
        self._check_possible(act, history)
        organisation = self._check_mandate(sender)
        required, _ = self.concerned(act)
        if organisation not in required and organisation not in map(self.heir, required):
            raise Refused("ApprovalNotRequired", organisation, sender)
        self.declined.add(hash_of(act))
        self._record("Declined", actHash=hash_of(act), organisation=organisation, signatory=sender, reason=reason)

    def required_for(self, act: Act, history: History) -> list[bytes]:
        self._check_possible(act, history)
        return self.concerned(act)[0]

    def head(self, agreement: bytes) -> bytes:
        if agreement in self.declined:
            return DECLINED
        return hash_of(self.acts[agreement][-1]) if agreement in self.acts else ZERO

    def is_in_force(self, agreement: bytes, history: History, at: int) -> bool:
        return len(self._parties_at(agreement, history, at)) > 1

    def history_at(self, agreement: bytes, moment: int) -> list[Act]:
        """The acts of an agreement, latest first, back to the first that has begun by then, or else to the concluding
        act: what has to be handed over as history."""
        needed = []
        for act in reversed(self.acts.get(agreement, [])):
            needed.append(act)
            if act.valid_from <= moment:
                break
        return needed

    def parties_at(self, agreement: bytes, moment: int) -> tuple[bytes, ...]:
        """Who is bound at a moment, as the register knows it now; nobody if the agreement does not hold then."""
        latest = next((act for act in reversed(self.acts.get(agreement, [])) if act.valid_from <= moment), None)
        if latest is None or len(latest.parties) < 2 or (latest.valid_until and latest.valid_until <= moment):
            return ()
        return latest.parties

    def _proposed(self, signatory: str, act: Act) -> None:
        agreement = act.agreement if act.previous != ZERO else hash_of(act)
        self._emit("Proposed", agreement=agreement, actHash=hash_of(act), signatory=signatory, act=act)

    def _approved(self, act_hash: bytes, organisation: bytes, signatory: str, decision: bytes) -> None:
        self._emit("Approved", actHash=act_hash, organisation=organisation, signatory=signatory, decision=decision)

    def _check_possible(self, act: Act, history: History) -> None:
        act_hash = hash_of(act)
        if act_hash in self.declined:
            raise Refused("ActDeclined", act_hash)
        if act.previous != ZERO:
            self._check_follows(act, history)
        elif act_hash in self.acts:
            raise Refused("AlreadyRecorded", act_hash)
        elif act.agreement != ZERO or history:
            raise Refused("NotConcluding")
        elif len(act.parties) < 2:
            raise Refused("TooFewParties", len(act.parties))
        if act.parties and act.dossier == ZERO:
            raise Refused("NoDossier")
        previous = ZERO
        for party in act.parties:
            if party <= previous:
                raise Refused("PartiesNotAscending", party)
            previous = party
        if act.valid_until and act.valid_until <= act.valid_from:
            raise Refused("InvalidPeriod", act.valid_from, act.valid_until)
        if act.deadline and act.deadline < self.now:
            raise Refused("DeadlinePassed", act.deadline)

    def _check_follows(self, act: Act, history: History) -> None:
        head = self.head(act.agreement)
        if head == hash_of(act):
            raise Refused("AlreadyRecorded", head)
        if head == ZERO or act.previous != head:
            raise Refused("WrongPredecessor", head, act.previous)
        self._check_history(act.agreement, history)
        if len(self.acts[act.agreement][-1].parties) < 2:
            raise Refused("AgreementEnded", act.agreement)
        needed = self.history_at(act.agreement, act.valid_from)
        if len(history) > len(needed):
            raise Refused("HistoryTooLong", needed[-1].valid_from)
        if len(history) < len(needed):
            raise Refused("HistoryTooShort", history[-1].valid_from)

    def _check_history(self, agreement: bytes, history: History) -> None:
        """It must be the acts of this agreement, latest first, without a gap."""
        recorded = self.acts.get(agreement, [])
        hashes = [self.head(agreement), *(act.previous for act in reversed(recorded))]
        if not history:
            raise Refused("WrongPredecessor", hashes[0], ZERO)
        for known, given in zip(hashes, history, strict=False):
            if hash_of(given) != known:
                raise Refused("WrongPredecessor", known, hash_of(given))

    def concerned(self, act: Act) -> tuple[list[bytes], list[bytes]]:
        """Who must approve, and who of them was bound already from the day on that the act takes effect."""
        before = self.history_at(act.agreement, act.valid_from) if act.previous != ZERO else []
        bound = {party for earlier in before for party in earlier.parties}
        if len(before) == 1 and self._gives_notice(act, before[0]):
            return sorted(bound - set(act.parties)), sorted(bound)
        return sorted(bound | set(act.parties)), sorted(bound)

    def _gives_notice(self, act: Act, current: Act) -> bool:
        """Whether the act takes out one party, in time but not for ages, and leaves the others what they had."""
        one_less = len(act.parties) + 1 == len(current.parties) and set(act.parties) < set(current.parties)
        same = (act.dossier, act.notice, act.valid_until) == (current.dossier, current.notice, current.valid_until)
        earliest = self.now + current.notice
        in_time = earliest <= act.valid_from <= earliest + LONGEST_AHEAD and current.valid_from <= act.valid_from
        return current.notice > 0 and one_less and same and in_time

    def _parties_at(self, agreement: bytes, history: History, at: int) -> tuple[bytes, ...]:
        self._check_history(agreement, history)
        if len(history) < len(self.history_at(agreement, at)):
            raise Refused("HistoryTooShort", history[-1].valid_from)
        return self.parties_at(agreement, at)


class Commitments(Agreements):
    """ICommitments."""

    def __init__(self, *founded: Any) -> None:
        self.reports: dict[tuple[bytes, bytes, bytes], Report] = {}
        self.confirmed: set[tuple[bytes, bytes]] = set()
        super().__init__(*founded)

    def report(self, sender: str, report: Report, history: History, signature: Signature) -> bytes:
        if report.progress not in PROGRESS:
            raise Refused("UnknownProgress", report.progress)
        if report.organisation not in self._parties_at(report.agreement, history, self.now):
            raise Refused("NotParty", report.organisation)
        signatory = self._check_signed(sender, report.organisation, hash_of(report), signature)
        latest = self.latest_report(*report[:3])
        if report.previous != latest:
            raise Refused("WrongReport", latest, report.previous)
        self.reports[report[:3]] = report
        self._record(
            "ProgressReported",
            agreement=report.agreement,
            commitment=report.commitment,
            reportHash=hash_of(report),
            signatory=signatory,
            report=report,
        )
        return hash_of(report)

    def confirm(self, sender: str, report: Report, organisation: bytes, history: History, signature: Signature) -> None:
        report_hash, latest = hash_of(report), self.latest_report(*report[:3])
        if report_hash != latest:
            raise Refused("WrongReport", latest, report_hash)
        if organisation not in self._parties_at(report.agreement, history, self.now):
            raise Refused("NotParty", organisation)
        signed = keccak(type_hash("Confirmation") + report_hash + organisation)
        signatory = self._check_signed(sender, organisation, signed, signature)
        if self.heir(organisation) == self.heir(report.organisation):
            raise Refused("OwnReport", organisation)
        if (report_hash, organisation) in self.confirmed:
            raise Refused("AlreadyConfirmed", report_hash, organisation)
        self.confirmed.add((report_hash, organisation))
        self._record("ProgressConfirmed", reportHash=report_hash, organisation=organisation, signatory=signatory)

    def latest_report(self, agreement: bytes, commitment: bytes, organisation: bytes) -> bytes:
        latest = self.reports.get((agreement, commitment, organisation))
        return hash_of(latest) if latest else ZERO

    def is_confirmed(self, report_hash: bytes, organisation: bytes) -> bool:
        return (report_hash, organisation) in self.confirmed

    def _check_signed(self, sender: str, organisation: bytes, signed: bytes, signature: Signature) -> str:
        """Who signed: one who may sign for the organisation, or for the one that took its place."""
        if signature.r == ZERO:
            if signature.vs != bytes.fromhex(sender[2:]).rjust(32, b"\0"):
                raise Refused("InvalidSignature", ZERO, signature.vs)
            signatory = sender
        else:
            digest = digest_of_hash(signed, self.address, self.chain_id)
            signatory = self._signatory(digest, signature, lambda _: False)
        if self._check_mandate(signatory) != self.heir(organisation):
            raise Refused("NotSignatory", organisation, signatory)
        return signatory
