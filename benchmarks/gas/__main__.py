"""Measure what an agreement costs in gas, here and with the neighbours, on one local chain in one run.

The last lines are the targets, one each; the exit code is 0 if all hold, 1 if one falls short, 3 if something that is
needed is not there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.gas import code, eas, many, others, ours
from benchmarks.gas.bench import fresh_bench
from benchmarks.gas.report import Report
from benchmarks.targets import exit_code
from registry.cli.output import errors, print_error, print_json
from registry.errors import RegistryError


def measured(say: Callable[[str], None]) -> Report:
    """Everything, on a chain that ends with it."""
    code.require_installed()
    say("compiling")
    own = code.own()
    with fresh_bench(say) as bench:
        whole, steps = ours.measure(bench)
        whole += eas.measure(bench, own)
        whole += others.measure_safe(bench, own)
        whole.append(others.measure_tutorial(bench, own))
        whole.append(others.measure_document_store(bench))
        whole.append(others.measure_floor(bench, own))
        return Report(bench.chain.client_version, whole, steps, many.measure(bench))


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A line on standard error that says what is being done, where somebody watches."""
    target = errors()
    if not target.is_terminal:
        yield lambda text: None
        return
    with target.status("") as status:
        yield lambda text: status.update(f"measuring: {text}")


def main() -> int:
    """Measures and prints; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gas", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document, targets included")
    arguments = parser.parse_args()
    try:
        with progress() as say:
            report = measured(say)
    except RegistryError as error:
        print_error(error, as_json=arguments.json)
        return error.exit_code
    except KeyboardInterrupt:
        return 130  # the chain was stopped on the way here
    if arguments.json:
        print_json(report.to_json())
    else:
        report.show()
        for target in report.targets():
            print(target.line)
    return exit_code(report.targets())


if __name__ == "__main__":
    sys.exit(main())
