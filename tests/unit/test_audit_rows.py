"""The rows that the audit derives against those that the index writes, from the same random histories."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from audits import events_of
from histories import History, batches

from registry.audit.calls import Group, grouped
from registry.audit.digests import Digests
from registry.audit.findings import Findings
from registry.audit.indexed import TABLES, Derived, compare
from registry.audit.reading import Header
from registry.audit.recovery import Recoveries
from registry.audit.replaying import replay
from registry.audit.workbench import Bench
from registry.index import Identity, Index

IDENTITY = Identity(31337, "0x" + 40 * "1", 1)


def derived(events: list[Any]) -> Derived:
    bench = Bench(Findings(), Digests(IDENTITY.chain_id, IDENTITY.register), Recoveries(1))
    made = Derived(bench.state)
    bench.around = made.around
    read = events_of(events)
    founders = next(at for at, one in enumerate(read) if one.name != "MemberAdmitted")
    replay(bench, [Group((one,), None) for one in read[:founders]])
    for part in grouped(read[founders:]):
        replay(bench, [Group(part, None)])
    return made


@pytest.mark.parametrize("seed", range(5))
def test_two_ways_give_the_same_rows(tmp_path: Path, seed: int) -> None:
    events = History(seed).go_on(90).events
    with Index.open(f"sqlite:///{tmp_path / 'index.sqlite'}", IDENTITY) as index:
        for batch in batches(events, largest=30, seed=seed):
            index.write(batch)
        findings = Findings()
        as_of = index.as_of
        assert as_of is not None
        end = Header(as_of.block, as_of.block_hash, b"", as_of.block_time, ())
        who = (IDENTITY.chain_id, IDENTITY.register)
        counts = compare(index, derived(events), findings, who, end)
    assert findings.deviations == ()
    assert counts.keys() == {*TABLES, "commitments", "terms", "dossiers", "documents"}
    assert counts["events"] == len(events)
    assert all(counts[one] for one in ("acts", "spans", "proposals", "organisations", "mandates", "reports", "motions"))
