"""What a service answers, on the screen: list, show, waiting, history, commitments, verify.

With ``--json`` the answer is printed as the API gives it. Titles are known of public dossiers, and of those in one's
own store. The service is believed in this as a node would be; see docs/users.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import typer
from rich.table import Table

from registry import dutch
from registry.cli import names, output, paging
from registry.cli.session import Session
from registry.client import Client
from registry.dossier import document_digest
from registry.errors import NotFoundError, ServiceError, UsageError
from registry.model import Status, Verb
from registry.verification import Outcome

Row = Mapping[str, Any]
_STATUS = {one.value: one.dutch for one in Status}
_VERBS = {one.value: one.dutch for one in Verb}


def list_(session: Session, client: Client, as_json: bool, **asked: object) -> None:
    """The agreements, and the open proposals with the first page."""
    page = client.reading.agreements(**asked)
    choice = {key: asked[key] for key in ("kind", "verb", "status", "text") if asked.get(key) is not None}
    first = asked.get("after") is None and not choice
    organisation = asked.get("organisation")
    offers = client.reading.proposals(organisation=organisation, knownAt=asked.get("knownAt")) if first else None
    if as_json:
        output.print_json({**page.answer, "proposals": list(offers.rows) if offers else []})
        return
    if page.rows:
        made = output.table("overeenkomst", "titel", "partijen", "stand", title="Overeenkomsten", wide="titel")
        for one in page.rows:
            stands = _STATUS.get(_text(one, "status"), _text(one, "status"))
            _add(made, _text(one, "agreement")[:12], title(session, one), _parties(one, "parties"), stands)
        output.console().print(made)
    if offers is not None and offers.rows:
        _print_offers(session, offers.rows)
    if not page.rows and not (offers and offers.rows):
        output.console().print("Er is niets gevonden.")
    paging.show_next(page.next)


def show(session: Session, client: Client, what: str, as_json: bool, **asked: object) -> None:
    """One agreement with its acts, or one proposal, by the first digits of its hash."""
    kind, found = named(client, what)
    if kind == "proposal":
        row = client.reading.proposal(found).row
        if as_json:
            output.print_json(row)
            return
        output.console().print(f"[bold]{output.escaped(title(session, row))}[/] (voorstel)")
        output.print_fact("handeling", _text(row, "actHash"), whole=True)
        output.print_fact("dossier", _text(row.get("act"), "dossier"), whole=True)
        output.print_fact("partijen", _parties(row, "parties"))
        output.print_fact("akkoord", _parties(row, "approved") or "niemand")
        output.print_fact("wacht op", _parties(row, "missing") or "vastleggen")
        return
    row = client.reading.agreement(found, **asked)
    if as_json:
        output.print_json(row)
        return
    output.console().print(f"[bold]{output.escaped(title(session, row))}[/]")
    output.print_fact("overeenkomst", _text(row, "agreement"), whole=True)
    output.print_fact("stand", _STATUS.get(_text(row, "status"), "onbekend"))
    for number, one in enumerate(_rows(row, "recordedActs"), 1):
        verb = _VERBS.get(_text(one, "verb"), _text(one, "verb"))
        output.console().print(f"\n[bold]{number}. {output.escaped(verb)}[/]: {output.escaped(title(session, one))}")
        output.print_fact("handeling", _text(one, "actHash"), whole=True)
        output.print_fact("dossier", _text(one.get("act"), "dossier"), whole=True)
        output.print_fact("partijen", _parties(one, "parties"))
        output.print_fact("vastgelegd", _when(one.get("recorded")))


def waiting(session: Session, client: Client, whom: str, as_json: bool, **asked: object) -> None:
    """The open proposals that wait for an organisation, or for the one that a key signs for."""
    if whom.lower().startswith("0x"):
        held = client.reading.signatory(whom).get("mandate")
        if not isinstance(held, Mapping):
            raise NotFoundError(f"{whom} has no mandate now", hint="let your administrator appoint it")
        organisation = _text(held.get("organisation"), "id")
    else:
        organisation = session.directory.find(whom).id
    page = client.reading.proposals(waitingFor=organisation, **asked)
    if as_json:
        output.print_json(page.answer)
        return
    if page.rows:
        _print_offers(session, page.rows)
    else:
        output.console().print("Er wacht geen voorstel.")
    paging.show_next(page.next)


def history(
    session: Session,
    client: Client,
    as_json: bool,
    *,
    agreement: str | None,
    organisation: str | None,
    signatory: str | None,
    **asked: object,
) -> None:
    """What happened: all of it, or of an agreement or an organisation."""
    if signatory is not None:
        raise UsageError("a service is not asked for the history of one key", hint="ask a node: --node URL")
    if agreement is not None:
        page = client.reading.events_of("agreements", "0x" + named(client, agreement)[1].hex(), **asked)
    elif organisation is not None:
        page = client.reading.events_of("organisations", session.directory.find(organisation).id, **asked)
    else:
        page = client.reading.events(**asked)
    if as_json:
        output.print_json(page.answer)
        return
    made = output.table("blok", "wanneer", "wie", "wat")
    for one in page.rows:
        recorded = one.get("recorded")
        block = str(recorded.get("block")) if isinstance(recorded, Mapping) else ""
        who = one.get("organisation")
        name = _text(who, "name") if isinstance(who, Mapping) else _text(one, "signatory")
        subject = next((_text(one, key) for key in ("actHash", "motionHash", "reportHash") if key in one), "")
        _add(made, block, _when(recorded), name, f"{_text(one, 'event')} {subject[:12]}")
    output.console().print(made)
    paging.show_next(page.next)


def commitments(session: Session, client: Client, as_json: bool, **asked: object) -> None:
    """What was promised, in public dossiers and on the chain."""
    page = client.reading.commitments(**asked)
    if as_json:
        output.print_json(page.answer)
        return
    made = output.table("overeenkomst", "wie", "wat", "uiterlijk", "stand", title="Toezeggingen", wide="wat")
    for one in page.rows:
        reports = _rows(one, "reports")
        who = one.get("promisedBy")
        _add(
            made,
            _text(one, "agreement")[:12],
            _text(who, "name") if isinstance(who, Mapping) else "",
            _text(one, "text") or "(dossier niet openbaar)",
            _text(one, "due") or "–",
            "te laat" if one.get("overdue") else ", ".join(_text(each, "progress") for each in reports),
        )
    output.console().print(made if page.rows else "Er is niets gevonden.")
    paging.show_next(page.next)


def verify(client: Client, file: Path, as_json: bool) -> None:
    """Whether a file is part of an act, as far as the dossiers of the service tell; exit code 1 if not."""
    digest = document_digest(file)
    found = client.reading.document(digest)
    if found.get("sha256") != digest.hex():
        raise ServiceError(f"{client.http.shown} answers about another file than was asked about")
    accepted = found.get("accepted") is True
    if as_json:
        output.print_json({"file": str(file), **found})
    else:
        outcome = _text(found, "outcome")
        mark = "[bold green]✔ Klopt.[/]" if accepted else "[bold red]✘ Klopt niet.[/]"
        if outcome == Outcome.UNKNOWN.value:
            mark = "[bold yellow]? Niet te zeggen.[/]"
        output.console().print(f"{mark} {output.escaped(str(file))}, volgens {output.escaped(client.http.shown)}")
        output.print_fact("sha-256", digest.hex(), whole=True)
        for one in _rows(found, "acts"):
            output.print_fact("stand", _STATUS.get(_text(one, "outcome"), _text(one, "outcome")))
            output.print_fact("handeling", _text(one, "actHash"), whole=True)
            output.print_fact("overeenkomst", _text(one, "agreement"), whole=True)
    if not accepted:
        raise typer.Exit(1)


def named(client: Client, text: str) -> tuple[str, bytes]:
    """What the first digits of a hash name at a service: an ``agreement`` or a ``proposal``, and its whole hash."""
    digits = text.lower().removeprefix("0x")
    if not digits or not set(digits) <= set("0123456789abcdef") or len(digits) > 64:
        raise UsageError(f"{text!r} is not a hash", hint="write 0x and its first hexadecimal digits")
    found = {
        ("proposal", _text(one, "actHash"))
        for one in client.reading.every_proposal(limit=1000)
        if _text(one, "actHash").removeprefix("0x").startswith(digits)
    }
    found |= {
        ("agreement", _text(one, "agreement"))
        for one in client.reading.every_agreement(limit=1000)
        if any(_text(one, key).removeprefix("0x").startswith(digits) for key in ("agreement", "head"))
    }
    if not found:
        raise NotFoundError(f"{text} is the hash of no agreement or open proposal there", hint="see: foodvalley list")
    if len(found) > 1:
        raise UsageError(f"{text} is the beginning of {len(found)} hashes", hint="write more digits")
    kind, whole = found.pop()
    try:
        return kind, bytes.fromhex(whole.removeprefix("0x"))
    except ValueError as error:
        raise ServiceError(f"{client.http.shown} gives {whole[:70]!r} for a hash") from error


def title(session: Session, row: Row) -> str:
    """What people call it: as the service says of a public dossier, or as the dossier in the own store says."""
    told = row.get("title")
    if isinstance(told, str):
        return dutch.titled(told[:300], row.get("example") is True)
    act = row.get("act")
    root = _text(act, "dossier") if isinstance(act, Mapping) else ""
    try:
        manifest = session.store.manifest(bytes.fromhex(root.removeprefix("0x"))) if root else None
    except ValueError:
        manifest = None
    return dutch.title(manifest) if manifest else names.NOT_AT_HAND


def _add(made: Table, *cells: str) -> None:
    """A row whose cells are shown to the letter, whatever others wrote in them."""
    made.add_row(*map(output.escaped, cells))


def _print_offers(session: Session, rows: Sequence[Row]) -> None:
    made = output.table("handeling", "titel", "akkoord", "wacht op", title="Voorstellen", wide="titel")
    for one in rows:
        missing = _parties(one, "missing") or "vastleggen"
        _add(made, _text(one, "actHash")[:12], title(session, one), _parties(one, "approved"), missing)
    output.console().print(made)


def _parties(row: Row, name: str) -> str:
    return ", ".join(_text(one, "name").removeprefix("gemeente ") for one in _rows(row, name))


def _rows(row: Row, name: str) -> list[Row]:
    found = row.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _text(row: object, name: str) -> str:
    """A text of a row as it came, of at most 500 characters; empty if there is none."""
    found = row.get(name) if isinstance(row, Mapping) else None
    return found[:500] if isinstance(found, str) else ""


def _when(place: object) -> str:
    told = _text(place, "time")
    try:
        return dutch.brief_moment(int(datetime.fromisoformat(told).timestamp()))
    except (ValueError, OverflowError):
        return told
