"""Dossiers between the services of the parties: fetched, sent, and erased on request; see docs/dossier.md."""

from registry.exchange.exchange import Exchange
from registry.exchange.fetching import fetch, partner
from registry.exchange.limits import LIMITS, Limits

__all__ = ["LIMITS", "Exchange", "Limits", "fetch", "partner"]
