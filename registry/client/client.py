"""A service of the register as one object."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

import httpx

from registry.access.messages import Audience, write_message
from registry.client.dossiers import Dossiers
from registry.client.http import Http, member, words
from registry.client.reading import Reading
from registry.client.writing import Writing
from registry.errors import ServiceError
from registry.keys import Signer


class Client:
    """The service at one address; ``transport`` is how it is reached, by default as any web site."""

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        self.http = Http(url, transport)
        self.dossiers = Dossiers(self.http)
        self.reading = Reading(self.http)
        self.writing = Writing(self.http)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of its connections; a session that was opened ends by itself."""
        self.http.close()

    def sign_in(self, signer: Signer, chain_id: int, register: str) -> str:
        """Signs in with a key (EIP-4361) at this service of this register; the organisation that it signs for.

        The message is written here: for the address that this client asks, so that one service cannot have a message
        signed with which it would get in at another.
        """
        audience = Audience.of(self.http.url, chain_id, register)
        nonce = member(self.http.ask("POST", "nonces"), "nonce")
        if not isinstance(nonce, str) or not nonce.isascii() or not nonce.isalnum() or not 8 <= len(nonce) <= 128:
            raise ServiceError(f"{self.http.shown} gives no nonce to sign in with")
        message = write_message(audience, signer.address, nonce, int(time.time()))
        signature = "0x" + signer.sign_text(message).hex()
        told = self.http.ask("POST", "sessions", body={"message": message, "signature": signature})
        token = member(told, "token")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or len(token) > 200:
            raise ServiceError(f"{self.http.shown} gives no session")
        self.http.token = token
        return words(member(member(told, "organisation"), "id"))

    def sign_out(self) -> None:
        """Ends the session."""
        if self.http.token:
            self.http.ask("DELETE", "sessions/current")
            self.http.token = None
