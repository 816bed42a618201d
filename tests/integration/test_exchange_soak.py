"""The short form of ``make soak-service``: three services, one killed, a partner that lies."""

from __future__ import annotations

from pathlib import Path

from benchmarks.exchange.soak import soak


def test_three_services_agree_though_one_is_killed_and_a_partner_lies(tmp_path: Path) -> None:
    said: list[str] = []
    targets = soak(rounds=1, kills=1, seed=7, folder=tmp_path, say=said.append)
    assert [one.line for one in targets if not one.holds] == []
    assert len(targets) == 10
