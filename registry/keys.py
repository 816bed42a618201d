"""Keys that sign: encrypted files on disk, and the public ones of a local chain.

A key file is Web3 Secret Storage version 3, what geth, Besu's tools and most wallets read and write. Its
password comes from a prompt, a file or the environment, never from the command line, where every user of
the machine could read it.

A secret leaves this module in no message, ``repr`` or pickle. What a signer holds can be read by whoever
can read this process's memory; nothing in Python prevents that.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn, Protocol

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from eth_utils.address import is_hex_address, to_checksum_address

from registry.errors import KeyStoreError, NotFoundError, StorageError, UsageError
from registry.localnet.accounts import CHAIN_IDS, development_account, development_role, is_local

PASSWORD_VARIABLE = "FOODVALLEY_PASSWORD"  # noqa: S105 - the name of a variable, not a password
MINIMUM_PASSWORD_LENGTH = 12

Kdf = Literal["scrypt", "pbkdf2"]

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_CURVE_ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141  # secp256k1
_FEWEST_DIFFERENT_CHARACTERS = 5
_LARGEST_FILE_BYTES = 64 * 1024
_LARGEST_PASSWORD_BYTES = 4096
# A key file can demand any amount of work and memory before a password can be told right or wrong.
_LARGEST_SCRYPT_BYTES = 1 << 30
_LARGEST_PBKDF2_ROUNDS = 100_000_000


class Signer(Protocol):
    """Whatever can sign for one address: a key file, a development account, later a remote signer."""

    @property
    def address(self) -> ChecksumAddress:
        """The address that the signatures recover to."""
        ...

    def sign_typed_data(self, typed_data: Mapping[str, Any]) -> bytes:
        """The EIP-712 signature, 65 bytes r‖s‖v, of a whole typed-data document (types, domain, message)."""
        ...

    def sign_transaction(self, transaction: Mapping[str, Any]) -> bytes:
        """The signed transaction as it is sent (``eth_sendRawTransaction``)."""
        ...


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key file as anyone may see it; the address is what the file says, proven only by unlocking it."""

    name: str
    address: ChecksumAddress
    path: Path


class _AccountSigner:
    """A signer with its key in memory, kept out of ``repr``, ``vars``, copies and pickles."""

    __slots__ = ("__account",)

    def __init__(self, account: LocalAccount) -> None:
        self.__account = account

    @property
    def address(self) -> ChecksumAddress:
        """The address that the signatures recover to."""
        address: ChecksumAddress = self.__account.address
        return address

    def sign_typed_data(self, typed_data: Mapping[str, Any]) -> bytes:
        """The EIP-712 signature, 65 bytes r‖s‖v, of a whole typed-data document (types, domain, message)."""
        return bytes(self.__account.sign_typed_data(full_message=dict(typed_data)).signature)

    def sign_transaction(self, transaction: Mapping[str, Any]) -> bytes:
        """The signed transaction as it is sent (``eth_sendRawTransaction``)."""
        return bytes(self.__account.sign_transaction(dict(transaction)).raw_transaction)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.address}>"

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} cannot be copied or pickled: that would copy its key")


class KeystoreSigner(_AccountSigner):
    """Signs with the key of an unlocked key file; see :func:`load`."""

    __slots__ = ()


# Only development_signer() below passes this: it is the proof that the chain was looked at.
_CHAIN_IS_LOCAL = object()


class DevelopmentSigner(_AccountSigner):
    """Signs with a key that the whole world knows, for one local chain only; see :func:`development_signer`.

    It refuses whatever names another chain, so that no signature of it has a meaning elsewhere.
    """

    __slots__ = ("_chain_id",)

    def __init__(self, index: int, *, chain_id: int, permit: object) -> None:
        if permit is not _CHAIN_IS_LOCAL:
            raise _not_local()
        super().__init__(development_account(index))
        self._chain_id = chain_id

    def sign_typed_data(self, typed_data: Mapping[str, Any]) -> bytes:
        """As every signer; KeyStoreError if the domain is not that of the local chain."""
        self._check(typed_data["domain"].get("chainId"))
        return super().sign_typed_data(typed_data)

    def sign_transaction(self, transaction: Mapping[str, Any]) -> bytes:
        """As every signer; KeyStoreError if the transaction is not for the local chain."""
        self._check(transaction.get("chainId"))
        return super().sign_transaction(transaction)

    def _check(self, chain_id: object) -> None:
        number = int(chain_id, 0) if isinstance(chain_id, str) else chain_id
        if number != self._chain_id:
            raise _not_local(f"this is for chain {chain_id}, not for the local chain {self._chain_id}")


def development_signer(role: str, client_version: str, url: str, chain_id: int) -> DevelopmentSigner:
    """The development account that plays ``role`` (see :func:`development_role`), on a local chain only.

    ``client_version``, ``url`` and ``chain_id`` are what the node in use answers. KeyStoreError when they
    are not those of Ganache or Anvil on this machine: also a fork of a real chain is refused, because what
    is signed there is valid on the real one.
    """
    if not is_local(client_version, url):
        raise _not_local()
    if chain_id not in CHAIN_IDS.values():
        raise _not_local(f"this one calls itself chain {chain_id}")
    return DevelopmentSigner(development_role(role), chain_id=chain_id, permit=_CHAIN_IS_LOCAL)


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
    _check_new_password(password)
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


def _not_local(detail: str = "") -> KeyStoreError:
    reason = f" ({detail})" if detail else ""
    return KeyStoreError(
        f"development accounts are public knowledge and sign only on a local chain{reason}",
        hint="use a key of your own: foodvalley key new; or start a local chain: foodvalley chain up",
    )


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


def _check_new_password(password: str) -> None:
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
