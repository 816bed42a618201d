"""TOML with the line of every key.

The standard parser gives no lines, so they are looked up afterwards: table headings, lists of tables and keys
at the start of a line, and keys in tables written inline. What is not found there falls back to its parent.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from registry.dossier.located import Located, Place
from registry.errors import ManifestError, Problem

_KEY = r"[A-Za-z0-9_-]+|\"[^\"\n]*\"|'[^'\n]*'"
_HEADING = re.compile(rf"\s*(\[\[?)\s*({_KEY})\s*\]\]?")
_ASSIGNMENT = re.compile(rf"\s*({_KEY})\s*=")
_INLINE = re.compile(rf"[{{,]\s*({_KEY})\s*=|(\{{)")
_STRING = re.compile(r'"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*')
_WHERE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)")


def read_toml(text: str, source: str) -> Located:
    """The data and lines of a TOML document; ManifestError with the line of what is not TOML."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(source, [_syntax(str(error), text)]) from error
    except RecursionError as error:
        raise ManifestError(source, [Problem("", None, "nested too deeply")]) from error
    lines: dict[Place, int] = {}
    for place, number in _lines(text):
        lines.setdefault(place, number)
    return Located(source, data, lines)


def _lines(text: str) -> Iterator[tuple[Place, int]]:
    table: Place = ()
    counts: dict[str, int] = {}
    key: Place = ()
    item = -1
    for number, line in enumerate(_blanked(text).split("\n"), start=1):
        if heading := _HEADING.fullmatch(line.rstrip()):
            name = _bare(heading[2])
            table = (name,)
            if heading[1] == "[[":
                counts[name] = counts.get(name, -1) + 1
                table = (name, counts[name])
            yield (name,), number
            yield table, number
        elif assignment := _ASSIGNMENT.match(line):
            key, item = (*table, _bare(assignment[1])), -1
            yield key, number
        for inline in _INLINE.finditer(line):
            item += inline[0].startswith("{")
            yield (*key, item), number
            if inline[1]:
                yield (*key, item, _bare(inline[1])), number


def _blanked(text: str) -> str:
    """The text with what strings and comments hold made blank, as it may look like keys; keys keep theirs."""

    def blank(match: re.Match[str]) -> str:
        rest = text[match.end() : match.end() + 40].lstrip(" \t")
        return match[0] if rest.startswith(("=", "]")) else re.sub(r"[^\n]", " ", match[0])

    return _STRING.sub(blank, text)


def _bare(key: str) -> str:
    return key.strip("\"'")


def _syntax(message: str, text: str) -> Problem:
    where = _WHERE.search(message)
    line = int(where[1]) if where and where[1] else text.count("\n") + 1
    return Problem("", line, f"not valid TOML: {_WHERE.sub('', message)}")
