"""The words of a text, as the index keeps and finds them: the same in every database, for Python cuts them. Pure."""

from __future__ import annotations

import re
from unicodedata import combining, normalize

_WORD = re.compile(r"[^\W_]+")
_LONGEST = 64


def words(text: str) -> tuple[str, ...]:
    """The different words, ascending: without capitals and accents, cut at all that is neither letter nor digit.

    "Financiële bijdrage 2026-2030" gives 2026, 2030, bijdrage and financiele.
    """
    plain = "".join(one for one in normalize("NFKD", text.casefold()) if not combining(one))
    return tuple(sorted({word[:_LONGEST] for word in _WORD.findall(plain.casefold())}))
