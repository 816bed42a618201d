"""A chain on one's own machine: started, found again and stopped.

``accounts`` says who plays whom, ``engines`` knows the programs, ``record`` says what runs, ``alive`` whether it still
does, ``ports`` where it can; ``process`` starts and stops it. ``finding`` says which node is meant where none is named.
"""

from registry.localnet.accounts import (
    ACCOUNT_COUNT,
    CHAIN_IDS,
    DEVELOPMENT_ROLES,
    DevelopmentRole,
    development_account,
    development_role,
    is_local,
)
from registry.localnet.engines import Engine
from registry.localnet.finding import node_url
from registry.localnet.process import down, running, status, up
from registry.localnet.record import LocalChain

__all__ = [
    "ACCOUNT_COUNT",
    "CHAIN_IDS",
    "DEVELOPMENT_ROLES",
    "DevelopmentRole",
    "Engine",
    "LocalChain",
    "development_account",
    "development_role",
    "down",
    "is_local",
    "node_url",
    "running",
    "status",
    "up",
]
