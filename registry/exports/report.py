"""The report of an audit on paper (PDF), in Dutch, for a controller.

The layout is in :data:`TEMPLATE` beside this file, which typst sets; the data goes to it as JSON, never as markup. The
fonts are those of typst, nothing is asked of the system or the network, and the same audit of the same register gives
the same bytes. The PDF is made to be kept (PDF/A-2a, which is more than PDF/A-2b) and to be read aloud (PDF/UA-1).
"""

from __future__ import annotations

import json
import tempfile
from importlib import resources
from typing import BinaryIO

import typst

from registry.audit.report import AuditReport
from registry.errors import StorageError
from registry.exports.report_data import report_data
from registry.exports.source import Source
from registry.organisations import Directory

TEMPLATE = ("report.typ", "report_closing.typ")
"""The parts of the layout, one after the other."""
STANDARDS: list[typst.PDFStandard] = ["a-2a", "ua-1"]


def write_report(source: Source | None, audit: AuditReport, file: BinaryIO, directory: Directory) -> None:
    """Writes the report of an audit.

    ``source`` is the register at the block of the audit; None if it cannot be read, which leaves out the picture of the
    agreements and who signed them. StorageError if typst cannot set it.
    """
    data = json.dumps(report_data(source, audit, directory), ensure_ascii=False, sort_keys=True)
    here = resources.files("registry.exports")
    template = b"\n".join(here.joinpath(name).read_bytes() for name in TEMPLATE)
    # An empty folder as its root: the template has nothing to read, and nothing else may be read.
    with tempfile.TemporaryDirectory() as nothing:
        try:
            compiler = typst.Compiler(
                template, root=nothing, font_paths=[], ignore_system_fonts=True, sys_inputs={"data": data}
            )
            made = compiler.compile(format="pdf", pdf_standards=STANDARDS, timestamp=audit.started_at)
        except typst.TypstError as error:
            raise StorageError(f"the report cannot be set: {error.message}") from error
    if not isinstance(made, bytes):
        raise StorageError("the report cannot be set: it has no pages")
    file.write(made)
