"""Options that several commands share, so that they read and behave the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for machines instead of text.")]
Node = Annotated[
    str | None,
    typer.Option(
        "--node", metavar="URL", help="JSON-RPC address of the node; default: FOODVALLEY_NODE, else the local chain."
    ),
]
ServiceUrl = Annotated[
    str | None,
    typer.Option(
        "--service", metavar="URL", help="Ask this service instead of a node; default: FOODVALLEY_SERVICE, if set."
    ),
]
RegisterAddress = Annotated[
    str | None,
    typer.Option(
        "--register", metavar="ADDRESS", help="Address of the register; default: the deployment record of the chain."
    ),
]
Key = Annotated[
    str | None,
    typer.Option("--key", metavar="NAME|FILE", help="Key to sign with: a name from 'foodvalley key list', or a file."),
]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        "--password-file", metavar="FILE", help="File with the key's password; else FOODVALLEY_PASSWORD, else a prompt."
    ),
]
Dev = Annotated[
    str | None,
    typer.Option(
        "--dev",
        metavar="ROLE",
        help="Sign with a development account of the local chain: veenendaal (signatory), veenendaal:2 (second "
        "signatory), veenendaal:admin (administrator), carrier.",
    ),
]
Decision = Annotated[
    str | None,
    typer.Option(
        "--decision", metavar="FILE|DIGEST", help="The organisation's own decision (besluit): its file, or its SHA-256."
    ),
]
SignOffline = Annotated[
    Path | None,
    typer.Option(
        "--offline", metavar="FILE", help="Write the signature to a file that another carries; no transaction."
    ),
]
InTheStead = Annotated[
    str | None,
    typer.Option(
        "--for",
        metavar="ORGANISATION",
        help="The party you do this for: your organisation (default), or one whose place it took.",
    ),
]
ValidOn = Annotated[
    str | None,
    typer.Option(
        "--valid-on", metavar="DATE", help="What held on this day (geldig op), such as 2026-05-01; default: now."
    ),
]
KnownAt = Annotated[
    str | None,
    typer.Option(
        "--known-at",
        metavar="DATETIME",
        help="What had been recorded by then (bekend op), such as 2026-05-01 or 2026-05-01T12:00; default: now.",
    ),
]
Limit = Annotated[int, typer.Option("--limit", metavar="N", help="How many at most, from 1 to 1000.")]
After = Annotated[
    str | None, typer.Option("--after", metavar="CURSOR", help="Go on where a page ended: the cursor that it gave.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why; only its salted digest goes on chain.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
