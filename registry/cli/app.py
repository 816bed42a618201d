"""The root of the command line, and the one place where errors become exit codes."""

from __future__ import annotations

import sys

import typer

from registry import __version__
from registry.cli import output
from registry.errors import RegistryError, StorageError

INTERRUPTED = 130

app = typer.Typer(
    name="foodvalley",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="A register of agreements between public bodies that nobody owns and everybody can check.",
    epilog="Start with **foodvalley demo**; or step by step: foodvalley chain up, foodvalley deploy --dev-council,"
    " foodvalley propose DOSSIER --dev veenendaal. Exit codes: 0 done, 1 refused, 2 usage, 3 chain or storage "
    "unavailable.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"foodvalley {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version."),
) -> None:
    """A register of agreements between public bodies that nobody owns and everybody can check."""


def main() -> None:
    """Entry point of the ``foodvalley`` command."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Runs one command; returns its exit code: 0 done, 1 refused, 2 usage, 3 unavailable, 130 interrupted."""
    try:
        _add_commands()
        app(arguments, prog_name="foodvalley")
    except RegistryError as error:
        output.print_error(error, as_json="--json" in arguments)
        return error.exit_code
    except OSError as error:
        # The layers name the file and the remedy; what escapes them is still no reason for a traceback.
        where = f"{error.filename}: " if error.filename else ""
        output.print_error(StorageError(f"{where}{error.strerror or error}"), as_json="--json" in arguments)
        return StorageError.exit_code
    except SystemExit as done:
        code = done.code if isinstance(done.code, int) else int(done.code is not None)
        if code == INTERRUPTED:
            _say_stopped()
        return code
    except KeyboardInterrupt:  # before the command itself began
        _say_stopped()
        return INTERRUPTED
    return 0


def _say_stopped() -> None:
    output.errors().print("\nStopped. Nothing is half-written; run the command again when you like.")


def _add_commands() -> None:
    if not app.registered_groups and not app.registered_commands:
        from registry.cli import commands

        commands.add_to(app)
