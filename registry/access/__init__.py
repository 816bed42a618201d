"""Who is asking, and what may they read: signing in with the key of a mandated signatory (EIP-4361), short sessions.

There are no accounts and no passwords. Whoever has a mandate in force on the chain proves to hold its key, and has a
session for its organisation until that mandate ends, at most for a quarter of an hour.
"""

from registry.access.access import Access, SignedIn
from registry.access.messages import Audience, write_message
from registry.access.reading import Readers
from registry.access.sessions import Session

__all__ = ["Access", "Audience", "Readers", "Session", "SignedIn", "write_message"]
