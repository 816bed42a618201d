"""What the commands of dossiers have in common: help, faults for machines, how a dossier is named."""

import json

import pytest
from dossiers import build, kept, write_manifest

from registry.cli.commands import dossier as commands

COMMANDS = {"new", "build", "check", "add", "list", "show", "fetch", "erase", "erasures"}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help_gives_a_reason_and_an_example(ask, name):
    answer = ask(name, "--help")
    assert answer.code == 0
    assert f"Example: foodvalley dossier {name}" in answer.out
    assert "--json" in answer.out


def test_every_command_is_tested_for_its_help():
    names = {one.name or one.callback.__name__ for one in commands.app.registered_commands}
    assert names == COMMANDS


def test_errors_for_machines_are_json_with_every_problem(ask, source):
    write_manifest(source, kind="convenent", validFrom="gisteren")
    answer = ask("build", source, "--json")
    assert answer.code == 2
    assert answer.out == ""
    error = json.loads(answer.err)
    assert error["error"] == "Manifest"
    assert {one["field"] for one in error["problems"]} == {"kind", "validFrom"}
    assert all(one["line"] for one in error["problems"])


def test_what_is_not_there_is_named_with_what_to_do(ask, source, tmp_path):
    unknown = ask("show", "0xabcdef")
    assert unknown.code == 1
    assert "foodvalley dossier list" in unknown.err
    assert ask("check", "nergens").code == 2
    assert ask("check", source / "kaart.txt").code == 2
    assert ask("build", "nergens").code == 2
    assert ask("check", "x" * 300).code == 3  # too long a name for any disk
    for command in ("show", "add"):
        unbuilt = ask(command, source)
        assert unbuilt.code == 2
        assert "foodvalley dossier build" in unbuilt.err


def test_a_prefix_that_fits_two_dossiers_is_refused(ask, home, source):
    for _ in range(17):  # of 17 roots, two begin with the same digit
        build(ask, source)
    digits = [name[0] for name in kept(home)]
    twice = next(digit for digit in digits if digits.count(digit) > 1)
    answer = ask("show", twice)
    assert answer.code == 2
    assert "write more digits" in answer.err
