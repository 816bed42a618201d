"""The register: concluding in one transaction and on chain, and every step that can follow.

To measure another step, write a function that takes a :class:`Desk` and returns the receipts of what is to be counted,
and name it in :data:`STEPS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from web3.types import TxReceipt

from benchmarks.gas.bench import PARTIES, START, YEAR, Bench, Cost, NotDoneError, digest, gas_of, require
from registry.carried import CarriedProposal
from registry.chain import Register, deploy
from registry.errors import ContractError
from registry.model import NO_HASH, Act, Approval, Founder, Mandate
from registry.organisations import FOOD_VALLEY
from registry.service import sign_approval
from registry.statements import hash_act


@dataclass
class Desk:
    """A register with the eight municipalities, their signatories appointed; makes acts, each another one."""

    bench: Bench
    register: Register
    made: int = 0

    def act(self, parties: Sequence[str]) -> Act:
        """A concluding act, with a notice of a year."""
        self.made += 1
        return Act(digest(f"dossier {self.made}"), tuple(sorted(parties)), START, notice=YEAR)

    def signed(self, act: Act, organisations: Sequence[str]) -> list[Approval]:
        """Approvals as signatures, to be carried along."""
        proposal = CarriedProposal(self.register.domain, act)
        return [sign_approval(proposal, self.bench.signer(one)) for one in sorted(organisations)]

    def record(self, act: Act, approving: Sequence[str], *history: Act) -> TxReceipt:
        """The act, recorded by the carrier with signatures of those who must approve."""
        sent = self.register.record(act, history, self.signed(act, approving), self.bench.carrier)
        identity = hash_act(act)
        require(self.register.head(identity if act.concludes else act.agreement) == identity, "a new head")
        return self.bench.chain.receipt(sent.transaction)

    def followed(self, founding: Sequence[str], approving: Sequence[str], /, **changes: object) -> list[TxReceipt]:
        """An act that follows the concluding one; only the former is counted."""
        first = self.act(founding)
        self.record(first, founding)
        identity = hash_act(first)
        act = replace(first, agreement=identity, previous=identity, **changes)  # type: ignore[arg-type]
        return [self.record(act, approving, first)]


def found(bench: Bench) -> Desk:
    """The register as it ships, on the chain."""
    bench.say("founding the register")
    founders = [Founder(one, bench.signer(f"{one}:admin").address) for one in FOOD_VALLEY]
    register = deploy(bench.chain, founders, bench.carrier, bench.folder / "eight")[0].register(bench.chain)
    for one in FOOD_VALLEY:
        register.appoint(Mandate(bench.signer(one).address, one, START), bench.signer(f"{one}:admin"))
    return Desk(bench, register)


def conclude(desk: Desk, parties: int) -> list[TxReceipt]:
    """All signatures in one transaction."""
    act = desk.act(PARTIES[parties])
    for missing in PARTIES[parties]:
        _require_incomplete(desk, act, [one for one in PARTIES[parties] if one != missing])
    return [desk.record(act, PARTIES[parties])]


def conclude_on_chain(desk: Desk, parties: int) -> list[TxReceipt]:
    """The first party proposes, each other approves, the carrier records."""
    act = desk.act(PARTIES[parties])
    first, *others = desk.bench.signers(parties)
    sent = [desk.register.propose(act, first)]
    sent += [desk.register.approve(hash_act(act), one) for one in others]
    approvals = [Approval(one.address) for one in desk.bench.signers(parties)]
    sent += [desk.register.record(act, [], approvals, desk.bench.carrier)]
    require(desk.register.head(hash_act(act)) == hash_act(act), "an agreement")
    return [desk.bench.chain.receipt(one.transaction) for one in sent]


def amend(desk: Desk) -> list[TxReceipt]:
    """Two parties agree on another text."""
    return desk.followed(PARTIES[2], PARTIES[2], dossier=digest("amended"))


def end(desk: Desk) -> list[TxReceipt]:
    """Two parties end their agreement."""
    return desk.followed(PARTIES[2], PARTIES[2], parties=(), dossier=NO_HASH)


def give_notice(desk: Desk) -> list[TxReceipt]:
    """One of two parties leaves, which ends the agreement."""
    stays, leaves = PARTIES[2]
    return desk.followed(PARTIES[2], [leaves], parties=(stays,), valid_from=START + 2 * YEAR)


def leave_three(desk: Desk) -> list[TxReceipt]:
    """One of three parties leaves, and two stay."""
    leaves = PARTIES[2][1]
    three = (*PARTIES[2], "gm0203")
    rest = tuple(sorted(set(three) - {leaves}))
    return desk.followed(three, [leaves], parties=rest, valid_from=START + 2 * YEAR)


def decline(desk: Desk) -> list[TxReceipt]:
    """One of two parties declines what was proposed."""
    act = desk.act(PARTIES[2])
    sent = desk.register.decline(act, [], desk.bench.signers(2)[1], digest("why not"))
    require(desk.register.head(hash_act(act)) != NO_HASH, "an act that can no longer be recorded")
    return [desk.bench.chain.receipt(sent.transaction)]


def accede(desk: Desk) -> list[TxReceipt]:
    """A third party joins two: all three approve."""
    three = tuple(sorted((*PARTIES[2], "gm0203")))
    return desk.followed(PARTIES[2], three, parties=three)


def appoint(desk: Desk) -> list[TxReceipt]:
    """An administrator appoints a second signatory."""
    administrator = desk.bench.signer("gm0345:admin")
    mandate = Mandate(desk.bench.signer("gm0345:2").address, "gm0345", START, START + YEAR)
    sent = desk.register.appoint(mandate, administrator)
    return [desk.bench.chain.receipt(sent.transaction)]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that the register does, and that is measured once; ``targeted`` if the target for steps covers it."""

    key: str
    name: str
    take: Callable[[Desk], list[TxReceipt]]
    targeted: bool
    note: str = ""


#: Covered by the target are the acts that at most two parties approve, and declining. An accession to an agreement of
#: two is one of three parties: three approve it, and each approval has its price.
STEPS: Sequence[Step] = (
    Step("amend", "amend", amend, targeted=True),
    Step("notice", "leave by notice, one of two", give_notice, targeted=True, note="which ends it"),
    Step("leave", "leave by notice, one of three", leave_three, targeted=True),
    Step("end", "end", end, targeted=True),
    Step("decline", "decline", decline, targeted=True),
    Step("accede", "accede, a third party", accede, targeted=False, note="three approve; outside the target"),
    # The council and whatever else comes: its own line here, its function above.
    Step("appoint", "appoint a signatory", appoint, targeted=False, note="no act of an agreement"),
)


def measure(bench: Bench) -> tuple[list[Cost], list[Cost]]:
    """What concluding costs, by number of parties, and what each further step costs."""
    desk = found(bench)
    bench.say("the register: concluding")
    conclude(desk, 2)  # so that the fingerprint and the accounts have been used before, as everybody's have
    whole = [
        Cost("record", "the register", _of(desk, conclude), "1", quorum=True, note="mandates checked"),
        Cost("chain", "the register, all on chain", _of(desk, conclude_on_chain), "n+1", quorum=True),
    ]
    steps = []
    for step in STEPS:
        bench.say(f"the register: {step.name}")
        steps.append(Cost(step.key, step.name, {2: gas_of(step.take(desk))}, note=step.note))
    return whole, steps


def _of(desk: Desk, way: Callable[[Desk, int], list[TxReceipt]]) -> dict[int, int]:
    return {parties: gas_of(way(desk, parties)) for parties in PARTIES}


def _require_incomplete(desk: Desk, act: Act, approving: Sequence[str]) -> None:
    try:
        desk.register.record(act, [], desk.signed(act, approving), desk.bench.carrier)
    except ContractError as error:
        require(error.name == "ApprovalsMissing", f"ApprovalsMissing, not {error.name}")
        return
    raise NotDoneError("the register recorded an act that a party had not approved")
