"""What people do with the register, free of HTTP and terminal: propose, sign, record, find, verify.

A :class:`Service` works on one register with the dossiers at hand. Every answer comes from a
:class:`~registry.timeline.Ledger` that was read from the chain at one block, and whose fingerprint was found
equal to the contract's at that block: so a node that lost or garbled something is noticed. One that lies about the
contract too is caught by comparing the fingerprint with somebody else's node.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from registry import timeline
from registry.carried import Carried, CarriedProposal
from registry.chain import Register, Sent
from registry.dossier import SECONDS_PER_DAY, Dossier, Manifest, Store, Terms, check, day_of, document_digest
from registry.errors import ChainError, DossierError, NotFoundError, RefusedError, UsageError
from registry.fingerprint import fingerprint_of
from registry.keys import Signer
from registry.model import NO_HASH, Act, Approval, Mandate, Status
from registry.organisations import DIRECTORY, Directory
from registry.progress import Progress, progress_of
from registry.statements import hash_act, signatory_of
from registry.timeline import Agreement, Ledger, Proposal
from registry.verification import Verification, verify


@dataclass(frozen=True, slots=True)
class View:
    """The register as of one block.

    ``mined_at``, unix seconds, is that block's time. ``now`` is the time that the next block will at least have:
    the wall clock, or ``mined_at`` if that is later. A quiet chain does not make yesterday's agreements hold today.
    """

    ledger: Ledger
    block: int
    now: int
    mined_at: int


class Service:
    """The use cases on one register."""

    def __init__(self, register: Register, store: Store, directory: Directory = DIRECTORY) -> None:
        self.register = register
        self.store = store
        self.directory = directory

    # Looking

    def view(self, at_block: int | None = None) -> View:
        """The register as of the latest block, or an earlier one; ChainError if what the node tells does not add up.

        Of an earlier block, ``now`` is that block's time. UsageError if there is no such block yet.
        """
        chain = self.register.chain
        block, mined_at = chain.latest() if at_block is None else (at_block, chain.time_of(at_block))
        events = self.register.events(block)
        found, expected = fingerprint_of(events), self.register.fingerprint(block)
        # Before they are folded: events that do not add up may speak of what was left out.
        if found != expected:
            raise ChainError(
                f"the events up to block {block} do not add up to the register's fingerprint: "
                f"0x{found.hex()}, expected 0x{expected.hex()}",
                hint="the node leaves out or changes events; ask another node",
            )
        now = mined_at if at_block is not None else max(mined_at, int(time.time()))
        return View(Ledger.of(events, found), block, now, mined_at)

    def agreement(self, view: View, text: str) -> Agreement:
        """The agreement whose hash, or the hash of one of its acts, begins with the text."""
        by_act = {one.act_hash: agreement for agreement in view.ledger.agreements.values() for one in agreement.acts}
        digits = text.lower().removeprefix("0x")
        fitting = {agreement.id for act_hash, agreement in by_act.items() if act_hash.hex().startswith(digits)}
        if digits and len(fitting) == 1:
            return view.ledger.agreements[fitting.pop()]
        return timeline.by_prefix(by_act, text, "an agreement or act")[1]

    def proposal(self, view: View, text: str) -> Proposal:
        """The proposal on chain whose hash begins with the text, open or not."""
        return timeline.by_prefix(view.ledger.proposals, text, "a proposal")[1]

    def verify(self, file: Path, view: View | None = None) -> Verification:
        """Whether a file is what was agreed. UsageError if it is not there, DossierError if it is empty."""
        digest = document_digest(file)
        seen = view or self.view()
        return verify(file, digest, seen.ledger, self.store, seen.block, seen.now)

    # Proposing

    def draft(self, view: View, dossier: Dossier, follows: Agreement | None = None) -> Act:
        """The act that a dossier states: a concluding one, or the next one of an agreement.

        RefusedError if it cannot be recorded whoever approves it (for example: the agreement has ended).
        """
        terms = dossier.manifest.terms()
        act = Act(
            dossier=dossier.root,
            parties=terms.parties,
            valid_from=terms.valid_from,
            valid_until=terms.valid_until,
            notice=terms.notice,
            deadline=terms.deadline,
            agreement=follows.id if follows else NO_HASH,
            previous=follows.head.act_hash if follows else NO_HASH,
        )
        if follows is None and len(act.parties) < 2:
            raise UsageError(
                "the manifest names no parties, so it ends an agreement: which one?",
                hint="name it with --follows AGREEMENT (see: foodvalley list)",
            )
        self.require_possible(view, act)
        return act

    def draft_leave(self, view: View, agreement: Agreement, organisation: str, valid_from: int) -> Act:
        """The act with which one party leaves by notice, leaving the others what they had."""
        current = agreement.head.act
        # Its own place first; else that of an organisation whose place it took.
        leaver = organisation if organisation in current.parties else None
        heir_of = view.ledger.membership.heir_of
        leaver = leaver or next((one for one in current.parties if heir_of(one) == organisation), None)
        if leaver is None:
            name = self.directory.name(organisation)
            raise RefusedError(f"{name} is not a party, so it cannot leave")
        parties = tuple(party for party in current.parties if party != leaver)
        act = replace(
            current,
            agreement=agreement.id,
            previous=agreement.head.act_hash,
            parties=parties,
            valid_from=valid_from,
            # Also so that nobody can guess the hash, and decline the act before it counts as notice.
            deadline=view.now + SECONDS_PER_DAY,
        )
        if not timeline.gives_notice(act, current, view.now):
            raise RefusedError(
                _notice_refusal(current, view.now), hint="to leave sooner or later, propose it to the others"
            )
        self.require_possible(view, act)
        return act

    def between_the_same(self, view: View, act: Act) -> list[Agreement]:
        """Agreements in force between exactly the parties of a concluding act: did the proposer mean to change one?"""
        if not act.concludes:
            return []
        return [
            one
            for one in view.ledger.agreements.values()
            if one.status(view.now) is Status.IN_FORCE
            and (one.governing(view.now) or one.head).act.parties == act.parties
        ]

    def propose(self, act: Act, signer: Signer, decision: bytes = NO_HASH) -> Sent:
        """Puts an act before its parties on chain, approved by the proposer."""
        return self.register.propose(act, signer, decision)

    # Signing

    def seen(self, act: Act, current: Act | None = None) -> Manifest | None:
        """As the function :func:`seen`, with the dossiers at hand."""
        return seen(self.store, act, current)

    def sign(self, act: Act, signer: Signer, decision: bytes = NO_HASH) -> Approval:
        """An approval as a signature, for another to carry; no transaction."""
        return sign_approval(CarriedProposal(self.register.domain, act), signer, decision)

    def approve(self, act_hash: bytes, signer: Signer, decision: bytes = NO_HASH) -> Sent:
        """Approves an act in a transaction of the signatory's own."""
        return self.register.approve(act_hash, signer, decision)

    def progress(self, view: View, act: Act, carried: Iterable[Approval] = ()) -> Progress:
        """Who must approve an act and who has, on chain or by a signature that is carried along."""
        act_hash = hash_act(act)
        required = timeline.required(act, self._history(view, act), view.now)
        on_chain = view.ledger.approvals.get(act_hash, {}).values()
        given = {one.signatory: one for one in carried}
        given |= {one.signatory: Approval(one.signatory, one.decision) for one in on_chain}
        membership = view.ledger.membership
        return progress_of(required, given, membership.heir_of, membership.signatories_of, view.now)

    # Recording

    def record(self, view: View, act: Act, signer: Signer, carried: Iterable[Approval] = ()) -> tuple[Sent, Progress]:
        """Records an act with the approvals that bind everybody concerned; RefusedError if some are missing."""
        history = self._history(view, act)
        progress = self.progress(view, act, carried)
        if progress.missing:
            self.require_possible(view, act)  # an act that was declined waits for nobody
            names = ", ".join(f"{self.directory.name(one)} ({one})" for one in progress.missing)
            raise RefusedError(
                f"these organisations have not approved (enough of their signatories): {names}",
                hint="let them sign: foodvalley sign, or name the file with their approvals",
            )
        return self.register.record(act, history, progress.approvals, signer), progress

    def decline(self, view: View, act: Act, signer: Signer, reason: bytes = NO_HASH) -> Sent:
        """Declines or withdraws an act for good, also against signatures given before."""
        return self.register.decline(act, self._history(view, act), signer, reason)

    # Mandates

    def appoint(self, mandate: Mandate, signer: Signer) -> Sent:
        """Appoints a signatory, as its organisation's administrator."""
        return self.register.appoint(mandate, signer)

    def dismiss(self, organisation: str, signatory: str, signer: Signer, decision: bytes = NO_HASH) -> Sent:
        """Ends a signatory's mandate at once, as its organisation's administrator."""
        return self.register.dismiss(organisation, signatory, signer, decision)

    def _history(self, view: View, act: Act) -> Sequence[Act]:
        if act.concludes:
            return ()
        agreement = view.ledger.agreements.get(act.agreement)
        if agreement is None:
            raise NotFoundError(f"the act follows agreement 0x{act.agreement.hex()}, which is not in this register")
        return agreement.history_for(act.valid_from)

    def require_possible(self, view: View, act: Act) -> None:
        """RefusedError if the act could not be recorded now, whoever approves it."""
        history = self._history(view, act)
        bound = {party for one in history for party in one.parties}
        for party in act.parties:
            self._require_can_join(view, party, party in bound)
        self.register.required_for(act, history)

    def _require_can_join(self, view: View, party: str, bound: bool) -> None:
        who = f"{self.directory.name(party)} ({party})"
        member = view.ledger.members.get(party)
        if member is None:
            raise RefusedError(
                f"{who} does not take part in this register",
                hint="the council must admit it first; see who takes part with: foodvalley council",
            )
        if bound or member.takes_part:
            return
        if member.successor:
            heir = view.ledger.membership.heir_of(party)
            raise RefusedError(
                f"{self.directory.name(heir)} took the place of {who}, which enters nothing new",
                hint=f"name {heir} as a party instead",
            )
        raise RefusedError(f"{who} was expelled and enters nothing new", hint="the council can admit it again")


def seen(store: Store, act: Act, current: Act | None = None) -> Manifest | None:
    """The manifest to read before signing an act; None if its dossier, or any document in it, is not at hand.

    DossierError if a document was changed, or the act says something else; see :func:`require_same_terms`.
    """
    if act.dossier not in store.roots():
        return None
    dossier = check(store.place(act.dossier), act.dossier)
    if dossier.erased:
        return None
    require_same_terms(act, dossier.manifest, current)
    return dossier.manifest


def require_same_terms(act: Act, manifest: Manifest, current: Act | None = None) -> None:
    """DossierError unless the act says what its manifest says: parties, dates, notice, deadline.

    An act that only takes parties out of an agreement keeps the dossier, the notice and the end of ``current``,
    the act it follows.
    """
    takes_out = current is not None and bool(act.parties) and set(act.parties) < set(current.parties)
    if takes_out and current is not None and current.dossier == act.dossier:
        same = (act.notice, act.valid_until) == (current.notice, current.valid_until)
    else:
        same = manifest.terms() == Terms(act.parties, act.valid_from, act.valid_until, act.notice, act.deadline)
    if not same:
        raise DossierError(
            f"the act says something else than the manifest of its dossier ({manifest.title}): "
            "parties, dates or notice differ",
            hint="do not sign; ask the proposer for an act that follows from the dossier",
        )


def sign_approval(carried: Carried, signer: Signer, decision: bytes = NO_HASH) -> Approval:
    """Signs the approval of a carried act or motion; needs no chain.

    RefusedError if the key signs for another address.
    """
    signature = signer.sign_typed_data(carried.typed_data(decision))
    if signatory_of(signature, carried.domain, carried.struct_hash(decision)) != signer.address:
        raise RefusedError("the key made a signature that is not its own", hint="the key file may be damaged")
    return Approval(signer.address, decision, signature)


def reason_digest(reason: str) -> tuple[bytes, bytes]:
    """The digest of a reason that goes on chain, and the 32-byte salt that makes it unguessable: keep both."""
    salt = secrets.token_bytes(32)
    return sha256(salt + reason.encode()).digest(), salt


def _notice_refusal(current: Act, now: int) -> str:
    if not current.notice:
        return "this agreement has no notice: a party can leave it only together with the others"
    earliest, latest = timeline.notice_window(current, now)
    first, last = day_of(earliest + SECONDS_PER_DAY - 1), day_of(latest)
    days = current.notice // SECONDS_PER_DAY
    return f"the notice is {days} days: leaving is possible from {first} up to {last}"
