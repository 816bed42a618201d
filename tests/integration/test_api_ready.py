"""Answers that are kept ready are those that would be given anew: whatever is recorded, erased, or just goes by."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from services import Served, served, settings_of
from world import DAY, Desk, Region

from registry.index import Index
from registry.index.answers import At
from registry.index.purging import purge
from registry.index.watching import Change, Watch
from registry.model import Act
from registry.statements import hash_act

PUBLIC = {"visibility": "public"}


@pytest.fixture
def stage(region: Region, tmp_path: Path) -> Iterator[tuple[Served, Desk]]:
    desk = Desk(region, tmp_path / "desk")
    with served(settings_of(region, tmp_path / "home", dossiers=desk.service.store.folder)) as service:
        yield service, desk


def path_of(act: Act) -> str:
    return "/agreements/0x" + hash_act(act).hex()


def kept(service: Served, path: str) -> bool:
    return service.context.ready.find("/v1" + path) is not None


def body(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name not in ("validOn", "knownAt", "asOf")}


def test_a_kept_answer_says_of_which_block_it_is_now(stage: tuple[Served, Desk]) -> None:
    service, desk = stage
    path = path_of(desk.concluded("Ede", "Rhenen", extra=PUBLIC))
    first = service.ask(path)
    assert kept(service, path)
    block = desk.region.chain.forward(100)[0]
    again = service.ask(path)
    assert kept(service, path)
    assert body(again) == body(first)
    assert again["asOf"]["block"] == block > first["asOf"]["block"]
    assert again["validOn"] > first["validOn"]


def test_what_is_recorded_drops_the_agreement_and_no_other(stage: tuple[Served, Desk], tmp_path: Path) -> None:
    """At a desk elsewhere: a dossier that comes in here may be of any agreement, so that one drops all."""
    service, here = stage
    desk = Desk(here.region, tmp_path / "elsewhere")
    one, other = (desk.concluded("Ede", party, extra=PUBLIC) for party in ("Rhenen", "Nijkerk"))
    for act in (one, other):
        service.ask(path_of(act))
    desk.agree(desk.draft("Ede", "Rhenen", "Nijkerk", follows=one), "ede", "rhenen", "nijkerk")
    service.context.follower.catch_up()
    assert not kept(service, path_of(one))
    assert kept(service, path_of(other))
    assert service.ask(path_of(one))["acts"] == 2


def test_an_answer_lasts_until_the_agreement_ends(stage: tuple[Served, Desk]) -> None:
    service, desk = stage
    path = path_of(desk.concluded("Ede", "Rhenen", until=3))
    assert service.ask(path)["status"] == "in force"
    assert kept(service, path)
    desk.region.travel(5 * DAY)
    assert service.ask(path)["status"] == "expired"


def test_a_question_of_another_moment_is_answered_anew(stage: tuple[Served, Desk]) -> None:
    service, desk = stage
    path = path_of(desk.concluded("Ede", "Rhenen"))
    service.ask(path, validOn="2026-05-01")
    assert service.ask(path)["status"] == "in force"
    assert service.ask(path, validOn="1999-01-01")["status"] == "pending"


def test_what_a_dossier_said_is_gone_with_it(stage: tuple[Served, Desk]) -> None:
    service, desk = stage
    act = desk.concluded("Ede", "Rhenen", title="Convenant Weg", extra=PUBLIC)
    digest = sha256(desk.document(act).read_bytes()).hexdigest()
    assert service.ask(path_of(act))["title"] == "Convenant Weg"
    assert service.ask(f"/documents/{digest}")["accepted"] is True
    assert kept(service, f"/documents/{digest}")
    shutil.rmtree(desk.service.store.place(act.dossier))
    assert service.ask(path_of(act))["title"] is None
    assert service.ask(f"/documents/{digest}")["accepted"] is False


def test_what_another_process_erases_from_the_index_is_noticed(stage: tuple[Served, Desk]) -> None:
    service, desk = stage
    act = desk.concluded("Ede", "Rhenen", title="Convenant Weg", extra=PUBLIC)
    service.ask(path_of(act))
    assert kept(service, path_of(act))
    place = desk.service.store.place(act.dossier)
    shutil.move(place, place.parent.parent / "away")
    purge(str(service.context.index.engine.url), act.dossier, desk.service.store)
    service.context.follower.catch_up()
    assert not kept(service, path_of(act))


def test_a_list_is_kept_for_its_second_only(stage: tuple[Served, Desk]) -> None:
    service, desk = stage
    desk.concluded("Ede", "Rhenen")
    assert len(service.ask("/agreements")["items"]) == 1
    desk.concluded("Ede", "Nijkerk")
    time.sleep(1.1)
    assert len(service.ask("/agreements")["items"]) == 2


def test_no_more_is_kept_than_there_is_room_for(stage: tuple[Served, Desk]) -> None:
    from registry.api.ready import Ready

    service, _ = stage
    seen = look(service.context.index)
    ready = Ready(most_bytes=20_000)
    ready.see(Change(seen, None, happened=True))
    for number in range(100):
        ready.keep(f"/{number}", "/", ready.generation, seen, {"text": token_hex(1000)}, 2**40, [b"one"])
    found = [one for one in range(100) if ready.find(f"/{one}")]
    assert found == list(range(found[0], 100))
    assert 8 < len(found) < 20


def test_an_answer_to_a_question_from_before_a_change_is_not_kept(stage: tuple[Served, Desk]) -> None:
    from registry.api.ready import Ready

    service, _ = stage
    seen = look(service.context.index)
    ready = Ready()
    ready.see(Change(seen, None, happened=True))
    asked = ready.generation
    ready.see(Change(seen, frozenset([b"other"]), happened=True))
    ready.keep("/", "/", asked, seen, {"text": "old"}, 2**40, [b"one"])
    assert ready.find("/") is None


def look(index: Index) -> At:
    watch = Watch(index)
    try:
        return watch.look(int(time.time())).at
    finally:
        watch.close()


def test_a_chain_that_goes_another_way_drops_everything(stage: tuple[Served, Desk]) -> None:
    service, desk = stage
    one = desk.concluded("Ede", "Rhenen")
    snapshot = desk.region.ask("evm_snapshot")
    two = desk.concluded("Ede", "Nijkerk")
    for act in (one, two):
        service.ask(path_of(act))
    assert kept(service, path_of(two))
    desk.region.ask("evm_revert", snapshot)
    desk.region.travel(60)
    desk.concluded("Ede", "Barneveld")
    service.problem(404, path_of(two))
    assert service.ask(path_of(one))["acts"] == 1
