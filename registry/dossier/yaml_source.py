"""YAML with the line of every key, without the surprises of YAML 1.1.

Only ``true``, ``false``, whole decimal numbers and nothing (or ``null``) are more than text: ``no`` stays the
word, ``010`` and ``12:30`` are not numbers, a date stays as written. Aliases are refused: a few lines of them
can stand for more data than any memory holds. So are tags, and a key that is written twice.
"""

from __future__ import annotations

import re
from typing import Any

import yaml
from yaml.composer import ComposerError

from registry.dossier.located import Located, Place, dotted
from registry.errors import ManifestError, Problem

_DEEPEST = 16
_CORE = "tag:yaml.org,2002:"


class _PlainLoader(yaml.SafeLoader):
    """Composes nodes only; nothing of a file is ever constructed into objects."""

    yaml_implicit_resolvers = {}  # noqa: RUF012  PyYAML's own attribute, filled below
    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        mark: Any = event.start_mark
        if isinstance(event, yaml.AliasEvent):
            raise ComposerError(None, None, "aliases (*) are not allowed: write it out", mark)
        if self._depth == _DEEPEST:
            raise ComposerError(None, None, "nested too deeply", mark)
        self._depth += 1
        node: yaml.Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return node


for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]{0,17})", "-+0123456789"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
):
    _PlainLoader.add_implicit_resolver(_CORE + _tag, re.compile(f"^(?:{_pattern})$"), list(_first))


def read_yaml(text: str, source: str) -> Located:
    """The data and lines of one YAML document; ManifestError with every fault that is found."""
    try:
        root = yaml.compose(text, Loader=_PlainLoader)
    except yaml.YAMLError as error:
        raise ManifestError(source, [_syntax(error, text)]) from error
    lines: dict[Place, int] = {}
    problems: list[Problem] = []
    data = _value(root, (), lines, problems) if root else None
    if problems:
        raise ManifestError(source, problems)
    return Located(source, data, lines)


def _value(node: yaml.Node, place: Place, lines: dict[Place, int], problems: list[Problem]) -> object:
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, place, lines, problems)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*place, i), lines, problems) for i, item in enumerate(node.value)]
    match node.tag.removeprefix(_CORE):
        case "str":
            return str(node.value)
        case "null":
            return None
        case "bool" if node.value.lower() in ("true", "false"):
            return bool(node.value.lower() == "true")
        case "int" if re.fullmatch(r"[-+]?[0-9]{1,18}", node.value):
            return int(node.value)
    problems.append(Problem(dotted(place), lines[place], f"the tag {node.tag} is not allowed: leave it out"))
    return None


def _mapping(
    node: yaml.MappingNode, place: Place, lines: dict[Place, int], problems: list[Problem]
) -> dict[str, object]:
    data: dict[str, object] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
        if name in data:
            message = f"is written twice, first on line {lines[(*place, name)]}: keep one"
            problems.append(Problem(dotted((*place, name)), line, message))
            continue
        lines[(*place, name)] = line
        data[name] = _value(value, (*place, name), lines, problems)
    return data


def _syntax(error: yaml.YAMLError, text: str) -> Problem:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        reason = str(error.problem)
        if r"'\t'" in reason:
            reason += " (indent with spaces, not with tabs)"
        return Problem("", error.problem_mark.line + 1, f"not valid YAML: {reason}")
    position = getattr(error, "position", 0)
    line = text.count("\n", 0, position) + 1
    return Problem("", line, "has a character that YAML does not allow: type that line anew")
