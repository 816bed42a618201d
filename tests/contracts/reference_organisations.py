"""The reference model, first part: organisations, who runs them, who may sign for them, and the fingerprint.

Where one call breaks several rules, the NatSpec leaves open which of them is told; the order of the checks is the one
the contract keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from eth_abi import encode
from eth_utils import keccak
from reference_types import NOBODY, ZERO, Event, Founder, Refused

MOST_SIGNATORIES = 64
LONGEST_SERVICE = 255
LONGEST_IDENTIFIER = 16
ACT = "(bytes32,bytes32,bytes32,bytes32[],uint40,uint40,uint32,uint40)"
MOTION = "(string,bytes32,address,bytes32,bool,bytes32,uint40)"
REPORT = "(bytes32,bytes32,bytes32,bytes32,string,bytes32)"

#: Each event that counts for the fingerprint: its signature, and what of it is folded; * stands for the hash of a list.
FOLDED: dict[str, tuple[str, str]] = {
    "MemberAdmitted": ("bytes32,address,bool", "bytes32 organisation, address administrator, bool votes"),
    "AdministratorReplaced": ("bytes32,address", "bytes32 organisation, address administrator"),
    "AdministratorNominated": ("bytes32,address", "bytes32 organisation, address nominee"),
    "SignatoryAppointed": (
        "bytes32,address,uint40,uint40,uint16,bytes32",
        "bytes32 organisation, address signatory, uint40 validFrom, uint40 validUntil, uint16 together, "
        "bytes32 decision",
    ),
    "SignatoryDismissed": ("bytes32,address,bytes32", "bytes32 organisation, address signatory, bytes32 decision"),
    "ServiceAnnounced": ("bytes32,string", "bytes32 organisation, * service"),
    "MotionDecided": (
        f"bytes32,bytes32,{MOTION},address[],bytes32[],uint40",
        "bytes32 motionHash, * signatories, * decisions, uint40 effectFrom",
    ),
    "MotionVetoed": (
        "bytes32,bytes32,address,bytes32",
        "bytes32 motionHash, bytes32 organisation, address sender, bytes32 reason",
    ),
    "MotionEnacted": ("bytes32,bytes32", "bytes32 motionHash"),
    "MemberExpelled": ("bytes32", "bytes32 organisation"),
    "MemberSucceeded": ("bytes32,bytes32", "bytes32 organisation, bytes32 successor"),
    "Recorded": (
        f"bytes32,bytes32,{ACT},address[],bytes32[]",
        "bytes32 agreement, bytes32 actHash, * signatories, * decisions",
    ),
    "Declined": (
        "bytes32,bytes32,address,bytes32",
        "bytes32 actHash, bytes32 organisation, address signatory, bytes32 reason",
    ),
    "ProgressReported": (f"bytes32,bytes32,bytes32,address,{REPORT}", "bytes32 reportHash, address signatory"),
    "ProgressConfirmed": ("bytes32,bytes32,address", "bytes32 reportHash, bytes32 organisation, address signatory"),
}


def folded(event: Event, now: int) -> bytes:
    """What of an event goes into the fingerprint, as its NatSpec says."""
    signature, members = FOLDED[event.name]
    types, values = ["bytes32", "uint256"], [keccak(text=f"{event.name}({signature})"), now]
    for member in members.split(", "):
        kind, name = member.split(" ")
        value: Any = event.values[name]
        if kind == "*":
            kind, value = "bytes32", keccak(value.encode() if isinstance(value, str) else words(value))
        types.append(kind)
        values.append(value)
    return encode(types, values)


def words(values: Sequence[bytes | str]) -> bytes:
    """Hashes or addresses one after the other, 32 bytes each."""
    return b"".join((bytes.fromhex(v[2:]) if isinstance(v, str) else v).rjust(32, b"\0") for v in values)


@dataclass(frozen=True)
class Member:
    administrator: str = NOBODY
    votes: bool = False
    expelled: bool = False


@dataclass(frozen=True)
class Mandate:
    organisation: bytes
    valid_from: int
    valid_until: int
    together: int

    def holds(self, moment: int) -> bool:
        return self.valid_from <= moment and (self.valid_until == 0 or moment < self.valid_until)


class Organisations:
    """IMandates. `now` is the time of the block; `happened` grows by the events of each call."""

    def __init__(self, address: str, chain_id: int, founders: Sequence[Founder], now: int) -> None:
        self.address, self.chain_id, self.now = address, chain_id, now
        self.happened: list[Event] = []
        self.fingerprint = ZERO
        self.members: dict[bytes, Member] = {}
        self.mandates: dict[str, Mandate] = {}
        self.listed: dict[bytes, set[str]] = {}
        self.nominees: dict[bytes, str] = {}
        self.successors: dict[bytes, bytes] = {}
        previous = ZERO
        for founder in founders:
            if founder.organisation <= previous:
                raise Refused("OrganisationsNotAscending", founder.organisation)
            previous = founder.organisation
            self._check_member(founder.organisation, founder.administrator)
            self._admit(founder.organisation, founder.administrator, founder.votes)
        if self.voters() == 0:
            raise Refused("NoVoters")

    def appoint(
        self,
        sender: str,
        organisation: bytes,
        signatory: str,
        valid_from: int,
        valid_until: int,
        together: int,
        decision: bytes,
    ) -> None:
        self._check_administrator(sender, organisation)
        never = valid_until != 0 and (valid_until <= valid_from or valid_until <= self.now)
        if never or together == 0 or signatory == NOBODY:
            raise Refused("InvalidMandate", signatory)
        earlier = self.mandates.get(signatory)
        if earlier and self.heir(earlier.organisation) != organisation:
            raise Refused("MandatedElsewhere", signatory, earlier.organisation)
        listed = self.listed.setdefault(organisation, set())
        if signatory not in listed and len(listed) == MOST_SIGNATORIES:
            raise Refused("TooManySignatories", organisation)
        listed.add(signatory)
        self.mandates[signatory] = Mandate(organisation, valid_from, valid_until, together)
        self._record(
            "SignatoryAppointed",
            organisation=organisation,
            signatory=signatory,
            validFrom=valid_from,
            validUntil=valid_until,
            together=together,
            decision=decision,
        )

    def dismiss(self, sender: str, organisation: bytes, signatory: str, decision: bytes) -> None:
        self._check_administrator(sender, organisation)
        if signatory not in self.listed.get(organisation, ()):
            raise Refused("NotSignatory", organisation, signatory)
        self.listed[organisation].remove(signatory)
        self._end(signatory)
        self._record("SignatoryDismissed", organisation=organisation, signatory=signatory, decision=decision)

    def hand_over(self, sender: str, organisation: bytes, nominee: str) -> None:
        self._check_administrator(sender, organisation)
        self.nominees[organisation] = nominee
        self._record("AdministratorNominated", organisation=organisation, nominee=nominee)

    def take_over(self, sender: str, organisation: bytes) -> None:
        if self.nominee_of(organisation) != sender:
            raise Refused("NotNominated", organisation, sender)
        self._replace_administrator(organisation, sender)

    def announce(self, sender: str, organisation: bytes, service: str) -> None:
        self._check_administrator(sender, organisation)
        if len(service.encode()) > LONGEST_SERVICE:
            raise Refused("ServiceTooLong", len(service.encode()))
        self._record("ServiceAnnounced", organisation=organisation, service=service)

    def member_of(self, organisation: bytes) -> Member:
        return self.members.get(organisation, Member())

    def mandate_of(self, signatory: str) -> Mandate:
        return self.mandates.get(signatory, Mandate(ZERO, 0, 0, 0))

    def signatories_of(self, organisation: bytes) -> set[str]:
        return self.listed.get(organisation, set())

    def nominee_of(self, organisation: bytes) -> str:
        return self.nominees.get(organisation, NOBODY)

    def successor_of(self, organisation: bytes) -> bytes:
        return self.successors.get(organisation, ZERO)

    def voters(self) -> int:
        return sum(member.votes for member in self.members.values())

    def heir(self, organisation: bytes) -> bytes:
        """Who answers for an organisation now: itself, or the last of its successors."""
        while organisation in self.successors:
            organisation = self.successors[organisation]
        return organisation

    def signs_for(self, signatory: str) -> bytes | None:
        """The organisation that the key may sign for at this moment."""
        mandate = self.mandates.get(signatory)
        return mandate.organisation if mandate and mandate.holds(self.now) else None

    def _check_mandate(self, signatory: str) -> bytes:
        mandate = self.mandates.get(signatory)
        if mandate is None:
            raise Refused("NoMandate", signatory)
        if not mandate.holds(self.now):
            raise Refused("MandateNotInForce", signatory, mandate.valid_from, mandate.valid_until)
        return mandate.organisation

    def _check_administrator(self, sender: str, organisation: bytes) -> None:
        if self.member_of(organisation).administrator != sender:
            raise Refused("NotAdministrator", organisation, sender)

    def _check_member(self, organisation: bytes, administrator: str) -> None:
        if organisation == ZERO or any(organisation[LONGEST_IDENTIFIER:]):
            raise Refused("InvalidIdentifier", organisation)
        if administrator == NOBODY:
            raise Refused("NoAdministrator", organisation)

    def _admit(self, organisation: bytes, administrator: str, votes: bool) -> None:
        self.members[organisation] = Member(administrator, votes)
        self._record("MemberAdmitted", organisation=organisation, administrator=administrator, votes=votes)

    def _expel(self, organisation: bytes) -> None:
        self.members[organisation] = replace(self.members[organisation], votes=False, expelled=True)
        self._record("MemberExpelled", organisation=organisation)

    def _succeed(self, organisation: bytes, successor: bytes) -> None:
        for signatory in self.listed.pop(organisation, set()):
            self._end(signatory)
        del self.members[organisation]
        self.nominees.pop(organisation, None)
        self.successors[organisation] = successor
        self._record("MemberSucceeded", organisation=organisation, successor=successor)

    def _replace_administrator(self, organisation: bytes, administrator: str) -> None:
        self.members[organisation] = replace(self.members[organisation], administrator=administrator)
        self.nominees.pop(organisation, None)
        self._record("AdministratorReplaced", organisation=organisation, administrator=administrator)

    def _end(self, signatory: str) -> None:
        """The mandate ends now; if it had ended by itself before, it still ended then."""
        mandate = self.mandates[signatory]
        ends = min(mandate.valid_until or self.now, self.now)
        self.mandates[signatory] = replace(mandate, valid_until=ends)

    def _emit(self, name: str, **values: Any) -> None:
        self.happened.append(Event(name, values))

    def _record(self, name: str, **values: Any) -> None:
        self._emit(name, **values)
        self.fingerprint = keccak(self.fingerprint + keccak(folded(self.happened[-1], self.now)))
