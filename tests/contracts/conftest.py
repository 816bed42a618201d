"""The register on a real chain (Ganache), with its ten organisations.

    python scripts/brownie_env.py -- brownie test tests/contracts --network ganache

Any other run of pytest leaves this folder out: it needs brownie and its chain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest


def on_ganache(config: pytest.Config) -> bool:
    return config.pluginmanager.has_plugin("brownie-core") and config.getoption("--network") == ["ganache"]


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    return None if on_ganache(config) else True


def pytest_configure(config: pytest.Config) -> None:
    # Brownie's own doing.
    config.addinivalue_line("filterwarnings", "ignore:rpc.* should not be called directly:FutureWarning")


@pytest.fixture(scope="session", autouse=True)
def brisk() -> Iterator[None]:
    """Without the habits of brownie and web3 that take most of the time and give us nothing."""
    import gc

    import brownie
    from brownie._config import CONFIG
    from brownie.network.rpc import Rpc
    from brownie.network.state import Chain

    with pytest.MonkeyPatch.context() as patch:
        # It fetches the whole trace of a reverted transaction; refusals.reason asks the chain more cheaply.
        if not CONFIG.argv["coverage"]:
            patch.setattr(type(brownie.web3), "supports_traces", False)
        # It reads the sources of the whole call stack at each snapshot, to warn of calls by others than itself.
        patch.setattr(Rpc, "snapshot", lambda rpc: rpc.backend.snapshot())
        patch.setattr(Rpc, "revert", lambda rpc, snapshot: rpc.backend.revert(snapshot))
        # It takes a snapshot after each transaction, to undo it; nothing here is undone.
        patch.setattr(Chain, "_add_to_undo_buffer", lambda *_: None)
        # They ask which chain this is before each transaction and each call.
        patch.setattr(brownie.web3.provider, "cache_allowed_requests", True)
        patch.setattr(brownie.web3.provider, "cacheable_requests", {"eth_chainId"})
        # It collects garbage at each revert, among the syntax trees of all sources, which will stay.
        gc.collect()
        gc.freeze()
        yield


@pytest.fixture(scope="module")
def carrier(accounts: Any) -> Any:
    """Carries acts to the chain; nobody's signatory."""
    from actors import CARRIER

    return accounts[CARRIER]


@pytest.fixture(scope="module")
def register(module_isolation: None, carrier: Any, accounts: Any) -> Any:
    """Founded by ten organisations a day before each test begins; first transaction of the chain."""
    import brownie
    import clock
    from actors import found, founders
    from quick import send

    clock.set_time(clock.START - clock.DAY)
    deployed = carrier.deploy(brownie.Register, founders(accounts))
    for organisation in found(deployed, accounts).values():
        mandate = organisation.id, organisation.first.address, 0, 0, 1, bytes(32)
        sender = organisation.administrator.address
        send(sender, deployed, deployed.appoint.encode_input(*mandate))
    return deployed


@pytest.fixture(autouse=True)
def isolation(register: Any, fn_isolation: None) -> None:
    import clock

    clock.set_time(clock.START)


@pytest.fixture(scope="module")
def region(register: Any, accounts: Any) -> dict[str, Any]:
    """All ten organisations, by name, ascending by identifier."""
    from actors import found

    return found(register, accounts)


def _organisation(name: str) -> Any:
    @pytest.fixture(name=name, scope="module")
    def organisation(region: dict[str, Any]) -> Any:
        return region[name]

    return organisation


ede = _organisation("ede")
renswoude = _organisation("renswoude")
veenendaal = _organisation("veenendaal")
gelderland = _organisation("gelderland")
utrecht = _organisation("utrecht")


@pytest.fixture(scope="module")
def stranger(register: Any, accounts: Any) -> Any:
    """Holds a key that nobody appointed."""
    from actors import STRANGER, Signatory, key

    return Signatory(register, accounts[STRANGER], key(STRANGER))


@pytest.fixture(scope="module")
def newcomer(register: Any, accounts: Any) -> Any:
    """A municipality that does not take part yet."""
    import actors

    return actors.newcomer(register, accounts)


@pytest.fixture(scope="module")
def spare(accounts: Any) -> Any:
    """An account that nobody uses yet."""
    from actors import SPARE

    return accounts[SPARE]


@pytest.fixture(scope="module")
def draft() -> Callable[..., Any]:
    """A concluding act between organisations, in force from the start of the test, open-ended."""
    from acts import Act
    from clock import START

    def build(*parties: Any, **terms: Any) -> Act:
        ids = tuple(sorted(party.id for party in parties))
        return Act(**{"parties": ids, "valid_from": START, **terms})

    return build


@pytest.fixture
def record(register: Any, carrier: Any) -> Callable[..., Any]:
    """Carry an act to the chain with these approvals, exactly as given."""

    def send(act: Any, history: Sequence[Any], approvals: Sequence[Any], decisions: Sequence[bytes] = ()) -> Any:
        return register.record(act, list(history), list(approvals), list(decisions), {"from": carrier})

    return send


@pytest.fixture
def agree(record: Callable[..., Any]) -> Callable[..., Any]:
    """Have the first signatory of each organisation sign, in ascending order, and record the act."""

    def send(act: Any, *organisations: Any, history: Sequence[Any] = ()) -> Any:
        ordered = sorted(organisations, key=lambda organisation: organisation.id)
        return record(act, history, [organisation.first.sign(act) for organisation in ordered])

    return send


@pytest.fixture
def decide(register: Any, carrier: Any) -> Callable[..., Any]:
    """Carry a motion to the chain with these organisations and approvals, exactly as given."""

    def send(
        motion: Any, organisations: Sequence[Any], approvals: Sequence[Any], decisions: Sequence[bytes] = ()
    ) -> Any:
        ids = [organisation.id for organisation in organisations]
        return register.decide(motion, ids, list(approvals), list(decisions), {"from": carrier})

    return send


@pytest.fixture
def carry(decide: Callable[..., Any]) -> Callable[..., Any]:
    """Have the first signatory of each organisation sign, in ascending order, and decide the motion."""

    def send(motion: Any, *organisations: Any) -> Any:
        ordered = sorted(organisations, key=lambda organisation: organisation.id)
        return decide(motion, ordered, [organisation.first.sign(motion) for organisation in ordered])

    return send


@pytest.fixture(scope="module")
def majority(region: dict[str, Any]) -> Sequence[Any]:
    """Five of the eight that vote; Renswoude, Rhenen and Veenendaal are not among them."""
    return [region[name] for name in ("barneveld", "ede", "nijkerk", "scherpenzeel", "wageningen")]


@pytest.fixture
def concluded(draft: Callable[..., Any], agree: Callable[..., Any], renswoude: Any, veenendaal: Any) -> Any:
    """An agreement between Renswoude and Veenendaal, on record; either may leave at a year's notice."""
    from clock import YEAR

    act = draft(renswoude, veenendaal, notice=YEAR)
    agree(act, renswoude, veenendaal)
    return act
