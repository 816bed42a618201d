"""The first sheet of a workbook: what it is, of which register and block, and what stands in the other sheets."""

from __future__ import annotations

from collections.abc import Mapping

from xlsxwriter import Workbook

from registry import dutch
from registry.audit.report import AuditReport
from registry.exports.source import About
from registry.exports.tables import Kind, Styles, set_up_page, write_cell
from registry.exports.verdict import verdict_of

_NOTES = (
    "Alle tijden zijn Nederlandse tijd. Wat “van kracht” of “te laat” is, is dat op het tijdstip van het blok.",
    "Een lege cel onder “geldig tot en met” betekent: voor onbepaalde tijd.",
    "Titels, soorten en toezeggingen komen uit de dossiers die hier bij de hand zijn; de keten bevat ze niet.",
    "� staat voor een teken dat niet wordt getoond: een stuurteken, of een teken dat tekst omdraait.",
    "Deze werkmap is een afschrift. Bewijs is het register zelf: vergelijk de vingerafdruk (foodvalley status), of "
    "laat alles nalopen (foodvalley export pdf).",
)


class Overview:
    """The sheet Overzicht, which comes first and is written last, when everything has been counted."""

    def __init__(self, book: Workbook, styles: Styles, about: About, version: str) -> None:
        self._sheet = book.add_worksheet("Overzicht")
        self._styles = styles
        self._about = about
        self._version = version
        self._next = 0

    def write(self, counts: Mapping[str, int], descriptions: Mapping[str, str], audit: AuditReport | None) -> None:
        """Fills the sheet; ``counts`` and ``descriptions`` by the name of a sheet."""
        sheet, styles, about = self._sheet, self._styles, self._about
        set_up_page(sheet)
        sheet.set_column(0, 0, 20)
        sheet.set_column(1, 1, 14)
        sheet.set_column(2, 2, 90)
        sheet.hide_gridlines(2)
        sheet.set_row(0, 26)
        sheet.write_string(0, 0, "Register van overeenkomsten", styles.title)
        self._next = 2
        self._fact("Register", Kind.MONO, about.register)
        self._fact("Keten", Kind.TEXT, str(about.chain_id))
        self._fact("Opgericht in blok", Kind.TEXT, dutch.number(about.deployed_block))
        self._fact("Stand van blok", Kind.TEXT, dutch.number(about.block))
        self._fact("Tijd van dat blok", Kind.TEXT, dutch.to_the_second(about.block_time))
        self._fact("Hash van dat blok", Kind.MONO, about.block_hash)
        self._fact("Vingerafdruk", Kind.MONO, about.fingerprint)
        self._fact("Gemaakt met", Kind.TEXT, f"foodvalley {self._version}")
        self._verdict(audit)
        self._next += 1
        for at, heading in enumerate(("Blad", "Rijen", "Inhoud")):
            sheet.write_string(self._next, at, heading, styles.header)
        self._next += 1
        for name, count in counts.items():
            sheet.write_url(self._next, 0, f"internal:'{name}'!A1", styles.of[Kind.TEXT], name)
            sheet.write_number(self._next, 1, count, styles.of[Kind.NUMBER])
            sheet.write_string(self._next, 2, descriptions[name], styles.of[Kind.TEXT])
            self._next += 1
        self._next += 1
        sheet.write_string(self._next, 0, "Toelichting", styles.heading)
        for note in _NOTES:
            self._next += 1
            sheet.merge_range(self._next, 0, self._next, 2, note, styles.of[Kind.WRAPPED])

    def _verdict(self, audit: AuditReport | None) -> None:
        if audit is None:
            self._fact("Controle", Kind.TEXT, "niet uitgevoerd voor deze werkmap")
            return
        found = verdict_of(audit)
        self._sheet.write_string(self._next, 0, "Controle", self._styles.label)
        style = self._styles.good if audit.holds else self._styles.bad
        self._sheet.merge_range(self._next, 1, self._next, 2, f"{found.title}. {found.sentence}", style)
        self._next += 1

    def _fact(self, label: str, kind: Kind, value: str | bytes) -> None:
        self._sheet.write_string(self._next, 0, label, self._styles.label)
        write_cell(self._sheet, self._next, 1, kind, value, self._styles)
        self._next += 1
