"""Sessions: who signed in, by a random token of which only the hash is kept, for a quarter of an hour at most.

In memory, so that a restart signs everybody out. Looking one up goes by the hash of the token: how long that takes
says nothing of the tokens there are.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from hashlib import sha256

SECONDS = 900
MOST_OF_A_SIGNATORY = 16
MOST = 4096


@dataclass(frozen=True, slots=True)
class Session:
    """For whom a key signed in, and until when at most; unix seconds."""

    signatory: str
    organisation: str
    until: int


class Sessions:
    """The sessions of one process."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._by_hash: dict[bytes, Session] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._by_hash)

    def __repr__(self) -> str:
        return f"<Sessions: {len(self)}>"

    def open(self, signatory: str, organisation: str, now: int) -> tuple[str, Session]:
        """A new session and its token; the oldest makes way where there are too many, of one key or in all."""
        token = secrets.token_urlsafe(32)
        session = Session(signatory, organisation, now + SECONDS)
        with self._lock:
            self._by_hash = {one: held for one, held in self._by_hash.items() if held.until > now}
            mine = [one for one, held in self._by_hash.items() if held.signatory == signatory]
            oldest = [*mine[: len(mine) - MOST_OF_A_SIGNATORY + 1]] if len(mine) >= MOST_OF_A_SIGNATORY else []
            if len(self._by_hash) - len(oldest) >= self._most:
                oldest.append(next(one for one in self._by_hash if one not in oldest))
            for one in oldest:
                del self._by_hash[one]
            self._by_hash[_hash(token)] = session
        return token, session

    def find(self, token: str, now: int) -> Session | None:
        """The session of a token, unless it is over."""
        session = self._by_hash.get(_hash(token))
        return session if session is not None and now < session.until else None

    def close(self, token: str) -> None:
        """Ends a session, if there is one."""
        with self._lock:
            self._by_hash.pop(_hash(token), None)


def _hash(token: str) -> bytes:
    return sha256(token.encode("utf-8", "replace")).digest()
