"""Running one's own organisation: its signatories, its administrator's key, where its service is."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

import typer

from registry import documents, dutch
from registry.chain.encode import address
from registry.cli import given, options, output, sending
from registry.cli.session import Session
from registry.errors import RefusedError, UsageError
from registry.model import NOBODY, Mandate

Organisation = Annotated[str, typer.Argument(metavar="ORGANISATION", help="Your organisation: name or identifier.")]


def add_to(app: typer.Typer) -> None:
    """Hangs the commands under the root."""
    for command in (appoint, dismiss, handover, takeover, announce):
        app.command(rich_help_panel="Your organisation")(command)


def appoint(
    signatory: Annotated[str, typer.Argument(metavar="ADDRESS", help="The key that may sign.")],
    organisation: Annotated[str, typer.Option("--for", metavar="ORGANISATION", help="Name or identifier.")],
    since: Annotated[str | None, typer.Option("--from", metavar="DAY", help="First day; default: at once.")] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DAY", help="First day on which it no longer counts.")
    ] = None,
    together: Annotated[
        int, typer.Option("--together", min=1, max=65535, help="With how many signatories it binds: 1 = alone.")
    ] = 1,
    decision: Annotated[
        str | None, typer.Option("--decision", metavar="FILE|DIGEST", help="The mandate decision (mandaatbesluit).")
    ] = None,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Appoint a signatory for your organisation, as its administrator; or change a mandate.

    A key belongs to one organisation for good; who signs for two needs a key for each. Only a successor may
    appoint the keys of the organisation whose place it took.

    Example: foodvalley appoint 0x15d3… --for Veenendaal --until 2030-01-01 --dev veenendaal:admin
    """
    session = Session(node, register)
    mandate = Mandate(
        signatory=address(signatory),
        organisation=session.directory.find(organisation).id,
        valid_from=given.first_second(since) if since else 0,
        valid_until=given.first_second(until) if until else 0,
        together=together,
        decision=given.digest(decision),
    )
    sent = session.service.appoint(mandate, session.signer(key, dev, password_file))
    if as_json:
        output.print_json(documents.mandate(mandate, session.directory) | documents.sent(sent))
        return
    name = session.directory.name(mandate.organisation)
    output.console().print(f"[bold]Benoemd[/]: {mandate.signatory} tekent voor {name}, {dutch.authority(mandate)}.")


def dismiss(
    signatory: Annotated[str, typer.Argument(metavar="ADDRESS", help="The key that may no longer sign.")],
    organisation: Annotated[str, typer.Option("--for", metavar="ORGANISATION", help="Name or identifier.")],
    decision: Annotated[
        str | None, typer.Option("--decision", metavar="FILE|DIGEST", help="The decision to withdraw the mandate.")
    ] = None,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """End a signatory's mandate at once, also for what was approved and is not recorded yet.

    Example: foodvalley dismiss 0x15d3… --for Veenendaal --dev veenendaal:admin
    """
    session = Session(node, register)
    identifier = session.directory.find(organisation).id
    signer = session.signer(key, dev, password_file)
    sent = session.service.dismiss(identifier, address(signatory), signer, given.digest(decision))
    if as_json:
        output.print_json({"signatory": address(signatory)} | documents.sent(sent))
        return
    name = session.directory.name(identifier)
    output.console().print(f"[bold]Mandaat ingetrokken[/]: {address(signatory)} tekent niet meer voor {name}.")


def handover(
    organisation: Organisation,
    nominee: Annotated[
        str | None, typer.Argument(metavar="ADDRESS", help="The key that may take over as administrator.")
    ] = None,
    take_back: Annotated[
        bool, typer.Option("--take-back", help="Nobody may take over any more, as long as nobody has.")
    ] = False,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Put another key forward as administrator of your organisation; nothing changes until that key takes over.

    So an organisation is never handed to a key that nobody has. Until the other runs 'foodvalley takeover' you
    remain the administrator, and can take it back.

    Example: foodvalley handover Veenendaal 0x15d3… --dev veenendaal:admin
    """
    session = Session(node, register)
    if take_back == (nominee is not None):
        raise UsageError("name the key that may take over, or give --take-back")
    identifier = session.directory.find(organisation).id
    chosen = NOBODY if nominee is None else address(nominee)
    if chosen == NOBODY and not take_back:
        raise UsageError("nobody has the key of the zero address", hint="to take a handover back: --take-back")
    view = session.service.view()
    signer = session.signer(key, dev, password_file)
    sent = session.governing.hand_over(view, identifier, chosen, signer)
    if as_json:
        document = {"organisation": documents.organisation(identifier, session.directory)}
        output.print_json(document | {"nominee": None if take_back else chosen} | documents.sent(sent))
        return
    name = session.directory.name(identifier)
    if take_back:
        output.console().print(f"[bold]Teruggenomen[/]: niemand kan het beheer van {name} nog overnemen.")
    else:
        output.console().print(f"[bold]Voorgedragen[/] als beheerder van {name}; er verandert nog niets")
        output.print_fact("voorgedragen", chosen)
        output.print_fact("verder met", f"foodvalley takeover {identifier}, met die sleutel")
    sending.show(sent)


def takeover(
    organisation: Organisation,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Take over as administrator, with the key that the present one put forward; the old key has no say any more.

    Example: foodvalley takeover Veenendaal --key beheerder-nieuw
    """
    session = Session(node, register)
    identifier = session.directory.find(organisation).id
    view = session.service.view()
    signer = session.signer(key, dev, password_file)
    sent = session.governing.take_over(view, identifier, signer)
    if as_json:
        document = {"organisation": documents.organisation(identifier, session.directory)}
        output.print_json(document | {"administrator": signer.address} | documents.sent(sent))
        return
    output.console().print(f"[bold]Overgenomen[/]: het beheer van {session.directory.name(identifier)}")
    output.print_fact("beheerder", signer.address)
    sending.show(sent)


def announce(
    organisation: Organisation,
    service: Annotated[
        str | None, typer.Argument(metavar="URL", help="Where the service of your organisation is found.")
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="It has no service any more.")] = False,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Say on the chain where others find the service of your organisation, as its administrator.

    Everybody can read it, for good. Nobody checks it: others treat the address, and whatever it serves, as hostile
    until it adds up to what the chain says.

    Example: foodvalley announce Veenendaal https://register.veenendaal.example --dev veenendaal:admin
    """
    session = Session(node, register)
    if none == (service is not None):
        raise UsageError("give the address of the service, or --none")
    identifier = session.directory.find(organisation).id
    chosen = _checked_service(service) if service is not None else ""
    view = session.service.view()
    sent = session.governing.announce(view, identifier, chosen, session.signer(key, dev, password_file))
    if as_json:
        document = {"organisation": documents.organisation(identifier, session.directory)}
        output.print_json(document | {"service": chosen or None} | documents.sent(sent))
        return
    name = session.directory.name(identifier)
    if chosen:
        output.console().print(f"[bold]Bekendgemaakt[/]: waar de dienst van {name} staat")
        output.print_fact("dienst", chosen, whole=True)
        output.print_fact("let op", "anderen vertrouwen dit adres niet: wat het levert, houden zij tegen de keten")
    else:
        output.console().print(f"[bold]Afgemeld[/]: {name} heeft geen dienst meer.")
    sending.show(sent)


def _checked_service(text: str) -> str:
    """A web address that may stand in public; UsageError or RefusedError if it may not, a warning without https."""
    try:
        parts = urlsplit(text)
        host, secret = parts.hostname, parts.username or parts.password
    except ValueError as error:
        raise UsageError("that is not a web address", hint="for example https://register.veenendaal.example") from error
    if secret:
        # Not repeated in the message: it would end up in logs as well.
        raise RefusedError(
            "the address holds a user name or password, and everybody would read it", hint="leave it out"
        )
    if not text.isprintable() or " " in text:
        raise UsageError("the address holds spaces or characters that cannot be seen", hint="give a plain address")
    if parts.scheme != "https" or not host:
        output.print_warning(
            f"{text} is not an https address: whoever stands between can read and change what others get from it"
        )
    return text
