"""A service of the register, asked from Python: typed answers, errors of this package, signing in.

The client believes nothing that it can work out itself: what is signed is hashed and written out here, from the act,
and a dossier is held against its root.
"""

from registry.client.client import Client
from registry.client.reading import Offer, Page

__all__ = ["Client", "Offer", "Page"]
