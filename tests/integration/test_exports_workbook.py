"""The register as a workbook: written from a real chain with a real history, and read back from its XML."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from exporting import HOSTILE, SERVICE, filled
from world import Desk, account

from registry.audit import Check, Deviation, Node, audit
from registry.exports import LedgerSource, new_file, write_workbook

pytestmark = pytest.mark.long

Foodvalley = Callable[..., Any]

CELLS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
DUTCH_TIME = ZoneInfo("Europe/Amsterdam")


@pytest.fixture
def history(foodvalley: Foodvalley, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("FOODVALLEY_DOSSIERS", str(desk.service.store.folder))
    return filled(desk)


class Book:
    """A workbook as what is in its XML."""

    def __init__(self, path: Path) -> None:
        self.archive = zipfile.ZipFile(path)
        book = ElementTree.fromstring(self.archive.read("xl/workbook.xml"))
        self.names = [one.attrib["name"] for one in book.iter(f"{CELLS}sheet")]
        self.styles = ElementTree.fromstring(self.archive.read("xl/styles.xml"))

    def xml(self, name: str) -> ElementTree.Element:
        return ElementTree.fromstring(self.archive.read(f"xl/worksheets/sheet{self.names.index(name) + 1}.xml"))

    def rows(self, name: str) -> Iterator[list[Any]]:
        """The cells of each row: text, number, or None."""
        for row in self.xml(name).iter(f"{CELLS}row"):
            found: dict[int, Any] = {}
            for cell in row:
                letters = cell.attrib["r"].rstrip("0123456789")
                at = sum((ord(one) - 64) * 26**power for power, one in enumerate(reversed(letters))) - 1
                kind, value = cell.attrib.get("t"), cell.find(f"{CELLS}v")
                if kind == "inlineStr":
                    found[at] = "".join(one.text or "" for one in cell.iter(f"{CELLS}t"))
                elif value is not None and value.text is not None:
                    assert kind != "str", "a formula"
                    found[at] = float(value.text)
            yield [found.get(at) for at in range(max(found, default=-1) + 1)]

    def table(self, name: str) -> list[dict[str, Any]]:
        header, *rows = self.rows(name)
        return [dict(zip(header, row + [None] * (len(header) - len(row)), strict=True)) for row in rows]


def dutch_moment(serial: float) -> datetime:
    """A number of a spreadsheet as the moment it stands for on the clock in the Netherlands."""
    found = datetime(1899, 12, 30) + timedelta(days=serial)
    return (found + timedelta(microseconds=500_000)).replace(microsecond=0, tzinfo=DUTCH_TIME)


@pytest.fixture
def book(foodvalley: Foodvalley, history: Desk) -> Book:
    ran = foodvalley("export", "xlsx", "--output", "uit.xlsx")
    assert ran.code == 0, ran.text
    return Book(Path("uit.xlsx"))


def test_workbook_has_a_sheet_for_each_subject(book: Book, history: Desk) -> None:
    assert book.names == [
        "Overzicht",
        "Overeenkomsten",
        "Handelingen",
        "Akkoorden",
        "Mandaten",
        "Toezeggingen",
        "Gebeurtenissen",
    ]
    ledger = history.view.ledger
    counts = {name: len(book.table(name)) for name in book.names[1:]}
    assert counts == {
        "Overeenkomsten": len(ledger.agreements),
        "Handelingen": sum(len(one.acts) for one in ledger.agreements.values()),
        "Akkoorden": sum(len(act.mandates) for one in ledger.agreements.values() for act in one.acts),
        "Mandaten": len(ledger.mandates),
        "Toezeggingen": 2,
        "Gebeurtenissen": len(ledger.events),
    }
    facts = {row[0]: row[1] for row in book.rows("Overzicht") if len(row) == 2}
    assert facts["Register"] == history.region.register.address
    assert facts["Vingerafdruk"] == "0x" + ledger.fingerprint.hex()
    assert facts["Stand van blok"] == str(history.view.block)
    for name in book.names[1:]:
        sheet = book.xml(name)
        assert sheet.find(f".//{CELLS}pane").attrib["state"] == "frozen"  # type: ignore[union-attr]
        assert sheet.find(f"{CELLS}autoFilter") is not None
        assert all(float(one.attrib["width"]) > 5 for one in sheet.iter(f"{CELLS}col"))


def test_workbook_has_real_dates_in_dutch_time(book: Book, history: Desk) -> None:
    first = next(iter(history.view.ledger.agreements.values()))
    row = book.table("Overeenkomsten")[0]
    assert dutch_moment(row["Eerste vastgelegd"]).timestamp() == first.acts[0].recorded_at
    assert dutch_moment(row["Geldig vanaf"]).timestamp() == first.acts[0].act.valid_from
    assert row["Geldig tot en met"] is None
    assert row["Opzegtermijn (dagen)"] == 30
    ended = book.table("Overeenkomsten")[1]
    until = next(one for one in history.view.ledger.agreements.values() if one.head.act.ends).acts[0].act.valid_until
    assert dutch_moment(ended["Geldig tot en met"]) + timedelta(days=1) == datetime.fromtimestamp(until, DUTCH_TIME)
    formats = {one.attrib["formatCode"] for one in book.styles.iter(f"{CELLS}numFmt")}
    assert {"dd\\-mm\\-yyyy", "dd-mm-yyyy"} & formats


def test_workbook_says_what_holds_and_who_signed(book: Book, history: Desk) -> None:
    agreements = book.table("Overeenkomsten")
    status = next(name for name in agreements[0] if name.startswith("Stand op"))
    assert [one[status] for one in agreements] == ["van kracht", "beëindigd", "nog niet in werking"]
    assert agreements[0]["Partijen"] == "gemeente Renswoude; gemeente Veenendaal"
    assert [one["Wat"] for one in book.table("Handelingen")] == [
        "totstandkoming",
        "wijziging",
        "totstandkoming",
        "opheffing",
        "totstandkoming",
    ]
    approval = book.table("Akkoorden")[0]
    assert approval["Ondertekenaar"] == account("gm0339")
    assert approval["Bevoegd"] == "zelfstandig"
    promises = book.table("Toezeggingen")
    assert [(one["Toezegging"], one["Gemeld"]) for one in promises] == [("T1", "begonnen"), ("T2", "nog niets")]
    assert promises[0]["Bevestigd door"] == "gemeente Veenendaal"
    assert promises[0]["Bewijs"] == "0x" + "05" * 32
    valid = next(name for name in book.table("Mandaten")[0] if name.startswith("Geldt op"))
    dismissed = [one for one in book.table("Mandaten") if one["Ondertekenaar"] == account("gm0279")]
    assert [one[valid] for one in dismissed] == ["nee"]


def test_workbook_takes_no_text_for_a_formula_or_link(book: Book, history: Desk) -> None:
    titles = [one["Titel"] for one in book.table("Overeenkomsten")]
    assert HOSTILE.replace("\u202e", "\ufffd") in titles
    assert any(one["Bijzonderheden"] == SERVICE.replace("\x1b", "\ufffd") for one in book.table("Gebeurtenissen"))
    assert any(one["Wat"] == "+31 318 538 538 bellen" for one in book.table("Toezeggingen"))
    for name in book.archive.namelist():
        assert b"<f>" not in book.archive.read(name), name
        assert b"kwaad" not in book.archive.read(name) or name.startswith("xl/worksheets/sheet"), name
    for name in book.names[1:]:
        assert not list(book.xml(name).iter(f"{CELLS}hyperlink"))


def test_hashes_stand_in_full_in_a_font_of_fixed_width(book: Book, history: Desk) -> None:
    fonts = [one.find(f"{CELLS}name").attrib["val"] for one in book.styles.iter(f"{CELLS}font")]  # type: ignore[union-attr]
    styles = book.styles.find(f"{CELLS}cellXfs")
    assert styles is not None
    agreement = "0x" + next(iter(history.view.ledger.agreements)).hex()
    cells = [one for one in book.xml("Overeenkomsten").iter(f"{CELLS}c") if agreement in "".join(one.itertext())]
    assert cells
    for one in cells:
        assert fonts[int(styles[int(one.attrib["s"])].attrib["fontId"])] == "Consolas"


def test_the_outcome_of_an_audit_is_a_sheet(foodvalley: Foodvalley, history: Desk) -> None:
    ran = foodvalley("export", "xlsx", "-o", "uit.xlsx", "--audit", "--json")
    assert (ran.code, ran.json["holds"], ran.json["deviations"]) == (0, True, 0)
    book = Book(Path("uit.xlsx"))
    assert book.names[-1] == "Controle"
    rows = book.table("Controle")
    counts = {one["Controle"]: one["Aantal"] for one in rows if one["Soort regel"] == "controle"}
    assert set(counts) == {one.dutch for one in Check}
    assert counts[Check.SIGNATURES.dutch] > 5
    assert "Goedkeurend. Bij" in str(list(book.rows("Overzicht")))
    # and what was found, with its place
    found = Deviation(Check.ACTS, "rule", "=1+1 \u202e", 7, b"\1" * 32, 2, b"\2" * 32, None, "gm0345")
    with closing(Node(history.region.url)) as asked:
        report = audit(asked, history.region.register.address, 1, workers=1)
    with new_file(Path("af.xlsx")) as file:
        source = LedgerSource.of(history.service, history.view)
        write_workbook(source, file, replace(report, deviations=(found,)))
    (row,) = [one for one in Book(Path("af.xlsx")).table("Controle") if one["Soort regel"] == "afwijking"]
    assert (row["Wat is vergeleken of gevonden"], row["Blok"]) == ("=1+1 \ufffd", 7)
    assert (row["Transactie"], row["Overeenkomst"]) == ("0x" + "01" * 32, None)


def test_an_empty_register_makes_a_workbook_too(foodvalley: Foodvalley) -> None:
    assert foodvalley("export", "xlsx", "-o", "leeg.xlsx").code == 0
    assert [len(list(Book(Path("leeg.xlsx")).rows(name))) for name in ("Overeenkomsten", "Handelingen")] == [1, 1]
