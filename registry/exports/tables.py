"""Tables of a workbook: columns with a kind, rows one by one, nothing taken for a formula or a link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from registry.dutch import ZONE
from registry.exports.text import could_be_a_formula, plain

MOST_ROWS = 1_048_576
"""The rows of a sheet, its header included: the limit of the file format."""
LONGEST_TEXT = 32_767
"""The characters of a cell: the limit of the file format."""

_END_OF_CALENDAR = int(datetime(9999, 1, 1, tzinfo=ZONE).timestamp())
_A4 = 9

Value = str | int | bool | bytes | date | None


class Kind(Enum):
    """What stands in a column, and how it is shown."""

    TEXT = "text"
    WRAPPED = "wrapped"
    MONO = "mono"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its Dutch heading, its width in characters, and what stands in it.

    A ``DAY`` or ``MOMENT`` is given in unix seconds, or as a day of the calendar, and written as a real date in Dutch
    time. Hashes are given as bytes. None, and the empty text, leave a cell empty.
    """

    heading: str
    width: float
    kind: Kind = Kind.TEXT


class Styles:
    """The formats of a workbook, made once."""

    def __init__(self, book: Workbook) -> None:
        base = {"font_name": "Calibri", "font_size": 10, "valign": "top"}
        mono = base | {"font_name": "Consolas", "font_size": 9}
        self.header = book.add_format(
            base
            | {"bold": True, "font_color": "#FFFFFF", "bg_color": "#0B4A5E", "valign": "vcenter", "text_wrap": True}
        )
        self.title = book.add_format(base | {"bold": True, "font_size": 16, "font_color": "#0B4A5E"})
        self.label = book.add_format(base | {"bold": True, "font_color": "#0B4A5E"})
        self.good = book.add_format(base | {"bold": True, "font_color": "#166534", "bg_color": "#E7F4EA"})
        self.bad = book.add_format(base | {"bold": True, "font_color": "#9A3412", "bg_color": "#FBEAE3"})
        self.heading = book.add_format(base | {"bold": True, "font_size": 12, "font_color": "#0B4A5E"})
        self.of = {
            Kind.TEXT: book.add_format(base),
            Kind.WRAPPED: book.add_format(base | {"text_wrap": True}),
            Kind.MONO: book.add_format(mono),
            Kind.NUMBER: book.add_format(base | {"num_format": "#,##0"}),
            Kind.DAY: book.add_format(base | {"num_format": "dd-mm-yyyy", "align": "left"}),
            Kind.MOMENT: book.add_format(base | {"num_format": "dd-mm-yyyy hh:mm:ss", "align": "left"}),
        }
        # Also when somebody edits the cell: it stays the text that it is.
        self.quoted = {
            Kind.TEXT: book.add_format(base | {"quote_prefix": True}),
            Kind.WRAPPED: book.add_format(base | {"text_wrap": True, "quote_prefix": True}),
            Kind.MONO: book.add_format(mono | {"quote_prefix": True}),
        }


class Table:
    """A sheet with a header and rows, which goes on in a next sheet where the format allows no more rows."""

    def __init__(self, book: Workbook, styles: Styles, name: str, columns: Sequence[Column]) -> None:
        self.name = name
        self.rows = 0
        self._book = book
        self._styles = styles
        self._columns = columns
        self._sheets = 0
        self._begin()

    def add(self, *values: Value) -> None:
        """Writes the next row: a value for each column."""
        if self._next == MOST_ROWS:
            self._end()
            self._begin()
        for at, (column, value) in enumerate(zip(self._columns, values, strict=True)):
            write_cell(self._sheet, self._next, at, column.kind, value, self._styles)
        self._next += 1
        self.rows += 1

    def close(self) -> None:
        """To be called when there are no more rows."""
        self._end()

    def _begin(self) -> None:
        self._sheets += 1
        name = self.name if self._sheets == 1 else f"{self.name} ({self._sheets})"
        self._sheet = self._book.add_worksheet(name)
        set_up_page(self._sheet)
        self._sheet.freeze_panes(1, 0)
        self._sheet.repeat_rows(0)
        self._sheet.set_row(0, 30)
        for at, column in enumerate(self._columns):
            self._sheet.set_column(at, at, column.width)
            self._sheet.write_string(0, at, column.heading, self._styles.header)
        self._next = 1

    def _end(self) -> None:
        self._sheet.autofilter(0, 0, max(self._next - 1, 1), len(self._columns) - 1)


def set_up_page(sheet: Worksheet) -> None:
    """How a sheet is printed: A4 on its side, as wide as the page, with its name and page numbers."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer("&L&8&A&R&8Pagina &P van &N")


def write_cell(sheet: Worksheet, row: int, column: int, kind: Kind, value: Value, styles: Styles) -> None:
    """Writes one value as what it is; a text always as a text."""
    if value is None or value in ("", b""):
        return
    style: Format = styles.of[kind]
    if isinstance(value, date):
        sheet.write_datetime(row, column, midnight(value), style)
    elif kind in (Kind.DAY, Kind.MOMENT) and isinstance(value, int):
        moment = local(value)
        if moment is None:
            sheet.write_string(row, column, "na het jaar 9998", styles.of[Kind.TEXT])
        else:
            sheet.write_datetime(row, column, moment if kind is Kind.MOMENT else midnight(moment.date()), style)
    elif isinstance(value, bool):
        sheet.write_string(row, column, "ja" if value else "nee", style)
    elif isinstance(value, int):
        sheet.write_number(row, column, value, style)
    else:
        text = shown(value)
        if could_be_a_formula(text):
            style = styles.quoted[kind]
        sheet.write_string(row, column, text, style)


def shown(value: str | bytes) -> str:
    """A text as a cell shows it, never too long for one; a hash in full."""
    text = "0x" + value.hex() if isinstance(value, bytes) else plain(value)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def local(timestamp: int) -> datetime | None:
    """A moment on the clock in the Netherlands, as spreadsheets count; None after the year 9998."""
    if timestamp >= _END_OF_CALENDAR:
        return None
    return datetime.fromtimestamp(timestamp, ZONE).replace(tzinfo=None)


def midnight(day: date) -> datetime:
    """A day as spreadsheets count it."""
    return datetime(day.year, day.month, day.day)
