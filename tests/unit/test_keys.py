"""Key files: what is made, stored, read and refused, and that they give no secret away."""

from __future__ import annotations

import copy
import json
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from said import everything_said_by

from registry import keys
from registry.errors import KeyStoreError, NotFoundError, StorageError, UsageError
from registry.localnet import development_account

PASSWORD = "correct horse battery staple"
OTHER_PASSWORD = "incorrect horse battery staple"
SECRET = bytes.fromhex("4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318")
ADDRESS = "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23"
QUICK = 16  # scrypt's work factor: nothing to guess here


@pytest.fixture
def keys_dir(tmp_path: Path) -> Path:
    return tmp_path / "home" / "keys"


@pytest.fixture
def key_file(keys_dir: Path) -> Path:
    """The key of Veenendaal's signatory, stored."""
    return keys.import_key(keys_dir, "veenendaal", SECRET, PASSWORD, iterations=QUICK)


def test_create_stores_a_new_key_that_only_its_owner_can_read(keys_dir: Path) -> None:
    path = keys.create(keys_dir, "ede", PASSWORD, iterations=QUICK)
    assert path == keys_dir / "ede.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(keys_dir.stat().st_mode) == 0o700
    assert list(keys_dir.iterdir()) == [path]
    other = keys.create(keys_dir, "rhenen", PASSWORD, iterations=QUICK)
    addresses = {keys.load(keys_dir, name, PASSWORD).address for name in ("ede", other)}
    assert len(addresses) == 2


def test_create_costs_a_thief_work_unless_told_otherwise(keys_dir: Path) -> None:
    document = json.loads(keys.create(keys_dir, "ede", PASSWORD).read_text())
    assert document["crypto"]["kdf"] == "scrypt"
    assert document["crypto"]["kdfparams"]["n"] >= 2**17


@pytest.mark.parametrize("key", [SECRET, SECRET.hex(), "0x" + SECRET.hex(), f" {SECRET.hex()}\n"])
def test_import_stores_an_existing_key(keys_dir: Path, key: bytes | str) -> None:
    path = keys.import_key(keys_dir, "veenendaal", key, PASSWORD, iterations=QUICK)
    assert keys.load(keys_dir, "veenendaal", PASSWORD).address == ADDRESS
    assert SECRET.hex() not in path.read_text()


def test_key_file_is_read_by_others_and_those_of_others_are_read(keys_dir: Path, key_file: Path) -> None:
    assert Account.decrypt(json.loads(key_file.read_text()), PASSWORD) == SECRET
    foreign = keys_dir / "UTC--2026-11-23--2c7536e3.json"
    document = Account.encrypt(SECRET, PASSWORD, kdf="pbkdf2", iterations=10)
    document["Crypto"] = document.pop("crypto")  # as old wallets write
    foreign.write_text(json.dumps(document))
    assert keys.load(keys_dir, foreign, PASSWORD).address == ADDRESS


def test_initialisation_vector_is_always_16_bytes(keys_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encrypt = Account.encrypt

    def encrypt_with_short_vector(*arguments: Any, **options: Any) -> Any:
        while True:
            document = encrypt(*arguments, **options)
            if len(document["crypto"]["cipherparams"]["iv"]) < 32:
                return document

    monkeypatch.setattr(Account, "encrypt", encrypt_with_short_vector)
    path = keys.import_key(keys_dir, "ede", SECRET, PASSWORD, kdf="pbkdf2", iterations=1)
    assert len(json.loads(path.read_text())["crypto"]["cipherparams"]["iv"]) == 32
    assert keys.load(keys_dir, "ede", PASSWORD).address == ADDRESS


def test_create_never_overwrites(keys_dir: Path, key_file: Path) -> None:
    before = key_file.read_bytes()
    with pytest.raises(KeyStoreError, match="exists already and is not overwritten"):
        keys.create(keys_dir, "veenendaal", OTHER_PASSWORD, iterations=QUICK)
    assert key_file.read_bytes() == before


def test_create_at_the_same_moment_stores_one_key(keys_dir: Path) -> None:
    outcomes: list[object] = []
    everybody_ready = threading.Barrier(4)

    def create() -> None:
        everybody_ready.wait()
        try:
            outcomes.append(keys.create(keys_dir, "ede", PASSWORD, iterations=QUICK))
        except KeyStoreError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(keys_dir / "ede.json") == 1
    assert list(keys_dir.iterdir()) == [keys_dir / "ede.json"]
    keys.load(keys_dir, "ede", PASSWORD)


def test_create_leaves_nothing_behind_when_the_disk_is_full(keys_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match=r"ede\.json: cannot be written: No space left on device"):
        keys.create(keys_dir, "ede", PASSWORD, iterations=QUICK)
    assert list(keys_dir.iterdir()) == []


def test_create_refuses_a_folder_that_others_may_write_in(keys_dir: Path) -> None:
    keys_dir.mkdir(parents=True)
    keys_dir.chmod(0o777)
    with pytest.raises(KeyStoreError, match="others may write in") as refusal:
        keys.create(keys_dir, "ede", PASSWORD, iterations=QUICK)
    assert refusal.value.hint == f"chmod 700 {keys_dir}"


@pytest.mark.parametrize("password", ["", "short", "elevenchars", "aaaaaaaaaaaaaaaa", "abababababababab", " " * 20])
def test_create_refuses_a_weak_password(keys_dir: Path, password: str) -> None:
    with pytest.raises(KeyStoreError, match=r"the password is too (short|simple)"):
        keys.create(keys_dir, "ede", password, iterations=QUICK)
    assert not keys_dir.exists()


@pytest.mark.parametrize("name", ["", "..", "../ede", "a/b", ".hidden", "Ede", "ede\n", "a" * 65, "ede\0"])
def test_create_refuses_a_name_that_is_no_file_name(keys_dir: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a key"):
        keys.create(keys_dir, name, PASSWORD, iterations=QUICK)


@pytest.mark.parametrize("key", [b"", SECRET[:31], bytes(32), b"\xff" * 32, SECRET.hex()[:-1], "0x", "zz" * 32])
def test_import_refuses_what_is_no_private_key(keys_dir: Path, key: bytes | str) -> None:
    with pytest.raises(KeyStoreError, match="this is not a private key"):
        keys.import_key(keys_dir, "ede", key, PASSWORD, iterations=QUICK)


def test_list_keys_names_each_key_and_address_without_a_password(keys_dir: Path, key_file: Path) -> None:
    keys.create(keys_dir, "ede", PASSWORD, iterations=QUICK)
    (keys_dir / "notes.txt").write_text("not a key")
    listed = keys.list_keys(keys_dir)
    assert [key.name for key in listed] == ["ede", "veenendaal"]
    assert (listed[1].address, listed[1].path) == (ADDRESS, key_file)


def test_list_keys_of_a_folder_that_is_not_there_is_empty(keys_dir: Path) -> None:
    assert keys.list_keys(keys_dir) == ()


def test_load_finds_a_key_by_name_and_by_path(keys_dir: Path, key_file: Path) -> None:
    for asked in ("veenendaal", str(key_file), key_file):
        assert keys.load(keys_dir, asked, PASSWORD).address == ADDRESS


def test_load_names_the_keys_there_are(keys_dir: Path, key_file: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no key 'ede'") as missing:
        keys.load(keys_dir, "ede", PASSWORD)
    assert missing.value.hint == "the keys are: veenendaal"


def test_load_rejects_a_wrong_password_without_repeating_it(keys_dir: Path, key_file: Path) -> None:
    said = everything_said_by(lambda: keys.load(keys_dir, "veenendaal", OTHER_PASSWORD))
    assert "the password does not fit this key" in said
    assert OTHER_PASSWORD not in said
    assert "MAC mismatch" not in said


def damaged(document: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """The key file with one value replaced, or removed for None."""
    document = copy.deepcopy(document)
    *folders, field = path.split(".")
    place = document
    for folder in folders:
        place = place[folder]
    if value is None:
        del place[field]
    else:
        place[field] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("version", 4, "version is not 3"),
        ("version", None, "version is not 3"),
        ("crypto", None, "no crypto section"),
        ("crypto", [], "no crypto section"),
        ("address", None, "does not say its address"),
        ("address", "0x12", "does not say its address"),
        ("crypto.cipher", "aes-256-cbc", "cipher is not aes-128-ctr"),
        ("crypto.cipherparams", None, "lacks the parameters"),
        ("crypto.cipherparams.iv", "00" * 17, "iv is not hexadecimal"),
        ("crypto.kdfparams", "x", "lacks the parameters"),
        ("crypto.kdfparams.salt", "", "salt is not hexadecimal"),
        ("crypto.kdfparams.salt", 7, "salt is not hexadecimal"),
        ("crypto.ciphertext", "zz" * 32, "ciphertext is not hexadecimal"),
        ("crypto.ciphertext", "00" * 31, "ciphertext is not hexadecimal"),
        ("crypto.mac", None, "mac is not hexadecimal"),
        ("crypto.kdf", "argon2", "neither scrypt nor pbkdf2"),
        ("crypto.kdf", {}, "neither scrypt nor pbkdf2"),
        ("crypto.kdfparams.n", "16", "not positive numbers"),
        ("crypto.kdfparams.n", True, "not positive numbers"),
        ("crypto.kdfparams.n", 17, "not a power of two"),
        ("crypto.kdfparams.n", 2**40, "more memory or work than is reasonable"),
        ("crypto.kdfparams.dklen", 16, "derived key is not 32 bytes"),
    ],
)
def test_load_rejects_a_malformed_file_naming_the_fault(
    keys_dir: Path, key_file: Path, path: str, value: object, fault: str
) -> None:
    key_file.write_text(json.dumps(damaged(json.loads(key_file.read_text()), path, value)))
    with pytest.raises(KeyStoreError, match=fault) as refusal:
        keys.load(keys_dir, "veenendaal", PASSWORD)
    assert str(key_file) in refusal.value.message


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 60_000, b" " * 70_000, b'{"version": 3}']
)
def test_load_and_list_reject_what_is_no_key_file(keys_dir: Path, key_file: Path, content: bytes) -> None:
    key_file.write_bytes(content)
    for action in (lambda: keys.load(keys_dir, "veenendaal", PASSWORD), lambda: keys.list_keys(keys_dir)):
        with pytest.raises(KeyStoreError, match="is not a key file that can be used"):
            action()


def test_load_rejects_a_file_with_the_address_of_another_key(keys_dir: Path, key_file: Path) -> None:
    stranger = development_account(31).address
    key_file.write_text(json.dumps(damaged(json.loads(key_file.read_text()), "address", stranger)))
    with pytest.raises(KeyStoreError, match=f"says it is the key of {stranger} and holds that of {ADDRESS}"):
        keys.load(keys_dir, "veenendaal", PASSWORD)


def test_password_may_hold_any_character(keys_dir: Path) -> None:
    password = "één wachtwoord met ✓ en 漢字"
    keys.create(keys_dir, "ede", password, iterations=QUICK)
    keys.load(keys_dir, "ede", password)
