"""What organisations do for themselves on a real chain: hand over, announce, and nobody else for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from world import Desk, Region, account, refusal

from registry import documents, model
from registry.errors import RefusedError
from registry.model import NOBODY, Action, Mandate
from registry.organisations import DIRECTORY

VEENENDAAL, RENSWOUDE = "gm0345", "gm0339"
ADMIN = f"{VEENENDAAL}:admin"


def administrators(desk: Desk) -> tuple[str, str]:
    """Who administers Veenendaal, and who may take over, as contract and ledger both say."""
    member = desk.in_step(VEENENDAAL).ledger.members[VEENENDAAL]
    return member.administrator, member.nominee


def test_administrator_hands_over_to_a_key_that_takes_over_itself(either_region: Region, tmp_path: Path) -> None:
    desk, region = Desk(either_region, tmp_path), either_region
    governing, old, new = desk.governing, region.signer(ADMIN), region.signer("stranger")
    assert administrators(desk) == (old.address, NOBODY)
    with refusal("NotAdministrator", "gemeente Veenendaal (gm0345)"):
        governing.hand_over(desk.view, VEENENDAAL, new.address, new)
    governing.hand_over(desk.view, VEENENDAAL, new.address, old)
    assert administrators(desk) == (old.address, new.address)
    for other in (old, region.signer("carrier")):
        with refusal("NotNominated", other.address, "was not put forward as administrator of gemeente Veenendaal"):
            governing.take_over(desk.view, VEENENDAAL, other)
    governing.take_over(desk.view, VEENENDAAL, new)
    assert administrators(desk) == (new.address, NOBODY)
    with refusal("NotAdministrator"):
        desk.service.dismiss(VEENENDAAL, account(VEENENDAAL), old)
    desk.service.appoint(Mandate(account("carrier"), VEENENDAAL, 0, together=2), new)
    desk.in_step(VEENENDAAL)


def test_nomination_can_be_taken_back(desk: Desk, region: Region) -> None:
    admin = region.signer(ADMIN)
    desk.governing.hand_over(desk.view, VEENENDAAL, account("stranger"), admin)
    desk.governing.hand_over(desk.view, VEENENDAAL, NOBODY, admin)
    assert administrators(desk) == (admin.address, NOBODY)
    with refusal("NotNominated"):
        desk.governing.take_over(desk.view, VEENENDAAL, region.signer("stranger"))


def test_who_takes_no_part_runs_nothing(desk: Desk, region: Region) -> None:
    with pytest.raises(RefusedError, match="does not take part"):
        desk.governing.announce(desk.view, "pv20", "https://groningen.example", region.signer("stranger"))
    desk.decided(desk.motion(Action.SUCCEED, RENSWOUDE, successor=VEENENDAAL), RENSWOUDE)
    with refusal("NotAdministrator"):
        desk.service.appoint(Mandate(account("stranger"), RENSWOUDE, 0), region.signer(f"{RENSWOUDE}:admin"))
    with pytest.raises(RefusedError, match="does not take part"):
        desk.governing.take_over(desk.view, RENSWOUDE, region.signer(f"{RENSWOUDE}:admin"))


def test_expelled_organisation_still_runs_itself(desk: Desk, region: Region) -> None:
    desk.decided(desk.motion(Action.EXPEL, VEENENDAAL))
    admin = region.signer(ADMIN)
    desk.governing.announce(desk.view, VEENENDAAL, "https://veenendaal.example", admin)
    desk.governing.hand_over(desk.view, VEENENDAAL, account("stranger"), admin)
    desk.service.appoint(Mandate(account("carrier"), VEENENDAAL, 0), admin)
    desk.service.dismiss(VEENENDAAL, account(VEENENDAAL), admin)
    member = desk.in_step(VEENENDAAL).ledger.members[VEENENDAAL]
    assert (member.expelled, member.service) == (True, "https://veenendaal.example")


# Announcing


def service_of(desk: Desk) -> str:
    return desk.in_step(VEENENDAAL).ledger.members[VEENENDAAL].service


def test_service_is_announced_and_taken_back(desk: Desk, region: Region) -> None:
    admin = region.signer(ADMIN)
    for service in ("https://veenendaal.example", "https://café.example/€", ""):
        desk.governing.announce(desk.view, VEENENDAAL, service, admin)
        assert service_of(desk) == service
    with refusal("NotAdministrator"):
        desk.governing.announce(desk.view, VEENENDAAL, "https://thief.example", region.signer("stranger"))


def test_address_is_at_most_255_bytes_long(desk: Desk, region: Region) -> None:
    admin = region.signer(ADMIN)
    desk.governing.announce(desk.view, VEENENDAAL, "é" * 127 + "e", admin)
    with refusal("ServiceTooLong", "the address has 256 bytes; at most 255 fit"):
        desk.governing.announce(desk.view, VEENENDAAL, "é" * 128, admin)
    assert service_of(desk) == "é" * 127 + "e"


HOSTILE = [
    b"\xff\xfe\x00",
    b"https://caf\xe9.example",
    b"\xed\xb2\x80 half a pair",
    b"\x1b]0;owned\x07\x1b[2J\x1b[31mklik hier\r\n",
    "\u202eelpmaxe.laadneneev//:sptth\u2066\u200b".encode(),
    bytes(range(255)),
    b"\x80" * 255,
]


def test_bytes_that_are_no_text_keep_nobody_from_reading_on(either_region: Region, tmp_path: Path) -> None:
    """An administrator can announce anything: the fingerprint must still add up, and what is shown be text."""
    desk, region = Desk(either_region, tmp_path), either_region
    for announced in HOSTILE:
        call = encode(["bytes32", "bytes"], [VEENENDAAL.encode().ljust(32, b"\0"), announced])
        region.send(ADMIN, keccak(text="announce(bytes32,string)")[:4] + call)
    view = desk.in_step(VEENENDAAL)
    events = [one for one in view.ledger.events if isinstance(one, model.ServiceAnnounced)]
    assert [one.service for one in events] == HOSTILE
    assert view.ledger.members[VEENENDAAL].service == "\ufffd" * 255
    shown = [one["service"] for one in documents.history(events, DIRECTORY)]
    assert shown == [one.decode("utf-8", errors="replace") for one in HOSTILE]
