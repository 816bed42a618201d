"""Erasing documents, and asking the other parties to do the same."""

from __future__ import annotations

import getpass
import time
from functools import partial
from typing import Annotated

import typer

from registry import dutch
from registry.cli import asking, options, output
from registry.cli.session import Session
from registry.documents import Document, organisation
from registry.dossier import Dossier
from registry.dossier.erasing import Answer, Erasure, Record, Wish, erase, record_of, records
from registry.errors import NotFoundError, RefusedError, UsageError
from registry.index.purging import indexes, purge
from registry.index.queries_dossiers import sources

_STANDS = {
    "asked": "nog niet gevraagd",
    "waits": "beslist nog",
    "erased": "gewist",
    "absent": "had het niet",
    "refused": "geweigerd",
    "failed": "nog niet bereikt",
    "unclear": "antwoord onduidelijk",
}


def erase_(
    dossier: Annotated[str, typer.Argument(metavar="ROOT", help="Root of the dossier (its first digits do).")],
    file: Annotated[
        str | None, typer.Argument(metavar="FILE", help="Path or number of the document; without it the whole dossier.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; this text stays in your own store.")] = "",
    asked_by: Annotated[
        str | None, typer.Option("--asked-by", metavar="WHO", help="Who asked for it; default: your login name.")
    ] = None,
    refusing: Annotated[
        bool, typer.Option("--refuse", help="Erase nothing, and answer no to the partners who asked for this.")
    ] = False,
    yes: options.Yes = False,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Erase a document and its salt, or a whole dossier, from your store and index; cannot be undone.

    What is left stays provable: of an erased document only its leaf is kept, a hash that leads to nothing without the
    salt. With --key or --dev the services of the other parties are asked to do the same; 'foodvalley serve' keeps
    asking until each has answered. There a person decides. The manifest goes with the whole dossier only.

    Example: foodvalley dossier erase 0x3f21 bijlage.pdf --reason "verzoek van een inwoner" --key mayor
    """
    session = Session(node, register)
    root = _root(session, dossier)
    found = session.store.get(root) if session.store.place(root).is_dir() else None
    index = None if file is None else _index(found, file)
    if refusing:
        _refuse(session, root, index, as_json)
        return
    request = _request(session, root, index, found, (key, dev, password_file))
    what = "het hele dossier" if index is None or found is None else found.leaves[index].path
    asking.ask(f"{what} wordt voorgoed gewist. Doorgaan?", sure=asking.is_sure(yes, as_json, dev))
    done = erase(session.store, root, index, Wish(asked_by or getpass.getuser(), reason))
    purged = [url for url in indexes(session.settings.home, session.settings.index) if purge(url, root, session.store)]
    answers = _ask_partners(session, root, done, request) if request else ()
    if as_json:
        record = record_of(session.store, root)
        assert record is not None  # noqa: S101 - it was written just now
        output.print_json(_document(record, session) | {"indexesPurged": len(purged)})
        return
    output.console().print(f"[bold]Gewist[/]: {output.escaped(what)}", soft_wrap=True)
    output.print_fact("dossier", f"0x{root.hex()}", whole=True)
    for one in answers:
        output.print_fact(_STANDS.get(one.status, one.status), session.directory.name(one.organisation))
    if request is None:
        output.print_fact("partners", "niet gevraagd: geef --key om hen hetzelfde te vragen")
    if index is not None:
        output.print_fact("verder met", f"foodvalley dossier check {dutch.short(root)}", whole=True)


def erasures(as_json: options.Json = False) -> None:
    """List what was erased here, what the partners answered, and what they ask you to erase.

    Example: foodvalley dossier erasures
    """
    session = Session()
    found = list(records(session.store))
    if as_json:
        output.print_json({"erasures": [_document(one, session) for one in found]})
        return
    if not found:
        output.console().print("Er is niets gewist, en niemand vraagt daarom.")
    for record in found:
        output.console().print(f"[bold]dossier 0x{record.root}[/]", soft_wrap=True)
        for one in record.erasures:
            what = "het hele dossier" if one.index is None else f"stuk {one.index}"
            output.print_fact("gewist", f"{what}, {dutch.moment(one.at)}, gevraagd door {one.asked_by}")
            if one.reason:
                output.print_fact("reden", one.reason)
            for answer in one.answers:
                stands = _STANDS.get(answer.status, answer.status)
                output.print_fact("partner", f"{session.directory.name(answer.organisation)}: {stands}")
        for asked in record.asked:
            what = "alles" if asked.index is None else f"stuk {asked.index}"
            stands = ", geweigerd" if asked.refused else _decided(record, asked.index)
            output.print_fact(
                "verzoek", f"{session.directory.name(asked.organisation)} vraagt {what} te wissen{stands}"
            )


def _decided(record: Record, index: int | None) -> str:
    done = any(one.index in (None, index) for one in record.erasures)
    return ", gedaan" if done else f": foodvalley dossier erase 0x{record.root[:8]} {'' if index is None else index}"


def _root(session: Session, text: str) -> bytes:
    """The root of a dossier in the store, or of one that was erased from it."""
    try:
        return session.stored_root(text)
    except NotFoundError:
        digits = text.lower().removeprefix("0x")
        gone = [one.root for one in records(session.store) if one.root.startswith(digits)]
        if len(gone) != 1:
            raise
        return bytes.fromhex(gone[0])


def _index(found: Dossier | None, file: str) -> int:
    if found is None:
        raise RefusedError("the whole dossier was erased before")
    paths = [one.path for one in found.leaves]
    if file in paths:
        return paths.index(file)
    if file.isascii() and file.isdigit() and int(file) < len(paths):
        return int(file)
    raise UsageError(f"the dossier has no document {file!r}", hint="it has: " + ", ".join(paths[1:]))


def _refuse(session: Session, root: bytes, index: int | None, as_json: bool) -> None:
    from registry.exchange.requests import refuse

    count = refuse(session.store, root, index)
    if not count:
        raise NotFoundError("nobody asks to erase this", hint="see who asks for what: foodvalley dossier erasures")
    if as_json:
        output.print_json({"root": "0x" + root.hex(), "refused": count})
        return
    output.console().print(dutch.counted(count, "verzoek geweigerd", "verzoeken geweigerd"))


def _request(
    session: Session, root: bytes, index: int | None, found: Dossier | None, key: tuple[str | None, str | None, object]
) -> dict[str, object] | None:
    """The request to the partners, signed before anything is erased: a wrong password must not leave it half done."""
    from registry.exchange.requests import WHOLE, Request, signed_request

    name, dev, password_file = key
    if name is None and dev is None:
        return None
    signer = session.signer(name, dev, password_file)  # type: ignore[arg-type]
    leaf = WHOLE if index is None or found is None else found.leaves[index].leaf
    return signed_request(Request(root, leaf, int(time.time())), session.service.register.domain, signer)


def _ask_partners(session: Session, root: bytes, done: Erasure, request: dict[str, object]) -> tuple[Answer, ...]:
    from registry.exchange.asking import ask_all
    from registry.exchange.fetching import partner

    held, services = session.looking.dossier(root)
    whom = [one for one in sources(held.concerns) if one != session.settings.organisation]
    private = session.settings.private_partners
    reach = {one: partial(partner, services[one], private=private) for one in whom if one in services}
    return ask_all(session.store, root, done, request, whom, reach)


def _document(record: Record, session: Session) -> Document:
    erased = [
        {
            "index": one.index,
            "leaf": "0x" + one.leaf if one.leaf else None,
            "askedBy": one.asked_by,
            "at": one.at,
            "reason": one.reason or None,
            "partners": [
                {"organisation": organisation(each.organisation, session.directory), "status": each.status}
                for each in one.answers
            ],
        }
        for one in record.erasures
    ]
    asked = [
        {
            "index": one.index,
            "organisation": organisation(one.organisation, session.directory),
            "signatory": one.signatory,
            "at": one.at,
            "refused": one.refused,
        }
        for one in record.asked
    ]
    return {"root": "0x" + record.root, "erased": erased, "requests": asked}
