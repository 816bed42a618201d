"""Key files, passwords and signers: what they do, what they refuse, and that they give no secret away."""

from __future__ import annotations

import copy
import json
import logging
import os
import pickle
import stat
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from registry import keys
from registry.errors import KeyStoreError, NotFoundError, RegistryError, StorageError, UsageError
from registry.keys import DevelopmentSigner, KeystoreSigner, Signer, development_signer, read_password
from registry.localnet import DEVELOPMENT_ROLES, development_account, development_role, is_local

PASSWORD = "correct horse battery staple"
OTHER_PASSWORD = "incorrect horse battery staple"
SECRET = bytes.fromhex("4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318")
ADDRESS = "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23"
QUICK = 16  # scrypt's work factor: nothing to guess here
LOCAL = ("Ganache/v7.9.2/EthereumJS TestRPC/v7.9.2/ethereum-js", "http://127.0.0.1:8545", 1337)


def typed_data(chain_id: int = 1337) -> dict[str, Any]:
    return {
        "types": {
            "EIP712Domain": [{"name": "name", "type": "string"}, {"name": "chainId", "type": "uint256"}],
            "Act": [{"name": "dossier", "type": "bytes32"}, {"name": "parties", "type": "bytes16[]"}],
        },
        "primaryType": "Act",
        "domain": {"name": "Register", "chainId": chain_id},
        "message": {"dossier": b"\1" * 32, "parties": [b"gm0339".ljust(16, b"\0"), b"gm0345".ljust(16, b"\0")]},
    }


def transaction(chain_id: int = 1337) -> dict[str, Any]:
    return {
        "to": ADDRESS,
        "value": 0,
        "gas": 21_000,
        "maxFeePerGas": 2 * 10**9,
        "maxPriorityFeePerGas": 10**9,
        "nonce": 0,
        "chainId": chain_id,
    }


@pytest.fixture
def keys_dir(tmp_path: Path) -> Path:
    return tmp_path / "home" / "keys"


@pytest.fixture
def key_file(keys_dir: Path) -> Path:
    """The key of Veenendaal's signatory, stored."""
    return keys.import_key(keys_dir, "veenendaal", SECRET, PASSWORD, iterations=QUICK)


def everything_said_by(action: Callable[[], object]) -> str:
    """All that can reach a screen or a log when the action fails: message, hint, causes, traceback."""
    with pytest.raises(RegistryError) as failure:
        action()
    error = failure.value
    return "".join(traceback.format_exception(error)) + repr(error) + json.dumps(error.to_json())


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


@pytest.fixture(params=["keystore", "development"])
def signer(request: pytest.FixtureRequest, keys_dir: Path, key_file: Path) -> Signer:
    if request.param == "keystore":
        return keys.load(keys_dir, key_file, PASSWORD)
    return development_signer("veenendaal", *LOCAL)


def test_signature_recovers_to_the_address(signer: Signer) -> None:
    signature = signer.sign_typed_data(typed_data())
    assert len(signature) == 65
    assert signature[64] in (27, 28)
    message = encode_typed_data(full_message=typed_data())
    assert Account.recover_message(message, signature=signature) == signer.address
    assert Account.recover_transaction(signer.sign_transaction(transaction())) == signer.address


def test_signer_gives_its_secret_away_nowhere(signer: Signer, caplog: pytest.LogCaptureFixture) -> None:
    secret = SECRET if isinstance(signer, KeystoreSigner) else bytes(development_account(18).key)
    logging.getLogger("test").warning("%s %r %s", signer, signer, [signer])
    shown = repr(signer) + str(signer) + f"{signer!r:>60}" + caplog.text
    assert secret.hex() not in shown
    assert repr(secret) not in shown
    assert signer.address in shown
    with pytest.raises(TypeError):
        vars(signer)
    for copying in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be copied or pickled"):
            copying(signer)


def test_development_signer_plays_its_role() -> None:
    assert development_signer("carrier", *LOCAL).address == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
    assert development_signer("veenendaal:2", *LOCAL).address == development_account(28).address


@pytest.mark.parametrize(
    ("client_version", "url", "chain_id"),
    [
        ("besu/v24.1.0/linux-x86_64/openjdk-java-17", "http://127.0.0.1:8545", 1337),
        ("Geth/v1.13/Ganache/", "http://127.0.0.1:8545", 1337),
        (LOCAL[0], "http://192.168.1.7:8545", 1337),
        (LOCAL[0], "https://127.0.0.1.example.nl", 1337),
        (LOCAL[0], "https://node.example.nl/?127.0.0.1", 1337),
        (LOCAL[0], "http://127.0.0.1@node.example.nl", 1337),
        (LOCAL[0], "", 1337),
        ("anvil/v1.7.1", "http://127.0.0.1:8545", 1),  # a fork of the main network
    ],
)
def test_development_signer_is_refused_on_any_other_chain(client_version: str, url: str, chain_id: int) -> None:
    with pytest.raises(KeyStoreError, match="public knowledge and sign only on a local chain"):
        development_signer("carrier", client_version, url, chain_id)


def test_development_signer_cannot_be_made_behind_the_back_of_that_check() -> None:
    with pytest.raises(KeyStoreError, match="public knowledge"):
        DevelopmentSigner(0, chain_id=1, permit=object())


@pytest.mark.parametrize("chain_id", [1, "0x1", None])
def test_development_signer_signs_nothing_for_another_chain(chain_id: object) -> None:
    signer = development_signer("carrier", *LOCAL)
    foreign = typed_data() | {"domain": {"name": "Register", "chainId": chain_id}}
    with pytest.raises(KeyStoreError, match="not for the local chain 1337"):
        signer.sign_typed_data(foreign)
    with pytest.raises(KeyStoreError, match="not for the local chain 1337"):
        signer.sign_transaction(transaction() | {"chainId": chain_id})


@pytest.mark.parametrize("url", ["http://127.0.0.1:8545", "http://localhost:1", "http://[::1]:8545", "ws://127.1.2.3"])
@pytest.mark.parametrize("client_version", ["Ganache/v7.9.2", "anvil/v1.7.1"])
def test_chain_on_loopback_that_says_so_is_local(client_version: str, url: str) -> None:
    assert is_local(client_version, url)


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("carrier", 0),
        ("barneveld:admin", 1),
        ("gm0203", 11),
        ("gm0345:admin", 8),
        ("veenendaal", 18),
        ("gm0345", 18),
        (" Veenendaal ", 18),
        ("veenendaal:1", 18),
        ("gemeente Veenendaal:2", 28),
        ("pv25", 19),
        ("utrecht", 20),
        ("pv26:2", 30),
        ("stranger", 31),
    ],
)
def test_development_role_finds_the_account(text: str, index: int) -> None:
    assert development_role(text) == index


def test_development_roles_have_an_account_each() -> None:
    assert [role.index for role in DEVELOPMENT_ROLES] == list(range(32))
    assert [development_role(role.text) for role in DEVELOPMENT_ROLES] == list(range(32))


@pytest.mark.parametrize("text", ["", "amsterdam", "veenendaal:3", "veenendaal:", "pv27", "carrier:2", ":2", "admin"])
def test_development_role_lists_the_roles_when_it_knows_none(text: str) -> None:
    with pytest.raises(UsageError, match="no development account plays") as unknown:
        development_role(text)
    assert unknown.value.hint is not None
    for role in ("carrier", "stranger", "veenendaal", "gelderland", ":2", ":admin"):
        assert role in unknown.value.hint


@pytest.mark.parametrize("index", [-1, 40])
def test_development_account_outside_the_forty_is_refused(index: int) -> None:
    with pytest.raises(UsageError, match=f"there is no development account {index}"):
        development_account(index)
