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
from registry.model import NO_HASH, Act, Event, Mandate, Place
from registry.statements import hash_act
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
        mandate = Mandate(key_of(role), role.partition(":")[0], **{"valid_from": START - DAY, **terms})
        self._add(model.SignatoryAppointed, mandate=mandate)
        return mandate

    def dismiss(self, role: str) -> None:
        organisation = role.partition(":")[0]
        self._add(model.SignatoryDismissed, organisation=organisation, signatory=key_of(role), decision=NO_HASH)

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

    def _add(self, kind: Any, **values: Any) -> None:
        number = len(self.events) + 1
        self.now += 1
        place = Place(number, 0, digest_of(f"transaction {number}"), digest_of(f"block {number}"), self.now)
        self.events.append(kind(place=place, **values))


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

    def dossier(self, name: str, text: str | None = None, parties: tuple[str, ...] = BOTH) -> Dossier:
        source = write_source(self.folder / name, parties, date(2026, 1, 1), title=name, text=text or name)
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
