"""Render the PDFs of the sample dossiers from their Typst sources.

Every `samples/<dossier>/.source/<name>.typ` becomes `samples/<dossier>/<name>.pdf`; files named in
`NOT_A_DOCUMENT` hold shared text. The sources are in a hidden folder, which a dossier does not count among its
files: building a sample warns of nothing forgotten. Title, parties, dates and commitments come from the
dossier's own manifest, so that what is printed and what is recorded cannot differ.

The same sources always give the same bytes: the moment in a PDF is fixed, only the fonts inside the typst package
are used, and nothing is downloaded. That holds per version of typst; another version may draw the same page in
other bytes.

The PDFs are PDF/A-2a (to keep) and PDF/UA-1 (to read with a screen reader).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import typst

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
MOMENT = 1_767_225_600
"""The moment at which every PDF says it was made: 1 January 2026, 00:00 UTC, in unix seconds."""
STANDARDS = ["a-2a", "ua-1"]
NOT_A_DOCUMENT = {"tekst.typ"}


def documents(samples: Path = SAMPLES) -> Iterator[tuple[Path, Path]]:
    """Each Typst source with the PDF that is made from it, in a fixed order."""
    for source in sorted(samples.glob("*/.source/*.typ")):
        if source.name not in NOT_A_DOCUMENT:
            yield source, source.parent.parent / f"{source.stem}.pdf"


def render(source: Path, samples: Path = SAMPLES) -> bytes:
    """The PDF of one source. `samples` is the root that absolute paths in the source start from."""
    return typst.compile(
        source,
        root=samples,
        format="pdf",
        ignore_system_fonts=True,
        font_paths=[],
        pdf_standards=STANDARDS,
        timestamp=MOMENT,
    )


def main(arguments: list[str] | None = None) -> int:
    """Write the PDFs, or with `--check` compare them with a fresh rendering."""
    parser = argparse.ArgumentParser(
        description="Render the PDFs of the sample dossiers from their Typst sources.",
        epilog="Only PDFs whose content changes are written. See samples/README.md (in Dutch).",
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="dossier",
        help="folders under samples/ to render (default: all of them)",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; exit with 1 when a PDF is missing or differs from a fresh rendering",
    )
    options = parser.parse_args(arguments)

    found = list(documents())
    unknown = set(options.names) - {pdf.parent.name for _, pdf in found}
    if unknown:
        parser.error(f"no sources under samples/ for: {', '.join(sorted(unknown))}")
    if options.names:
        found = [(source, pdf) for source, pdf in found if pdf.parent.name in options.names]

    stale = 0
    for source, pdf in found:
        fresh = render(source)
        name = pdf.relative_to(SAMPLES).as_posix()
        if pdf.is_file() and pdf.read_bytes() == fresh:
            print(f"  same     {name}")
            continue
        stale += 1
        if options.check:
            print(f"  {'DIFFERS' if pdf.is_file() else 'MISSING'}  {name}")
        else:
            pdf.write_bytes(fresh)
            print(f"  written  {name} ({len(fresh) / 1024:.0f} kB)")

    if options.check and stale:
        print(f"{stale} of {len(found)} PDFs are out of date: run python scripts/make_samples.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
