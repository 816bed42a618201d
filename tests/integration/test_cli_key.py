"""``foodvalley key``: secrets go in through files and prompts, and never come out."""

import io
import json
import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest

from registry import keys
from registry.cli.app import run
from registry.cli.commands import key as commands
from registry.errors import KeyStoreError

PASSWORD = "vier willekeurige losse woorden"
PRIVATE_KEY = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"
ADDRESS = "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A place of this test's own: no settings from outside, 80 columns, working in ``tmp_path``."""
    for variable in [name for name in os.environ if name.startswith("FOODVALLEY_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("FOODVALLEY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.fixture
def ask(capsys):
    """Runs a command in this process; no traceback and no secret is ever in what it prints."""

    def asked(*words):
        code = run(["key", *map(str, words)])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        assert PRIVATE_KEY not in out + err
        assert PASSWORD not in out + err
        return SimpleNamespace(code=code, out=out, err=err, json=lambda: json.loads(out))

    return asked


@pytest.fixture
def password_file(tmp_path):
    return secret(tmp_path / "wachtwoord", PASSWORD + "\n")


@pytest.fixture
def key_file(tmp_path):
    return secret(tmp_path / "sleutel", f"0x{PRIVATE_KEY}\n")


def secret(path, text, mode=0o600):
    path.write_text(text)
    path.chmod(mode)
    return path


def fact(answer, label):
    """The value of a labelled line, however wide the label stands."""
    return next(line.split(label, 1)[1].strip() for line in answer.out.splitlines() if line.strip().startswith(label))


def stored(home):
    folder = home / "keys"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize("name", ["new", "import", "list"])
def test_help_gives_an_example(ask, name):
    answer = ask(name, "--help")
    assert answer.code == 0
    assert f"Example: foodvalley key {name}" in answer.out
    assert "--json" in answer.out


def test_every_command_is_tested_for_its_help():
    names = {one.name or one.callback.__name__ for one in commands.app.registered_commands}
    assert names == {"new", "import", "list"}


def test_no_option_takes_a_secret_itself(ask):
    for name in ("new", "import"):
        help_text = ask(name, "--help").out
        assert "--password " not in help_text
        assert "--private-key " not in help_text


def test_new_makes_a_key_that_opens_and_says_who_must_know_the_address(ask, home, password_file):
    answer = ask("new", "college", "--password-file", password_file)
    assert answer.code == 0
    address = keys.load(home / "keys", "college", PASSWORD).address
    assert answer.out.splitlines()[0] == "Sleutel gemaakt: college"
    assert fact(answer, "adres") == address
    assert "beheerder van uw organisatie" in answer.out
    assert f"foodvalley appoint {address} --for ORGANISATIE" in answer.out
    assert (home / "keys" / "college.json").stat().st_mode & 0o777 == 0o600


def test_new_answers_machines(ask, home, password_file):
    document = ask("new", "college", "--password-file", password_file, "--json").json()
    assert set(document) == {"name", "address", "file"}
    assert document["file"] == str(home / "keys" / "college.json")


def test_an_existing_key_is_never_overwritten(ask, home, key_file, password_file):
    words = ("import", "college", "--private-key-file", key_file, "--password-file", password_file)
    assert ask(*words).code == 0
    before = (home / "keys" / "college.json").read_bytes()
    answer = ask("new", "college", "--password-file", password_file)
    assert answer.code == 1
    assert "exists already" in answer.err
    assert (home / "keys" / "college.json").read_bytes() == before


def test_import_keeps_the_key_and_asks_to_remove_the_file(ask, home, key_file, password_file):
    answer = ask("import", "college", "--private-key-file", key_file, "--password-file", password_file)
    assert answer.code == 0
    assert ADDRESS in answer.out
    assert str(key_file) in answer.out
    assert PRIVATE_KEY not in (home / "keys" / "college.json").read_text()
    assert keys.load(home / "keys", "college", PASSWORD).address == ADDRESS


def test_import_reads_standard_input(ask, monkeypatch, password_file):
    given = SimpleNamespace(buffer=io.BytesIO(PRIVATE_KEY.encode()), isatty=lambda: False)
    monkeypatch.setattr(sys, "stdin", given)
    answer = ask("import", "college", "--private-key-file", "-", "--password-file", password_file, "--json")
    assert answer.json()["address"] == ADDRESS


def test_import_asks_a_person_without_showing_what_is_typed(ask, monkeypatch, password_file):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(commands, "getpass", lambda prompt, stream: PRIVATE_KEY)
    answer = ask("import", "college", "--private-key-file", "-", "--password-file", password_file, "--json")
    assert answer.json()["address"] == ADDRESS


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_import_refuses_a_key_file_that_others_can_open(ask, home, tmp_path, password_file, mode):
    loose = secret(tmp_path / "sleutel", PRIVATE_KEY, mode)
    answer = ask("import", "college", "--private-key-file", loose, "--password-file", password_file)
    assert answer.code == 1
    assert "other users of this machine can open it" in answer.err
    assert "chmod 600" in answer.err
    assert stored(home) == []


@pytest.mark.parametrize("text", ["", "geen sleutel", "00" * 32, "ff" * 32, PRIVATE_KEY[:-1], "é" * 64, "0" * 2000])
def test_import_refuses_what_is_no_private_key_without_repeating_it(ask, home, tmp_path, password_file, text):
    file = secret(tmp_path / "sleutel", text)
    answer = ask("import", "college", "--private-key-file", file, "--password-file", password_file)
    assert answer.code == 1
    assert "this is not a private key" in answer.err
    assert not text or text not in answer.err
    assert stored(home) == []


def test_import_says_which_file_is_not_there(ask, password_file):
    answer = ask("import", "college", "--private-key-file", "nergens", "--password-file", password_file)
    assert answer.code == 3
    assert "nergens: cannot be read" in answer.err


def test_a_password_file_that_others_can_read_is_refused(ask, home, tmp_path):
    loose = secret(tmp_path / "wachtwoord", PASSWORD, 0o644)
    answer = ask("new", "college", "--password-file", loose)
    assert answer.code == 1
    assert "chmod 600" in answer.err
    assert stored(home) == []


def test_a_folder_of_keys_that_others_can_write_is_refused(ask, home, password_file):
    (home / "keys").mkdir(parents=True)
    (home / "keys").chmod(0o777)
    answer = ask("new", "college", "--password-file", password_file)
    assert answer.code == 1
    assert "chmod 700" in answer.err
    assert stored(home) == []


@pytest.mark.parametrize("password", ["kort", "aaaaaaaaaaaaaaaa", ""])
def test_a_weak_password_is_refused_without_repeating_it(ask, home, tmp_path, password):
    file = secret(tmp_path / "wachtwoord", password)
    answer = ask("new", "college", "--password-file", file)
    assert answer.code == 1
    assert "password" in answer.err
    assert password == "" or password not in answer.err
    assert stored(home) == []


def test_without_a_terminal_somebody_must_give_the_password(ask, monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: False))
    answer = ask("new", "college")
    assert answer.code == 1
    assert "--password-file" in answer.err
    error = json.loads(ask("new", "college", "--json").err)
    assert error["error"] == "KeyStore"


def test_a_wrong_password_does_not_open_the_key(home, key_file, capsys):
    """The password is asked where the key is used; the same words and exit code everywhere."""
    from registry.cli import output

    keys.import_key(home / "keys", "college", PRIVATE_KEY, PASSWORD, kdf="pbkdf2", iterations=1)
    with pytest.raises(KeyStoreError) as caught:
        keys.load(home / "keys", "college", "een heel ander wachtwoord")
    output.print_error(caught.value, as_json=False)
    assert caught.value.exit_code == 1
    assert "the password does not fit this key" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["../buiten", "Hoofdletter", "met spatie", "", "x" * 65])
def test_a_name_is_plain(ask, home, password_file, name):
    assert ask("new", name, "--password-file", password_file).code == 2
    assert stored(home) == []


def test_list_shows_names_and_addresses(ask, home):
    assert "nog geen sleutels" in ask("list").out
    keys.import_key(home / "keys", "college", PRIVATE_KEY, PASSWORD, kdf="pbkdf2", iterations=1)
    answer = ask("list")
    assert answer.code == 0
    assert ["college", ADDRESS] in [line.split() for line in answer.out.splitlines()]
    (row,) = ask("list", "--json").json()["keys"]
    assert row == {"name": "college", "address": ADDRESS, "file": str(home / "keys" / "college.json")}


def test_list_warns_of_a_key_that_others_can_open(ask, home):
    path = keys.import_key(home / "keys", "college", PRIVATE_KEY, PASSWORD, kdf="pbkdf2", iterations=1)
    path.chmod(0o644)
    answer = ask("list")
    assert answer.code == 0
    assert f"chmod 600 {path}" in answer.err


def test_list_names_a_file_that_is_no_key(ask, home):
    (home / "keys").mkdir(parents=True)
    (home / "keys" / "notitie.json").write_text("{}")
    answer = ask("list")
    assert answer.code == 1
    assert "notitie.json" in answer.err


def test_a_full_disk_is_said_and_leaves_nothing(ask, tmp_path, monkeypatch, password_file):
    disk = tmp_path / "schijf"
    disk.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("needs root, for a small disk of its own")
    options = "size=4k,mode=700"
    if subprocess.run([mount, "-t", "tmpfs", "-o", options, "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        (disk / "vol").write_bytes(bytes(4096))
        monkeypatch.setenv("FOODVALLEY_KEYS", str(disk))
        answer = ask("new", "college", "--password-file", password_file)
        assert answer.code == 3
        assert "No space left on device" in answer.err
        assert [path.name for path in disk.iterdir()] == ["vol"]
    finally:
        subprocess.run(["umount", disk], check=True)
