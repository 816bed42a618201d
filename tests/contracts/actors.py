"""Who acts in the tests: organisations with an administrator and two signatories, as the local chain knows them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from acts import ZERO, Act, approval, organisation_id
from brownie.network.account import Account as BrownieAccount
from brownie.network.contract import ProjectContract
from eth_account import Account
from eth_account.datastructures import SignedMessage
from eth_account.messages import SignableMessage
from eth_account.signers.local import LocalAccount
from motions import Motion, vote
from reports import Report, confirmation, statement

MNEMONIC = "test test test test test test test test test test test junk"
CHAIN_ID = 1337
CARRIER, STRANGER, NEWCOMER, SPARE = 0, 31, 32, 35
FIRST_ADMINISTRATOR, FIRST_SIGNATORY, SECOND_SIGNATORY = 1, 11, 21

MUNICIPALITIES = {
    "barneveld": "gm0203",
    "ede": "gm0228",
    "nijkerk": "gm0267",
    "scherpenzeel": "gm0279",
    "wageningen": "gm0289",
    "renswoude": "gm0339",
    "rhenen": "gm0340",
    "veenendaal": "gm0345",
}
PROVINCES = {"gelderland": "pv25", "utrecht": "pv26"}
ORGANISATIONS = MUNICIPALITIES | PROVINCES
SECP256K1_N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

Compact = tuple[bytes, bytes]


@cache
def key(index: int) -> LocalAccount:
    Account.enable_unaudited_hdwallet_features()
    return Account.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{index}")


@cache
def signed(account: LocalAccount, message: SignableMessage) -> SignedMessage:
    """The same each time, and slow to make: tests sign many things that others signed before."""
    return account.sign_message(message)


def compact(r: int, s: int, v: int) -> Compact:
    """EIP-2098: the parity of v in the highest bit of s."""
    return r.to_bytes(32, "big"), (s | (v - 27) << 255).to_bytes(32, "big")


def compacted(signature: SignedMessage) -> Compact:
    return compact(signature.r, signature.s, signature.v)


def recovered(message: SignableMessage, signature: Compact) -> str:
    """Whom the register takes a compact signature under this message to be from."""
    r, vs = (int.from_bytes(word, "big") for word in signature)
    parity, s = divmod(vs, 1 << 255)
    return str(Account.recover_message(message, vrs=(27 + parity, r, s)))


def on_chain(address: str) -> Compact:
    """Stands in a record for an approval that is on chain already, and for the sender of a report."""
    return ZERO, bytes.fromhex(address[2:]).rjust(32, b"\0")


@dataclass(frozen=True)
class Signatory:
    """Somebody who holds a key, appointed or not."""

    register: ProjectContract
    account: BrownieAccount
    key: LocalAccount

    @property
    def address(self) -> str:
        return str(self.account.address)

    @property
    def on_chain(self) -> Compact:
        return on_chain(self.address)

    def signature(
        self, subject: Act | Motion, decision: bytes = ZERO, contract: str = "", chain_id: int = CHAIN_ID
    ) -> SignedMessage:
        """Of an approval of an act, or of a vote for a motion."""
        says: Any = approval if isinstance(subject, Act) else vote
        message: SignableMessage = says(subject, decision, contract or self.register.address, chain_id)
        return signed(self.key, message)

    def sign(self, subject: Act | Motion, decision: bytes = ZERO, **domain: Any) -> Compact:
        return compacted(self.signature(subject, decision, **domain))

    def sign_report(self, report: Report, contract: str = "", chain_id: int = CHAIN_ID) -> Compact:
        return compacted(signed(self.key, statement(report, contract or self.register.address, chain_id)))

    def sign_confirmation(
        self, report: Report, organisation: Organisation, contract: str = "", chain_id: int = CHAIN_ID
    ) -> Compact:
        message = confirmation(report, organisation.id, contract or self.register.address, chain_id)
        return compacted(signed(self.key, message))

    def propose(self, act: Act, decision: bytes = ZERO) -> Any:
        return self.register.propose(act, decision, {"from": self.account})

    def approve(self, act: Act, decision: bytes = ZERO) -> Any:
        return self.register.approve(act.hash, decision, {"from": self.account})

    def move(self, motion: Motion, decision: bytes = ZERO) -> Any:
        return self.register.move(motion, decision, {"from": self.account})

    def vote(self, motion: Motion, decision: bytes = ZERO) -> Any:
        return self.register.vote(motion.hash, decision, {"from": self.account})

    def decline(self, act: Act, *history: Act, reason: bytes = ZERO) -> Any:
        return self.register.decline(act, history, reason, {"from": self.account})


@dataclass(frozen=True)
class Organisation:
    """A public body. Its first signatory is appointed, alone, when a test begins; its second is not."""

    register: ProjectContract
    code: str
    administrator: BrownieAccount
    first: Signatory
    second: Signatory

    @property
    def id(self) -> bytes:
        return organisation_id(self.code)

    def appoint(
        self,
        signatory: Signatory | str,
        valid_from: int = 0,
        valid_until: int = 0,
        together: int = 1,
        decision: bytes = ZERO,
        sender: BrownieAccount | None = None,
    ) -> Any:
        address = signatory if isinstance(signatory, str) else signatory.address
        mandate = (valid_from, valid_until, together, decision)
        return self.register.appoint(self.id, address, *mandate, {"from": sender or self.administrator})

    def dismiss(self, signatory: Signatory, decision: bytes = ZERO, sender: BrownieAccount | None = None) -> Any:
        return self.register.dismiss(self.id, signatory.address, decision, {"from": sender or self.administrator})

    def hand_over(self, nominee: str, sender: BrownieAccount | None = None) -> Any:
        return self.register.handOver(self.id, nominee, {"from": sender or self.administrator})

    def take_over(self, sender: BrownieAccount) -> Any:
        return self.register.takeOver(self.id, {"from": sender})

    def announce(self, service: str, sender: BrownieAccount | None = None) -> Any:
        return self.register.announce(self.id, service, {"from": sender or self.administrator})

    def veto(self, motion: Motion, sender: BrownieAccount | None = None, reason: bytes = ZERO) -> Any:
        return self.register.veto(self.id, motion.hash, reason, {"from": sender or self.administrator})

    def four_eyes(self) -> tuple[Signatory, Signatory]:
        """Have both its signatories decide together from now on; returns them in ascending order."""
        self.appoint(self.first, together=2)
        self.appoint(self.second, together=2)
        return self.both()

    def both(self) -> tuple[Signatory, Signatory]:
        lower, higher = sorted((self.first, self.second), key=lambda one: int(one.address, 16))
        return lower, higher


def found(register: ProjectContract, accounts: Any) -> dict[str, Organisation]:
    """The ten organisations, by name."""
    region = {}
    for place, (name, code) in enumerate(ORGANISATIONS.items()):
        first, second = (
            Signatory(register, accounts[start + place], key(start + place))
            for start in (FIRST_SIGNATORY, SECOND_SIGNATORY)
        )
        region[name] = Organisation(register, code, accounts[FIRST_ADMINISTRATOR + place], first, second)
    return region


def newcomer(register: ProjectContract, accounts: Any) -> Organisation:
    """A municipality that nobody admitted yet; its signatories are appointed by nobody."""
    first, second = (Signatory(register, accounts[index], key(index)) for index in (NEWCOMER + 1, NEWCOMER + 2))
    return Organisation(register, "gm9999", accounts[NEWCOMER], first, second)


def founders(accounts: Any) -> list[tuple[bytes, str, bool]]:
    return [
        (organisation_id(code), accounts[FIRST_ADMINISTRATOR + place].address, name in MUNICIPALITIES)
        for place, (name, code) in enumerate(ORGANISATIONS.items())
    ]
