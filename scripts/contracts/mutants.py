"""Small mistakes that could have been made in the contracts, each a piece of source and what it becomes.

Relations and arithmetic change their operator; conditions become true or false, and an operand of && or || is dropped;
statements go; numbers become one more or one less; arguments and results of the same type change places; msg.sender
becomes tx.origin. In assembly the same is done to its functions, statements and numbers.

What every test that notices another mutant would notice as well is not made, because it only makes the score look
better: && instead of || when each operand is dropped, the opposite of a condition that is made true and made false.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from assembly_mutants import AssemblyMutator
from mutant import Mutant, Place, shown
from source import BLOCKS, Node, Source, children, span

RELATIONS = {
    b"<": (b"<=", b">="),
    b"<=": (b"<", b">"),
    b">": (b">=", b"<="),
    b">=": (b">", b"<"),
    b"==": (b"!=",),
    b"!=": (b"==",),
}
OPPOSITE = {b"<": b">=", b"<=": b">", b">": b"<=", b">=": b"<", b"==": b"!=", b"!=": b"=="}
ARITHMETIC = {b"+": b"-", b"-": b"+", b"*": b"+", b"/": b"*", b"%": b"*", b"**": b"*"}
BITS = {b"&": b"|", b"|": b"&", b"^": b"&", b"<<": b">>", b">>": b"<<"}
LOGIC = {b"&&", b"||"}
STEPS = {b"++": b"--", b"--": b"++"}
COMPOUND = {b"+=": b"-=", b"-=": b"+=", b"*=": b"+=", b"/=": b"*=", b"|=": b"&=", b"&=": b"|="}

_LOOPS = {"ForStatement", "WhileStatement", "DoWhileStatement"}
_REMOVABLE = {"ExpressionStatement", "EmitStatement", "RevertStatement", "Return", "Continue", "Break"}
_NO_VALUES = ("int_const", "rational_const", "literal_string", "type(", "tuple(", "function ", "mapping(", "error")
_CONSTANT_NUMBER = re.compile(r"int_const (\d+)$")
_FIXED_BYTES = re.compile(r"bytes(\d+)$")

Path = tuple[Node, ...]


def mutants_of(sources: Sequence[Source]) -> list[Mutant]:
    """Every mutant of these sources, each once, in the order of the text."""
    found: list[Mutant] = []
    for source in sources:
        own = {(one.start, one.end, one.replacement): one for one in _Mutator(source).run()}
        found += sorted(own.values(), key=lambda one: (one.start, -one.end, one.replacement))
    seen: Counter[str] = Counter()
    numbered = []
    for one in found:
        seen[one.key] += 1
        numbered.append(replace(one, nth=seen[one.key]))
    return numbered


class _Mutator:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.function = ""

    def run(self) -> Iterator[Mutant]:
        for node in self.source.tree["nodes"]:
            if node["nodeType"] == "ContractDefinition":
                for member in node["nodes"]:
                    yield from self.member(member, node["name"])
            else:
                yield from self.member(node, "")

    def member(self, node: Node, contract: str) -> Iterator[Mutant]:
        kind = node["nodeType"]
        self.function = ".".join(part for part in (contract, node.get("name") or node.get("kind", "")) if part)
        if kind in {"FunctionDefinition", "ModifierDefinition"} and node.get("body"):
            yield from self.below(node["body"], (node,))
        elif kind == "VariableDeclaration" and node.get("constant"):
            yield from self.constant(node)

    def below(self, node: Node, above: Path) -> Iterator[Mutant]:
        kind = node["nodeType"]
        if kind == "InlineAssembly":
            yield from AssemblyMutator(self.source, self.function, node).run()
            return
        path = (*above, node)
        if kind in BLOCKS:
            for statement in node["statements"]:
                yield from self.removal(statement, path)
        elif kind == "IfStatement":
            for body in (node["trueBody"], node.get("falseBody")):
                if body and body["nodeType"] not in BLOCKS:
                    yield from self.removal(body, path)
        elif kind in _LOOPS and node["body"]["nodeType"] not in BLOCKS:
            yield from self.removal(node["body"], path)
        for start, end, text in self.changes(node, path):
            yield self.mutant(start, end, text, path)
        for child in children(node):
            if not child["nodeType"].startswith("Yul"):
                yield from self.below(child, path)

    def mutant(self, start: int, end: int, text: bytes, path: Path, place: Place | None = None) -> Mutant:
        return Mutant(
            path=self.source.path,
            start=start,
            end=end,
            replacement=text,
            function=self.function,
            line=self.source.line(start),
            original=shown(self.source.text[start:end]),
            mutated="(nothing)" if text in {b"", b"{}"} else shown(text),
            place=place or place_of(path, self.source),
        )

    def removal(self, statement: Node, above: Path) -> Iterator[Mutant]:
        """Without this statement."""
        if statement["nodeType"] not in _REMOVABLE:
            return
        if statement["nodeType"] == "RevertStatement" and _is_all_of_an_if(statement, above):
            return  # the same as a condition that is false
        if _is_default(statement, above):
            return  # what is returned without it
        start, end = span(statement)[0], self.source.end_of(statement)
        nothing = b"" if above[-1]["nodeType"] in BLOCKS else b"{}"
        yield self.mutant(start, end, nothing, above, Place("statement", start, end))

    def constant(self, node: Node) -> Iterator[Mutant]:
        """Another number for a constant."""
        value = node["value"]
        start, end = span(value)
        place = Place("constant", start, end, node["typeDescriptions"]["typeString"], node["id"])
        for path in _paths(value, ()):
            for first, last, text in self.numbers(path[-1], path):
                yield self.mutant(first, last, text, path, place)

    def changes(self, node: Node, path: Path) -> Iterator[tuple[int, int, bytes]]:
        """What this node by itself can become."""
        kind = node["nodeType"]
        start, end = span(node)
        if kind == "BinaryOperation":
            yield from ((start, end, text) for text in self.operations(node, path[-2]))
        elif kind == "UnaryOperation":
            yield from ((start, end, text) for text in self.steps(node, path))
        elif kind == "Assignment" and node["operator"].encode() in COMPOUND:
            yield start, end, self.joined(node["leftHandSide"], node, COMPOUND, node["rightHandSide"])
        elif kind in {"FunctionCall", "Return"}:
            yield from self.exchanges(node)
        elif kind == "MemberAccess" and self.source.slice(node) == b"msg.sender":
            yield start, end, b"tx.origin"
        yield from self.numbers(node, path)
        above = path[-2] if len(path) > 1 else {}
        if above.get("condition") is node:
            # A loop is not made endless: that says nothing about the tests.
            yield start, end, b"false"
            if above["nodeType"] not in _LOOPS:
                yield start, end, b"true"

    def operations(self, node: Node, above: Node) -> Iterator[bytes]:
        if node["typeDescriptions"]["typeString"].startswith(_NO_VALUES):
            return  # numbers only: numbers() sees to those
        operator = node["operator"].encode()
        left, right = node["leftExpression"], node["rightExpression"]
        for other in RELATIONS.get(operator, ()):
            if other != OPPOSITE[operator] or above.get("condition") is not node:
                yield self.joined(left, node, {operator: other}, right)
        for table in (ARITHMETIC, BITS):
            if operator in table:
                text = self.joined(left, node, table, right)
                # In brackets, or an operator next to it would take it apart.
                yield b"(" + text + b")" if above["nodeType"] in {"BinaryOperation", "UnaryOperation"} else text
        if operator in LOGIC:
            yield self.source.slice(left)
            yield self.source.slice(right)

    def joined(self, left: Node, node: Node, table: dict[bytes, bytes], right: Node) -> bytes:
        """Two operands with another operator between them."""
        operator = node["operator"].encode()
        between = self.source.text[span(left)[1] : span(right)[0]]
        changed = between.replace(operator, table[operator], 1)
        return self.source.slice(left) + changed + self.source.slice(right)

    def steps(self, node: Node, path: Path) -> Iterator[bytes]:
        operator, operand = node["operator"].encode(), self.source.slice(node["subExpression"])
        if operator == b"!":
            yield operand
        elif operator in STEPS:
            other = STEPS[operator]
            yield other + operand if node["prefix"] else operand + other
            if path[-2]["nodeType"] != "ExpressionStatement":
                yield operand + operator if node["prefix"] else operator + operand

    def exchanges(self, node: Node) -> Iterator[tuple[int, int, bytes]]:
        """Neighbouring arguments, or results, of the same type in the other order."""
        if node["nodeType"] == "Return":
            expression = node.get("expression") or {}
            listed = expression.get("components", []) if expression.get("nodeType") == "TupleExpression" else []
        else:
            listed = [] if node.get("names") or node["kind"] == "typeConversion" else node["arguments"]
        for first, second in pairwise(listed):
            one, other = self.source.slice(first), self.source.slice(second)
            if _type(first) == _type(second) and not _type(first).startswith(_NO_VALUES) and one != other:
                between = self.source.text[span(first)[1] : span(second)[0]]
                yield span(first)[0], span(second)[1], other + between + one

    def numbers(self, node: Node, path: Path) -> Iterator[tuple[int, int, bytes]]:
        """One more and one less, or the other truth."""
        above = path[-2] if len(path) > 1 else {}
        if node["nodeType"] == "Literal" and node["kind"] == "bool":
            yield *span(node), b"false" if node["value"] == "true" else b"true"
            return
        known = _CONSTANT_NUMBER.match(_type(node))
        if not known or _type(above).startswith("int_const") or _is_dimension(node, above):
            return
        value = int(known[1])
        target = _target_type(node, above)
        text = self.source.slice(node)
        for other in (value + 1, value - 1):
            if other < 0:
                continue
            changed = str(other).encode()
            if not text.isdigit():
                changed = text + (b" + 1" if other > value else b" - 1")
                changed = b"(" + changed + b")"
            fixed = _FIXED_BYTES.match(target)
            if fixed and other:
                changed = f"bytes{fixed[1]}(uint{int(fixed[1]) * 8}(".encode() + changed + b"))"
                if above.get("kind") == "typeConversion":
                    yield *span(above), changed
                    continue
            yield *span(node), changed


def place_of(path: Path, source: Source) -> Place | None:
    """The smallest piece around the last node of this path in which a choice can be made; None if there is none."""
    for depth in range(len(path) - 1, 0, -1):
        node, above = path[depth], path[depth - 1]
        kind = node["nodeType"]
        if kind in _REMOVABLE and above.get("loopExpression") is not node:
            return Place("statement", span(node)[0], source.end_of(node))
        if kind == "VariableDeclarationStatement":
            return _initial(path, depth)
        if kind in BLOCKS or kind.endswith("Statement"):
            continue
        if above["nodeType"] == "ExpressionStatement" and path[depth - 2].get("loopExpression") is not above:
            continue
        if not _type(node) or _type(node).startswith(_NO_VALUES) or _is_assigned_to(path[: depth + 1]):
            continue
        return Place("expression", *span(node))
    return None


def _initial(path: Path, depth: int) -> Place | None:
    """A number, or a sum of numbers, that a variable begins with."""
    declared = path[depth]["declarations"]
    value = path[depth].get("initialValue")
    if len(declared) != 1 or not value or depth + 1 >= len(path) or path[depth + 1] is not value:
        return None
    return Place("initial", *span(value), type_name=declared[0]["typeDescriptions"]["typeString"])


def _is_assigned_to(path: Path) -> bool:
    """Whether the last node of this path is what something is assigned to, or a part of its name."""
    for depth in range(len(path) - 1, 0, -1):
        node, above = path[depth], path[depth - 1]
        if above.get("leftHandSide") is node:
            return True
        if above["nodeType"] == "UnaryOperation" and above["operator"] in {"++", "--", "delete"}:
            return True
        if above["nodeType"] == "TupleExpression" and not above.get("isInlineArray"):
            continue
        if above.get("baseExpression") is not node and not (
            above["nodeType"] == "MemberAccess" and above.get("expression") is node
        ):
            return False
    return False


def _is_all_of_an_if(statement: Node, above: Path) -> bool:
    around = list(above)
    if around[-1]["nodeType"] in BLOCKS:
        if len(around[-1]["statements"]) > 1:
            return False
        statement = around.pop()
    return bool(around) and around[-1].get("trueBody") is statement and not around[-1].get("falseBody")


def _is_default(statement: Node, above: Path) -> bool:
    """Whether a function ends with this `return false` or `return 0`."""
    value = (statement.get("expression") or {}) if statement["nodeType"] == "Return" else {}
    function, block = above[-2:] if len(above) > 1 else ({}, {})
    is_function = function.get("nodeType") == "FunctionDefinition" and function["body"] is block
    if not is_function or block["statements"][-1] is not statement:
        return False
    named = any(one["name"] for one in function["returnParameters"]["parameters"])
    return not named and value.get("nodeType") == "Literal" and value["value"] in {"false", "0"}


def _is_dimension(node: Node, above: Node) -> bool:
    """Whether a number is part of a type."""
    return above.get("nodeType") in {"ArrayTypeName", "ElementaryTypeName"} or above.get("length") is node


def _target_type(node: Node, above: Node) -> str:
    """The type that a number takes here, as far as that can be seen."""
    kind = above.get("nodeType")
    if kind == "BinaryOperation":
        return str(above["commonType"]["typeString"])
    if kind == "FunctionCall" and above["kind"] == "typeConversion":
        return _type(above)
    if kind == "FunctionCall":
        place = next(number for number, one in enumerate(above["arguments"]) if one is node)
        called = re.match(r"[a-z ]*\(([^()]*)\)", _type(above["expression"]))
        types = called[1].split(",") if called else []
        return types[place] if place < len(types) else ""
    if kind == "Assignment":
        return _type(above)
    if kind == "VariableDeclarationStatement":
        return str(above["declarations"][0]["typeDescriptions"]["typeString"])
    return ""


def _type(node: Node) -> str:
    return str((node.get("typeDescriptions") or {}).get("typeString") or "")


def _paths(node: Node, above: Path) -> Iterator[Path]:
    path = (*above, node)
    yield path
    for child in children(node):
        yield from _paths(child, path)
