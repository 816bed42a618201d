"""The service: serving it, and the description of its API."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Annotated

import typer

from registry import localnet
from registry.chain.encode import address
from registry.cli import options, output
from registry.cli.session import Session
from registry.settings import listen_at


def add_to(app: typer.Typer) -> None:
    """Hangs the commands under the root."""
    for command in (serve, openapi):
        app.command(rich_help_panel="Serve")(command)


def serve(
    listen: Annotated[
        str | None,
        typer.Option(
            "--listen", metavar="HOST:PORT", help="Where to listen; default: FOODVALLEY_LISTEN, else 127.0.0.1:8080."
        ),
    ] = None,
    node: options.Node = None,
    register: options.RegisterAddress = None,
    as_json: options.Json = False,
) -> None:
    """Serve the register over HTTP: answer questions, carry signatures, exchange dossiers.

    Follows the chain in the background. Needs no key to answer. Stop it with Ctrl-C or SIGTERM: it finishes what it was
    answering. Log lines are JSON, on standard error.

    Example: foodvalley serve --listen 127.0.0.1:8080
    """
    from registry.api.serving import serve as run

    session = Session(node, register)
    settings = replace(
        session.settings, node_url=localnet.node_url(node or session.settings.node_url, session.chain_folder)
    )
    if register:
        settings = replace(settings, register=address(register))
    if listen:
        settings = replace(settings, listen=listen_at(listen))

    def tell(where: str) -> None:
        if as_json:
            output.print_json({"address": where})
            sys.stdout.flush()
        else:
            output.errors().print(f"{where}/v1", soft_wrap=True)

    run(settings, tell)


def openapi(as_json: options.Json = False) -> None:
    """Print the description of the API: OpenAPI 3.1, as the service serves it at /v1/openapi.json; needs no chain.

    It is JSON in any case.

    Example: foodvalley openapi > openapi.json
    """
    from registry.api.app import described

    sys.stdout.write(described(Session().settings).decode())
