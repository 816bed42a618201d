"""Load from wrk, and what it says of it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from registry.errors import UnavailableError, UsageError

CONNECTIONS = 64
_THREADS = 2
_SCRIPT = """
local paths = {}
for line in io.lines("%s") do paths[#paths + 1] = line end
local next_one = 0
local started = 0

function setup(thread)
  thread:set("number", started)
  started = started + 1
end

function init(args)
  math.randomseed(os.time() + number)
  next_one = number
end

function request()
  local place
  if %s then
    next_one = next_one + %d
    place = next_one %% #paths + 1
  else
    place = math.random(#paths)
  end
  return wrk.format("GET", paths[place])
end
"""
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


@dataclass(frozen=True, slots=True)
class Load:
    """What was measured: requests a second, the 99th percentile in seconds, and how many failed."""

    per_second: float
    p99: float
    failed: int


def require_wrk() -> None:
    """UnavailableError if the program is not there."""
    if shutil.which("wrk") is None:
        raise UnavailableError("the program wrk is not installed", hint="on Debian: apt-get install wrk")


def load(address: str, paths: Sequence[str], seconds: int, folder: Path, *, in_turn: bool = False) -> Load:
    """Asks for these paths over 64 connections, each time any of them, or one after another."""
    if not paths:
        raise UsageError("there is nothing to ask for")
    listed, script = folder / "paths.txt", folder / "load.lua"
    listed.write_text("\n".join(paths) + "\n", "utf-8")
    script.write_text(_SCRIPT % (listed, "true" if in_turn else "false", _THREADS), "utf-8")
    command = ["wrk", "--latency", "--timeout", "20s", "-t", str(_THREADS), "-c", str(CONNECTIONS)]
    command += ["-d", f"{seconds}s", "-s", str(script), address]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    return read(ran.stdout)


def read(told: str) -> Load:
    """What the program printed; UnavailableError if that is not what it prints."""
    rate = re.search(r"^Requests/sec:\s+([0-9.]+)", told, re.MULTILINE)
    slow = re.search(r"^\s+99%\s+([0-9.]+)(us|ms|s|m)", told, re.MULTILINE)
    if rate is None or slow is None:
        raise UnavailableError(f"wrk printed something else: {told[:500]}")
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", told)
    failed = (int(refused[1]) if refused else 0) + (sum(map(int, broken.groups())) if broken else 0)
    return Load(float(rate[1]), float(slow[1]) * _UNITS[slow[2]], failed)
