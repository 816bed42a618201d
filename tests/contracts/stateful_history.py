"""One long random history, done to the contract and to the model at once, and looked at after every step."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from acts import ZERO
from motions import DAY
from reference import Register
from reference_types import Event, Refused
from stateful_cast import VOTING, Cast, Wallet
from stateful_chain import Chain, Codec, Receipt, Reverted, creation, through_wallet, wallet_creation
from stateful_chronicle import Chronicle, Fact, folds_in_natspec
from stateful_organisations import appointment
from stateful_properties import Held, Seen
from stateful_refusals import RECIPES
from stateful_stories import STORIES
from stateful_story import Outcome, Story
from stateful_tally import Tally
from stateful_views import compare_views
from stateful_world import DEPLOY_WALLET, FOUND, WAIT, Step, World

START = 1_900_000_000  # 17 March 2030
LAST_STEPS = 15
VIEWS_EVERY = 25
LOGS_EVERY = 200
AT_ONCE = 6
CROWDS = 4
#: The share of stories that end in a refusal.
SPOILED = 0.5


#: Who votes in the councils that take turns: all municipalities, three of them, one of them.
COUNCILS = (VOTING, VOTING[:3], VOTING[:1])


class DisagreementError(AssertionError):
    """The contract does not do what the model does."""


@dataclass(frozen=True)
class Artifacts:
    """What is put on the chain."""

    abi: Sequence[Mapping[str, Any]]
    register: str
    wallet: str


@dataclass
class History:
    """A register of its own on a chain, and its random life."""

    chain: Chain
    artifacts: Artifacts
    seed: int
    tally: Tally = field(default_factory=Tally)
    held: Held = field(default_factory=Held)
    told: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_STEPS))

    def __post_init__(self) -> None:
        self.random = Random(f"history {self.seed}")
        self.codec = Codec(self.artifacts.abi)
        self.cast = Cast()
        self.chronicle = Chronicle()
        self.folds = folds_in_natspec()
        self.raw_logs: list[Any] = []
        self.refolded = {"fingerprint": ZERO}
        self.stories: list[tuple[Story, Outcome | None]] = []
        self.clock = max(START, self.chain.now() + 1)
        voting = COUNCILS[self.seed % len(COUNCILS)]
        self.founders = self.cast.founders(voting.__contains__)
        self._found()
        self.world = World(self.model, self.cast, self.random)
        self.stories.append((self._first_appointments(), None))

    def run(self, steps: int) -> None:
        """So many steps; DisagreementError at the first that contract and model do not agree on."""
        for _ in range(steps):
            self.step()

    def step(self) -> None:
        story, step = self._next()
        if not self.cast.can_send(step.sender):
            # Meanwhile the organisation is gone, say: nobody is its administrator.
            step = replace(step, sender=self.cast.stranger)
        try:
            outcome = self._do(step)
        except AssertionError as problem:
            raise DisagreementError(self._explained(step, problem)) from problem
        self.stories.append((story, outcome))
        if self.tally.steps % VIEWS_EVERY == 0:
            try:
                self.tally.views += compare_views(self)
            except AssertionError as problem:
                raise DisagreementError(self._explained(step, problem)) from problem

    # Founding

    def _found(self) -> None:
        self.chain.set_time(self.clock)
        receipt = self.chain.deploy(self.cast.carrier, creation(self.artifacts.register, self.founders))
        assert receipt.succeeded, "the register cannot be founded"
        assert receipt.contract
        self.clock = receipt.timestamp
        self.address = receipt.contract
        self.model = Register(self.address, self.chain.chain_id, self.founders, self.clock)
        self.cast.names[self.address] = "register"
        step = Step(FOUND, (tuple(self.founders),), self.cast.carrier)
        events = self._events(receipt, step)
        agree("events", events, tuple(self.model.happened))
        self._look(step, accepted=True, facts=self.chronicle.facts)

    def _first_appointments(self) -> Story:
        for founder in self.founders:
            first, second = self.cast.signatories(founder.organisation.rstrip(b"\0").decode())
            yield appointment(self.world, founder.organisation, first, together=1)
            if self.random.random() < 0.7:
                yield appointment(self.world, founder.organisation, second)

    # What comes next

    def _next(self) -> tuple[Story, Step]:
        """The next step of a story that goes on, or the first of a new one."""
        while True:
            if self.stories and (len(self.stories) >= AT_ONCE or self.random.random() < 0.6):
                story, outcome = self.stories.pop(self.random.randrange(len(self.stories)))
            else:
                story, outcome = self._new_story(), None
            try:
                return story, next(story) if outcome is None else story.send(outcome)
            except StopIteration:
                continue

    def _new_story(self) -> Story:
        if self.random.random() < SPOILED:
            names = list(RECIPES)
            weights: list[float] = [len(RECIPES[name]) * (1 if name in self.tally.errors else 4) for name in names]
            # A crowd of signatories takes long; once in a history now and then is enough.
            if self.seed % CROWDS or "TooManySignatories" in self.tally.errors:
                weights[names.index("TooManySignatories")] = 0
            return self.random.choice(RECIPES[self.random.choices(names, weights)[0]])(self.world)
        weights = [weight * (1 if name in self.tally.kinds else 3) for name, weight, _ in STORIES]
        return self.random.choices(STORIES, weights)[0][2](self.world)

    # Doing it

    def _do(self, step: Step) -> Outcome:
        if step.function == WAIT:
            self.clock = self.chain.mine(step.arguments[0])
            agree("time", self.clock, max(step.arguments[0], self.clock))
            self.model.now = self.clock
            return self._done(step, Outcome(accepted=True))
        if step.function == DEPLOY_WALLET:
            return self._deploy_wallet(step)
        if step.function == FOUND:
            return self._found_badly(step)
        return self._call(step)

    def _call(self, step: Step) -> Outcome:
        data = self.codec.call(step.function, step.arguments)
        sender, target = step.sender, self.address
        if sender in self.cast.wallets:
            sender, target, data = self.cast.carrier, sender, through_wallet(data, self.address)
        returned: bytes | None = None
        refusal: Refused | None = None
        if not step.likely or self.random.random() < 0.08:
            try:
                returned = self.chain.call(sender, target, data)
            except Reverted as reverted:
                refusal = self.codec.refusal(reverted.data)
        if step.at > self.clock or refusal is None or self.random.random() < 0.15:
            return self._send(step, sender, target, data, returned)
        self.model.now = self.clock
        return self._compared(step, refusal, ())

    def _send(self, step: Step, sender: str, target: str, data: bytes, returned: bytes | None) -> Outcome:
        root = "" if step.likely else self.chain.storage_root(self.address)
        self.clock = self._moment(step)
        self.chain.set_time(self.clock)
        receipt = self.chain.send(sender, target, data)
        self.clock = self.model.now = receipt.timestamp
        if receipt.succeeded:
            return self._compared(step, None, self._events(receipt, step), returned)
        try:
            self.chain.call(sender, target, data, receipt.block)
        except Reverted as reverted:
            refusal = self.codec.refusal(reverted.data)
        else:
            raise AssertionError("a transaction reverted that succeeds when it is called again")
        roots = (root, self.chain.storage_root(self.address)) if root else None
        self.tally.sent_and_refused += 1
        return self._compared(step, refusal, (), roots=roots)

    def _moment(self, step: Step) -> int:
        """When the transaction is mined: told, or soon, or right where something begins or ends."""
        if step.at:
            return max(step.at, self.clock)
        if self.random.random() < 0.06:
            ahead = [moment for moment in self.world.boundaries() if moment < self.clock + 10 * DAY]
            if ahead:
                return max(self.clock, ahead[0] + self.random.choice([-1, 0, 1]))
        return self.clock + self.random.choice([0, 0, 0, 1, 1, 12, 12, 600, DAY // 4])

    def _compared(
        self,
        step: Step,
        refusal: Refused | None,
        events: tuple[Event, ...],
        returned: bytes | None = None,
        roots: tuple[str, str] | None = None,
    ) -> Outcome:
        """Hold what the contract did against what the model does, and look at the properties."""
        facts = self.chronicle.facts[len(self.chronicle.facts) - len(events) :] if events else []
        already = len(self.model.happened)
        expected: Refused | None = None
        value = None
        try:
            value = self.model.act_on(step.function, step.sender, step.arguments)
        except Refused as refused:
            expected = refused
        outcome = Outcome(refusal is None, value, events)
        self._look(step, accepted=refusal is None, facts=facts, roots=roots)
        agree("outcome", _told(refusal), _told(expected))
        agree("events", events, tuple(self.model.happened[already:]))
        agree("fingerprint", self._fingerprint(), self.model.fingerprint)
        if returned and refusal is None:
            wallet = step.sender in self.cast.wallets
            agree("returned", value if wallet else self.codec.returned(step.function, returned), value)
        self._remember(step, outcome)
        return self._done(step, outcome, refusal)

    def _remember(self, step: Step, outcome: Outcome) -> None:
        for event in outcome.events:
            if event.name in ("Approved", "Voted"):
                subject = event.values["actHash" if event.name == "Approved" else "motionHash"]
                self.world.given[subject, event.values["signatory"]] = event.values["decision"]
        if outcome.accepted and step.function in ("record", "decide", "report", "confirm"):
            self.world.used.append(step)

    def _deploy_wallet(self, step: Step) -> Outcome:
        receipt = self.chain.deploy(self.cast.carrier, wallet_creation(self.artifacts.wallet, *step.arguments))
        assert receipt.contract
        self.clock = self.model.now = receipt.timestamp
        wallet = Wallet(*step.arguments)
        self.cast.add_wallet(receipt.contract, wallet)
        self.model.wallets[receipt.contract] = wallet.accepts
        return self._done(step, Outcome(accepted=True, value=receipt.contract))

    def _found_badly(self, step: Step) -> Outcome:
        refusal = expected = None
        try:
            self.chain.call(step.sender, None, creation(self.artifacts.register, step.arguments[0]))
        except Reverted as reverted:
            refusal = self.codec.refusal(reverted.data)
        try:
            Register(self.address, self.chain.chain_id, step.arguments[0], self.clock)
        except Refused as refused:
            expected = refused
        agree("outcome", _told(refusal), _told(expected))
        return self._done(step, Outcome(accepted=refusal is None), refusal)

    def _done(self, step: Step, outcome: Outcome, refusal: Refused | None = None) -> Outcome:
        self.tally.steps += 1
        (self.tally.accepted if outcome.accepted else self.tally.refused)[step.function] += 1
        if refusal:
            self.tally.errors[refusal.name] += 1
            self.tally.pairs[f"{step.function}: {refusal.name}"] += 1
        elif step.kind:
            self.tally.kinds[step.kind] += 1
        self.told.append(self._line(step, refusal))
        return outcome

    # Looking at it

    def _events(self, receipt: Receipt, step: Step) -> tuple[Event, ...]:
        """The events of a transaction, noted as facts too."""
        events = []
        for log in receipt.logs:
            if log["address"].lower() != self.address:
                continue
            event = self.codec.event(log)
            events.append(event)
            self.raw_logs.append(_essence(log))
            fact = Fact(
                number=len(self.chronicle.facts),
                time=receipt.timestamp,
                topic=log["topics"][0],
                name=event.name,
                values=event.values,
                caller=step.sender,
                function=step.function,
                arguments=step.arguments,
            )
            self.chronicle.add(fact)
        return tuple(events)

    def _look(self, step: Step, *, accepted: bool, facts: Iterable[Fact], roots: tuple[str, str] | None = None) -> None:
        logs = None
        if self.tally.steps % LOGS_EVERY == LOGS_EVERY - 1:
            logs = ([_essence(log) for log in self.chain.logs(self.address)], self.raw_logs)
        seen = Seen(
            step=step,
            accepted=accepted,
            facts=list(facts),
            chronicle=self.chronicle,
            register=self.address,
            chain_id=self.chain.chain_id,
            fingerprint=self._fingerprint(),
            refolded=self.refolded,
            folds=self.folds,
            wallets=self.cast.wallets,
            head=lambda subject: self.view("head", subject),
            roots=roots,
            logs=logs,
        )
        broken = len(self.held.broken)
        self.held.look(self.tally.steps, seen)
        self.tally.held = Counter(self.held.tried)
        for number, name, text in self.held.broken[broken:]:
            self.told.append(f"  BROKEN at {number}: {name}: {text}")

    def view(self, function: str, *arguments: Any) -> Any:
        data = self.chain.call(self.cast.carrier, self.address, self.codec.call(function, arguments))
        return self.codec.returned(function, data)

    def _fingerprint(self) -> bytes:
        value: bytes = self.view("fingerprint")
        return value

    # Telling it

    def _line(self, step: Step, refusal: Refused | None) -> str:
        arguments = ", ".join(map(self.cast.name, step.arguments))
        came = "ok" if refusal is None else f"{refusal.name}({', '.join(map(self.cast.name, refusal.values))})"
        misuse = f" [{step.misuse}]" if step.misuse else ""
        return (
            f"{self.tally.steps:>6} t={self.clock} {self.cast.name(step.sender)}: {step.kind}{misuse}: "
            f"{step.function}({arguments}) -> {came}"
        )

    def _explained(self, step: Step, problem: AssertionError) -> str:
        arguments = ", ".join(map(self.cast.name, step.arguments))
        return "\n".join(
            [
                f"seed {self.seed}, step {self.tally.steps + 1}: {problem}",
                "the last steps:",
                *self.told,
                f"and then  t={self.clock} {self.cast.name(step.sender)}: {step.kind}: {step.function}({arguments})",
                *(f"broken: {name} at step {number}: {text}" for number, name, text in self.held.broken),
            ]
        )


def agree(what: str, contract: Any, model: Any) -> None:
    if contract != model:
        raise AssertionError(f"{what}: the contract says {contract!r}, the model {model!r}")


def _told(refusal: Refused | None) -> str:
    return "accepted" if refusal is None else f"{refusal.name}{refusal.values!r}"


def _essence(log: Mapping[str, Any]) -> tuple[str, str, str, str]:
    return (log["blockNumber"], log["logIndex"], "".join(log["topics"]), log["data"])


@contextmanager
def fresh(chain: Chain) -> Iterator[None]:
    """Afterwards the chain is as it was, unless something failed: each history finds the same addresses and time."""
    snapshot = chain.ask("evm_snapshot")
    yield
    chain.ask("evm_revert", snapshot)
