"""Nonces: words that a service gives out, each good for signing in once, within five minutes.

What is given out is not kept: a nonce carries its own end and a code that only this process can make (HMAC-SHA256). So
whoever asks for a million nonces fills nothing. Kept are those that were used, which takes the key of a signatory.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from hashlib import sha256

from registry.errors import NotSignedInError, UnavailableError

SECONDS = 300
MOST_USED = 100_000
_BODY, _CODE = 34, 32
"""Hexadecimal digits: of the end (10) and a random number (24), and of the code over both."""


class Nonces:
    """The nonces of one process; those of an earlier one are worth nothing."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._used: dict[str, int] = {}
        self._lock = threading.Lock()

    def issue(self, now: int) -> tuple[str, int]:
        """A new nonce, and until when it is good; unix seconds."""
        until = now + SECONDS
        body = f"{until:010x}{secrets.token_hex(12)}"
        return body + self._code(body), until

    def check(self, nonce: str, now: int) -> int:
        """Until when it is good; NotSignedInError if it was never given out here, is too old, or was used."""
        body, code = nonce[:_BODY], nonce[_BODY:]
        genuine = len(code) == _CODE and hmac.compare_digest(code, self._code(body))
        until = int(body[:10], 16) if genuine else 0
        if not genuine or until < now or nonce in self._used:
            raise NotSignedInError(
                "the nonce is not of this service, was used before, or is older than five minutes",
                hint="ask for a new one and sign again",
            )
        return until

    def use(self, nonce: str, now: int) -> None:
        """Uses a nonce up; errors as :meth:`check`, and UnavailableError if too many were used just now."""
        with self._lock:
            until = self.check(nonce, now)
            if len(self._used) >= MOST_USED:
                self._used = {one: end for one, end in self._used.items() if end >= now}
            if len(self._used) >= MOST_USED:
                raise UnavailableError("too many people signed in just now", hint="try again in a minute")
            self._used[nonce] = until

    def _code(self, body: str) -> str:
        return hmac.new(self._key, body.encode("ascii", "replace"), sha256).hexdigest()[:_CODE]
