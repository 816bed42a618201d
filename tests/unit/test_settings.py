"""Settings: environment over file over default, and messages that say where the fault is."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from platformdirs import user_data_dir

from registry.errors import SettingsError, StorageError
from registry.settings import VARIABLES, Settings, load_settings

REGISTER = "0x5FbDB2315678afecb367f032d93F642f64180aa3"


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "foodvalley.toml"
    file.write_text(text, encoding="utf-8")
    return file


def refusal(folder: Path, text: str) -> SettingsError:
    """The error for this file."""
    write(folder, text)
    with pytest.raises(SettingsError) as caught:
        load_settings({}, folder)
    assert caught.value.hint
    return caught.value


def test_defaults_are_in_the_data_folder_of_the_user(tmp_path: Path) -> None:
    home = Path(user_data_dir("foodvalley"))
    assert load_settings({}, tmp_path) == Settings(
        home=home,
        deployments=home / "deployments",
        dossiers=home / "dossiers",
        proposals=home / "proposals",
        keys=home / "keys",
        node_url=None,
        register=None,
        timeout_seconds=120,
        organisations={},
        source=None,
    )


def test_file_gives_every_setting(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        f"""
        home = "data"
        node_url = "http://127.0.0.1:8545"
        register = "{REGISTER.lower()}"
        deployments = "deployments"
        dossiers = "/srv/dossiers"
        proposals = "../proposals"
        keys = "~/keys"
        timeout_seconds = 30
        [organisations]
        ws0636 = "Waterschap Vallei en Veluwe"
        """,
    )
    settings = load_settings({}, tmp_path)
    assert settings == Settings(
        home=tmp_path / "data",
        node_url="http://127.0.0.1:8545",
        register=REGISTER,
        deployments=tmp_path / "deployments",
        dossiers=Path("/srv/dossiers").resolve(),
        proposals=tmp_path.parent / "proposals",
        keys=(Path.home() / "keys").resolve(),
        timeout_seconds=30.0,
        organisations={"ws0636": "Waterschap Vallei en Veluwe"},
        source=file,
    )


def test_environment_wins_from_the_file(tmp_path: Path) -> None:
    write(tmp_path, 'home = "file"\nnode_url = "http://file"\ntimeout_seconds = 1\nkeys = "file-keys"\n')
    environ = {
        "FOODVALLEY_HOME": "environment",
        "FOODVALLEY_NODE": "https://node.example.nl",
        "FOODVALLEY_REGISTER": REGISTER,
        "FOODVALLEY_DEPLOYMENTS": "elsewhere",
        "FOODVALLEY_TIMEOUT_SECONDS": "2.5",
        "FOODVALLEY_KEYS": "",
        "FOODVALLEY_PASSWORD": "read by others",
        "FOODVALLEY_NODE_MODULES": "read by others",
        "PATH": "/usr/bin",
    }
    settings = load_settings(environ, tmp_path)
    assert settings.home == tmp_path / "environment"
    assert settings.dossiers == tmp_path / "environment" / "dossiers"
    assert settings.deployments == tmp_path / "elsewhere"
    assert settings.keys == tmp_path / "file-keys"  # set but empty is not set
    assert (settings.node_url, settings.register) == ("https://node.example.nl", REGISTER)
    assert settings.timeout_seconds == 2.5


def test_nearest_file_above_counts_and_its_paths_start_at_the_file(tmp_path: Path) -> None:
    write(tmp_path, 'home = "far"\ntimeout_seconds = 5\n')
    near = write(tmp_path / "a", 'home = "near"\n')
    deep = tmp_path / "a" / "b" / "c"
    deep.mkdir(parents=True)
    settings = load_settings({"FOODVALLEY_KEYS": "keys"}, deep)
    assert settings.source == near
    assert settings.home == tmp_path / "a" / "near"
    assert settings.keys == deep / "keys"
    assert settings.timeout_seconds == 120  # files are not mixed


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    write(tmp_path, '[organisations]\nws0636 = "Waterschap"\n')
    settings = load_settings({}, tmp_path)
    with pytest.raises(FrozenInstanceError):
        settings.home = tmp_path  # type: ignore[misc]
    with pytest.raises(TypeError):
        settings.organisations["gm0345"] = "Veenendaal"  # type: ignore[index]


def test_repr_shows_no_key_of_a_hosted_node(tmp_path: Path) -> None:
    settings = load_settings({"FOODVALLEY_NODE": "https://user:hunter2@node.example.nl/v3/abcdef"}, tmp_path)
    assert settings.node_url == "https://user:hunter2@node.example.nl/v3/abcdef"
    assert "hunter2" not in repr(settings)
    assert "abcdef" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ('hom = "x"\n', ":1: hom: unknown setting", "did you mean home?"),
        ('\n# note\nnode = "x"\n', ":3: node: unknown setting", "node_url"),
        ('home = "x"\n[keys]\nfolder = "x"\n', ":2: keys: must be text", "for example"),
        ('password = "x"\n', ":1: password: unknown setting", "the settings are:"),
        ("[organisaties]\n", ":1: organisaties: unknown setting", "did you mean organisations?"),
        ("home = 3\n", ":1: home: must be text", "for example"),
        ('home = "x"\n\nkeys = ""\n', ":3: keys: must be text", "for example"),
        ('home = "~nobody-by-this-name/x"\n', ":1: home: is not a usable path", "name a folder"),
        ('home = "a\\u0000b"\n', ":1: home: is not a usable path", "name a folder"),
        ('node_url = "127.0.0.1:8545"\n', ":1: node_url: must be the http or https address", "http://127.0.0.1"),
        ('node_url = "ftp://example.nl"\n', ":1: node_url: must be the http or https address", "http://127.0.0.1"),
        ('node_url = "http://"\n', ":1: node_url: must be the http or https address", "http://127.0.0.1"),
        ('node_url = "http://x:99999"\n', ":1: node_url: is not a web address", "http://127.0.0.1"),
        ('node_url = "http://[::1"\n', ":1: node_url: is not a web address", "http://127.0.0.1"),
        ('register = "0x12"\n', ":1: register: is not an address", "40 hexadecimal digits"),
        (f'register = "{REGISTER[2:]}"\n', ":1: register: is not an address", "40 hexadecimal digits"),
        (f'register = "{REGISTER.replace("F", "f", 1)}"\n', ":1: register: has a wrong checksum", "copy"),
        ("timeout_seconds = 0\n", ":1: timeout_seconds: must be more than 0 seconds", "120"),
        ("timeout_seconds = -1.5\n", ":1: timeout_seconds: must be more than 0 seconds", "120"),
        ("timeout_seconds = inf\n", ":1: timeout_seconds: must be more than 0 seconds", "120"),
        ("timeout_seconds = nan\n", ":1: timeout_seconds: must be more than 0 seconds", "120"),
        ("timeout_seconds = true\n", ":1: timeout_seconds: is not a number of seconds", "120"),
        ('timeout_seconds = "soon"\n', ":1: timeout_seconds: is not a number of seconds", "120"),
        ('listen = "8080"\n', ":1: listen: must be a host and a port", "127.0.0.1:8080"),
        ('listen = "x:99999"\n', ":1: listen: must be a host and a port", "127.0.0.1:8080"),
        ('listen = "http://x:80"\n', ":1: listen: must be a host and a port", "127.0.0.1:8080"),
        ('organisation = "Ede"\n', ":1: organisation: is not a TOOI identifier", "gm0345"),
        ('service = "x"\n', ":1: service: must be the http or https address of a service", "https://"),
        ('public_url = "x"\n', ":1: public_url: must be the http or https address of a service", "https://"),
        ('outbox = "x"\n', ":1: outbox: must be the address of an SQLite or PostgreSQL database", "sqlite:///"),
        ('private_partners = "maybe"\n', ":1: private_partners: must be true or false", "true"),
        ('contact = "nobody"\n', ":1: contact: is not an e-mail address", "example.nl"),
        ("timeout_seconds = []\n", ":1: timeout_seconds: is not a number of seconds", "120"),
        ('organisations = "x"\n', ":1: organisations: must be a table", "[organisations]"),
        ('[organisations]\nVeluwe = "x"\n', ":2: organisations.Veluwe: is not a TOOI identifier", "ws0636"),
        ("[organisations]\nws0636 = 4\n", ":2: organisations.ws0636: must be the organisation's name", "ws0636"),
        ('organisations.ws0636 = " "\n', ":1: organisations.ws0636: must be the organisation's name", "ws0636"),
        ('organisations = { ws0636 = "" }\n', ": organisations.ws0636: must be the organisation's name", "ws0636"),
        ('home = "x"\nkeys = \n', ":2: is not valid TOML", "key = value"),
        ('home = "x"\nhome = "y"\n', ":2: is not valid TOML", "key = value"),
    ],
)
def test_faulty_file_is_refused_with_the_place_and_a_remedy(tmp_path: Path, text: str, place: str, hint: str) -> None:
    error = refusal(tmp_path, text)
    assert error.message.startswith(f"{tmp_path / 'foodvalley.toml'}{place}")
    assert hint in str(error.hint)


def test_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "foodvalley.toml").write_bytes('home = "één"'.encode("latin-1"))
    with pytest.raises(SettingsError, match="is not UTF-8 text"):
        load_settings({}, tmp_path)


def test_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "")

    def denied(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", denied)
    with pytest.raises(StorageError, match=r"foodvalley\.toml: cannot be read: Permission denied"):
        load_settings({}, tmp_path)


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("FOODVALLEY_REGISTRY", REGISTER, "unknown environment variable FOODVALLEY_REGISTRY"),
        ("FOODVALLEY_REGISTER", "0x1", "environment variable FOODVALLEY_REGISTER: is not an address"),
        ("FOODVALLEY_TIMEOUT_SECONDS", "soon", "FOODVALLEY_TIMEOUT_SECONDS: is not a number of seconds: 'soon'"),
        ("FOODVALLEY_REQUESTS_PER_MINUTE", "-1", "FOODVALLEY_REQUESTS_PER_MINUTE: must be a number from 0: '-1'"),
        ("FOODVALLEY_CONFIRMATIONS", "0", "FOODVALLEY_CONFIRMATIONS: must be a number from 1: '0'"),
        ("FOODVALLEY_CHAIN_ID", "mainnet", "FOODVALLEY_CHAIN_ID: must be a number from 1: 'mainnet'"),
        ("FOODVALLEY_QUEUE", "many", "FOODVALLEY_QUEUE: must be a number from 1: 'many'"),
        ("FOODVALLEY_NODE", "localhost", "FOODVALLEY_NODE: must be the http or https address of a node"),
    ],
)
def test_faulty_variable_is_refused_by_name(tmp_path: Path, variable: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        load_settings({variable: value}, tmp_path)
    assert caught.value.hint


def test_misspelt_variable_suggests_the_right_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({"FOODVALLEY_REGISTRY": REGISTER}, tmp_path)
    assert str(caught.value.hint).startswith("did you mean FOODVALLEY_REGISTER?")


@pytest.mark.parametrize("url", ["ftp://user:hunter2@example.nl", "http://user:hunter2@[x", "http://u:hunter2@x:0"])
def test_faulty_node_address_is_not_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({"FOODVALLEY_NODE": url}, tmp_path)
    assert "hunter2" not in caught.value.message + str(caught.value.hint)


def test_every_setting_but_the_tables_has_a_variable() -> None:
    assert set(VARIABLES) == set(Settings.__dataclass_fields__) - {"organisations", "source"}


def test_import_reads_nothing(tmp_path: Path) -> None:
    write(tmp_path, "this is not TOML")
    command = [sys.executable, "-c", "import registry.settings"]
    root = Path(__file__).resolve().parents[2]
    environ = {"PYTHONPATH": str(root), "FOODVALLEY_TIMEOUT_SECONDS": "soon"}
    subprocess.run(command, cwd=tmp_path, env=environ, check=True)
