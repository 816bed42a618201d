"""The contracts of the project as syntax trees, and rewriting their text by place.

Offsets in a syntax tree of solc count bytes, so texts are bytes here.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = "contracts"
# Compiled along, but not measured: what is declared there has no statements, or is a double for the tests.
HELPERS = ("contracts/interfaces", "contracts/test")

Node = dict[str, Any]

BLOCKS = {"Block", "UncheckedBlock"}
_SIMPLE_STATEMENTS = {
    "Break",
    "Continue",
    "DoWhileStatement",
    "EmitStatement",
    "ExpressionStatement",
    "Return",
    "RevertStatement",
    "VariableDeclarationStatement",
}
_END_OF_STATEMENT = re.compile(rb"\s*;")


class BuildError(Exception):
    """The contracts, or what was made of them, do not compile; the message says where."""


@dataclass(frozen=True)
class Source:
    """One file of contracts with its syntax tree."""

    path: str
    text: bytes
    tree: Node = field(repr=False, compare=False)

    def slice(self, node: Node) -> bytes:
        """The text of a node."""
        start, end = span(node)
        return self.text[start:end]

    def line(self, offset: int) -> int:
        """The line, from 1, on which that byte stands."""
        return self.text.count(b"\n", 0, offset) + 1

    def end_of(self, statement: Node) -> int:
        """The end of a statement, its semicolon included; the tree leaves that out."""
        kind = statement["nodeType"]
        if kind == "IfStatement":
            return self.end_of(statement.get("falseBody") or statement["trueBody"])
        if kind in {"ForStatement", "WhileStatement"}:
            return self.end_of(statement["body"])
        end = span(statement)[1]
        closing = _END_OF_STATEMENT.match(self.text, end)
        return closing.end() if kind in _SIMPLE_STATEMENTS and closing else end


def span(node: Node) -> tuple[int, int]:
    """First byte of a node, and the one after its last."""
    start, length, _file = node["src"].split(":")
    return int(start), int(start) + int(length)


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below this one, in the order of the text where the compiler keeps it."""
    for value in node.values():
        if isinstance(value, dict) and "nodeType" in value:
            yield value
        elif isinstance(value, list):
            yield from (one for one in value if isinstance(one, dict) and "nodeType" in one)


def walk(node: Node) -> Iterator[Node]:
    """A node and everything below it; assembly stays one node."""
    yield node
    for child in children(node):
        if not child["nodeType"].startswith("Yul"):
            yield from walk(child)


def is_measured(path: str) -> bool:
    """Whether a source is measured: whether it stands directly in contracts/."""
    return path.rpartition("/")[0] == CONTRACTS


def all_sources(root: Path) -> dict[str, bytes]:
    """What brownie compiles, by path: the measured sources and their helpers."""
    folders = (CONTRACTS, *HELPERS)
    paths = [path for folder in folders for path in sorted((root / folder).glob("*.sol"))]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def compile_sources(root: Path, texts: dict[str, bytes], selection: dict[str, Any]) -> dict[str, Any]:
    """What the project's compiler says to these texts, with the project's settings; errors are in the answer."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import compile as project_compiler
        import solcx
        from solcx.exceptions import SolcError
    finally:
        sys.path.remove(str(ROOT / "scripts"))
    project_compiler.prepare_compiler()
    request = {
        "language": "Solidity",
        "sources": {path: {"content": text.decode("utf-8")} for path, text in texts.items()},
        "settings": project_compiler.SETTINGS | {"outputSelection": selection},
    }
    version = project_compiler.SOLC_VERSION
    try:
        answer: dict[str, Any] = solcx.compile_standard(request, solc_version=version, base_path=str(root))
    except SolcError as error:
        # Errors in the sources arrive this way; they are what some callers ask for.
        errors = getattr(error, "error_dict", None) or []
        if not errors:
            raise BuildError(str(error)) from error
        return {"errors": errors}
    return answer


def errors_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The errors in a compiler's answer, without its warnings."""
    return [problem for problem in answer.get("errors", []) if problem["severity"] == "error"]


def read_sources(root: Path, texts: dict[str, bytes]) -> list[Source]:
    """The measured ones of these sources with their syntax trees. Raises BuildError if they do not compile."""
    answer = compile_sources(root, texts, {"*": {"": ["ast"]}})
    problems = errors_of(answer)
    if problems:
        raise BuildError("the contracts do not compile:\n" + problems[0]["formattedMessage"])
    return [Source(path, texts[path], answer["sources"][path]["ast"]) for path in texts if is_measured(path)]


class Insertions:
    """Text to be put into a source between its bytes."""

    def __init__(self) -> None:
        self._before: dict[int, list[bytes]] = {}
        self._after: dict[int, list[bytes]] = {}

    def around(self, start: int, end: int, opening: bytes, closing: bytes) -> None:
        """Wrap a piece. Of two pieces that begin or end together, wrap the larger first."""
        self._after.setdefault(start, []).append(opening)
        self._before.setdefault(end, []).insert(0, closing)

    def at(self, offset: int, text: bytes) -> None:
        """Put a text at one place, inside of whatever was wrapped there before."""
        self._after.setdefault(offset, []).append(text)

    def apply(self, text: bytes) -> bytes:
        """The text with everything put in."""
        pieces = []
        done = 0
        for offset in sorted(self._before.keys() | self._after.keys()):
            pieces += [text[done:offset], *self._before.get(offset, []), *self._after.get(offset, [])]
            done = offset
        return b"".join([*pieces, text[done:]])


def after_pragma(source: Source) -> int:
    """Where an import can be put in."""
    pragmas = [span(node)[1] for node in source.tree["nodes"] if node["nodeType"] == "PragmaDirective"]
    if not pragmas:
        raise BuildError(f"{source.path} has no pragma")
    return max(pragmas)
