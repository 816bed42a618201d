"""Keys that sign: encrypted files on disk, and the public ones of a local chain."""

from __future__ import annotations

from registry.keys.keystore import StoredKey, create, import_key, list_keys, load
from registry.keys.passwords import MINIMUM_PASSWORD_LENGTH, PASSWORD_VARIABLE, read_password
from registry.keys.service import service_signer
from registry.keys.signers import DevelopmentSigner, KeystoreSigner, Signer, development_signer

__all__ = [
    "MINIMUM_PASSWORD_LENGTH",
    "PASSWORD_VARIABLE",
    "DevelopmentSigner",
    "KeystoreSigner",
    "Signer",
    "StoredKey",
    "create",
    "development_signer",
    "import_key",
    "list_keys",
    "load",
    "read_password",
    "service_signer",
]
