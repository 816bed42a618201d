"""Small mistakes that could have been made in blocks of assembly."""

from __future__ import annotations

from collections.abc import Iterator

from mutant import Mutant, Place, shown
from source import Node, Source, children, span

ASSEMBLY = {
    b"add": b"sub",
    b"sub": b"add",
    b"mul": b"add",
    b"div": b"mul",
    b"mod": b"mul",
    b"lt": b"gt",
    b"gt": b"lt",
    b"and": b"or",
    b"or": b"and",
    b"xor": b"and",
    b"shl": b"shr",
    b"shr": b"shl",
}
# Without effect, so that evaluating them once more than the source says changes nothing.
HARMLESS = {*ASSEMBLY, b"eq", b"iszero", b"not", b"mload", b"calldataload", b"calldatasize", b"timestamp", b"caller"}


class AssemblyMutator:
    """The mutants of one block of assembly."""

    def __init__(self, source: Source, function: str, node: Node) -> None:
        self.source = source
        self.function = function
        self.node = node

    def run(self) -> Iterator[Mutant]:
        """Every mutant of it."""
        yield from self.below(self.node["AST"])

    def below(self, node: Node) -> Iterator[Mutant]:
        """Those of a node and of what is in it."""
        kind = node["nodeType"]
        start, end = span(node)
        if kind in {"YulExpressionStatement", "YulAssignment", "YulIf"}:
            yield self.mutant(start, end, b"", "assembly statement")
        elif kind == "YulFunctionCall" and self.harmless(node):
            name, inside = span(node["functionName"])
            called, given = self.source.text[name:inside], self.source.text[inside:end]
            if called in ASSEMBLY:
                yield self.mutant(start, end, ASSEMBLY[called] + given)
            if called in {b"lt", b"gt"}:
                yield self.mutant(start, end, b"iszero(" + (b"gt" if called == b"lt" else b"lt") + given + b")")
            if called == b"iszero":
                yield self.mutant(start, end, self.source.slice(node["arguments"][0]))
        elif kind == "YulLiteral" and node["kind"] == "number":
            yield self.mutant(start, end, f"{int(node['value'], 0) + 1:#x}".encode())
        if kind == "YulFunctionCall" and node["functionName"]["name"] == "revert":
            return  # where nothing is returned from does not matter
        for child in children(node):
            yield from self.below(child)

    def harmless(self, node: Node) -> bool:
        """Whether an expression may be evaluated once more without anything else being different."""
        if node["nodeType"] == "YulFunctionCall":
            called = self.source.slice(node["functionName"])
            return called in HARMLESS and all(self.harmless(one) for one in node["arguments"])
        return True

    def mutant(self, start: int, end: int, text: bytes, kind: str = "assembly") -> Mutant:
        """The one with this text from start to end."""
        original = self.source.text[start:end]
        if kind == "assembly" and original.isdigit():
            text = str(int(original) + 1).encode()
        return Mutant(
            path=self.source.path,
            start=start,
            end=end,
            replacement=text,
            function=self.function,
            line=self.source.line(start),
            original=shown(original),
            mutated=shown(text) or "(nothing)",
            place=Place(kind, start, end, block=span(self.node)[0]),
        )
