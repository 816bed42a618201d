"""Fixtures that the tests share. One chain of each engine per worker; every test finds it as the first one did.

Nothing here starts before a test asks for it: the contract tests, which run with brownie, share this file.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

# Asked once: tests put the environment aside.
POSTGRESQL_IS_REQUIRED = os.environ.get("FOODVALLEY_REQUIRE_POSTGRESQL") == "1"


# The same tests run on both. PostgreSQL takes twice the time, and has its turn with the tests that take theirs.
DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)]


def pytest_configure() -> None:
    # Whoever starts the tests in the background of a shell has Ctrl-C ignored in all that they start, and with nohup
    # the end of the terminal too; the tests of what these do need them as a person at a terminal has them.
    if threading.current_thread() is threading.main_thread():
        for one, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
            if signal.getsignal(one) is signal.SIG_IGN:
                signal.signal(one, usual)


@pytest.fixture(scope="session")
def samples() -> Path:
    """The sample dossiers of the project."""
    from world import SAMPLES

    return SAMPLES


def _region(engine: str, folder: Path) -> Iterator[Any]:
    from world import ROOT, Region

    from registry.localnet import running

    with running(engine, start=ROOT, environ=os.environ) as local:
        yield Region.founded(local, folder)


@pytest.fixture(scope="session")
def anvil_region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    yield from _region("anvil", tmp_path_factory.mktemp("anvil"))


@pytest.fixture(scope="session")
def ganache_region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    yield from _region("ganache", tmp_path_factory.mktemp("ganache"))


@pytest.fixture(scope="session")
def a_bit_of_everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A chain of its own on which everything happened that can, to be audited; no test adds to this register."""
    from audits import Scribe, with_a_bit_of_everything
    from world import ROOT, Region

    from registry.localnet import running

    with running("anvil", start=ROOT, environ=os.environ) as local:
        region = Region.founded(local, tmp_path_factory.mktemp("audited"))
        with_a_bit_of_everything(Scribe.of(region))
        yield region


@pytest.fixture
def region(anvil_region: Any) -> Iterator[Any]:
    """The Food Valley on Anvil, the quicker of the two."""
    from world import as_it_was

    with as_it_was(anvil_region):
        yield anvil_region


@pytest.fixture(params=["ganache", "anvil"])
def either_region(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The Food Valley on each of the engines, for what they do differently."""
    from world import as_it_was

    with as_it_was(request.getfixturevalue(f"{request.param}_region")) as region:
        yield region


@pytest.fixture
def desk(region: Any, tmp_path: Path) -> Any:
    """A municipality with a store of its own."""
    from world import Desk

    return Desk(region, tmp_path / "desk")


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.code == 0 or self.out, self.err
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        return json.loads(self.err)

    @property
    def text(self) -> str:
        """Both outputs with every run of white space as one space, as lines break anywhere."""
        return " ".join((self.out + self.err).split())


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No setting of the person who runs the tests; a wide terminal without colour; a folder of one's own."""
    for variable in list(os.environ):
        if variable.startswith("FOODVALLEY_"):
            monkeypatch.delenv(variable)
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("NO_COLOR", "1")
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("FOODVALLEY_HOME", str(tmp_path / "home"))
    return folder


@pytest.fixture
def command(clean_environment: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs a command in this process, without any register."""
    from registry.cli.app import run

    def call(*words: object) -> Ran:
        capsys.readouterr()
        code = run([str(word) for word in words])
        out, err = capsys.readouterr()
        assert "Traceback" not in err, err
        return Ran(code, out, err)

    return call


@pytest.fixture
def foodvalley(command: Callable[..., Ran], region: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Runs a command in this process, on the region's register."""
    monkeypatch.setenv("FOODVALLEY_NODE", region.url)
    monkeypatch.setenv("FOODVALLEY_DEPLOYMENTS", str(region.folder))
    return command


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a PostgreSQL for this worker; skips where none is installed, unless one is required."""
    from databases import NoPostgresError, postgresql

    try:
        with postgresql() as server:
            yield server
    except NoPostgresError as error:
        if POSTGRESQL_IS_REQUIRED:
            pytest.fail(f"{error} (FOODVALLEY_REQUIRE_POSTGRESQL=1)")
        pytest.skip(str(error))


@pytest.fixture(params=DATABASES)
def index_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database for an index, which is not there yet: the same tests on both."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'index.sqlite'}"
    from databases import new_database

    return new_database(request.getfixturevalue("postgresql_server"), "an_index")


@pytest.fixture(params=DATABASES)
def outbox_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database for an outbox, as ``index_url``."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'outbox.sqlite'}"
    from databases import new_database

    return new_database(request.getfixturevalue("postgresql_server"), "an_outbox")


@pytest.fixture
def command_on(command: Any, a_bit_of_everything: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command on the register on which everything happened."""
    monkeypatch.setenv("FOODVALLEY_NODE", a_bit_of_everything.url)
    monkeypatch.setenv("FOODVALLEY_DEPLOYMENTS", str(a_bit_of_everything.folder))
    return command
