"""Exporting: the register in files, for programs, for spreadsheets and for a controller."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer

from registry import dutch, exports
from registry.audit import AuditReport, Check
from registry.cli import options, output
from registry.cli.commands.audit import audited
from registry.cli.session import Session
from registry.errors import RegistryError, UsageError
from registry.exports import About, Source
from registry.index import Header

app = typer.Typer(
    no_args_is_help=True,
    help="Write the register to a file: all events (csv, jsonl), a workbook (xlsx), or the report of an audit (pdf).",
)

Output = Annotated[
    Path,
    typer.Option("--output", "-o", metavar="FILE", help="The file to write; - is standard output."),
]
Force = Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")]
AtBlock = Annotated[
    int | None,
    typer.Option("--at-block", metavar="NUMBER", min=0, help="As of this block; default: the latest."),
]


@app.command(name="csv")
def csv_(
    file: Output,
    force: Force = False,
    at_block: AtBlock = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Write all events to a table (CSV): one row an event, always the same columns, which docs/auditors.md explains.

    Example: foodvalley export csv --output register.csv
    """
    _lines("csv", exports.write_csv, file, force, at_block, Session(node, register), as_json)


@app.command()
def jsonl(
    file: Output,
    force: Force = False,
    at_block: AtBlock = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Write all events as JSON Lines: one document an event, as 'foodvalley history --json' has them.

    Example: foodvalley export jsonl --output register.jsonl
    """
    _lines("jsonl", exports.write_json_lines, file, force, at_block, Session(node, register), as_json)


@app.command()
def xlsx(
    file: Output,
    force: Force = False,
    at_block: AtBlock = None,
    with_audit: Annotated[
        bool, typer.Option("--audit", help="Audit the register first, and add what came of it as a sheet.")
    ] = False,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Write the register to a workbook (XLSX): agreements, acts, approvals, mandates, commitments, events.

    With --audit the exit code is 1 if the audit found something; the file is written all the same.

    Example: foodvalley export xlsx --output register.xlsx
    """
    session = Session(node, register)
    _prepare(file, force, as_json, binary=True)
    with _source(session, at_block) as source:
        audit = audited(session, None, source.about.block) if with_audit else None
        with exports.new_file(file, force=force) as target:
            counts = exports.write_workbook(source, target, audit)
    _tell(file, "xlsx", source.about, counts, audit, as_json)


@app.command()
def pdf(
    file: Output,
    force: Force = False,
    at_block: AtBlock = None,
    from_block: Annotated[
        int | None,
        typer.Option(
            "--from-block", metavar="NUMBER", min=0, help="Check signatures from this block on; default: all."
        ),
    ] = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Audit the register, and write what came of it as a report (PDF) for a controller, in Dutch.

    Exit code 1 if the audit found something; the report is written all the same.

    Example: foodvalley export pdf --output controle.pdf
    """
    session = Session(node, register)
    _prepare(file, force, as_json, binary=True)
    with ExitStack() as open_until_done:
        indexed: Source | None = None
        with suppress(RegistryError):  # whatever is wrong, the audit says it better
            indexed = open_until_done.enter_context(_source(session, at_block))
        audit = audited(session, from_block, indexed.about.block if indexed else at_block)
        drawn = _to_draw(session, audit, indexed)
        with exports.new_file(file, force=force) as target:
            exports.write_report(drawn, audit, target, session.directory)
    here = (audit.chain_id, audit.register, audit.from_block)
    about = About(*here, audit.block, audit.block_hash, audit.block_time, audit.fingerprint)
    _tell(file, "pdf", about, {}, audit, as_json)


Writer = Callable[..., int]


def _lines(
    kind: str, write: Writer, file: Path, force: bool, at_block: int | None, session: Session, as_json: bool
) -> None:
    _prepare(file, force, as_json)
    with _source(session, at_block) as source, exports.new_file(file, force=force) as target:
        count = write(source.events(), target, source.directory)
    _tell(file, kind, source.about, {"events": count}, None, as_json)


def _prepare(file: Path, force: bool, as_json: bool, *, binary: bool = False) -> None:
    """Before anything is read: whether the file can be written, and the answer has somewhere to go."""
    if file == exports.STANDARD_OUTPUT and as_json:
        raise UsageError("--json and --output - both want standard output", hint="name a file, or leave out --json")
    if file == exports.STANDARD_OUTPUT and binary and sys.stdout.isatty():
        raise UsageError("this file is not for a terminal", hint="name a file: --output FILE")
    exports.require_free(file, force=force)


@contextmanager
def _source(session: Session, at_block: int | None) -> Iterator[Source]:
    """The register as its index has it, once that is up to date."""
    register = session.service.register
    at = None
    if at_block is not None:
        time = register.chain.time_of(at_block)
        at = Header(at_block, register.chain.block_hash(at_block) or b"", time)
    with session.index() as index:
        session.catch_up(index, at_block)
        with exports.index_source(index, at, session.directory) as source:
            yield source


def _to_draw(session: Session, audit: AuditReport, indexed: Source | None) -> Source | None:
    """What the picture of a report is drawn from: nothing that the audit found to be wrong."""
    sound = not audit.tally(Check.INDEX).deviations
    if indexed is not None and sound and indexed.about.fingerprint == audit.fingerprint:
        return indexed
    try:
        view = session.service.view(audit.block)
    except RegistryError as error:
        # What does not add up cannot be drawn; what was found about it is what the report is for.
        output.print_warning(f"the report has no picture of the agreements: {error.message}")
        return None
    return exports.LedgerSource.of(session.service, view)


def _tell(
    file: Path, kind: str, about: About, counts: Mapping[str, int], audit: AuditReport | None, as_json: bool
) -> None:
    """Says what was written; ends with exit code 1 if an audit found something."""
    if file != exports.STANDARD_OUTPUT:
        written = exports.described(file)
        if as_json:
            output.print_json(
                {
                    "file": str(file),
                    "format": kind,
                    "bytes": written.size,
                    "sha256": written.sha256.hex(),
                    "rows": dict(counts),
                    "holds": audit.holds if audit else None,
                    "deviations": len(audit.deviations) if audit else None,
                    "asOf": {"block": about.block, "time": about.block_time, "fingerprint": about.fingerprint},
                }
            )
        else:
            _show(written, about, counts, audit)
    if audit is not None and not audit.holds:
        raise typer.Exit(1)


def _show(written: exports.Written, about: About, counts: Mapping[str, int], audit: AuditReport | None) -> None:
    output.console().print(f"[bold]Geschreven[/]: {output.escaped(str(written.path))}", soft_wrap=True)
    if counts:
        output.print_fact(
            "inhoud", ", ".join(f"{dutch.number(count)} {_NOUNS[name]}" for name, count in counts.items())
        )
    if audit is not None:
        found = exports.verdict_of(audit)
        output.print_fact("oordeel", f"{found.title}. {found.sentence}")
    output.print_fact("stand", f"blok {dutch.number(about.block)}, {dutch.moment(about.block_time)}")
    output.print_fact("vingerafdruk", f"0x{about.fingerprint.hex()}", whole=True)
    output.print_fact("sha-256", written.sha256.hex(), whole=True)


_NOUNS = {
    "events": "gebeurtenissen",
    "Overeenkomsten": "overeenkomsten",
    "Handelingen": "handelingen",
    "Akkoorden": "akkoorden",
    "Mandaten": "mandaten",
    "Toezeggingen": "toezeggingen",
    "Gebeurtenissen": "gebeurtenissen",
}
