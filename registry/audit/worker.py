"""Recovers signatures, in this process or in one of its own that reads questions from its standard input.

Run by the path of this file, so it imports nothing of the package: such a process is there in a moment. A line holds
signatures, each as 97 bytes in hexadecimal (digest, r, s, and the parity of v), the answer as many addresses of forty
digits, or dashes where nobody can have signed; at its end the seconds that it took.
"""

from __future__ import annotations

import signal
import sys
import time

from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
"""The largest s that EIP-2 allows."""

Signed = tuple[bytes, int, int, int]
"""Digest, r, s and the parity of v (0 or 1)."""

_RECORD = 2 * 97
_NOBODY = 40 * "-"


def recover(signed: Signed) -> str | None:
    """The address of whoever signed, in lower case; None if nobody can have, or s is high."""
    digest, r, s, parity = signed
    if not r or not 0 < s <= HALF_ORDER or parity not in (0, 1):
        return None
    try:
        key = Signature(vrs=(parity, r, s)).recover_public_key_from_msg_hash(digest)
    except (BadSignature, ValidationError, ValueError):
        return None
    return "0x" + key.to_canonical_address().hex()


def question(many: list[Signed]) -> str:
    """The line that asks for these."""
    return "".join(f"{digest.hex()}{r:064x}{s:064x}{parity:02x}" for digest, r, s, parity in many) + "\n"


def answer(line: str) -> str:
    """The line that answers."""
    start = time.perf_counter()
    text = line.strip()
    found = []
    for at in range(0, len(text), _RECORD):
        raw = bytes.fromhex(text[at : at + _RECORD])
        signed = (raw[:32], int.from_bytes(raw[32:64], "big"), int.from_bytes(raw[64:96], "big"), raw[96])
        found.append((recover(signed) or "0x" + _NOBODY)[2:])
    return f"{''.join(found)} {time.perf_counter() - start:.6f}\n"


def answered(line: str) -> tuple[list[str | None], float]:
    """The addresses of an answer, and the seconds; ValueError if it is none."""
    text, _, seconds = line.partition(" ")
    parts = [text[at : at + 40] for at in range(0, len(text), 40)]
    return [None if one == _NOBODY else "0x" + one for one in parts], float(seconds)


def main() -> None:
    """Answers until there are no more questions. Ctrl-C is for whoever started this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin:
        sys.stdout.write(answer(line))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
