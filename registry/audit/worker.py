"""Recovers signatures, in this process or in one of its own that reads questions from its standard input.

Run by the path of this file, so it imports nothing of the package: such a process is there in a moment. A line holds
signatures, each as 97 bytes in hexadecimal (digest, r, s, and the parity of v), the answer as many addresses of forty
digits, or dashes where nobody can have signed; at its end the seconds that it took.

Two ways to the same address (SEC 1, 4.1.6): :func:`recover` is the library's and has the last word. :func:`quickly`
takes a tenth of its time in Python alone, by the usual shortcuts (multiples of the base point known beforehand, signed
windows). It can be believed where it finds whom it should: no mistake in it finds somebody's address by accident.
"""

from __future__ import annotations

import signal
import sys
import time
from functools import cache
from importlib.util import find_spec

from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature
from eth_utils.crypto import keccak
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


# secp256k1 (SEC 2, section 2.4.1)
_FIELD = 2**256 - 2**32 - 977
_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_BASE = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)
_WINDOW = 6

_Affine = tuple[int, int]
_Jacobian = tuple[int, int, int]
_NEUTRAL: _Jacobian = (0, 1, 0)

LIBRARY_IS_FAST = find_spec("coincurve") is not None
"""Whether the library that eth-keys uses is written in C; then there is nothing to shorten."""


def quickly(signed: Signed) -> str | None:
    """What :func:`recover` finds, sooner."""
    if LIBRARY_IS_FAST:
        return recover(signed)
    key = key_of(signed)
    return None if key is None else "0x" + keccak(key)[12:].hex()


def key_of(signed: Signed) -> bytes | None:
    """The public key of whoever signed, 64 bytes, found in Python alone; None if nobody can have, or s is high."""
    digest, r, s, parity = signed
    if not 0 < r < _ORDER or not 0 < s <= HALF_ORDER or parity not in (0, 1):
        return None
    square = (r * r * r + 7) % _FIELD
    y = pow(square, (_FIELD + 1) // 4, _FIELD)
    if y * y % _FIELD != square:
        return None
    point = (r, y if y & 1 == parity else _FIELD - y)
    inverse = pow(r, -1, _ORDER)
    of_base = -int.from_bytes(digest, "big") * inverse % _ORDER
    x, y, z = _sum_of(of_base, point, s * inverse % _ORDER)
    if not z:
        return None
    inverse = pow(z, -1, _FIELD)
    square = inverse * inverse % _FIELD
    return (x * square % _FIELD).to_bytes(32, "big") + (y * square * inverse % _FIELD).to_bytes(32, "big")


def _sum_of(of_base: int, point: _Affine, of_point: int) -> _Jacobian:
    """So many times the base point and so many times a point."""
    found = _NEUTRAL
    multiples = _odd_multiples(point)
    for digit in reversed(_signed_digits(of_point)):
        found = _doubled(found)
        if digit > 0:
            found = _added(found, multiples[digit >> 1])
        elif digit:
            x, y = multiples[-digit >> 1]
            found = _added(found, (x, _FIELD - y))
    for row in _base_multiples():
        digit = of_base & (1 << _WINDOW) - 1
        of_base >>= _WINDOW
        if digit:
            found = _added(found, row[digit - 1])
    return found


def _signed_digits(number: int) -> list[int]:
    """A number in base 2 with digits 0 and odd ones from -15 to 15, the lowest first, few of them other than 0."""
    digits = []
    while number:
        digit = 0
        if number & 1:
            digit = number & 31
            digit -= 32 if digit > 15 else 0
            number -= digit
        digits.append(digit)
        number >>= 1
    return digits


def _odd_multiples(point: _Affine) -> list[_Affine]:
    """Once, three times, up to fifteen times a point."""
    (twice,) = _flat([_doubled((*point, 1))])
    found: list[_Jacobian] = [(*point, 1)]
    for _ in range(7):
        found.append(_added(found[-1], twice))
    return _flat(found)


@cache
def _base_multiples() -> list[list[_Affine]]:
    """For each window of bits of a number, every multiple of the base point that it can stand for."""
    rows: list[list[_Affine]] = []
    start = _BASE
    for _ in range(-(-256 // _WINDOW)):
        row: list[_Jacobian] = [(*start, 1)]
        for _ in range((1 << _WINDOW) - 1):
            row.append(_added(row[-1], start))
        *multiples, start = _flat(row)
        rows.append(multiples)
    return rows


def _flat(points: list[_Jacobian]) -> list[_Affine]:
    """Points with their third coordinate divided out, by one inversion for all of them; none is the neutral one."""
    products = [1]
    for _, _, z in points:
        products.append(products[-1] * z % _FIELD)
    inverse = pow(products[-1], -1, _FIELD)
    found = []
    for (x, y, z), before in zip(reversed(points), reversed(products[:-1]), strict=True):
        own = inverse * before % _FIELD
        inverse = inverse * z % _FIELD
        square = own * own % _FIELD
        found.append((x * square % _FIELD, y * square * own % _FIELD))
    return found[::-1]


def _doubled(point: _Jacobian) -> _Jacobian:
    x, y, z = point
    if not z:
        return point
    b = y * y % _FIELD
    c = 4 * x * b % _FIELD
    slope = 3 * x * x % _FIELD
    x3 = (slope * slope - 2 * c) % _FIELD
    return x3, (slope * (c - x3) - 8 * b * b) % _FIELD, 2 * y * z % _FIELD


def _added(a: _Jacobian, b: _Affine) -> _Jacobian:
    x1, y1, z1 = a
    if not z1:
        return (*b, 1)
    square = z1 * z1 % _FIELD
    h = (b[0] * square - x1) % _FIELD
    slope = (b[1] * square * z1 - y1) % _FIELD
    if not h:
        return _NEUTRAL if slope else _doubled(a)
    hh = h * h % _FIELD
    hhh = h * hh % _FIELD
    v = x1 * hh % _FIELD
    x3 = (slope * slope - hhh - 2 * v) % _FIELD
    return x3, (slope * (v - x3) - y1 * hhh) % _FIELD, z1 * h % _FIELD


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
        found.append((quickly(signed) or "0x" + _NOBODY)[2:])
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
