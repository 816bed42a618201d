"""Handing in what was signed here; the service carries it to the chain and need not be trusted for that.

The act is hashed and the typed data written here, from the act that was read, for the register that is known here. A
service can lose what it is given, and cannot make anything else of it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from registry.carried import CarriedProposal, act_to_json
from registry.client.http import Http, words
from registry.errors import RefusedError, ServiceError
from registry.keys import Signer
from registry.model import NO_HASH, Act, Approval
from registry.service import sign_approval
from registry.statements import Domain, hash_act

_ON_CHAIN = ("mined", "final")
_PAUSE_SECONDS = 0.5


class Writing:
    """What can be handed in at one service, for one register."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def propose(self, domain: Domain, act: Act, signer: Signer, decision: bytes = NO_HASH) -> Mapping[str, Any]:
        """Puts an act before its parties, approved by the proposer; how far that is."""
        approval = sign_approval(CarriedProposal(domain, act), signer, decision)
        return self._handed("proposals", {"act": act_to_json(act), "approval": _approval(approval)})

    def approve(self, domain: Domain, act: Act, signer: Signer, decision: bytes = NO_HASH) -> Mapping[str, Any]:
        """Approves an act that was proposed on the chain; how far that is."""
        approval = sign_approval(CarriedProposal(domain, act), signer, decision)
        return self._handed(f"proposals/0x{hash_act(act).hex()}/approvals", _approval(approval))

    def record(self, act: Act, approvals: Iterable[Approval] = ()) -> Mapping[str, Any]:
        """Records an act with these approvals and those on the chain; how far that is."""
        return self._handed("records", {"act": act_to_json(act), "approvals": [_approval(one) for one in approvals]})

    def submission(self, identity: str) -> Mapping[str, Any]:
        """How far something is that was handed in."""
        if not identity.startswith("0x") or len(identity) != 66 or not identity[2:].isalnum():
            raise ServiceError(f"{self._http.shown} does not say under which name it keeps this")
        return self._object(self._http.get(f"submissions/{identity}"))

    def settled(self, handed: Mapping[str, Any], seconds: float) -> Mapping[str, Any]:
        """The same once it stands on the chain.

        RefusedError if it was refused after all, ServiceError if it still waits then: it may still be carried.
        """
        until = time.monotonic() + seconds
        while True:
            if handed.get("state") in _ON_CHAIN:
                return handed
            refusal = handed.get("refusal")
            if handed.get("state") == "refused" and isinstance(refusal, Mapping):
                raise RefusedError(words(refusal.get("detail")), hint=words(refusal.get("hint")) or None)
            if time.monotonic() >= until:
                raise ServiceError(
                    f"{self._http.shown} has not carried this to the chain yet; it may still do so",
                    hint=f"ask later: /v1/submissions/{words(handed.get('id'))}",
                )
            time.sleep(_PAUSE_SECONDS)
            handed = self.submission(str(handed.get("id")))

    def _handed(self, path: str, body: object) -> Mapping[str, Any]:
        return self._object(self._http.ask("POST", path, body=body))

    def _object(self, told: object) -> Mapping[str, Any]:
        if not isinstance(told, dict):
            raise ServiceError(f"{self._http.shown} does not say what it does with this")
        return told


def _approval(one: Approval) -> dict[str, object]:
    signature = one.signature or b""
    return {
        "signatory": one.signatory,
        "decision": "0x" + one.decision.hex(),
        "signature": "0x" + signature.hex(),
    }
