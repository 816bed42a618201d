"""The accounts of a local chain, who plays whom with them, and what counts as a local chain.

Their keys come from a mnemonic that every developer of the world knows. That makes them handy on a chain
that runs on one's own machine, and worthless anywhere else.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from urllib.parse import urlsplit

from eth_account import Account
from eth_account.signers.local import LocalAccount

from registry.errors import NotFoundError, UsageError
from registry.organisations import DIRECTORY, FOOD_VALLEY

MNEMONIC = "test test test test test test test test test test test junk"
ACCOUNT_COUNT = 40
BALANCE_ETHER = 1000

#: Chain identifier by engine.
CHAIN_IDS: Mapping[str, int] = MappingProxyType({"ganache": 1337, "anvil": 31337})

_ORGANISATIONS = (*FOOD_VALLEY, "pv25", "pv26")
_ADMINISTRATORS, _FIRST_SIGNATORIES, _SECOND_SIGNATORIES = 1, 11, 21
_STRANGER = 31


@dataclass(frozen=True, slots=True)
class DevelopmentRole:
    """Who one development account plays; ``text`` is how to ask for it."""

    index: int
    text: str
    #: The organisation it acts for; None for the carrier and the stranger.
    organisation: str | None = None


def _cast() -> tuple[DevelopmentRole, ...]:
    roles = [DevelopmentRole(0, "carrier"), DevelopmentRole(_STRANGER, "stranger")]
    for number, organisation in enumerate(_ORGANISATIONS):
        roles += [
            DevelopmentRole(_ADMINISTRATORS + number, f"{organisation}:admin", organisation),
            DevelopmentRole(_FIRST_SIGNATORIES + number, organisation, organisation),
            DevelopmentRole(_SECOND_SIGNATORIES + number, f"{organisation}:2", organisation),
        ]
    return tuple(sorted(roles, key=lambda role: role.index))


#: Every account that has a part, by index: the carrier pays and deploys, then per organisation its
#: administrators, its first and its second signatories, and last a stranger who may do nothing.
DEVELOPMENT_ROLES: tuple[DevelopmentRole, ...] = _cast()


def development_role(text: str) -> int:
    """The account index that ``text`` asks for.

    ``carrier``, ``stranger``, an organisation by name or identifier (``veenendaal``, ``gm0345``: its first
    signatory), ``veenendaal:2`` (its second signatory) or ``veenendaal:admin``. UsageError for anything else.
    """
    index_by_text = {role.text: role.index for role in DEVELOPMENT_ROLES}
    asked = text.strip().casefold()
    if asked in ("carrier", "stranger"):
        return index_by_text[asked]
    name, _, part = asked.partition(":")
    try:
        organisation = DIRECTORY.find(name).id
    except NotFoundError as error:
        raise _unknown_role(text) from error
    found = index_by_text.get(organisation if part in ("", "1") else f"{organisation}:{part}")
    if found is None or asked.endswith(":"):
        raise _unknown_role(text)
    return found


def _unknown_role(text: str) -> UsageError:
    names = ", ".join(DIRECTORY.name(organisation).split(" ", 1)[1].lower() for organisation in _ORGANISATIONS)
    return UsageError(
        f"no development account plays {text!r}",
        hint=(
            f"write carrier, stranger, or an organisation: {names}; "
            "with :2 for its second signatory, :admin for its administrator"
        ),
    )


@cache
def development_account(index: int) -> LocalAccount:
    """The development account with this index, 0 to 39; its key is public knowledge."""
    if not 0 <= index < ACCOUNT_COUNT:
        raise UsageError(f"there is no development account {index}", hint=f"0 to {ACCOUNT_COUNT - 1}")
    Account.enable_unaudited_hdwallet_features()
    account: LocalAccount = Account.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{index}")
    return account


def is_local(client_version: str, url: str) -> bool:
    """Whether the node is a development chain on this machine: a loopback address, and it says so itself."""
    if not client_version.startswith(("Ganache/", "anvil/")):
        return False
    try:
        host = urlsplit(url).hostname
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
