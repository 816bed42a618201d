"""Who acts in the random histories: keys with names, and signatures made quickly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from acts import ZERO, organisation_id
from eth_account import Account
from eth_keys.backends.native.jacobian import fast_multiply
from eth_keys.constants import SECPK1_G, SECPK1_N
from eth_utils import keccak
from reference_types import HIGHEST_S, Founder, Signature, Struct, digest_to_sign, remember

MNEMONIC = "test test test test test test test test test test test junk"
UNLOCKED = 40
CARRIER, STRANGER = 0, 31
FIRST_ADMINISTRATOR, FIRST_SIGNATORY, SECOND_SIGNATORY, FIRST_SPARE = 1, 11, 21, 32

VOTING = ("gm0203", "gm0228", "gm0267", "gm0279", "gm0289", "gm0339", "gm0340", "gm0345")
GUESTS = ("pv25", "pv26")
TEN = VOTING + GUESTS

ACCEPT, REFUSE, REVERT, GARBAGE, NOTHING = range(5)


@dataclass(frozen=True)
class Key:
    """A private key, with a nonce of its own that is used for every signature.

    That would give the key away, which everybody knows anyway; and a signature takes no time.
    """

    secret: int
    nonce: int
    r: int
    parity: int

    @classmethod
    def of(cls, secret: int) -> Key:
        nonce = int.from_bytes(keccak(secret.to_bytes(32, "big")), "big") % SECPK1_N
        x, y = fast_multiply(SECPK1_G, nonce)
        return cls(secret, nonce, x % SECPK1_N, y % 2)

    def sign(self, digest: bytes) -> tuple[int, int, int]:
        """r, s and the parity of the point."""
        s = pow(self.nonce, -1, SECPK1_N) * (int.from_bytes(digest, "big") + self.r * self.secret) % SECPK1_N
        return (self.r, s, self.parity) if s <= HIGHEST_S else (self.r, SECPK1_N - s, 1 - self.parity)


@dataclass(frozen=True)
class Wallet:
    """What a contract wallet of the tests was told when it was deployed."""

    answer: int
    digest: bytes
    signature: bytes

    def accepts(self, digest: bytes, signature: bytes) -> bool:
        return self.answer == ACCEPT and (digest, signature) == (self.digest, self.signature)


def _development_keys() -> dict[str, int]:
    Account.enable_unaudited_hdwallet_features()
    accounts = [Account.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{i}") for i in range(UNLOCKED)]
    return {account.address.lower(): int(account.key.hex(), 16) for account in accounts}


_DEVELOPMENT: dict[str, int] = {}
_KEYS: dict[str, Key] = {}


@dataclass
class Cast:
    """Everybody who can act on one register. The node signs transactions of the first forty itself."""

    unlocked: list[str] = field(init=False)
    names: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, int] = field(default_factory=dict)
    wallets: dict[str, Wallet] = field(default_factory=dict)
    made: int = 0

    def __post_init__(self) -> None:
        if not _DEVELOPMENT:
            _DEVELOPMENT.update(_development_keys())
        self.secrets.update(_DEVELOPMENT)
        self.unlocked = list(_DEVELOPMENT)
        for index, address in enumerate(self.unlocked):
            self.names[address] = f"spare {index}"
        self.names[self.carrier], self.names[self.stranger] = "carrier", "stranger"
        for place, code in enumerate(TEN):
            self.names[self.unlocked[FIRST_ADMINISTRATOR + place]] = f"{code}:admin"
            self.names[self.unlocked[FIRST_SIGNATORY + place]] = f"{code}:1"
            self.names[self.unlocked[SECOND_SIGNATORY + place]] = f"{code}:2"

    @property
    def carrier(self) -> str:
        return self.unlocked[CARRIER]

    @property
    def stranger(self) -> str:
        return self.unlocked[STRANGER]

    @property
    def spares(self) -> list[str]:
        return self.unlocked[FIRST_SPARE:]

    def founders(self, votes: Callable[[str], bool]) -> list[Founder]:
        """The ten organisations, of which some vote."""
        return [
            Founder(organisation_id(code), self.unlocked[FIRST_ADMINISTRATOR + place], votes(code))
            for place, code in enumerate(TEN)
        ]

    def signatories(self, code: str) -> tuple[str, str]:
        place = TEN.index(code)
        return self.unlocked[FIRST_SIGNATORY + place], self.unlocked[SECOND_SIGNATORY + place]

    def new_key(self) -> str:
        """A key that signs and never sends."""
        self.made += 1
        secret = int.from_bytes(keccak(text=f"key {self.made}"), "big") % SECPK1_N
        address = str(Account.from_key(secret.to_bytes(32, "big")).address).lower()
        self.secrets[address] = secret
        self.names[address] = f"key {self.made}"
        return address

    def add_wallet(self, address: str, wallet: Wallet) -> None:
        self.wallets[address] = wallet
        self.names[address] = f"wallet {len(self.wallets)}"

    def can_sign(self, address: str) -> bool:
        return address in self.secrets

    def can_send(self, address: str) -> bool:
        return address in self.unlocked or address in self.wallets

    def sign(
        self, signer: str, kind: str, struct: Struct, other: bytes, register: str, chain_id: int
    ) -> tuple[int, int, int]:
        digest = digest_to_sign(kind, struct, other, register, chain_id)
        if signer not in _KEYS:
            _KEYS[signer] = Key.of(self.secrets[signer])
        signature = _KEYS[signer].sign(digest)
        remember(digest, *signature, signer)
        return signature

    def name(self, value: object) -> str:
        """A value as a person reads it."""
        if isinstance(value, str):
            return self.names.get(value, value if len(value) < 20 else value[:10] + "…")
        if isinstance(value, bytes):
            if value == ZERO:
                return "0"
            text = value.rstrip(b"\0")
            readable = len(value) == 32 and len(text) <= 18 and text.isascii() and text.decode().isprintable()
            return text.decode() if readable else "0x" + value[:4].hex() + "…"
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            inner = ", ".join(f"{member}={self.name(each)}" for member, each in zip(value._fields, value, strict=True))
            return f"{type(value).__name__}({inner})"
        if isinstance(value, tuple | list):
            return "[" + ", ".join(map(self.name, value)) + "]"
        if isinstance(value, dict):
            return ", ".join(f"{member}={self.name(each)}" for member, each in value.items())
        return str(value)


def compact(r: int, s: int, parity: int) -> Signature:
    """EIP-2098."""
    return Signature(r.to_bytes(32, "big"), (s | parity << 255).to_bytes(32, "big"))


def long(r: int, s: int, parity: int) -> bytes:
    """65 bytes: r, s, v."""
    return r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([27 + parity])


def malleable(r: int, s: int, parity: int) -> tuple[int, int, int]:
    """The other signature that the same key would have made: with the high s that EIP-2 forbids."""
    return r, SECPK1_N - s, 1 - parity


def on_chain(address: str) -> Signature:
    """Stands for an approval that is on chain already, or for the sender of a report."""
    return Signature(ZERO, bytes.fromhex(address[2:]).rjust(32, b"\0"))
