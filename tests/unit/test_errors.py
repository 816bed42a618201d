"""The tree of errors, drawn in its docstring and kept by this test."""

from __future__ import annotations

import json
import re

import pytest

from registry import errors
from registry.chain import failures
from registry.chain.artifact import register_artifact
from registry.errors import ContractError, ManifestError, Problem, RegistryError

TREE = [
    one
    for one in vars(errors).values()
    if isinstance(one, type) and issubclass(one, RegistryError) and one is not RegistryError
]


def drawn() -> dict[str, str]:
    """Each error in the docstring's drawing with its parent's name."""
    parents: dict[int, str] = {}
    found = {}
    for line in (errors.__doc__ or "").splitlines():
        match = re.search(r"[A-Z]\w+Error", line)
        if not match or not re.match(r"^[\s│├└─]*[A-Z]\w+Error", line):
            continue
        depth = match.start()
        above = [level for level in parents if level < depth]
        if above:
            found[match[0]] = parents[max(above)]
        parents = {level: name for level, name in parents.items() if level < depth} | {depth: match[0]}
    return found


def test_docstring_draws_the_tree_as_it_is() -> None:
    assert drawn() == {one.__name__: one.__mro__[1].__name__ for one in TREE}


@pytest.mark.parametrize(
    ("base", "code"),
    [(errors.UsageError, 2), (errors.RefusedError, 1), (errors.UnavailableError, 3)],
)
def test_every_error_exits_as_its_branch_does(base: type[RegistryError], code: int) -> None:
    branch = [one for one in TREE if issubclass(one, base)]
    assert len(branch) > 1
    assert {one.exit_code for one in branch} == {code}


def test_every_error_is_on_one_branch() -> None:
    for one in TREE:
        assert (
            sum(issubclass(one, base) for base in (errors.UsageError, errors.RefusedError, errors.UnavailableError))
            == 1
        )
        assert one.__name__.endswith("Error")
        assert one.__doc__


def test_error_for_machines_has_name_message_and_hint() -> None:
    assert errors.ChainError("no answer", hint="start it").to_json() == {
        "error": "Chain",
        "message": "no answer",
        "hint": "start it",
    }
    assert errors.UsageError("no").to_json()["hint"] is None


def test_manifest_error_has_a_line_for_each_problem() -> None:
    problems = [Problem("parties[0].organisation", 7, "unknown"), Problem("", None, "has no files")]
    error = ManifestError("manifest.yaml", problems)
    assert str(error) == "manifest.yaml:7: parties[0].organisation: unknown\nmanifest.yaml: has no files"
    assert json.loads(json.dumps(error.to_json()))["problems"][0] == {
        "field": "parties[0].organisation",
        "line": 7,
        "message": "unknown",
    }


def test_contract_error_has_the_solidity_name_and_arguments() -> None:
    error = ContractError("NoMandate", {"signatory": "0x1"}, "0x1 signs for nobody")
    assert error.to_json() | {"hint": 0} == {
        "error": "Contract",
        "message": "0x1 signs for nobody",
        "hint": 0,
        "contractError": "NoMandate",
        "arguments": {"signatory": "0x1"},
    }


SOLIDITY = {
    one["name"]: [given["name"] for given in one["inputs"]] for one in register_artifact().abi if one["type"] == "error"
}


def test_every_solidity_error_has_a_sentence_and_no_other() -> None:
    assert set(failures._SENTENCES) - set(SOLIDITY) == set()
    assert set(SOLIDITY) - set(failures._SENTENCES) == set()


@pytest.mark.parametrize("name", sorted(SOLIDITY))
def test_sentence_uses_only_arguments_that_the_error_has(name: str) -> None:
    sentence, hint = failures._SENTENCES[name]
    used = set(re.findall(r"\{(\w+)\}", sentence))
    assert used <= set(SOLIDITY[name])
    assert sentence.format_map(dict.fromkeys(SOLIDITY[name], "…"))
    assert "{" not in (hint or "")
    assert hint is None or not hint.endswith(".")
