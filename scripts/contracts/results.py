"""What became of each mutant: the verdicts, how they are counted, and how they are kept on disk."""

from __future__ import annotations

import json
import threading
import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

SURVIVORS = Path(__file__).with_name("survivors.toml")
KILLED, SURVIVED, EQUIVALENT, FAILED = "killed", "survived", "equivalent", "failed"


@dataclass(frozen=True)
class Result:
    """What became of a mutant."""

    key: str
    verdict: str
    test: str = ""
    why: str = ""
    ran: int = 0
    seconds: float = 0.0


class Store:
    """Results on disk, one a line, written as they come."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = threading.Lock()

    def read(self) -> dict[str, Result]:
        """What was found so far; a line cut short by an interruption is not there."""
        found = {}
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                try:
                    one = Result(**json.loads(line))
                except (ValueError, TypeError):
                    continue
                if one.verdict != FAILED:
                    found[one.key] = one
        return found

    def add(self, result: Result) -> None:
        """Keep one more."""
        with self.lock, self.path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")


def score(results: Iterable[Result]) -> tuple[int, int]:
    """How many were killed, of how many that count."""
    counted = [one.verdict for one in results if one.verdict in {KILLED, SURVIVED}]
    return counted.count(KILLED), len(counted)


def percent(killed: int, counted: int) -> float:
    """100 where there is nothing to kill."""
    return 100.0 * killed / counted if counted else 100.0


def known_survivors(path: Path) -> dict[str, str]:
    """Why mutants survive, by their names."""
    if not path.exists():
        return {}
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("survivor", [])
    return {str(one["mutant"]): str(one["reason"]) for one in entries}
