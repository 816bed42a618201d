"""What an audit found, as frozen values: for the screen, for JSON, and for the workbook and the PDF.

Hashes are 32 bytes, times unix seconds. ``message`` and ``reason`` are Dutch sentences for a person and may hold what
strangers wrote: escape them where they are shown. ``rule`` is an English name that stays the same, for machines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Check(StrEnum):
    """What is checked, in the order of a report."""

    CODE = "code"
    BLOCKS = "blocks"
    EVENTS = "events"
    FINGERPRINT = "fingerprint"
    HASHES = "hashes"
    CALLS = "calls"
    SIGNATURES = "signatures"
    MANDATES = "mandates"
    APPROVALS = "approvals"
    ACTS = "acts"
    ADMINISTRATION = "administration"
    COUNCIL = "council"
    SUCCESSIONS = "successions"
    REPORTS = "reports"
    STORAGE = "storage"
    INDEX = "index"

    @property
    def dutch(self) -> str:
        """The name in a table."""
        return _DUTCH[self][0]

    @property
    def explained(self) -> str:
        """What was compared with what, in a Dutch sentence."""
        return _DUTCH[self][1]


_DUTCH = {
    Check.CODE: ("programma", "de code op de keten is het contract dat bij dit programma hoort"),
    Check.BLOCKS: ("blokken", "elk blok bestaat, volgt in de tijd, en is het blok dat de gebeurtenissen noemen"),
    Check.EVENTS: ("gebeurtenissen", "elke gebeurtenis is leesbaar, staat op haar plaats en komt één keer voor"),
    Check.FINGERPRINT: ("vingerafdruk", "de gebeurtenissen geven na elk blok de vingerafdruk van het contract"),
    Check.HASHES: ("hashes", "elke handeling, motie en melding heeft de hash waaronder zij is vastgelegd"),
    Check.CALLS: ("aanroepen", "elke gebeurtenis volgt uit een aanroep van het register in haar transactie"),
    Check.SIGNATURES: ("handtekeningen", "elke handtekening is van wie de gebeurtenis noemt, voor precies dit"),
    Check.MANDATES: ("mandaten", "wie tekende had op dat moment een geldend mandaat van die organisatie"),
    Check.APPROVALS: ("akkoorden", "elke vereiste organisatie is gebonden, door genoeg ondertekenaars, en geen andere"),
    Check.ACTS: ("handelingen", "elke handeling volgt op de vorige en houdt zich aan de regels"),
    Check.ADMINISTRATION: ("beheer", "mandaten, overdracht en dienst zijn van de beheerder van dat moment"),
    Check.COUNCIL: ("moties", "elke motie had een meerderheid, en elke termijn voor een veto is afgewacht"),
    Check.SUCCESSIONS: ("opvolgingen", "elke opvolger nam deel, en elke organisatie is hoogstens één keer opgevolgd"),
    Check.REPORTS: ("meldingen", "elke melding en bevestiging is van een partij, en volgt op de vorige"),
    Check.STORAGE: ("opslag", "wat het contract nu antwoordt is wat uit de gebeurtenissen volgt"),
    Check.INDEX: ("index", "elke rij van de index is wat uit de keten volgt, en er ontbreekt geen"),
}


class Basis(StrEnum):
    """What a signatory's approval rests on."""

    KEY = "key"
    WALLET = "wallet"
    EARLIER = "earlier"
    SENDER = "sender"

    @property
    def dutch(self) -> str:
        """The words in a report."""
        return _DUTCH_BASIS[self]


_DUTCH_BASIS = {
    Basis.KEY: "handtekening van een sleutel, teruggerekend uit de transactie",
    Basis.WALLET: "handtekening die een contract goedkeurt (EIP-1271), aan dat contract gevraagd",
    Basis.EARLIER: "akkoord dat al op de keten stond",
    Basis.SENDER: "transactie van de ondertekenaar zelf",
}


@dataclass(frozen=True, slots=True)
class Deviation:
    """One thing that does not hold. ``block`` is None if it is about no block; ``subject`` is the hash of the act,
    motion or report, ``agreement`` that of the agreement, ``organisation`` its identifier; empty or None if none.
    """

    check: Check
    rule: str
    message: str
    block: int | None = None
    transaction: bytes | None = None
    log_index: int | None = None
    subject: bytes | None = None
    agreement: bytes | None = None
    organisation: str = ""

    def to_json(self) -> dict[str, object]:
        """The deviation for machines; hashes as 0x-prefixed hexadecimal."""
        return {
            "check": self.check.value,
            "rule": self.rule,
            "message": self.message,
            "block": self.block,
            "transaction": _hex(self.transaction),
            "logIndex": self.log_index,
            "subject": _hex(self.subject),
            "agreement": _hex(self.agreement),
            "organisation": self.organisation or None,
        }


@dataclass(frozen=True, slots=True)
class Unchecked:
    """What could not be checked, how many there are of it, and why."""

    check: Check
    count: int
    reason: str

    def to_json(self) -> dict[str, object]:
        """The same for machines."""
        return {"check": self.check.value, "count": self.count, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Tally:
    """How many times one check was made, and how many of those did not hold."""

    check: Check
    checked: int
    deviations: int

    def to_json(self) -> dict[str, object]:
        """The same for machines."""
        return {"check": self.check.value, "checked": self.checked, "deviations": self.deviations}


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The outcome of one audit.

    ``from_block`` is where the register was deployed: everything is replayed from there. ``signed_from`` is from
    which block on signatures and calldata were checked, the same unless asked otherwise. ``events`` counts the events
    by name, ``contents`` what they add up to (organisations, signatories, agreements, acts, motions, reports), and
    ``bases`` the signatures checked, by what they rest on. ``recovery_seconds`` of ``seconds`` went into recovering
    signatures. ``index`` names the index that was compared, without passwords; empty if none was.
    """

    chain_id: int
    register: str
    node: str
    client: str
    version: str
    started_at: int
    from_block: int
    signed_from: int
    block: int
    block_hash: bytes
    block_time: int
    fingerprint: bytes
    tallies: tuple[Tally, ...]
    deviations: tuple[Deviation, ...]
    unchecked: tuple[Unchecked, ...]
    events: Mapping[str, int]
    contents: Mapping[str, int]
    bases: Mapping[Basis, int]
    seconds: float
    recovery_seconds: float
    index: str = ""
    index_rows: Mapping[str, int] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether everything that was checked holds."""
        return not self.deviations

    @property
    def recovery_share(self) -> float:
        """The part of the time that went into recovering signatures, from 0 to 1."""
        return self.recovery_seconds / self.seconds if self.seconds else 0.0

    def tally(self, check: Check) -> Tally:
        """How often one check was made; zeros if not at all."""
        return next((one for one in self.tallies if one.check == check), Tally(check, 0, 0))

    def to_json(self) -> dict[str, object]:
        """The report for machines; hashes as 0x-prefixed hexadecimal, times in unix seconds."""
        return {
            "holds": self.holds,
            "chainId": self.chain_id,
            "register": self.register,
            "node": {"url": self.node, "client": self.client},
            "version": self.version,
            "startedAt": self.started_at,
            "fromBlock": self.from_block,
            "signedFrom": self.signed_from,
            "block": self.block,
            "blockHash": _hex(self.block_hash),
            "blockTime": self.block_time,
            "fingerprint": _hex(self.fingerprint),
            "checks": [one.to_json() for one in self.tallies],
            "deviations": [one.to_json() for one in self.deviations],
            "unchecked": [one.to_json() for one in self.unchecked],
            "events": dict(self.events),
            "contents": dict(self.contents),
            "signatures": {basis.value: count for basis, count in self.bases.items()},
            "seconds": round(self.seconds, 3),
            "recoverySeconds": round(self.recovery_seconds, 3),
            "index": self.index or None,
            "indexRows": dict(self.index_rows),
        }


def _hex(value: bytes | None) -> str | None:
    return None if value is None else "0x" + value.hex()
