"""What signs, on which chain, and that it gives its secret away nowhere."""

from __future__ import annotations

import copy
import logging
import pickle
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from registry import keys
from registry.errors import KeyStoreError, UsageError
from registry.keys import DevelopmentSigner, KeystoreSigner, Signer, development_signer
from registry.localnet import DEVELOPMENT_ROLES, development_account, development_role, is_local

PASSWORD = "correct horse battery staple"
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
