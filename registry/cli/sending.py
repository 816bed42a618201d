"""Transactions on the screen."""

from __future__ import annotations

from registry import dutch
from registry.chain import Sent
from registry.cli import output


def show(sent: Sent) -> None:
    """What a transaction cost, and where it is."""
    output.print_fact("gas", f"{dutch.number(sent.gas_used)} (blok {sent.block})")
