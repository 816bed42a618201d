"""Keys: what a signatory or an administrator signs with, as encrypted files of this user."""

from __future__ import annotations

import os
import stat
import sys
from getpass import getpass
from pathlib import Path
from typing import Annotated

import typer

from registry import keys
from registry.cli import options, output
from registry.cli.session import Session
from registry.errors import KeyStoreError, StorageError

app = typer.Typer(
    no_args_is_help=True,
    help="Keys: make, import and list the keys that you sign with.\n\n"
    "A key is a file, encrypted with a password. What others need is its address; the file and the password "
    "stay with the person who signs.\n\n"
    "Start with: foodvalley key new NAME",
)

_LARGEST_KEY_BYTES = 1024

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="How you call the key: small letters, digits, dot, dash, underscore.")
]


@app.command()
def new(name: Name, password_file: options.PasswordFile = None, as_json: options.Json = False) -> None:
    """Make a new key, encrypted with a password.

    A key belongs to one person and signs for one organisation, once that organisation's administrator has
    appointed its address. Nobody can recover a lost file or a forgotten password: the administrator then
    appoints a new key.

    Example: foodvalley key new college-veenendaal
    """
    session = Session()
    password = session.password(password_file, new=True)
    with output.waiting("Sleutel versleutelen"):
        path = keys.create(session.settings.keys, name, password)
        # Unlocked again at once: a key that cannot be read back must not be handed out.
        address = keys.load(session.settings.keys, name, password).address
    _show_stored("Sleutel gemaakt", name, address, path, as_json)


@app.command("import")
def import_(
    name: Name,
    private_key_file: Annotated[
        str,
        typer.Option(
            "--private-key-file",
            metavar="FILE|-",
            help="File with the private key, 64 hexadecimal digits, that only you can read; - for standard input.",
        ),
    ],
    password_file: options.PasswordFile = None,
    as_json: options.Json = False,
) -> None:
    """Import a private key that you have already, encrypted with a password.

    The key never comes on the command line, where every user of the machine could read it. The file you import
    from stays as it is: remove it yourself.

    Example: foodvalley key import college-veenendaal --private-key-file sleutel.txt
    """
    session = Session()
    private_key = _private_key(private_key_file)
    password = session.password(password_file, new=True)
    with output.waiting("Sleutel versleutelen"):
        path = keys.import_key(session.settings.keys, name, private_key, password)
        address = keys.load(session.settings.keys, name, password).address
    _show_stored("Sleutel opgenomen", name, address, path, as_json)
    if private_key_file != "-" and not as_json:
        output.print_fact("let op", "de sleutel staat nog onversleuteld in dit bestand, verwijder het:")
        output.print_fact("", private_key_file, whole=True)


@app.command("list")
def list_(as_json: options.Json = False) -> None:
    """List your keys and their addresses; no password is needed.

    Example: foodvalley key list
    """
    session = Session()
    found = keys.list_keys(session.settings.keys)
    if as_json:
        rows = [{"name": one.name, "address": one.address, "file": str(one.path)} for one in found]
        output.print_json({"folder": str(session.settings.keys), "keys": rows})
        return
    for one in found:
        if _mode(one.path) & (stat.S_IRWXG | stat.S_IRWXO):
            output.print_warning(f"other users of this machine can open {one.path}: chmod 600 {one.path}")
    if not found:
        output.console().print("Er zijn nog geen sleutels. Maak er een met: foodvalley key new NAAM")
        return
    made = output.table("naam", "adres", title="Sleutels")
    made.columns[-1].no_wrap = True
    for one in found:
        made.add_row(output.escaped(one.name), one.address)
    output.console().print(made)


def _show_stored(what: str, name: str, address: str, path: Path, as_json: bool) -> None:
    if as_json:
        output.print_json({"name": name, "address": address, "file": str(path)})
        return
    output.console().print(f"[bold]{what}[/]: {output.escaped(name)}")
    output.print_fact("adres", address, whole=True)
    output.print_fact("bestand", str(path), whole=True)
    output.print_fact("bewaar", "een kopie van het bestand, en het wachtwoord op een andere plaats")
    output.print_fact("verder met", "geef dit adres aan de beheerder van uw organisatie, die u benoemt:")
    output.print_fact("", f"foodvalley appoint {address} --for ORGANISATIE", whole=True)


def _private_key(source: str) -> str:
    """The private key as it was written, from a file that only its owner can open, or from standard input."""
    if source == "-":
        return _text(_typed() if sys.stdin.isatty() else sys.stdin.buffer.read(_LARGEST_KEY_BYTES + 1))
    path = Path(source).expanduser()
    try:
        with path.open("rb") as file:
            # Asked of the opened file: between a look at the path and opening it, it could be exchanged.
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(_LARGEST_KEY_BYTES + 1)
    except OSError as error:
        raise StorageError(
            f"{path}: cannot be read: {error.strerror}",
            hint="name a file with the private key, or - to give it on standard input",
        ) from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyStoreError(
            f"{path}: other users of this machine can open it, so its key may no longer be secret",
            hint=f"chmod 600 {path}; if others had access, make a new key instead: foodvalley key new NAME",
        )
    return _text(data)


def _typed() -> bytes:
    try:
        return getpass("Private key: ", sys.stderr).encode()
    except EOFError:
        return b""


def _text(data: bytes) -> str:
    # What is not text becomes � and is refused as "not a private key": a decoding error would hold the bytes.
    return data.decode("ascii", errors="replace") if len(data) <= _LARGEST_KEY_BYTES else ""


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError as error:
        raise StorageError(f"{path}: cannot be read: {error.strerror}") from error
