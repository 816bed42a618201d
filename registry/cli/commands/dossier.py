"""Dossiers: the documents of an act, from a folder on the desk to a root that can be agreed on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from registry import dossier as dossiers
from registry import dutch
from registry.cli import options, output, shown
from registry.cli.session import Session
from registry.dossier import Dossier, Manifest, Visibility
from registry.dossier.leaves import LEAVES
from registry.dossier.listing import visible_files
from registry.dossier.reading import NAMES
from registry.dossier.rules import RESERVED
from registry.dossier.streams import storage_errors
from registry.dossier.terms import start_of_day
from registry.errors import DossierError, UsageError
from registry.organisations import Directory

app = typer.Typer(
    no_args_is_help=True,
    help="Dossiers: put the documents of an act together, check them, keep them.\n\n"
    "A dossier is a manifest and its files. Its root, one hash of 32 bytes, is what the parties agree on; "
    "the documents themselves never go on the chain.\n\n"
    "Start with: foodvalley dossier new FOLDER",
)

_MOST_NAMES = 8

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder with the documents.")]
Meant = Annotated[
    str,
    typer.Argument(metavar="ROOT|FOLDER", help="Root of a dossier in the store (its first digits do), or a folder."),
]
ExpectedRoot = Annotated[
    str | None,
    typer.Option("--root", metavar="0x…", help="The root that was agreed; refuses any other dossier, however sound."),
]


@app.command()
def new(folder: Folder, as_json: options.Json = False) -> None:
    """Start a manifest for a folder of documents.

    Writes manifest.yaml in the folder, in Dutch and with explanations, and lists the files that are there. You
    fill in what the agreement is about. A manifest that is already there is never overwritten.

    Example: foodvalley dossier new convenant-fietsroutes
    """
    with storage_errors(folder, "read"):
        made = dossiers.new(folder)
        files = [name for name in visible_files(folder) if name not in RESERVED]
    if as_json:
        output.print_json({"manifest": str(made), "files": files})
        return
    output.console().print("[bold]Manifest gemaakt[/]")
    output.print_fact("manifest", str(made), whole=True)
    output.print_fact("bestanden", _names(files) if files else "nog geen: zet de documenten in deze map")
    output.print_fact("verder met", "vul het manifest in, en dan:")
    output.print_fact("", f"foodvalley dossier check {folder}", whole=True)
    output.print_fact("", f"foodvalley dossier build {folder}", whole=True)


@app.command()
def build(folder: Folder, as_json: options.Json = False) -> None:
    """Build a dossier from a folder with a manifest, and keep it in the store.

    Checks the manifest and every file, copies them with a fresh random salt each, and names the whole by one
    root: what the parties will agree on. Building the same folder twice gives two different roots, because the
    salts differ; so build once, and pass on what was built.

    Example: foodvalley dossier build samples/mobiliteitsconvenant
    """
    session = Session()
    manifest = dossiers.prepare(folder, session.directory)
    unlisted = _unlisted(folder, manifest, as_json)
    with output.progress("Bestanden lezen") as advance:
        built = dossiers.build(folder, session.store, session.directory, advance)
    if as_json:
        output.print_json(shown.document(built, session.directory) | {"unlisted": unlisted})
        return
    _print_title("Dossier gebouwd", built.manifest)
    _print_root(built)
    _print_terms(built.manifest, session.directory)
    _print_files(built)
    output.console().print()
    follows = "" if manifest.parties else " --follows OVEREENKOMST"
    output.print_fact("verder met", f"foodvalley propose {dutch.short(built.root)}{follows} --key NAAM", whole=True)


@app.command()
def check(
    what: Meant,
    root: ExpectedRoot = None,
    as_json: options.Json = False,
) -> None:
    """Check a folder before building it, or a built dossier to the last byte.

    Of a folder with a manifest.yaml it says whether it can be built, with every fault and its line. Of a built
    dossier every hash is recomputed, whoever it came from: a changed, missing or added file is named.

    Example: foodvalley dossier check 0x3f21
    """
    session = Session()
    expected = _root(root) if root else None
    folder, kept_as = _place(session, what)
    if kept_as is None and not _is_built(folder):
        if expected is not None:
            raise UsageError(f"{what} is not built yet, so it has no root to compare", hint="leave out --root")
        _check_source(session, folder, as_json)
        return
    with output.waiting("Bestanden lezen"):
        if kept_as is not None:
            dossiers.load(folder, kept_as)
        found = dossiers.check(folder, expected)
    if as_json:
        output.print_json({"built": True, "sound": True} | shown.document(found, session.directory))
        return
    count = len(found.manifest.files) - len(found.erased)
    documents = "1 document hoort" if count == 1 else f"{count} documenten horen"
    output.console().print(f"[bold green]✔ Klopt.[/] Opnieuw berekend: {documents} bij dit dossier.")
    _print_root(found)
    output.print_fact("titel", dutch.title(found.manifest))
    if found.erased:
        output.print_fact("gewist", _names(found.erased))
    if expected is None:
        output.print_fact("let op", "of dit is overeengekomen, zegt het register: foodvalley list")


@app.command()
def add(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder with a dossier that was built.")],
    root: ExpectedRoot = None,
    as_json: options.Json = False,
) -> None:
    """Take a dossier that another party built into your own store.

    Everything is checked before it is kept. Give --root with the root of the proposal, and no other dossier is
    accepted. You can then read what you sign, and verify its documents.

    Example: foodvalley dossier add ontvangen/dossier --root 0x3f21…
    """
    session = Session()
    expected = _root(root) if root else None
    _require_built(folder)
    known = set(session.store.roots())
    with output.waiting("Bestanden lezen"):
        added = session.store.add(folder, expected)
    show_added(session, added, added.root in known, as_json)


def show_added(session: Session, added: Dossier, known: bool, as_json: bool) -> None:
    """Says which dossier came in, or was there already."""
    if as_json:
        output.print_json({"new": not known} | shown.document(added, session.directory))
        return
    _print_title("Dossier was er al" if known else "Dossier toegevoegd", added.manifest)
    _print_root(added)
    _print_terms(added.manifest, session.directory)
    output.print_fact("verder met", f"foodvalley dossier show {dutch.short(added.root)}", whole=True)


@app.command("list")
def list_(as_json: options.Json = False) -> None:
    """List the dossiers in the store.

    The store is a folder of this organisation (setting: dossiers). Other parties have their own; what counts is
    the root, which is the same everywhere.

    Example: foodvalley dossier list
    """
    session = Session()
    found: list[Dossier] = []
    damaged: list[tuple[bytes, str]] = []
    for root in session.store.roots():
        try:
            found.append(session.store.get(root))
        except DossierError as error:
            damaged.append((root, error.message))
    if as_json:
        broken = [{"root": root, "message": reason} for root, reason in damaged]
        rows = [shown.document(one, session.directory) for one in found]
        output.print_json({"store": str(session.store.folder), "dossiers": rows, "damaged": broken})
        return
    for root, reason in damaged:
        output.print_warning(f"dossier 0x{root.hex()} is damaged: {reason}")
    if not found:
        output.console().print("Er zijn nog geen dossiers. Begin met: foodvalley dossier new MAP")
        return
    made = output.table("dossier", "titel en soort", "partijen", "stukken", title="Dossiers")
    made.columns[2].max_width = 26  # at 80 columns the longest kind then fits beside it
    made.columns[3].justify = "right"
    made.columns[3].no_wrap = made.columns[0].no_wrap = True
    for one in sorted(found, key=lambda each: (each.manifest.title, each.root)):
        what = f"{output.escaped(dutch.title(one.manifest))}\n[dim]{_words(one.manifest.kind)}[/]"
        parties = ", ".join(
            session.directory.name(party.organisation).removeprefix("gemeente ") for party in one.manifest.parties
        )
        files = str(len(one.manifest.files))
        made.add_row(dutch.short(one.root), what, parties or "geen: beëindigt de overeenkomst", files)
    output.console().print(made)


@app.command()
def show(what: Meant, as_json: options.Json = False) -> None:
    """Show a dossier: what is agreed, between whom, since when, what was promised, and its files.

    The manifest and the leaves are checked against the root; the files themselves are read by
    'foodvalley dossier check'.

    Example: foodvalley dossier show 0x3f21
    """
    session = Session()
    folder, root = _place(session, what)
    _require_built(folder)
    found = dossiers.load(folder, root)
    if as_json:
        output.print_json(shown.document(found, session.directory))
        return
    manifest = found.manifest
    output.console().print(f"[bold]{output.escaped(dutch.title(manifest))}[/]")
    output.console().print(output.escaped(manifest.summary.strip()))
    _print_root(found)
    _print_terms(manifest, session.directory)
    if manifest.commitments:
        output.console().print()
        made = output.table("", "wie", "wat", "uiterlijk", title="Toezeggingen")
        for one in manifest.commitments:
            known = session.directory.get(one.organisation)
            who = known.short_name if known else one.organisation
            due = dutch.day(start_of_day(one.due)) if one.due else "–"
            made.add_row(one.id, output.escaped(who), output.escaped(one.text.strip()), due)
        output.console().print(made)
    _print_files(found)


def _check_source(session: Session, folder: Path, as_json: bool) -> None:
    manifest = dossiers.prepare(folder, session.directory)
    unlisted = _unlisted(folder, manifest, as_json)
    if as_json:
        about = shown.about(manifest, session.directory)
        output.print_json({"built": False, "sound": True} | about | {"unlisted": unlisted})
        return
    output.console().print("[bold green]✔ Klopt.[/] Dit dossier zou kunnen worden gebouwd.")
    output.print_fact("titel", dutch.title(manifest))
    _print_terms(manifest, session.directory)
    output.print_fact("bestanden", _names([one.path for one in manifest.files]))
    output.print_fact("verder met", f"foodvalley dossier build {folder}", whole=True)


def _place(session: Session, text: str) -> tuple[Path, bytes | None]:
    """The folder a person means, and the root it must have if it is in the store."""
    folder = Path(text)
    with storage_errors(folder, "read"):
        if folder.is_dir():
            return folder, None
        if folder.exists():
            raise UsageError(f"{text} is a file, not a folder", hint="name the folder that holds the manifest")
    root = session.stored_root(text)
    return session.store.place(root), root


def _require_built(folder: Path) -> None:
    """A folder that is still to be built is a likely slip, and its remedy another command."""
    with storage_errors(folder, "read"):
        has_manifest = any((folder / name).is_file() for name in NAMES)
    if has_manifest and not _is_built(folder):
        raise UsageError(f"{folder} is not built yet", hint=f"build it: foodvalley dossier build {folder}")


def _is_built(folder: Path) -> bool:
    with storage_errors(folder, "read"):
        return (folder / LEAVES).is_file()


def _root(text: str) -> bytes:
    digits = text.lower().removeprefix("0x")
    if len(digits) != 64 or not set(digits) <= set("0123456789abcdef"):
        raise UsageError(f"{text!r} is not a root", hint="write 0x and all 64 hexadecimal digits")
    return bytes.fromhex(digits)


def _unlisted(folder: Path, manifest: Manifest, as_json: bool) -> tuple[str, ...]:
    """The files that the manifest leaves out, with a warning to people."""
    found = dossiers.unlisted_files(folder, manifest)
    if found and not as_json:
        output.print_warning(
            f"the manifest does not list {_names(found, 'and')}: list what belongs to the dossier, leave the rest"
        )
    return found


def _names(names: tuple[str, ...] | list[str], joint: str = "en") -> str:
    """Names as in a sentence, at most a handful of them."""
    named, rest = list(names[:_MOST_NAMES]), len(names) - _MOST_NAMES
    if rest > 0:
        named.append(f"{rest} {'more' if joint == 'and' else 'andere'}")
    *most, last = named
    return f"{', '.join(most)} {joint} {last}" if most else last


def _words(name: str) -> str:
    """A name from the manifest as people write it: "gedeputeerde staten"."""
    return name.replace("-", " ")


def _print_title(what: str, manifest: Manifest) -> None:
    output.console().print(f"[bold]{what}[/]: {output.escaped(dutch.title(manifest))}")


def _print_root(found: Dossier) -> None:
    output.print_fact("dossier", f"0x{found.root.hex()}", whole=True)
    output.print_fact("map", str(found.folder), whole=True)


def _print_terms(manifest: Manifest, directory: Directory) -> None:
    terms = manifest.terms()
    until = f" tot en met {dutch.last_day(terms.valid_until)}" if terms.valid_until else ", voor onbepaalde tijd"
    output.print_fact("soort", f"{_words(manifest.kind)}, {manifest.policy_area}")
    if manifest.parties:
        parties = (f"{directory.name(one.organisation)} ({_words(one.organ)})" for one in manifest.parties)
        output.print_fact("partijen", dutch.listed(parties))
        output.print_fact("geldig", f"vanaf {dutch.day(terms.valid_from)}{until}")
        alone = f"door één partij met {_days(manifest.notice_days)} opzegtermijn"
        output.print_fact("opzeggen", alone if manifest.notice_days else "alleen samen")
    else:
        output.print_fact("partijen", "geen meer: deze handeling beëindigt de overeenkomst")
        output.print_fact("eindigt", f"met ingang van {dutch.day(terms.valid_from)}")
    if terms.deadline:
        output.print_fact("akkoord", f"uiterlijk {dutch.day(terms.deadline)}")
    public = manifest.visibility is Visibility.PUBLIC
    output.print_fact("leesbaar", "voor iedereen" if public else "alleen voor de partijen")


def _days(count: int) -> str:
    return "1 dag" if count == 1 else f"{count} dagen"


def _print_files(found: Dossier) -> None:
    """Every document with its leaf on a line of its own, where the hash fits and can be copied."""
    console = output.console()
    console.print("\n[bold]Bestanden[/]")
    for index, (leaf, listed) in enumerate(found.listed()):
        role = listed.role.value if listed else "manifest"
        size = "gewist" if leaf.is_erased else _size(found.size(index))
        console.print(f"  {index}. {output.escaped(leaf.path)} [dim]({role}, {size})[/]", soft_wrap=True)
        console.print(f"     blad 0x{leaf.leaf.hex()}", style="dim", soft_wrap=True)


def _size(size: int | None) -> str:
    if size is None:
        return "niet aanwezig"
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}".replace(".", ",")
    return f"{size} bytes"
