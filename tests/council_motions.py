"""Motions on a real chain, put, voted for and decided, and what commands tell of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from world import DAY, Region, account

from registry.model import Action, Motion
from registry.statements import hash_motion

STRANGER = account("stranger")
VOTERS = ("barneveld", "ede", "nijkerk", "scherpenzeel", "wageningen")  # five of the eight
SENT = {"transaction", "block", "gasUsed"}
MOTION = {"motionHash", "motion", "organisation", "status", "movedBy", "effectFrom", "lapsesAt"}
MOTION |= {"decided", "vetoed", "enacted"}
TALLY = {"inFavour", "voters", "needed", "carried", "missing", "organisationConsents"}
Foodvalley = Callable[..., Any]


def moved(region: Region, action: str, organisation: str, days: int = 30, **named: Any) -> str:
    """A motion that Ede put on chain; without a command, as most tests are about what comes after."""
    one = Motion(Action(action), organisation, region.now() + days * DAY, **named)
    region.register.move(one, region.signer("ede"))
    return "0x" + hash_motion(one).hex()


def voted(region: Region, motion: str, *roles: str) -> None:
    for role in roles:
        region.register.vote(bytes.fromhex(motion[2:]), region.signer(role))


def decided(foodvalley: Foodvalley, region: Region, *words: str, **named: Any) -> str:
    """The same, which four others voted for, decided."""
    motion = moved(region, *words, **named)
    voted(region, motion, *(one for one in VOTERS if one != "ede"))
    assert foodvalley("motion", "decide", motion, "--dev", "carrier", "--json").code == 0
    return motion


def recovery(foodvalley: Foodvalley, region: Region) -> str:
    """A decided motion that waits for Rhenen."""
    return decided(foodvalley, region, "recover", "gm0340", administrator=STRANGER)


def member(foodvalley: Foodvalley, organisation: str) -> dict[str, Any]:
    members: list[dict[str, Any]] = foodvalley("council", "--json").json["members"]
    return next(one for one in members if one["organisation"]["id"] == organisation)
