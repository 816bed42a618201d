"""Passwords of key files: where they come from, and which are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from said import everything_said_by

from registry.errors import KeyStoreError, StorageError
from registry.keys import read_password

PASSWORD = "correct horse battery staple"


def answering(*answers: str) -> Callable[[str], str]:
    """A person at the prompt who types these answers, one after the other."""
    left = list(answers)
    return lambda _: left.pop(0)


def test_password_comes_from_the_file_before_the_environment_before_the_prompt(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("from the file\n")
    file.chmod(0o600)
    environ = {"FOODVALLEY_PASSWORD": "from the environment"}
    prompt = answering("from the prompt")
    assert read_password(file=file, environ=environ, prompt=prompt) == "from the file"
    assert read_password(environ=environ, prompt=prompt) == "from the environment"
    assert read_password(environ={"FOODVALLEY_PASSWORD": ""}, prompt=prompt) == "from the prompt"


def test_new_password_is_asked_twice() -> None:
    assert read_password(environ={}, prompt=answering("one", "one"), confirm=True) == "one"
    said = everything_said_by(lambda: read_password(environ={}, prompt=answering("one", "two"), confirm=True))
    assert "the two passwords differ" in said


def test_no_password_is_refused_with_the_ways_to_give_one() -> None:
    with pytest.raises(KeyStoreError, match="nobody can be asked") as refusal:
        read_password(environ={})
    assert refusal.value.hint is not None
    assert "--password-file" in refusal.value.hint
    with pytest.raises(KeyStoreError, match="the password is empty"):
        read_password(environ={}, prompt=answering(""))


def test_end_of_input_at_the_prompt_is_no_password() -> None:
    def hang_up(_: str) -> str:
        raise EOFError

    with pytest.raises(KeyStoreError, match="the password is empty"):
        read_password(environ={}, prompt=hang_up, confirm=True)


@pytest.mark.parametrize(
    ("content", "password"),
    [
        (b"secret", "secret"),
        (b"secret\n", "secret"),
        (b"secret\r\n", "secret"),
        (b"secret\n\n", "secret\n"),
        (b" secret ", " secret "),
        ("één".encode(), "één"),
    ],
)
def test_password_file_loses_one_trailing_newline(tmp_path: Path, content: bytes, password: str) -> None:
    file = tmp_path / "password"
    file.write_bytes(content)
    file.chmod(0o600)
    assert read_password(file=file, environ={}) == password


@pytest.mark.parametrize("content", [b"", b"\n", b"\xffsecret", b"x" * 5000])
def test_password_file_without_a_usable_password_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "password"
    file.write_bytes(content)
    file.chmod(0o600)
    said = everything_said_by(lambda: read_password(file=file, environ={}))
    assert "holds no password" in said
    assert "secret" not in said


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602])
def test_password_file_that_everybody_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "password"
    file.write_text(PASSWORD)
    file.chmod(mode)
    with pytest.raises(KeyStoreError, match="every user of this machine can") as refusal:
        read_password(file=file, environ={})
    assert refusal.value.hint == f"chmod 600 {file}"


def test_password_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"nowhere: cannot be read: No such file"):
        read_password(file=tmp_path / "nowhere", environ={})
