"""Text that others wrote, made fit for tables: nothing in it steers a program, turns text around or is a formula."""

from __future__ import annotations

import re
from unicodedata import normalize

REPLACEMENT = "\ufffd"
"""Stands for a character that is not shown: a control character, a mark that turns text around, half a character."""

# Control characters, marks of direction, separators of lines, halves of characters.
_STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]",
)

# Of what the fonts that come with typst can draw: Latin, Greek, Cyrillic, punctuation, currencies, arrows, mathematics.
_DRAWN = (
    ("\u0020", "\u007e"),
    ("\u00a0", "\u00ac"),
    ("\u00ae", "\u02ff"),
    ("\u0384", "\u038a"),
    ("\u038e", "\u03a1"),
    ("\u03a3", "\u0482"),
    ("\u048a", "\u04ff"),
    ("\u1e00", "\u1eff"),
    ("\u2010", "\u2027"),
    ("\u2030", "\u2040"),
    ("\u20a0", "\u20c0"),
    ("\u2126", "\u2126"),
    ("\u2190", "\u23ff"),
    ("\u2500", "\u25ff"),
    (REPLACEMENT, REPLACEMENT),
)

_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20'")


def plain(text: str) -> str:
    """The text on one line; control characters and marks that turn text around become �."""
    return _STEERING.sub(REPLACEMENT, text)


def printable(text: str) -> str:
    """The text in characters that the fonts of a report have; others, and those that steer, become �.

    PDF/A refuses a document with a character that cannot be drawn, so a strange title would keep a report from being
    made.
    """
    shown = (one if any(first <= one <= last for first, last in _DRAWN) else REPLACEMENT for one in _composed(text))
    return "".join(shown)


def _composed(text: str) -> str:
    return " ".join(normalize("NFC", text).split())


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe stands before what could be one.

    Also before a text that begins with an apostrophe itself, so taking away the first one always gives the text back.
    """
    shown = plain(text)
    return f"'{shown}" if could_be_a_formula(shown) else shown


def could_be_a_formula(text: str) -> bool:
    """Whether a spreadsheet might take a text for a formula, spaces before it or not, or drop its first apostrophe."""
    return text.lstrip().startswith(_FORMULA)
