"""Signing in at a service, and what a session is good for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from registry.access.messages import Audience, check_message, nonce_in, write_message
from registry.access.nonces import Nonces
from registry.access.reading import Readers
from registry.access.sessions import Session, Sessions
from registry.dossier import Store
from registry.errors import NotFoundError, NotSignedInError
from registry.index import Index
from registry.index.queries import Asked
from registry.journal import note

_MANDATE = "let your administrator appoint this key: foodvalley appoint"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session with its token, which is shown once and kept by nobody else."""

    token: str
    session: Session

    def __repr__(self) -> str:
        return f"SignedIn({self.session!r})"


@dataclass(frozen=True, slots=True)
class Challenge:
    """What to sign in with: a nonce, until when it is good (unix seconds), and the audience of the message."""

    nonce: str
    until: int
    audience: Audience


class Access:
    """Who signed in at one service, as of what its index knows; ``own`` is the organisation whose service it is."""

    def __init__(
        self,
        index: Index,
        store: Store,
        audience: Audience,
        own: str | None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.audience = audience
        self.own = own
        self._index = index
        self._clock = clock
        self._nonces = Nonces()
        self._sessions = Sessions()
        self._readers = Readers(index, store, own)

    def challenge(self) -> Challenge:
        """A nonce for signing in once."""
        nonce, until = self._nonces.issue(self._now())
        return Challenge(nonce, until, self.audience)

    def text(self, challenge: Challenge, signatory: str) -> str:
        """The message that this key is to sign, written now."""
        return write_message(self.audience, signatory, challenge.nonce, self._now())

    def sign_in(self, message: str, signature: str, origin: str = "") -> SignedIn:
        """A session for who signed the message; ``origin`` is from where, for the journal.

        NotSignedInError if the message is not for here, not now, not signed, used before, or of a key without a mandate
        in force.
        """
        try:
            found = self._signed_in(message, signature)
        except NotSignedInError as error:
            note("sign in", self.audience.domain, "refused", origin=origin, reason=error.message)
            raise
        session = found.session
        note(
            "sign in", self.audience.domain, "done", origin=origin, actor=session.signatory, party=session.organisation
        )
        return found

    def _signed_in(self, message: str, signature: str) -> SignedIn:
        now = self._now()
        # The cheap question first: whoever has no nonce of ours makes us do no arithmetic on curves.
        self._nonces.check(nonce_in(message), now)
        claim = check_message(message, signature, self.audience, now)
        self._nonces.use(claim.nonce, now)
        organisation = self.organisation_of(claim.signatory)
        if organisation is None:
            raise NotSignedInError(f"{claim.signatory} has no mandate in force", hint=_MANDATE)
        return SignedIn(*self._sessions.open(claim.signatory, organisation, now))

    def session(self, token: str) -> Session:
        """Whose token this is; NotSignedInError if it is nobody's, or the mandate has ended or passed to another."""
        session = self._sessions.find(token, self._now())
        if session is not None and self.organisation_of(session.signatory) != session.organisation:
            self._sessions.close(token)
            session = None
        if session is None:
            raise NotSignedInError("there is no such session, or it is over", hint="sign in again")
        return session

    def sign_out(self, token: str) -> None:
        """Ends a session."""
        self._sessions.close(token)

    def organisation_of(self, signatory: str) -> str | None:
        """For whom a key may sign now, alone or together with others; None if for nobody."""
        with self._index.queries() as queries:
            return queries.organisation_of(queries.at(Asked(self._now(queries.as_of.block_time))), signatory)

    def may_read(self, root: bytes, session: Session | None) -> bool:
        """Whether this dossier is here and who signed in may read it."""
        return self._readers.may_read(root, session.organisation if session else None, self.now)

    def may_send(self, root: bytes, session: Session) -> bool:
        """Whether who signed in may send this dossier here."""
        return self._readers.may_send(root, session.organisation, self.now)

    def require_readable(self, root: bytes, session: Session | None) -> None:
        """NotFoundError if this dossier is not here or not for them: one answer for both."""
        if not self.may_read(root, session):
            raise NotFoundError(
                f"there is no dossier 0x{root.hex()} here that you may read",
                hint="sign in with the key of a signatory of a party, or ask another party",
            )

    @property
    def readers(self) -> Readers:
        """Who may read what here."""
        return self._readers

    @property
    def now(self) -> int:
        """The time that the next block will at least have, unix seconds."""
        found = self._index.as_of
        return self._now(found.block_time if found else 0)

    def _now(self, at_least: int = 0) -> int:
        return max(at_least, int(self._clock()))
