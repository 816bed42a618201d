"""The rows that an index of this history must hold, made from the same events by rules of the audit's own.

The rules are those that ``registry/index/schema.py`` states below its tables; none of the code that fills an index is
used. Tables that hold what manifests say are left out: a manifest is no part of the chain.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from eth_utils.address import to_checksum_address

from registry.audit.abi import EVENTS, Act, Motion, Report
from registry.audit.digests import NOTHING
from registry.audit.findings import Event, name_of
from registry.audit.state import ENACTMENT_PERIOD, Member, State
from registry.organisations import is_identifier

FOREVER = 2**40
Row = dict[str, Any]
Key = tuple[Any, ...]

_ACTIONS = (b"admit", b"expel", b"succeed", b"recover")
_STRUCT_MEMBERS = {
    Act: ("agreement", "previous", "dossier", "parties", "validFrom", "validUntil", "notice", "deadline"),
    Motion: ("action", "organisation", "administrator", "successor", "votes", "dossier", "deadline"),
    Report: ("agreement", "commitment", "organisation", "previous", "progress", "evidence"),
}
_NAMES = ("organisation", "successor")
_TEXTS = ("action", "progress")
_NOT_YET = (
    *("signatory", "moved_at", "moved_block", "decided_at", "decided_block", "effect_from", "settled_block"),
    *("enacted_at", "enacted_block", "vetoed_at", "vetoed_block", "vetoed_by", "veto_reason", "void_block"),
)


def canonical(value: object) -> str:
    """JSON with sorted keys and without spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def data_of(event: Event) -> dict[str, Any]:
    """The members of an event by their names in the ABI: hashes as 0x and digits, organisations as identifiers."""
    return {one.name: _written(one.name, event[one.name]) for one in EVENTS[event.name].members}


def _written(name: str, value: Any) -> Any:
    members = _STRUCT_MEMBERS.get(type(value))
    if members is not None:
        return {one: _written(one, part) for one, part in zip(members, value, strict=True)}
    if isinstance(value, tuple):
        return [_written("organisation" if name == "parties" else name, one) for one in value]
    if isinstance(value, str):
        return to_checksum_address(value)
    if isinstance(value, bytes):
        if name in _NAMES:
            return name_of(value)
        return value.decode("utf-8", "replace") if name in _TEXTS else "0x" + value.hex()
    return value


def act_data(act: Act) -> dict[str, Any]:
    """An act by the names of its members."""
    written: dict[str, Any] = _written("act", act)
    return written


def left_out(event: Event) -> bool:
    """Whether an index leaves it out: put forward, and about what is no organisation or action. Nothing comes of it."""
    if event.name == "Proposed":
        return not all(_is_named(one) for one in event["act"].parties)
    if event.name == "Moved":
        motion = event["motion"]
        named = [motion.organisation, *([motion.successor] if any(motion.successor) else [])]
        return motion.action not in _ACTIONS or not all(map(_is_named, named))
    return False


def _is_named(organisation: bytes) -> bool:
    return any(organisation) and not any(organisation[16:]) and is_identifier(name_of(organisation))


@dataclass
class Tables:
    """Rows by table and primary key."""

    rows: dict[str, dict[Key, Row]] = field(default_factory=dict)

    def put(self, table: str, key: Key, **values: Any) -> Row:
        """A row; what it held before under this key is replaced."""
        self.rows.setdefault(table, {})[key] = values
        return values


class CouncilRows:
    """Organisations, mandates, motions, votes: from each event and the state before and after it."""

    def __init__(self, tables: Tables, state: State) -> None:
        self._tables = tables
        self._state = state
        self._versions: dict[tuple[str, Any], tuple[Any, Row]] = {}
        self._waiting: dict[bytes, tuple[bytes, Row]] = {}

    def after(self, event: Event) -> None:
        """Writes down what the event changed; the state has taken it in already."""
        handler = self._HANDLERS.get(event.name)
        if handler is not None:
            handler(self, event)
        if "organisation" in event.values:
            self._organisation(event["organisation"], event)

    def _organisation(self, organisation: bytes, event: Event) -> None:
        member = self._state.members.get(organisation)
        if member is None:
            return
        heir = name_of(self._state.successors.get(organisation, NOTHING))
        values = {
            "administrator": to_checksum_address(member.administrator),
            "nominee": to_checksum_address(member.nominee),
            "service": _service(member),
            "votes": member.votes,
            "expelled": member.expelled,
            "successor": heir,
        }
        self._version("organisations", organisation, name_of(organisation), event, values)

    def _mandate(self, signatory: str, event: Event, *, anew: bool = False) -> None:
        mandate = self._state.mandates.get(signatory)
        if mandate is None:
            return
        values = {
            "organisation": name_of(mandate.organisation),
            "valid_from": mandate.valid_from,
            "valid_until": mandate.valid_until,
            "together": mandate.together,
            "decision": mandate.decision,
        }
        self._version("mandates", signatory, to_checksum_address(signatory), event, values, anew=anew)

    def _version(self, table: str, who: Any, name: str, event: Event, values: Row, *, anew: bool = False) -> None:
        """Closes the version that held, and opens another, if anything changed."""
        held = self._versions.get((table, who))
        if held is not None and held[0] == values and not anew:
            return
        if held is not None:
            held[1].update(known_until=event.time, closed_block=event.block)
        times = {"known_from": event.time, "known_until": FOREVER, "closed_block": None}
        row = self._tables.put(table, (name, event.block, event.log_index), **values, **times)
        self._versions[table, who] = (values, row)

    def _appointed(self, event: Event) -> None:
        self._mandate(event["signatory"], event, anew=True)

    def _dismissed(self, event: Event) -> None:
        self._mandate(event["signatory"], event)

    def _succeeded(self, event: Event) -> None:
        gone = event["organisation"]
        for signatory, mandate in self._state.mandates.items():
            if mandate.organisation == gone:
                self._mandate(signatory, event)

    def _voted(self, event: Event) -> None:
        key = (event["motionHash"], to_checksum_address(event["signatory"]), event.block, event.log_index)
        who = {"organisation": name_of(event["organisation"]), "decision": event["decision"]}
        self._tables.put("votes", key, **who, at=event.time)

    def decided_by(self, event: Event) -> set[bytes]:
        """Takes in who voted for a motion that is decided; the organisations that they have a mandate of then."""
        found = set()
        decisions = event["decisions"]
        for place, signatory in enumerate(event["signatories"]):
            mandate = self._state.mandates.get(signatory)
            if mandate is None:
                continue
            found.add(mandate.organisation)
            self._tables.put(
                "votes_of_motions",
                (event["motionHash"], place),
                signatory=to_checksum_address(signatory),
                organisation=name_of(mandate.organisation),
                decision=decisions[place] if place < len(decisions) else NOTHING,
                block=event.block,
                log_index=event.log_index,
            )
        return found

    def _motion(self, event: Event) -> Row:
        known = self._tables.rows.get("motions", {}).get((event["motionHash"],))
        if known is not None:
            return known
        motion: Motion = event["motion"]
        nothing = dict.fromkeys(_NOT_YET)
        return self._tables.put(
            "motions",
            (event["motionHash"],),
            action=motion.action.decode("utf-8", "replace"),
            organisation=name_of(motion.organisation),
            administrator=to_checksum_address(motion.administrator),
            successor=name_of(motion.successor),
            votes=motion.votes,
            dossier=motion.dossier,
            deadline=motion.deadline,
            block=event.block,
            log_index=event.log_index,
            waits=False,
            void=False,
            **nothing,
        )

    def _moved(self, event: Event) -> None:
        row = self._motion(event)
        if row["moved_at"] is None:
            who = to_checksum_address(event["signatory"])
            row.update(signatory=who, moved_at=event.time, moved_block=event.block)

    def _decided(self, event: Event) -> None:
        waits = event["effectFrom"] > event.time
        times = {"decided_at": event.time, "decided_block": event.block, "effect_from": event["effectFrom"]}
        row = self._motion(event)
        row.update(times, waits=waits)
        if waits:
            self._settle(event)
            self._waiting[event["organisation"]] = (event["motionHash"], row)

    def _settle(self, event: Event, *, enacted: bool = False) -> None:
        """What waited for the organisation does so no more: it lapsed, was stopped, took effect, or was overtaken."""
        waited = self._waiting.pop(event["organisation"], None)
        if waited is None:
            return
        subject, row = waited
        row["settled_block"] = event.block
        if enacted and subject != event["motionHash"] and event.time < row["effect_from"] + ENACTMENT_PERIOD:
            row.update(void=True, void_block=event.block)

    def _vetoed(self, event: Event) -> None:
        self._settle(event)
        row = self._tables.rows.get("motions", {}).get((event["motionHash"],), {})
        by = to_checksum_address(event["sender"])
        row.update(vetoed_at=event.time, vetoed_block=event.block, vetoed_by=by, veto_reason=event["reason"])

    def _enacted(self, event: Event) -> None:
        row = self._tables.rows.get("motions", {}).get((event["motionHash"],), {})
        row.update(enacted_at=event.time, enacted_block=event.block)
        if row.get("action") in ("succeed", "recover"):
            self._settle(event, enacted=True)

    _HANDLERS: Mapping[str, Callable[[CouncilRows, Event], None]] = {
        "SignatoryAppointed": _appointed,
        "SignatoryDismissed": _dismissed,
        "MemberSucceeded": _succeeded,
        "Voted": _voted,
        "Moved": _moved,
        "MotionDecided": _decided,
        "MotionVetoed": _vetoed,
        "MotionEnacted": _enacted,
    }


def _service(member: Member) -> str:
    # A text in PostgreSQL holds no NUL; what was announced stands to the letter in the event.
    return member.service.decode("utf-8", errors="replace").replace("\0", "\ufffd")
