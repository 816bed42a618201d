"""Keys in encrypted files: made, imported, listed and unlocked.

A key file is Web3 Secret Storage version 3, what geth, Besu's tools and most wallets read and write.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from eth_utils.address import is_hex_address, to_checksum_address

from registry.errors import KeyStoreError, NotFoundError, StorageError, UsageError
from registry.keys.passwords import check_new_password
from registry.keys.signers import KeystoreSigner

Kdf = Literal["scrypt", "pbkdf2"]
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_CURVE_ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141  # secp256k1
_LARGEST_FILE_BYTES = 64 * 1024
# A key file can demand any amount of work and memory before a password can be told right or wrong.
_LARGEST_SCRYPT_BYTES = 1 << 30
_LARGEST_PBKDF2_ROUNDS = 100_000_000


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key file as anyone may see it; the address is what the file says, proven only by unlocking it."""

    name: str
    address: ChecksumAddress
    path: Path


def create(keys_dir: Path, name: str, password: str, *, kdf: Kdf = "scrypt", iterations: int | None = None) -> Path:
    """Make a new random key and store it encrypted as ``name``; an existing file is never overwritten.

    ``iterations`` is the work factor of the key derivation (None: about a second of work); less is for
    tests only.
    """
    return import_key(keys_dir, name, secrets.token_bytes(32), password, kdf=kdf, iterations=iterations)


def import_key(
    keys_dir: Path,
    name: str,
    private_key: bytes | str,
    password: str,
    *,
    kdf: Kdf = "scrypt",
    iterations: int | None = None,
) -> Path:
    """Store an existing private key, 32 bytes or their hexadecimal digits; otherwise as :func:`create`."""
    path = _key_path(keys_dir, name)
    check_new_password(password)
    if path.exists():  # before the second of work; the link below decides
        raise _taken(path)
    document: dict[str, Any] = Account.encrypt(_checked_key(private_key), password, kdf=kdf, iterations=iterations)
    # eth-keyfile leaves out a leading zero byte, and geth does not read a short one: once in 256 files.
    parameters = document["crypto"]["cipherparams"]
    parameters["iv"] = parameters["iv"].zfill(32)
    document["address"] = document["address"].lower()
    _write_once(path, json.dumps(document, indent=2) + "\n")
    return path


def list_keys(keys_dir: Path) -> tuple[StoredKey, ...]:
    """The keys in the folder by name, none unlocked; KeyStoreError names a file that is no key file."""
    try:
        paths = sorted(path for path in keys_dir.glob("*.json") if path.is_file())
    except OSError as error:
        raise StorageError(f"{keys_dir}: cannot be read: {error.strerror}") from error
    return tuple(StoredKey(path.stem, _stated_address(path, _read_key_file(path)), path) for path in paths)


def load(keys_dir: Path, name_or_path: str | Path, password: str) -> KeystoreSigner:
    """Unlock a key, named as in :func:`list_keys` or by the path of its file.

    NotFoundError when there is no such key, KeyStoreError when the password does not fit or the file is
    not a sound key file.
    """
    path = _locate(keys_dir, name_or_path)
    document = _read_key_file(path)
    address = _stated_address(path, document)
    _check_work(path, document["crypto"])
    account = _unlock(document, password)
    if account is None:
        raise KeyStoreError(f"{path}: the password does not fit this key", hint="try again; or the file was damaged")
    if account.address != address:
        raise KeyStoreError(
            f"{path}: says it is the key of {address} and holds that of {account.address}",
            hint="the file was changed by hand; restore it from a backup",
        )
    return KeystoreSigner(account)


def _key_path(keys_dir: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be the name of a key",
            hint="small letters, digits, dot, dash and underscore, at most 64",
        )
    return keys_dir / f"{name}.json"


def _locate(keys_dir: Path, name_or_path: str | Path) -> Path:
    text = str(name_or_path)
    is_path = isinstance(name_or_path, Path) or "/" in text or text.endswith(".json")
    path = Path(text).expanduser() if is_path else _key_path(keys_dir, text)
    if path.is_file():
        return path
    names = ", ".join(sorted(file.stem for file in keys_dir.glob("*.json"))) if keys_dir.is_dir() else ""
    raise NotFoundError(
        f"there is no key {text!r}" + ("" if is_path else f" in {keys_dir}"),
        hint=f"the keys are: {names}" if names else "make one: foodvalley key new",
    )


def _checked_key(private_key: bytes | str) -> bytes:
    key = b""
    if isinstance(private_key, bytes):
        key = private_key
    elif _is_hex(private_key.strip(), 32):
        key = bytes.fromhex(private_key.strip().removeprefix("0x"))
    if len(key) != 32 or not 0 < int.from_bytes(key) < _CURVE_ORDER:
        raise KeyStoreError("this is not a private key", hint="a private key is 64 hexadecimal digits")
    return key


def _taken(path: Path) -> KeyStoreError:
    return KeyStoreError(f"{path} exists already and is not overwritten", hint="choose another name")


def _write_once(path: Path, text: str) -> None:
    """Write the file whole or not at all, for its owner's eyes only, and never over another."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.parent.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise KeyStoreError(
                f"others may write in {path.parent}, and could put another key in place of yours",
                hint=f"chmod 700 {path.parent}",
            )
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)  # unlike a rename, fails if the name is taken
        finally:
            draft.unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except FileExistsError as error:
        raise _taken(path) from error
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}") from error


def _read_key_file(path: Path) -> dict[str, Any]:
    """The parsed file, checked for everything that unlocking relies on."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_FILE_BYTES + 1)
    except OSError as error:
        raise StorageError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        document = json.loads(data) if len(data) <= _LARGEST_FILE_BYTES else None
    except (ValueError, RecursionError) as error:
        raise _malformed(path, "it is not JSON") from error
    if not isinstance(document, dict):
        raise _malformed(path, "it is not a JSON object")
    document = {str(key).lower(): value for key, value in document.items()}  # old wallets write "Crypto"
    if document.get("version") != 3:
        raise _malformed(path, "its version is not 3")
    crypto = document.get("crypto")
    if not isinstance(crypto, dict):
        raise _malformed(path, "it has no crypto section")
    if crypto.get("cipher") != "aes-128-ctr":
        raise _malformed(path, "its cipher is not aes-128-ctr")
    parameters, cipher_parameters = crypto.get("kdfparams"), crypto.get("cipherparams")
    if not isinstance(parameters, dict) or not isinstance(cipher_parameters, dict):
        raise _malformed(path, "it lacks the parameters of its encryption")
    hexadecimal = {
        "ciphertext": (crypto.get("ciphertext"), 32),
        "mac": (crypto.get("mac"), 32),
        "iv": (cipher_parameters.get("iv"), 16),
        "salt": (parameters.get("salt"), None),
    }
    for field, (value, length) in hexadecimal.items():
        # An initialisation vector may be shorter: some writers leave out its leading zero bytes.
        if not _is_hex(value.zfill(32) if field == "iv" and isinstance(value, str) else value, length):
            raise _malformed(path, f"its {field} is not hexadecimal of the right length")
    return document


def _is_hex(value: object, length: int | None) -> bool:
    """Whether the value is hexadecimal for so many bytes; None: for 1 to 64."""
    if not isinstance(value, str):
        return False
    digits = value.removeprefix("0x")
    right_length = len(digits) == 2 * length if length else 0 < len(digits) <= 128 and len(digits) % 2 == 0
    return right_length and re.fullmatch("[0-9a-fA-F]+", digits) is not None


def _check_work(path: Path, crypto: Mapping[str, Any]) -> None:
    parameters = crypto["kdfparams"]
    kdf = crypto.get("kdf")
    names = {"scrypt": ("n", "r", "p", "dklen"), "pbkdf2": ("c", "dklen")}.get(str(kdf))
    if names is None:
        raise _malformed(path, "its key derivation is neither scrypt nor pbkdf2")
    numbers = {name: parameters.get(name) for name in names}
    if any(type(number) is not int or number <= 0 for number in numbers.values()):
        raise _malformed(path, "the parameters of its key derivation are not positive numbers")
    if numbers["dklen"] != 32:
        raise _malformed(path, "its derived key is not 32 bytes")
    if kdf == "scrypt":
        n, memory = numbers["n"], 128 * numbers["n"] * numbers["r"] * numbers["p"]
        if n < 2 or n & (n - 1):
            raise _malformed(path, "the work factor n of its key derivation is not a power of two")
        excessive = memory > _LARGEST_SCRYPT_BYTES
    else:
        if parameters.get("prf") != "hmac-sha256":
            raise _malformed(path, "its pseudo-random function is not hmac-sha256")
        excessive = numbers["c"] > _LARGEST_PBKDF2_ROUNDS
    if excessive:
        raise _malformed(path, "its key derivation asks for more memory or work than is reasonable")


def _unlock(document: dict[str, Any], password: str) -> LocalAccount | None:
    """The account, or None if the password does not fit; what the library raises stays in here."""
    try:
        account: LocalAccount = Account.from_key(Account.decrypt(document, password))
    except ValueError:  # the file was checked before, so this is "MAC mismatch", or a key that is no key
        return None
    return account


def _stated_address(path: Path, document: Mapping[str, Any]) -> ChecksumAddress:
    address = document.get("address")
    if not isinstance(address, str) or not is_hex_address(address):
        raise _malformed(path, "it does not say its address")
    return to_checksum_address(address)


def _malformed(path: Path, fault: str) -> KeyStoreError:
    return KeyStoreError(
        f"{path} is not a key file that can be used: {fault}",
        hint="expected Web3 Secret Storage version 3; restore the file from a backup",
    )
