"""Probes for coverage: the same contracts, which also tell the node's console where they come by.

Every statement and every function is preceded by a probe. Every condition is wrapped in one that tells its outcome:
that of `if`, `while`, `for`, `?:`, `require` and `assert`, and of a condition that is built with `&&`, `||` and `!`
each operand, instead of the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from source import BLOCKS, Insertions, Node, Source, after_pragma, span, walk

LIBRARY = "CoverageProbe"
LIBRARY_PATH = f"contracts/{LIBRARY}.sol"
# Probes print numbers from here on, which nothing else on the console looks like.
FIRST = 8_800_000_000

# The console is an address that the development chains print for; there is nothing on it. A pure function must not
# call, so the compiler is made to believe that this one does not either.
LIBRARY_TEXT = b"""// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

library CoverageProbe {
    function at(uint256 probe) internal pure {
        function(uint256) view printer = _print;
        function(uint256) pure silent;
        assembly ("memory-safe") {
            silent := printer
        }
        silent(probe);
    }

    function outcome(uint256 probe, bool condition) internal pure returns (bool) {
        at(condition ? probe + 1 : probe);
        return condition;
    }

    function _print(uint256 probe) private view {
        assembly ("memory-safe") {
            // log(uint256), in the scratch space
            mstore(0, shl(224, 0xf82c50f1))
            mstore(4, probe)
            pop(staticcall(gas(), 0x000000000000000000636F6e736F6c652e6c6f67, 0, 36, 0, 0))
        }
    }
}
"""

_PRINTED = re.compile(rb"^\s*(88\d{8})n?\s*$", re.MULTILINE)
_LOOPS = {"ForStatement", "WhileStatement", "DoWhileStatement"}
_TRANSPARENT = BLOCKS | {"PlaceholderStatement"}


@dataclass(frozen=True)
class Probe:
    """Something that must come by: a statement, or one outcome of a condition."""

    path: str
    line: int
    what: str
    # Which function it stands in.
    function: str
    is_function: bool = False
    outcome: bool | None = None

    @property
    def is_branch(self) -> bool:
        """Whether it is an outcome of a condition."""
        return self.outcome is not None

    def __str__(self) -> str:
        if self.is_function:
            return f"{self.what} is never called"
        return self.what if self.outcome is None else f"never {str(self.outcome).lower()}: {self.what}"


@dataclass(frozen=True)
class Instrumented:
    """Sources with probes; the number of a probe is its place in the list."""

    texts: dict[str, bytes]
    probes: list[Probe]


def instrument(sources: Sequence[Source]) -> Instrumented:
    """Put probes into these sources."""
    probes: list[Probe] = []
    texts = {LIBRARY_PATH: LIBRARY_TEXT}
    for source in sources:
        texts[source.path] = _Instrumenter(source, probes).run()
    return Instrumented(texts, probes)


def printed(log: bytes) -> set[int]:
    """The numbers of the probes that came by, from what the node printed."""
    return {int(number) - FIRST for number in _PRINTED.findall(log)}


class _Instrumenter:
    def __init__(self, source: Source, probes: list[Probe]) -> None:
        self.source = source
        self.probes = probes
        self.insertions = Insertions()
        self.function = ""

    def run(self) -> bytes:
        self.insertions.at(after_pragma(self.source), f'\nimport {{{LIBRARY}}} from "./{LIBRARY}.sol";'.encode())
        for node in walk(self.source.tree):
            if node["nodeType"] in {"FunctionDefinition", "ModifierDefinition"} and node.get("body"):
                self.callable(node)
        return self.insertions.apply(self.source.text)

    def callable(self, node: Node) -> None:
        name = node["name"] or node.get("kind", "")
        self.function = f"{name}@{node['id']}"
        entry = Probe(self.source.path, self.source.line(span(node)[0]), name, self.function, is_function=True)
        self.insertions.at(span(node["body"])[0] + 1, self.call(self.add(entry)))
        conditions = {leaf["id"]: leaf for leaf in _conditions(node["body"])}
        # From the outside in, as insertions at the same place must come.
        for below in walk(node["body"]):
            if below["nodeType"] in BLOCKS:
                for statement in below["statements"]:
                    if statement["nodeType"] not in _TRANSPARENT:
                        self.insertions.at(span(statement)[0], self.call(self.statement(statement)))
            for body in _bare_bodies(below):
                start, end = span(body)[0], self.source.end_of(body)
                self.insertions.around(start, end, b"{ " + self.call(self.statement(body)), b" }")
            if below.get("id") in conditions:
                self.condition(below)

    def statement(self, node: Node) -> int:
        return self.add(self.probe(node))

    def condition(self, node: Node) -> None:
        number = self.add(self.probe(node, False))
        self.add(self.probe(node, True))
        start, end = span(node)
        self.insertions.around(start, end, f"{LIBRARY}.outcome({FIRST + number}, ".encode(), b")")

    def probe(self, node: Node, outcome: bool | None = None) -> Probe:
        what = first_line(self.source.slice(node))
        return Probe(self.source.path, self.source.line(span(node)[0]), what, self.function, outcome=outcome)

    def add(self, probe: Probe) -> int:
        self.probes.append(probe)
        return len(self.probes) - 1

    def call(self, number: int) -> bytes:
        return f"{LIBRARY}.at({FIRST + number}); ".encode()


def _bare_bodies(node: Node) -> Iterator[Node]:
    """The bodies of a statement that have no braces."""
    if node["nodeType"] == "IfStatement":
        bodies = [node["trueBody"], node.get("falseBody")]
    elif node["nodeType"] in _LOOPS:
        bodies = [node["body"]]
    else:
        bodies = []
    return (body for body in bodies if body and body["nodeType"] not in BLOCKS)


def _conditions(body: Node) -> Iterator[Node]:
    for node in walk(body):
        kind = node["nodeType"]
        if kind in {"IfStatement", "Conditional", *_LOOPS} and node.get("condition"):
            yield from operands(node["condition"])
        elif kind == "BinaryOperation" and node["operator"] in {"&&", "||"}:
            yield from operands(node)
        elif kind == "FunctionCall" and node["expression"].get("name") in {"require", "assert"}:
            yield from operands(node["arguments"][0])


def operands(node: Node) -> Iterator[Node]:
    """What a condition is built of."""
    kind = node["nodeType"]
    if kind == "BinaryOperation" and node["operator"] in {"&&", "||"}:
        yield from operands(node["leftExpression"])
        yield from operands(node["rightExpression"])
    elif kind == "UnaryOperation" and node["operator"] == "!":
        yield from operands(node["subExpression"])
    elif kind == "TupleExpression" and len(node["components"]) == 1:
        yield from operands(node["components"][0])
    elif kind != "Literal":
        yield node


def first_line(text: bytes) -> str:
    """The beginning of a piece of source, on one line."""
    shown = " ".join(text.decode("utf-8").split())
    return shown if len(shown) <= 72 else shown[:71] + "…"


def lines_of(probes: Iterable[tuple[int, Probe]], seen: set[int]) -> dict[int, bool]:
    """Each line on which statements begin, and whether all of those came by."""
    lines: dict[int, bool] = {}
    for number, probe in probes:
        if not probe.is_branch:
            lines[probe.line] = lines.get(probe.line, True) and number in seen
    return lines
