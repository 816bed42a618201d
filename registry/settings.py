"""Where things are: settings from the environment, over ``foodvalley.toml``, over defaults.

Nothing is read at import. An entry point calls :func:`load_settings` once and passes the result on.
The same key names are used in the file; the environment variable of each key stands in :data:`VARIABLES`.
"""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from eth_typing import ChecksumAddress
from eth_utils.address import is_checksum_formatted_address, is_hex_address, to_checksum_address
from platformdirs import user_data_dir

from registry.errors import SettingsError, StorageError
from registry.organisations import is_identifier

FILE_NAME = "foodvalley.toml"
DEFAULT_TIMEOUT_SECONDS = 120.0
DEFAULT_LISTEN = ("127.0.0.1", 8080)
DEFAULT_REQUESTS_PER_MINUTE = 1200
DEFAULT_CONFIRMATIONS = 12
DEFAULT_QUEUE = 10_000

#: The environment variable of each setting. ``organisations`` is a table and lives in the file only.
VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "home": "FOODVALLEY_HOME",
        "node_url": "FOODVALLEY_NODE",
        "register": "FOODVALLEY_REGISTER",
        "chain_id": "FOODVALLEY_CHAIN_ID",
        "deployments": "FOODVALLEY_DEPLOYMENTS",
        "dossiers": "FOODVALLEY_DOSSIERS",
        "proposals": "FOODVALLEY_PROPOSALS",
        "keys": "FOODVALLEY_KEYS",
        "index": "FOODVALLEY_INDEX",
        "timeout_seconds": "FOODVALLEY_TIMEOUT_SECONDS",
        "listen": "FOODVALLEY_LISTEN",
        "organisation": "FOODVALLEY_ORGANISATION",
        "service": "FOODVALLEY_SERVICE",
        "public_url": "FOODVALLEY_PUBLIC_URL",
        "outbox": "FOODVALLEY_OUTBOX",
        "carrier_key": "FOODVALLEY_CARRIER_KEY",
        "private_partners": "FOODVALLEY_PRIVATE_PARTNERS",
        "contact": "FOODVALLEY_CONTACT",
        "requests_per_minute": "FOODVALLEY_REQUESTS_PER_MINUTE",
        "confirmations": "FOODVALLEY_CONFIRMATIONS",
        "queue": "FOODVALLEY_QUEUE",
    }
)

# Read elsewhere, and named here so that a typing error in any other FOODVALLEY_ variable is noticed: a
# misspelt FOODVALLEY_REGISTER that is silently ignored sends an approval to the wrong register.
_OTHER_VARIABLES = frozenset({"FOODVALLEY_PASSWORD", "FOODVALLEY_NODE_MODULES", "FOODVALLEY_REQUIRE_POSTGRESQL"})

_FILE_KEYS = (*VARIABLES, "organisations")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an entry point must know before it can start; all paths are absolute."""

    home: Path
    #: JSON-RPC address of the node; None means the local chain that is running. Not shown by ``repr``:
    #: addresses of hosted nodes carry a password or an access key.
    node_url: str | None = field(default=None, repr=False)
    #: Address of the register's contract; None means the one in the deployment record of the chain.
    register: ChecksumAddress | None = None
    #: Id of the chain (EIP-155) that all is about; None means that of the node, or of the one deployment record.
    chain_id: int | None = None
    deployments: Path
    dossiers: Path
    proposals: Path
    keys: Path
    #: Address of the database that holds the index; None means an SQLite file in ``home``. Not shown by ``repr``
    #: either: it may hold a password.
    index: str | None = field(default=None, repr=False)
    #: How long to wait for a transaction to be mined.
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
    #: Where ``foodvalley serve`` listens: host and port.
    listen: tuple[str, int] = DEFAULT_LISTEN
    #: Whose service this is, by TOOI identifier; None means it belongs to nobody in particular.
    organisation: str | None = None
    #: Address of a service that the commands ask instead of a node.
    service: str | None = None
    #: Address under which others reach this service: what the organisation announces on the chain.
    public_url: str | None = None
    #: Address of the database that holds what the service accepted and has to carry to the chain; None means an SQLite
    #: file in ``home``. Not shown by ``repr``: it may hold a password.
    outbox: str | None = field(default=None, repr=False)
    #: Name of the key that pays for what the service carries; None means that it accepts nothing to carry.
    carrier_key: str | None = None
    #: Whether the services of partners may be at loopback and private addresses: in a test, or on a private network.
    private_partners: bool = False
    #: E-mail address of who runs the service, for its description.
    contact: str | None = None
    #: How many requests one reader may send in a minute; 0 = as many as it likes.
    requests_per_minute: int = DEFAULT_REQUESTS_PER_MINUTE
    #: How many blocks must stand on what the service carried, its own included, before that is called final.
    confirmations: int = DEFAULT_CONFIRMATIONS
    #: How many submissions may wait to be carried at once.
    queue: int = DEFAULT_QUEUE
    #: Names of organisations beside the built-in ones, by TOOI identifier (``ws0636``).
    organisations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    #: The file that was read, if one was found.
    source: Path | None = None


@dataclass(frozen=True, slots=True)
class _Given:
    """One value as somebody wrote it: where (for messages), and the folder relative paths start from."""

    value: object
    where: str
    base: Path


def load_settings(environ: Mapping[str, str], start: Path) -> Settings:
    """The settings that hold for a command started in ``start``.

    ``foodvalley.toml`` is looked for in ``start`` and the folders above it; the nearest one counts.
    Relative paths in the file start at the file, those in the environment at ``start``.

    Raises SettingsError for an unknown key or a value that cannot be used, StorageError for a file that
    cannot be read.
    """
    start = start.resolve()
    source = _find_file(start)
    given, organisations = _read_file(source) if source else ({}, {})
    given |= _read_environment(environ, start)

    home = _path(given["home"]) if "home" in given else Path(user_data_dir("foodvalley"))

    def folder(key: str) -> Path:
        return _path(given[key]) if key in given else home / key

    return Settings(
        home=home,
        node_url=_url(given["node_url"]) if "node_url" in given else None,
        register=_address(given["register"]) if "register" in given else None,
        chain_id=_count(given["chain_id"], 1) if "chain_id" in given else None,
        deployments=folder("deployments"),
        dossiers=folder("dossiers"),
        proposals=folder("proposals"),
        keys=folder("keys"),
        index=_database(given["index"]) if "index" in given else None,
        timeout_seconds=(_seconds(given["timeout_seconds"]) if "timeout_seconds" in given else DEFAULT_TIMEOUT_SECONDS),
        listen=_listen(given["listen"]) if "listen" in given else DEFAULT_LISTEN,
        organisation=_identifier(given["organisation"]) if "organisation" in given else None,
        service=_url(given["service"], "a service") if "service" in given else None,
        public_url=_url(given["public_url"], "a service") if "public_url" in given else None,
        outbox=_database(given["outbox"]) if "outbox" in given else None,
        carrier_key=_text(given["carrier_key"], '"carrier"') if "carrier_key" in given else None,
        private_partners=_yes_or_no(given["private_partners"]) if "private_partners" in given else False,
        contact=_mail(given["contact"]) if "contact" in given else None,
        requests_per_minute=(
            _count(given["requests_per_minute"]) if "requests_per_minute" in given else DEFAULT_REQUESTS_PER_MINUTE
        ),
        confirmations=_count(given["confirmations"], 1) if "confirmations" in given else DEFAULT_CONFIRMATIONS,
        queue=_count(given["queue"], 1) if "queue" in given else DEFAULT_QUEUE,
        organisations=MappingProxyType(organisations),
        source=source,
    )


def _find_file(start: Path) -> Path | None:
    for folder in (start, *start.parents):
        candidate = folder / FILE_NAME
        if candidate.is_file():
            return candidate
    return None


def _read_environment(environ: Mapping[str, str], start: Path) -> dict[str, _Given]:
    known = {*VARIABLES.values(), *_OTHER_VARIABLES}
    for variable in sorted(environ):
        if variable.startswith("FOODVALLEY_") and variable not in known:
            raise SettingsError(f"unknown environment variable {variable}", hint=_suggest(variable, known, "variables"))
    return {
        key: _Given(environ[variable], f"environment variable {variable}", start)
        for key, variable in VARIABLES.items()
        if environ.get(variable)  # set but empty counts as not set, as compose files leave it
    }


def _read_file(source: Path) -> tuple[dict[str, _Given], dict[str, str]]:
    try:
        text = source.read_text(encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{source}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{source}: is not UTF-8 text", hint="save the file as UTF-8") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise SettingsError(
            f"{source}{':' + line[1] if line else ''}: is not valid TOML: {error}",
            hint='write settings as key = value; text between double quotes ("…")',
        ) from error

    for key in table:
        if key not in _FILE_KEYS:
            raise SettingsError(
                f"{_place(source, text, key)}: unknown setting", hint=_suggest(key, _FILE_KEYS, "settings")
            )
    organisations = _organisations(table.pop("organisations", {}), source, text)
    given = {key: _Given(value, _place(source, text, key), source.parent) for key, value in table.items()}
    return given, organisations


def _organisations(table: object, source: Path, text: str) -> dict[str, str]:
    example = 'write [organisations] and under it lines such as ws0636 = "Waterschap Vallei en Veluwe"'
    if not isinstance(table, dict):
        raise SettingsError(f"{_place(source, text, 'organisations')}: must be a table", hint=example)
    for identifier, name in table.items():
        where = _place(source, text, identifier, "organisations")
        if not is_identifier(identifier):
            raise SettingsError(
                f"{where}: is not a TOOI identifier",
                hint="letters and then digits, as in the last part of the TOOI address: gm0345, pv26, ws0636",
            )
        if not isinstance(name, str) or not name.strip():
            raise SettingsError(f"{where}: must be the organisation's name", hint=example)
    return dict(table)


def _place(source: Path, text: str, key: str, table: str = "") -> str:
    """``file:line: key``, the line left out where it cannot be told."""
    quoted = re.escape(key)
    assignment = re.compile(rf"""\s*(?:{re.escape(table)}\s*\.\s*)?["']?{quoted}["']?\s*[.=]""")
    header = re.compile(rf"""\s*\[\s*["']?{quoted}["']?\s*\]""")
    current = ""
    dotted = f"{table}.{key}" if table else key
    for number, line in enumerate(text.splitlines(), 1):
        opened = re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]", line)
        if opened:
            current = opened[1]
            if not table and header.match(line):
                return f"{source}:{number}: {dotted}"
        elif assignment.match(line) and current in ("", table):
            return f"{source}:{number}: {dotted}"
    return f"{source}: {dotted}"


def _suggest(key: str, known: Iterable[str], what: str) -> str:
    names = sorted(known)
    close = difflib.get_close_matches(key, names, n=1)
    listed = f"the {what} are: {', '.join(names)}"
    return f"did you mean {close[0]}? ({listed})" if close else listed


def _text(given: _Given, example: str) -> str:
    if not isinstance(given.value, str) or not given.value.strip():
        raise SettingsError(f"{given.where}: must be text", hint=f"for example {example}")
    return given.value.strip()


def _path(given: _Given) -> Path:
    text = _text(given, '"./data"')
    try:
        return (given.base / Path(text).expanduser()).resolve()
    except (RuntimeError, ValueError, OSError) as error:
        raise SettingsError(f"{given.where}: is not a usable path: {text!r}", hint="name a folder") from error


def _url(given: _Given, what: str = "a node") -> str:
    example = '"http://127.0.0.1:8545"' if what == "a node" else '"https://register.example.nl"'
    text = _text(given, example)
    # The value itself is never repeated in the message: it may hold a password or an access key.
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise SettingsError(f"{given.where}: is not a web address", hint=f"for example {example}") from error
    if not usable:
        raise SettingsError(
            f"{given.where}: must be the http or https address of {what}", hint=f"for example {example}"
        )
    return text


def _database(given: _Given) -> str:
    example = '"sqlite:///index.sqlite" or "postgresql://user@host/database"'
    text = _text(given, example)
    # As with a node, the value itself is never repeated: it may hold a password.
    scheme, separator, rest = text.partition("://")
    if not separator or scheme.partition("+")[0] not in {"sqlite", "postgresql", "postgres"}:
        raise SettingsError(
            f"{given.where}: must be the address of an SQLite or PostgreSQL database", hint=f"for example {example}"
        )
    if scheme.partition("+")[0] == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return f"{scheme}:///{given.base / Path(rest[1:]).expanduser()}"
    return text


def listen_at(text: str) -> tuple[str, int]:
    """A host and a port as an option gives them; SettingsError if they are not."""
    return _listen(_Given(text, "--listen", Path()))


def _listen(given: _Given) -> tuple[str, int]:
    example = '"127.0.0.1:8080"'
    text = _text(given, example)
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or port is None or parts.netloc != text:
        raise SettingsError(f"{given.where}: must be a host and a port: {text!r}", hint=f"for example {example}")
    return host, port


def _identifier(given: _Given) -> str:
    text = _text(given, '"gm0345"')
    if not is_identifier(text):
        raise SettingsError(
            f"{given.where}: is not a TOOI identifier: {text!r}",
            hint="letters and then digits, as in the last part of the TOOI address: gm0345, pv26, ws0636",
        )
    return text


def _yes_or_no(given: _Given) -> bool:
    known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    told = str(given.value).strip().lower()
    if told not in known:
        raise SettingsError(f"{given.where}: must be true or false: {given.value!r}", hint="write true or false")
    return known[told]


def _mail(given: _Given) -> str:
    text = _text(given, '"register@example.nl"')
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        raise SettingsError(
            f"{given.where}: is not an e-mail address: {text!r}", hint='for example "register@example.nl"'
        )
    return text


def _count(given: _Given, least: int = 0) -> int:
    text = str(given.value).strip()
    if not re.fullmatch(r"[0-9]{1,18}", text) or int(text) < least:
        raise SettingsError(f"{given.where}: must be a number from {least}: {given.value!r}", hint="for example 1200")
    return int(text)


def _address(given: _Given) -> ChecksumAddress:
    text = _text(given, '"0x" and 40 hexadecimal digits')
    if not text.startswith("0x") or not is_hex_address(text):
        raise SettingsError(f"{given.where}: is not an address: {text!r}", hint='write "0x" and 40 hexadecimal digits')
    if is_checksum_formatted_address(text) and to_checksum_address(text) != text:
        raise SettingsError(
            f"{given.where}: has a wrong checksum, so at least one digit is wrong: {text}",
            hint="copy the address again from the deployment record",
        )
    return to_checksum_address(text)


def _seconds(given: _Given) -> float:
    value = given.value
    try:
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise TypeError  # joined with what float() raises for text that is no number
        seconds = float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise SettingsError(f"{given.where}: is not a number of seconds: {value!r}", hint="for example 120") from error
    if not math.isfinite(seconds) or seconds <= 0:
        raise SettingsError(f"{given.where}: must be more than 0 seconds: {value!r}", hint="for example 120")
    return seconds
