"""Questions on the command line: filters, pages, any two moments, what waits for whom; and what cannot be asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from world import Desk, Region, account, day_of

from registry import documents
from registry.index import Identity, Index
from registry.looking import Choice, Looking, Question
from registry.organisations import Directory
from registry.service import Service
from registry.statements import hash_act

Foodvalley = Callable[..., Any]


@pytest.fixture
def filled(region: Region, desk: Desk, tmp_path: Path) -> list[str]:
    """Four agreements, one of them ended and one changed from next month on, and two proposals; their hashes."""
    promised = [
        {
            "id": "T1",
            "organisation": "gm0339",
            "text": "Renswoude maakt een plan.",
            "due": f"{day_of(region.now(), later=-3)}",
        },
        {
            "id": "T2",
            "organisation": "gm0345",
            "text": "Veenendaal telt.",
            "due": f"{day_of(region.now(), later=40)}",
        },
    ]
    first = desk.agree(desk.draft("renswoude", "veenendaal", title="Jeugdhulp in de wijk"))
    second = desk.agree(desk.draft("ede", "veenendaal", extra={"kind": "besluit"}))
    third = desk.agree(desk.draft("renswoude", "veenendaal", extra={"commitments": promised}))
    fourth = desk.agree(desk.draft("rhenen", "veenendaal", title="Financiën"))
    desk.agree(desk.draft(follows=first, since=-5), "gm0339", "gm0345")
    desk.agree(desk.draft("ede", "rhenen", "veenendaal", follows=fourth, since=30))
    for parties in (("renswoude", "veenendaal"), ("ede", "veenendaal")):
        desk.service.propose(desk.draft(*parties, title="Een voorstel"), region.signer("gm0345"))
    (tmp_path / "home").mkdir(exist_ok=True)
    (tmp_path / "home" / "dossiers").symlink_to(desk.service.store.folder)
    return ["0x" + hash_act(one).hex() for one in (first, second, third, fourth)]


def agreements(foodvalley: Foodvalley, *words: object) -> list[str]:
    return [one["agreement"] for one in foodvalley("list", *words, "--json").json["agreements"]]


def test_filters_hold_for_what_the_list_shows(foodvalley: Foodvalley, filled: list[str]) -> None:
    first, second, third, fourth = filled
    for words, expected in (
        ((), filled),
        (("--organisation", "Rhenen"), [fourth]),
        (("--organisation", "Renswoude", "--status", "in force"), [third]),
        (("--status", "ended"), [first]),
        (("--status", "beëindigd"), [first]),
        (("--verb", "end"), [first]),
        (("--verb", "conclude"), [second, third, fourth]),
        (("--kind", "besluit"), [second]),
        (("--text", "JEUGDHULP wijk"), [first]),
        (("--text", "financien"), [fourth]),
        (("--text", "niets daarvan"), []),
        (("--organisation", "Ede", "--valid-on", f"{day_of(2_000_000_000)}"), [second, fourth]),
        (("--verb", "accede", "--valid-on", f"{day_of(2_000_000_000)}"), [fourth]),
    ):
        assert agreements(foodvalley, *words) == expected, words
    assert "Er is niets gevonden." in foodvalley("list", "--text", "niets").text
    shown = foodvalley("show", fourth, "--valid-on", f"{day_of(2_000_000_000)}")
    assert "geldig op" in shown.text
    assert "bekend op" in shown.text


def test_pages_follow_one_another_and_stay_as_they_were(foodvalley: Foodvalley, filled: list[str], desk: Desk) -> None:
    begun = foodvalley("list", "--limit", "3", "--json").json
    assert [one["agreement"] for one in begun["agreements"]] == filled[:3]
    desk.agree(desk.draft("barneveld", "veenendaal"))
    after = foodvalley("list", "--limit", "3", "--after", begun["next"], "--json").json
    assert [one["agreement"] for one in after["agreements"]] == filled[3:]
    assert (after["next"], after["asOf"]) == (None, begun["asOf"])
    assert len(agreements(foodvalley)) == 5
    text = foodvalley("list", "--limit", "3")
    assert "Er is meer. Herhaal de opdracht met: --after " in text.text
    told = foodvalley("history", "--limit", "7", "--json").json
    seen = list(told["events"])
    while told["next"]:
        told = foodvalley("history", "--limit", "7", "--after", told["next"], "--json").json
        seen += told["events"]
    assert seen == foodvalley("history", "--json").json["events"]


def test_what_waits_for_whom(foodvalley: Foodvalley, filled: list[str]) -> None:
    def waiting(whom: str) -> list[list[str]]:
        proposals = foodvalley("waiting", "--for", whom, "--json").json["proposals"]
        return [[one["id"] for one in proposal["missing"]] for proposal in proposals]

    assert waiting("Renswoude") == [["gm0339"]]
    assert waiting("gm0228") == [["gm0228"]]
    assert waiting("Veenendaal") == []
    assert waiting(account("gm0339")) == [["gm0339"]]
    shown = foodvalley("waiting", "--for", "Ede")
    assert "Een voorstel" in shown.text
    assert "wacht op" in shown.text
    assert "Er wacht geen voorstel." in foodvalley("waiting", "--for", "Barneveld").text


def test_history_of_an_organisation_and_of_a_key(foodvalley: Foodvalley, filled: list[str], region: Region) -> None:
    events = foodvalley("history", "--organisation", "Rhenen", "--json").json["events"]
    assert [one["event"] for one in events] == [
        "MemberAdmitted",
        "SignatoryAppointed",
        "SignatoryAppointed",
        "Recorded",
        "Recorded",
    ]
    key = account("gm0340")
    # A mandate does not hold any more in the second of its end, and the acts may be of the same one.
    region.chain.forward(1)
    region.register.dismiss("gm0340", key, region.signer("gm0340:admin"))
    today = foodvalley("history", "--signatory", key, "--json").json
    assert today["mandate"] is None
    assert len(today["mandates"]) == 2
    assert [one["event"] for one in today["events"]] == [
        "SignatoryAppointed",
        "Recorded",
        "Recorded",
        "SignatoryDismissed",
    ]
    moment = today["events"][1]["recorded"]["at"]
    then = foodvalley("history", "--signatory", key, "--valid-on", moment, "--json").json
    assert then["mandate"]["organisation"]["id"] == "gm0340"
    text = foodvalley("history", "--signatory", key)
    assert "geen mandaat" in text.text
    assert "zelfstandig bevoegd" in text.text


def test_commitments_by_organisation_and_day(foodvalley: Foodvalley, filled: list[str], region: Region) -> None:
    def labels(*words: str) -> list[str]:
        return [one["id"] for one in foodvalley("commitment", "list", *words, "--json").json["commitments"]]

    assert labels() == ["T1", "T2"]
    assert labels("--organisation", "Veenendaal") == ["T2"]
    assert labels("--overdue") == ["T1"]
    assert labels("--due-before", f"{day_of(region.now(), later=40)}") == ["T1"]
    assert labels("--due-before", f"{day_of(region.now(), later=41)}") == ["T1", "T2"]
    assert labels("--organisation", "Ede") == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("list", "--valid-on", "gisteren"), "is neither a day nor a moment"),
        (("list", "--valid-on", "2026-02-30"), "is neither a day nor a moment"),
        (("list", "--valid-on", "20260501"), "is no day that can be asked about"),
        (("list", "--valid-on", "9999-12-31"), "is no day that can be asked about"),
        (("list", "--known-at", "9998-01-01"), "lies ahead"),
        (("list", "--known-at", "2100-01-01T00:00:00+01:00"), "lies ahead"),
        (("list", "--verb", "verzinnen"), "write one of: conclude, amend"),
        (("list", "--status", "misschien"), "write one of: pending, in force"),
        (("list", "--kind", "brief"), "write one of: convenant"),
        (("list", "--text", "!!!"), "there is no word in"),
        (("list", "--limit", "0"), "a page of 0 rows cannot be made"),
        (("list", "--limit", "5000"), "ask for 1 to 1000"),
        (("list", "--after", "niets"), "is not a cursor"),
        (("history", "0x12", "--organisation", "Ede"), "exclude each other"),
        (("history", "--signatory", "0x12"), "address"),
        (("history", "--valid-on", "2026-01-01"), "which mandate a key had"),
        (("waiting",), "there is no key of yours here"),
        (("commitment", "list", "--due-before", "morgen"), "is no day"),
    ],
)
def test_what_cannot_be_asked_is_said(foodvalley: Foodvalley, words: tuple[str, ...], message: str) -> None:
    ran = foodvalley(*words)
    assert ran.code == 2, ran.text
    assert message in ran.text


def test_two_services_on_two_engines_answer_to_the_byte_alike(
    filled: list[str], region: Region, desk: Desk, tmp_path: Path, postgresql_server: str
) -> None:
    from databases import new_database

    register = region.register
    identity = Identity(register.chain.chain_id, register.address, register.from_block)
    urls = (f"sqlite:///{tmp_path / 'een.sqlite'}", new_database(postgresql_server, "the_other"))
    answers = []
    for url in urls:
        with Index.open(url, identity) as index:
            # Each in steps of its own, as two services that were started at different times.
            if url.startswith("postgresql"):
                index.catch_up(register, to_block=register.from_block + 15)
            index.catch_up(register, desk.service.store)
            answers.append(_everything(Looking(desk.service, index), desk.service, register.chain.latest()[1], filled))
    assert len(answers[0]) > 40
    for name, told in answers[0].items():
        assert told == answers[1][name], name


def _everything(looking: Looking, service: Service, now: int, filled: list[str]) -> dict[str, str]:
    """Every question, as the document that would be sent, to the byte."""
    directory: Directory = service.directory
    found: dict[str, object] = {}
    for valid_on in (f"{day_of(now, later=-10)}", f"{day_of(now, later=60)}", "1900-01-01"):
        for choice in (
            Choice(),
            *(Choice(organisation=one) for one in ("Ede", "Renswoude", "Nijkerk")),
            *(Choice(verb=one) for one in ("conclude", "end", "amend")),
            *(Choice(status=one) for one in ("pending", "in force", "ended")),
            Choice(kind="besluit"),
            Choice(text="Jeugdhulp"),
            Choice(organisation="Ede", status="in force", kind="besluit"),
        ):
            cursor: str | None = None
            for number in range(9):
                listing = looking.list(Question(valid_on, f"{_moment(now)}", 2, cursor), choice)
                found[f"list {valid_on} {choice} {number}"] = [
                    [documents.standing(one, directory) for one in listing.agreements.rows],
                    [
                        documents.offer(
                            one.offer, directory, one.progress, service.store.manifest(one.offer.act.dossier)
                        )
                        for one in listing.proposals.rows
                    ],
                    listing.agreements.next,
                    documents.asked_at(listing.at),
                ]
                cursor = listing.agreements.next
                if cursor is None:
                    break
        for one in filled:
            shown = looking.show(one, Question(valid_on, _moment(now)))
            assert shown.agreement is not None
            acts = [documents.recorded_act(each, directory, None) for each in shown.agreement.acts]
            found[f"show {one} {valid_on}"] = acts
    for whose in ({}, {"agreement": filled[0]}, {"organisation": "Ede"}, {"signatory": account("gm0345")}):
        at, page, held = looking.history(Question(None, _moment(now), 1000), **whose)  # type: ignore[arg-type]
        told = documents.signatory(held, directory) if held else None
        found[f"history {whose}"] = [documents.history(page.rows, directory), page.next, told, at.block]
    for whom in ("Renswoude", account("gm0339"), "Ede"):
        _, offers = looking.waiting(Question(), whom)
        found[f"waiting {whom}"] = [documents.offer(one.offer, directory, one.progress, None) for one in offers.rows]
    for words in ({}, {"organisation": "Renswoude"}, {"overdue": True}, {"due_before": f"{day_of(now, later=99)}"}):
        _, promised = looking.commitments(Question(), **words)  # type: ignore[arg-type]
        found[f"commitments {words}"] = [documents.obligation(one, directory, day_of(now)) for one in promised.rows]
    return {name: json.dumps(one, ensure_ascii=False) for name, one in found.items()}


def _moment(now: int) -> str:
    return datetime.fromtimestamp(now, UTC).isoformat()
