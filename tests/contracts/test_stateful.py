"""Long random histories, done to the contract and to a plain Python model at once.

After each step both must have done the same: accepted it with the same events and fingerprint, or refused it with the
same error and values. What can be asked of the contract is compared every now and then. And after each step the
promises of the register are checked from the events of the chain alone; docs/properties.md lists them, a test for each.

STATEFUL_SEED and STATEFUL_STEPS choose other histories; `make contracts-soak` runs longer ones. The figures are written
to build/reports/stateful.txt.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import brownie
import pytest
from stateful_chain import Chain, Codec
from stateful_history import Artifacts, DisagreementError, History, fresh
from stateful_tally import Tally, missing, write_report

from registry.localnet import running

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "build" / "reports" / "stateful.txt"
SEED = int(os.environ.get("STATEFUL_SEED", "12"))
STEPS = int(os.environ.get("STATEFUL_STEPS", "2100"))
STEPS_ON_GANACHE = 100
HISTORIES = 3  # a council of eight votes, of three, of one


@dataclass
class Told:
    """What came of all histories."""

    tally: Tally = field(default_factory=Tally)
    problems: list[str] = field(default_factory=list)
    broken: dict[str, list[str]] = field(default_factory=dict)

    def run(self, chain: Chain, artifacts: Artifacts, seed: int, steps: int) -> None:
        with fresh(chain):
            history = History(chain, artifacts, seed)
            try:
                history.run(steps)
            except DisagreementError as problem:
                self.problems.append(str(problem))
            self.tally.add(history.tally)
            for number, name, text in history.held.broken:
                self.broken.setdefault(name, []).append(f"seed {seed}, step {number}: {text}")

    def holds(self, name: str) -> None:
        assert not self.broken.get(name), "\n".join(self.broken[name])
        assert self.tally.held[name], f"no step put {name} to the test"


@pytest.fixture(autouse=True)
def isolation() -> None:
    """Not the register of the other tests: each history founds its own."""


@pytest.fixture(scope="module")
def artifacts() -> Artifacts:
    return Artifacts(brownie.Register.abi, brownie.Register.bytecode, brownie.Wallet.bytecode)


@pytest.fixture(scope="module")
def told(artifacts: Artifacts) -> Told:
    """The histories, on Anvil: it takes a tenth of the time that Ganache does."""
    told = Told()
    with running("anvil", start=ROOT, environ=os.environ) as local:
        chain = Chain(local.url, "anvil")
        for place in range(HISTORIES):
            told.run(chain, artifacts, SEED + place, STEPS // HISTORIES)
    write_report(REPORT, told.tally, f"STATEFUL_SEED={SEED} STATEFUL_STEPS={STEPS}")
    return told


def test_the_contract_does_what_the_model_does(told: Told) -> None:
    assert not told.problems, "\n".join(told.problems)
    assert told.tally.steps == STEPS // HISTORIES * HISTORIES


def test_the_same_on_ganache(artifacts: Artifacts) -> None:
    chain = Chain(str(brownie.web3.provider.endpoint_uri), "ganache")
    told = Told()
    told.run(chain, artifacts, SEED + HISTORIES, STEPS_ON_GANACHE)
    assert not told.problems, "\n".join(told.problems)
    assert not told.broken


@pytest.mark.parametrize("what", ["actions", "errors", "kinds", "properties"])
def test_everything_happens_that_can(told: Told, artifacts: Artifacts, what: str) -> None:
    assert not missing(told.tally, Codec(artifacts.abi))[what]


def test_more_than_half_of_the_steps_are_accepted(told: Told) -> None:
    assert told.tally.share_accepted > 0.5


def test_nothing_is_recorded_without_enough_signatories(told: Told) -> None:
    told.holds("enough_signatories")


def test_history_never_shrinks(told: Told) -> None:
    told.holds("history_never_shrinks")


def test_nobody_else_makes_an_organisation_sign(told: Told) -> None:
    told.holds("nobody_else_makes_it_sign")


def test_an_approval_counts_for_one_act_on_one_register_on_one_chain(told: Told) -> None:
    told.holds("an_approval_counts_once")


def test_no_misused_signature_is_accepted(told: Told) -> None:
    told.holds("no_misused_signature_is_accepted")


def test_ended_agreements_stay_ended(told: Told) -> None:
    told.holds("ended_stays_ended")


def test_declined_acts_stay_declined(told: Told) -> None:
    told.holds("declined_stays_declined")


def test_an_expelled_organisation_keeps_its_say_and_enters_nothing_new(told: Told) -> None:
    told.holds("expelled_keeps_its_say_and_enters_nothing_new")


def test_a_successor_inherits_exactly_once(told: Told) -> None:
    told.holds("succeeded_once")


def test_one_motion_waits_for_an_organisation_at_a_time(told: Told) -> None:
    told.holds("one_motion_waits_at_a_time")


def test_a_vetoed_motion_never_takes_effect(told: Told) -> None:
    told.holds("vetoed_never_takes_effect")


def test_more_than_half_of_all_votes_decide(told: Told) -> None:
    told.holds("more_than_half_decide")


def test_the_fingerprint_follows_from_the_events_alone(told: Told) -> None:
    told.holds("fingerprint_follows_from_the_events")


def test_only_parties_report_and_nobody_confirms_its_own(told: Told) -> None:
    told.holds("only_parties_report_and_nobody_confirms_its_own")


def test_what_is_refused_changes_nothing(told: Told) -> None:
    told.holds("what_is_refused_changes_nothing")


def test_every_property_has_a_test_here() -> None:
    from stateful_properties import PROPERTIES

    text = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in PROPERTIES if f'told.holds("{name}")' not in text] == []
