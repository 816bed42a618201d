"""Measure how many acts a second the audit checks, and which part of that time goes into recovering signatures.

The last lines are the targets, one each; the exit code is 0 if all hold, 1 if one falls short, 3 if something that is
needed is not there.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib.util import find_spec

from benchmarks.audit.filling import filled
from benchmarks.targets import Target, at_least, at_most, exit_code
from registry.audit import AuditReport, Check, Node, audit
from registry.cli.output import errors, print_error, print_json
from registry.errors import RegistryError


def targets(report: AuditReport, acts: int) -> list[Target]:
    """That it holds, checked every signature, and waits for little else than their recovery."""
    return [
        at_most("deviations", len(report.deviations), 0),
        at_least("signatures checked", report.tally(Check.SIGNATURES).checked, 2 * acts),
        at_least("share of the time in recovery", 100 * report.recovery_share, 50, unit=" %"),
    ]


def main() -> int:
    """Measures and prints; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit", description=__doc__)
    parser.add_argument("--acts", type=int, default=10_000, help="how many acts to record and audit (10000)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that recover signatures")
    parser.add_argument("--json", action="store_true", help="print one JSON document, targets included")
    arguments = parser.parse_args()
    target = errors()

    def say(text: str) -> None:
        if target.is_terminal:
            target.print(text, end="\r")

    try:
        with filled(arguments.acts, say) as made:
            node = Node(made.url)
            register = made.register
            report = audit(node, register.address, register.from_block, workers=arguments.workers)
            node.close()
    except RegistryError as error:
        print_error(error, as_json=arguments.json)
        return error.exit_code
    except KeyboardInterrupt:
        return 130  # the chain was stopped on the way here
    found = targets(report, arguments.acts)
    rest = report.seconds - report.recovery_seconds
    numbers = {
        "acts": arguments.acts,
        "workers": arguments.workers,
        "coincurve": find_spec("coincurve") is not None,
        "seconds": round(report.seconds, 2),
        "actsPerSecond": round(arguments.acts / report.seconds, 1),
        "recoveryShare": round(report.recovery_share, 3),
        "otherMillisecondsPerAct": round(1000 * rest / arguments.acts, 3),
    }
    if arguments.json:
        print_json(numbers | {"targets": [one.to_json() for one in found]})
    else:
        how = "coincurve" if numbers["coincurve"] else "Python alone"
        print(
            f"{arguments.acts:,} acts audited in {report.seconds:,.1f} s: {numbers['actsPerSecond']:,} acts per second"
        )
        print(f"{report.recovery_share:.0%} of it in recovering signatures ({how}, {arguments.workers} processes)")
        print(f"all else: {numbers['otherMillisecondsPerAct']} ms per act")
        for one in found:
            print(one.line)
    return exit_code(found)


if __name__ == "__main__":
    sys.exit(main())
