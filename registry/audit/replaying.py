"""Every event through its rules, in order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from registry.audit import administration, agreements, council, promises
from registry.audit.calls import Group
from registry.audit.report import Check
from registry.audit.workbench import Bench, Rule

_RULES: dict[str, Rule] = {**administration.RULES, **council.RULES, **agreements.RULES, **promises.RULES}


def replay(bench: Bench, groups: Sequence[Group]) -> None:
    """Takes in the events of one transaction; those of the first one of all found the council."""
    if not bench.state.founded:
        bench.state.founded = True
        events = [event for group in groups for event in group.events]
        if bench.findings.expect(
            Check.COUNCIL,
            all(one.name == "MemberAdmitted" for one in events),
            "no-founding",
            "de eerste gebeurtenissen zijn niet de oprichting van de raad",
            events[0],
        ):
            bench.state.time = events[0].time
            council.founded(bench, events)
            return
    for group in groups:
        bench.state.time = group.events[0].time
        _replay_group(bench, group)


def _replay_group(bench: Bench, group: Group) -> None:
    events = list(group.events)
    while events:
        event = events.pop(0)
        if event.name != "MotionEnacted":
            bench.around(event, partial(_RULES[event.name], bench, event, group.call))
            continue
        effect = events.pop(0) if events else None
        at_once = group.events[0].name == "MotionDecided"
        bench.around(event, partial(council.enacted, bench, event, group.call, effect, at_once=at_once))
        if effect is not None:
            bench.around(effect, partial(council.take_effect, bench, effect))
