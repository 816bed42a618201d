"""What the service makes of what a node tells, without a chain."""

from __future__ import annotations

from typing import Any

import pytest
from ledgers import BOTH, Story, admission, concluding, recovery, reporting

from registry import model
from registry.errors import ChainError
from registry.fingerprint import fingerprint_of
from registry.model import Event
from registry.service import Service

NOTHING: Any = None
EDE = "gm0228"


class Told:
    """A register that tells these events, and a fingerprint of others."""

    def __init__(self, events: list[Event], truth: list[Event]) -> None:
        self._events, self._truth = events, truth
        self.chain = self

    def latest(self) -> tuple[int, int]:
        return 9, 2**35

    def events(self, block: int) -> list[Event]:
        return self._events

    def fingerprint(self, block: int) -> bytes:
        return fingerprint_of(self._truth)


def view_of(events: list[Event], truth: list[Event]) -> Any:
    register: Any = Told(events, truth)
    return Service(register, NOTHING).view()


def everything() -> list[Event]:
    """A register in which each event stands on another."""
    story = Story().admit(EDE, *BOTH)
    for one in (EDE, *BOTH):
        story.appoint(one)
    act, motion = concluding(*BOTH), recovery(EDE, "new")
    story.move(admission("gm0279"), EDE)
    story.decide(motion)
    story.veto(motion, EDE)
    story.propose(act, BOTH[0])
    story.record(act, *BOTH)
    report = reporting(act, BOTH[0])
    story.report(report, BOTH[0])
    story.confirm(report, BOTH[1], BOTH[1])
    story.nominate(EDE, "new")
    story.succeed(EDE, BOTH[0])
    return story.events


TRUTH = everything()
NOT_RECORDED = (model.Proposed, model.Approved, model.Moved, model.Voted)


def test_view_is_the_ledger_of_all_events_with_their_fingerprint() -> None:
    view = view_of(TRUTH, TRUTH)
    assert view.ledger.events == TRUTH
    assert view.ledger.fingerprint == fingerprint_of(TRUTH)
    assert (view.block, view.now, view.mined_at) == (9, 2**35, 2**35)


@pytest.mark.parametrize("index", range(len(TRUTH)), ids=[type(one).__name__ for one in TRUTH])
def test_event_that_a_node_leaves_out_is_missed_whatever_stands_on_it(index: int) -> None:
    told = TRUTH[:index] + TRUTH[index + 1 :]
    if isinstance(TRUTH[index], NOT_RECORDED):
        assert view_of(told, TRUTH).ledger.fingerprint == fingerprint_of(TRUTH)
        return
    with pytest.raises(ChainError, match="do not add up to the register's fingerprint"):
        view_of(told, TRUTH)
