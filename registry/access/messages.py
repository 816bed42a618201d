"""The message with which a key signs in at a service: Sign-In with Ethereum (EIP-4361).

It is bound to the service (domain and URI), the chain and the register, so that what was signed for one service is
worth nothing at another. Both sides write it with :func:`write_message`; a service takes no other text than that.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from eth_keys.exceptions import BadSignature
from eth_utils.address import is_checksum_address

from registry.errors import NotSignedInError, UsageError

with warnings.catch_warnings():
    # Its grammars say the core rules of ABNF once more, of which every import would warn on the screen.
    warnings.simplefilter("ignore")
    from siwe.siwe import SiweMessage, VerificationError

STATEMENT = "Sign in at this service of the register of agreements. This allows no transaction and costs nothing."
LONGEST_MESSAGE = 1500
SECONDS_TO_SIGN = 300
_CLOCKS_DIFFER_SECONDS = 60
_NONCE = re.compile(r"^Nonce: ([A-Za-z0-9]{8,128})$", re.MULTILINE)
_SIGNATURE = re.compile(r"0x[0-9a-fA-F]{130}")
_HIGHEST_S = 0x7FFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_5D576E73_57A4501D_DFE92F46_681B20A0


@dataclass(frozen=True, slots=True)
class Audience:
    """Where a message signs in: a service by its web address, and the register on its chain that it serves."""

    domain: str
    uri: str
    chain_id: int
    register: str

    @classmethod
    def of(cls, url: str, chain_id: int, register: str) -> Audience:
        """The audience of a service at this http(s) address; UsageError if it is none."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise UsageError("the address of the service is not a web address") from error
        if parts.scheme not in ("http", "https") or not host or not host.isascii():
            raise UsageError("the address of the service is not a web address")
        name = f"[{host}]" if ":" in host else host
        usual = {"http": 80, "https": 443}[parts.scheme]
        domain = name if port in (None, usual) else f"{name}:{port}"
        return cls(domain, f"{parts.scheme}://{domain}", chain_id, register)

    @property
    def resource(self) -> str:
        """The register as an account on a chain (CAIP-10)."""
        return f"eip155:{self.chain_id}:{self.register}"


@dataclass(frozen=True, slots=True)
class Claim:
    """Whose key signed a message, and the nonce in it."""

    signatory: str
    nonce: str


def write_message(audience: Audience, signatory: str, nonce: str, issued_at: int) -> str:
    """The text to sign (EIP-191 ``personal_sign``); ``signatory`` is checksummed, ``issued_at`` in unix seconds."""
    return str(_message(audience, signatory, nonce, _moment(issued_at)).prepare_message())


def nonce_in(text: str) -> str:
    """The nonce of a message that is yet to be checked; NotSignedInError if it is none."""
    found = _NONCE.search(text) if len(text) <= LONGEST_MESSAGE else None
    if found is None:
        raise NotSignedInError("this is no Sign-In with Ethereum message (EIP-4361)", hint=_ANEW)
    return found[1]


def check_message(text: str, signature: str, audience: Audience, now: int) -> Claim:
    """Whose message it is; ``signature`` as 0x and 130 digits, ``now`` in unix seconds.

    NotSignedInError if it is not the message of :func:`write_message` for this audience, was written at another time,
    or was not signed by the key that it names.
    """
    nonce = nonce_in(text)
    try:
        told = SiweMessage.from_message(text, abnf=False)
        written_at = int(datetime.fromisoformat(str(told.issued_at)).timestamp())
        expected = _message(audience, str(told.address), nonce, str(told.issued_at))
    except (ValueError, OverflowError) as error:
        raise NotSignedInError("this is no Sign-In with Ethereum message (EIP-4361)", hint=_ANEW) from error
    _require_same(told, audience)
    if expected.prepare_message() != text or not is_checksum_address(told.address):
        raise NotSignedInError("the message is another than this service gives to sign", hint=_ANEW)
    if not now - SECONDS_TO_SIGN <= written_at <= now + _CLOCKS_DIFFER_SECONDS:
        raise NotSignedInError("the message was written at another time", hint="is your clock right? " + _ANEW)
    if not _SIGNATURE.fullmatch(signature) or int(signature[66:130], 16) > _HIGHEST_S:
        raise NotSignedInError("the signature is none: write 0x and 130 hexadecimal digits, with a low s")
    try:
        expected.verify(signature)
    except (VerificationError, BadSignature, ValueError) as error:
        raise NotSignedInError("the signature is not of the address in the message", hint=_ANEW) from error
    return Claim(str(told.address), nonce)


_ANEW = "ask for a nonce, and sign the message that comes with it"


def _require_same(told: SiweMessage, audience: Audience) -> None:
    named = {
        "service": (told.domain, audience.domain),
        "address of the service": (str(told.uri), audience.uri),
        "chain": (told.chain_id, audience.chain_id),
        "register": (list(told.resources or []), [audience.resource]),
    }
    for what, (found, expected) in named.items():
        if found != expected:
            raise NotSignedInError(f"the message signs in at another {what}, not at {audience.uri}", hint=_ANEW)


def _message(audience: Audience, signatory: str, nonce: str, issued_at: str) -> SiweMessage:
    return SiweMessage.model_validate(
        {
            "domain": audience.domain,
            "address": signatory,
            "statement": STATEMENT,
            "uri": audience.uri,
            "version": "1",
            "chain_id": audience.chain_id,
            "nonce": nonce,
            "issued_at": issued_at,
            "resources": [audience.resource],
        }
    )


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
