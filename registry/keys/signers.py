"""What signs: with the key of an unlocked file, or with an account that every developer knows.

A secret leaves this module in no message, ``repr`` or pickle. What a signer holds can be read by whoever can read this
process's memory; nothing in Python prevents that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NoReturn, Protocol

from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount
from eth_keys.backends import get_backend
from eth_keys.datatypes import PrivateKey
from eth_typing import ChecksumAddress

from registry.errors import KeyStoreError
from registry.hashing import keccak
from registry.keys import envelopes
from registry.localnet.accounts import CHAIN_IDS, development_account, development_role, is_local


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

    def sign_text(self, text: str) -> bytes:
        """The signature of a text, 65 bytes r‖s‖v (EIP-191 ``personal_sign``): for signing in, never of an act."""
        ...


class _AccountSigner:
    """A signer with its key in memory, kept out of ``repr``, ``vars``, copies and pickles."""

    __slots__ = ("__account", "__sign")

    def __init__(self, account: LocalAccount) -> None:
        self.__account = account
        self.__sign: Callable[[bytes], tuple[int, int, int]] | None = None

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
        if not envelopes.fits(transaction):
            return bytes(self.__account.sign_transaction(dict(transaction)).raw_transaction)
        if self.__sign is None:
            self.__sign = _signing(bytes(self.__account.key))
        return envelopes.signed(transaction, *self.__sign(keccak(envelopes.unsigned(transaction))))

    def sign_text(self, text: str) -> bytes:
        """The signature of a text, 65 bytes r‖s‖v (EIP-191 ``personal_sign``): for signing in, never of an act."""
        return bytes(self.__account.sign_message(encode_defunct(text=text)).signature)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.address}>"

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} cannot be copied or pickled: that would copy its key")


def _signing(secret: bytes) -> Callable[[bytes], tuple[int, int, int]]:
    """What signs 32 bytes with a key and gives v (0 or 1), r and s.

    eth-keys looks anew for each signature for the library it uses, and with that one computes the public key each time:
    both take longer than the signature.
    """
    if find_spec("coincurve") is None:
        plain = PrivateKey(secret, backend=get_backend())
        return lambda digest: plain.sign_msg_hash(digest).vrs
    key: Any = import_module("coincurve").PrivateKey(secret)

    def sign(digest: bytes) -> tuple[int, int, int]:
        made: bytes = key.sign_recoverable(digest, hasher=None)
        return made[64], int.from_bytes(made[:32]), int.from_bytes(made[32:64])

    return sign


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

    def sign_text(self, text: str) -> bytes:
        """As every signer; KeyStoreError if the text does not name the local chain, as a message to sign in does."""
        named = re.search(r"^Chain ID: ([0-9]{1,20})$", text, re.MULTILINE)
        self._check(int(named[1]) if named else None)
        return super().sign_text(text)

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


def _not_local(detail: str = "") -> KeyStoreError:
    reason = f" ({detail})" if detail else ""
    return KeyStoreError(
        f"development accounts are public knowledge and sign only on a local chain{reason}",
        hint="use a key of your own: foodvalley key new; or start a local chain: foodvalley chain up",
    )
