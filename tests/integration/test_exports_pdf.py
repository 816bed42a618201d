"""The report of an audit as a PDF: made from a real chain, read back, and not to be led astray by what others wrote."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from exporting import HOSTILE, filled
from pypdf import PdfReader
from world import Answer, Call, Desk, node

from registry.audit import AuditReport, Check, Deviation, Node, Unchecked, audit
from registry.exports import LedgerSource, write_report
from registry.organisations import DIRECTORY

pytestmark = pytest.mark.long

Foodvalley = Callable[..., Any]


@pytest.fixture
def history(foodvalley: Foodvalley, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("FOODVALLEY_DOSSIERS", str(desk.service.store.folder))
    return filled(desk)


def text_of(pdf: PdfReader) -> str:
    """All text in order, with every run of white space as one space."""
    text = " ".join(page.extract_text() for page in pdf.pages)
    return " ".join(text.replace("\u200b", "").split())


def without_spaces(text: str) -> str:
    return "".join(text.split())


def test_a_sound_register(foodvalley: Foodvalley, history: Desk) -> None:
    ran = foodvalley("export", "pdf", "--output", "controle.pdf")
    assert ran.code == 0, ran.text
    assert "Goedkeurend" in ran.text
    pdf = PdfReader("controle.pdf")
    text = text_of(pdf)
    ledger = history.view.ledger
    assert "OORDEEL Goedkeurend Bij" in text
    assert "Vergeleken is een index van" in text
    assert "2. Afwijkingen Geen. Bij geen enkele controle" in text
    for check in Check:
        assert check.dutch in text
    packed = without_spaces(text)
    for whole in (history.region.register.address, "0x" + ledger.fingerprint.hex()):
        assert whole in packed
    assert "3 overeenkomsten: 1 van kracht, 1 nog niet in werking en 1 beëindigd" in text
    assert "gemeente Renswoude (gm0339)" in text
    assert f"--at-block {history.view.block}" in text
    assert "Dit is een keten om op te ontwikkelen" in text
    assert f"Pagina 1 van {len(pdf.pages)}" in text


def test_the_report_is_made_to_be_kept_and_read_aloud(foodvalley: Foodvalley, history: Desk) -> None:
    assert foodvalley("export", "pdf", "-o", "controle.pdf").code == 0
    pdf = PdfReader("controle.pdf")
    root = pdf.trailer["/Root"]
    assert root["/Lang"].startswith("nl")
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    packet = root["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in packet
    assert "<pdfuaid:part>1</pdfuaid:part>" in packet
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Controlerapport van het register van overeenkomsten"
    for page in pdf.pages:
        fonts = page["/Resources"].get("/Font", {})  # type: ignore[union-attr]
        for font in fonts.values():
            (inner,) = font["/DescendantFonts"]
            assert {"/FontFile2", "/FontFile3"} & set(inner["/FontDescriptor"]), "a font of the reader's system"


def test_what_others_wrote_is_text_and_nothing_else(foodvalley: Foodvalley, history: Desk) -> None:
    assert foodvalley("export", "pdf", "-o", "controle.pdf").code == 0
    pdf = PdfReader("controle.pdf")
    assert without_spaces(HOSTILE.replace("\u202e", "\ufffd")) in without_spaces(text_of(pdf))
    assert not [one for page in pdf.pages for one in page.get("/Annots", ())]
    assert b"/URI" not in Path("controle.pdf").read_bytes()


def test_an_event_that_a_node_leaves_out(
    foodvalley: Foodvalley, history: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report is written all the same, says what is wrong, and draws nothing from what does not add up."""

    def forgets(call: Call, forward: Callable[[Call], Answer]) -> Answer:
        answer = forward(call)
        if call["method"] == "eth_getLogs" and len(answer.get("result", ())) > 3:
            del answer["result"][-3]
        return answer

    with node(forgets, history.region.url) as url:
        ran = foodvalley("export", "pdf", "-o", "controle.pdf", "--node", url, "--json")
    assert ran.code == 1, ran.text
    assert ran.json["holds"] is False
    text = text_of(PdfReader("controle.pdf"))
    assert "OORDEEL Afwijkingen gevonden" in text
    assert "vingerafdruk" in text
    assert "Hier is niets getekend" in text
    assert len(list(Path().iterdir())) == 1


def test_an_index_that_somebody_changed_is_found_and_not_drawn(
    foodvalley: Foodvalley, history: Desk, tmp_path: Path
) -> None:
    """The agreements are drawn from the chain then, not from what was changed."""
    assert foodvalley("export", "pdf", "-o", "voor.pdf").code == 0
    (file,) = (tmp_path / "home" / "index").glob("*.sqlite")
    with sqlite3.connect(file) as database:
        database.execute("UPDATE acts SET parties = '[\"gm0203\",\"gm0289\"]' WHERE verb = 'conclude'")
    ran = foodvalley("export", "pdf", "-o", "na.pdf", "--json")
    assert ran.code == 1
    assert ran.json["deviations"] >= 1
    text = text_of(PdfReader("na.pdf"))
    assert "OORDEEL Afwijkingen gevonden" in text
    assert "Renswoude en Veenendaal van kracht" in text
    assert "Barneveld en Wageningen" not in text
    assert "alleen over de index: van het register zelf klopt wat is nagegaan" in text


def test_the_same_audit_gives_the_same_bytes(foodvalley: Foodvalley, history: Desk) -> None:
    report = sound(history)
    assert made(history, report) == made(history, report)


def test_what_could_not_be_checked_limits_the_judgement(foodvalley: Foodvalley, history: Desk) -> None:
    reason = 'het knooppunt #eval("1") bewaart *oude* blokken niet \u202e'
    report = sound(history, unchecked=(Unchecked(Check.CALLS, 12, reason),))
    text = text_of(PdfReader(io.BytesIO(made(history, report))))
    assert "OORDEEL Goedkeurend, met beperking" in text
    assert reason.replace("\u202e", "\ufffd") in text


def test_signatures_that_were_left_out_on_request(foodvalley: Foodvalley, history: Desk) -> None:
    block = history.view.block
    ran = foodvalley("export", "pdf", "-o", "controle.pdf", "--from-block", block)
    assert ran.code == 0, ran.text
    text = text_of(PdfReader("controle.pdf"))
    assert "OORDEEL Goedkeurend, met beperking" in text
    assert "op verzoek" in text
    assert f"--from-block {block}" in text


def test_deviations_stand_there_in_full(foodvalley: Foodvalley, history: Desk) -> None:
    found = Deviation(
        Check.SIGNATURES,
        "signer-without-mandate",
        "$x^2$ zonder mandaat",
        block=12,
        transaction=b"\1" * 32,
        log_index=3,
        subject=b"\2" * 32,
        agreement=b"\3" * 32,
        organisation="gm0345",
    )
    report = sound(history, deviations=(found,) * 3)
    text = text_of(PdfReader(io.BytesIO(made(history, report))))
    assert "OORDEEL Afwijkingen gevonden Bij" in text
    assert text.count("handtekeningen: $x^2$ zonder mandaat") == 3
    assert "blok 12, nummer in blok 3, organisatie gemeente Veenendaal (gm0345)" in text
    packed = without_spaces(text)
    for value in (b"\1", b"\2", b"\3"):
        assert "0x" + (value * 32).hex() in packed


def made(desk: Desk, report: AuditReport) -> bytes:
    file = io.BytesIO()
    write_report(LedgerSource.of(desk.service, desk.view), report, file, DIRECTORY)
    return file.getvalue()


def sound(desk: Desk, **changes: Any) -> AuditReport:
    """The outcome of a real audit of the desk's register, but for what is changed in it."""
    register = desk.region.register
    asked = Node(desk.region.url)
    try:
        return replace(audit(asked, register.address, register.from_block, workers=1), **changes)
    finally:
        asked.close()
