"""What every rule works with, and the checks that several of them share: who signed, who sent, under which mandate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from registry.audit import recovery
from registry.audit.abi import Signature
from registry.audit.calls import Call
from registry.audit.digests import NOTHING, Digests
from registry.audit.findings import Event, Findings, brief, name_of
from registry.audit.recovery import Recoveries
from registry.audit.report import Basis, Check
from registry.audit.state import State
from registry.audit.worker import Signed, recover

SENDER_UNKNOWN = "wie het register aanriep is zonder spoor van de transactie niet zeker"


@dataclass(frozen=True, slots=True)
class WalletQuestion:
    """A signature that is no key's: does the contract at the signatory's address accept it?"""

    event: Event
    digest: bytes
    signature: bytes
    signatory: str


@dataclass
class Bench:
    """The findings, the state so far, and what recovers signatures; ``wallets`` are still to be asked."""

    findings: Findings
    digests: Digests
    recoveries: Recoveries
    state: State = field(default_factory=State)
    wallets: list[WalletQuestion] = field(default_factory=list)
    around: Callable[[Event, Callable[[], None]], None] = lambda event, apply: apply()
    """Has the state take in an event, and what follows the state look before and after."""

    def mandate(self, event: Event, signatory: str) -> bytes | None:
        """The organisation that a signatory signs for at the moment of the event; a deviation if there is none."""
        organisation = self.state.signs_for(signatory, event.time)
        known = signatory in self.state.mandates
        self.findings.expect(
            Check.MANDATES,
            organisation is not None,
            "mandate-not-in-force" if known else "no-mandate",
            lambda: (
                f"{brief(signatory)} had op dat moment geen geldend mandaat"
                if known
                else f"{brief(signatory)} had nooit een mandaat"
            ),
            event,
        )
        return organisation

    def speaks_for(self, event: Event, signatory: str, organisation: bytes) -> None:
        """A deviation unless the signatory's own organisation is this one."""
        own = self.mandate(event, signatory)
        if own is not None:
            self.findings.expect(
                Check.MANDATES,
                own == organisation,
                "mandate-of-another",
                lambda: f"{brief(signatory)} tekent voor {name_of(own)}, niet voor {name_of(organisation)}",
                event,
            )

    def sent_by(self, event: Event, call: Call | None, wanted: str, check: Check, message: str) -> None:
        """A deviation unless this address made the call; nothing is said if there is no call."""
        if call is None:
            return
        if wanted not in call.senders and not call.certain:
            self.findings.miss(check, SENDER_UNKNOWN)
            return
        self.findings.expect(check, wanted in call.senders, "wrong-sender", message, event)

    def own_transaction(self, event: Event, call: Call | None, signatory: str) -> None:
        """The signatory gave it itself: it made the call."""
        if call is not None:
            self.findings.bases[Basis.SENDER] += 1
        what = f"niet {brief(signatory)} maar een ander stuurde de transactie, en er is geen handtekening"
        self.sent_by(event, call, signatory, Check.SIGNATURES, what)

    def signed(self, event: Event, struct: bytes, signature: Signature, signatory: str) -> None:
        """A compact signature must be the signatory's."""
        signed = recovery.from_compact(self.digests.of(struct), *signature)
        self.recoveries.submit(signed, self._recovered(event, signed, signatory))

    def _recovered(self, event: Event, signed: Signed, signatory: str) -> Callable[[str | None], None]:
        def judge(found: str | None) -> None:
            if found != signatory:
                found = recover(signed)  # the library has the last word
            self.findings.bases[Basis.KEY] += 1
            self.findings.expect(Check.SIGNATURES, found == signatory, "not-signed-by", message(found), event)

        def message(found: str | None) -> str:
            if found is None:
                return f"de handtekening onder de naam van {brief(signatory)} is er geen"
            return f"de handtekening is van {brief(found)} (voor iets anders, of van een ander), niet van " + brief(
                signatory
            )

        return judge

    def carried(self, event: Event, struct: bytes, signature: bytes, signatory: str) -> None:
        """A signature in any form must be the signatory's, or accepted by the contract at its address."""
        digest = self.digests.of(struct)
        signed = recovery.from_bytes(digest, signature)

        def judge(found: str | None) -> None:
            if found == signatory or (signed is not None and recover(signed) == signatory):
                self.findings.bases[Basis.KEY] += 1
                self.findings.expect(Check.SIGNATURES, True, "", "", event)
            else:
                self.wallets.append(WalletQuestion(event, digest, signature, signatory))

        if signed is None:
            judge(None)
        else:
            self.recoveries.submit(signed, judge)

    def stands_already(self, event: Event, subject: bytes, struct: bytes, signatory: str) -> None:
        """An approval that is said to be on chain must be there, with this decision."""
        self.findings.bases[Basis.EARLIER] += 1
        self.findings.expect(
            Check.SIGNATURES,
            self.state.approvals.get((subject, signatory)) == struct,
            "no-earlier-approval",
            f"{brief(signatory)} zou het akkoord al op de keten hebben gegeven, maar dat staat er niet, of met een "
            "ander besluit",
            event,
        )

    def approvals(
        self,
        event: Event,
        call: Call | None,
        subject: bytes,
        struct_of: Callable[[bytes, bytes], bytes],
    ) -> None:
        """Every signature of a call that records or decides, against the signatory that the event names."""
        signatories, decisions = event["signatories"], event["decisions"]
        self.findings.expect(
            Check.APPROVALS,
            len(decisions) in (0, len(signatories)),
            "decisions-mismatch",
            "de besluiten die worden aangehaald horen niet één op één bij de ondertekenaars",
            event,
        )
        if call is None:
            return
        for at, (signatory, signature) in enumerate(zip(signatories, call["approvals"], strict=False)):
            struct = struct_of(subject, decisions[at] if at < len(decisions) else NOTHING)
            if any(signature.r):
                self.signed(event, struct, signature, signatory)
                continue
            self.findings.expect(
                Check.SIGNATURES,
                signature.vs == bytes.fromhex(signatory[2:]).rjust(32, b"\0"),
                "another-approval",
                f"de aanroep beroept zich op het akkoord van een ander dan {brief(signatory)}",
                event,
            )
            self.stands_already(event, subject, struct, signatory)

    def bound(self, event: Event, required: list[bytes], bound: set[bytes], *, takes_part: bool = True) -> list[bytes]:
        """Whether the signatories bind exactly these organisations, in their order; those that they do bind.

        As many of each as the least demanding of their mandates asks, ascending; the last successor signs in the
        stead of whom it succeeded. Whoever was expelled or succeeded enters nothing new: only what ``bound`` it.
        """
        state, findings = self.state, self.findings
        # Who has no mandate is named, and counts for nobody.
        rest = [one for one in event["signatories"] if self.mandate(event, one) is not None]
        met = []
        for organisation in required:
            heir = state.heir(organisation)
            given: list[str] = []
            needed = 1
            barred = False
            while rest and len(given) < needed:
                signatory = rest[0]
                mandate = state.mandates.get(signatory)
                if mandate is None or mandate.organisation != heir:
                    break
                if given and int(signatory, 16) <= int(given[-1], 16):
                    findings.deviate(
                        Check.APPROVALS,
                        "not-ascending",
                        "dezelfde ondertekenaar telt dubbel, of de volgorde is anders",
                        event,
                    )
                given.append(rest.pop(0))
                needed = min(needed, mandate.together) if len(given) > 1 else mandate.together
                barred = barred or heir != organisation or mandate.expelled
            enough = bool(given) and len(given) >= needed
            findings.expect(
                Check.APPROVALS,
                enough,
                "approvals-missing",
                f"{name_of(organisation)} is niet gebonden: {len(given)} van de {needed} ondertekenaars die nodig zijn",
                event,
                organisation=organisation,
            )
            findings.expect(
                Check.APPROVALS,
                not barred or organisation in bound,
                "enters-nothing-new",
                f"{name_of(organisation)} is uitgesloten of opgevolgd en gaat toch iets nieuws aan",
                event,
                organisation=organisation,
            )
            if enough:
                met.append(organisation)
        for signatory in rest:
            findings.deviate(
                Check.APPROVALS,
                "approval-not-required",
                f"het akkoord van {brief(signatory)} is niet nodig, of staat niet op zijn plaats",
                event,
            )
        return met


Rule = Callable[[Bench, Event, "Call | None"], None]
Rules = Mapping[str, Rule]
