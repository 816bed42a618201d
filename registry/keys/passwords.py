"""The passwords of key files: from a file, the environment or a prompt, and how weak a new one may be.

Never from the command line, where every user of the machine could read it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from registry.errors import KeyStoreError, StorageError

PASSWORD_VARIABLE = "FOODVALLEY_PASSWORD"  # noqa: S105 - the name of a variable, not a password
MINIMUM_PASSWORD_LENGTH = 12
_FEWEST_DIFFERENT_CHARACTERS = 5
_LARGEST_PASSWORD_BYTES = 4096


def read_password(
    *,
    file: Path | None = None,
    environ: Mapping[str, str],
    prompt: Callable[[str], str] | None = None,
    confirm: bool = False,
) -> str:
    """The password: from ``file`` if given, else from FOODVALLEY_PASSWORD, else asked for.

    ``prompt`` shows its argument and returns what was typed, unseen (``getpass.getpass``); None where
    nobody is there to type. ``confirm`` asks twice, for a new key.
    """
    if file is not None:
        return _read_password_file(file)
    from_environment = environ.get(PASSWORD_VARIABLE)
    if from_environment:
        return from_environment
    if prompt is None:
        raise KeyStoreError(
            "no password was given, and nobody can be asked for one",
            hint=f"name a file with --password-file, or set {PASSWORD_VARIABLE}",
        )
    try:
        password = prompt("Password: ")
        repeated = prompt("The same password again: ") if confirm else password
    except EOFError:
        password = repeated = ""
    if repeated != password:
        raise KeyStoreError("the two passwords differ", hint="nothing was stored; try again")
    if not password:
        raise KeyStoreError("the password is empty", hint="try again")
    return password


def _read_password_file(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            # Asked of the opened file: between a look at the path and opening it, it could be exchanged.
            mode = os.fstat(opened.fileno()).st_mode
            data = opened.read(_LARGEST_PASSWORD_BYTES + 1)
    except OSError as error:
        raise StorageError(f"{file}: cannot be read: {error.strerror}") from error
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        raise KeyStoreError(f"{file}: every user of this machine can read it", hint=f"chmod 600 {file}")
    try:
        text = data.decode("utf-8") if len(data) <= _LARGEST_PASSWORD_BYTES else ""
    except UnicodeDecodeError:
        text = ""  # refused below, and not here: the decoding error holds the bytes of the password
    password = text[:-2] if text.endswith("\r\n") else text.removesuffix("\n")
    if not password:
        raise KeyStoreError(f"{file}: holds no password", hint="one line of UTF-8 text")
    return password


def check_new_password(password: str) -> None:
    """KeyStoreError if a new password is too short or too simple."""
    if len(password) < MINIMUM_PASSWORD_LENGTH:
        raise KeyStoreError(
            f"the password is too short: at least {MINIMUM_PASSWORD_LENGTH} characters",
            hint="four or five random words are easy to type and hard to guess",
        )
    if len(set(password)) < _FEWEST_DIFFERENT_CHARACTERS or password.isspace():
        raise KeyStoreError(
            "the password is too simple: it repeats the same few characters",
            hint="four or five random words are easy to type and hard to guess",
        )
