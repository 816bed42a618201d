"""The commands, one module per subject; each is thin: options in, a use case, output out."""

from __future__ import annotations

import typer


def add_to(app: typer.Typer) -> None:
    """Hangs every command under the root, in the order in which help shows them."""
    from registry.cli.commands import (
        audit,
        chain,
        commitment,
        council,
        demo,
        dossier,
        erasing,
        export,
        fetching,
        index,
        key,
        look,
        motion,
        organisation,
        serve,
        sign,
        verify,
    )

    demo.add_to(app)
    verify.add_to(app)
    look.add_to(app)
    audit.add_to(app)
    app.add_typer(export.app, name="export", rich_help_panel="Look")
    sign.add_to(app)
    commitment.add_to(app)
    dossier.app.command("fetch")(fetching.fetch_)
    dossier.app.command("erase")(erasing.erase_)
    dossier.app.command("erasures")(erasing.erasures)
    app.add_typer(dossier.app, name="dossier", rich_help_panel="Prepare")
    app.add_typer(key.app, name="key", rich_help_panel="Prepare")
    organisation.add_to(app)
    council.add_to(app)
    motion.add_to(app)
    serve.add_to(app)
    app.add_typer(index.app, name="index", rich_help_panel="Prepare")
    app.add_typer(chain.app, name="chain", rich_help_panel="Prepare")
