"""Whether a signature is whose it is said to be."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from registry.audit.worker import key_of
from registry.errors import RefusedError, UsageError
from registry.hashing import keccak
from registry.model import Approval
from registry.statements import Domain, compact, signatory_of, signing_digest

# Without the checks and conversions that eth-keys puts around it, which take as long as the recovery itself.
_PUBLIC_KEY: Any = import_module("coincurve").PublicKey if find_spec("coincurve") else None
_LARGEST = 4096
"""Bytes; a contract wallet takes signatures of any length."""


def own(approval: Approval, domain: Domain, struct_hash: bytes) -> bool:
    """Whether the signatory itself signed a struct of this hash, with a key of its own.

    Found by the quick way of the audit first: no mistake in that finds the right address by accident. Where it finds
    another, the library has the last word.
    """
    signature = approval.signature or b""
    try:
        r, vs = compact(signature)
    except UsageError:
        return False
    digest = signing_digest(domain, struct_hash)
    if _found(digest, r, vs) == approval.signatory.lower():
        return True
    return signatory_of(signature, domain, struct_hash) == approval.signatory


def _found(digest: bytes, r: bytes, vs: bytes) -> str | None:
    """Who signed, in lower case, by the quickest way there is."""
    parity, s = divmod(int.from_bytes(vs), 1 << 255)
    if _PUBLIC_KEY is None:
        key = key_of((digest, int.from_bytes(r), s, parity))
        return None if key is None else _address(key)
    try:
        found = _PUBLIC_KEY.from_signature_and_message(r + s.to_bytes(32) + bytes([parity]), digest, hasher=None)
    except Exception:  # noqa: BLE001 - whatever it is called there, nobody can have made this signature
        return None
    return _address(found.format(compressed=False)[1:])


def _address(key: bytes) -> str:
    return "0x" + keccak(key)[12:].hex()


def require_form(approval: Approval) -> None:
    """UsageError if nobody could have made such a signature, be it with a key or as a contract wallet."""
    signature = approval.signature
    if signature is not None and not 0 < len(signature) <= _LARGEST:
        raise UsageError("a signature has between 1 and 4096 bytes", hint="65 of them from a key: r, s and v")


def not_own(approval: Approval) -> RefusedError:
    """What is said of a signature that is not its signatory's."""
    return RefusedError(
        f"the signature given as that of {approval.signatory} is not theirs for this and that decision",
        hint="sign the typed data that this service gives, with the key of that address",
    )


def with_usual_v(approval: Approval) -> Approval:
    """The same with a v of 27 or 28: some wallets give 0 or 1, and the contract takes only the former."""
    signature = approval.signature
    if signature is None or len(signature) != 65 or signature[64] > 1:
        return approval
    return Approval(approval.signatory, approval.decision, signature[:64] + bytes([signature[64] + 27]))
