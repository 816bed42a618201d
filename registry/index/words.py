"""How a text is cut into the words that it is found by: in Python, so that every database finds the same."""

from __future__ import annotations

import re
from unicodedata import combining, normalize

_WORD = re.compile(r"\w+")
LONGEST = 64
"""Longer words are cut off: nobody types them, and an index should not hold them whole."""


def words(*texts: str) -> list[str]:
    """The different words of some texts, ascending: without case and accents, without punctuation."""
    found: set[str] = set()
    for text in texts:
        plain = "".join(one for one in normalize("NFKD", text.casefold()) if not combining(one))
        found.update(word[:LONGEST] for word in _WORD.findall(plain))
    return sorted(found)
