"""Fetching a dossier from the service of a party."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from registry.cli import options, output
from registry.cli.session import Session
from registry.dossier import Dossier, Store
from registry.errors import DossierError, NotFoundError, RefusedError, ServiceError
from registry.index.queries_dossiers import sources
from registry.keys import Signer

if TYPE_CHECKING:
    from registry.client import Client


def fetch_(
    what: Annotated[
        str,
        typer.Argument(metavar="ACT|ROOT", help="Hash of an act or proposal (its first digits do), or a whole root."),
    ],
    incomplete: Annotated[
        bool, typer.Option("--incomplete", help="Take what is left of a dossier of which a partner erased something.")
    ] = False,
    key: options.Key = None,
    dev: options.Dev = None,
    password_file: options.PasswordFile = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    service_url: options.ServiceUrl = None,
    as_json: options.Json = False,
) -> None:
    """Fetch the dossier of an act or proposal from the services of its parties, checked to the last byte.

    Each document is held against the root as it comes; what is something else is not kept. A transfer that breaks off
    is gone on with the next time. Public dossiers need no key; for others sign in with the key of a signatory of a
    party: --key or --dev. With --service it is asked of that service only. 'foodvalley serve' fetches what concerns its
    organisation by itself.

    Example: foodvalley dossier fetch 0x3f21 --key mayor
    """
    from registry.cli.commands.dossier import show_added

    session = Session(node, register, service_url)
    signer = session.signer(key, dev, password_file) if key or dev else None
    named = service_url or session.settings.service
    root = _whole(what) if named and len(what) == 66 else session.looking.root(what)
    places = [("", named)] if named else _announced(session, root)
    known = root in session.store.roots()
    found = None if known else _fetched(session, root, places, signer, incomplete, direct=bool(named))
    show_added(session, found or session.store.get(root), known, as_json)


def _fetched(
    session: Session,
    root: bytes,
    places: list[tuple[str, str]],
    signer: Signer | None,
    incomplete: bool,
    *,
    direct: bool,
) -> Dossier:
    from registry.client import Client
    from registry.exchange.fetching import partner

    trouble: RefusedError | ServiceError | None = None
    for _, url in places:
        try:
            # A service that a person names is theirs to trust with a connection; one that was announced is not.
            client = Client(url) if direct else partner(url, private=session.settings.private_partners)
            with client:
                return _from(client, session, root, signer, incomplete)
        except (RefusedError, ServiceError) as error:
            trouble = trouble if isinstance(trouble, DossierError) else error
    raise trouble or NotFoundError(
        "no other party has announced where its service is", hint="ask one for the dossier, and add it"
    )


def _from(client: Client, session: Session, root: bytes, signer: Signer | None, incomplete: bool) -> Dossier:
    from registry.exchange.fetching import fetch

    def sign_in(asked: Client) -> None:
        if signer is not None:
            asked.sign_in(signer, session.chain.chain_id, session.service.register.address)

    store: Store = session.store
    with output.counting("Stukken ophalen") as tell:
        return fetch(client, store, root, sign_in=sign_in, incomplete=incomplete, tell=tell)


def _whole(text: str) -> bytes:
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError as error:
        raise NotFoundError(f"{text} is no root") from error


def _announced(session: Session, root: bytes) -> list[tuple[str, str]]:
    """Where the other parties say that their services are, those that approved first."""
    held, services = session.looking.dossier(root)
    if not held.concerns:
        raise NotFoundError(f"no act or open proposal has the dossier 0x{root.hex()}")
    mine = session.settings.organisation
    return [(one, services[one]) for one in sources(held.concerns) if one in services and one != mine]
