"""All mutants in one build: each stands in the contracts next to the original, and a switch chooses.

The switch is the address that blocks are mined for, which the contracts read and a development chain can be told. Where
it is the number of a mutant, that mutant is in place; with another, the contracts do what they did before. One value
has them tell the node's console where they come by, and one breaks them everywhere. So the compiler, which takes longer
than the tests, is needed once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mutant import Mutant, Place, by_file
from source import BuildError, Node, Source, after_pragma, children, compile_sources, errors_of, span, walk

LIBRARY = "MutantSwitch"
LIBRARY_PATH = f"contracts/{LIBRARY}.sol"
# Numbers from 1 are mutants; these are not.
NOTHING = (1 << 64) - 1
RECORD = 1 << 64
BREAK = RECORD + 1
# Places print numbers from here on, which nothing else on the console looks like.
FIRST = 7_700_000_000

LIBRARY_TEXT = f"""// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

library {LIBRARY} {{
    function at(uint256 place) internal pure returns (uint256) {{
        function(uint256) view returns (uint256) reader = _chosen;
        function(uint256) pure returns (uint256) silent;
        assembly ("memory-safe") {{
            silent := reader
        }}
        return silent(place);
    }}

    function chosen() internal pure returns (uint256) {{
        function() view returns (uint256) reader = _coinbase;
        function() pure returns (uint256) silent;
        assembly ("memory-safe") {{
            silent := reader
        }}
        return silent();
    }}

    function _chosen(uint256 place) private view returns (uint256 mutant) {{
        assembly ("memory-safe") {{
            mutant := coinbase()
            if gt(mutant, {NOTHING}) {{
                if eq(mutant, {BREAK}) {{ revert(0, 0) }}
                mstore(0, shl(224, 0xf82c50f1))
                mstore(4, place)
                pop(staticcall(gas(), 0x000000000000000000636F6e736F6c652e6c6f67, 0, 36, 0, 0))
            }}
        }}
    }}

    function _coinbase() private view returns (uint256 mutant) {{
        assembly ("memory-safe") {{
            mutant := coinbase()
        }}
    }}
}}
""".encode()

_PRINTED = re.compile(rb"^\s*(77\d{8})n?\s*$", re.MULTILINE)
_MARK = re.compile(rb"/\*mutant (\d+)\*/")
_CHOSEN = "mutant_chosen"
_GIVEN = "mutant_given"
_EITHER = "mutant_or_original"
_ROUNDS = 12


@dataclass
class Schema:
    """The build with all mutants in it."""

    texts: dict[str, bytes]
    # The places of each mutant, by the number that stands for it.
    places: dict[int, set[int]]
    # Mutants that have no place, or do not compile in it.
    left_out: list[Mutant] = field(default_factory=list)


@dataclass
class _Choice:
    """A place with the mutants that are chosen from there."""

    place: Place
    number: int
    mutants: list[tuple[int, bytes]] = field(default_factory=list)


def printed(log: bytes) -> set[int]:
    """The places that came by, from what the node printed."""
    return {int(number) - FIRST for number in _PRINTED.findall(log)}


def build_schema(
    root: Path, originals: Mapping[str, bytes], sources: Sequence[Source], mutants: Mapping[int, Mutant]
) -> Schema:
    """Put these mutants, each under its number, into one build that compiles.

    Raises BuildError if it does not compile for another reason than a mutant.
    """
    active = {number: one for number, one in mutants.items() if one.place is not None}
    left_out = [one for one in mutants.values() if one.place is None]
    for _round in range(_ROUNDS):
        texts, places = _write(sources, active)
        problems = errors_of(compile_sources(root, dict(originals) | texts, {"*": {"": ["ast"]}}))
        if not problems:
            return Schema(texts, places, left_out)
        for number in _to_blame(problems, texts):
            left_out.append(active.pop(number))
    raise BuildError("the mutants do not compile together:\n" + problems[0]["formattedMessage"])


def _to_blame(problems: Sequence[dict[str, object]], texts: Mapping[str, bytes]) -> set[int]:
    """The mutants that these errors are about: the first within each, or else the last before it."""
    blamed = set()
    for problem in problems:
        place = problem.get("sourceLocation")
        if not isinstance(place, dict) or place.get("file") not in texts:
            raise BuildError(str(problem["formattedMessage"]))
        text = texts[place["file"]]
        within = _MARK.search(text, place["start"], place["end"])
        before = None if within else list(_MARK.finditer(text, 0, place["start"]))[-1:]
        mark = within or (before[0] if before else None)
        if mark is None:
            raise BuildError(str(problem["formattedMessage"]))
        blamed.add(int(mark[1]))
    return blamed


def _write(sources: Sequence[Source], mutants: Mapping[int, Mutant]) -> tuple[dict[str, bytes], dict[int, set[int]]]:
    numbers = {one: number for number, one in mutants.items()}
    reads = _reads(sources, {_placed(one).declaration for one in mutants.values()})
    texts = {LIBRARY_PATH: LIBRARY_TEXT}
    choices: dict[str, dict[Place, _Choice]] = {source.path: {} for source in sources}
    places: dict[int, set[int]] = {number: set() for number in mutants}
    blocks: dict[tuple[str, int], int] = {}
    count = 0
    for path, own in by_file(mutants.values()).items():
        text = next(source.text for source in sources if source.path == path)
        for one in own:
            original = _placed(one)
            there = [(path, original)]
            if original.kind == "constant":
                there = [
                    (file, Place("constant", *span(read), original.type_name))
                    for file, read in reads.get(original.declaration, [])
                ]
            for file, place in there:
                choice = choices[file].get(place)
                if choice is None:
                    # A block of assembly is one place: the switch is read once, before it.
                    place_number = blocks.get((file, place.block), count)
                    choice = choices[file][place] = _Choice(place, place_number)
                    count = max(count, place_number + 1)
                    if place.block >= 0:
                        blocks[file, place.block] = place_number
                choice.mutants.append((numbers[one], one.alternative(text, original)))
                places[numbers[one]].add(choice.number)
    for source in sources:
        texts[source.path] = _Writer(source, list(choices[source.path].values())).run()
    return texts, places


def _placed(mutant: Mutant) -> Place:
    """Its place, which those that come this far have."""
    if mutant.place is None:
        raise ValueError(f"no place: {mutant.key}")
    return mutant.place


def _reads(sources: Sequence[Source], declarations: set[int]) -> dict[int, list[tuple[str, Node]]]:
    """Where constants are read, by their declaration."""
    found: dict[int, list[tuple[str, Node]]] = {}
    for source in sources:
        for node in walk(source.tree):
            if node["nodeType"] in {"Identifier", "MemberAccess"} and node.get("referencedDeclaration") in declarations:
                found.setdefault(node["referencedDeclaration"], []).append((source.path, node))
    return found


class _Writer:
    """One source with its choices, from the largest pieces to the smallest."""

    def __init__(self, source: Source, choices: list[_Choice]) -> None:
        self.text = source.text
        self.source = source
        plain = [one for one in choices if one.place.block < 0]
        self.assembly: dict[int, list[_Choice]] = {}
        for one in choices:
            if one.place.block >= 0:
                self.assembly.setdefault(one.place.block, []).append(one)
        # A statement around an expression that is all of it comes first.
        self.choices = sorted(plain, key=lambda one: (one.place.start, -one.place.end, one.place.kind != "statement"))
        self.blocks = {span(node)[0]: node for node in walk(source.tree) if node["nodeType"] == "InlineAssembly"}

    def run(self) -> bytes:
        imported = after_pragma(self.source)
        line = f'\nimport {{{LIBRARY}}} from "./{LIBRARY}.sol";'.encode()
        pieces: list[tuple[int, int, _Choice | Node]] = [(one.place.start, one.place.end, one) for one in self.choices]
        pieces += [(start, span(self.blocks[start])[1], self.blocks[start]) for start in self.assembly]
        pieces.sort(key=lambda piece: (piece[0], -piece[1]))
        return self.text[:imported] + line + self.written(imported, len(self.text), pieces)

    def written(self, start: int, end: int, pieces: list[tuple[int, int, _Choice | Node]]) -> bytes:
        """The text from start to end, with these pieces, which lie in it, written anew."""
        out = []
        done = start
        while pieces:
            first, last, piece = pieces.pop(0)
            inner = []
            while pieces and pieces[0][0] < last:
                inner.append(pieces.pop(0))
            out.append(self.text[done:first])
            if isinstance(piece, _Choice):
                out.append(_chosen(piece, self.written(first, last, inner)))
            else:
                out.append(_AssemblyWriter(self.text, piece, self.assembly[first]).run())
            done = last
        return b"".join([*out, self.text[done:end]])


def _chosen(choice: _Choice, original: bytes) -> bytes:
    kind, name = choice.place.kind, choice.place.type_name.encode()
    if kind == "statement":
        tests = [b"if (%s) { %s%s } else " % (test, _mark(number), text) for test, number, text in _tests(choice)]
        return b"{ " + b"".join(tests) + b"{ " + original + b" } }"
    cast = name if kind in {"initial", "constant"} else b""
    tests = [b"%s ? %s%s(%s) : " % (test, _mark(number), cast, text) for test, number, text in _tests(choice)]
    return b"(" + b"".join(tests) + (cast + b"(" + original + b")" if kind == "initial" else original) + b")"


def _tests(choice: _Choice) -> Iterator[tuple[bytes, int, bytes]]:
    """For each mutant of a place whether it is chosen, its number and its text. The first test tells of the place."""
    reader = f"{LIBRARY}.at({FIRST + choice.number})"
    for number, text in choice.mutants:
        yield f"{reader} == {number}".encode(), number, text
        reader = f"{LIBRARY}.chosen()"


def _mark(number: int) -> bytes:
    return f"/*mutant {number}*/".encode()


class _AssemblyWriter:
    """One block of assembly. The switch is read before it, and its Yul functions are handed what was read."""

    def __init__(self, text: bytes, node: Node, choices: list[_Choice]) -> None:
        self.text = text
        self.node = node
        self.choices = {(one.place.start, one.place.end, one.place.kind): one for one in choices}
        self.functions = {one["name"] for one in _yul(node["AST"]) if one["nodeType"] == "YulFunctionDefinition"}

    def run(self) -> bytes:
        start = span(self.node)[0]
        body = span(self.node["AST"])[0]
        place = next(iter(self.choices.values())).number
        before = f"{{ uint256 {_CHOSEN} = {LIBRARY}.at({FIRST + place}); "
        either = (
            f"function {_EITHER}({_GIVEN}, mutant_value, original_value) -> value "
            f"{{ switch {_GIVEN} case 0 {{ value := original_value }} default {{ value := mutant_value }} }} "
        )
        inner = self.written(self.node["AST"], _CHOSEN)
        return before.encode() + self.text[start : body + 1] + either.encode() + inner[1:] + b" }"

    def written(self, node: Node, switch: str) -> bytes:
        """A node with its choices, where the switch was read into this variable."""
        start, end = span(node)
        if node["nodeType"] == "YulFunctionDefinition":
            switch = _GIVEN
        out, done = [], start
        for child in sorted(children(node), key=lambda one: span(one)[0]):
            first, last = span(child)
            out += [self.text[done:first], self.written(child, switch)]
            done = last
        inner = b"".join([*out, self.text[done:end]])
        if node["nodeType"] == "YulFunctionDefinition" or (
            node["nodeType"] == "YulFunctionCall" and node["functionName"]["name"] in self.functions
        ):
            inner = self.handed(inner, node, switch)
        # A statement that is one call begins and ends where the call does.
        kind = "assembly" if node["nodeType"] in {"YulFunctionCall", "YulLiteral"} else "assembly statement"
        choice = self.choices.get((start, end, kind))
        if choice is None:
            return inner
        if kind == "assembly statement":
            ((number, _nothing),) = choice.mutants
            return f"if iszero({_mark(number).decode()} eq({switch}, {number})) {{ ".encode() + inner + b" }"
        for number, text in choice.mutants:
            test = f"{_EITHER}({_mark(number).decode()} eq({switch}, {number}), ".encode()
            inner = test + text + b", " + inner + b")"
        return inner

    def handed(self, text: bytes, node: Node, switch: str) -> bytes:
        """One argument, or parameter, more."""
        listed = node.get("arguments") or node.get("parameters")
        comma = b", " if listed else b""
        opening = text.index(b"(") + 1
        return text[:opening] + switch.encode() + comma + text[opening:]


def _yul(node: Node) -> list[Node]:
    return [node, *(one for child in children(node) for one in _yul(child))]
