"""What the chain says happened, and what can be asked of it by looking back through its events.

Nothing is carried forward here from event to event, and nothing is taken from the reference model: each question is
answered by searching. That is slow, and independent of how the contract and the model keep their state.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from acts import ZERO, Act
from eth_utils import keccak

INTERFACES = Path(__file__).resolve().parents[2] / "contracts" / "interfaces"


class Fact(NamedTuple):
    """One event, with who made the call and what was called."""

    number: int
    time: int
    topic: str
    name: str
    values: dict[str, Any]
    caller: str
    function: str
    arguments: tuple[Any, ...]


class Terms(NamedTuple):
    """A mandate that holds."""

    organisation: bytes
    together: int


@dataclass
class Chronicle:
    """The events of one register. `before` is the number of the fact up to which one looks, itself not included."""

    facts: list[Fact] = field(default_factory=list)
    _by_name: dict[str, list[Fact]] = field(default_factory=dict)

    def add(self, fact: Fact) -> None:
        self.facts.append(fact)
        self._by_name.setdefault(fact.name, []).append(fact)

    def latest(self, before: int, names: Sequence[str], **values: Any) -> Fact | None:
        """The last fact of one of these names with these values."""
        found = [next(self._backwards(name, before, values), None) for name in names]
        return max((fact for fact in found if fact), key=lambda fact: fact.number, default=None)

    def all(self, name: str, before: int | None = None, **values: Any) -> list[Fact]:
        limit = len(self.facts) if before is None else before
        return list(self._backwards(name, limit, values))[::-1]

    def administrator(self, organisation: bytes, before: int) -> str | None:
        told = ("MemberAdmitted", "AdministratorReplaced")
        fact = self.latest(before, (*told, "MemberSucceeded"), organisation=organisation)
        return fact.values["administrator"] if fact and fact.name in told else None

    def votes(self, organisation: bytes, before: int) -> bool:
        about = ("MemberAdmitted", "MemberExpelled", "MemberSucceeded")
        fact = self.latest(before, about, organisation=organisation)
        return bool(fact and fact.name == "MemberAdmitted" and fact.values["votes"])

    def expelled(self, organisation: bytes, before: int) -> bool:
        about = ("MemberAdmitted", "MemberExpelled", "MemberSucceeded")
        fact = self.latest(before, about, organisation=organisation)
        return bool(fact and fact.name == "MemberExpelled")

    def voting(self, before: int) -> set[bytes]:
        named = {fact.values["organisation"] for fact in self.all("MemberAdmitted", before)}
        return {organisation for organisation in named if self.votes(organisation, before)}

    def heir(self, organisation: bytes, before: int) -> bytes:
        fact = self.latest(before, ("MemberSucceeded",), organisation=organisation)
        return self.heir(fact.values["successor"], before) if fact else organisation

    def mandate(self, signatory: str, before: int, moment: int) -> Terms | None:
        """What a key may sign for at a moment, as things stood before this fact."""
        given = self.latest(before, ("SignatoryAppointed", "SignatoryDismissed"), signatory=signatory)
        if given is None or given.name == "SignatoryDismissed":
            return None
        terms = given.values
        succeeded = self.latest(before, ("MemberSucceeded",), organisation=terms["organisation"])
        over = terms["validUntil"] != 0 and terms["validUntil"] <= moment
        if succeeded or over or moment < terms["validFrom"]:
            return None
        return Terms(terms["organisation"], terms["together"])

    def acts(self, agreement: bytes, before: int) -> list[Act]:
        return [fact.values["act"] for fact in self.all("Recorded", before, agreement=agreement)]

    def parties(self, agreement: bytes, before: int, moment: int) -> tuple[bytes, ...]:
        """Who is bound at a moment."""
        begun = [act for act in self.acts(agreement, before) if act.valid_from <= moment]
        if not begun or len(begun[-1].parties) < 2 or 0 < begun[-1].valid_until <= moment:
            return ()
        return begun[-1].parties

    def touched(self, act: Act, before: int) -> list[Act]:
        """The earlier acts that bind anybody, or were to bind anybody, from when this one takes effect on."""
        touched: list[Act] = []
        for earlier in reversed(self.acts(act.agreement, before) if act.previous != ZERO else []):
            touched.append(earlier)
            if earlier.valid_from <= act.valid_from:
                break
        return touched

    def _backwards(self, name: str, before: int, values: dict[str, Any]) -> Iterator[Fact]:
        for fact in reversed(self._by_name.get(name, ())):
            if fact.number < before and all(fact.values[member] == value for member, value in values.items()):
                yield fact


def folds_in_natspec(folder: Path = INTERFACES) -> dict[str, list[str]]:
    """What of each event goes into the fingerprint, read from the text above it in the interfaces."""
    folds = {}
    for path in sorted(folder.glob("*.sol")):
        source = path.read_text(encoding="utf-8")
        for comment, name in re.findall(r"((?:[ \t]*///[^\n]*\n)+)[ \t]*event (\w+)\(", source):
            text = " ".join(line.strip().removeprefix("///").strip() for line in comment.splitlines())
            told = re.search(r"olded (?:into the fingerprint )?as\s+abi\.encode\(((?:[^()]|\([^()]*\))*)\)", text)
            if told:
                folds[name] = [word.strip() for word in told[1].split(",")]
    return folds


def folded(fact: Fact, words: Sequence[str]) -> bytes:
    """The bytes that `abi.encode(words)` stands for, each word of the NatSpec looked up in the event."""
    known = {**fact.values, "selector": bytes.fromhex(fact.topic[2:]), "timestamp": fact.time}
    encoded = b""
    for word in words:
        hashed = re.fullmatch(r"keccak256\((\w+)\)", word)
        if hashed:
            value = known[hashed[1]]
            plain = value.encode() if isinstance(value, str) else b"".join(map(_word, value))
            encoded += keccak(plain)
        else:
            encoded += _word(known[word])
    return encoded


def _word(value: bytes | str | int | bool) -> bytes:
    if isinstance(value, str):
        value = bytes.fromhex(value[2:])
    return value.rjust(32, b"\0") if isinstance(value, bytes) else int(value).to_bytes(32, "big")
