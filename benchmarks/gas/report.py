"""What was measured, as a table for people, as JSON for machines, and held against the targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.gas.bench import PARTIES, Cost
from benchmarks.gas.many import BLOCK_GAS_LIMIT, MUNICIPALITIES, STEP, Many
from benchmarks.gas.ours import STEPS
from benchmarks.targets import Target, at_least, at_most
from registry.cli.output import console, table

TWO, EIGHT = PARTIES
# In the others a contract of one's own does the work of a register, and EAS keeps a single attestation of the result.
EACH_ATTESTS = ("eas-unchecked", "eas-proposal", "eas-each", "eas-delegated")


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one run found."""

    chain: str
    whole: Sequence[Cost]
    steps: Sequence[Cost]
    many: Many

    @property
    def ours(self) -> Cost:
        """What all ratios are over: all signatures in one transaction, mandates checked."""
        return next(cost for cost in self.whole if cost.key == "record")

    def cheapest_eas(self, parties: int) -> Cost:
        """The cheapest route through EAS that checks the quorum on chain, of those in which each party attests."""
        routes = [cost for cost in self.whole if cost.key in EACH_ATTESTS and cost.quorum]
        return min(routes, key=lambda cost: cost.gas[parties])

    @property
    def dearest_step(self) -> Cost:
        """The follow-up act that costs most, of those that the target covers."""
        targeted = {step.key for step in STEPS if step.targeted}
        return max((cost for cost in self.steps if cost.key in targeted), key=lambda cost: cost.gas[TWO])

    def over_ours(self, cost: Cost, parties: int) -> float:
        """How many times the gas of ours it takes."""
        return cost.gas[parties] / self.ours.gas[parties]

    def targets(self) -> list[Target]:
        """What was aimed at, in the order in which it is printed."""
        crowd = self.many.gas if self.many.gas is not None else float("inf")
        eas = [
            at_least(
                f"cheapest EAS route with the quorum checked over ours, n={parties}",
                self.over_ours(self.cheapest_eas(parties), parties),
                8,
                digits=2,
                unit="×",
            )
            for parties in PARTIES
        ]
        return [
            at_most("agreement in one transaction, n=2", self.ours.gas[TWO], 80_000),
            at_most("agreement in one transaction, n=8", self.ours.gas[EIGHT], 120_000),
            at_most("dearest follow-up act, n=2", self.dearest_step.gas[TWO], 75_000),
            *eas,
            at_most(f"agreement in one block, n={MUNICIPALITIES}", crowd, BLOCK_GAS_LIMIT),
        ]

    def to_json(self) -> dict[str, object]:
        """The whole report for machines."""
        return {
            "chain": self.chain,
            "agreements": [_cost_json(cost) for cost in self.whole],
            "steps": [_cost_json(cost) for cost in self.steps],
            "manyParties": {
                "blockGasLimit": BLOCK_GAS_LIMIT,
                "parties": MUNICIPALITIES,
                "gas": self.many.gas,
                "largest": self.many.largest,
                "largestGas": self.many.largest_gas,
                "tried": {str(parties): gas for parties, gas in self.many.tried.items()},
            },
            "targets": [target.to_json() for target in self.targets()],
        }

    def show(self) -> None:
        """The tables, in the house style, and what goes with the targets."""
        out = console()
        out.print(f"Gas used, as the receipts say it, on {self.chain}\n")
        whole = table("a whole agreement", "sent", "quorum", "n=2", "× ours", "n=8", "× ours")
        for cost in self.whole:
            numbers = [text for parties in PARTIES for text in self._compared(cost, parties)]
            whole.add_row(cost.name, cost.transactions, _yes_or_no(cost.quorum), *numbers)
        steps = table("what can follow, n=2", "gas", "")
        for cost in self.steps:
            steps.add_row(cost.name, f"{cost.gas[TWO]:,}", cost.note)
        crowd = table("many parties, one block", "gas", "")
        gas = "no room" if self.many.gas is None else f"{self.many.gas:,}"
        crowd.add_row(f"{MUNICIPALITIES:,}", gas, "every municipality of the Netherlands")
        crowd.add_row(f"{self.many.largest:,}", f"{self.many.largest_gas:,}", f"the most, in steps of {STEP}")
        for made, numeric in ((whole, range(3, 7)), (steps, range(1, 2)), (crowd, range(1, 2))):
            for column in numeric:
                made.columns[column].justify, made.columns[column].no_wrap = "right", True
            out.print(made)
            out.print()
        for cost in self.whole:
            if cost.note:
                out.print(f" {cost.name}: {cost.note}", soft_wrap=True)
        out.print()
        for parties in PARTIES:
            what = "cheapest EAS route in which each party attests and the quorum is checked"
            out.print(f" {what}, n={parties}: {self.cheapest_eas(parties).name}", soft_wrap=True)
        out.print(f" dearest follow-up act: {self.dearest_step.name}\n")

    def _compared(self, cost: Cost, parties: int) -> tuple[str, str]:
        if parties not in cost.gas:
            return "–", "–"
        return f"{cost.gas[parties]:,}", f"{self.over_ours(cost, parties):.2f}"


def _yes_or_no(checked: bool | None) -> str:
    return "–" if checked is None else "yes" if checked else "no"


def _cost_json(cost: Cost) -> dict[str, object]:
    return {
        "key": cost.key,
        "name": cost.name,
        "transactions": cost.transactions,
        "quorumChecked": cost.quorum,
        "gas": {str(parties): gas for parties, gas in cost.gas.items()},
        "note": cost.note,
    }
