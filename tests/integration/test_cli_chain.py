"""``foodvalley chain``: a chain is started, found, asked and stopped, and says what it needs."""

import json
import os
import socket
from types import SimpleNamespace

import psutil
import pytest
from world import node

from registry import localnet
from registry.cli.app import run
from registry.cli.commands import chain as commands
from registry.localnet import development_account, development_role


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A place of this test's own; whatever chain runs in it afterwards is stopped."""
    for variable in [name for name in os.environ if name.startswith("FOODVALLEY_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("FOODVALLEY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    yield tmp_path / "home"
    localnet.down(tmp_path / "home" / "chain")


@pytest.fixture
def ask(capsys):
    """Runs a command in this process; gives its exit code and what it printed, which is never a traceback."""

    def asked(*words):
        code = run(["chain", *map(str, words)])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return SimpleNamespace(code=code, out=out, err=err, json=lambda: json.loads(out))

    return asked


def fact(answer, label):
    """The value of a labelled line, however wide the label stands."""
    return next(line.split(label, 1)[1].strip() for line in answer.out.splitlines() if line.strip().startswith(label))


def is_alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE  # an ended child of this test process is one
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("name", ["up", "down", "status", "forward", "accounts"])
def test_help_gives_an_example(ask, name):
    answer = ask(name, "--help")
    assert answer.code == 0
    assert f"Example: foodvalley chain {name}" in answer.out
    assert "--json" in answer.out


def test_every_command_is_tested_for_its_help():
    names = {one.name or one.callback.__name__ for one in commands.app.registered_commands}
    assert names == {"up", "down", "status", "forward", "accounts"}


@pytest.mark.parametrize(("engine", "chain_id"), [("ganache", 1337), ("anvil", 31337)])
def test_a_chain_is_started_found_again_and_stopped(ask, home, engine, chain_id):
    before = ask("status")
    assert before.code == 3
    assert "Er draait geen lokale keten" in before.out
    assert ask("status", "--json").json() == {"running": False, "stateFolder": str(home / "chain")}

    started = ask("up", "--engine", engine)
    assert started.code == 0
    assert "De lokale keten is gestart" in started.out
    assert "foodvalley deploy --dev-council" in started.out

    found = ask("status")
    assert found.code == 0
    assert "De lokale keten draait" in found.out
    assert fact(found, "keten") == str(chain_id)
    assert fact(found, "blok") == "0"
    document = ask("status", "--json").json()
    assert set(document) == {"running", "engine", "url", "port", "chainId", "pid", "stateFolder", "log", "block"}
    assert (document["engine"], document["chainId"], document["block"]) == (engine, chain_id, 0)
    ahead = ask("forward", "14", "--json").json()
    assert set(ahead) == {"days", "before", "time", "block"}
    assert 0 <= ahead["time"] - ahead["before"] - 14 * 86_400 < 600
    assert ask("status", "--json").json()["block"] == 1
    assert is_alive(document["pid"])

    again = ask("up")  # whatever engine runs
    assert again.code == 0
    assert "De lokale keten draaide al" in again.out
    assert ask("up", "--json").json()["started"] is False

    stopped = ask("down")
    assert stopped.code == 0
    assert "De lokale keten is gestopt" in stopped.out
    assert not is_alive(document["pid"])
    assert ask("status").code == 3
    assert "Er draaide geen lokale keten" in ask("down").out
    assert ask("down", "--json").json()["stopped"] is False


def test_up_refuses_another_engine_than_the_one_that_runs(ask):
    assert ask("up", "--engine", "anvil").code == 0
    answer = ask("up", "--engine", "ganache")
    assert answer.code == 3
    assert "is anvil" in answer.err
    assert "foodvalley chain down" in answer.err


def test_up_refuses_an_unknown_engine(ask):
    answer = ask("up", "--engine", "geth")
    assert answer.code == 2
    assert "choose one of: ganache, anvil" in answer.err
    assert json.loads(ask("up", "--engine", "geth", "--json").err)["error"] == "Usage"


@pytest.mark.parametrize("port", ["0", "70000", "-1", "acht"])
def test_up_refuses_what_is_no_port(ask, port):
    assert ask("up", "--port", port).code == 2


def test_up_says_that_a_port_is_taken(ask):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        answer = ask("up", "--engine", "anvil", "--port", port)
    assert answer.code == 3
    assert f"port {port} cannot be used" in answer.err


def test_up_says_that_node_is_missing_and_how_to_get_it(ask, monkeypatch):
    monkeypatch.setenv("PATH", "")
    answer = ask("up")
    assert answer.code == 3
    assert "Node.js is not installed" in answer.err
    assert "apt install nodejs" in answer.err


def test_up_says_that_the_packages_are_missing_and_how_to_get_them(ask, tmp_path, monkeypatch):
    (tmp_path / "node_modules").mkdir()
    monkeypatch.setenv("FOODVALLEY_NODE_MODULES", str(tmp_path / "node_modules"))
    answer = ask("up")
    assert answer.code == 3
    assert "ganache is not in there" in answer.err
    assert "npm install ganache@" in answer.err


def test_accounts_are_named_by_role_and_said_to_be_public(ask):
    answer = ask("accounts")
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert "Iedereen kent de sleutels" in answer.out
    assert "gemeente Veenendaal" in [line.strip() for line in lines]
    second = development_account(development_role("veenendaal:2")).address
    assert ["veenendaal:2", second, "ondertekenaar"] in [line.split() for line in lines]


def test_every_role_that_is_listed_can_be_asked_for(ask):
    document = ask("accounts", "--json").json()
    assert document["public"] is True
    for row in document["accounts"]:
        assert development_role(row["role"]) == row["index"]
        assert development_account(row["index"]).address == row["address"]
    veenendaal = [one for one in document["accounts"] if (one["organisation"] or {}).get("id") == "gm0345"]
    assert [one["part"] for one in veenendaal] == ["signatory", "second-signatory", "administrator"]
    assert veenendaal[0]["organisation"]["name"] == "gemeente Veenendaal"


@pytest.mark.parametrize("name", ["up", "down", "status"])
def test_a_folder_that_may_not_be_read_is_named(ask, home, monkeypatch, name):
    def refuse(*_words, **_options):
        raise PermissionError(13, "Permission denied", str(home / "chain" / "chain.json"))

    monkeypatch.setattr(localnet, "status", refuse)
    monkeypatch.setattr(localnet, "down", refuse)
    answer = ask(name)
    monkeypatch.undo()
    assert answer.code == 3
    assert f"cannot reach {home / 'chain' / 'chain.json'}: Permission denied" in answer.err
    assert "FOODVALLEY_HOME" in answer.err


def test_up_says_that_its_folder_cannot_be_made(ask, home):
    home.write_text("a file where a folder should be")
    answer = ask("up")
    assert answer.code == 3
    assert "cannot be made" in answer.err or "cannot reach" in answer.err
    home.unlink()


@pytest.mark.parametrize("words", [("0",), ("-1",), ("morgen",), ()])
def test_days_that_cannot_pass(ask, words):
    assert ask("forward", *words).code == 2


def answering(chain_id, client, asked):
    """A node that says which chain and which program it is, and notes what it is asked."""

    def hook(call, forward):
        asked.append(call["method"])
        result = chain_id if call["method"] == "eth_chainId" else client
        return {"jsonrpc": "2.0", "id": call["id"], "result": result}

    return hook


@pytest.mark.parametrize(("chain_id", "client"), [("0x539", "Geth/v1.15"), ("0x1", "anvil/v1.7.1")])
def test_time_passes_on_no_chain_but_a_local_one(ask, chain_id, client):
    """Neither on another program nor on a fork of a real chain: these are not even asked."""
    asked = []
    with node(answering(chain_id, client, asked)) as url:
        refused = ask("forward", "14", "--node", url)
    assert refused.code == 1
    assert "time passes by itself on this chain" in refused.err
    assert set(asked) == {"eth_chainId", "web3_clientVersion"}


def test_time_passes_on_no_chain_that_is_not_there(ask):
    assert ask("forward", "14").code == 3


def test_time_that_passed_in_words(ask):
    assert ask("up", "--engine", "anvil").code == 0
    answer = ask("forward", "1")
    assert answer.code == 0
    assert answer.out.startswith("Het is nu ")
    assert answer.out.rstrip().endswith("op de lokale keten, blok 1.")
