"""Events made by hand, as a register would have emitted them: for tests without a chain."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from world import write_source

from registry import model
from registry.dossier import Dossier, Store, build
from registry.membership import VETO_PERIOD
from registry.model import NO_HASH, NOBODY, Act, Action, Event, Mandate, Motion, Place, Report, Stage
from registry.statements import commitment_id, hash_act, hash_motion, hash_report
from registry.timeline import Agreement, Ledger, RecordedAct
from registry.verification import Verification, verify

DAY = 86_400
START = 1_800_000_000
BOTH = ("gm0339", "gm0345")


def digest_of(text: str) -> bytes:
    return keccak(text=text)


def key_of(role: str) -> str:
    """The address of whoever plays a role: gm0345 is the first signatory of Veenendaal, gm0345:2 the second."""
    return to_checksum_address(keccak(text=role)[:20])


@dataclass
class Story:
    """A register whose events one writes down oneself; a block and a second for each."""

    now: int = START
    events: list[Event] = field(default_factory=list)

    @property
    def ledger(self) -> Ledger:
        return Ledger.of(self.events)

    def admit(self, *organisations: str) -> Story:
        for one in organisations:
            self._add(model.MemberAdmitted, member=model.Member(one, key_of(f"{one}:admin"), one.startswith("gm")))
        return self

    def appoint(self, role: str, **terms: Any) -> Mandate:
        terms = {"organisation": role.partition(":")[0], "valid_from": START - DAY, **terms}
        mandate = Mandate(key_of(role), **terms)
        self._add(model.SignatoryAppointed, mandate=mandate)
        return mandate

    def dismiss(self, role: str) -> None:
        organisation = role.partition(":")[0]
        self._add(model.SignatoryDismissed, organisation=organisation, signatory=key_of(role), decision=NO_HASH)

    def nominate(self, organisation: str, role: str | None) -> None:
        self._add(model.AdministratorNominated, organisation=organisation, nominee=key_of(role) if role else NOBODY)

    def replace_administrator(self, organisation: str, role: str) -> None:
        self._add(model.AdministratorReplaced, organisation=organisation, administrator=key_of(role))

    def announce(self, organisation: str, service: bytes) -> None:
        self._add(model.ServiceAnnounced, organisation=organisation, service=service)

    def move(self, motion: Motion, role: str) -> bytes:
        self._add(model.Moved, motion_hash=hash_motion(motion), motion=motion, signatory=key_of(role))
        self.vote(motion, role)
        return hash_motion(motion)

    def vote(self, motion: Motion, role: str, decision: bytes = NO_HASH) -> None:
        who = {"organisation": role.partition(":")[0], "signatory": key_of(role)}
        self._add(model.Voted, motion_hash=hash_motion(motion), decision=decision, **who)

    def decide(self, motion: Motion, *roles: str, consents: bool = False) -> bytes:
        """Decides a motion; one that must wait does, unless the organisation consents."""
        waits = motion.action.can_be_vetoed and not consents
        self._add(
            model.MotionDecided,
            motion_hash=hash_motion(motion),
            motion=motion,
            signatories=tuple(key_of(one) for one in roles),
            decisions=(),
            effect_from=self.now + 1 + (VETO_PERIOD if waits else 0),
        )
        if not waits:
            self._enact(motion)
        return hash_motion(motion)

    def enact(self, motion: Motion) -> None:
        """Carries out a motion that waited, as the first second that this can be done."""
        decided = self.ledger.membership.motions[hash_motion(motion)].decided
        assert decided is not None
        self.now = max(self.now, decided.effect_from - 1)
        self.now += 1
        self._enact(motion)

    def veto(self, motion: Motion, role: str, reason: bytes = NO_HASH) -> None:
        values = {"organisation": motion.organisation, "sender": key_of(role), "reason": reason}
        self._add(model.MotionVetoed, motion_hash=hash_motion(motion), **values)

    def succeed(self, organisation: str, successor: str) -> None:
        """Has one take the place of another, which agrees."""
        self.decide(succession(organisation, successor), consents=True)

    def expel(self, organisation: str) -> None:
        self.decide(expulsion(organisation))

    def report(self, report: Report, role: str) -> bytes:
        self._add(model.ProgressReported, report_hash=hash_report(report), report=report, signatory=key_of(role))
        return hash_report(report)

    def confirm(self, report: Report, organisation: str, role: str) -> None:
        who = {"organisation": organisation, "signatory": key_of(role)}
        self._add(model.ProgressConfirmed, report_hash=hash_report(report), **who)

    def propose(self, act: Act, role: str) -> bytes:
        self._add(model.Proposed, act_hash=hash_act(act), act=act, signatory=key_of(role))
        self.approve(act, role)
        return hash_act(act)

    def approve(self, act: Act, role: str, decision: bytes = NO_HASH) -> None:
        who = {"organisation": role.partition(":")[0], "signatory": key_of(role)}
        self._add(model.Approved, act_hash=hash_act(act), decision=decision, **who)

    def decline(self, act: Act, role: str) -> None:
        who = {"organisation": role.partition(":")[0], "signatory": key_of(role)}
        self._add(model.Declined, act_hash=hash_act(act), reason=NO_HASH, **who)

    def record(self, act: Act, *roles: str, decisions: tuple[bytes, ...] = ()) -> RecordedAct:
        act_hash = hash_act(act)
        agreement = act_hash if act.concludes else act.agreement
        signatories = tuple(key_of(one) for one in roles)
        self._add(
            model.Recorded,
            agreement=agreement,
            act_hash=act_hash,
            act=act,
            signatories=signatories,
            decisions=decisions,
        )
        found = self.ledger.recorded(act_hash)
        assert found is not None
        return found

    def agreement(self, act: Act) -> Agreement:
        return self.ledger.agreement_of(hash_act(act))

    def _enact(self, motion: Motion) -> None:
        """What follows in one transaction: that it took effect, and what it changed."""
        organisation = motion.organisation
        self._add(model.MotionEnacted, 0, motion_hash=hash_motion(motion), organisation=organisation)
        match motion.action:
            case Action.ADMIT:
                member = model.Member(organisation, motion.administrator, motion.votes)
                self._add(model.MemberAdmitted, 0, member=member)
            case Action.EXPEL:
                self._add(model.MemberExpelled, 0, organisation=organisation)
            case Action.SUCCEED:
                self._add(model.MemberSucceeded, 0, organisation=organisation, successor=motion.successor)
            case Action.RECOVER:
                values = {"organisation": organisation, "administrator": motion.administrator}
                self._add(model.AdministratorReplaced, 0, **values)

    def _add(self, kind: Any, seconds: int = 1, **values: Any) -> None:
        number = len(self.events) + 1
        self.now += seconds
        place = Place(number, 0, digest_of(f"transaction {number}"), digest_of(f"block {number}"), self.now)
        self.events.append(kind(place=place, **values))


DEADLINE = START + 90 * DAY


def admission(organisation: str, votes: bool = True, role: str | None = None, **terms: Any) -> Motion:
    administrator = key_of(role or f"{organisation}:admin")
    return _motion(Action.ADMIT, organisation, administrator=administrator, votes=votes, **terms)


def expulsion(organisation: str, **terms: Any) -> Motion:
    return _motion(Action.EXPEL, organisation, **terms)


def succession(organisation: str, successor: str, **terms: Any) -> Motion:
    return _motion(Action.SUCCEED, organisation, successor=successor, **terms)


def recovery(organisation: str, role: str, **terms: Any) -> Motion:
    return _motion(Action.RECOVER, organisation, administrator=key_of(role), **terms)


def _motion(action: Action, organisation: str, **terms: Any) -> Motion:
    return Motion(action, organisation, **{"deadline": DEADLINE, **terms})


def reporting(act: Act, organisation: str, stage: Stage = Stage.STARTED, label: str = "T1", **terms: Any) -> Report:
    """A report on a commitment of the agreement that this act concluded."""
    agreement = hash_act(act)
    return Report(agreement, commitment_id(agreement, label), organisation, stage, **terms)


def concluding(*parties: str, since: int = START, dossier: str = "dossier", **terms: Any) -> Act:
    return Act(dossier=digest_of(dossier), parties=tuple(sorted(parties)), valid_from=since, **terms)


def after(act: Act, **changes: Any) -> Act:
    """The act that follows this one and says the same but for the changes; a dossier is named by a text."""
    agreement = hash_act(act) if act.concludes else act.agreement
    if isinstance(changes.get("dossier"), str):
        changes["dossier"] = digest_of(changes["dossier"])
    return replace(act, agreement=agreement, previous=hash_act(act), **changes)


class Case:
    """A story and the dossiers of its acts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store(folder / "store")
        self.story = Story().admit(*BOTH)
        for one in BOTH:
            self.story.appoint(one)
        self.dossiers: dict[str, Dossier] = {}

    def dossier(self, name: str, text: str | None = None, parties: tuple[str, ...] = BOTH, **extra: object) -> Dossier:
        terms: Any = {"title": name, "text": text or name, "extra": extra}
        source = write_source(self.folder / name, parties, date(2026, 1, 1), **terms)
        self.dossiers[name] = build(source, self.store)
        return self.dossiers[name]

    def conclude(self, name: str = "eerste", **terms: object) -> Act:
        dossier = self.dossiers.get(name) or self.dossier(name)
        act = Act(dossier=dossier.root, parties=BOTH, **{"valid_from": START, **terms})
        self.story.record(act, *BOTH)
        return act

    def follow(self, act: Act, name: str | None = None, **changes: object) -> Act:
        if name:
            changes["dossier"] = (self.dossiers.get(name) or self.dossier(name)).root
        follower = after(act, **changes)
        self.story.record(follower, *BOTH)
        return follower

    def file(self, name: str, path: str = "overeenkomst.pdf") -> Path:
        return self.folder / name / path

    def ask(self, file: Path, now: int | None = None) -> Verification:
        digest = sha256(file.read_bytes()).digest()
        return verify(file, digest, self.story.ledger, self.store, 9, now or self.story.now)
