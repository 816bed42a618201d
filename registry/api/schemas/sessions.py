"""Signing in: nonces and sessions."""

from __future__ import annotations

from pydantic import Field

from registry.api.schemas.common import Address, DateTime, Model

_MESSAGE = (
    "register.example.nl wants you to sign in with your Ethereum account:\n"
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\n\n"
    "Sign in at this service of the register of agreements. This allows no transaction and costs nothing.\n\n"
    "URI: https://register.example.nl\nVersion: 1\nChain ID: 1337\nNonce: 006924c1f4a1b2c3d4e5f60718293a4b5c\n"
    "Issued At: 2026-11-23T19:25:29Z\nResources:\n- eip155:1337:0x5FbDB2315678afecb367f032d93F642f64180aa3"
)


class Nonce(Model):
    """What to sign in with, once."""

    nonce: str = Field(description="stands in the message", examples=["006924c1f4a1b2c3d4e5f60718293a4b5c"])
    domain: str = Field(description="the service as the message names it", examples=["register.example.nl"])
    uri: str = Field(description="its address as the message names it", examples=["https://register.example.nl"])
    chain_id: int = Field(ge=0, description="the chain (EIP-155)", examples=[1337])
    resource: str = Field(
        description="the register as the message names it (CAIP-10)",
        examples=["eip155:1337:0x5FbDB2315678afecb367f032d93F642f64180aa3"],
    )
    statement: str = Field(description="the sentence in the message", examples=["Sign in at this service."])
    valid_until: DateTime


class Login(Model):
    """A message of Sign-In with Ethereum (EIP-4361) and its signature."""

    message: str = Field(max_length=4000, description="the text that was signed", examples=[_MESSAGE])
    signature: str = Field(
        max_length=200,
        description="65 bytes r, s, v (EIP-191 personal_sign): 0x and 130 hexadecimal digits",
        examples=["0x" + 65 * "1b"],
    )


class Party(Model):
    """An organisation by identifier and name."""

    id: str = Field(description="TOOI identifier", examples=["gm0345"])
    name: str = Field(description="name", examples=["gemeente Veenendaal"])


class SessionInfo(Model):
    """Who signed in, for whom, and until when at most."""

    signatory: Address
    organisation: Party
    valid_until: DateTime


class NewSession(SessionInfo):
    """A session with its token, which is shown this once."""

    token: str = Field(description="to be sent as: Authorization: Bearer TOKEN", examples=["pVJ0…"])
