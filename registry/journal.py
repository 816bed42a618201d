"""What is written down of each thing that the service does, in the form that BIO2 asks of a log line.

Action, object, result, origin, actor and time; the time and the form (JSON, a line each) are added by who shows the
lines. Nothing here holds a secret: no key, no password, no token, no document; callers pass identifiers and hashes.
"""

from __future__ import annotations

import logging

LOGGER = logging.getLogger("foodvalley")


def note(
    action: str, of: str, result: str, *, origin: str = "", actor: str = "", level: int = logging.INFO, **more: object
) -> None:
    """Writes down one thing that happened.

    ``action`` is a verb (``accept``, ``carry``, ``fetch``); ``of`` what it was done to, by hash or identifier;
    ``result`` how that ended (``done``, ``refused``, ``failed``); ``origin`` from where it was asked (an address); and
    ``actor`` who did it (a signatory, an organisation). ``more`` are further words and numbers.
    """
    LOGGER.log(
        level, action, extra={"note": {"object": of, "result": result, "origin": origin, "actor": actor, **more}}
    )
