"""Requests to erase: signed by a signatory of the organisation that erased, carried to the services of the others.

Nobody erases at another's service. A request is written down there, and a person of that organisation decides: it has
its own duties, to the archive as well as to whom the document is about. The signature is EIP-712, bound to the register
and its chain, so that it can be carried again and again until there is an answer, without the key.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from registry.access import Access
from registry.dossier import Store
from registry.dossier.erasing import Asked, change, record_of
from registry.errors import NotAllowedError, UsageError
from registry.journal import note
from registry.keys import Signer
from registry.statements import DOMAIN_NAME, DOMAIN_VERSION, Domain

WHOLE = bytes(32)
"""Stands for all leaves of a dossier."""
_OLDEST = 400 * 86_400
_CLOCKS_DIFFER_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks to erase: a document by its leaf, or all of a dossier; ``at`` in unix seconds."""

    dossier: bytes
    leaf: bytes
    at: int

    def typed_data(self, domain: Domain) -> dict[str, Any]:
        """The same as EIP-712 JSON, to be signed."""
        return {
            "types": {
                "EIP712Domain": [
                    {"name": "name", "type": "string"},
                    {"name": "version", "type": "string"},
                    {"name": "chainId", "type": "uint256"},
                    {"name": "verifyingContract", "type": "address"},
                ],
                "ErasureRequest": [
                    {"name": "dossier", "type": "bytes32"},
                    {"name": "leaf", "type": "bytes32"},
                    {"name": "at", "type": "uint64"},
                ],
            },
            "primaryType": "ErasureRequest",
            "domain": {
                "name": DOMAIN_NAME,
                "version": DOMAIN_VERSION,
                "chainId": domain.chain_id,
                "verifyingContract": domain.register,
            },
            "message": {"dossier": "0x" + self.dossier.hex(), "leaf": "0x" + self.leaf.hex(), "at": self.at},
        }


def signed_request(request: Request, domain: Domain, signer: Signer) -> dict[str, object]:
    """The request as it travels."""
    signature = signer.sign_typed_data(request.typed_data(domain))
    return {
        "dossier": "0x" + request.dossier.hex(),
        "leaf": "0x" + request.leaf.hex(),
        "at": request.at,
        "signature": "0x" + signature.hex(),
    }


def signatory_of(request: Request, domain: Domain, signature: bytes) -> str:
    """Who signed a request; UsageError if nobody can have."""
    try:
        message = encode_typed_data(full_message=request.typed_data(domain))
        return str(Account.recover_message(message, signature=signature))
    except (BadSignature, ValidationError, ValueError) as error:
        raise UsageError("the signature of the request is none", hint="sign it as EIP-712 typed data") from error


def receive(access: Access, store: Store, domain: Domain, request: Request, signature: bytes) -> str:
    """Writes a partner's request down, and answers how it stands: waits, erased, absent or refused.

    NotAllowedError if who signed is no signatory of an organisation that is party to an act with the dossier, as is
    whose service this is; UsageError if the signature is none or the request is not of now.
    """
    if not access.now - _OLDEST < request.at < access.now + _CLOCKS_DIFFER_SECONDS:
        raise UsageError("the request was made at another time", hint="make it anew")
    signatory = signatory_of(request, domain, signature)
    organisation = access.organisation_of(signatory)
    concerns = access.readers.concerns(request.dossier, access.now)
    if organisation is None or not any(organisation in one.whom for one in concerns):
        raise NotAllowedError(
            "who signed the request is no signatory of a party to an act with this dossier",
            hint="requests are between parties; ask the organisation itself",
        )
    status = _write_down(store, request, organisation, signatory)
    note("ask to erase", "0x" + request.dossier.hex(), status, actor=signatory, party=organisation)
    return status


def refuse(store: Store, root: bytes, index: int | None) -> int:
    """Answers no to the requests of partners for this; how many there were."""
    found = record_of(store, root)
    waiting = [one for one in (found.asked if found else ()) if one.index == index and not one.refused]
    if waiting:

        def refused(one: Asked) -> Asked:
            return one.model_copy(update={"refused": True}) if one.index == index else one

        change(store, root, lambda one: one.model_copy(update={"asked": tuple(map(refused, one.asked))}))
    return len(waiting)


def _write_down(store: Store, request: Request, organisation: str, signatory: str) -> str:
    known = record_of(store, request.dossier)
    if known is not None and known.is_whole:
        return "erased"
    dossier = store.find(request.dossier)
    if dossier is None:
        return "absent"
    index: int | None = None
    if request.leaf != WHOLE:
        index = next((number for number, one in enumerate(dossier.leaves) if one.leaf == request.leaf), None)
        if not index:  # there is no such leaf, or it is the manifest, which goes with the whole only
            raise UsageError("the dossier has no document with that leaf", hint="ask to erase one of its documents")
        if dossier.leaves[index].is_erased:
            return "erased"
    before = [one for one in (known.asked if known else ()) if (one.index, one.organisation) == (index, organisation)]
    if before:
        return "refused" if before[0].refused else "waits"
    asked = Asked(index=index, organisation=organisation, signatory=signatory, at=int(time.time()))
    change(store, request.dossier, lambda one: one.model_copy(update={"asked": (*one.asked, asked)}))
    return "waits"
