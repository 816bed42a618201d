"""The full history in files of lines: CSV for tables, JSON Lines for programs. Both are written as they are read."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable
from io import TextIOWrapper
from typing import BinaryIO

from registry import documents
from registry.exports import flat
from registry.exports.text import harmless
from registry.model import Event
from registry.organisations import Directory

# Valid within a string of JSON, and yet a line end, an escape or a turn of direction to whoever shows the file.
_ESCAPED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def write_csv(events: Iterable[Event], file: BinaryIO, directory: Directory) -> int:
    """Writes a header and one row an event, as RFC 4180 has it, in UTF-8; returns the number of rows.

    The columns are :data:`registry.exports.flat.COLUMNS`. Every row is one line: what would break it is shown as �.
    """
    with _text(file) as target:
        writer = csv.DictWriter(target, list(flat.COLUMNS), restval="", lineterminator="\r\n")
        writer.writeheader()
        count = 0
        for event in events:
            writer.writerow({name: harmless(cell) for name, cell in flat.row(event, directory).items()})
            count += 1
    return count


def write_json_lines(events: Iterable[Event], file: BinaryIO, directory: Directory) -> int:
    """Writes one document an event, those of ``foodvalley history --json``; returns how many.

    Keys in order of the alphabet, no spaces, UTF-8, a line feed after each: the same history gives the same bytes.
    """
    count = 0
    for event in events:
        (document,) = documents.history([event], directory)
        text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        file.write(_ESCAPED.sub(_escape, text).encode() + b"\n")
        count += 1
    return count


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


class _text(TextIOWrapper):  # noqa: N801 - used as a function: text over a file that stays open
    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file, encoding="utf-8", newline="", write_through=False)

    def __exit__(self, *_: object) -> None:
        self.flush()
        self.detach()
