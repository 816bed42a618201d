"""Outboxes on a region's register: what is handed in, and what came of it on the chain."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from world import YEAR, Region, account, ask

from registry.chain import Register, connect
from registry.chain.encode import act_tuple
from registry.chain.laying import calldata
from registry.chain.transacting import Node
from registry.model import NO_HASH, Act, Approval, Motion, Report, Stage
from registry.outbox import ActApproval, Handed, Outbox, Pace, Proposal, Recording, Reporting, State, Submission
from registry.statements import approval_data, hash_act, report_data, vote_data

QUICK = Pace(confirmations=3, resend=0.3, bump=8.0, doubt=0.4, fresh=10.0)
"""As in service, with less patience; more is offered before :func:`until` gives up, for Anvil now and then puts aside
for good what comes while it mines the transaction before."""

_made = 0


def an_act(region: Region, *parties: str, **terms: Any) -> Act:
    """A concluding act that nobody saw before."""
    global _made
    _made += 1
    parties = tuple(sorted(parties or ("gm0203", "gm0345")))
    dossier = (time.time_ns() << 32 | _made).to_bytes(32)
    return Act(dossier=dossier, parties=parties, valid_from=region.now() - YEAR // 12, **terms)


def approved(region: Region, act: Act, role: str, decision: bytes = NO_HASH) -> Approval:
    """The approval of an act by whoever plays a role."""
    data = approval_data(region.register.domain, act, decision)
    return Approval(account(role), decision, region.signer(role).sign_typed_data(data))


def an_approval(region: Region, role: str = "gm0345", act: Act | None = None, **terms: Any) -> ActApproval:
    act = act or an_act(region)
    return ActApproval(approval=approved(region, act, role, **terms), subject=hash_act(act))


def a_proposal(region: Region, role: str = "gm0345", act: Act | None = None) -> Proposal:
    act = act or an_act(region)
    return Proposal(approval=approved(region, act, role), act=act)


def a_record(region: Region, act: Act | None = None, *roles: str) -> Recording:
    act = act or an_act(region)
    return Recording(act, tuple(approved(region, act, one) for one in roles or act.parties))


def a_report(region: Region, act: Act, role: str, previous: bytes = NO_HASH, stage: Stage = Stage.STARTED) -> Reporting:
    report = Report(hash_act(act), bytes(31) + b"\1", role.partition(":")[0], stage, NO_HASH, previous)
    data = report_data(region.register.domain, report)
    return Reporting(
        approval=Approval(account(role), NO_HASH, region.signer(role).sign_typed_data(data)), report=report
    )


def voted(region: Region, motion: Motion, role: str, decision: bytes = NO_HASH) -> Approval:
    data = vote_data(region.register.domain, motion, decision)
    return Approval(account(role), decision, region.signer(role).sign_typed_data(data))


def through(region: Region, url: str) -> Register:
    """The region's register as a service sees it that is connected to this address."""
    return region.deployment.register(connect(url, 20))


def witness(region: Region) -> Callable[[bytes, int], Any]:
    """The history of an agreement as the chain has it."""

    def of(agreement: bytes, moment: int) -> Any:
        return region.service(None).view().ledger.agreement_of(agreement).history_for(moment)  # type: ignore[arg-type]

    return of


@contextmanager
def outbox(
    region: Region,
    url: str,
    *,
    role: str = "carrier",
    node: str | None = None,
    pace: Pace = QUICK,
    start: bool = True,
    **terms: Any,
) -> Iterator[Outbox]:
    """An outbox at work, with a development account as its key."""
    register = through(region, node or region.url)
    made = Outbox.open(url, register, region.signer(role), witness(region), pace=pace, **terms)
    if start:
        made.start()
    try:
        yield made
    finally:
        made.close()


def until(box: Outbox, identity: bytes, *states: State, seconds: float = 20.0) -> Submission:
    """The submission, once it is in one of these states: mined or final unless told otherwise."""
    wanted = states or (State.MINED, State.FINAL)
    end = time.monotonic() + seconds
    while True:
        found = box.submission(identity)
        if found.state in wanted:
            return found
        assert time.monotonic() < end, (found, ask(box.register.chain.url, "txpool_inspect"))
        time.sleep(0.02)


def times_on_chain(region: Region, content: Handed) -> int:
    """How many events show that this stands on the chain."""
    node = Node(region.register)
    return len(node.logs(content.goal.event, content.goal.topics, region.chain.latest()[0]))


def spent(region: Region, role: str = "carrier") -> int:
    """How many transactions of an account were mined."""
    return int(region.ask("eth_getTransactionCount", account(role), "latest"), 16)


@contextmanager
def by_hand(region: Region) -> Iterator[Callable[[], Any]]:
    """The chain makes a block only when it is told to, by calling this."""
    region.ask("evm_setAutomine", False)
    try:
        yield lambda: region.ask("evm_mine")
    finally:
        region.ask("evm_setAutomine", True)
        region.ask("evm_mine")


def sqlite(folder: Path, name: str = "outbox") -> str:
    return f"sqlite:///{folder / f'{name}.sqlite'}"


def spoiled(content: ActApproval) -> ActApproval:
    """The same with a signature that is not its signatory's."""
    signature = content.approval.signature or b""
    return replace(content, approval=replace(content.approval, decision=b"\7" * 32, signature=signature))


def decline_first(region: Region, act: Act) -> None:
    """Declines an act in the block that comes, ahead of what waits for it."""
    data = "0x" + calldata("decline", [act_tuple(act), [], bytes(32)]).hex()
    sender, fee = account("gm0345"), hex(200 * 10**9)
    call = {"from": sender, "to": region.register.address, "data": data, "gas": hex(500_000)}
    region.ask("eth_sendTransaction", call | {"maxFeePerGas": fee, "maxPriorityFeePerGas": fee})
